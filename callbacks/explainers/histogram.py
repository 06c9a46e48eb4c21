"""Histograms that can be compared from epoch to epoch: bins of a power-of-two width on a grid through zero.

Values outside make the histogram wider, never clipped: bins are merged in pairs, which is exact because every edge of the wider grid is an
edge of the finer one. For the same reason two histograms of different widths can be brought to one without error.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 64
_OCCUPIED = 48
"""Bins that the first values may fill: the rest is room for later ones."""
_MOST_BINS = 4096
_CHUNK = 2**14
"""Values that are counted at once: few enough to stay in a core's cache, which halves the time."""


@dataclasses.dataclass
class Histogram:
    """Counts of `BINS` bins: bin i is [(origin + i) · 2^exponent, (origin + i + 1) · 2^exponent)."""

    origin: int | None = None
    exponent: int = 0
    counts: NDArray[Any] = dataclasses.field(default_factory=lambda: np.zeros(BINS, np.int64))
    non_finite: int = 0

    @property
    def width(self) -> float:
        """Width of a bin, a power of two."""
        return float(2.0**self.exponent)

    @property
    def total(self) -> int:
        """How many finite values were counted."""
        return int(self.counts.sum())

    def emptied(self) -> Histogram:
        """Return a histogram of the same edges without counts."""
        return Histogram(self.origin, self.exponent)

    def add(self, values: NDArray[Any]) -> None:
        """Count values of any shape. NaN and infinities are counted apart, in ``non_finite``."""
        flat = np.asarray(values).reshape(-1)
        low, high = (float(flat.min()), float(flat.max())) if flat.size else (0.0, 0.0)
        if not (np.isfinite(low) and np.isfinite(high)):
            finite = flat[np.isfinite(flat)]
            self.non_finite += flat.size - finite.size
            flat = finite
            low, high = (float(flat.min()), float(flat.max())) if flat.size else (0.0, 0.0)
        if not flat.size:
            return
        self._make_room(low, high)
        self._count(flat)

    def to_series(self) -> NDArray[Any]:
        """Return the logged form, float64 [2 + BINS]: lower edge, bin width, counts."""
        return np.concatenate([[(self.origin or 0) * self.width, self.width], self.counts])

    def mean_and_deviation(self) -> tuple[float, float]:
        """Return mean and standard deviation, every value taken as its bin's middle; NaN without values."""
        if not self.total:
            return float("nan"), float("nan")
        middles = ((self.origin or 0) + np.arange(BINS) + 0.5) * self.width
        share = self.counts / self.total
        mean = float(share @ middles)
        return mean, float(np.sqrt(share @ (middles - mean) ** 2))

    def _count(self, flat: NDArray[Any]) -> None:
        """Count values that all fit: exactly, as scaling by a power of two and whole numbers up to 2²³ are exact in float32."""
        origin = self.origin or 0
        single = flat.dtype == np.float32 and abs(self.exponent) < 100 and abs(origin) < 2**23
        scale = np.asarray(2.0**-self.exponent, np.float32 if single else np.float64)
        for first in range(0, flat.size, _CHUNK):
            index = np.floor(flat[first : first + _CHUNK] * scale)
            index -= origin
            self.counts += np.bincount(index.astype(np.intp), minlength=BINS)

    def _make_room(self, low: float, high: float) -> None:
        if self.origin is None:
            span = max(high - low, 2.0**-40 * max(abs(low), abs(high)), 2.0**-126)
            self.exponent = int(np.ceil(np.log2(span / (_OCCUPIED - 1))))
            first, last = np.floor(low / self.width), np.floor(high / self.width)
            self.origin = int(first - (BINS - (last - first + 1)) // 2)
        while True:
            first, last = int(np.floor(low / self.width)), int(np.floor(high / self.width))
            filled = np.flatnonzero(self.counts)
            if len(filled):
                first, last = min(first, self.origin + int(filled[0])), max(last, self.origin + int(filled[-1]))
            if first >= self.origin and last < self.origin + BINS:
                return
            if last - first < BINS:
                self._move(first if first < self.origin else last - BINS + 1)
                return
            self._merge_pairs()

    def _move(self, origin: int) -> None:
        shift = (self.origin or 0) - origin
        self.counts = np.roll(self.counts, shift)  # what rolls over the end is empty: the caller saw that everything fits
        self.origin = origin

    def _merge_pairs(self) -> None:
        self.origin, self.counts = _coarser(self.origin or 0, self.counts)
        self.exponent += 1
        self.counts = np.pad(self.counts, (0, BINS - len(self.counts)))


def wasserstein(a: Histogram, b: Histogram) -> float:
    """Return the Wasserstein-1 distance of two histograms, in the values' unit: ∫ |F_a − F_b|, on the wider of the two grids.

    Every value counts as its bin's middle, so the error is at most one bin width. Where both lie so far apart that the grid would have
    more than 4096 bins, it is made coarser: the error is then at most a thousandth of the distance. NaN where one has no values.
    """
    if not a.total or not b.total:
        return float("nan")
    exponent = max(a.exponent, b.exponent)
    while True:
        (origin_a, counts_a), (origin_b, counts_b) = _at(a, exponent), _at(b, exponent)
        origin = min(origin_a, origin_b)
        length = max(origin_a + len(counts_a), origin_b + len(counts_b)) - origin
        if length <= _MOST_BINS:
            break
        exponent += 1
    cumulative = np.zeros(length)
    cumulative[origin_a - origin : origin_a - origin + len(counts_a)] += counts_a / a.total
    cumulative[origin_b - origin : origin_b - origin + len(counts_b)] -= counts_b / b.total
    return float(np.abs(np.cumsum(cumulative)).sum() * 2.0**exponent)


def _at(histogram: Histogram, exponent: int) -> tuple[int, NDArray[Any]]:
    origin, counts = histogram.origin or 0, histogram.counts
    for _ in range(exponent - histogram.exponent):
        origin, counts = _coarser(origin, counts)
    return origin, counts


def _coarser(origin: int, counts: NDArray[Any]) -> tuple[int, NDArray[Any]]:
    """Return origin and counts on the grid of twice the width."""
    before = origin % 2
    padded = np.pad(counts, (before, (len(counts) + before) % 2))
    return (origin - before) // 2, padded.reshape(-1, 2).sum(axis=1)
