"""Cells of a logged attribution, summed into the regions that people look at: the manifest's, as ``http_api.md`` lays them out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from tensorboard import errors as tensorboard_errors

from tb_explain_plugin import drift, reader
from tb_explain_plugin import plugin_data_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tb_explain_plugin.index import Log


class Regions(NamedTuple):
    """An input's grid of regions, and how many of its elements each axis has."""

    shape: tuple[int, ...]
    lengths: tuple[int, ...]

    def fit(self, cells: tuple[int, ...]) -> bool:
        """Whether cells can be summed into these regions."""
        return len(self.shape) == len(self.lengths) == len(cells) and all(
            0 < region <= cell <= length for region, cell, length in zip(self.shape, cells, self.lengths, strict=True)
        )


def declared(log: Log, run: str) -> reader.Manifest:
    """Return a run's manifest; an empty one where it cannot be read: explanations can be compared without."""
    try:
        return reader.read_manifest(log, run)
    except tensorboard_errors.PublicError:
        return reader.Manifest(pb.Manifest(), "")


def regions_of(manifest: pb.Manifest, cells: Mapping[str, tuple[int, ...]]) -> dict[str, Regions]:
    """Return each input's grid of regions: the manifest's where it fits the cells, else the cells themselves."""
    grids = {i.name: Regions(tuple(i.regions), tuple(i.shape[: len(i.regions)])) for i in manifest.inputs}
    return {name: grids[name] if name in grids and grids[name].fit(shape) else Regions(shape, shape) for name, shape in cells.items()}


def count(regions: Mapping[str, Regions]) -> int:
    """Return how many regions all inputs have together."""
    return sum(math.prod(grid.shape) for grid in regions.values())


def pooled(per_cell: NDArray[Any], cells: Mapping[str, tuple[int, ...]], regions: Mapping[str, Regions]) -> NDArray[Any]:
    """Sum [N, D], the cells of all inputs side by side, into [N, F], the regions of all inputs side by side."""
    ends = np.cumsum([math.prod(shape) for shape in cells.values()])
    parts = np.split(per_cell, ends[:-1], axis=1)
    sums = [
        drift.region_sums(part.reshape(-1, *shape), regions[name].shape, regions[name].lengths).reshape(len(per_cell), -1)
        for part, (name, shape) in zip(parts, cells.items(), strict=True)
    ]
    return np.concatenate(sums, axis=1)


def shares_by_region(values: NDArray[Any], cells: Mapping[str, tuple[int, ...]], regions: Mapping[str, Regions]) -> NDArray[Any]:
    """Return each region's share of an explanation [N, D], [F], summing to 1 over all inputs; NaN as `drift.shares` has it."""
    with np.errstate(invalid="ignore"):
        return drift.shares(pooled(np.abs(values).mean(0, dtype=np.float64, keepdims=True), cells, regions))
