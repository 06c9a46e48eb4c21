"""When something crosses a limit: layers that die or saturate, numbers that are not finite, shares that move (`moved_shares`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from tensorboard import errors as tensorboard_errors

from tb_explain_plugin import metadata, reader
from tb_explain_plugin.clock import read_clock
from tb_explain_plugin.explanation import read_figures
from tb_explain_plugin.moved_shares import alarms_of_shares

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from tb_explain_plugin.clock import Clock
    from tb_explain_plugin.index import Log
    from tb_explain_plugin.reader import Blob

    Finding = tuple["Rule", Iterable[int], NDArray[Any]]


class Rule(NamedTuple):
    """An alarm goes off where a figure rises above its limit; not if it may be above at the start and is."""

    kind: str
    figure: str
    limit: float
    may_be_above_at_start: bool
    text: str


class Crossing(NamedTuple):
    """Where a figure rose above a limit, and how high."""

    step: int
    value: float


LAYER_RULES = (
    Rule(
        "dead_layer",
        "dead_fraction",
        0.5,
        True,
        "{value} of the units of {subject} are at most 0 on every probe sample (limit {limit})",
    ),
    Rule(
        "saturated_layer",
        "saturated_fraction",
        0.3,
        False,
        "{value} of the activations of {subject} are saturated (limit {limit})",
    ),
    Rule("non_finite", "non_finite_fraction", 0.0, False, "{value} of the activations of {subject} are not finite"),
)
INFINITE_LAYER = Rule(
    "non_finite",
    "infinite_figures",
    0.0,
    False,
    "the figures of {subject} are infinite, its gradients or weights too large",
)
ATTRIBUTION_RULE = Rule("non_finite", "non_finite_fraction", 0.0, False, "{value} of the attributions by {subject} are not finite")
METRIC_RULE = Rule("non_finite", "non_finite_fraction", 0.0, False, "{subject} is not finite")


def alarms_of_run(log: Log, run: str, tags: Iterable[str]) -> list[dict[str, Any]]:
    """Return a run's alarms in the order of their steps. A tag that cannot be read gives none: ``/groups`` says why."""
    tags = list(tags)
    clock = read_clock(log, run)
    try:
        found = alarms_of_shares(log, run, tags, clock)
    except tensorboard_errors.PublicError:
        found = []
    for tag in tags:
        parsed = metadata.parse_tag(tag)
        find = _FINDERS.get(parsed.kind)
        if find is None:
            continue
        try:
            found += [
                _alarm(run, clock, parsed.names[0], rule, crossing)
                for rule, steps, values in find(log, run, tag)
                for crossing in crossings(steps, values, rule)
            ]
        except tensorboard_errors.PublicError:
            continue
    return sorted(found, key=lambda alarm: (alarm["step"], alarm["kind"], alarm["subject"]))


def crossings(steps: Iterable[int], values: Iterable[float], rule: Rule) -> list[Crossing]:
    """Return where the values rise above the rule's limit, once each time, however long they stay. NaN is never above."""
    found = []
    above = rule.may_be_above_at_start
    for step, value in zip(steps, values, strict=True):
        if value > rule.limit and not above:
            found.append(Crossing(int(step), float(value)))
        above = value > rule.limit
    return found


def _of_layer(log: Log, run: str, tag: str) -> Iterator[Finding]:
    health = reader.read_series(log, run, tag)
    if health.values.shape[1:] != (len(metadata.HEALTH_FIELDS),):
        return
    for rule in LAYER_RULES:
        yield rule, health.steps, health.values[:, metadata.HEALTH_FIELDS.index(rule.figure)]
    yield INFINITE_LAYER, health.steps, np.isinf(health.values).sum(1)


def _of_metric(log: Log, run: str, tag: str) -> Iterator[Finding]:
    metric = reader.read_series(log, run, tag)
    if metric.values.ndim == 1:
        yield METRIC_RULE, metric.steps, (~np.isfinite(metric.values)).astype(np.float64)


def _of_attribution(log: Log, run: str, tag: str) -> Iterator[Finding]:
    def lost(blob: Blob) -> float:
        try:
            return 1 - read_figures(log, run, tag, blob).finite
        except tensorboard_errors.PublicError:
            return float("nan")

    blobs = reader.read_blobs(log, run, tag)
    yield ATTRIBUTION_RULE, blobs, np.array(reader.in_parallel(lost, blobs.values()))


_FINDERS: dict[str, Callable[[Log, str, str], Iterator[Finding]]] = {
    "health": _of_layer,
    "metric": _of_metric,
    "attribution": _of_attribution,
}


def _alarm(run: str, clock: Clock, subject: str, rule: Rule, crossing: Crossing) -> dict[str, Any]:
    text = rule.text.format(value=_percent(crossing.value), subject=subject, limit=_percent(rule.limit))
    return {
        "run": run,
        "step": crossing.step,
        "kind": rule.kind,
        "subject": subject,
        "text": f"{clock.name(crossing.step)}: {text}",
        "evidence": {rule.figure: crossing.value, "limit": rule.limit},
    }


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.{0 if fraction >= 0.01 else 2}f} %"
