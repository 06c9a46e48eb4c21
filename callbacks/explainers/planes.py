"""A plane through the space of the inputs: two of its features, or the two directions in which samples differ most."""

from __future__ import annotations

import dataclasses
import difflib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

MARGIN = 0.05
"""Of the samples' range, that a plane goes on beyond them on each side."""

_COLUMNS = 2**14
"""Of all samples that are widened to float64 at once."""


@dataclasses.dataclass(frozen=True)
class Plane:
    """Points origin + x · across + y · up.

    Attributes:
        kind: ``"features"`` or ``"components"``.
        origin: an array each input, of one sample.
        across: likewise, the direction of x.
        up: likewise, the direction of y.
        names: of both axes.
        points: [N, 2] float32: x and y of the samples that it was laid through.
        bounds: x from, to, y from, to: around these.
        explained: both components' parts of the variance; empty for features.
    """

    kind: str
    origin: Sequence[NDArray[Any]]
    across: Sequence[NDArray[Any]]
    up: Sequence[NDArray[Any]]
    names: tuple[str, str]
    points: NDArray[Any]
    bounds: tuple[float, float, float, float]
    explained: tuple[float, ...] = ()

    def at(self, x: NDArray[Any], y: NDArray[Any]) -> list[NDArray[Any]]:
        """Return the points at x and y, both [K], an array [K, …] float32 each input."""
        found = []
        for parts in zip(self.origin, self.across, self.up, strict=True):
            origin, across, up = (part.astype(np.float32) for part in parts)
            point = np.multiply.outer(x.astype(np.float32), across)
            point += np.multiply.outer(y.astype(np.float32), up)
            point += origin
            found.append(point)
        return found


def of_features(
    values: Sequence[NDArray[Any]], chosen: Sequence[str | int], columns: Sequence[tuple[int, int]], names: Sequence[str]
) -> Plane:
    """Return the plane of two columns, everything else held at its median over the samples.

    Args:
        values: an array [N, …] each input.
        chosen: two columns, by name or position in ``columns``.
        columns: which may be chosen: input and place in it.
        names: of these.

    Raises:
        ValueError: not two, an unknown one, or one twice.
    """
    if len(chosen) != 2:
        raise ValueError(f"features is {list(chosen)!r}; expected two, the axes of a plane")
    first, second = (_position(feature, names) for feature in chosen)
    if first == second:
        raise ValueError(f"features is {list(chosen)!r}, one of them twice; expected two different ones")
    origin = [np.median(v, axis=0).astype(np.float64) for v in values]
    across, up = ([np.zeros_like(o) for o in origin] for _ in range(2))
    points = []
    for axis, column in ((across, first), (up, second)):
        k, place = columns[column]
        axis[k].reshape(-1)[place] = 1
        origin[k].reshape(-1)[place] = 0
        points.append(values[k].reshape(len(values[k]), -1)[:, place])
    return _bounded("features", origin, across, up, (names[first], names[second]), np.stack(points, axis=1))


def of_components(values: Sequence[NDArray[Any]], tables: Sequence[bool]) -> Plane:
    """Return the plane of the first two principal components, all others being 0: the means.

    Columns of tables are divided by their standard deviations, whose units differ; any other input by one for all of it.

    Args:
        values: an array [N, …] each input.
        tables: which inputs are tables.

    Raises:
        ValueError: samples that lie on a line.
    """
    samples = len(values[0])
    centers = [v.mean(axis=0, dtype=np.float64) for v in values]
    scales = [_scale(v, center, is_table=table) for v, center, table in zip(values, centers, tables, strict=True)]
    parts = list(zip(values, centers, scales, strict=True))
    gram = np.zeros((samples, samples))
    for part in parts:
        for _, standardized in _standardized(*part):
            gram += standardized @ standardized.T
    variance, vectors = np.linalg.eigh(gram)
    variance, vectors = variance[::-1], vectors[:, ::-1]
    if samples < 3 or variance[1] <= 1e-9 * max(variance[0], 1e-300):
        raise ValueError(
            f"the {samples} samples lie on a line and span no plane; expected at least three that differ in two independent ways: "
            "pass more samples, or features="
        )
    lengths = np.sqrt(variance[:2])
    axes = [np.zeros((2, center.size)) for center in centers]
    for axis, part in zip(axes, parts, strict=True):
        for where, standardized in _standardized(*part):
            axis[:, where] = (standardized.T @ vectors[:, :2] / lengths).T
    joined = np.concatenate(axes, axis=1)
    signs = np.sign(joined[np.arange(2), np.abs(joined).argmax(axis=1)])
    across, up = (
        [(signs[k] * axis[k] * s.reshape(-1)).reshape(c.shape) for axis, s, c in zip(axes, scales, centers, strict=True)] for k in (0, 1)
    )
    explained = tuple(float(v) for v in variance[:2] / variance.sum())
    return _bounded("components", centers, across, up, ("component 1", "component 2"), vectors[:, :2] * lengths * signs, explained)


def _scale(values: NDArray[Any], center: NDArray[Any], *, is_table: bool) -> NDArray[Any]:
    """Return what an input is divided by, as one sample; 0 for what never differs."""
    variance = np.zeros(center.size)
    for where, column in _standardized(values, center, np.ones_like(center)):
        variance[where] = (column**2).mean(axis=0)
    if not is_table:
        variance[:] = variance.mean()
    scale: NDArray[Any] = np.sqrt(variance).reshape(center.shape)
    return scale


def _standardized(values: NDArray[Any], center: NDArray[Any], scale: NDArray[Any]) -> Iterator[tuple[slice, NDArray[Any]]]:
    """Yield (values − center) / scale a few columns at a time, float64 [N, columns]; 0 where the scale is."""
    flat = values.reshape(len(values), -1)
    for first in range(0, flat.shape[1], _COLUMNS):
        where = slice(first, first + _COLUMNS)
        part = scale.reshape(-1)[where]
        yield where, (flat[:, where] - center.reshape(-1)[where]) * np.divide(1, part, out=np.zeros_like(part), where=part > 0)


def _bounded(kind: str, origin: Any, across: Any, up: Any, names: tuple[str, str], points: NDArray[Any], explained: Any = ()) -> Plane:
    """Return a plane that goes a little beyond its points."""
    low, high = points.min(axis=0).astype(np.float64), points.max(axis=0).astype(np.float64)
    beyond = np.where(high > low, MARGIN * (high - low), 0.5)
    x, y = zip((low - beyond).tolist(), (high + beyond).tolist(), strict=True)
    return Plane(kind, origin, across, up, names, points.astype(np.float32), (*x, *y), explained)


def _position(feature: str | int, names: Sequence[str]) -> int:
    """Return which column is meant.

    Raises:
        ValueError: an unknown one, with the closest names.
    """
    if isinstance(feature, str):
        if names.count(feature) == 1:
            return names.index(feature)
        closest = difflib.get_close_matches(feature, names, n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(map(repr, closest))}?" if closest else f"they are called {list(names[:10])}"
        raise ValueError(f"features names {feature!r}, which {names.count(feature)} columns are called; {hint}")
    if isinstance(feature, bool) or not isinstance(feature, (int, np.integer)) or not 0 <= feature < len(names):
        raise ValueError(f"features holds {feature!r}; expected a name, or a position from 0 to {len(names) - 1}")
    return int(feature)
