"""How much of a figure is noise: of the probe's samples, or of the seed that a model was trained with.

Explanations are arrays [N, D], as in `drift`; their samples are drawn together, so two explanations of one probe are
resampled in pairs. What is not said to be float32 is float64; a figure of values that are not finite is NaN.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tb_explain_plugin import drift
from tb_explain_plugin.rows import rows

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_BAND_BYTES = 32 << 20
"""How large the resampled shares may be that `share_band` holds at once."""

_BLOCK_BYTES = 256 << 10
"""The same of `share_shift_sampling`: what a processor keeps beside itself."""

_BLOCK_PRODUCTS = 1 << 18
"""Multiplications up to which OpenBLAS, which NumPy brings, starts no thread."""

_BLOCK_WIDTH = 32
"""Cells of a block."""

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


class ShiftSampling(NamedTuple):
    """What the choice of samples does to a share shift: the band in which it lies, and the line that noise alone stays under; 0 … 1."""

    lower: float
    upper: float
    noise: float


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
    return _mean(np.concatenate([np.abs(some).sum(1) for (some,) in rows(values)]))


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
    width = max(1, _BAND_BYTES // (8 * draws))
    for first in range(0, cells, width):
        block = slice(first, first + width)
        shares = (weights[drawn] @ sizes[:, block]) / totals[drawn, None]
        band.lower[block], band.upper[block] = np.quantile(shares, _tails(level), axis=0)
    return band


def share_shift_sampling(
    current: ArrayLike, reference: ArrayLike, *, band: float = 0.9, line: float = 0.95, draws: int = 500, seed: int = 0
) -> ShiftSampling:
    """Return the band of the share shift (`drift.share_shift`) and its noise line, from samples drawn in pairs; NaN as in `share_band`.

    A resampled shift is biased upward: noise adds to a sum of absolute values, once in the probe and again in the draw.
    So the band is the *basic* one, 2θ − θ*, the draws reflected at the shift θ that was seen, cut at 0 and 1 (Davison and Hinkley,
    *Bootstrap Methods and their Application*, 1997, section 5.2). It may lie below the shift, which is biased itself. Of 90 % it
    covers about 89 with 256 samples, 85 with 80 heavy-tailed ones.

    The line is the quantile of ½ Σ_j|δ*_j − δ_j|, δ_j being the change of share that was seen and δ*_j that of a draw: how far changes
    wander when nothing but the samples differs. A shift above the line is more than the probe's noise. 0 if both explanations
    are equal.

    Draws are multiplied in float32, which moves a figure by less than 10⁻⁵, and takes half of the time.

    Args:
        current: the explanation, [N, D].
        reference: of the same samples and cells.
        band: the part of other probes that the band is to hold.
        line: the part of other probes that noise alone is to keep below the line.
        draws: how many.
        seed: equal seeds give equal answers.
    """
    a, b = (_blocks_of_shares(side) for side in (current, reference))
    if a is None or b is None:
        return ShiftSampling(*[float("nan")] * 3)
    shift = 0.5 * float(np.abs(a.mean(1) - b.mean(1)).sum(dtype=np.float64))
    drawn, wandered = _drawn_shifts(a, b, draws, seed)
    low, high = drift.quantiles(drawn, _tails(band))
    lower, upper = np.clip([2 * shift - high, 2 * shift - low], 0, 1)
    [noise] = drift.quantiles(wandered, [line])
    return ShiftSampling(float(lower), float(upper), noise)


def share_shift_band(current: ArrayLike, reference: ArrayLike, *, level: float = 0.9, draws: int = 500, seed: int = 0) -> Band:
    """Return the band of `share_shift_sampling`, two numbers of 0 … 1."""
    lower, upper, _ = share_shift_sampling(current, reference, band=level, draws=draws, seed=seed)
    return Band(np.array(lower), np.array(upper))


def share_shift_noise(current: ArrayLike, reference: ArrayLike, *, level: float = 0.95, draws: int = 500, seed: int = 0) -> float:
    """Return the noise line of `share_shift_sampling`, 0 … 1: the choice of samples alone stays under it with probability `level`."""
    return share_shift_sampling(current, reference, line=level, draws=draws, seed=seed).noise


def share_floor(cells: int, most: float = 0.005) -> float:
    """Return the least spread that a share is credited with: a fifth of an equal share, 0.2/D, but no more than `most`.

    A series that stood still for eight steps is no proof that it cannot move; and a column of a table of eight may still be caught.
    """
    return min(0.2 / cells, most)


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


def _blocks_of_shares(values: ArrayLike) -> NDArray[Any] | None:
    """Return |a| over the mean of all samples, whose mean over samples is the shares, or None if there is none to resample.

    Float32 in blocks of cells, [⌈D / `_BLOCK_WIDTH`⌉, N, `_BLOCK_WIDTH`], the last one filled up with zeros: so small that BLAS
    multiplies them in the calling thread. Steps are compared in parallel as it is. BLAS' own threads wait for each other, on a machine
    that also trains for most of the time.
    """
    matrix = np.asarray(values)
    samples, cells = matrix.shape
    total = sum(float(np.abs(some).sum()) for (some,) in rows(matrix))
    if samples < 2 or not (np.isfinite(total) and total > 0):
        return None
    blocks = np.zeros((-(-cells // _BLOCK_WIDTH), samples, _BLOCK_WIDTH), np.float32)
    scale = samples / total
    for number, block in enumerate(blocks):
        part = matrix[:, number * _BLOCK_WIDTH : (number + 1) * _BLOCK_WIDTH]
        np.multiply(part, scale, out=block[:, : part.shape[1]], casting="same_kind")
    return np.abs(blocks, out=blocks)


def _drawn_shifts(a: NDArray[Any], b: NDArray[Any], draws: int, seed: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the share shift of every draw, and how far its change of share is from that of all samples.

    Some draws at a time, so that what is computed of them stays in the processor's cache. A draw of samples that are all zero is left out.
    """
    blocks, samples, width = a.shape
    weights = _weights(samples, draws, seed)
    totals = [(weights @ side.sum((0, 2)))[:, None] for side in (a, b)]
    possible = ((totals[0] > 0) & (totals[1] > 0)).ravel()
    if not possible.all():
        weights, totals = weights[possible], [total[possible] for total in totals]
    change = (a.mean(1) - b.mean(1))[:, None]
    height = max(1, min(_BLOCK_PRODUCTS // (samples * width), _BLOCK_BYTES // (4 * blocks * width)))
    drawn, wandered = np.empty((2, len(weights)), np.float32)
    for first in range(0, len(weights), height):
        some = slice(first, first + height)
        changes, other = (weights[some] / total[some] @ side for side, total in zip((a, b), totals, strict=True))
        changes -= other
        drawn[some] = 0.5 * np.abs(changes, out=other).sum(0).sum(1)
        changes -= change
        wandered[some] = 0.5 * np.abs(changes, out=other).sum(0).sum(1)
    return drawn, wandered


@functools.lru_cache(maxsize=4)
def _weights(samples: int, draws: int, seed: int) -> NDArray[Any]:
    """Return how often each draw has each sample, float32 [draws, N]; every step of a run asks for the same."""
    drawn = np.random.default_rng(seed).multinomial(samples, np.full(samples, 1 / samples), draws).astype(np.float32)
    drawn.setflags(write=False)
    return drawn


def _drawable(sizes: NDArray[Any]) -> bool:
    total = sizes.sum(dtype=np.float64)
    return len(sizes) > 1 and bool(np.isfinite(total) and total > 0)


def _tails(level: float) -> list[float]:
    return [(1 - level) / 2, (1 + level) / 2]
