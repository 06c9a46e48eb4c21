"""When one figure of a step jumps: of a layer, or of how samples' reasons and predictions move together. Numbers in, events out."""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from tb_explain_plugin.drift_rules import WINDOW, Event

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MOVED = 0.3
"""The local drift, 1 − cosine, from which a sample's explanation moved: an angle of 46°."""
STILL = 0.05
"""The local drift, or change of probability, up to which something stood still."""
CHANGED = 0.2
"""The change of probability from which a sample's prediction changed."""
LEAST_MOVED = 0.1
"""By how much the part of the samples must rise."""


class FigureWatch:
    """The jump rule for one figure a step: it rises above what it was for eight steps, by more than `least` and by z > `limit`.

    z is the change from the median by MAD · 1.4826, at least `floor`, and at least as much of the median as `relative` says. Values
    that are not finite are passed over. After an alarm the next comes only when the figure has been at least half of the way back.
    """

    def __init__(self, kind: str, *, least: float, floor: float, relative: float = 0.0, limit: float = 8.0) -> None:
        self._kind = kind
        self._least, self._floor, self._relative, self._limit = least, floor, relative, limit
        self._window: list[float] = []
        self._middle = math.inf

    def update(self, value: float, step_index: int) -> list[Event]:
        """Return the event of the next step, if it is one."""
        now = float(value)
        if not math.isfinite(now):
            return []
        window, self._window = self._window, [*self._window, now][-WINDOW:]
        if len(window) < WINDOW or now > self._middle:
            return []
        self._middle = math.inf
        before = median(window)
        if now - before <= self._least:
            return []
        wander = 1.4826 * median(abs(value - before) for value in window)
        z = (now - before) / max(wander, self._floor, self._relative * abs(before))
        if z <= self._limit:
            return []
        self._middle = (before + now) / 2
        return [Event(self._kind, step_index, (), z, before, now)]


class UnmatchedWatch:
    """Tells where explanations move while predictions stand still (`reason_moved`), and the reverse (`prediction_moved`).

    The figures, `before` and `after`, are parts of the samples: with drift of 0.3 or more while the probability changed by at most
    0.05 (right answer, new reason), and with a change of 0.2 or more while the drift was at most 0.05. Noise of N samples is credited
    with ¼/√N. Samples that are not finite are left out, steps without samples passed over.
    """

    def __init__(self) -> None:
        self._watches: dict[str, FigureWatch] = {}

    def update(self, local_drift: ArrayLike, probability_change: ArrayLike, step_index: int) -> list[Event]:
        """Return the events of the next step.

        Args:
            local_drift: `drift.local_drift` of each sample, [N], against one reference, such as the previous step.
            probability_change: of each sample's target, [N], against the same; its sign does not count.
            step_index: what the events are to say.

        Raises:
            ValueError: the arrays differ in shape.
        """
        moved, changed = np.asarray(local_drift, np.float64), np.abs(np.asarray(probability_change, np.float64))
        if moved.shape != changed.shape:
            raise ValueError(f"local drift has shape {moved.shape}, probability change {changed.shape}; pass both of the same samples")
        known = np.isfinite(moved) & np.isfinite(changed)
        if not known.any():
            return []
        hits = {
            "reason_moved": (moved >= MOVED) & (changed <= STILL),
            "prediction_moved": (changed >= CHANGED) & (moved <= STILL),
        }
        events = []
        for kind, samples in hits.items():
            if kind not in self._watches:
                self._watches[kind] = FigureWatch(kind, least=LEAST_MOVED, floor=0.25 / math.sqrt(moved.size))
            events += self._watches[kind].update(samples[known].mean(), step_index)
        return events
