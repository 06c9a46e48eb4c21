"""Held to closed forms, to known populations, and to coverage over repeated probes."""

import numpy as np
import pytest

from tb_explain_plugin import drift, drift_noise


def draw_probe(rng, scale, samples=80):
    """Attributions of which mean|a| of a population is `scale`, samples being of very different sizes."""
    return rng.exponential(size=(samples, 1)) * rng.normal(size=(samples, len(scale))) * np.asarray(scale) * np.sqrt(np.pi / 2)


@pytest.fixture
def pair():
    rng = np.random.default_rng(0)
    reference = draw_probe(rng, [4, 3, 2, 1, 0.5])
    return reference * rng.uniform(0.5, 1.5, reference.shape), reference


def test_importance_is_the_mean_and_its_error(pair):
    estimate = drift_noise.importance(pair[0])
    np.testing.assert_allclose(estimate.value, np.abs(pair[0]).mean(0))
    np.testing.assert_allclose(estimate.standard_error, np.abs(pair[0]).std(0, ddof=1) / np.sqrt(80))


def test_the_error_of_a_change_is_paired(pair):
    current, reference = pair
    change = drift_noise.importance_change(current, reference)
    np.testing.assert_allclose(change.value, np.abs(current).mean(0) - np.abs(reference).mean(0))
    unpaired = np.hypot(drift_noise.importance(current).standard_error, drift_noise.importance(reference).standard_error)
    assert (change.standard_error < unpaired / 2).all()
    np.testing.assert_array_equal(drift_noise.importance_change(current, -current).standard_error, 0)


def test_total_attribution_is_in_the_scores_unit():
    total = drift_noise.total_attribution([[1.0, -2.0], [0.0, 5.0]])
    assert (total.value, total.standard_error) == (pytest.approx(4), pytest.approx(1))


def test_one_sample_has_no_error():
    for estimate in (drift_noise.importance([[1.0, 2.0]]), drift_noise.total_attribution([[1.0, 2.0]])):
        assert np.isnan(estimate.standard_error).all()
        assert np.isfinite(estimate.value).all()
    assert np.isnan(drift_noise.share_band([[1.0, 2.0]])).all()
    assert np.isnan(drift_noise.share_shift_band([[1.0, 2.0]], [[1.0, 2.0]])).all()
    assert np.isnan(drift_noise.share_shift_noise([[1.0, 2.0]], [[1.0, 2.0]]))


@pytest.mark.parametrize("values", [np.zeros((4, 3)), np.full((4, 3), np.nan), np.full((4, 3), np.inf)])
def test_without_shares_there_are_no_bands(values):
    other = np.ones((4, 3))
    assert np.isnan(drift_noise.share_band(values)).all()
    assert np.isnan(drift_noise.share_shift_band(values, other)).all()
    assert np.isnan(drift_noise.share_shift_noise(other, values))


def test_nan_stays_in_its_feature():
    values = np.array([[1.0, np.nan], [2.0, 1.0]])
    assert np.isnan(drift_noise.importance(values).value).tolist() == [False, True]


def test_a_share_band_covers_the_population_as_often_as_it_says():
    rng = np.random.default_rng(1)
    truth = np.array([0.5, 0.3, 0.2])
    covered = []
    for seed in range(150):
        band = drift_noise.share_band(draw_probe(rng, truth), level=0.9, draws=200, seed=seed)
        covered.append((band.lower <= truth) & (truth <= band.upper))
    assert np.mean(covered) == pytest.approx(0.9, abs=0.05)


def test_a_shift_band_covers_the_population_as_often_as_it_says():
    rng = np.random.default_rng(2)
    before, after = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
    covered = []
    for seed in range(150):
        reference = draw_probe(rng, before, samples=256)
        current = reference * after / before * rng.uniform(0.5, 1.5, reference.shape)
        lower, upper = drift_noise.share_shift_band(current, reference, level=0.9, draws=200, seed=seed)
        covered.append(lower <= 0.3 <= upper)
    assert np.mean(covered) == pytest.approx(0.9, abs=0.06)


def test_noise_alone_stays_under_the_noise_line_as_often_as_it_says():
    rng = np.random.default_rng(3)
    under = []
    for seed in range(200):
        reference = draw_probe(rng, [4, 3, 2, 1, 1, 1])
        current = reference * rng.uniform(0.5, 1.5, reference.shape)
        line = drift_noise.share_shift_noise(current, reference, level=0.95, draws=200, seed=seed)
        under.append(drift.share_shift(current, reference).value <= line)
    assert np.mean(under) == pytest.approx(0.95, abs=0.04)


