"""Whether a model is well: layers that die, saturate or jump, numbers that are not finite."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tb_explain_plugin import metadata
from tb_explain_plugin.alarm_texts import Finding, describe, together
from tb_explain_plugin.limit_alarms import Limit, LimitRule
from tb_explain_plugin.series_alarms import FigureWatch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.drift_rules import Event

LAYER_RULES = (
    LimitRule(
        "dead_layer",
        "dead_fraction",
        0.5,
        "known",
        "{value} of the units of {subject} are at most 0 on every probe sample (limit {limit})",
    ),
    LimitRule(
        "saturated_layer", "saturated_fraction", 0.3, "news", "{value} of the activations of {subject} are saturated (limit {limit})"
    ),
    LimitRule("non_finite", "non_finite_fraction", 0.0, "news", "{value} of the activations of {subject} are not finite"),
    LimitRule("non_finite", "infinite_figures", 0.0, "news", "the figures of {subject} are infinite, its gradients or weights too large"),
)
METRIC_RULES = (LimitRule("non_finite", "non_finite_fraction", 0.0, "news", "{subject} is not finite"),)
METHOD_RULES = (LimitRule("non_finite", "non_finite_fraction", 0.0, "news", "{value} of the attributions by {subject} are not finite"),)

LEAST_SHIFT = 0.3
"""By how many deviations the shift of a layer's activations must change within a step."""
SHIFT_FLOOR = 0.05
"""How far, in deviations, that shift is taken to wander at least."""
SHIFT_RELATIVE = 0.08
"""How far, by its own size: a layer that began narrow may be twenty deviations away, and wander by one."""


class Moved(NamedTuple):
    """What a method's attributions of one step say beside those of the explained step before.

    Attributes:
        finite: which part of the values, as logged, is finite.
        local_drift: 1 − cosine of each sample's explanation to that of the step before, [N] (`drift.local_drift`); None if there is none.
        probability_change: how far the probability of each sample's target went since then, [N]; None if there is none, as in regression.
    """

    finite: float
    local_drift: NDArray[np.floating] | None = None
    probability_change: NDArray[np.floating] | None = None


class HealthWatch:
    """The limits of layers, metrics and methods at work on one step after another.

    What is found of several layers, metrics or methods by one rule at one step is one finding.

    Args:
        names: of layers and methods, in the order in which they are listed.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._order = {name: place for place, name in enumerate(names)}
        self._limits: dict[tuple[str, str, LimitRule], Limit] = {}
        self._jumps: dict[tuple[str, int], FigureWatch] = {}

    def update(self, step: int, figures: Mapping[metadata.Tag, NDArray[np.floating] | Moved]) -> list[Finding]:
        """Return what is found at the next step, whose figures are as `run_watch.RunWatch` takes them."""
        found: dict[tuple[str, object], list[Finding]] = {}
        known = [(tag.kind, tag.names[0], values) for tag, values in figures.items() if tag.kind in _RULES]
        for kind, name, values in sorted(known, key=self._place):
            named = _figures(kind, values)
            crossed = [rule for rule in _RULES[kind] if self._limit(kind, name, rule).update(named.get(rule.figure, math.nan))]
            for rule in crossed:
                found.setdefault((kind, rule), []).append(rule.describe(name, named[rule.figure]))
            jumps = list(self._jump(name, named["distribution_shift"], step)) if "distribution_shift" in named else []
            for event in jumps if not crossed else ():  # activations of a layer that dies jump: one event, one alarm
                found.setdefault((kind, event.kind), []).append(describe(event, name))
        return [together(findings) for findings in found.values()]

    def _place(self, figure: tuple[str, str, object]) -> tuple[int, int, str]:
        kind, name, _ = figure
        return _KINDS.index(kind), self._order.get(name, len(self._order)), name

    def _limit(self, kind: str, name: str, rule: LimitRule) -> Limit:
        key = kind, name, rule
        if key not in self._limits:
            self._limits[key] = Limit(rule.limit, rule.start)
        return self._limits[key]

    def _jump(self, layer: str, shift: float, step: int) -> Iterator[Event]:
        """Yield the event of a layer's activations: they may jump away from where they began, or back."""
        for sign in (1, -1):
            if (layer, sign) not in self._jumps:
                self._jumps[layer, sign] = FigureWatch("distribution_jump", least=LEAST_SHIFT, floor=SHIFT_FLOOR, relative=SHIFT_RELATIVE)
            for event in self._jumps[layer, sign].update(sign * shift, step):
                yield event._replace(statistic=sign * event.statistic, before=sign * event.before, after=sign * event.after)


_RULES: dict[str, tuple[LimitRule, ...]] = {"health": LAYER_RULES, "metric": METRIC_RULES, "attribution": METHOD_RULES}
_KINDS = list(_RULES)


def _figures(kind: str, values: NDArray[np.floating] | Moved) -> dict[str, float]:
    """Return the figures that a kind's rules look at; none of values that are not of its shape."""
    if isinstance(values, Moved):
        return {"non_finite_fraction": 1 - values.finite} if kind == "attribution" else {}
    values = np.asarray(values)
    if kind == "health" and values.shape == (len(metadata.HEALTH_FIELDS),):
        return dict(zip(metadata.HEALTH_FIELDS, values.tolist(), strict=True)) | {"infinite_figures": float(np.isinf(values).sum())}
    if kind == "metric" and values.ndim == 0:
        return {"non_finite_fraction": float(not np.isfinite(values))}
    return {}
