"""How cells lie beside each other, which of them moved together, and whether they have come back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Grids = Sequence[tuple[int, ...] | int]
    """How D cells lie, input by input: ``(rows, columns)`` or ``(positions,)`` of cells that touch, a number of features that do not."""


class MovedCells(NamedTuple):
    """Cells [D] whose share went from `before` to `after`."""

    cells: NDArray[np.bool_]
    before: float
    after: float

    @property
    def rises(self) -> bool:
        """Whether it went up."""
        return self.after > self.before

    def has_come_back(self, steps: NDArray[Any]) -> bool:
        """Whether the cells' share, the median of the last steps [3, D], is on the old side of the middle: one step may be noise."""
        return not self._is_beyond(float(np.median(steps[:, self.cells].sum(1))))

    def stays(self, share: NDArray[Any]) -> bool:
        """Whether the cells' share at a step [D] is beyond the middle, or not known."""
        now = float(share[self.cells].sum())
        return not math.isfinite(now) or self._is_beyond(now)

    def joined(self, other: MovedCells) -> MovedCells:
        """Return both as one: what spread over further cells."""
        return MovedCells(self.cells | other.cells, self.before + other.before, self.after + other.after)

    def _is_beyond(self, share: float) -> bool:
        middle = (self.before + self.after) / 2
        return share > middle if self.rises else share < middle


def grids_of(grid: tuple[int, ...] | None, cells: int) -> Grids:
    """Return how the cells of one input lie: on a grid, or None: features, each for itself."""
    return [cells if grid is None else grid]


def connected(chosen: NDArray[np.bool_], grids: Grids, weights: NDArray[Any] | None = None, least: float = 0.0) -> list[NDArray[np.bool_]]:
    """Return the chosen cells [D] as regions, masks [D]: cells that touch on a grid, corners too; features each for themselves.

    Given `weights` [D] of the cells, regions in which they sum to less than `least` are left out: of hundreds few may be of interest.
    """
    regions = []
    for part, grid in _parts(grids):
        if not chosen[part].any():
            continue
        if grid is None:
            labels = np.cumsum(chosen[part]) * chosen[part]
        else:
            from scipy.ndimage import generate_binary_structure, label

            labels = label(chosen[part].reshape(grid), generate_binary_structure(len(grid), len(grid)))[0].ravel()
        numbers = np.arange(1, labels.max() + 1)
        if weights is not None:
            numbers = numbers[np.bincount(labels[chosen[part]], weights[part][chosen[part]])[1:] >= least]
        regions += [_placed(labels == number, part, len(chosen)) for number in numbers]
    return regions


def alone(grids: Grids) -> NDArray[np.bool_]:
    """Return which cells touch no others, [D]: features."""
    return np.concatenate([np.full(part.stop - part.start, grid is None) for part, grid in _parts(grids)])


def touching(now: MovedCells, earlier: Sequence[MovedCells], grids: Grids) -> int | None:
    """Return the index of what moved the same way beside these cells, and may have spread to them; features have none beside them."""
    around = np.zeros(len(now.cells), bool)
    for part, grid in _parts(grids if earlier else ()):
        if grid is not None and now.cells[part].any():
            from scipy.ndimage import binary_dilation, generate_binary_structure

            around[part] = binary_dilation(now.cells[part].reshape(grid), generate_binary_structure(len(grid), len(grid))).ravel()
    return next((i for i, event in enumerate(earlier) if event.rises == now.rises and (event.cells & around).any()), None)


def check_cells(grids: Grids, share: NDArray[Any]) -> None:
    """Raise a ValueError unless shares are [D], D being the cells of the grids."""
    cells = sum(_size(grid) for grid in grids)
    if share.shape != (cells,):
        raise ValueError(f"the grids {list(grids)} have {cells} cells, shares have {share.size}; pass the grids that the shares are of")


def _parts(grids: Grids) -> Iterator[tuple[slice, tuple[int, ...] | None]]:
    first = 0
    for grid in grids:
        yield slice(first, first + _size(grid)), None if isinstance(grid, int) else grid
        first += _size(grid)


def _size(grid: tuple[int, ...] | int) -> int:
    return grid if isinstance(grid, int) else math.prod(grid)


def _placed(mask: NDArray[np.bool_], part: slice, cells: int) -> NDArray[np.bool_]:
    if len(mask) == cells:
        return mask
    placed = np.zeros(cells, bool)
    placed[part] = mask
    return placed
