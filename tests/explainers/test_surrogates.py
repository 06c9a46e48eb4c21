"""Surrogates of models that are themselves simple, in closed form; what they see; and their fidelity against scikit-learn's own."""

from __future__ import annotations

import sys

import keras
import numpy as np
import pytest
from keras import layers, ops
from sklearn.linear_model import Lasso, LinearRegression
from sklearn.metrics import r2_score
from sklearn.tree import DecisionTreeRegressor

from tb_explain_plugin.callbacks.explainers import Scorer, surrogate_linear, surrogate_tree
from tb_explain_plugin.callbacks.explainers.imitated import fidelity, imitated

GENERATOR = np.random.default_rng(4)
X = GENERATOR.normal(size=(120, 5)).astype("f4") * np.array([1, 10, 0.1, 3, 1], "f4") + np.array([0, 5, 0, 0, 2], "f4")
Y = np.arange(120) % 3


def stairs():
    """6 where column 0 is above 0.3; else 1 or −1, as column 3 is above 1 or not."""
    table = keras.Input((5,), name="table")
    inner = ops.where(table[:, 3:4] > 1.0, 1.0, -1.0)
    return keras.Model(table, ops.where(table[:, :1] > 0.3, 6.0, inner))


def dense(kernel, bias, activation=None, loss="mse"):
    kernel = np.array(kernel, "f4")
    model = keras.Sequential([keras.Input((len(kernel),), name="table"), layers.Dense(kernel.shape[1], activation, name="head")])
    model.set_weights([kernel, np.array(bias, "f4")])
    model.compile("sgd", loss)
    return model


CLASSES = GENERATOR.normal(size=(5, 3)) / X.std(axis=0)[:, None]


@pytest.fixture(scope="module")
def softmax():
    return dense(CLASSES, [0.1, -0.2, 0], "softmax", "sparse_categorical_crossentropy")


def probabilities(model):
    return model.predict(X, verbose=0).astype("f8")


# Trees ----------------------------------------------------------------------------------------------------------------------------


def test_a_model_of_steps_is_its_own_tree():
    surrogate = surrogate_tree(stairs(), X, max_depth=2, seed=1)
    tree = surrogate.model
    assert tree.feature.tolist() == [0, 3, -1, -1, -1]
    assert tree.left.tolist() == [1, 2, -1, -1, -1]
    assert tree.right.tolist() == [4, 3, -1, -1, -1]
    for node, column, edge in ((0, 0, 0.3), (1, 3, 1.0)):
        values = X[:, column] if node == 0 else X[X[:, 0] <= 0.3, column]
        assert values[values <= edge].max() <= tree.threshold[node] < values[values > edge].min()
        np.testing.assert_allclose(tree.spread[node], X[:, column].std(), rtol=1e-5)
    np.testing.assert_allclose(tree.value[[2, 3, 4], 0], [-1, 1, 6])
    y = np.where(X[:, 0] > 0.3, 6, np.where(X[:, 3] > 1, 1, -1))
    assert tree.count.tolist() == [120, (X[:, 0] <= 0.3).sum(), (y == -1).sum(), (y == 1).sum(), (y == 6).sum()]
    np.testing.assert_allclose(tree.value[0, 0], y.mean(), rtol=1e-5)
    right = X[:, 0] > 0.3
    first = 1 - (y[right].var() * right.sum() + y[~right].var() * (~right).sum()) / (120 * y.var())
    np.testing.assert_allclose(tree.gain[:2], [first, 1 - first], rtol=1e-4)
    assert (tree.gain[2:] == 0).all()
    np.testing.assert_array_equal(tree.predict(X)[:, 0], y)
    assert surrogate.fidelity.value > 0.9
    assert surrogate.target is None


def test_all_classes_are_imitated_together(softmax):
    surrogate = surrogate_tree(softmax, X, Y, max_depth=3)
    p = probabilities(softmax)
    np.testing.assert_allclose(surrogate.scores, p, atol=1e-6)
    np.testing.assert_allclose(surrogate.model.value.sum(axis=1), 1, rtol=1e-5)
    grown = DecisionTreeRegressor(max_depth=3, min_samples_leaf=5, random_state=0).fit(X, p)
    np.testing.assert_allclose(surrogate.model.predict(X), grown.predict(X), atol=1e-5)
    np.testing.assert_allclose(surrogate.model.gain.sum(), r2_score(p, grown.predict(X), multioutput="variance_weighted"), rtol=1e-4)


