"""Data provider → arrays: the read side of the contract.

Everything is read when it is asked for, from what TensorBoard has loaded so far: a run's tags may differ in their steps.
What cannot be read is left out of the index with a reason, and a `BadRequestError` when asked for by name.
"""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
from safetensors.numpy import load
from tensorboard import errors as tensorboard_errors
from tensorboard.data.provider import RunTagFilter

from tb_explain_plugin import metadata
from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.errors import BadRequestError, NotFoundError, listing
from tb_explain_plugin.index import Entry, Log, find_entry, readable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

T = TypeVar("T")
R = TypeVar("R")

_ALL_STEPS = 2**31 - 1
"""Asks a provider for every step: 0 would ask for none."""

_BLOB_BYTES = 400
"""What a place of a frame takes, with its key, about."""

_TAGS_A_REQUEST = 64
"""A response over 256 MiB fails; this many series of 300 histograms take 10."""

_UNFOUND = frozenset('"\\')
"""Quotes, and what quotes them: TensorBoard's data server misreads its own keys of frames in runs whose names hold one."""

_SERIES_TYPES = (np.float32, np.float64)


class Manifest(NamedTuple):
    """A run's manifest, and a hash that changes with it."""

    contents: pb.Manifest
    hash: str


class Series(NamedTuple):
    """A small array a step: increasing steps int32 [S]; wall times float64 [S]; values [S, …]; what is missing, in words."""

    steps: NDArray[Any]
    wall_times: NDArray[Any]
    values: NDArray[Any]
    left_out: str


class Blob(NamedTuple):
    """Where a frame is. A step written again has another wall time under the same key."""

    step: int
    wall_time: float
    key: str


class Frame(NamedTuple):
    """A frame's bytes as they were logged, its arrays and its strings."""

    blob: bytes
    arrays: dict[str, NDArray[Any]]
    text: dict[str, str]


def read_manifest(log: Log, run: str) -> Manifest:
    """Return the newest manifest of a run."""
    entry = find_entry(log, run, metadata.MANIFEST, pb.MANIFEST)

    def make() -> Manifest:
        found = [datum.numpy for datum in _tensors(log, run, [metadata.MANIFEST]).get(metadata.MANIFEST, [])]
        contents = found[-1].item() if found and found[-1].size == 1 else None
        if not isinstance(contents, bytes):
            received = [f"{tensor.dtype} of shape {list(tensor.shape)}" for tensor in found[-1:]]
            raise BadRequestError(f"the manifest of {run!r} cannot be read", "one serialized Manifest", listing(received))
        with readable(f"the manifest of {run!r}"):
            return Manifest(pb.Manifest.FromString(contents), hashlib.sha256(contents).hexdigest()[:16])

    return log.cache.get(("manifest", log.experiment, run, entry), make, lambda found: 4 * found.contents.ByteSize())


def read_series(log: Log, run: str, tag: str) -> Series:
    """Return all steps of a series. Steps whose shape is not the last one's are left out, and said."""
    return _series(log, run, tag, find_entry(log, run, tag, pb.SERIES))


def read_many_series(log: Log, run: str, tags: Iterable[str]) -> tuple[dict[str, Series], dict[str, tensorboard_errors.PublicError]]:
    """Return all steps of several series by tag, as `read_series` does, and the errors of those that cannot be read."""
    entries, errors = {}, {}
    for tag in tags:
        try:
            entries[tag] = find_entry(log, run, tag, pb.SERIES)
        except tensorboard_errors.PublicError as error:
            errors[tag] = error
    found, unreadable = _many_series(log, run, entries)
    return found, errors | unreadable


def read_blobs(log: Log, run: str, tag: str) -> dict[int, Blob]:
    """Return where the frames of a tag are, by step in increasing order; remembered until there is another."""
    entry = find_entry(log, run, tag, pb.FRAME)

    def make() -> dict[int, Blob]:
        data = _blob_sequences(log, RunTagFilter(runs=[run], tags=[tag])).get(run, {}).get(tag, [])
        if not data:
            raise NotFoundError(f"{tag!r} of {run!r} holds no frame", "at least one step", "none that can be read")
        blobs = [Blob(datum.step, datum.wall_time, datum.values[0].blob_key) for datum in data]
        return {blob.step: blob for blob in sorted(blobs)}

    return log.cache.get(("blobs", log.experiment, run, tag, entry), make, lambda blobs: _BLOB_BYTES * len(blobs))


