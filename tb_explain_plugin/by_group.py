"""Importance, loss and drift of each group of samples that the probe declares: what ``/by_group`` answers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from tensorboard import errors as tensorboard_errors

from tb_explain_plugin import comparison, drift, group_figures, metadata, reader, references
from tb_explain_plugin.errors import BadRequestError
from tb_explain_plugin.explanation import read_explanation
from tb_explain_plugin.regions import pooled, regions_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin import plugin_data_pb2 as pb
    from tb_explain_plugin.group_figures import GroupFigures
    from tb_explain_plugin.index import Log
    from tb_explain_plugin.reader import Blob
    from tb_explain_plugin.regions import Regions

MOST_REGIONS = 10
"""Regions whose shares are answered."""

_DIGITS = 6
"""That figures are answered with: there are thousands."""


class _Row(NamedTuple):
    """A step: figures of all samples, then of each group; and the grid of each input's regions, side by side in the shares."""

    step: int
    reference_step: int | None
    figures: list[GroupFigures]
    regions: dict[str, Regions]


def by_group(log: Log, run: str, tag: str, against: str = "start") -> dict[str, Any]:
    """Return each step's figures of every group; what cannot be read is left out, and said.

    Raises:
        BadRequestError: not an attribution, or a probe without groups.
    """
    references.check_attribution(tag)
    manifest = reader.read_manifest(log, run)
    groups = _members(manifest.contents, run)
    reference = references.resolve(log, run, tag, against)
    predictions = _predictions(log, run)

    def row(blob: Blob) -> _Row | tuple[int, tensorboard_errors.PublicError]:
        compared = reference.blobs.get(blob.step, [])
        predicted = predictions.get(blob.step)
        key = ("by_group", log.experiment, run, tag, blob, predicted, manifest.hash, reference.run, tuple(compared))

        def make() -> _Row:
            return _row(log, (run, reference.run), tag, blob, compared, predicted, manifest.contents, list(groups.values()))

        try:
            return log.cache.get(key, make, _bytes)
        except tensorboard_errors.PublicError as error:
            return blob.step, error

    found = reader.in_parallel(row, reader.read_blobs(log, run, tag).values())
    left_out = dict(one for one in found if not isinstance(one, _Row))
    rows = [one for one in found if isinstance(one, _Row)]
    if not rows:
        raise next(iter(left_out.values()))
    last = rows[-1].regions
    differ = "its inputs or cells are not those of the last step"
    reasons = {step: str(error) for step, error in left_out.items()} | {one.step: differ for one in rows if one.regions != last}
    rows = [one for one in rows if one.regions == last]
    shown = _shown([figures.shares.value for figures in rows[-1].figures])
    everything, *of_groups = [_columns([one.figures[k] for one in rows], shown) for k in range(1 + len(groups))]
    return {
        "steps": [one.step for one in rows],
        "reference_steps": [one.reference_step for one in rows],
        "fewest": group_figures.FEWEST,
        "regions": [_place(last, region) for region in shown],
        "all": {"samples": manifest.contents.probe.size} | everything,
        "groups": [
            {"name": name, "samples": int(member.sum())} | columns
            for (name, member), columns in zip(groups.items(), of_groups, strict=True)
        ],
        "groups_left_out": len(set(manifest.contents.probe.groups)) - len(groups),
        "left_out": [{"step": step, "reason": reasons[step]} for step in sorted(reasons)],
    }


def _members(manifest: pb.Manifest, run: str) -> dict[str, NDArray[np.bool_]]:
    names = list(manifest.probe.groups)
    if not names:
        raise BadRequestError(f"the probe of {run!r} declares no groups", "Probe(…, groups=a name a sample)", "none")
    return group_figures.members(names)


def _predictions(log: Log, run: str) -> dict[int, Blob]:
    try:
        return reader.read_blobs(log, run, metadata.PREDICTIONS)
    except tensorboard_errors.PublicError:
        return {}


