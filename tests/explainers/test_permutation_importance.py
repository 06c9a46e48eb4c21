"""Permutation importance, held to a loop and to its closed form."""

from __future__ import annotations

import importlib

import keras
import numpy as np
import pytest
from sklearn import inspection
from sklearn.base import BaseEstimator, RegressorMixin

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


def sklearn_orders(samples, repeats, seed):
    """The permutations that scikit-learn draws: one seed for all columns, each shuffle on top of the last."""
    state = np.random.RandomState(np.random.RandomState(seed).randint(np.iinfo(np.int32).max + 1))
    shuffled, orders, now = np.arange(samples), [], np.arange(samples)
    for _ in range(repeats):
        state.shuffle(shuffled)
        now = now[shuffled]
        orders.append(now)
    return np.stack(orders)


def test_it_is_scikit_learns_by_the_same_permutations(regression, monkeypatch):
    model, x, y, _ = regression

    class Estimator(RegressorMixin, BaseEstimator):
        is_fitted_ = True

        def fit(self, x, y):
            return self

        def predict(self, x):
            return model(x)[:, 0].numpy()

    theirs = inspection.permutation_importance(Estimator(), x, y, scoring="neg_mean_squared_error", n_repeats=4, random_state=3)
    module = importlib.import_module("tb_explain_plugin.callbacks.explainers.permutation_importance")
    monkeypatch.setattr(module, "frozen_permutations", lambda samples, repeats, _: sklearn_orders(samples, repeats, 3))
    ours = permutation_importance(model, x, y, repeats=4)
    np.testing.assert_allclose(ours.mean["input"], theirs.importances_mean, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(ours.standard_error["input"], theirs.importances_std / np.sqrt(3), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("batch_size", [1, 7, 300, 700, 2000, 5000])
def test_it_does_not_depend_on_the_batches(regression, batch_size):
    """From one sample at a time to several repeats of all features at once."""
    model, x, y, _ = regression
    scorer = Scorer(model, x[:60], y[:60], batch_size=batch_size)
    expected = permutation_importance(Scorer(model, x[:60], y[:60], batch_size=60), x[:60], y[:60], repeats=5)
    found = permutation_importance(scorer, x[:60], y[:60], repeats=5)
    np.testing.assert_allclose(found.mean["input"], expected.mean["input"], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.standard_error["input"], expected.standard_error["input"], rtol=1e-4, atol=1e-5)


def test_batches_stay_within_their_size(regression, monkeypatch):
    model, x, y, _ = regression
    scorer = Scorer(model, x, y, batch_size=700)
    rows = []
    forward = scorer.network.forward
    monkeypatch.setattr(
        scorer.network, "forward", lambda flat, *more, **options: rows.append(flat[0].shape[0]) or forward(flat, *more, **options)
    )
    permutation_importance(scorer, x, y, repeats=3)
    assert max(rows) == 600


def test_a_cluster_of_a_linear_model_has_its_closed_form(regression):
    """E increase of the squared error = 2 Var(Σ w x) over the cluster's columns."""
    model, x, y, weight = regression
    importance = permutation_importance(model, x, y, repeats=40, clusters={"both": [0, 1], "last": 3})
    assert [cluster.name for cluster in importance.clusters["input"]] == ["both", "feature 2", "last"]
    assert importance.regions["input"] == (3,)
    expected = [2 * (x[:, :2] @ weight[:2]).var(), 2 * weight[2] ** 2 * x[:, 2].var(), 0]
    assert np.all(np.abs(importance.mean["input"] - expected) <= 4 * importance.standard_error["input"] + 0.01)


def test_columns_that_tell_the_same_matter_together(regression):
    """Two copies of a column: permuting one of them, the other still tells half."""
    _, x, _, _ = regression
    doubled = np.concatenate([x[:, :1], x[:, :1], x[:, 1:2]], axis=1)
    model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.set_weights([np.array([[1.0], [1.0], [0.0]], "f4"), np.zeros(1, "f4")])
    y = 2 * x[:, 0]
    alone = permutation_importance(model, doubled, y, repeats=30).mean["input"]
    together = permutation_importance(model, doubled, y, repeats=30, clusters="correlated", feature_names=["size", "area", "age"])
    assert [cluster.name for cluster in together.clusters["input"]] == ["size + 1 correlated", "age"]
    assert together.mean["input"][0] == pytest.approx(4 * alone[0], rel=1e-3)
    again = permutation_importance(model, doubled, y, repeats=30, clusters=together.clusters)
    np.testing.assert_array_equal(again.mean["input"], together.mean["input"])


def test_a_diverged_model_has_no_importance_and_no_warning(regression):
    _, x, y, _ = regression
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.set_weights([np.full((4, 1), np.nan, "f4"), np.zeros(1, "f4")])
    for repeats in (1, 3):
        importance = permutation_importance(model, x, y, repeats=repeats)
        assert np.isnan(importance.mean["input"]).all()
        assert np.isnan(importance.standard_error["input"]).all()


def test_every_input_is_dealt_by_itself():
    """A table of floats, one of integers, and an image, in one model."""
    table, codes, image = (keras.Input(shape, name=name, dtype=dtype) for name, shape, dtype in INPUTS)
    embedded = keras.layers.Flatten()(keras.layers.Embedding(5, 2)(codes))
    joined = keras.layers.Concatenate()([table, embedded, keras.layers.Flatten()(image)])
    model = keras.Model([table, codes, image], keras.layers.Dense(1)(joined))
    model.compile("sgd", "mse")
    generator = np.random.default_rng(0)
    x = [
        generator.normal(size=(30, 3)).astype("f4"),
        generator.integers(0, 5, (30, 2)).astype("i4"),
        generator.normal(size=(30, 6, 4, 1)).astype("f4"),
    ]
    y = generator.normal(size=30).astype("f4")
    found = permutation_importance(model, x, y, repeats=2, regions={"image": (2, 2)})
    squared = lambda inputs: (model(inputs)[:, 0].numpy() - y) ** 2  # noqa: E731
    slow = permutation_importance(model, x, y, repeats=2, regions={"image": (2, 2)}, metric=squared)
    assert {name: mean.shape for name, mean in found.mean.items()} == {"table": (3,), "codes": (2,), "image": (4,)}
    for name, mean in slow.mean.items():
        np.testing.assert_allclose(found.mean[name], mean, rtol=1e-4, atol=1e-5)
        assert np.abs(mean).min() > 1e-4


INPUTS = [("table", (3,), "float32"), ("codes", (2,), "int32"), ("image", (6, 4, 1), "float32")]


def test_what_is_refused(regression):
    model, x, y, _ = regression
    with pytest.raises(ValueError, match="repeats is 0"):
        permutation_importance(model, x, y, repeats=0)
    with pytest.raises(ValueError, match=r"regions of input 'input' are \(5,\); its samples have shape \(4,\)"):
        permutation_importance(model, x, y, regions={"input": (5,)})
    bare = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match="has no compiled loss"):
        permutation_importance(bare, x, y)
