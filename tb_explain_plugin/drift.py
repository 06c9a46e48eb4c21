"""What moved between two explanations, and how sure that is. Pure mathematics: arrays in, arrays out.

An *explanation* is an array [N, D]: N samples of the probe, D cells of all inputs together. A *share* is a cell's part
of the attribution, s_j = mean_i|a_ij| / Σ_j mean_i|a_ij|. Everything is computed in float64; NaN stays NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tb_explain_plugin.rows import rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

_BLOCK_BYTES = 32 << 20
"""What `mean_cosines` widens to float32 at once."""


class Shift(NamedTuple):
    """A share shift, 0 … 1, and its standard error."""

    value: float
    standard_error: float


def local_drift(current: ArrayLike, reference: ArrayLike) -> NDArray[Any]:
    """Return 1 − cosine between each sample's two attributions, [N], 0 … 2.

    Two zero vectors agree (0); a zero vector and another share nothing (1). A sample that is not finite has NaN. Values
    are of float32's range: products of their squares neither overflow nor vanish in float64.
    """
    with np.errstate(invalid="ignore"):
        products = [[np.einsum("nd,nd->n", *pair) for pair in ((a, b), (a, a), (b, b))] for a, b in rows(current, reference)]
        inner, a_squared, b_squared = np.concatenate(products, axis=1)
        lengths = np.sqrt(a_squared * b_squared)  # of a square it is exact, so that equal attributions have no drift at all
        cosine = inner / np.where(lengths == 0, 1, lengths)
    both_zero = (a_squared == 0) & (b_squared == 0)
    return np.asarray(np.where(both_zero, 0.0, 1 - np.clip(cosine, -1, 1)))


def quartiles(values: ArrayLike) -> tuple[float, float, float]:
    """Return median, lower and upper quartile of the values that are not NaN; three NaN where none is."""
    known = np.asarray(values, np.float64)
    known = known[~np.isnan(known)]
    if not known.size:
        return (np.nan,) * 3
    lower, median, upper = quantiles(known, (0.25, 0.5, 0.75))
    return median, lower, upper


def quantiles(values: NDArray[Any], levels: Sequence[float]) -> list[float]:
    """Return quantiles of finite values, linear between neighbours as NumPy's, in a tenth of the time for a few hundred."""
    ordered = np.sort(values)
    last = len(ordered) - 1
    places = [(min(int(level * last), max(last - 1, 0)), level * last) for level in levels]
    return [float(ordered[low] + (ordered[min(low + 1, last)] - ordered[low]) * (at - low)) for low, at in places]


def shares(values: ArrayLike) -> NDArray[Any]:
    """Return each cell's share of the attribution, [D], summing to 1; NaN if all is zero or something is not finite."""
    return _shares(_mean_sizes(values))[0]


def share_errors(values: ArrayLike) -> NDArray[Any]:
    """Return the standard error of each share over samples, [D], by the delta method (see `share_shift`)."""
    return _standard_error(_influence(_sizes(values)))


def share_change_errors(current: ArrayLike, reference: ArrayLike) -> NDArray[Any]:
    """Return the standard error of each share's change, [D], of the same samples explained twice: paired, as in `share_shift`.

    Smaller than the errors of both sides added up wherever what makes a sample's attribution large does so on both sides.
    """
    return _standard_error(_influence(_sizes(current)) - _influence(_sizes(reference)))


def share_shift(current: ArrayLike, reference: ArrayLike) -> Shift:
    """Return ½ Σ|s_t − s_r|, the part of the attribution that moved, and its standard error over the probe.

    The same samples are explained twice, so the error is that of a *paired* change, by the delta method: sample i moves
    the share s_j by ψ_ij = (|a_ij| − s_j Σ_k|a_ik|) / M, M = Σ_j mean_i|a_ij| (the influence function of a ratio of
    means), and the shift by ½ Σ_j sign(s_t,j − s_r,j) (ψ^t_ij − ψ^r_ij); the error is the deviation of that over √N
    (Efron and Tibshirani, *An Introduction to the Bootstrap*, 1993, chapter 21). It draws nothing, so it is the same at
    every request, and costs one pass. A paired bootstrap agrees with it where shares move; where they do not, both
    share a weakness: noise biases a sum of absolute values upward.
    """
    (s_t, total_t), (s_r, total_r) = (_shares(_mean_sizes(side)) for side in (current, reference))
    signs = np.sign(s_t - s_r)
    moved = _moves(current, s_t, total_t, signs) - _moves(reference, s_r, total_r, signs)
    return Shift(total_variation(s_t, s_r), float(_standard_error(0.5 * moved)))


def share_gap(values: ArrayLike, others: ArrayLike) -> Shift:
    """Return ½ Σ|s − s′|, the part of the attribution that lies elsewhere in other samples, and its standard error.

    Of explanations [N, D] and [M, D] of *different* samples, such as those that a model was trained on and others: not paired as in
    `share_shift`, the variances of both sides add up. As noise makes a sum of absolute values larger, a gap of samples from one
    distribution is above 0, too.
    """
    (s, total), (s_other, total_other) = (_shares(_mean_sizes(side)) for side in (values, others))
    signs = np.sign(s - s_other)
    moved = _moves(values, s, total, signs), _moves(others, s_other, total_other, signs)
    return Shift(total_variation(s, s_other), float(np.hypot(*(_standard_error(0.5 * side) for side in moved))))


