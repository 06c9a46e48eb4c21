"""Nodes and weights on [0, 1]."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def gauss_legendre(steps: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return nodes in (0, 1) and weights that sum to 1, float64 [steps]."""
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    return (nodes + 1) / 2, weights / 2
