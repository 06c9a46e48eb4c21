"""Held to SciPy, to closed forms, and to a slow twin that draws ties at random."""

import numpy as np
import pytest
from scipy import stats

from tb_explain_plugin import ranks


@pytest.fixture
def tied_pair():
    rng = np.random.default_rng(0)
    return rng.integers(0, 6, 40).astype(float), rng.integers(0, 6, 40).astype(float)


def test_spearman_is_scipys_with_ties(tied_pair):
    np.testing.assert_allclose(ranks.spearman(*tied_pair), stats.spearmanr(*tied_pair).statistic)


def test_spearman_of_a_series_is_that_of_each_step():
    rng = np.random.default_rng(1)
    steps, reference = rng.normal(size=(5, 9)), rng.normal(size=9)
    np.testing.assert_allclose(ranks.spearman(steps, reference), [stats.spearmanr(step, reference).statistic for step in steps])


def test_kendall_is_its_definition_with_ties(tied_pair):
    a, b = tied_pair
    products = [np.sign(a[i] - a[j]) * np.sign(b[i] - b[j]) for i in range(len(a)) for j in range(i)]
    untied = [sum(x[i] != x[j] for i in range(len(a)) for j in range(i)) for x in (a, b)]
    assert ranks.kendall(a, b) == pytest.approx(sum(products) / np.sqrt(untied[0] * untied[1]))


@pytest.mark.parametrize("correlation", [ranks.spearman, ranks.kendall])
def test_same_and_opposite_orders_are_the_ends_of_the_range(correlation):
    values = np.array([0.1, 3.0, 0.7, 0.2])
    assert correlation(values, values**3) == pytest.approx(1)
    assert correlation(values, -values) == pytest.approx(-1)


@pytest.mark.parametrize("correlation", [ranks.spearman, ranks.kendall])
@pytest.mark.parametrize("side", [[0.0, 0.0, 0.0], [2.0, 2.0, 2.0], [1.0, np.nan, 2.0]])
def test_what_orders_nothing_correlates_with_nothing(correlation, side):
    assert np.isnan(correlation(side, [1.0, 2.0, 3.0]))
    assert np.isnan(correlation([1.0, 2.0, 3.0], side))
    assert np.isnan(correlation(side, side))


@pytest.mark.parametrize("correlation", [ranks.spearman, ranks.kendall])
def test_one_feature_has_no_order(correlation):
    assert np.isnan(correlation([1.0], [2.0]))


def test_top_overlap_counts_common_features():
    assert ranks.top_overlap([9, 8, 7, 1, 0], [8, 1, 2, 7, 0], 3) == pytest.approx(2 / 3)
    assert ranks.top_overlap([9, 8, 1, 0], [0, 1, 8, 9], 2) == 0


def test_top_overlap_of_a_series_is_that_of_each_step():
    rng = np.random.default_rng(4)
    steps, reference = rng.integers(0, 4, (6, 9)).astype(float), rng.normal(size=9)
    steps[2, 3] = np.nan
    overlaps = ranks.top_overlap(steps, reference, 3)
    np.testing.assert_allclose(overlaps, [ranks.top_overlap(step, reference, 3) for step in steps])
    assert np.isnan(overlaps).tolist() == [False, False, True, False, False, False]


def test_a_ranking_overlaps_wholly_with_itself_whatever_is_tied():
    for values in ([3, 1, 1, 1, 0, 0], [0, 0, 0, 0], [5]):
        for k in range(1, len(values) + 1):
            assert ranks.top_overlap(values, values, k) == pytest.approx(1)
        assert ranks.rank_biased_overlap(values, values) == pytest.approx(1)


def test_what_is_all_tied_overlaps_as_much_as_chance():
    strict, tied = np.arange(7.0), np.zeros(7)
    for k in range(1, 8):
        assert ranks.top_overlap(strict, tied, k) == pytest.approx(ranks.top_overlap_by_chance(k, 7))
    assert ranks.rank_biased_overlap(strict, tied) == pytest.approx(ranks.rank_biased_overlap_by_chance(7))


def test_random_orders_overlap_as_the_chance_lines_say():
    rng = np.random.default_rng(2)
    pairs = rng.normal(size=(2000, 2, 12))
    top = [ranks.top_overlap(a, b, 3) for a, b in pairs]
    biased = [ranks.rank_biased_overlap(a, b, 0.8) for a, b in pairs]
    assert np.mean(top) == pytest.approx(ranks.top_overlap_by_chance(3, 12), abs=4 * np.std(top) / np.sqrt(2000))
    assert np.mean(biased) == pytest.approx(ranks.rank_biased_overlap_by_chance(12, 0.8), abs=4 * np.std(biased) / np.sqrt(2000))


def test_ties_against_a_strict_order_are_the_mean_over_all_ways_to_break_them():
    rng = np.random.default_rng(3)
    tied, strict = rng.integers(0, 3, 10).astype(float), rng.permutation(10).astype(float)
    broken = [ranks.rank_biased_overlap(tied + rng.uniform(0, 0.5, 10), strict) for _ in range(4000)]
    assert ranks.rank_biased_overlap(tied, strict) == pytest.approx(np.mean(broken), abs=4 * np.std(broken) / np.sqrt(4000))


def slow_rank_biased_overlap(a, b, p):
    orders = [sorted(range(len(side)), key=lambda j: -side[j]) for side in (a, b)]
    agreement = [len(set(orders[0][:k]) & set(orders[1][:k])) / k for k in range(1, len(a) + 1)]
    return agreement[-1] * p ** len(a) + (1 - p) / p * sum(x * p**k for k, x in enumerate(agreement, 1))


@pytest.mark.parametrize("features", [1, 2, 30, 700])  # beyond 263 the weights are below 1e-12
def test_rank_biased_overlap_is_its_definition(features):
    rng = np.random.default_rng(features)
    a = rng.normal(size=features)
    b = a + rng.normal(size=features)
    assert ranks.rank_biased_overlap(a, b) == pytest.approx(slow_rank_biased_overlap(a.tolist(), b.tolist(), 0.9), abs=1e-10)


def test_nan_has_no_overlap():
    assert np.isnan(ranks.top_overlap([1, np.nan], [1, 2], 1))
    assert np.isnan(ranks.rank_biased_overlap([1, 2], [np.nan, 2]))


@pytest.mark.parametrize("k", [0, 3])
def test_places_beyond_the_features_are_refused(k):
    with pytest.raises(ValueError, match="pass k from 1 to 2"):
        ranks.top_overlap([1, 2], [1, 2], k)
    with pytest.raises(ValueError, match="pass k from 1 to 2"):
        ranks.top_overlap_by_chance(k, 2)


@pytest.mark.parametrize("persistence", [0, 1, 1.5])
def test_a_persistence_outside_its_range_is_refused(persistence):
    with pytest.raises(ValueError, match="between 0 and 1"):
        ranks.rank_biased_overlap([1, 2], [1, 2], persistence)
