"""``against=``: what an explanation is compared with; for each step, the mean of some frames, mostly of one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tb_explain_plugin import metadata, reader
from tb_explain_plugin.clock import read_clock
from tb_explain_plugin.errors import BadRequestError, NotFoundError, listing
from tb_explain_plugin.index import read_index

if TYPE_CHECKING:
    from collections.abc import Callable

    from tb_explain_plugin.index import Log
    from tb_explain_plugin.reader import Blob

LONGEST_TRAIL = 50
FORMS = "previous, trailing:<k>, start, last, step:<n>, best:<metric>, run:<name> or run:<name>@<n>"
_STEP = re.compile(r"-?[0-9]{1,9}")
_SAME_EPOCH = 0.5
"""How many epochs apart steps of two runs may lie that are held against each other as the same."""
_DEFINING_PARAMETERS = ("composite", "layer")
"""Parameters of a method without which two attributions mean different things; others refine how they are computed."""
_LARGER_IS_BETTER = (
    "acc",
    "auc",
    "precision",
    "recall",
    "sensitivity",
    "specificity",
    "f1",
    "fbeta",
    "r2",
    "iou",
    "score",
    "similarity",
)


class Reference(NamedTuple):
    """For each step of a tag the blobs, by step, whose mean it is compared with; none where there is no reference."""

    run: str
    blobs: dict[int, list[Blob]]


def parse_step(text: str, parameter: str) -> int:
    """Return a step, or raise an error that names the parameter."""
    if not _STEP.fullmatch(text):
        raise BadRequestError(f"{parameter} is not a step", "an integer of at most nine digits", text)
    return int(text)


def resolve(log: Log, run: str, tag: str, against: str) -> Reference:
    """Return what every step of an attribution is compared with.

    Raises:
        BadRequestError: not a reference, or a run with another probe, score or baseline.
        NotFoundError: no such step, metric or run.
    """
    form, colon, argument = against.partition(":")
    if form not in _FORMS or bool(colon) != (form not in {"previous", "start", "last"}):
        raise BadRequestError("against is not a reference", FORMS, against)
    return _FORMS[form](log, run, tag, argument)


def check_attribution(tag: str) -> None:
    """Raise BadRequestError unless a tag is that of an attribution."""
    if not tag.startswith("attribution/"):
        raise BadRequestError("only attributions can be compared", "attribution/<method>", tag)


def check_comparable(log: Log, run: str, other: str, tag: str) -> None:
    """Raise BadRequestError unless both runs explain the same samples by the same method, from the same baseline, by the same score."""
    if run == other:
        return
    method = metadata.parse_tag(tag).names[0]
    manifests = [reader.read_manifest(log, name).contents for name in (run, other)]
    methods = [{m.name: m for m in manifest.methods}.get(method) for manifest in manifests]
    figures = {
        "probe": [manifest.probe.hash for manifest in manifests],
        "score": [m.score if m else "" for m in methods],
        "baseline": [m.baseline_hash if m else "" for m in methods],
    } | {name: [m.parameters.get(name, "") if m else "" for m in methods] for name in _DEFINING_PARAMETERS}
    for name, (own, theirs) in figures.items():
        if own != theirs:
            raise BadRequestError(f"{run!r} and {other!r} cannot be compared: their {name}s differ", own, theirs)


def at_the_same_epoch(log: Log, runs: tuple[str, str], own: dict[int, Blob], theirs: dict[int, Blob]) -> dict[int, list[Blob]]:
    """Return the other run's blob for each step: of the same step where both count epochs, else the nearest on the axis of epochs."""
    clocks = [read_clock(log, run) for run in runs]
    if all(clock.unit == metadata.EPOCH for clock in clocks):
        return {step: [theirs[step]] if step in theirs else [] for step in own}
    blobs = list(theirs.values())
    places = np.array(clocks[1].epochs_at(theirs))
    apart = np.abs(np.array(clocks[0].epochs_at(own))[:, None] - places)
    apart[np.isnan(apart)] = np.inf
    nearest = apart.argmin(axis=1)
    return {step: [blobs[j]] if apart[i, j] <= _SAME_EPOCH else [] for i, (step, j) in enumerate(zip(own, nearest, strict=True))}


