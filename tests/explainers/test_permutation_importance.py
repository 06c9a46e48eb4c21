"""Permutation importance, held to a loop and to its closed form."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tb_explain_plugin.callbacks.explainers import Scorer, permutation_importance
from tb_explain_plugin.callbacks.explainers.permutation_importance import frozen_permutations
from tests.explainers import reference


@pytest.fixture(scope="module")
def regression():
    """A linear model that is right but for a little noise: the loss's increase has a closed form."""
    generator = np.random.default_rng(0)
    x = generator.normal(size=(300, 4)).astype("f4")
    weight = np.array([2.0, -1.0, 0.5, 0.0], "f4")
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.set_weights([weight[:, None], np.zeros(1, "f4")])
    return model, x, (x @ weight + 0.01 * generator.normal(size=300)).astype("f4"), weight


def test_it_equals_a_loop(regression):
    model, x, y, weight = regression
    importance = permutation_importance(model, x, y, repeats=3, seed=2)
    permutations = frozen_permutations(300, 3, 2)
    mean, error = reference.permutation_importance(
        lambda z: np.mean((z @ weight.astype(float) - y) ** 2), x.astype(float), permutations, range(4)
    )
    np.testing.assert_allclose(importance.mean["input"], mean, atol=1e-5)
    np.testing.assert_allclose(importance.standard_error["input"], error, atol=1e-5)


def test_the_closed_form_of_a_linear_model(regression):
    """E increase of the squared error = 2 w² Var(x)."""
    model, x, y, weight = regression
    importance = permutation_importance(model, x, y, repeats=40)
    expected = 2 * weight**2 * x.var(axis=0)
    assert np.all(np.abs(importance.mean["input"] - expected) <= 4 * importance.standard_error["input"] + 0.01)
    assert importance.mean["input"][3] == pytest.approx(0, abs=1e-6)


def test_it_is_the_same_each_time(regression):
    model, x, y, _ = regression
    scorer = Scorer(model, x, y)
    first, second = (permutation_importance(scorer, x, y, seed=5) for _ in range(2))
    np.testing.assert_array_equal(first.mean["input"], second.mean["input"])
    assert not np.array_equal(first.mean["input"], permutation_importance(scorer, x, y, seed=6).mean["input"])


def test_the_error_of_one_permutation_is_over_samples(regression):
    model, x, y, weight = regression
    importance = permutation_importance(model, x, y, repeats=1)
    order = frozen_permutations(300, 1, 0)[0]
    changed = x.copy()
    changed[:, 0] = x[order, 0]
    increase = (changed @ weight - y) ** 2 - (x @ weight - y) ** 2
    assert importance.standard_error["input"][0] == pytest.approx(increase.std(ddof=1) / np.sqrt(300), rel=1e-3)


def test_weights_of_samples_count(regression):
    model, x, y, _ = regression
    weight = np.zeros(300)
    weight[:100] = 1
    weighted = permutation_importance(model, x, y, metric=lambda z: (model(z)[:, 0].numpy() - y) ** 2, sample_weight=weight, repeats=2)
    orders = frozen_permutations(300, 2, 0)
    for column in range(4):
        increases = []
        for order in orders:
            changed = x.copy()
            changed[:, column] = x[order, column]
            increases.append(np.mean((model(changed)[:100, 0].numpy() - y[:100]) ** 2 - (model(x)[:100, 0].numpy() - y[:100]) ** 2))
        assert weighted.mean["input"][column] == pytest.approx(np.mean(increases), abs=1e-5)


def test_regions_of_an_image_are_permuted_together():
    model = keras.Sequential([keras.layers.Input((8, 8, 2)), keras.layers.Flatten(), keras.layers.Dense(1)])
    kernel = np.zeros((8, 8, 2), "f4")
    kernel[6:, :2] = 1.0  # the region at row 3, column 0 of a 4 x 4 grid
    model.compile("sgd", "mse")
    model.set_weights([kernel.reshape(-1, 1), np.zeros(1, "f4")])
    x = np.random.default_rng(0).normal(size=(60, 8, 8, 2)).astype("f4")
    y = (x * kernel).sum(axis=(1, 2, 3))
    importance = permutation_importance(model, x, y, repeats=2)
    assert importance.regions["input"] == (4, 4)
    found = importance.mean["input"].reshape(4, 4)
    assert found[3, 0] == pytest.approx(2 * 8, rel=0.4)
    found[3, 0] = 0
    np.testing.assert_allclose(found, 0, atol=1e-5)


def test_what_is_refused(regression):
    model, x, y, _ = regression
    with pytest.raises(ValueError, match="repeats is 0"):
        permutation_importance(model, x, y, repeats=0)
    with pytest.raises(ValueError, match=r"regions of input 'input' are \(5,\); its samples have shape \(4,\)"):
        permutation_importance(model, x, y, regions={"input": (5,)})
    bare = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match="has no compiled loss"):
        permutation_importance(bare, x, y)
