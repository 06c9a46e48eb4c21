"""Cells of a grid that moved together, and whether they have come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Moved(NamedTuple):
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
        share = float(np.median(steps[:, self.cells].sum(1)))
        middle = (self.before + self.after) / 2
        return share <= middle if self.rises else share >= middle

    def stays(self, steps: NDArray[Any]) -> bool:
        """Whether the cells' share is beyond the middle at all steps [S, D] that are finite."""
        share = steps[:, self.cells].sum(1)
        middle = (self.before + self.after) / 2
        share = share[np.isfinite(share)]
        return bool(((share > middle) if self.rises else (share < middle)).all())

    def joined(self, other: Moved) -> Moved:
        """Return both as one: what spread over further cells."""
        return Moved(self.cells | other.cells, self.before + other.before, self.after + other.after)


def connected(chosen: NDArray[np.bool_], grid: tuple[int, ...] | None) -> list[NDArray[np.bool_]]:
    """Return the chosen cells [D] as regions, masks [D]: cells that touch on the grid, corners too; each for itself without a grid."""
    if grid is None:
        cells = np.arange(len(chosen))
        return [cells == cell for cell in np.flatnonzero(chosen)]
    if not chosen.any():
        return []
    from scipy.ndimage import generate_binary_structure, label

    labels, count = label(chosen.reshape(grid), generate_binary_structure(len(grid), len(grid)))
    return [labels.ravel() == i + 1 for i in range(count)]


def touching(now: Moved, earlier: Sequence[Moved], grid: tuple[int, ...] | None) -> int | None:
    """Return the index of what moved the same way beside these cells, and may have spread to them; None without a grid."""
    if grid is None or not earlier:
        return None
    from scipy.ndimage import binary_dilation, generate_binary_structure

    around = binary_dilation(now.cells.reshape(grid), generate_binary_structure(len(grid), len(grid))).ravel()
    return next((i for i, event in enumerate(earlier) if event.rises == now.rises and (event.cells & around).any()), None)


def check_cells(grid: tuple[int, ...] | None, cells: int) -> None:
    """Raise a ValueError unless the grid has that many cells."""
    if grid is not None and np.prod(grid) != cells:
        raise ValueError(f"the grid {grid} has {np.prod(grid)} cells, shares have {cells}; pass the grid that the shares are of")
