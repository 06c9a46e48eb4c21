"""Histograms, held to NumPy's, and their distance, held to SciPy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from tb_explain_plugin import metadata
from tb_explain_plugin.callbacks.explainers.histogram import BINS, Histogram, wasserstein


def edges_of(histogram):
    lower, width = histogram.to_series()[:2]
    return lower + width * np.arange(BINS + 1)


def counted(*batches):
    histogram = Histogram()
    for batch in batches:
        histogram.add(batch)
    return histogram


def batches(seed):
    """Batches whose range grows, moves and jumps."""
    generator = np.random.default_rng(seed)
    return [
        (generator.normal(generator.normal() * 3, 10 ** generator.uniform(-2, 2), generator.integers(1, 400))).astype(np.float32)
        for _ in range(6)
    ]


@pytest.mark.parametrize("seed", range(8))
def test_counts_are_numpys_however_often_it_widened(seed):
    parts = batches(seed)
    histogram = counted(*parts)
    expected, _ = np.histogram(np.concatenate(parts).astype(float), edges_of(histogram))
    np.testing.assert_array_equal(histogram.counts, expected)
    assert histogram.total == sum(map(len, parts))


@pytest.mark.parametrize("seed", range(4))
def test_edges_lie_on_a_grid_of_powers_of_two(seed):
    histogram = counted(*batches(seed))
    assert np.log2(histogram.width) == histogram.exponent
    assert edges_of(histogram)[0] / histogram.width == histogram.origin


def test_edges_stay_while_values_fit():
    histogram = counted(np.linspace(-1, 1, 100, dtype="f4"))
    later = histogram.emptied()
    later.add(np.linspace(-0.7, 0.9, 1000, dtype="f4"))
    assert (later.origin, later.exponent) == (histogram.origin, histogram.exponent)


def test_the_first_values_fill_a_good_part():
    for low, high in ((-1, 1), (0, 1e-20), (5, 5.001), (-1e30, 1e30)):
        filled = np.count_nonzero(np.add.reduceat(counted(np.linspace(low, high, 5000)).counts, [0]))
        assert filled
        assert 20 <= np.count_nonzero(counted(np.linspace(low, high, 5000)).counts) <= BINS


@pytest.mark.parametrize("values", [[0.0], [3.7] * 10, [-1e-30], [], [np.float32(3e38)]])
def test_constant_and_empty_values(values):
    histogram = counted(np.array(values, np.float32))
    assert histogram.total == len(values)
    assert len(histogram.to_series()) == 2 + BINS


def test_values_that_are_not_finite_are_counted_apart():
    histogram = counted(np.array([1, np.nan, 2, np.inf, -np.inf], np.float32))
    assert (histogram.total, histogram.non_finite) == (2, 3)


@pytest.mark.parametrize("seed", range(5))
def test_the_distance_is_scipys_on_the_wider_grid(seed):
    generator = np.random.default_rng(seed)
    a, b = generator.normal(size=800), generator.normal(0.3, 2.5, 500)
    first, second = counted(a), counted(b)
    width = max(first.width, second.width)
    expected = wasserstein_distance(np.floor(a / width), np.floor(b / width)) * width
    assert wasserstein(first, second) == pytest.approx(expected, rel=1e-9)
    assert wasserstein(first, second) == pytest.approx(wasserstein_distance(a, b), abs=width)


def test_the_distance_to_itself_shifted_by_bins():
    values = np.random.default_rng(0).normal(size=300)
    histogram = counted(values)
    moved = Histogram(histogram.origin + 5, histogram.exponent, histogram.counts.copy())
    assert wasserstein(histogram, histogram) == 0
    assert wasserstein(histogram, moved) == pytest.approx(5 * histogram.width)
    assert np.isnan(wasserstein(histogram, Histogram()))


def test_mean_and_deviation():
    values = np.random.default_rng(0).normal(2, 3, 4000)
    mean, deviation = counted(values).mean_and_deviation()
    assert mean == pytest.approx(values.mean(), abs=0.05)
    assert deviation == pytest.approx(values.std(), rel=0.02)
    assert all(np.isnan(Histogram().mean_and_deviation()))


@pytest.mark.parametrize("spread", [1e-5, 1e-7, 1e-12])
def test_narrow_histograms_far_apart_take_no_memory(spread):
    values = np.random.default_rng(0).normal(0, spread, 500)
    assert wasserstein(counted(values), counted(values + 3.0)) == pytest.approx(3, rel=2e-3)


def test_as_many_bins_are_made_as_the_contract_says():
    """Explainers know no TensorBoard, so each side has the number; here they meet."""
    assert BINS == metadata.HISTOGRAM_BINS
    assert len(Histogram().to_series()) == 2 + metadata.HISTOGRAM_BINS
