"""Kernel SHAP, against Shapley values by brute force and games whose values are known."""

from __future__ import annotations

import functools
import itertools
import math

import keras
import numpy as np
import pytest
from keras import layers

from tb_explain_plugin.callbacks.explainers import kernel_shap
from tb_explain_plugin.callbacks.explainers.shapley_rules import (
    covariances,
    exact,
    krawtchouk,
    leverage_sample,
    most_telling,
    paired,
    rule_for,
)
from tests.explainers import reference


def first_output(outputs, _):
    return outputs[:, 0]


def test_few_players_have_the_values_of_the_twin(classifier, samples):
    x, y = (v[:6] for v in samples)
    twin = reference.DenseTwin.of(classifier)
    mean = x.mean(axis=0, dtype=np.float64)
    attribution = kernel_shap(classifier, x, y)
    for row, target, values in zip(x, y, attribution.values, strict=True):
        expected = reference.shapley_values(lambda m, r=row, t=target: reference.log_odds(twin.logits(np.where(m, r, mean)), t), 5)
        np.testing.assert_allclose(values, expected, atol=5e-6)
    assert attribution.completeness_error.max() < 1e-5


def test_groups_against_a_background_have_the_values_of_the_twin(classifier, samples):
    x, y = (v[:3] for v in samples)
    others = samples[0][10:14]
    twin = reference.DenseTwin.of(classifier)
    labels = np.array([0, 1, 0, 2, 2])
    attribution = kernel_shap(classifier, x, y, background=others, players=[[0, 2], [1], [3, 4]])
    for row, target, values in zip(x, y, attribution.values, strict=True):
        score = lambda v, t=target: reference.log_odds(twin.logits(v), t)  # noqa: E731
        expected = reference.shapley_values(lambda m, r=row, f=score: reference.coalition_score(f, r, others, labels, m), 3)
        np.testing.assert_allclose(values, expected[labels] / np.bincount(labels)[labels], atol=5e-6)
    means = [np.mean([reference.log_odds(twin.logits(other), target) for other in others]) for target in y]
    np.testing.assert_allclose(attribution.baseline_score, means, atol=5e-6)


@functools.cache
def wide():
    """A trained-like network of 13 columns, samples, and their Shapley values by brute force."""
    keras.utils.set_random_seed(9)
    model = keras.Sequential(
        [layers.Input((13,)), layers.Dense(24, activation="relu"), layers.Dense(12, activation="relu"), layers.Dense(3)]
    )
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    x = np.random.default_rng(1).normal(size=(6, 13)).astype(np.float32)
    y = np.arange(6) % 3
    rule, twin, mean = exact(13), reference.DenseTwin.of(model), x.mean(axis=0, dtype=np.float64)
    logits = [twin.logits(np.where(rule.present, row, mean)) for row in x]
    scores = [z[:, t] - np.log(sum(np.exp(z[:, k]) for k in range(3) if k != t)) for z, t in zip(logits, y, strict=True)]
    return model, x, y, np.stack(scores) @ rule.weights


def test_the_exact_rule_is_the_formula():
    """By which the others are judged here, brute force of 2¹³ coalitions being too slow in loops."""
    scores = np.random.default_rng(0).normal(size=2**5)
    rule = exact(5)
    by_coalition = dict(zip(map(tuple, rule.present), scores, strict=True))
    expected = reference.shapley_values(lambda present: by_coalition[tuple(present)], 5)
    np.testing.assert_allclose(scores @ rule.weights, expected, atol=1e-12)
    assert rule.present[0].all()
    assert not rule.present[1].any()


def test_many_players_are_exact_where_samples_suffice():
    model, x, y, expected = wide()
    np.testing.assert_allclose(kernel_shap(model, x, y, samples=2**13).values, expected, atol=1e-5)


@pytest.mark.parametrize(("samples", "error"), [(128, 0.15), (512, 0.06), (2048, 0.015)])
def test_drawn_coalitions_come_close_to_all(samples, error):
    """Relative L2 errors of a few per cent of a relative of the network, less with each sample."""
    model, x, y, expected = wide()
    attribution = kernel_shap(model, x, y, samples=samples)
    assert np.linalg.norm(attribution.values - expected) < error * np.linalg.norm(expected)
    assert attribution.completeness_error.max() < 1e-5


def weighted_least_squares(rule, scores):
    """KernelSHAP's own fit to the same coalitions, exactly additive, each size weighing what the Shapley kernel gives it."""
    present, drawn = rule.present.astype(float), slice(2, None)
    players, size = present.shape[1], present.sum(axis=1)[drawn].astype(int)
    weight = (players - 1) / (size * (players - size)) / np.bincount(size)[size]
    design, gap = present[drawn], scores[0] - scores[1]
    normal = np.block([[(design * weight[:, None]).T @ design, np.ones((players, 1))], [np.ones((1, players)), np.zeros((1, 1))]])
    return np.linalg.solve(normal, np.append(design.T @ (weight * (scores[drawn] - scores[1])), gap))[:-1]


