"""Integrated gradients, held to closed forms and to a float64 twin."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tb_explain_plugin.callbacks.explainers import Scorer, integrated_gradients
from tb_explain_plugin.callbacks.explainers.attribution import completeness_error
from tb_explain_plugin.callbacks.explainers.quadrature import gauss_legendre
from tests.explainers import reference


def linear_model(features, seed=0):
    keras.utils.set_random_seed(seed)
    return keras.Sequential([keras.layers.Input((features,)), keras.layers.Dense(1)])


@pytest.mark.parametrize("steps", [1, 2, 16, 300])
def test_a_linear_model_gives_weight_times_difference(samples, steps):
    x, _ = samples
    model = linear_model(5)
    attribution = integrated_gradients(model, x, steps=steps)
    weight = model.layers[0].kernel.numpy()[:, 0].astype(np.float64)
    expected = weight * (x - x.mean(axis=0, dtype=np.float64))
    assert np.abs(attribution.values - expected).max() <= 1e-6
    assert attribution.completeness_error.max() < 1e-5


def test_a_product_from_zero_gives_half_each():
    inputs = keras.Input((2,))
    model = keras.Model(inputs, inputs[:, :1] * inputs[:, 1:])
    x = np.array([[3.0, 5.0], [-2.0, 0.5]], np.float32)
    attribution = integrated_gradients(model, x, baseline="zero", steps=1)
    product = x[:, 0] * x[:, 1]
    np.testing.assert_allclose(attribution.values, np.stack([product / 2, product / 2], axis=1), rtol=1e-6)
    np.testing.assert_allclose(attribution.baseline_score, 0)


@pytest.mark.parametrize("steps", [1, 3, 16])
def test_the_quadrature_is_exact_to_its_degree(steps):
    nodes, weights = gauss_legendre(steps)
    for power in range(2 * steps):
        assert weights @ nodes**power == pytest.approx(1 / (power + 1), rel=1e-12)


def test_it_equals_its_float64_twin(classifier, samples):
    x, y = samples
    attribution = integrated_gradients(classifier, x, y, steps=16)
    twin = reference.DenseTwin.of(classifier)
    nodes, weights = gauss_legendre(16)
    baseline = x.mean(axis=0, dtype=np.float64)
    for i, target in enumerate(y):
        expected = reference.integrated_gradients(lambda z, t=target: twin.gradient(z, t), x[i].astype(float), baseline, nodes, weights)
        np.testing.assert_allclose(attribution.values[i], expected, atol=2e-5)
        assert attribution.score[i] == pytest.approx(reference.log_odds(twin.logits(x[i]), target), abs=1e-4)
        assert attribution.baseline_score[i] == pytest.approx(reference.log_odds(twin.logits(baseline), target), abs=1e-4)


def test_the_twin_agrees_with_many_nodes(classifier, samples):
    """Sixteen nodes are enough for a smooth network: a thousand midpoints say the same."""
    x, y = samples
    twin = reference.DenseTwin.of(classifier)
    midpoints = (np.arange(1000) + 0.5) / 1000
    baseline = np.zeros(5)
    values = integrated_gradients(classifier, x[:4], y[:4], baseline="zero").values
    for i in range(4):
        exact = reference.integrated_gradients(
            lambda z, t=y[i]: twin.gradient(z, t), x[i].astype(float), baseline, midpoints, np.full(1000, 1e-3)
        )
        np.testing.assert_allclose(values[i], exact, atol=1e-4)


@pytest.mark.parametrize("steps", [16, 40])
def test_small_batches_change_nothing(classifier, samples, steps):
    x, y = samples
    whole = integrated_gradients(classifier, x, y, steps=steps)
    parts = integrated_gradients(classifier, x, y, steps=steps, batch_size=7)
    np.testing.assert_allclose(parts.values, whole.values, atol=1e-5)
    np.testing.assert_allclose(parts.score, whole.score, atol=1e-5)


def test_a_scorer_traces_each_question_once(classifier, samples):
    x, y = samples
    scorer = Scorer(classifier, x, y)
    for k in range(3):
        integrated_gradients(scorer, x + k, y)
    counts = {key: len(function.traces) for key, function in scorer._functions.items()}
    assert counts == dict.fromkeys(counts, 1)
    assert "path:0:True" in counts


def test_a_scorer_follows_the_weights(samples):
    x, _ = samples
    model = linear_model(5)
    scorer = Scorer(model, x)
    integrated_gradients(scorer, x)
    model.layers[0].kernel.assign(np.full((5, 1), 2.0))
    np.testing.assert_allclose(integrated_gradients(scorer, x, baseline="zero").values, 2 * x, rtol=1e-5)


def test_baselines(samples):
    x, _ = samples
    model = linear_model(5)
    weight = model.layers[0].kernel.numpy()[:, 0]
    one = np.arange(5.0)
    np.testing.assert_allclose(integrated_gradients(model, x, baseline=one).values, weight * (x - one), atol=1e-5)
    np.testing.assert_allclose(integrated_gradients(model, x, baseline=x[::-1]).values, weight * (x - x[::-1]), atol=1e-5)
    with pytest.raises(ValueError, match=r"baseline of input 'input' has shape \(10,\), its samples have shape \(5,\); pass one sample"):
        integrated_gradients(model, x, baseline=np.zeros(10))
    with pytest.raises(ValueError, match="baseline is 'median'"):
        integrated_gradients(model, x, baseline="median")
    with pytest.raises(ValueError, match="steps is 0"):
        integrated_gradients(model, x, steps=0)


def test_several_inputs_keep_their_structure():
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    model = keras.Model({"a": a, "b": b}, keras.layers.Dense(1)(keras.layers.Concatenate()([a, b])))
    generator = np.random.default_rng(0)
    x = {"a": generator.normal(size=(6, 3)).astype("f4"), "b": generator.normal(size=(6, 2)).astype("f4")}
    attribution = integrated_gradients(model, x, baseline={"a": "zero", "b": np.ones(2)})
    weight = model.layers[-1].kernel.numpy()[:, 0]
    np.testing.assert_allclose(attribution.values["a"], weight[:3] * x["a"], atol=1e-6)
    np.testing.assert_allclose(attribution.values["b"], weight[3:] * (x["b"] - 1), atol=1e-6)
    assert attribution.completeness_error.max() < 1e-5


def test_tokens_get_one_value_each_and_padding_none():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.layers.Input((6,), dtype="int32"),
            keras.layers.Embedding(20, 4, mask_zero=True),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("sgd", "binary_crossentropy")
    tokens = np.array([[3, 4, 5, 0, 0, 0], [7, 8, 9, 10, 11, 12]])
    attribution = integrated_gradients(model, tokens, [1, 0])
    embedding, dense = model.layers[0].embeddings.numpy(), model.layers[2].kernel.numpy()[:, 0]
    expected = np.zeros((2, 6))
    for i, (row, sign) in enumerate(zip(tokens, (1, -1), strict=True)):
        length = np.count_nonzero(row)
        for t in range(length):
            expected[i, t] = sign * (embedding[row[t]] - embedding[0]) @ dense / length
    np.testing.assert_allclose(attribution.values, expected, atol=1e-6)
    assert not attribution.values[0, 3:].any()


def test_pixels_that_are_rescaled_in_the_model():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.layers.Input((4, 4, 1), dtype="uint8"), keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    pixels = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 1)).astype(np.uint8)
    attribution = integrated_gradients(model, pixels, baseline="zero")
    weight = model.layers[-1].kernel.numpy().reshape(4, 4, 1)
    np.testing.assert_allclose(attribution.values, weight * pixels / 255, atol=1e-6)


def test_completeness_error_by_hand():
    values = [np.array([[1.0, -3.0], [0.0, 0.0], [2.0, 2.0]])]
    error = completeness_error(values, np.array([-1.0, 0.0, 5.0], "f4"), np.array([0.0, 0.0, 0.0], "f4"))
    np.testing.assert_allclose(error, [1 / 4, 0, 1 / 4])


def test_a_score_without_a_gradient_says_so():
    inputs = keras.Input((3,))
    model = keras.Model(inputs, keras.ops.cast(keras.ops.round(inputs[:, :1]) > 0, "float32"))
    with pytest.raises(ValueError, match="has no gradient with respect to any of"):
        integrated_gradients(model, np.ones((4, 3), "f4"))


def test_integers_that_never_become_floats_say_so():
    class Hidden(keras.Model):
        def call(self, x):
            return keras.ops.cast(x, "float32")[:, :1] * 2.0

    with pytest.raises(ValueError, match="no layer of the model turns it into a floating tensor"):
        integrated_gradients(Hidden(), np.ones((4, 3), np.int32))


def test_through_a_layer_the_path_is_straight_in_its_outputs(samples):
    """Of a linear head on h, the contribution of each hidden unit is its weight times h(x) − h(x′)."""
    x, _ = samples
    table = keras.Input((5,))
    hidden = keras.layers.Dense(4, activation="tanh", name="hidden")
    head = keras.layers.Dense(1, name="head")
    model = keras.Model(table, head(hidden(table)))
    attribution = integrated_gradients(model, x, baseline="zero", layer="hidden", steps=3)
    h = np.tanh(x @ hidden.kernel.numpy() + hidden.bias.numpy())
    h0 = np.tanh(hidden.bias.numpy())
    np.testing.assert_allclose(attribution.values, (h - h0) * head.kernel.numpy()[:, 0], atol=1e-6)
    assert attribution.completeness_error.max() < 1e-5


def test_through_a_layer_that_returns_several_tensors():
    tokens = keras.Input((6,), dtype="int32")
    sequence, state, _ = keras.layers.LSTM(4, return_sequences=True, return_state=True, name="lstm")(keras.layers.Embedding(9, 3)(tokens))
    pooled = keras.layers.GlobalAveragePooling1D()(sequence)
    model = keras.Model(tokens, keras.layers.Dense(1)(keras.layers.Concatenate()([pooled, state])))
    x = np.random.default_rng(0).integers(1, 9, (8, 6))
    attribution = integrated_gradients(model, x, layer="lstm")
    assert attribution.values.shape == (8, 6, 4)
    weights = model.layers[-1].kernel.numpy()[:4, 0] / 6
    scorer = Scorer(model, x)
    path = [scorer.at("lstm").entry_values(v)[0] for v in (x, np.zeros_like(x))]
    np.testing.assert_allclose(attribution.values, (path[0] - path[1]) * weights, atol=1e-6)


def test_an_unknown_layer_names_the_closest(classifier, samples):
    x, y = samples
    with pytest.raises(ValueError, match=r"no layer 'densee'.*Did you mean 'dense.*Its layers are \['dense"):
        integrated_gradients(classifier, x, y, layer="densee")


def test_each_sample_may_have_nodes_of_its_own(classifier, samples):
    """Two sums of the same gradients, one of them a single node's: that is the gradient there."""
    x, y = samples
    scorer = Scorer(classifier, x, y, batch_size=16)
    targets = scorer.readout.resolve_targets(y, len(x))
    nodes = np.random.default_rng(0).uniform(size=(len(x), 5)).astype("f4")
    weights = np.stack([np.eye(5)[2], np.full(5, 0.2)])
    sums = scorer.path_gradients(x, targets, [np.zeros_like(x)], [x], nodes, weights)[0][0]
    each = np.stack([scorer.gradients(x, targets, [nodes[:, [k]] * x])[0] for k in range(5)], axis=1)
    np.testing.assert_allclose(sums[:, 0], each[:, 2], atol=1e-6)
    np.testing.assert_allclose(sums[:, 1], each.mean(axis=1), atol=1e-6)
