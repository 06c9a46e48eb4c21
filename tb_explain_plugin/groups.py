"""Runs that belong together: a *group* is the ``log_dir`` of one training, with our run and Keras' own in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorboard import errors as tensorboard_errors
from tensorboard.plugins.scalar.metadata import PLUGIN_NAME as SCALARS

from tb_explain_plugin import metadata, reader
from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.clock import read_clock
from tb_explain_plugin.errors import NotFoundError, listing
from tb_explain_plugin.index import kind_name, read_index
from tb_explain_plugin.reader import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tb_explain_plugin.index import Entry, Index, Log
    from tb_explain_plugin.reader import Blob

_KERAS_PREFIX = "epoch_"
_VALIDATION_PREFIX = "val_"
_DRIFT_PREFIX = "explain_"
"""Of figures that the callbacks put into Keras' logs, which Keras takes for metrics: they say nothing of how well a model learns."""
_SPLITS = {"train": "training", "validation": "validation"}


def group_of(run: str) -> str:
    """Return a run's group: its parent if it is called as ours are, else itself; TensorBoard's root is ``""``."""
    parent, _, name = run.rpartition("/")
    return parent if name == metadata.RUN_NAME else run.removeprefix(".")


def list_groups(log: Log, logdir: str) -> dict[str, Any]:
    """Return the answer of ``/groups``."""
    index = read_index(log)
    blobs = reader.read_all_blobs(log) if index.runs else {}
    runs = sorted(index.runs)
    described = reader.in_parallel(lambda run: _describe(log, run, index.runs[run], blobs.get(run, {})), runs)
    groups: dict[str, list[dict[str, Any]]] = {}
    for run, (description, _) in zip(runs, described, strict=True):
        groups.setdefault(group_of(run), []).append(description)
    unreadable = [(run, reason) for run, (_, reasons) in zip(runs, described, strict=True) for reason in reasons]
    return {
        "logdir": logdir,
        "groups": [{"name": name, "runs": groups[name]} for name in sorted(groups)],
        "skipped": [{"run": run, "reason": reason} for run, reason in [*index.skipped, *unreadable]],
    }


def _describe(log: Log, run: str, tags: dict[str, Entry], blobs: dict[str, dict[int, Blob]]) -> tuple[dict[str, Any], list[str]]:
    """Return a run's part of the answer, and reasons for what cannot be read."""
    steps, reasons = reader.read_steps(log, run, tags, blobs)
    manifest = Manifest(pb.Manifest(), "")
    if metadata.MANIFEST in tags:
        try:
            manifest = reader.read_manifest(log, run)
        except tensorboard_errors.PublicError as error:
            reasons.append(str(error))
    clock = read_clock(log, run)
    places = {known: place for place, known in enumerate(dict.fromkeys(tuple(steps[tag]) for tag in sorted(steps)))}
    return {
        "run": run,
        "manifest": manifest.hash,
        "start_time": manifest.contents.start_time,
        "probe": manifest.contents.probe.hash,
        "step_unit": clock.unit,
        "step_lists": list(places),
        "epoch_lists": [] if clock.unit == metadata.EPOCH else [clock.epochs_at(known) for known in places],
        "tags": {tag: {"kind": kind_name(tags[tag].kind), "steps": places[tuple(steps[tag])]} for tag in sorted(steps)},
    }, reasons


def runs_of(index: Index, group: str) -> list[str]:
    """Return the runs of a group.

    Raises:
        NotFoundError: no run belongs to it.
    """
    runs = sorted(run for run in index.runs if group_of(run) == group)
    if not runs:
        names = sorted({repr(group_of(run)) for run in index.runs})
        raise NotFoundError("no such group", f"one of {listing(names)}", repr(group))
    return runs


def learning_curves(log: Log, group: str) -> list[dict[str, Any]]:
    """Return Keras' own curves of a group, and our ``metric/…`` for those that it did not write."""
    index = read_index(log)
    curves = {(curve["name"], curve["split"]): curve for run in runs_of(index, group) for curve in _our_curves(log, run, index.runs[run])}
    curves |= {(curve["name"], curve["split"]): curve for curve in _keras_curves(log, group)}
    return [curve for (name, _), curve in sorted(curves.items()) if not name.startswith(_DRIFT_PREFIX)]


def _our_curves(log: Log, run: str, tags: Iterable[str]) -> Iterator[dict[str, Any]]:
    clock = read_clock(log, run)
    for tag in tags:
        parsed = metadata.parse_tag(tag)
        if parsed.kind != "metric":
            continue
        try:
            series = reader.read_series(log, run, tag)
        except tensorboard_errors.PublicError:  # /groups says why
            continue
        if series.values.ndim == 1:
            name = parsed.names[0]
            split = "validation" if name.startswith(_VALIDATION_PREFIX) else "training"
            steps = series.steps.tolist()
            yield _curve(name.removeprefix(_VALIDATION_PREFIX), split, run, steps, clock.epochs_at(steps), series.values.tolist())


def _keras_curves(log: Log, group: str) -> Iterator[dict[str, Any]]:
    for name, split in _SPLITS.items():
        run = f"{group}/{name}" if group else name
        for tag, (steps, values) in reader.read_scalars(log, SCALARS, run, _KERAS_PREFIX).items():
            yield _curve(tag.removeprefix(_KERAS_PREFIX), split, run, steps, [float(step) for step in steps], values)


def _curve(name: str, split: str, run: str, steps: list[int], epochs: list[float], values: list[float]) -> dict[str, Any]:
    return {"name": name, "split": split, "run": run, "steps": steps, "epochs": epochs, "values": values}
