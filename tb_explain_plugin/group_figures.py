"""What explanations and predictions say of declared groups of samples: figures of a step, group by group. Pure mathematics.

A *group* is a name that the probe gives to some of its samples. Figures of fewer than `FEWEST` samples are NaN, and so is what rests on
values that are not finite.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tb_explain_plugin import drift
from tb_explain_plugin.drift_noise import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

FEWEST = 10
"""Samples without which a group has no figures: the error of a ratio of means is not to be trusted below."""

MOST = 12
"""Groups that are looked at, those with most samples: with a group a patient, nobody reads more."""


class Gap(NamedTuple):
    """How far shares of a group lie from those of all other samples, ½ Σ|s − s′|, 0 … 1.

    Attributes:
        value: the gap.
        standard_error: over samples.
        by_chance: what it would be on average if both had the same shares and differed by their samples alone.
    """

    value: float
    standard_error: float
    by_chance: float


class GroupFigures(NamedTuple):
    """A step's figures of some samples.

    Attributes:
        loss: mean over samples, and its standard error.
        accuracy: likewise, 0 … 1.
        local_drift: median, lower and upper quartile over samples, 0 … 2.
        shares: of each region, [F], and their standard errors.
        share_gap: to all other samples.
    """

    loss: Estimate
    accuracy: Estimate
    local_drift: tuple[float, float, float]
    shares: Estimate
    share_gap: Gap


def members(groups: Sequence[str]) -> dict[str, NDArray[np.bool_]]:
    """Return which samples belong to each of the `MOST` largest groups, bool [N]; the largest first, of equal ones by name."""
    names, counts = np.unique(np.asarray(groups, object).astype(str), return_counts=True)
    order = np.lexsort([names, -counts])
    return {str(names[k]): np.array([group == names[k] for group in groups]) for k in order[:MOST]}


def figures(
    member: NDArray[np.bool_], sizes: NDArray[Any], local_drift: NDArray[Any], loss: NDArray[Any], accuracy: NDArray[Any]
) -> GroupFigures:
    """Return the figures of some samples.

    Args:
        member: which, bool [N].
        sizes: |attribution| by region, [N, F].
        local_drift: of each sample, [N]; NaN where it has no reference.
        loss: [N]; NaN where there is none.
        accuracy: [N], 1 where the likeliest class is the target's, else 0; NaN where there are no classes.
    """
    return GroupFigures(
        mean(loss[member]), mean(accuracy[member]), _quartiles(local_drift[member]), region_shares(sizes[member]), gap(sizes, member)
    )


def mean(values: ArrayLike) -> Estimate:
    """Return the mean of a figure that each sample has, and its standard error, the deviation over samples by √n."""
    figure = np.asarray(values, np.float64)
    if len(figure) < FEWEST:
        return _unknown(())
    with np.errstate(invalid="ignore", over="ignore"):
        return Estimate(np.asarray(figure.mean()), np.asarray(figure.std(ddof=1) / math.sqrt(len(figure))))


def region_shares(sizes: ArrayLike) -> Estimate:
    """Return each region's share of |attribution| [n, F], and its standard error over samples (`drift.share_errors`), [F] and [F]."""
    matrix = np.asarray(sizes, np.float64)
    if len(matrix) < FEWEST:
        return _unknown(matrix.shape[1:])
    with np.errstate(invalid="ignore"):
        return Estimate(drift.shares(matrix), drift.share_errors(matrix))


def gap(sizes: ArrayLike, member: NDArray[np.bool_]) -> Gap:
    """Return how far the shares of some samples of |attribution| [N, F] lie from those of all others (`drift.share_gap`).

    Were both alike, each region's difference would be normal with the variances of both sides added up, and its size on average
    √(2/π) of that deviation.
    """
    matrix = np.asarray(sizes, np.float64)
    sides = matrix[member], matrix[~member]
    if min(map(len, sides)) < FEWEST:
        return Gap(*[float("nan")] * 3)
    with np.errstate(invalid="ignore"):
        shift = drift.share_gap(*sides)
        deviations = np.hypot(*(drift.share_errors(side) for side in sides))
    return Gap(shift.value, shift.standard_error, 0.5 * math.sqrt(2 / math.pi) * float(deviations.sum()))


def _quartiles(local_drift: NDArray[Any]) -> tuple[float, float, float]:
    return drift.quartiles(local_drift) if len(local_drift) >= FEWEST else (float("nan"),) * 3


def _unknown(shape: tuple[int, ...]) -> Estimate:
    return Estimate(np.full(shape, np.nan), np.full(shape, np.nan))
