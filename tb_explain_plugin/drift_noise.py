"""How much of a figure is noise: of the probe's samples, or of the seed that a model was trained with.

Explanations are arrays [N, D], as in `drift`; their samples are drawn together, so two explanations of one probe are
resampled in pairs. Everything is float64; a figure of values that are not finite is NaN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

_BLOCK_BYTES = 32 << 20
"""How large the resampled shares may be that are held at once."""

_SMALL_SAMPLE = {2: 1.196, 3: 1.495, 4: 1.363, 5: 1.206, 6: 1.200, 7: 1.140, 8: 1.129, 9: 1.107}
"""What makes a MAD of few normal values unbiased (Croux and Rousseeuw, 1992, table 3)."""


class Estimate(NamedTuple):
    """Figures and their standard errors, both [D] or both a number."""

    value: NDArray[Any]
    standard_error: NDArray[Any]


class Band(NamedTuple):
    """Where a figure lies, had other samples been drawn."""

    lower: NDArray[Any]
    upper: NDArray[Any]


class SeedNull(NamedTuple):
    """Where shares lie when nothing but the seed differs, each [D]."""

    center: NDArray[Any]
    spread: NDArray[Any]


def importance(values: ArrayLike) -> Estimate:
    """Return g_j = mean_i|a_ij| and its standard error, the deviation over samples by √N, in the score's unit; NaN errors of one sample."""
    return _mean(np.abs(np.asarray(values, np.float64)))


def importance_change(current: ArrayLike, reference: ArrayLike) -> Estimate:
    """Return how much each g_j changed and the standard error of that, from the differences of the same sample's |a_ij|."""
    return _mean(np.abs(np.asarray(current, np.float64)) - np.abs(np.asarray(reference, np.float64)))


def total_attribution(values: ArrayLike) -> Estimate:
    """Return mean_i Σ_j|a_ij|, how much there is to attribute, and its standard error; in the score's unit, 0 and more."""
    return _mean(np.abs(np.asarray(values, np.float64)).sum(1))


