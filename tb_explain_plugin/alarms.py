"""A run's alarms from its log: reads what `RunWatch` was fed while the run trained, and feeds it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from tensorboard import errors as tensorboard_errors

from tb_explain_plugin import drift, metadata, reader
from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.clock import read_clock
from tb_explain_plugin.explanation import alike, read_explanation
from tb_explain_plugin.run_watch import Moved, RunWatch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.index import Entry, Log
    from tb_explain_plugin.reader import Blob

_SERIES = ("health", "metric", "watch", "watch_by_group")
_KEY_BYTES = 200
"""What a tag takes in the key under which alarms are remembered, about."""


def alarms_of_run(log: Log, run: str, tags: Mapping[str, Entry]) -> list[dict[str, Any]]:
    """Return a run's alarms in the order of their steps, as ``/alarms`` answers them. Nobody may change them: they are remembered.

    A tag or a step that cannot be read gives none: ``/groups`` says why.

    Args:
        log: what may be read.
        run: the run.
        tags: its tags, with what the index knows of them: alarms are found again when a step has come.
    """
    return log.cache.get(
        ("alarms", log.experiment, run, tuple(sorted(tags.items()))),
        lambda: _find(log, run, tags),
        lambda found: sum(len(str(alarm)) for alarm in found) + _KEY_BYTES * len(tags),
    )


def _find(log: Log, run: str, tags: Mapping[str, Entry]) -> list[dict[str, Any]]:
    try:
        manifest = reader.read_manifest(log, run).contents
    except tensorboard_errors.PublicError:
        manifest = pb.Manifest()
    names = {tag: metadata.parse_tag(tag) for tag in tags}
    blobs = {tag: _blobs(log, run, tag) for tag, parsed in names.items() if parsed.kind == "attribution"}
    method = _first_method(manifest, blobs)
    wanted = [t for t, parsed in names.items() if parsed.kind in _SERIES or (parsed.kind == "importance" and parsed.names[0] == method)]
    figures: dict[int, dict[str, Any]] = {}
    readable, _ = reader.read_many_series(log, run, wanted)
    for tag, series in readable.items():
        for step, values in zip(series.steps.tolist(), series.values, strict=True):
            figures.setdefault(step, {})[tag] = values
    for tag in sorted(blobs, key=lambda tag: names[tag].names[0] == method):  # last what the tab asks for next: it stays remembered
        predictions = _predictions(log, run, manifest, tags) if names[tag].names[0] == method else None
        for step, moved in _moved(log, run, tag, blobs[tag], predictions).items():
            figures.setdefault(step, {})[tag] = moved
    watch = RunWatch(manifest, read_clock(log, run).name)
    return [{"run": run} | alarm._asdict() for step in sorted(figures) for alarm in watch.update(step, figures[step])]


def _first_method(manifest: pb.Manifest, blobs: Mapping[str, Mapping[int, Blob]]) -> str | None:
    """Return the method whose importances `RunWatch` looks at: the manifest's first of those with a frame at the first explained step."""
    start = min((step for steps in blobs.values() for step in steps), default=None)
    return next((m.name for m in manifest.methods if start in blobs.get(metadata.create_tag("attribution", m.name), ())), None)


def _blobs(log: Log, run: str, tag: str) -> dict[int, Blob]:
    try:
        return reader.read_blobs(log, run, tag)
    except tensorboard_errors.PublicError:
        return {}


def _predictions(log: Log, run: str, manifest: pb.Manifest, tags: Mapping[str, Entry]) -> dict[int, Blob]:
    """Return where the predictions of each step are; none of a regression, which has no probabilities."""
    has_probabilities = metadata.PREDICTIONS in tags and not (manifest.outputs and manifest.outputs[0].task == "regression")
    return _blobs(log, run, metadata.PREDICTIONS) if has_probabilities else {}


def _moved(log: Log, run: str, tag: str, blobs: Mapping[int, Blob], predictions: Mapping[int, Blob] | None) -> dict[int, Moved]:
    """Return what each step's attributions say: against the step before only if predictions are given. Remembered step by step."""
    steps = list(blobs)

    def at(place: int) -> Moved:
        pair = steps[max(place - 1, 0) : place + 1]
        frames = tuple(blobs[step] for step in pair)
        predicted = tuple((predictions or {}).get(step) for step in pair)
        key = ("moved", log.experiment, run, tag, frames, predicted)
        return log.cache.get(key, lambda: _compare(log, run, tag, frames, predicted), _bytes)

    return dict(zip(steps, reader.in_parallel(at, range(len(steps))), strict=True))


def _compare(log: Log, run: str, tag: str, frames: Sequence[Blob], predicted: Sequence[Blob | None]) -> Moved:
    """Return what the last of one or two frames says; what cannot be read, or not be compared, says nothing."""
    try:
        now = read_explanation(log, run, tag, frames[-1])
    except tensorboard_errors.PublicError:
        return Moved(np.nan)
    alone = Moved(float(np.isfinite(now.values).mean()))
    probabilities = [_probability(log, run, blob) for blob in predicted if blob is not None]
    if len(probabilities) < 2 or len({probability.shape for probability in probabilities}) > 1:
        return alone
    try:
        before = read_explanation(log, run, tag, frames[0])
    except tensorboard_errors.PublicError:
        return alone
    if not alike(now, before):
        return alone
    return alone._replace(
        local_drift=drift.local_drift(now.matrix(), before.matrix()), probability_change=probabilities[1] - probabilities[0]
    )


def _probability(log: Log, run: str, blob: Blob) -> NDArray[Any]:
    """Return the probability of each sample's target at a step, float64 [N]; [0] if there is none."""
    try:
        found = reader.read_frame(log, run, metadata.PREDICTIONS, blob).arrays.get("target_probability", np.empty(0))
    except tensorboard_errors.PublicError:
        return np.empty(0)
    return found.astype(np.float64) if found.ndim == 1 else np.empty(0)


def _bytes(moved: Moved) -> int:
    return sum(values.nbytes for values in (moved.local_drift, moved.probability_change) if values is not None)