def _every(blobs: dict[int, Blob], run: str, fixed: Blob) -> Reference:
    return Reference(run, {step: [fixed] for step in blobs})


def _previous(log: Log, run: str, tag: str, _: str) -> Reference:
    return _trailing(log, run, tag, "1")


def _trailing(log: Log, run: str, tag: str, argument: str) -> Reference:
    if not re.fullmatch(r"[0-9]{1,2}", argument) or not 1 <= int(argument) <= LONGEST_TRAIL:
        raise BadRequestError("trailing takes a number of steps", f"trailing:<k> with k from 1 to {LONGEST_TRAIL}", argument)
    blobs = list(reader.read_blobs(log, run, tag).values())
    return Reference(run, {blob.step: blobs[max(0, i - int(argument)) : i] for i, blob in enumerate(blobs)})


def _start(log: Log, run: str, tag: str, _: str) -> Reference:
    blobs = reader.read_blobs(log, run, tag)
    return _every(blobs, run, blobs[min(blobs)])


def _last(log: Log, run: str, tag: str, _: str) -> Reference:
    blobs = reader.read_blobs(log, run, tag)
    return _every(blobs, run, blobs[max(blobs)])


def _step(log: Log, run: str, tag: str, argument: str) -> Reference:
    blobs = reader.read_blobs(log, run, tag)
    return _every(blobs, run, reader.find_step(blobs, run, tag, parse_step(argument, "against=step:<n>")))


def _best(log: Log, run: str, tag: str, argument: str) -> Reference:
    names = sorted(metadata.parse_tag(name).names[0] for name in read_index(log, run).runs.get(run, {}) if name.startswith("metric/"))
    if argument not in names:
        raise NotFoundError(f"{run!r} has no such metric", f"one of {listing(names)}", argument)
    metric = reader.read_series(log, run, metadata.create_tag("metric", argument))
    blobs = reader.read_blobs(log, run, tag)
    counts_epochs = read_clock(log, run).unit == metadata.EPOCH
    usable = [
        (float(value), int(step))
        for step, value in zip(metric.steps, metric.values.reshape(len(metric.steps), -1)[:, 0], strict=True)
        if np.isfinite(value) and (int(step) in blobs or not counts_epochs)
    ]
    if not usable:
        raise NotFoundError(f"{argument!r} has no best step", "a finite value at a step that is explained", "none")
    sign = -1 if any(word in argument.lower() for word in _LARGER_IS_BETTER) else 1
    best = min(usable, key=lambda pair: (sign * pair[0], pair[1]))
    return _every(blobs, run, blobs[min(blobs, key=lambda step: abs(step - best[1]))])


def _run(log: Log, run: str, tag: str, argument: str) -> Reference:
    """Run names may hold an ``@``: what follows the last is a step only if no run has the full name."""
    own = reader.read_blobs(log, run, tag)
    name, at, step = argument.rpartition("@")
    if not at or not _STEP.fullmatch(step) or argument in read_index(log, argument).runs:
        check_comparable(log, run, argument, tag)
        theirs = reader.read_blobs(log, argument, tag)
        return Reference(argument, at_the_same_epoch(log, (run, argument), own, theirs))
    check_comparable(log, run, name, tag)
    return _every(own, name, reader.find_step(reader.read_blobs(log, name, tag), name, tag, int(step)))


_FORMS: dict[str, Callable[[Log, str, str, str], Reference]] = {
    "previous": _previous,
    "trailing": _trailing,
    "start": _start,
    "last": _last,
    "step": _step,
    "best": _best,
    "run": _run,
}
