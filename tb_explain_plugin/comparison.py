"""Explanations held against each other: what ``/drift``, ``/drift_matrix`` and ``/compare`` answer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from tensorboard import errors as tensorboard_errors

from tb_explain_plugin import drift, reader, references
from tb_explain_plugin.errors import BadRequestError, NotFoundError
from tb_explain_plugin.explanation import Explanation, Figures, read_explanation, read_figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.index import Log
    from tb_explain_plugin.reader import Blob

_TILE_BYTES = 128 << 20
"""How many bytes of explanations one side of a comparison of all pairs holds at once."""


class Drift(NamedTuple):
    """How far one explanation lies from its reference: quartiles of local drift, share shift and its standard error."""

    median: float
    lower: float
    upper: float
    shift: float
    standard_error: float


class Regions(NamedTuple):
    """An input's grid of regions, and how many of its elements each axis has."""

    shape: tuple[int, ...]
    lengths: tuple[int, ...]

    def fit(self, cells: tuple[int, ...]) -> bool:
        """Whether cells can be summed into these regions."""
        return len(self.shape) == len(self.lengths) == len(cells) and all(
            0 < region <= cell <= length for region, cell, length in zip(self.shape, cells, self.lengths, strict=True)
        )


def drift_of_run(log: Log, run: str, tag: str, against: str) -> dict[str, Any]:
    """Return how far each step's explanation lies from its reference; what cannot be read is left out, and said."""
    _check_attribution(tag)
    reference = references.resolve(log, run, tag, against)

    def row(blob: Blob) -> tuple[int, int | None, Figures, Drift] | tuple[int, tensorboard_errors.PublicError]:
        compared = reference.blobs.get(blob.step, [])
        try:
            figures = read_figures(log, run, tag, blob)
            drifted = _drift(log, run, tag, blob, reference.run, compared)
        except tensorboard_errors.PublicError as error:
            return blob.step, error
        return blob.step, compared[0].step if compared else None, figures, drifted

    rows = reader.in_parallel(row, reader.read_blobs(log, run, tag).values())
    left_out = dict(row for row in rows if len(row) == 2)
    known = [row for row in rows if len(row) == 4]
    if not known:
        raise next(iter(left_out.values()))
    steps, reference_steps, figures_of, drifts = zip(*known, strict=True)
    return {
        "steps": steps,
        "reference_steps": reference_steps,
        "samples": figures_of[-1].samples,
        "local_drift": {name: [getattr(d, name) for d in drifts] for name in ("median", "lower", "upper")},
        "share_shift": {"value": [d.shift for d in drifts], "standard_error": [d.standard_error for d in drifts]},
        "effective_features": [figures.effective_features for figures in figures_of],
        "completeness_p95": [figures.completeness_p95 for figures in figures_of],
        "left_out": [{"step": step, "reason": str(error)} for step, error in left_out.items()],
    }


def drift_matrix(log: Log, run: str, tag: str, against_run: str) -> dict[str, NDArray[Any]]:
    """Return the mean cosine of every pair of steps, of one run or of two; NaN where a step cannot be read."""
    _check_attribution(tag)
    own = list(reader.read_blobs(log, run, tag).values())
    references.check_comparable(log, run, against_run, tag)
    theirs = own if run == against_run else list(reader.read_blobs(log, against_run, tag).values())
    steps = [np.array([blob.step for blob in blobs], np.int32) for blobs in (own, theirs)]
    similarity = log.cache.get(
        ("similarity", log.experiment, run, against_run, tag, tuple(own), tuple(theirs)),
        lambda: _similarity(log, (run, against_run), tag, (own, theirs)),
        lambda matrix: matrix.nbytes,
    )
    return {"steps": steps[0], "against_steps": steps[1], "similarity": similarity}


def compare(log: Log, run: str, tag: str, step: int, against: str) -> dict[str, Any]:
    """Return two explanations in detail: drift of each sample, share of each region."""
    _check_attribution(tag)
    blob = reader.find_step(reader.read_blobs(log, run, tag), run, tag, step)
    reference = references.resolve(log, run, tag, against)
    compared = reference.blobs.get(step, [])
    if not compared:
        raise NotFoundError(f"step {step} of {run!r} has nothing to be compared with", "a step that the reference has", against)
    explanation = read_explanation(log, run, tag, blob)
    current, other = explanation.matrix(), _mean(log, reference.run, tag, compared, explanation)
    regions = _regions(log, run, explanation.cells)
    sizes, other_sizes = (_sizes_by_region(matrix, explanation.cells, regions) for matrix in (current, other))
    figures = {
        "share": drift.shares(sizes),
        "standard_error": drift.share_errors(sizes),
        "reference_share": drift.shares(other_sizes),
        "reference_standard_error": drift.share_errors(other_sizes),
    }
    inputs = {}
    first = 0
    for name, (shape, _) in regions.items():
        count = math.prod(shape)
        inputs[name] = {"regions": shape} | {key: values[first : first + count].tolist() for key, values in figures.items()}
        first += count
    return {
        "step": step,
        "reference_run": reference.run,
        "reference_step": compared[0].step,
        "samples": {"drift": drift.local_drift(current, other).tolist()},
        "inputs": inputs,
    }