def test_thresholds_between_neighbouring_floats_part_them():
    low = np.float32(100)
    high = np.nextafter(low, np.float32(200))
    x = np.where(np.arange(40)[:, None] % 2, high, low).astype("f4")
    table = keras.Input((1,))
    model = keras.Model(table, ops.where(table > 100.0, 1.0, 0.0))
    tree = surrogate_tree(model, x).model
    np.testing.assert_array_equal(tree.predict(x)[:, 0], np.arange(40) % 2)


# Linear models --------------------------------------------------------------------------------------------------------------------


def test_a_linear_model_is_its_own_surrogate():
    kernel = np.array([[0.5], [0], [-20], [0.3], [0]])
    surrogate = surrogate_linear(dense(kernel, [0.7]), X, terms=3)
    linear = surrogate.model
    np.testing.assert_allclose(linear.center, X.mean(axis=0), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(linear.scale, X.std(axis=0), rtol=1e-4)
    np.testing.assert_allclose(linear.coefficient[0], kernel[:, 0] * X.std(axis=0), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(linear.intercept, X.mean(axis=0) @ kernel[:, 0] + 0.7, rtol=1e-3)
    np.testing.assert_allclose(linear.predict(X)[:, 0], X @ kernel[:, 0] + 0.7, rtol=1e-3, atol=1e-4)
    assert surrogate.fidelity.value == pytest.approx(1, abs=1e-6)


def test_a_softmax_of_linear_classes_is_linear_in_its_centered_logits(softmax):
    surrogate = surrogate_linear(softmax, X, Y, terms=5)
    expected = (CLASSES - CLASSES.mean(axis=1, keepdims=True)).T * X.std(axis=0)
    np.testing.assert_allclose(surrogate.model.coefficient, expected, atol=1e-3)
    assert surrogate.fidelity.value == pytest.approx(1, abs=1e-6)


def test_terms_are_those_that_the_lasso_takes_first():
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [keras.Input((5,)), layers.Normalization(mean=X.mean(0), variance=X.var(0)), layers.Dense(9, "tanh"), layers.Dense(1)]
    )
    surrogate = surrogate_linear(model, X, terms=2)
    wide = X.astype("f8")
    z, y = (wide - wide.mean(axis=0)) / wide.std(axis=0), surrogate.scores[:, 0]
    found = np.flatnonzero(surrogate.model.coefficient[0])
    for penalty in np.geomspace(1, 1e-3, 400) * np.abs(z.T @ (y - y.mean())).max() / 120:
        first = np.flatnonzero(Lasso(alpha=penalty).fit(z, y).coef_)
        if len(first) >= 2:
            break
    assert found.tolist() == first.tolist()
    refitted = LinearRegression().fit(z[:, found], y)
    np.testing.assert_allclose(surrogate.model.coefficient[0, found], refitted.coef_, rtol=1e-4)
    assert surrogate.fidelity.value < 1


# Scores ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("score", ["log_odds", "centered_logit", "logit", "probability"])
def test_scores_of_classes_are_those_of_the_scorer(softmax, score):
    scorer = Scorer(softmax, X, Y, score=score)
    scores, target = imitated(scorer, X, Y, None)
    assert target is None
    for k in range(3):
        np.testing.assert_allclose(scores[:, k], scorer.scores(X, np.full((120, 1), k)), rtol=1e-3, atol=1e-4)
        np.testing.assert_array_equal(imitated(scorer, X, Y, k).scores[:, 0], scores[:, k])


@pytest.mark.parametrize("score", ["log_odds", "probability"])
@pytest.mark.parametrize("target", [None, 0, 1])
def test_a_binary_output_is_imitated_for_class_1_or_the_one_that_is_named(score, target):
    scorer = Scorer(dense(CLASSES[:, :1], [0.3], "sigmoid", "binary_crossentropy"), X, Y % 2, score=score)
    scores, chosen = imitated(scorer, X, Y % 2, target)
    assert chosen == (1 if target is None else target)
    np.testing.assert_allclose(scores[:, 0], scorer.scores(X, np.full((120, 1), chosen)), rtol=1e-4, atol=1e-5)


def test_labels_and_regressions_and_callables():
    labels = dense(CLASSES[:, :2], [0.3, 0], "sigmoid", "binary_crossentropy")
    hot = np.stack([Y == 0, Y == 1], axis=1).astype("f4")
    assert imitated(Scorer(labels, X, hot), X, hot, 1).target == 1
    np.testing.assert_allclose(imitated(Scorer(labels, X, hot), X, hot, None).scores[:, 0], X @ CLASSES[:, 0] + 0.3, rtol=1e-3, atol=1e-4)
    pair = dense(CLASSES[:, :2], [0.3, 0])
    np.testing.assert_allclose(surrogate_tree(pair, X).scores[:, 0], (X @ CLASSES[:, :2]).sum(axis=1) + 0.3, rtol=1e-3, atol=1e-4)
    second = surrogate_tree(pair, X, score=lambda outputs, _: outputs[:, 1])
    np.testing.assert_allclose(second.scores[:, 0], X @ CLASSES[:, 1], rtol=1e-3, atol=1e-4)


# What they see --------------------------------------------------------------------------------------------------------------------


def test_images_are_seen_as_means_of_regions():
    images = np.random.default_rng(0).normal(size=(60, 10, 12, 3)).astype("f4")
    picture = keras.Input((10, 12, 3), name="picture")
    corner = ops.mean(picture[:, :2, 4:6], axis=(1, 2, 3))
    model = keras.Model(picture, ops.reshape(ops.where(corner > 0.1, 3.0, 1.0), (-1, 1)))
    surrogate = surrogate_tree(model, images, min_samples_leaf=1)
    assert surrogate.features.values.shape == (60, 5 * 6)
    assert surrogate.model.feature.tolist() == [2, -1, -1]
    np.testing.assert_allclose(surrogate.features.values[:, 2], images[:, :2, 4:6].mean(axis=(1, 2, 3)), atol=1e-6)
    coarse = surrogate_tree(model, images, regions={"picture": (5, 2)})
    np.testing.assert_allclose(coarse.features.values[:, 3], images[:, 2:4, 6:].mean(axis=(1, 2, 3)), atol=1e-6)


def test_texts_are_seen_as_the_words_they_hold():
    """The second of the words that tell, the first and the padding being in all of them."""
    words = ["[pad]", "[unk]", "the", "good", "bad", "film"]
    generator = np.random.default_rng(1)
    ids = np.zeros((60, 6), "i4")
    ids[:, 0] = 2
    ids[:, 1] = np.where(generator.random(60) < 0.4, 4, 3)
    ids[:, 3] = np.where(generator.random(60) < 0.2, 5, 0)
    table = np.array([0, 0, 0, 5, -5, 0.0])[:, None]
    model = keras.Sequential(
        [
            keras.Input((6,), dtype="int32", name="text"),
            layers.Embedding(6, 1, name="meaning"),
            layers.GlobalAveragePooling1D(),
            layers.Dense(1, "sigmoid", name="head"),
        ]
    )
    model.set_weights([table, np.ones((1, 1)), np.zeros(1)])
    model.compile("sgd", "binary_crossentropy")
    surrogate = surrogate_tree(model, ids, ids[:, 1] == 3, words=3)
    tokens = [token for token, _ in surrogate.features.tokens["text"]]
    assert sorted(tokens) == [3, 4, 5]
    assert tokens[0] == (3 if (ids[:, 1] == 3).mean() > 0.5 else 4)
    np.testing.assert_array_equal(surrogate.features.values, np.stack([(ids == token).any(axis=1) for token in tokens], axis=1))
    assert tokens[surrogate.model.feature[0]] in {3, 4}
    assert surrogate.fidelity.value == pytest.approx(1)
    assert words[tokens[2]] == "film"
    assert len(surrogate_linear(model, ids, ids[:, 1] == 3, words=1).features.tokens["text"]) == 1
    positions = surrogate_tree(model, ids, ids[:, 1] == 3, regions={"text": (6,)})
    np.testing.assert_array_equal(positions.features.values, ids)


def test_words_are_called_as_the_model_calls_them():
    lookup = layers.TextVectorization(output_sequence_length=3)
    lookup.adapt(["fine film", "dull film", "fine"])
    text = keras.Input((), dtype="string", name="review")
    model = keras.Model(text, layers.Dense(1)(layers.Flatten()(layers.Embedding(9, 2)(lookup(text)))))
    given = np.array(["fine film", "dull film", "fine", "film"] * 5, object)
    tokens = surrogate_tree(model, given).features.tokens["review"]
    assert [word for _, word in tokens] == ["film", "fine", "dull"]
    assert [lookup.get_vocabulary()[token] for token, _ in tokens] == ["film", "fine", "dull"]


def test_several_inputs_are_side_by_side():
    inputs = {"a": keras.Input((5,), name="a"), "b": keras.Input((4, 4, 1), name="b")}
    seen = layers.Concatenate()([inputs["a"], layers.Flatten()(inputs["b"])])
    model = keras.Model(inputs, layers.Dense(1)(seen))
    b = np.random.default_rng(0).normal(size=(120, 4, 4, 1)).astype("f4")
    features = surrogate_linear(model, {"a": X, "b": b}, terms=21).features
    np.testing.assert_allclose(features.values, np.concatenate([X, b.reshape(120, 16)], axis=1))


# Fidelity -------------------------------------------------------------------------------------------------------------------------


def test_fidelity_is_scikit_learns_over_its_folds(softmax):
    surrogate = surrogate_tree(softmax, X, Y, max_depth=2, seed=7)
    p, predicted = probabilities(softmax), np.empty((120, 3))
    tree = DecisionTreeRegressor(max_depth=2, min_samples_leaf=5, random_state=7)
    for held_out in np.array_split(np.random.default_rng(7).permutation(120), 5):
        kept = [k for k in range(120) if k not in held_out]
        predicted[held_out] = tree.fit(X[kept], p[kept]).predict(X[held_out])
    value = surrogate.fidelity.value
    assert value == pytest.approx(r2_score(p, predicted, multioutput="variance_weighted"), abs=1e-4)
    missed, spread = ((p - predicted) ** 2).sum(axis=1), ((p - p.mean(axis=0)) ** 2).sum(axis=1)
    draws = np.random.default_rng(0).integers(0, 120, (2000, 120))
    resampled = 1 - missed[draws].sum(axis=1) / spread[draws].sum(axis=1)
    assert surrogate.fidelity.standard_error == pytest.approx(resampled.std(), rel=0.15)


def test_noise_that_features_do_not_tell_has_no_fidelity():
    generator = np.random.default_rng(0)

    def mean(_values, wanted):
        return lambda values: np.repeat(wanted.mean(axis=0, keepdims=True), len(values), axis=0)

    quality = fidelity(mean, X, generator.normal(size=(120, 1)), folds=5, seed=0)
    assert -0.1 < quality.value < 0


def test_the_same_call_answers_the_same(softmax):
    state = np.random.get_state()[1].copy()  # noqa: NPY002 (the generator that a user may draw from)
    for explain in (surrogate_tree, surrogate_linear):
        first, second = (explain(softmax, X, Y) for _ in range(2))
        np.testing.assert_array_equal(first.model.predict(X), second.model.predict(X))
        assert first.fidelity == second.fidelity
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


@pytest.mark.parametrize("explain", [surrogate_tree, surrogate_linear])
@pytest.mark.parametrize("weight", [np.nan, np.inf])
def test_a_diverged_model_is_not_imitated(explain, weight):
    model = dense(CLASSES, [0, 0, 0], "softmax", "sparse_categorical_crossentropy")
    scorer = Scorer(model, X, Y, score="probability")
    model.get_layer("head").kernel.assign(np.full((5, 3), weight))
    surrogate = explain(scorer, X, Y)
    assert np.isnan(surrogate.fidelity).all()
    assert np.isnan(surrogate.model.predict(X)).all()
    assert surrogate.model.predict(X).shape == (120, 3)


@pytest.mark.parametrize("explain", [surrogate_tree, surrogate_linear])
def test_a_model_that_always_says_the_same_has_no_fidelity(explain):
    surrogate = explain(dense(np.zeros((5, 1)), [2.0]), X)
    np.testing.assert_allclose(surrogate.model.predict(X), 2)
    assert np.isnan(surrogate.fidelity).all()


@pytest.mark.parametrize(
    ("explain", "options", "message"),
    [
        (surrogate_tree, {"max_depth": 0}, "max_depth is 0; expected a whole number from 1 to 8"),
        (surrogate_tree, {"min_samples_leaf": 0}, "min_samples_leaf is 0; expected a whole number of at least 1"),
        (surrogate_tree, {"words": 0.5}, "words is 0.5; expected"),
        (surrogate_tree, {"target": 3}, "target is 3; output 'head' has 3 classes: expected 0 to 2, or None"),
        (surrogate_linear, {"terms": 0}, "terms is 0; expected"),
        (surrogate_linear, {"target": "a"}, "target is 'a'; output 'head' has 3 classes"),
    ],
)
def test_what_is_refused(softmax, explain, options, message):
    with pytest.raises(ValueError, match=message):
        explain(softmax, X, Y, **options)


def test_a_regression_has_no_target_and_many_classes_need_one():
    with pytest.raises(ValueError, match="target is 0, but output 'head' is a regression"):
        surrogate_tree(dense(CLASSES[:, :1], [0]), X, target=0)
    many = dense(np.tile(CLASSES, 11), np.zeros(33), "softmax", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="output 'head' has 33 classes, over 32, too many to imitate together; pass target="):
        surrogate_tree(many, X, Y)
    assert surrogate_tree(many, X, Y, target=32).scores.shape == (120, 1)


def test_without_scikit_learn_it_says_what_to_install(softmax, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    for explain in (surrogate_tree, surrogate_linear):
        with pytest.raises(ImportError, match=r'pip install "tb-explain-plugin\[surrogates\]"'):
            explain(softmax, X, Y)
