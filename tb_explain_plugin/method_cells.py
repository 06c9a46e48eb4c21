"""The cells of a method's importances, all inputs side by side: their shares, how they lie, and what they are called."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tb_explain_plugin import drift, metadata
from tb_explain_plugin.alarm_texts import Finding, describe, region_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tb_explain_plugin import plugin_data_pb2 as pb
    from tb_explain_plugin.drift_rules import Event
    from tb_explain_plugin.grids import Grids


class _Part(NamedTuple):
    """One input's cells among those of all."""

    input: pb.Input
    tag: str
    shape: tuple[int, ...]
    cells: slice


class MethodCells:
    """What a manifest says of the regions whose importance a method has, D in all.

    Args:
        manifest: the run's.
        method: the name of one of its methods.
    """

    def __init__(self, manifest: pb.Manifest, method: str) -> None:
        inputs = {declared.name: declared for declared in manifest.inputs}
        described = next(each for each in manifest.methods if each.name == method)
        known = [regions for regions in described.regions if regions.input in inputs and min(regions.shape, default=0) > 0]
        ends = np.cumsum([math.prod(regions.shape) for regions in known]).tolist()
        self._parts = [
            _Part(inputs[r.input], metadata.create_tag("importance", method, r.input), tuple(r.shape), slice(end - math.prod(r.shape), end))
            for r, end in zip(known, ends, strict=True)
        ]
        self.contrast = np.concatenate([_contrast(regions) for regions in known]) if known else np.empty(0)
        self.logged = sum(math.prod(part.input.cells) for part in self._parts)

    @property
    def grids(self) -> Grids:
        """How the cells lie: columns of a table are neighbours by chance."""
        return [math.prod(part.shape) if part.input.kind == "tabular" else part.shape for part in self._parts]

    def shares(self, figures: Mapping[str, Any]) -> NDArray[Any] | None:
        """Return each cell's share of the attribution to all inputs, [D], NaN if there is none; None without series, or with odd ones."""
        if not self._parts:
            return None
        rows = []
        for part in self._parts:
            values = np.asarray(figures.get(part.tag, np.nan))
            if values.shape != (len(metadata.IMPORTANCE_FIELDS), math.prod(part.shape)):
                return None
            rows.append(values[0].astype(np.float64))
        importance = np.concatenate(rows)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(importance / importance.sum())

    def describe(self, event: Event) -> Finding:
        """Return what is said of an event of some cells, which are one input's; evidence counts cells from that input's first."""
        part = next(part for part in self._parts if event.cells[0] < part.cells.stop)
        cells = tuple(cell - part.cells.start for cell in event.cells)
        finding = describe(event._replace(cells=cells), self._name(part, cells))
        return finding._replace(evidence=finding.evidence | {"input": part.input.name})

    def holding(self, watch: pb.Watch) -> tuple[int, ...]:
        """Return the cells that hold a watch's, which are finer ones; none where the manifest does not fit together."""
        part = next((part for part in self._parts if part.input.name == watch.input), None)
        if part is None:
            return ()
        finer, lengths = tuple(part.input.cells), tuple(part.input.shape)[: len(part.shape)]
        fits = len(finer) == len(part.shape) == len(lengths) and all(
            0 < region <= cell <= length for region, cell, length in zip(part.shape, finer, lengths, strict=True)
        )
        if not fits:
            return ()
        mask = np.isin(np.arange(math.prod(finer)), list(watch.cells)).reshape(finer)
        held = np.flatnonzero(drift.region_sums(mask, part.shape, lengths))
        return tuple((held + part.cells.start).tolist())

    def _name(self, part: _Part, cells: tuple[int, ...]) -> str:
        """Return what cells are called: columns by their names or positions, counted from 0 as in `Watch`; regions by where they lie."""
        names = part.input.feature_names
        if part.input.kind == "tabular" and len(names) == math.prod(part.shape):
            return ", ".join(names[cell] for cell in cells)
        of_input = f" of {part.input.name}" if len(self._parts) > 1 else ""
        if part.input.kind == "tabular":
            return ", ".join(f"feature {cell}" for cell in cells) + of_input
        return region_name(cells, part.shape) + of_input


def _contrast(regions: pb.Regions) -> NDArray[Any]:
    """Return an input's contrast shares; NaN where there are none, or none that can be."""
    cells = math.prod(regions.shape)
    contrast = np.array(regions.contrast, np.float64)
    fits = contrast.shape == (cells,) and bool(np.isfinite(contrast).all() and (contrast >= 0).all())
    return contrast if fits else np.full(cells, np.nan)
