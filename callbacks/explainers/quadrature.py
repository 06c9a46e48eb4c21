"""Nodes and weights on [0, 1], and how many of them a sample needs."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

_FIRST_LOOK = 1.2
"""Nodes of the first look, times the square root of the tolerance: with so many, most samples of most networks are done."""


@functools.lru_cache(maxsize=32)
def gauss_legendre(steps: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return nodes in (0, 1) and weights that sum to 1, float64 [steps]."""
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    rule = (nodes + 1) / 2, weights / 2
    for values in rule:
        values.setflags(write=False)
    return rule


def cells(weights: NDArray[Any]) -> NDArray[Any]:
    """Return the stretch of [0, 1] that each node stands for, [K, 2]: as long as its weight; a Gauss–Legendre node lies inside its own."""
    ends = np.concatenate([[0.0], np.cumsum(weights)])
    return np.stack([ends[:-1], ends[1:]], axis=-1)


def with_residuals(nodes: NDArray[Any], weights: NDArray[Any]) -> NDArray[Any]:
    """Return [3, K] weights: the rule's, and those of the two highest Legendre coefficients that its nodes can tell, K at least 2.

    Coefficients that have not died away say that the integrand is rougher than the nodes; there is one of each parity, so that no symmetry
    hides both.
    """
    highest = [np.polynomial.legendre.Legendre.basis(len(nodes) - k)(2 * nodes - 1) for k in (1, 2)]
    return np.stack([weights, *(weights * values for values in highest)])


def relative_error(sums: list[NDArray[Any]]) -> NDArray[Any]:
    """Return the estimated relative L1 error [n] of sums [n, 3, …] taken with the weights of `with_residuals`; 0 where all are 0."""
    norms = sum(np.abs(s).reshape(*s.shape[:2], -1).sum(axis=2, dtype=np.float64) for s in sums)
    residual = np.hypot(norms[:, 1], norms[:, 2])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(residual == 0, 0.0, residual / norms[:, 0])


def refine(
    look: Callable[[NDArray[Any], int], Iterator[tuple[NDArray[Any], list[NDArray[Any]]]]],
    samples: int,
    steps: int,
    tolerance: float,
    max_steps: int,
) -> tuple[list[NDArray[Any]], NDArray[Any], NDArray[Any]]:
    """Integrate each of some samples with as many nodes as it needs.

    All are looked at with few nodes. Those whose error is estimated over the tolerance are looked at again, with 2, 4, 8 … times as many:
    as many as it takes if the error falls with their square, as far as ``max_steps`` allows.

    Args:
        look: given the rows [n] of samples and a number of nodes, yields some of the rows and their sums [·, 3, …], by `with_residuals`.
        samples: how many there are.
        steps: nodes of the first look, at most.
        tolerance: relative L1 error aimed at.
        max_steps: gradients of a sample, all looks together.

    Returns:
        The integrals [N, …], the gradients taken [N] and the estimated errors [N].
    """
    first = max(2, min(steps, int(np.ceil(_FIRST_LOOK / np.sqrt(tolerance)))))
    spent, error = np.zeros(samples, int), np.zeros(samples)
    level = np.zeros(samples, int)
    integrals: list[NDArray[Any]] = []
    for now in range(1 + int(np.log2(max_steps / first))):
        due = np.flatnonzero(level == now)
        if not len(due):
            continue
        for rows, sums in look(due, first * 2**now):
            integrals = integrals or [np.empty((samples, *s.shape[2:]), np.float32) for s in sums]
            for integral, s in zip(integrals, sums, strict=True):
                integral[rows] = s[:, 0]
            error[rows] = relative_error(sums)
        spent[due] += first * 2**now
        left = np.floor(np.log2(np.maximum(max_steps - spent[due], 0.5) / first))
        with np.errstate(divide="ignore", invalid="ignore"):
            further = np.clip(np.ceil(np.log(error[due] / tolerance) / np.log(4)), 1, 64)
        again = (error[due] > tolerance) & (left > now)
        level[due] = np.where(again, np.minimum(now + further, left), -1)
    return integrals, spent, error