def test_errors_are_at_most_half_of_the_weighted_least_squares():
    """At equal coalitions, over several draws."""
    model, x, y, expected = wide()
    errors = []
    twin, mean = reference.DenseTwin.of(model), x.mean(axis=0, dtype=np.float64)
    for seed in range(3):
        rule = paired(13, 2048, seed)
        for row, target, values in zip(x, y, expected, strict=True):
            z = twin.logits(np.where(rule.present, row, mean))
            scores = z[:, target] - np.log(sum(np.exp(z[:, k]) for k in range(3) if k != target))
            both = scores @ rule.weights, weighted_least_squares(rule, scores)
            errors.append([np.linalg.norm(found - values) for found in both])
    ours, theirs = np.mean(errors, axis=0)
    assert ours < 0.5 * theirs


@pytest.mark.parametrize("players", [13, 40])
def test_interactions_of_two_players_are_exact_and_shared_by_both(players):
    generator = np.random.default_rng(2)
    linear, pairs = generator.normal(size=players), np.triu(generator.normal(size=(players, players)), 1)
    rule = paired(players, 1024, 0)
    scores = rule.present @ linear + ((rule.present @ pairs) * rule.present).sum(axis=1)
    np.testing.assert_allclose(scores @ rule.weights, linear + (pairs + pairs.T).sum(axis=1) / 2, rtol=0, atol=1e-3)


@pytest.mark.parametrize("samples", [64, 129, 1000])
@pytest.mark.parametrize("players", [13, 14, 70])
def test_coalitions_are_drawn_once_and_with_their_complements(players, samples):
    if samples < players:
        samples += 2 * players
    present = paired(players, samples, 3).present
    assert len(present) == 2 + samples // 2 * 2
    assert len(np.unique(present, axis=0)) == len(present)
    np.testing.assert_array_equal(np.unique(present, axis=0), np.unique(~present, axis=0))
    np.testing.assert_array_equal(present, paired(players, samples, 3).present)
    assert (present != paired(players, samples, 4).present).any()


def test_each_size_has_as_many_coalitions_as_the_others_or_all_there_are():
    sizes = np.bincount(leverage_sample(14, 500, np.random.default_rng(0)).sum(axis=1), minlength=8)[1:]
    assert sizes[0] == 14
    assert sizes[1:6].max() - sizes[1:6].min() <= 1 or sizes[1] == math.comb(14, 2)
    assert abs(2 * sizes[6] - sizes[5]) <= 2  # those of half the players are their own complements' size


def test_krawtchouk_is_the_mean_product_of_signs():
    for minus in range(7):
        signs = [-1] * minus + [1] * (6 - minus)
        for degree in range(7):
            expected = np.mean([np.prod(part) for part in itertools.combinations(signs, degree)])
            assert krawtchouk(6, degree)[minus] == pytest.approx(expected)


def test_no_player_is_left_out_of_the_fit():
    """All of twenty columns matter alike, and all say so."""
    model = keras.Sequential([layers.Input((20,)), layers.Dense(1, kernel_initializer="ones")])
    values = kernel_shap(model, np.ones((2, 20), np.float32), baseline="zero", samples=200, score=first_output).values
    np.testing.assert_allclose(values, 1, atol=1e-4)


def test_players_that_equal_their_baseline_are_worth_nothing():
    model, x, y, _ = wide()
    x = x.copy()
    x[:, 3] = 0
    x[2, 5:] = 0
    x[4] = 0
    attribution = kernel_shap(model, x, y, baseline="zero", samples=256)
    np.testing.assert_array_equal(attribution.values[x == 0], 0)
    assert (attribution.values[x != 0] != 0).all()
    assert attribution.completeness_error.max() < 1e-5
    assert not kernel_shap(model, np.zeros_like(x), y, baseline="zero").values.any()


def test_the_coalitions_are_the_same_whatever_the_weights():
    assert rule_for(13, 256, 0) is rule_for(13, 256, 0)
    model, x, y, _ = wide()
    first = kernel_shap(model, x, y, samples=256)
    np.testing.assert_array_equal(kernel_shap(model, x, y, samples=256).values, first.values)
    assert (kernel_shap(model, x, y, samples=256, seed=1).values != first.values).any()


def test_each_coalition_is_the_one_that_leaves_the_least_variance():
    """Against the variance that is left of the Shapley values, by the inverse of all covariances."""
    players, pairs = 7, 20
    drawn = leverage_sample(players, 40, np.random.default_rng(0))
    signs = np.concatenate([np.ones((1, players)), np.where(drawn, 1.0, -1.0)])
    by_distance, with_values = covariances(signs)
    chosen = most_telling(signs, by_distance, with_values, pairs).tolist()
    assert chosen[0] == 0
    assert len(set(chosen)) == 1 + pairs

    def told(rows):
        """What is known of the variance of all values."""
        distance = (signs[rows, None] != signs[rows]).sum(axis=2)
        inverse = np.linalg.inv(by_distance[distance] + 1e-7 * np.eye(len(rows)))
        return np.trace(with_values[rows].T @ inverse @ with_values[rows])

    for k in range(1, 1 + pairs):
        before = told(chosen[:k])
        most = max(told([*chosen[:k], other]) for other in range(len(signs)) if other not in chosen[:k]) - before
        assert told(chosen[: k + 1]) - before == pytest.approx(most, rel=1e-3)