def _check_attribution(tag: str) -> None:
    if not tag.startswith("attribution/"):
        raise BadRequestError("only attributions can be compared", "attribution/<method>", tag)


def _similarity(log: Log, runs: tuple[str, str], tag: str, blobs: tuple[list[Blob], list[Blob]]) -> NDArray[Any]:
    """Return the mean cosine of every pair, [S, R], a tile of steps at a time; of one run with itself, half of the tiles."""
    (run, other), (own, theirs) = runs, blobs
    last = read_explanation(log, run, tag, own[-1]).values
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


def _drift(log: Log, run: str, tag: str, blob: Blob, reference_run: str, compared: list[Blob]) -> Drift:
    if not compared:
        return Drift(*[float("nan")] * 5)

    def make() -> Drift:
        explanation = read_explanation(log, run, tag, blob)
        current, reference = explanation.matrix(), _mean(log, reference_run, tag, compared, explanation)
        return Drift(*drift.quartiles(drift.local_drift(current, reference)), *drift.share_shift(current, reference))

    return log.cache.get(("drift", log.experiment, run, tag, blob, reference_run, tuple(compared)), make)


def _mean(log: Log, run: str, tag: str, blobs: Sequence[Blob], like: Explanation) -> NDArray[Any]:
    """Return the mean explanation of some steps, [N, D]: of the same samples and cells as another."""
    total = np.zeros(like.values.shape, np.float32)
    for blob in blobs:
        explanation = read_explanation(log, run, tag, blob)
        if (len(explanation.values), explanation.cells) != (len(like.values), like.cells):
            raise BadRequestError(
                f"step {blob.step} of {run!r} cannot be compared with",
                f"{len(like.values)} samples of {_cells(like)}",
                f"{len(explanation.values)} of {_cells(explanation)}",
            )
        total += explanation.matrix()
    return total / np.float32(len(blobs))


def _cells(explanation: Explanation) -> str:
    return " and ".join(f"{name!r} {list(shape)}" for name, shape in explanation.cells.items())


def _values(log: Log, run: str, tag: str, blobs: Sequence[Blob], shape: tuple[int, ...]) -> list[NDArray[Any]]:
    """Return the explanations of some steps as logged; NaN for those that cannot be read or have another shape."""

    def read(blob: Blob) -> NDArray[Any]:
        try:
            values = read_explanation(log, run, tag, blob).values
        except tensorboard_errors.PublicError:
            values = np.empty(0)
        return values if values.shape == shape else np.full(shape, np.nan, np.float16)

    return reader.in_parallel(read, blobs)


def _regions(log: Log, run: str, cells: dict[str, tuple[int, ...]]) -> dict[str, Regions]:
    """Return each input's grid of regions: the manifest's where it fits the cells, else the cells themselves."""
    declared = {i.name: Regions(tuple(i.regions), tuple(i.shape[: len(i.regions)])) for i in reader.read_manifest(log, run).contents.inputs}
    return {
        name: declared[name] if name in declared and declared[name].fit(shape) else Regions(shape, shape) for name, shape in cells.items()
    }


def _sizes_by_region(matrix: NDArray[Any], cells: dict[str, tuple[int, ...]], regions: dict[str, Regions]) -> NDArray[Any]:
    """Return Σ|a| over the cells of each region, [N, all regions of all inputs]."""
    ends = np.cumsum([np.prod(shape, dtype=int) for shape in cells.values()])
    parts = np.split(np.abs(matrix), ends[:-1], axis=1)
    pooled = [
        drift.region_sums(part.reshape(-1, *shape), regions[name].shape, regions[name].lengths).reshape(len(matrix), -1)
        for part, (name, shape) in zip(parts, cells.items(), strict=True)
    ]
    return np.concatenate(pooled, axis=1)