def read_steps(
    log: Log, run: str, tags: Mapping[str, Entry], frames: Mapping[str, list[int]]
) -> tuple[dict[str, list[int]], dict[str, str]]:
    """Return the steps of a run's series and frames by tag, and reasons for what cannot be read. Reads no frame.

    Args:
        log: what may be read.
        run: the run.
        tags: those of its tags that are asked for.
        frames: the steps of its frames, from `read_frame_steps`.
    """
    series, errors = _many_series(log, run, {tag: entry for tag, entry in tags.items() if entry.kind == pb.SERIES})
    steps = {tag: frames.get(tag, []) for tag in tags if tags[tag].kind == pb.FRAME}
    return steps | {tag: found.steps.tolist() for tag, found in series.items()}, {tag: str(error) for tag, error in errors.items()}


def read_frame_steps(log: Log, runs: Iterable[str]) -> dict[str, dict[str, list[int]]]:
    """Return the steps of all frames of some runs, increasing, by run and tag."""
    found = _blob_sequences(log, RunTagFilter(runs=list(runs)))
    return {run: {tag: sorted(datum.step for datum in data) for tag, data in tags.items()} for run, tags in found.items()}


def read_frame_bytes(log: Log, run: str, tag: str, blob: Blob) -> bytes:
    """Return one frame as it was logged, checked; remembered, because all who follow a run ask for the same ones."""
    return log.cache.get(_frame_key(log, run, tag, blob), lambda: read_frame(log, run, tag, blob).blob, len)


def read_frame(log: Log, run: str, tag: str, blob: Blob) -> Frame:
    """Return one frame, read and checked but not remembered."""
    what = f"{tag!r} of {run!r} at step {blob.step}"
    found = log.cache.recent(_frame_key(log, run, tag, blob))
    if found is None:
        try:
            with readable(what):
                found = log.provider.read_blob(log.context, blob_key=blob.key)
        except tensorboard_errors.PublicError as error:
            if _UNFOUND.isdisjoint(run):
                raise
            remedy = "a run without quotes in its name, or `tensorboard --load_fast=false`: the fast loader finds no frame of others"
            raise BadRequestError(f"{what} cannot be read", remedy, run) from error
    if not isinstance(found, bytes):
        raise BadRequestError(f"{what} cannot be read", "a safetensors blob", type(found).__name__)
    try:
        arrays = load(found)
        header = json.loads(found[8 : 8 + int.from_bytes(found[:8], "little")])
    except Exception as error:  # safetensors raises its own class, and others for types that NumPy lacks
        raise BadRequestError(f"{what} cannot be read", "a safetensors blob", error) from error
    for array in arrays.values():
        array.setflags(write=False)
    return Frame(found, arrays, header.get("__metadata__", {}))


def read_scalars(log: Log, plugin: str, run: str, prefix: str) -> dict[str, tuple[list[int], list[float]]]:
    """Return steps and values of another plugin's scalars with a prefix, by tag; none if there is no such run."""
    with readable(f"the scalars of {run!r}"):
        tags = log.provider.list_scalars(
            log.context, experiment_id=log.experiment, plugin_name=plugin, run_tag_filter=RunTagFilter(runs=[run])
        )
        wanted = sorted(tag for tag in tags.get(run, {}) if tag.startswith(prefix))
        if not wanted:
            return {}
        found = log.provider.read_scalars(
            log.context,
            experiment_id=log.experiment,
            plugin_name=plugin,
            downsample=_ALL_STEPS,
            run_tag_filter=RunTagFilter(runs=[run], tags=wanted),
        )
    curves = {tag: {datum.step: datum.value for datum in data} for tag, data in found.get(run, {}).items()}
    return {tag: (sorted(curve), [curve[step] for step in sorted(curve)]) for tag, curve in curves.items()}


def find_step(blobs: dict[int, Blob], run: str, tag: str, step: int) -> Blob:
    """Return the frame of a step; the error of one that is not there names the nearest ones."""
    if step not in blobs:
        nearest = sorted(sorted(blobs, key=lambda other: abs(other - step))[:4])
        raise NotFoundError(f"{tag!r} of {run!r} has no such step", f"a step such as {listing(nearest)}", step)
    return blobs[step]