def test_equal_explanations_have_no_noise():
    values = draw_probe(np.random.default_rng(4), [1, 2, 3])
    assert drift_noise.share_shift_noise(values, values) == 0
    np.testing.assert_array_equal(drift_noise.share_shift_band(values, -2 * values), np.zeros(2))


def test_bands_are_the_same_at_every_request_and_in_blocks(pair, monkeypatch):
    whole = drift_noise.share_band(pair[0]), drift_noise.share_shift_band(*pair), drift_noise.share_shift_noise(*pair)
    monkeypatch.setattr(drift_noise, "_BAND_BYTES", 8 * 500 * 2)
    monkeypatch.setattr(drift_noise, "_BLOCK_BYTES", 4 * 32 * 2)
    blocks = drift_noise.share_band(pair[0]), drift_noise.share_shift_band(*pair), drift_noise.share_shift_noise(*pair)
    for one, other in zip(whole, blocks, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_samples_that_are_mostly_zero_can_be_drawn():
    values = np.zeros((3, 2))
    values[0] = [1, 3]
    np.testing.assert_allclose(drift_noise.share_band(values), [[0.25, 0.75]] * 2)
    assert drift_noise.share_shift_noise(values, values) == 0


def test_the_seed_null_is_robust():
    rng = np.random.default_rng(5)
    runs = np.array([0.4, 0.3, 0.3]) + rng.normal(scale=0.1, size=(400, 3))
    runs[0] = [50, -49, 0]
    null = drift_noise.seed_null(runs)
    np.testing.assert_allclose(null.center, [0.4, 0.3, 0.3], atol=0.02)
    np.testing.assert_allclose(null.spread, 0.1, rtol=0.15)


def test_the_spread_of_few_runs_is_not_too_small():
    rng = np.random.default_rng(6)
    for count in (2, 3, 5, 9, 15):
        spreads = drift_noise.seed_null(rng.normal(size=(count, 4000))).spread
        assert spreads.mean() == pytest.approx(1, abs=0.06)


def test_a_spread_has_a_floor():
    np.testing.assert_allclose(drift_noise.seed_null([[0.5, 0.5]] * 4).spread, 0.005)
    np.testing.assert_allclose(drift_noise.seed_null([[0.01] * 100] * 4).spread, 0.2 / 100)


def test_a_leak_stands_out_from_the_siblings():
    rng = np.random.default_rng(7)
    siblings = rng.dirichlet(np.full(20, 200), 6)
    leaking = siblings[0] * 0.7
    leaking[4] += 0.3
    scores = drift_noise.seed_scores(leaking, siblings[1:])
    assert scores.argmax() == 4
    assert scores[4] > 5
    assert np.abs(np.delete(scores, 4)).max() < 5


def test_fewer_than_two_siblings_make_no_null():
    assert np.isnan(drift_noise.seed_scores([0.5, 0.5], [[0.4, 0.6]])).all()
    assert np.isnan(drift_noise.seed_scores([0.5, 0.5], [[0.4, 0.6], [np.nan, np.nan]])).all()


@pytest.mark.parametrize(("draws", "samples", "cells"), [(1, 2, 1), (500, 256, 49), (7, 300, 33), (3, 9000, 2), (200, 32, 784)])
def test_draws_in_blocks_are_those_of_a_loop_in_float64(draws, samples, cells):
    rng = np.random.default_rng(8)
    current, reference = (rng.normal(size=(samples, cells)).astype(np.float32) for _ in range(2))
    drawn, wandered = [], []
    change = drift.shares(current) - drift.shares(reference)
    for counts in np.random.default_rng(5).multinomial(samples, np.full(samples, 1 / samples), draws):
        sums = [counts @ np.abs(side.astype(np.float64)) for side in (current, reference)]
        drawn_change = sums[0] / sums[0].sum() - sums[1] / sums[1].sum()
        drawn.append(0.5 * np.abs(drawn_change).sum())
        wandered.append(0.5 * np.abs(drawn_change - change).sum())
    shift = 0.5 * np.abs(change).sum()
    low, high = np.quantile(drawn, [0.05, 0.95])
    expected = [*np.clip([2 * shift - high, 2 * shift - low], 0, 1), np.quantile(wandered, 0.95)]
    np.testing.assert_allclose(drift_noise.share_shift_sampling(current, reference, draws=draws, seed=5), expected, atol=1e-5)
