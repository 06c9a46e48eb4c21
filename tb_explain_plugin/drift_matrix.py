"""Every step held against every other: what ``/drift_matrix`` answers, and the phases that a run falls into."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from tensorboard import errors as tensorboard_errors

from tb_explain_plugin import drift, phases, reader, references
from tb_explain_plugin.explanation import read_explanation
from tb_explain_plugin.regions import declared, regions_of, shares_by_region

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.index import Log
    from tb_explain_plugin.reader import Blob

_TILE_BYTES = 128 << 20
"""How many bytes of explanations one side of a comparison of all pairs holds at once."""


class Matrix(NamedTuple):
    """The arrays and the strings of ``/drift_matrix``."""

    arrays: dict[str, NDArray[Any]]
    text: dict[str, str]


def drift_matrix(log: Log, run: str, tag: str, against_run: str) -> Matrix:
    """Return the mean cosine of every pair of steps, of one run or of two, NaN where a step cannot be read; and the run's phases."""
    references.check_attribution(tag)
    own = list(reader.read_blobs(log, run, tag).values())
    references.check_comparable(log, run, against_run, tag)
    theirs = own if run == against_run else list(reader.read_blobs(log, against_run, tag).values())
    steps = [np.array([blob.step for blob in blobs], np.int32) for blobs in (own, theirs)]
    similarity = log.cache.get(
        ("similarity", log.experiment, run, against_run, tag, tuple(own), tuple(theirs)),
        lambda: _similarity(log, (run, against_run), tag, (own, theirs)),
        lambda matrix: matrix.nbytes,
    )
    return Matrix({"steps": steps[0], "against_steps": steps[1], "similarity": similarity}, _phases(log, run, tag, own))


def _phases(log: Log, run: str, tag: str, blobs: list[Blob]) -> dict[str, str]:
    """Return the steps at which a phase begins, as text, or why they are not known."""
    manifest = declared(log, run)

    def shares(blob: Blob) -> tuple[int, NDArray[Any]] | None:
        try:
            explanation = read_explanation(log, run, tag, blob)
        except tensorboard_errors.PublicError:
            return None
        return blob.step, shares_by_region(explanation.matrix(), explanation.cells, regions_of(manifest.contents, explanation.cells))

    def make() -> list[int]:
        known = [found for found in reader.in_parallel(shares, blobs) if found]
        series = [(step, share) for step, share in known if share.shape == known[-1][1].shape]
        return [series[i][0] for i in phases.phases([share for _, share in series])] if series else []

    try:
        begin = log.cache.get(("phases", log.experiment, run, tag, manifest.hash, tuple(blobs)), make)
    except ModuleNotFoundError:
        return {"phases_absent": "phases need ruptures: install tb-explain-plugin[phases] where TensorBoard runs"}
    return {"phases": json.dumps(begin)}


def _similarity(log: Log, runs: tuple[str, str], tag: str, blobs: tuple[list[Blob], list[Blob]]) -> NDArray[Any]:
    """Return the mean cosine of every pair, [S, R], a tile of steps at a time; of one run with itself, half of the tiles."""
    (run, other), (own, theirs) = runs, blobs
    last = _last_readable(log, run, tag, own)
    tile = max(1, _TILE_BYTES // last.nbytes)
    similarity = np.empty((len(own), len(theirs)), np.float32)
    for i in range(0, len(own), tile):
        rows = _values(log, run, tag, own[i : i + tile], last.shape)
        for j in range(i if own is theirs else 0, len(theirs), tile):
            same = own is theirs and i == j
            columns = rows if same else _values(log, other, tag, theirs[j : j + tile], last.shape)
            similarity[i : i + tile, j : j + tile] = drift.mean_cosines(rows, columns)
            if own is theirs:
                similarity[j : j + tile, i : i + tile] = similarity[i : i + tile, j : j + tile].T
    return similarity


def _last_readable(log: Log, run: str, tag: str, blobs: Sequence[Blob]) -> NDArray[Any]:
    """Return the values of the last step that can be read; others are held against its shape. The error of the first if there is none."""
    for blob in blobs[:0:-1]:
        with suppress(tensorboard_errors.PublicError):
            return read_explanation(log, run, tag, blob).values
    return read_explanation(log, run, tag, blobs[0]).values


def _values(log: Log, run: str, tag: str, blobs: Sequence[Blob], shape: tuple[int, ...]) -> list[NDArray[Any]]:
    """Return the explanations of some steps as logged; NaN for those that cannot be read or have another shape."""

    def read(blob: Blob) -> NDArray[Any]:
        try:
            values = read_explanation(log, run, tag, blob).values
        except tensorboard_errors.PublicError:
            values = np.empty(0)
        return values if values.shape == shape else np.full(shape, np.nan, np.float16)

    return reader.in_parallel(read, blobs)
