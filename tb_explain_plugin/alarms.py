"""A run's alarms from its log: reads what `RunWatch` was fed while the run trained, and feeds it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from tensorboard import errors as tensorboard_errors

from tb_explain_plugin import drift, metadata, reader
from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.clock import read_clock
from tb_explain_plugin.explanation import read_explanation, read_figures
from tb_explain_plugin.run_watch import Moved, RunWatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tb_explain_plugin.index import Entry, Log
    from tb_explain_plugin.reader import Blob

_SERIES = ("health", "metric", "watch")
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
    for tag, series in zip(wanted, reader.in_parallel(lambda tag: _series(log, run, tag), wanted), strict=True):
        for step, values in series.items():
            figures.setdefault(step, {})[tag] = values
    for tag, steps in blobs.items():
        predictions = _predictions(log, run, manifest, tags) if names[tag].names[0] == method else None
        for step, moved in _moved(log, run, tag, steps, predictions).items():
            figures.setdefault(step, {})[tag] = moved
    watch = RunWatch(manifest, read_clock(log, run).name)
    return [{"run": run} | alarm._asdict() for step in sorted(figures) for alarm in watch.update(step, figures[step])]


def _first_method(manifest: pb.Manifest, blobs: Mapping[str, Mapping[int, Blob]]) -> str | None:
    """Return the method whose importances `RunWatch` looks at: the manifest's first of those with a frame at the first explained step."""
    start = min((step for steps in blobs.values() for step in steps), default=None)
    return next((m.name for m in manifest.methods if start in blobs.get(metadata.create_tag("attribution", m.name), ())), None)


def _series(log: Log, run: str, tag: str) -> dict[int, NDArray[Any]]:
    try:
        series = reader.read_series(log, run, tag)
    except tensorboard_errors.PublicError:
        return {}
    return dict(zip(series.steps.tolist(), series.values, strict=True))


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
    """Return what each step's attributions say: against the step before only if predictions are given."""
    steps = list(blobs)

    def at(place: int) -> Moved:
        step, before = steps[place], steps[place - 1] if place else None
        try:
            finite = read_figures(log, run, tag, blobs[step]).finite
        except tensorboard_errors.PublicError:
            return Moved(np.nan)
        if predictions is None or before is None:
            return Moved(finite)
        now, then = (_probability(log, run, predictions.get(each)) for each in (step, before))
        change = None if now is None or then is None or now.shape != then.shape else now - then
        return Moved(finite, _local_drift(log, run, tag, blobs[step], blobs[before]), change)

    return dict(zip(steps, reader.in_parallel(at, range(len(steps))), strict=True))


def _local_drift(log: Log, run: str, tag: str, blob: Blob, before: Blob) -> NDArray[Any] | None:
    """Return 1 − cosine of each sample to the step before, [N]; None if one cannot be read or they differ in shape."""

    def make() -> NDArray[Any] | None:
        now, then = (read_explanation(log, run, tag, each) for each in (blob, before))
        same = (len(now.values), now.cells) == (len(then.values), then.cells)
        return drift.local_drift(now.matrix(), then.matrix()) if same else None

    try:
        return log.cache.get(("local_drift", log.experiment, run, tag, blob, before), make, _bytes)
    except tensorboard_errors.PublicError:
        return None


def _probability(log: Log, run: str, blob: Blob | None) -> NDArray[Any] | None:
    """Return the probability of each sample's target at a step, float64 [N]; None if there is none."""
    if blob is None:
        return None

    def make() -> NDArray[Any] | None:
        probability = reader.read_frame(log, run, metadata.PREDICTIONS, blob).arrays.get("target_probability")
        return None if probability is None or probability.ndim != 1 else probability.astype(np.float64)

    try:
        return log.cache.get(("target_probability", log.experiment, run, blob), make, _bytes)
    except tensorboard_errors.PublicError:
        return None


def _bytes(values: NDArray[Any] | None) -> int:
    return 0 if values is None else values.nbytes