def share_band(values: ArrayLike, *, level: float = 0.9, draws: int = 500, seed: int = 0) -> Band:
    """Return the bootstrap's percentile band of each share, two arrays [D]; NaN for one sample, or where there are no shares.

    Samples are drawn with replacement (Efron and Tibshirani, *An Introduction to the Bootstrap*, 1993, chapter 13).
    """
    sizes = np.abs(np.asarray(values, np.float64))
    cells = sizes.shape[1]
    band = Band(np.full(cells, np.nan), np.full(cells, np.nan))
    if not _drawable(sizes):
        return band
    weights = _weights(len(sizes), draws, seed)
    totals = weights @ sizes.sum(1)
    drawn = totals > 0
    width = max(1, _BLOCK_BYTES // (8 * draws))
    for first in range(0, cells, width):
        block = slice(first, first + width)
        shares = (weights[drawn] @ sizes[:, block]) / totals[drawn, None]
        band.lower[block], band.upper[block] = np.quantile(shares, _tails(level), axis=0)
    return band


def share_shift_band(current: ArrayLike, reference: ArrayLike, *, level: float = 0.9, draws: int = 500, seed: int = 0) -> Band:
    """Return the band of the share shift (`drift.share_shift`), two numbers of 0 … 1, from samples drawn in pairs.

    A resampled shift is biased upward: noise adds to a sum of absolute values, once in the probe and again in the draw.
    So this is the *basic* band, 2θ − θ*, the draws reflected at the shift that was seen, cut at 0 and 1 (Davison and Hinkley, *Bootstrap
    Methods and their Application*, 1997, section 5.2). NaN as in `share_band`. Of 90 % it covers about 89 with
    256 samples, 85 with 80 heavy-tailed ones. Whether anything moved at all, `share_shift_noise` says.
    """
    seen = _seen(current, reference)
    if seen is None:
        return Band(np.array(np.nan), np.array(np.nan))
    sizes, change = seen
    shift = 0.5 * np.abs(change).sum()
    drawn = np.concatenate([0.5 * np.abs(changes).sum(1) for changes in _drawn_changes(*sizes, draws, seed)])
    low, high = np.quantile(drawn, _tails(level))
    return Band(np.clip(2 * shift - high, 0, 1), np.clip(2 * shift - low, 0, 1))


def share_shift_noise(current: ArrayLike, reference: ArrayLike, *, level: float = 0.95, draws: int = 500, seed: int = 0) -> float:
    """Return the share shift that the choice of samples alone stays under with probability `level`, 0 … 1: a noise line.

    The quantile of ½ Σ_j|δ*_j − δ_j|, δ_j being the change of share that was seen and δ*_j that of a paired draw: how far
    changes wander when nothing but the samples differs. A shift above the line is more than the probe's noise. 0 if both
    explanations are equal; NaN as in `share_band`.
    """
    seen = _seen(current, reference)
    if seen is None:
        return float("nan")
    sizes, change = seen
    wandered = np.concatenate([0.5 * np.abs(changes - change).sum(1) for changes in _drawn_changes(*sizes, draws, seed)])
    return float(np.quantile(wandered, level))


def share_floor(cells: int) -> float:
    """Return the least spread that a share is credited with: a fifth of an equal share, 0.2/D, at most half a point.

    A series that stood still for eight steps is no proof that it cannot move; and a column of a table of eight may still be caught.
    """
    return min(0.2 / cells, 0.005)


def seed_null(shares: ArrayLike) -> SeedNull:
    """Return center and spread of each share over sibling runs, from shares [R, D]: median, and MAD · 1.4826.

    The MAD is corrected for few runs, and no spread is less than `share_floor`. Runs with a share that is not finite are left out;
    with fewer than two others the spread is NaN.
    """
    runs = np.asarray(shares, np.float64)
    cells = runs.shape[1]
    runs = runs[np.isfinite(runs).all(1)]
    if len(runs) < 2:
        return SeedNull(runs[0] if len(runs) else np.full(cells, np.nan), np.full(cells, np.nan))
    center = np.median(runs, 0)
    correction = _SMALL_SAMPLE.get(len(runs), len(runs) / (len(runs) - 0.8))
    return SeedNull(center, np.maximum(1.4826 * correction * np.median(np.abs(runs - center), 0), share_floor(cells)))


def seed_scores(share: ArrayLike, siblings: ArrayLike) -> NDArray[Any]:
    """Return how many spreads of the seed null [R, D] a run's shares [D] lie from its center, [D]; NaN with fewer than two siblings."""
    null = seed_null(siblings)
    return np.asarray((np.asarray(share, np.float64) - null.center) / null.spread)


def _mean(values: NDArray[Any]) -> Estimate:
    samples = len(values)
    if samples < 2:
        return Estimate(np.asarray(values.mean(0)), np.full(values.shape[1:], np.nan))
    with np.errstate(invalid="ignore"):
        return Estimate(np.asarray(values.mean(0)), np.asarray(values.std(0, ddof=1) / np.sqrt(samples)))


def _seen(current: ArrayLike, reference: ArrayLike) -> tuple[tuple[NDArray[Any], NDArray[Any]], NDArray[Any]] | None:
    """Return |a| of both sides and the change of share; None if there is none to resample."""
    a, b = (np.abs(np.asarray(side, np.float64)) for side in (current, reference))
    if not (_drawable(a) and _drawable(b)):
        return None
    return (a, b), a.sum(0) / a.sum() - b.sum(0) / b.sum()


def _drawn_changes(a: NDArray[Any], b: NDArray[Any], draws: int, seed: int) -> Iterator[NDArray[Any]]:
    """Yield the change of share of every draw, [draws, D], some draws at a time; a draw of samples that are all zero is left out."""
    weights = _weights(len(a), draws, seed)
    width = max(1, _BLOCK_BYTES // (16 * a.shape[1]))
    for first in range(0, draws, width):
        block = weights[first : first + width]
        sums = block @ a, block @ b
        totals = [side.sum(1, keepdims=True) for side in sums]
        kept = (totals[0] > 0).ravel() & (totals[1] > 0).ravel()
        yield sums[0][kept] / totals[0][kept] - sums[1][kept] / totals[1][kept]


def _weights(samples: int, draws: int, seed: int) -> NDArray[Any]:
    """Return how often each draw has each sample, [draws, N]."""
    return np.random.default_rng(seed).multinomial(samples, np.full(samples, 1 / samples), draws).astype(np.float64)


def _drawable(sizes: NDArray[Any]) -> bool:
    total = sizes.sum()
    return len(sizes) > 1 and bool(np.isfinite(total) and total > 0)


def _tails(level: float) -> list[float]:
    return [(1 - level) / 2, (1 + level) / 2]
