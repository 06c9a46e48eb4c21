"""What the positions of a sequence inside a model are: tokens, patches of an image, or neither; and how many are pooled into one."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from tb_explain_plugin.callbacks.explainers.regions import grid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True)
class Positions:
    """The positions that a layer attends from, or to.

    Attributes:
        kind: ``"tokens"`` of a text, ``"patches"`` of an image, row by row, or ``"positions"``.
        count: how many; one more than ``rows`` × ``columns`` where a class token stands before the patches.
        input: the name of the input that they are of; "" where that is not known.
        rows: of patches, else 0.
        columns: of patches, else 0.
        pooled: neighbours that each of them is made of; of patches along each side.
    """

    kind: str
    count: int
    input: str = ""
    rows: int = 0
    columns: int = 0
    pooled: int = 1

    def pooling(self, most: int | None) -> tuple[Positions, NDArray[np.float32]]:
        """Return at most so many positions, and which of these belongs to which of those: ones and zeros, [count, pooled count].

        Patches are pooled in squares, and a class token stays by itself beside them. ``most``: None for no limit.
        """
        if most is None or self.count <= most:
            return self, np.eye(self.count, dtype=np.float32)
        if self.kind == "patches":
            extra = self.count - self.rows * self.columns
            size = next(s for s in range(2, self.count + 1) if -(-self.rows // s) * -(-self.columns // s) <= max(1, most - extra))
            belongs = np.kron(_membership(self.rows, size), _membership(self.columns, size))
            rows, columns = -(-self.rows // size), -(-self.columns // size)
            matrix = np.zeros((self.count, extra + rows * columns), np.float32)
            matrix[:extra, :extra] = np.eye(extra)
            matrix[extra:, extra:] = belongs
            return dataclasses.replace(self, count=matrix.shape[1], rows=rows, columns=columns, pooled=size), matrix
        size = -(-self.count // most)
        matrix = _membership(self.count, size)
        return dataclasses.replace(self, count=matrix.shape[1], pooled=size), matrix


def positions_of(count: int, inputs: Mapping[str, tuple[str, tuple[int, ...]]], grids: Iterable[tuple[int, int]] = ()) -> Positions:
    """Return what so many positions are.

    Args:
        count: of positions.
        inputs: kind and shape of a sample of each input that they may be of, by name.
        grids: rows and columns of feature maps that the model makes on the way; of an image's own patches, its shape tells.
    """
    for name, (kind, shape) in inputs.items():
        if kind == "text" and int(np.prod(shape)) == count:
            return Positions("tokens", count, name)
    for name, (kind, shape) in inputs.items():
        if kind != "image":
            continue
        known = [*_square_patches(*shape[:2]), *grids]
        for patches in (count, count - 1):  # alone, and behind a class token
            fitting = [(rows, columns) for rows, columns in known if rows * columns == patches and patches > 1]
            if fitting:
                return Positions("patches", count, name, *fitting[0])
    of_sequence = [name for name, (kind, shape) in inputs.items() if kind == "sequence" and shape[0] == count]
    return Positions("positions", count, of_sequence[0] if of_sequence else "")


def _square_patches(height: int, width: int) -> list[tuple[int, int]]:
    """Return the grids of square patches that cover an image."""
    return [(height // side, width // side) for side in range(1, min(height, width) + 1) if height % side == 0 and width % side == 0]


def _membership(count: int, size: int) -> NDArray[np.float32]:
    """Return ones where an element belongs to a block of so many neighbours, [count, blocks]."""
    (blocks,) = grid((count,), -(-count // size))
    belongs: NDArray[np.float32] = (np.arange(count)[:, None] // size == np.arange(blocks)).astype(np.float32)
    return belongs
