"""From elements to the cells and regions that are logged: images are summed over blocks, so that sums, and completeness, survive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MOST_CELLS = 32
"""Logged cells of an image, a side."""
MOST_REGIONS = 8
"""Regions of an image whose importance is followed, a side: a chess board."""


def grid(shape: Sequence[int], most: int) -> tuple[int, ...]:
    """Return how many equal blocks (the last one may be smaller) cover each axis, at most ``most``."""
    return tuple(-(-length // -(-length // most)) for length in shape)


def block_sum(values: NDArray[Any], blocks: Sequence[int]) -> NDArray[Any]:
    """Return [N, …] summed over blocks of ceil(length / blocks) elements along each axis but the first; shape [N, *blocks]."""
    for axis, count in enumerate(blocks, start=1):
        size = -(-values.shape[axis] // count)
        values = np.add.reduceat(values, np.arange(0, values.shape[axis], size), axis=axis)
    return values


def block_slices(shape: Sequence[int], blocks: Sequence[int]) -> list[tuple[slice, ...]]:
    """Return the index of every block, row by row, as `block_sum` cuts them."""
    sizes = [-(-length // count) for length, count in zip(shape, blocks, strict=True)]
    return [tuple(slice(i * size, (i + 1) * size) for i, size in zip(index, sizes, strict=True)) for index in np.ndindex(*blocks)]
