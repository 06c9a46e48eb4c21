"""Whether two explanations order the features alike. Importances [D] in, one number out; the greatest ranks first.

Importances are whatever orders features: mean|a|, shares, permutation importances. NaN in either gives NaN everywhere.
Ties matter, because explanations are full of zeros: Spearman and Kendall give tied features their mean rank; the
overlaps let features that are tied at a cut share the places left there equally, so that a ranking overlaps wholly with
itself, and one in which all is tied overlaps with any other as much as chance would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_REMAINDER = 1e-12
"""The weight of the depths that `rank_biased_overlap` does not look at."""


def spearman(current: ArrayLike, reference: ArrayLike) -> NDArray[Any]:
    """Return Spearman's ρ over the last axis, −1 … 1: Pearson's correlation of the ranks, tied features having their mean rank.

    Arrays [..., D] give [...], so that a series of steps is one call. NaN where one side orders nothing: all its features
    are tied, or there is one. Source: Spearman, "The Proof and Measurement of Association between Two Things", 1904.
    """
    from scipy.stats import rankdata

    a, b = (np.asarray(side, np.float64) for side in (current, reference))
    ranks = [rankdata(side, axis=-1) - (side.shape[-1] + 1) / 2 for side in np.broadcast_arrays(a, b)]
    inner, a_squared, b_squared = (np.einsum("...d,...d->...", ranks[i], ranks[j]) for i, j in ((0, 1), (0, 0), (1, 1)))
    lengths = np.sqrt(a_squared * b_squared)
    known = np.isfinite(lengths) & (lengths > 0)
    return np.asarray(np.clip(np.where(known, inner, np.nan) / np.where(known, lengths, 1), -1, 1))


def kendall(current: ArrayLike, reference: ArrayLike) -> float:
    """Return Kendall's τ-b, −1 … 1: pairs of features in the same order less those in the opposite, over those tied on neither side.

    The denominator is √((pairs not tied in one)(pairs not tied in the other)). NaN as in `spearman`. Takes D log D time.
    Source: Kendall, "The Treatment of Ties in Ranking Problems", 1945.
    """
    from scipy.stats import kendalltau

    a, b = (np.asarray(side, np.float64) for side in (current, reference))
    if np.isnan(a).any() or np.isnan(b).any() or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(kendalltau(a, b).statistic)


def top_overlap(current: ArrayLike, reference: ArrayLike, k: int) -> NDArray[Any]:
    """Return which part of the k greatest features both have in common, 0 … 1, over the last axis: arrays [..., D] give [...].

    Features tied at the k-th place belong to the top in part, m_j = places left / features tied; the overlap is
    Σ_j min(m_j, m′_j) / k. Two random orders share `top_overlap_by_chance` of it.

    Raises:
        ValueError: k is not within 1 … D.
    """
    a, b = (np.asarray(side, np.float64) for side in (current, reference))
    _check_places(k, a.shape[-1])
    overlap = np.minimum(_membership(a, k), _membership(b, k)).sum(-1) / k
    return np.asarray(np.where(np.isnan(a).any(-1) | np.isnan(b).any(-1), np.nan, overlap))


def top_overlap_by_chance(k: int, features: int) -> float:
    """Return k/D, what two random orders of D features have in common among their first k.

    Raises:
        ValueError: k is not within 1 … D.
    """
    _check_places(k, features)
    return k / features


def rank_biased_overlap(current: ArrayLike, reference: ArrayLike, persistence: float = 0.9) -> float:
    """Return the overlap of both orders at every depth, averaged with weights that fall by `persistence` a place; 0 … 1.

    RBO = (1−p) Σ_{k=1…D} p^{k−1} X_k/k + p^D, X_k being what the first k places have in common, ties as in `top_overlap`: the extrapolated
    RBO of two whole rankings. At p = 0.9 the first ten places have 86 % of the weight.
    Source: Webber, Moffat and Zobel, "A Similarity Measure for Indefinite Rankings", 2010, equations 21 and 30.

    Raises:
        ValueError: the persistence is not between 0 and 1.
    """
    a, b = (np.asarray(side, np.float64) for side in (current, reference))
    _check_persistence(persistence)
    if np.isnan(a).any() or np.isnan(b).any():
        return float("nan")
    last = min(len(a), int(np.ceil(np.log(_REMAINDER) / np.log(persistence))))
    depths = np.arange(1, last + 1)
    agreement = _common(a, b, depths) / depths
    return float(min(1.0, (1 - persistence) * (persistence ** (depths - 1.0)) @ agreement + persistence**last * agreement[-1]))


def rank_biased_overlap_by_chance(features: int, persistence: float = 0.9) -> float:
    """Return the expected RBO of two random orders of D features, (1 − p^D) / (D (1 − p)), from E[X_k] = k²/D.

    Raises:
        ValueError: the persistence is not between 0 and 1.
    """
    _check_persistence(persistence)
    return (1 - persistence**features) / (features * (1 - persistence))


def _membership(values: NDArray[Any], k: int) -> NDArray[Any]:
    """Return how much each feature belongs to the first k places, 0 … 1."""
    last = np.partition(values, -k, axis=-1)[..., -k, None]
    above, tied = values > last, values == last
    return np.asarray(above + tied * (k - above.sum(-1, keepdims=True)) / np.maximum(1, tied.sum(-1, keepdims=True)))


def _common(a: NDArray[Any], b: NDArray[Any], depths: NDArray[Any]) -> NDArray[Any]:
    """Return Σ_j min(m_j, m′_j) at each depth, m being how much a feature belongs to the places down to it."""
    sides = []
    for side in (a, b):
        ordered = np.sort(side)
        above = len(side) - np.searchsorted(ordered, side, "right")
        sides.append((above, len(side) - np.searchsorted(ordered, side, "left") - above))
    within = np.maximum(sides[0][0], sides[1][0]) < depths[-1]
    memberships = [np.clip((depths[:, None] - above[within]) / tied[within], 0, 1) for above, tied in sides]
    return np.asarray(np.minimum(*memberships).sum(1))


def _check_places(k: int, features: int) -> None:
    if not 1 <= k <= features:
        raise ValueError(f"there are {features} features, k is {k}; pass k from 1 to {features}")


def _check_persistence(persistence: float) -> None:
    if not 0 < persistence < 1:
        raise ValueError(f"the persistence is {persistence}; pass a number between 0 and 1, such as 0.9")
