"""When one figure of a step jumps: of a distribution, or of how samples' reasons and predictions move together. Arrays in, events out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tb_explain_plugin.drift_rules import WINDOW, Event
from tb_explain_plugin.similarity import jensen_shannon

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MOVED = 0.3
"""The local drift, 1 − cosine, from which a sample's explanation moved: an angle of 46°."""
STILL = 0.05
"""The local drift, or change of probability, up to which something stood still."""
CHANGED = 0.2
"""The change of probability from which a sample's prediction changed."""


def figure_jumps(values: ArrayLike, *, kind: str, least: float, floor: float, limit: float = 8.0) -> list[Event]:
    """Return where a figure [S] rises above what it was for eight steps, by more than `least` and by z > `limit`.

    z is the change from the median by MAD · 1.4826, at least `floor`. Values that are not finite are passed over. After an
    alarm the next comes only when the figure has been at least half of the way back.
    """
    figures = np.asarray(values, np.float64)
    finite = np.flatnonzero(np.isfinite(figures))
    known = figures[finite]
    events: list[Event] = []
    middle = np.inf
    for t in range(WINDOW, len(known)):
        now = float(known[t])
        if now > middle:
            continue
        middle = np.inf
        window = known[t - WINDOW : t]
        before = float(np.median(window))
        z = (now - before) / max(1.4826 * float(np.median(np.abs(window - before))), floor)
        if z > limit and now - before > least:
            events.append(Event(kind, int(finite[t]), (), z, before, now))
            middle = (before + now) / 2
    return events


def distribution_jumps(counts: ArrayLike, *, least: float = 0.05) -> list[Event]:
    """Return where a histogram [S, B] moved from one step to the next much more than it used to.

    The figure is the Jensen–Shannon divergence of neighbouring steps, in bits, 0 … 1; all steps count the same B bins. Steps
    without counts are passed over. `before` and `after` are divergences.
    """
    steps = np.asarray(counts, np.float64)
    known = np.flatnonzero(np.isfinite(steps).all(1) & (steps.sum(1) > 0))
    divergence = np.full(len(steps), np.nan)
    divergence[known[1:]] = jensen_shannon(steps[known[1:]], steps[known[:-1]])
    return figure_jumps(divergence, kind="distribution_jump", least=least, floor=0.005)


def unmatched_moves(local_drift: ArrayLike, probability_change: ArrayLike, *, least: float = 0.1) -> list[Event]:
    """Return where explanations moved while predictions stood still (`reason_moved`), or the reverse (`prediction_moved`).

    Of each step and sample, [S, N] and [S, N]: `drift.local_drift` and the change of the target's probability, both against one
    reference, such as the previous step. The figures, `before` and `after`, are parts of the samples: with drift of 0.3 or more
    while the probability changed by at most 0.05 (right answer, new reason), and with a change of 0.2 or more while the drift was at
    most 0.05. Noise of N samples is credited with ¼/√N. Samples that are not finite are left out, steps without samples passed over.

    Raises:
        ValueError: the arrays differ in shape.
    """
    moved, changed = np.asarray(local_drift, np.float64), np.abs(np.asarray(probability_change, np.float64))
    if moved.shape != changed.shape:
        raise ValueError(
            f"local drift has shape {moved.shape}, probability change {changed.shape}; pass both of the same steps and samples"
        )
    known = np.isfinite(moved) & np.isfinite(changed)
    samples = known.sum(1)
    figures = {
        "reason_moved": (moved >= MOVED) & (changed <= STILL),
        "prediction_moved": (changed >= CHANGED) & (moved <= STILL),
    }
    floor = 0.25 / np.sqrt(max(1, moved.shape[1]))
    events = [
        event
        for kind, hits in figures.items()
        for event in figure_jumps((hits & known).sum(1) / np.where(samples, samples, np.nan), kind=kind, least=least, floor=floor)
    ]
    return sorted(events, key=lambda event: event.step_index)
