"""What an alarm says: a sentence and its evidence for each kind of finding."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tb_explain_plugin.drift_rules import Event

TEXTS = {
    "share_jump": "{subject} {went} from {before} to {after} of the attribution (z = {statistic:.0f})",
    "share_growth": "{subject} has slowly {gone} from {before} to {after} of the attribution (z = {statistic:.0f})",
    "rank_entry": "{subject} entered the top three, from rank {rank_before} to rank {rank_after}, with {after} of the attribution",
    "share_level": "{subject} carries {after} of the attribution, {statistic:.1f} times its part of the contrast, {before}",
    "watch_above": "{subject} carries {after} of the attribution, more than the {before} it may",
    "watch_below": "{subject} carries {after} of the attribution, less than the {before} it should",
    "protected_share": "{subject}, which is protected, has grown from {before} to {after} of the attribution (z = {statistic:.0f})",
    "distribution_jump": "the activations of {subject} are {after_shift} deviations away from where they began, {before_shift} until then",
    "reason_moved": "{after} of the samples have a new explanation by {subject} and their old prediction ({before} until then)",
    "prediction_moved": "{after} of the samples have a new prediction and their old explanation by {subject} ({before} until then)",
}
_AXES = {1: ("position",), 2: ("row", "column")}
_LISTED = 4
"""How many names a sentence lists at most, "7 more" being one."""


class Alarm(NamedTuple):
    """Something that a person who trains should know.

    Attributes:
        step: when.
        kind: of ``http_api.md``, such as ``"share_jump"``.
        subject: what it is about: a feature, a region, a watch, a layer, a metric or a method.
        text: a sentence that begins with the step's name.
        evidence: figures that the sentence rests on, and limits.
    """

    step: int
    kind: str
    subject: str
    text: str
    evidence: dict[str, Any]


class Finding(NamedTuple):
    """An alarm that has not been given its step yet."""

    kind: str
    subject: str
    text: str
    evidence: dict[str, Any]

    def at(self, step: int, step_name: str) -> Alarm:
        """Return the alarm of a step, called such as ``"epoch 21"``."""
        return Alarm(step, self.kind, self.subject, f"{step_name}: {self.text}", self.evidence)


def describe(event: Event, subject: str) -> Finding:
    """Return what is said of an event.

    Args:
        event: what a rule found.
        subject: what moved: a feature's name, or that of cells (`region_name`), or for events without cells the layer's or the method's.
    """
    rises = event.after > event.before
    rank_before, rank_after = event.ranks or (0, 0)
    text = TEXTS[event.kind].format(
        subject=subject,
        went="rose" if rises else "fell",
        gone="risen" if rises else "fallen",
        before=percent(event.before),
        after=percent(event.after),
        before_shift=f"{event.before:.1f}",
        after_shift=f"{event.after:.1f}",
        statistic=abs(event.statistic),
        rank_before=rank_before,
        rank_after=rank_after,
    )
    before, after = ("limit", "share") if event.kind in {"watch_above", "watch_below"} else ("before", "after")
    evidence: dict[str, Any] = {before: event.before, after: event.after, "statistic": event.statistic}
    if event.cells:
        evidence["cells"] = list(event.cells)
    if event.ranks:
        evidence["ranks"] = list(event.ranks)
    return Finding(event.kind, subject, text, evidence)


def together(findings: Sequence[Finding]) -> Finding:
    """Return what was found of several subjects at one step as one: a collapse of a model is one sentence, not one for each layer.

    Cells are those of one input, which the evidence names once.
    """
    first, *others = findings
    if not others:
        return first
    names = [finding.subject for finding in others]
    listed = names if len(names) <= _LISTED else [*names[: _LISTED - 1], f"{len(names) - _LISTED + 1} more"]
    cells = [finding.evidence["cells"] for finding in others if "cells" in finding.evidence]
    evidence = first.evidence | {"others": names} | ({"other_cells": cells} if cells else {})
    likewise = " and ".join([", ".join(listed[:-1])] * (len(listed) > 1) + listed[-1:])
    return first._replace(text=f"{first.text}; likewise {likewise}", evidence=evidence)


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
