"""What an alarm says: a sentence for each kind of event, and its evidence, as ``/alarms`` answers them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tb_explain_plugin.drift_rules import Event

TEXTS = {
    "share_jump": "{subject} {went} from {before} to {after} of the attribution (z = {statistic:.0f})",
    "share_growth": "{subject} has slowly {gone} from {before} to {after} of the attribution (z = {statistic:.0f})",
    "rank_entry": "{subject} entered the top three, from rank {rank_before} to rank {rank_after}, with {after} of the attribution",
    "share_level": "{subject} carries {after} of the attribution, {statistic:.1f} times its part of the contrast, {before}",
    "distribution_jump": "the distribution of {subject} jumped by {after_bits}, {before_bits} a step until then (z = {statistic:.0f})",
    "reason_moved": "by {subject}, {after} of the samples (before: {before}) have a new explanation, and the prediction stood still",
    "prediction_moved": "by {subject}, {after} of the samples (before: {before}) have a new prediction, and the explanation stood still",
}
_AXES = {1: ("position",), 2: ("row", "column")}


def alarm(run: str, step: int, step_name: str, subject: str, event: Event) -> dict[str, Any]:
    """Return an event as ``/alarms`` answers it.

    Args:
        run: its name.
        step: the step of `event.step_index`.
        step_name: what the step is called, such as ``"epoch 21"`` (`clock.Clock.name`).
        subject: what moved: a feature's name, or that of cells (`region_name`), or for events without cells the layer's or the method's.
        event: what a rule found.
    """
    rises = event.after > event.before
    rank_before, rank_after = event.ranks or (0, 0)
    text = TEXTS[event.kind].format(
        subject=subject,
        went="rose" if rises else "fell",
        gone="risen" if rises else "fallen",
        before=percent(event.before),
        after=percent(event.after),
        before_bits=f"{event.before:.2g} bits",
        after_bits=f"{event.after:.2g} bits",
        statistic=abs(event.statistic),
        rank_before=rank_before,
        rank_after=rank_after,
    )
    evidence: dict[str, Any] = {"before": event.before, "after": event.after, "statistic": event.statistic}
    if event.cells:
        evidence["cells"] = list(event.cells)
    if event.ranks:
        evidence["ranks"] = list(event.ranks)
    return {"run": run, "step": step, "kind": event.kind, "subject": subject, "text": f"{step_name}: {text}", "evidence": evidence}


def region_name(cells: Sequence[int], grid: tuple[int, ...]) -> str:
    """Return what cells of a grid are called, by the box around them, counted from 1: ``"region (row 1, columns 1 to 2)"``."""
    places = np.unravel_index(np.asarray(cells, int), grid)
    axes = _AXES.get(len(grid), tuple(f"axis {axis + 1}:" for axis in range(len(grid))))
    return f"region ({', '.join(_extent(axis, place.tolist()) for axis, place in zip(axes, places, strict=True))})"


def percent(fraction: float) -> str:
    """Return a share with two significant digits below a tenth of a percent, else one decimal: ``"14.3 %"``."""
    if not math.isfinite(fraction):
        return "an unknown part"
    return f"{100 * fraction:.1f} %" if abs(fraction) >= 0.001 or fraction == 0 else f"{100 * fraction:.2g} %"


def _extent(axis: str, places: Sequence[int]) -> str:
    first, last = min(places) + 1, max(places) + 1
    if first == last:
        return f"{axis} {first}"
    return f"{axis} {first} to {last}" if axis.endswith(":") else f"{axis}s {first} to {last}"