def _row(
    log: Log,
    runs: tuple[str, str],
    tag: str,
    blob: Blob,
    compared: Sequence[Blob],
    predicted: Blob | None,
    manifest: pb.Manifest,
    groups: Sequence[NDArray[np.bool_]],
) -> _Row:
    explanation = read_explanation(log, runs[0], tag, blob)
    matrix = explanation.matrix()
    samples = len(matrix)
    if samples != len(manifest.probe.groups):
        raise BadRequestError(
            f"{tag!r} of {runs[0]!r} at step {blob.step} has other samples", f"{len(manifest.probe.groups)}, as the probe", str(samples)
        )
    regions = regions_of(manifest, explanation.cells)
    sizes = pooled(np.abs(matrix), explanation.cells, regions)
    unknown = np.full(samples, np.nan)
    moved = drift.local_drift(matrix, comparison.mean_of(log, runs[1], tag, compared, explanation)) if compared else unknown
    loss, accuracy = _predicted(log, runs[0], predicted, manifest, unknown)
    sides = [np.ones(samples, bool), *groups]
    figures = [group_figures.figures(member, sizes, moved, loss, accuracy) for member in sides]
    return _Row(blob.step, compared[0].step if compared else None, figures, regions)


def _predicted(log: Log, run: str, blob: Blob | None, manifest: pb.Manifest, unknown: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return each sample's loss, and whether its likeliest class is the target's, [N] and [N]; NaN where that is not known."""
    if blob is None:
        return unknown, unknown
    try:
        arrays: Mapping[str, NDArray[Any]] = reader.read_frame(log, run, metadata.PREDICTIONS, blob).arrays
    except tensorboard_errors.PublicError:
        return unknown, unknown
    loss, classes, targets = arrays.get("loss", unknown), arrays.get("class", np.empty(0)), np.array(manifest.probe.targets)
    has_classes = bool(manifest.outputs) and manifest.outputs[0].task in {"multiclass", "binary"}
    right = unknown
    if has_classes and classes.ndim == 2 and classes.size and len(classes) == len(targets) == len(unknown):
        right = (classes[:, 0] == targets).astype(np.float64)
    return (loss if loss.shape == unknown.shape else unknown), right


def _shown(shares: Sequence[NDArray[Any]]) -> list[int]:
    """Return the regions that are largest in any group, the largest of all samples first."""
    largest = np.nan_to_num(np.max(np.nan_to_num(np.stack(shares), nan=-1.0), axis=0))
    chosen = np.argsort(-largest, kind="stable")[:MOST_REGIONS]
    overall = np.nan_to_num(shares[0])
    return sorted(chosen.tolist(), key=lambda region: (-overall[region], region))


def _place(regions: Mapping[str, Regions], region: int) -> dict[str, Any]:
    """Return the input that one of all regions lies in, and its place there, row by row."""
    for name, grid in regions.items():
        size = math.prod(grid.shape)
        if region < size:
            return {"input": name, "region": region}
        region -= size
    raise IndexError(region)


def _columns(figures: Sequence[GroupFigures], shown: Sequence[int]) -> dict[str, Any]:
    """Return the lists over steps of a group's figures."""

    def over(values: Sequence[Any]) -> list[Any]:
        return [float(f"{float(value):.{_DIGITS}g}") for value in values]

    def estimates(name: str) -> dict[str, list[float]]:
        pairs = [getattr(each, name) for each in figures]
        return {"value": over([p.value for p in pairs]), "standard_error": over([p.standard_error for p in pairs])}

    return {
        "loss": estimates("loss"),
        "accuracy": estimates("accuracy"),
        "local_drift": {name: over([f.local_drift[k] for f in figures]) for k, name in enumerate(("median", "lower", "upper"))},
        "share_gap": estimates("share_gap") | {"by_chance": over([f.share_gap.by_chance for f in figures])},
        "shares": [
            {
                "value": over([f.shares.value[region] for f in figures]),
                "standard_error": over([f.shares.standard_error[region] for f in figures]),
            }
            for region in shown
        ],
    }


def _bytes(row: _Row) -> int:
    return sum(each.shares.value.nbytes + each.shares.standard_error.nbytes for each in row.figures)
