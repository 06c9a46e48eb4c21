"""Phases that are planted are found, and no others; of series as training makes them, and at several sizes."""

import numpy as np
import pytest

from tb_explain_plugin.phases import phases

SEEDS = range(10)


def wander(levels, relative, seed, memory=0.0):
    """Shares around their levels [S, F], with relative noise; `memory` is its autocorrelation."""
    noise = np.random.default_rng(seed + 100).normal(size=np.shape(levels))
    for i in range(1, len(noise)):
        noise[i] = memory * noise[i - 1] + np.sqrt(1 - memory**2) * noise[i]
    values = levels * np.exp(relative * noise)
    return values / values.sum(1, keepdims=True)


def some_shares(features, seed):
    values = np.exp(0.7 * np.random.default_rng(seed).normal(size=features))
    return values / values.sum()


def planted(steps, features, seed, begin, ramp=1, part=0.14):
    """Shares of which one feature takes a part at a step, or by then and some more."""
    weight = np.clip((np.arange(steps) - begin + 1) / ramp, 0, 1)[:, None] * part
    marked = np.eye(features)[seed % features]
    return (1 - weight) * some_shares(features, seed) + weight * marked


@pytest.mark.parametrize("relative", [0.05, 0.2])
@pytest.mark.parametrize(("steps", "features"), [(21, 8), (40, 30), (100, 64), (300, 64)])
def test_a_stationary_series_is_one_phase(steps, features, relative):
    for seed in SEEDS:
        assert phases(wander(np.tile(some_shares(features, seed), (steps, 1)), relative, seed)) == []


@pytest.mark.parametrize(
    ("steps", "features", "relative"), [(21, 8, 0.05), (40, 8, 0.1), (40, 30, 0.2), (100, 64, 0.2), (300, 64, 0.05), (300, 64, 0.2)]
)
def test_a_planted_phase_is_found_within_a_step(steps, features, relative):
    found = [phases(wander(planted(steps, features, seed, steps // 2), relative, seed)) for seed in SEEDS]
    assert all(len(each) == 1 and abs(each[0] - steps // 2) <= 1 for each in found)


def test_two_planted_phases_are_found():
    for seed in SEEDS:
        levels = np.concatenate([planted(40, 30, seed, 99), planted(40, 30, seed, 0), planted(40, 30, seed + 1, 0)])
        assert phases(wander(levels, 0.1, seed)) == [40, 80]


def test_a_phase_that_sets_in_slowly_begins_while_it_grows():
    for seed in SEEDS:
        [begin] = phases(wander(planted(100, 30, seed, 50, ramp=10), 0.1, seed))
        assert 50 <= begin < 60


@pytest.mark.parametrize("relative", [0.0, 0.001, 0.02, 0.2])
@pytest.mark.parametrize("time_constant", [2, 5, 15])
@pytest.mark.parametrize("steps", [21, 100, 300])
def test_settling_is_not_cut_into_many(steps, time_constant, relative):
    for seed in SEEDS:
        weight = np.exp(-np.arange(steps) / time_constant)[:, None]
        levels = weight * some_shares(30, seed) + (1 - weight) * some_shares(30, seed + 50)
        assert len(phases(wander(levels, relative, seed))) <= 2


def test_a_phase_after_settling_is_found():
    for seed in SEEDS:
        weight = np.exp(-np.arange(60) / 3)[:, None]
        levels = weight * some_shares(30, seed + 50) + (1 - weight) * planted(60, 30, seed, 30)
        assert 30 in phases(wander(levels, 0.05, seed))


def test_changes_too_small_to_matter_are_none():
    """A run whose learning rate has come to nothing still moves, step by step, one way."""
    line = np.linspace(0, 1e-3, 100)[:, None]
    assert phases(some_shares(30, 0) * (1 - line) + some_shares(30, 1) * line) == []
    assert phases(np.tile(some_shares(30, 0), (50, 1))) == []


def test_steps_without_shares_are_passed_over():
    levels = wander(planted(40, 8, 0, 20), 0.05, 0)
    levels[[3, 19, 25]] = np.nan
    assert phases(levels) == [20]
    assert phases(np.full((40, 8), np.nan)) == []


@pytest.mark.parametrize("steps", range(1, 8))
def test_few_steps_are_one_phase(steps):
    assert phases(planted(steps, 8, 0, steps // 2)) == []