def total_variation(share: NDArray[Any], other: NDArray[Any]) -> float:
    """Return ½ Σ|s − s′| of two sets of shares, [D] and [D]: the share shift without its error."""
    return 0.5 * float(np.abs(share - other).sum())


def effective_features(share: ArrayLike) -> float:
    """Return exp of the shares' entropy, 1 … D: over how many cells the attribution spreads; D equal shares give D."""
    s = np.asarray(share, np.float64)
    if np.isnan(s).any():
        return float("nan")
    s = s[s > 0]
    return float(np.exp(-(s * np.log(s)).sum()))


def mean_cosines(explanations: Sequence[NDArray[Any]], references: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return the mean cosine over samples of every pair, float32 [S, R], zero vectors as in `local_drift`.

    A pair's mean runs over the samples that are finite in both; NaN where there is none. Explanations may be float16:
    they are widened to float32 a few samples at a time, so that memory stays near what the caller holds.
    """
    samples, cells = explanations[0].shape
    width = max(1, _BLOCK_BYTES // (4 * cells * (len(explanations) + len(references))))
    total = np.zeros((len(explanations), len(references)))
    pairs = np.zeros_like(total)
    for first in range(0, samples, width):
        a = _unit_vectors([e[first : first + width] for e in explanations])
        b = a if references is explanations else _unit_vectors([e[first : first + width] for e in references])
        vectors, zeros, finite = (_products(left, right) for left, right in zip(a, b, strict=True))
        total += vectors + zeros
        pairs += finite
    with np.errstate(invalid="ignore"):
        return np.clip(total / np.where(pairs == 0, np.nan, pairs), -1, 1).astype(np.float32)


def region_sums(per_cell: ArrayLike, regions: Sequence[int], lengths: Sequence[int]) -> NDArray[Any]:
    """Sum the last axes [cells…] into [regions…].

    Along each axis, cells and regions are blocks of ⌈length / count⌉ of the input's elements; a cell belongs to the region in which its
    first element lies.
    """
    values = np.asarray(per_cell, np.float64)
    for axis, count, length in zip(range(-len(regions), 0), regions, lengths, strict=True):
        first_elements = np.minimum(np.arange(values.shape[axis]) * -(-length // values.shape[axis]), length - 1)
        member = (first_elements // -(-length // count))[:, None] == np.arange(count)
        values = np.moveaxis(np.moveaxis(values, axis, -1) @ member.astype(np.float64), -1, axis)
    return values


def _products(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    """Return the inner product of every pair, [S, R]."""
    return np.asarray(left.reshape(len(left), -1) @ right.reshape(len(right), -1).T)


def _sizes(values: ArrayLike) -> NDArray[Any]:
    return np.abs(np.asarray(values, np.float64))


def _shares(means: NDArray[Any]) -> tuple[NDArray[Any], float]:
    """Return shares and M = Σ_j mean_i|a_ij|, both NaN where there are none."""
    total = float(means.sum())
    if not np.isfinite(total) or total == 0:
        return np.full_like(means, np.nan), float("nan")
    return means / total, total


def _mean_sizes(values: ArrayLike) -> NDArray[Any]:
    """Return mean_i|a_ij|, [D]."""
    sums = [np.abs(some).sum(0) for (some,) in rows(values)]
    return np.asarray(np.sum(sums, axis=0) / len(np.asarray(values)))


def _moves(values: ArrayLike, share: NDArray[Any], total: float, signs: NDArray[Any]) -> NDArray[Any]:
    """Return Σ_j sign_j ψ_ij, [N]: what each sample does to a shift, without its influence on each share."""
    weights = signs - share @ signs
    return np.concatenate([np.einsum("nd,d->n", np.abs(some), weights) for (some,) in rows(values)]) / total


def _influence(sizes: NDArray[Any]) -> NDArray[Any]:
    """Return by how much each sample moves each share, ψ [N, D], on the scale of the mean over samples."""
    share, total = _shares(sizes.mean(0))
    return np.asarray((sizes - share * sizes.sum(1, keepdims=True)) / total)


def _standard_error(influence: NDArray[Any]) -> NDArray[Any]:
    """Return the standard error of the mean over the first axis; NaN for a single sample."""
    samples = len(influence)
    if samples < 2:
        return np.full(influence.shape[1:], np.nan)
    return np.asarray(influence.std(0, ddof=1) / np.sqrt(samples))


def _unit_vectors(explanations: Sequence[NDArray[Any]]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return unit vectors [S, n, D], zeros where there is none; which are zero [S, n]; which are finite [S, n]."""
    with np.errstate(invalid="ignore", over="ignore"):
        vectors: NDArray[Any] = np.stack(explanations).astype(np.float32)
        peak = np.abs(vectors).max(2, keepdims=True)
        finite = np.isfinite(peak)
        vectors = np.where(finite, vectors, np.float32(0)) / np.where(finite & (peak > 0), peak, np.float32(1))
    lengths = np.linalg.norm(vectors, axis=2, keepdims=True)
    vectors /= np.where(lengths > 0, lengths, 1)
    return vectors, ((lengths == 0) & finite).astype(np.float32)[..., 0], finite.astype(np.float32)[..., 0]
