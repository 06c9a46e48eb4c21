"""Samples a few at a time: of figures over a whole probe, memory that is asked for and given back costs more than what is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

_BYTES = 128 << 10
"""What is held at once of one side: what a processor keeps beside itself."""


def rows(*sides: ArrayLike) -> Iterator[tuple[NDArray[Any], ...]]:
    """Yield the same few samples of each side [N, D], widened to float64."""
    arrays = [np.asarray(side) for side in sides]
    samples, cells = arrays[0].shape
    height = max(1, _BYTES // (8 * max(cells, 1)))
    for first in range(0, samples, height):
        yield tuple(array[first : first + height].astype(np.float64) for array in arrays)