def in_parallel(function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """Return ``function`` of each item, four at a time.

    The data server answers several requests at once in 2 ms each, and a lone one in 4 (`prompt`).
    """
    with ThreadPoolExecutor(max_workers=4) as threads:
        return list(threads.map(function, items))


def _frame_key(log: Log, run: str, tag: str, blob: Blob) -> tuple[object, ...]:
    return ("frame", log.experiment, run, tag, blob)


def _series_key(log: Log, run: str, tag: str, entry: Entry) -> tuple[object, ...]:
    return ("series", log.experiment, run, tag, entry)


def _series(log: Log, run: str, tag: str, entry: Entry, data: list[Any] | None = None) -> Series:
    """Return a series, from its data if they have been read already."""

    def make() -> Series:
        by_step = {datum.step: datum for datum in data or _tensors(log, run, [tag]).get(tag, [])}
        ordered = [by_step[step] for step in sorted(by_step)]
        if not ordered:
            raise BadRequestError(f"{tag!r} of {run!r} cannot be read", "at least one step", "none")
        shape = ordered[-1].numpy.shape
        kept = [datum for datum in ordered if datum.numpy.shape == shape and datum.numpy.dtype in _SERIES_TYPES]
        if not kept:
            raise BadRequestError(f"{tag!r} of {run!r} cannot be read", "float32 or float64", ordered[-1].numpy.dtype)
        lost = listing(sorted(by_step.keys() - {datum.step for datum in kept}))
        return Series(
            steps=_frozen([datum.step for datum in kept], np.int32),
            wall_times=_frozen([datum.wall_time for datum in kept], np.float64),
            values=_frozen([datum.numpy for datum in kept], kept[-1].numpy.dtype),
            left_out="" if len(kept) == len(by_step) else f"steps {lost}: not floats of shape {list(shape)}, as the last step has",
        )

    return log.cache.get(_series_key(log, run, tag, entry), make, lambda series: series.values.nbytes)


def _many_series(log: Log, run: str, entries: Mapping[str, Entry]) -> tuple[dict[str, Series], dict[str, tensorboard_errors.PublicError]]:
    """Return series and errors by tag. The provider is asked for many at once: a request takes longer than the steps of a series."""
    tags = list(entries)
    found, errors = {}, {}
    for first in range(0, len(tags), _TAGS_A_REQUEST):
        some = tags[first : first + _TAGS_A_REQUEST]
        missing = [tag for tag in some if _series_key(log, run, tag, entries[tag]) not in log.cache]
        data: dict[str, list[Any]] = {}
        if missing:
            with suppress(tensorboard_errors.PublicError):  # then each is asked for by itself
                data = _tensors(log, run, missing)
        for tag in some:
            try:
                found[tag] = _series(log, run, tag, entries[tag], data.pop(tag, None))
            except tensorboard_errors.PublicError as error:
                errors[tag] = error
    return found, errors


def _tensors(log: Log, run: str, tags: list[str]) -> dict[str, list[Any]]:
    with readable(f"{listing(tags)} of {run!r}"):
        found: dict[str, dict[str, list[Any]]] = log.provider.read_tensors(
            log.context,
            experiment_id=log.experiment,
            plugin_name=metadata.PLUGIN_NAME,
            downsample=_ALL_STEPS,
            run_tag_filter=RunTagFilter(runs=[run], tags=tags),
        )
    return found.get(run, {})


def _blob_sequences(log: Log, chosen: RunTagFilter) -> dict[str, dict[str, list[Any]]]:
    """Return what the provider has of frames, by run and tag; a step may come without one."""
    with readable("the log"):
        found = log.provider.read_blob_sequences(
            log.context,
            experiment_id=log.experiment,
            plugin_name=metadata.PLUGIN_NAME,
            downsample=_ALL_STEPS,
            run_tag_filter=chosen,
        )
    return {run: {tag: [datum for datum in data if datum.values] for tag, data in tags.items()} for run, tags in found.items()}


def _frozen(values: list[Any], dtype: Any) -> NDArray[Any]:
    array = np.array(values, dtype)
    array.setflags(write=False)
    return array
