"""Runs that belong together: a *group* is the ``log_dir`` of one training, with our run and Keras' own in it."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from tensorboard import errors as tensorboard_errors
from tensorboard.backend import json_util
from tensorboard.plugins.scalar.metadata import PLUGIN_NAME as SCALARS

from tb_explain_plugin import metadata, reader
from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.clock import read_clock
from tb_explain_plugin.errors import NotFoundError, listing
from tb_explain_plugin.index import FRESH_SECONDS, kind_name, read_index
from tb_explain_plugin.reader import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tb_explain_plugin.index import Entry, Index, Log

_KERAS_PREFIX = "epoch_"
_VALIDATION_PREFIX = "val_"
_DRIFT_PREFIX = "explain_"
"""Of figures that the callbacks put into Keras' logs, which Keras takes for metrics: they say nothing of how well a model learns."""

_LEVEL = 3
"""Of compression, as TensorBoard's own answers have it."""

_KEY_BYTES = 200
"""What a tag takes in the key under which a run's description is remembered, about."""

_SPLITS = {"train": "training", "validation": "validation"}


def group_of(run: str) -> str:
    """Return a run's group: its parent if it is called as ours are, else itself; TensorBoard's root is ``""``."""
    parent, _, name = run.rpartition("/")
    return parent if name == metadata.RUN_NAME else run.removeprefix(".")


class Description(NamedTuple):
    """A run's part of the answer of ``/groups``, as JSON, and reasons for what cannot be read."""

    text: str
    reasons: list[str]


def list_groups(log: Log, logdir: str) -> bytes:
    """Return the answer of ``/groups``, JSON compressed by gzip; as it was at most 2 · `FRESH_SECONDS` ago.

    The tab asks every few seconds, and mostly there is no news: what is said of a run is made again once the index tells of another step
    in it, and requests at the same time have one answer.
    """
    return log.cache.get(("groups", log.experiment, logdir), lambda: _list_groups(log, logdir), len, FRESH_SECONDS)


def _list_groups(log: Log, logdir: str) -> bytes:
    index = read_index(log)
    descriptions = _descriptions(log, index)
    groups: dict[str, list[str]] = {}
    for run, description in descriptions.items():
        groups.setdefault(group_of(run), []).append(description.text)
    unreadable = [(run, reason) for run, (_, reasons) in descriptions.items() for reason in reasons]
    skipped = [{"run": run, "reason": reason} for run, reason in [*index.skipped, *unreadable]]
    parts = [f'{{"name": {json.dumps(name)}, "runs": [{", ".join(groups[name])}]}}' for name in sorted(groups)]
    text = f'{{"logdir": {json.dumps(logdir)}, "groups": [{", ".join(parts)}], "skipped": {json.dumps(skipped)}}}'.encode()
    return log.cache.get(("compressed", hashlib.sha256(text).digest()), lambda: gzip.compress(text, _LEVEL, mtime=0), len)


def _descriptions(log: Log, index: Index) -> dict[str, Description]:
    """Return what is said of each run. It is remembered unless something could not be read, which may be there the next time."""
    keys = {run: ("description", log.experiment, run, tuple(index.runs[run].items())) for run in sorted(index.runs)}
    found: dict[str, Description | None] = {run: log.cache.recent(key) for run, key in keys.items()}
    missing = [run for run in found if found[run] is None]
    frames = reader.read_frame_steps(log, missing) if missing else {}

    def describe(run: str) -> Description:
        description = _describe(log, run, index.runs[run], frames.get(run, {}))
        if not description.reasons:
            log.cache.get(keys[run], lambda: description, lambda made: len(made.text) + _KEY_BYTES * len(index.runs[run]))
        return description

    described = dict(zip(missing, reader.in_parallel(describe, missing), strict=True))
    return {run: known or described[run] for run, known in found.items()}


def _describe(log: Log, run: str, tags: Mapping[str, Entry], frames: Mapping[str, list[int]]) -> Description:
    manifest, reasons = Manifest(pb.Manifest(), ""), []
    if metadata.MANIFEST in tags:
        try:
            manifest = reader.read_manifest(log, run)
        except tensorboard_errors.PublicError as error:
            reasons.append(str(error))
    counts_epochs = manifest.contents.step_unit in {"", metadata.EPOCH}
    steps, unreadable = reader.read_steps(log, run, _cursor_tags(tags) if counts_epochs else tags, frames)
    places = {known: place for place, known in enumerate(dict.fromkeys(tuple(steps[tag]) for tag in sorted(steps)))}
    description = {
        "run": run,
        "manifest": manifest.hash,
        "start_time": manifest.contents.start_time,
        "probe": manifest.contents.probe.hash,
        "step_unit": metadata.EPOCH if counts_epochs else manifest.contents.step_unit,
        "step_lists": list(places),
        "epoch_lists": [] if counts_epochs else [read_clock(log, run).epochs_at(known) for known in places],
        "tags": {
            tag: {"kind": kind_name(entry.kind)} | ({"steps": places[tuple(steps[tag])]} if tag in steps else {"last": entry.max_step})
            for tag, entry in sorted(tags.items())
            if tag != metadata.MANIFEST and tag not in unreadable
        },
    }
    return Description(json.dumps(json_util.Cleanse(description)), [*reasons, *unreadable.values()])


def _cursor_tags(tags: Mapping[str, Entry]) -> dict[str, Entry]:
    """Return the tags of whose steps there must be a list, as the tab's cursor stops there.

    A provider has steps only with all values of a series, and of a long run these take fifty times as long to read as where frames are.
    """
    if not any(metadata.parse_tag(tag).kind == "attribution" for tag in tags):
        return dict(tags)
    return {tag: entry for tag, entry in tags.items() if entry.kind == pb.FRAME}


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
        except tensorboard_errors.PublicError:  # /series says why
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
