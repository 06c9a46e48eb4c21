"""Explanations held against a reference: what ``/drift`` says of every step, and ``/compare`` of one in detail."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from tensorboard import errors as tensorboard_errors

from tb_explain_plugin import drift, drift_figures, metadata, reader, references, siblings
from tb_explain_plugin.errors import BadRequestError, NotFoundError
from tb_explain_plugin.explanation import Explanation, Figures, alike, read_explanation, read_figures
from tb_explain_plugin.regions import count, declared, pooled, regions_of, shares_by_region

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.drift_figures import Drift
    from tb_explain_plugin.index import Log
    from tb_explain_plugin.reader import Blob


def drift_of_run(log: Log, run: str, tag: str, against: str) -> dict[str, Any]:
    """Return how far each step's explanation lies from its reference; what cannot be read is left out, and said."""
    references.check_attribution(tag)
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
    drifted, own = _columns(drifts), _columns(figures_of)
    features = count(regions_of(declared(log, run).contents, figures_of[-1].cells))
    return {
        "steps": steps,
        "reference_steps": reference_steps,
        "samples": figures_of[-1].samples,
        **drifted,
        **{name: {"value": drifted[name], **beside} for name, beside in drift_figures.chances(features).items()},
        **{name: own[name] for name in ("effective_features", "total_attribution", "completeness_p50", "completeness_p95")},
        "left_out": [{"step": step, "reason": str(error)} for step, error in left_out.items()],
    }


def compare(log: Log, run: str, tag: str, step: int, against: str) -> dict[str, Any]:
    """Return two explanations in detail: drift of each sample, share of each region, and what other seeds would have given."""
    references.check_attribution(tag)
    blob = reader.find_step(reader.read_blobs(log, run, tag), run, tag, step)
    reference = references.resolve(log, run, tag, against)
    compared = reference.blobs.get(step, [])
    if not compared:
        raise NotFoundError(f"step {step} of {run!r} has nothing to be compared with", "a step that the reference has", against)
    drifted = _drift(log, run, tag, blob, reference.run, compared)
    explanation = read_explanation(log, run, tag, blob)
    current, other = explanation.matrix(), mean_of(log, reference.run, tag, compared, explanation)
    regions = regions_of(declared(log, run).contents, explanation.cells)
    sizes, other_sizes = (pooled(np.abs(matrix), explanation.cells, regions) for matrix in (current, other))
    figures = {
        "share": drift.shares(sizes),
        "standard_error": drift.share_errors(sizes),
        "reference_share": drift.shares(other_sizes),
        "reference_standard_error": drift.share_errors(other_sizes),
        "change_standard_error": drift.share_change_errors(sizes, other_sizes),
    }
    found = siblings.shares_of_siblings(log, run, tag, blob, explanation) if against.startswith("run:") else {}
    if len(found) >= siblings.FEWEST:
        figures |= siblings.noise_of_the_seed(figures["share"], list(found.values()))
    inputs = {}
    first = 0
    for name, (shape, _) in regions.items():
        last = first + math.prod(shape)
        inputs[name] = {"regions": shape} | {key: values[first:last].tolist() for key, values in figures.items()}
        first = last
    return {
        "step": step,
        "reference_run": reference.run,
        "reference_step": compared[0].step,
        "share_shift": drifted.share_shift._asdict(),
        "rank_correlation": drifted.rank_correlation,
        "top_overlap": {"value": drifted.top_overlap} | drift_figures.chances(count(regions))["top_overlap"],
        "samples": {"drift": drift.local_drift(current, other).tolist()},
        "siblings": list(found),
        "inputs": inputs,
    }


def _columns(rows: Sequence[Any]) -> dict[str, Any]:
    """Return lists of what rows of named values have under each name; of rows within rows, in turn."""
    columns = {name: [getattr(row, name) for row in rows] for name in rows[0]._fields}
    return {name: _columns(values) if hasattr(values[0], "_fields") else values for name, values in columns.items()}


def _drift(log: Log, run: str, tag: str, blob: Blob, reference_run: str, compared: list[Blob]) -> Drift:
    if not compared:
        return drift_figures.UNKNOWN
    manifest = declared(log, run)

    def make() -> Drift:
        explanation = read_explanation(log, run, tag, blob)
        matrices = explanation.matrix(), mean_of(log, reference_run, tag, compared, explanation)
        regions = regions_of(manifest.contents, explanation.cells)
        shares = [shares_by_region(matrix, explanation.cells, regions) for matrix in matrices]
        [method] = metadata.parse_tag(tag).names
        signed = any(m.signed for m in manifest.contents.methods if m.name == method)
        return drift_figures.between(*matrices, (shares[0], shares[1]), signed=signed)

    return log.cache.get(("drift", log.experiment, run, tag, blob, manifest.hash, reference_run, tuple(compared)), make)


def mean_of(log: Log, run: str, tag: str, blobs: Sequence[Blob], like: Explanation) -> NDArray[Any]:
    """Return the mean explanation of some steps, [N, D]: of the same samples and cells as another."""

    def matrix(blob: Blob) -> NDArray[Any]:
        explanation = read_explanation(log, run, tag, blob)
        if not alike(explanation, like):
            raise BadRequestError(
                f"step {blob.step} of {run!r} cannot be compared with",
                f"{len(like.values)} samples of {_cells(like)}",
                f"{len(explanation.values)} of {_cells(explanation)}",
            )
        return explanation.matrix()

    total = matrix(blobs[0])
    for blob in blobs[1:]:
        total += matrix(blob)
    return total / np.float32(len(blobs)) if len(blobs) > 1 else total


def _cells(explanation: Explanation) -> str:
    return " and ".join(f"{name!r} {list(shape)}" for name, shape in explanation.cells.items())
