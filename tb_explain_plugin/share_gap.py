"""How differently a model explains two sets of samples, such as those it was trained on and others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tb_explain_plugin.drift import Shift, shares

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def share_gap(values: ArrayLike, others: ArrayLike) -> Shift:
    """Return ½ Σ|s − s′|, the part of the attribution that lies elsewhere in other samples, and its standard error.

    Of explanations [N, D] and [M, D] of *different* samples: the variances of both sides add up. By the delta method, sample i moves
    the share s_j by ψ_ij = (|a_ij| − s_j Σ_k|a_ik|) / M, M = Σ_j mean_i|a_ij|, and the gap by ½ Σ_j sign(s_j − s′_j) ψ_ij (Efron and
    Tibshirani, *An Introduction to the Bootstrap*, 1993, chapter 21). NaN as `drift.shares`; the error of a single sample is NaN.
    As noise makes a sum of absolute values larger, a gap of samples from one distribution is above 0, too.
    """
    sides: tuple[NDArray[np.float64], ...] = tuple(np.abs(np.asarray(side, np.float64)) for side in (values, others))
    s, other = (shares(side) for side in sides)
    signs = np.sign(s - other)
    variance = 0.0
    for side, share in zip(sides, (s, other), strict=True):
        moved = 0.5 * (side @ signs - share @ signs * side.sum(1)) / side.mean(0).sum()
        variance += moved.var(ddof=1) / len(side) if len(side) > 1 else np.nan
    return Shift(0.5 * float(np.abs(s - other).sum()), float(np.sqrt(variance)))
