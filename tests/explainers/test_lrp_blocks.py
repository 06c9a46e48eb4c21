"""Batch normalization and branches in layer-wise relevance propagation, held to float64 twins and to equal networks."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tb_explain_plugin.callbacks.explainers import lrp
from tb_explain_plugin.callbacks.explainers.lrp_composites import COMPOSITES
from tests.explainers import lrp_reference as twin
from tests.explainers.lrp_checks import arrays, close, shaken

layers = keras.layers
EPSILON = twin.RULES["epsilon"]


pytestmark = pytest.mark.usefixtures("seeded")


# Batch normalization --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("composite", sorted(COMPOSITES))
@pytest.mark.parametrize("before", [True, False], ids=["after the convolution", "before the convolution"])
def test_a_folded_batch_normalization_equals_the_folded_network(composite, before):
    """Scales of both signs, inputs of both signs."""
    x = np.random.default_rng(4).normal(size=(4, 6, 6, 2)).astype(np.float32)
    first = layers.Conv2D(3, 3, activation="relu")
    folded, norm, conv = layers.Conv2D(4, 3), layers.BatchNormalization(), layers.Conv2D(4, 3)
    head = [layers.ReLU(), layers.Flatten(), layers.Dense(2)]
    pair = [conv, norm] if before else [norm, conv]
    normalized = shaken(keras.Sequential([layers.Input((6, 6, 2)), first, *pair, *head]))
    plain = keras.Sequential([layers.Input((6, 6, 2)), first, folded, *head])
    (scale, shift, mean, variance), (w, b) = arrays(norm), arrays(conv)
    factor = scale / np.sqrt(variance + norm.epsilon)
    if before:
        folded.set_weights([w * factor, (b - mean) * factor + shift])
    else:
        folded.set_weights([w * factor[:, None], b + np.einsum("hwck,c->k", w, shift - mean * factor)])
    assert factor.min() < 0 < factor.max()
    got, expected = lrp(normalized, x, 1, composite=composite), lrp(plain, x, 1, composite=composite)
    np.testing.assert_allclose(got.score, expected.score, rtol=1e-4)
    close(got.values, expected.values, tolerance=1e-4)


@pytest.mark.parametrize("composite", sorted(COMPOSITES))
@pytest.mark.parametrize("before", [True, False], ids=["after the layer", "before the layer"])
def test_batch_normalization_folds_into_dense_layers(composite, before):
    x = np.random.default_rng(4).normal(size=(4, 5)).astype(np.float32)
    norm, dense, folded = layers.BatchNormalization(), layers.Dense(4), layers.Dense(4)
    head = [layers.ReLU(), layers.Dense(2)]
    normalized = shaken(keras.Sequential([layers.Input((5,)), *([dense, norm] if before else [norm, dense]), *head]))
    plain = keras.Sequential([layers.Input((5,)), folded, *head])
    (scale, shift, mean, variance), (w, b) = arrays(norm), arrays(dense)
    factor = scale / np.sqrt(variance + norm.epsilon)
    if before:
        folded.set_weights([w * factor, (b - mean) * factor + shift])
    else:
        folded.set_weights([w * factor[:, None], b + w.T @ (shift - mean * factor)])
    close(lrp(normalized, x, 1, composite=composite).values, lrp(plain, x, 1, composite=composite).values, tolerance=1e-4)


def test_batch_normalization_of_its_own_is_linear(pictures):
    """After pooling and before an activation there is nothing to fold it into."""
    norm = layers.BatchNormalization()
    model = shaken(
        keras.Sequential([layers.Input((6, 6, 2)), layers.MaxPooling2D(), norm, layers.ReLU(), layers.Flatten(), layers.Dense(2)])
    )
    (scale, shift, mean, variance), (w, b) = arrays(norm), arrays(model.layers[-1])
    factor = scale / np.sqrt(variance + norm.epsilon)
    expected = []
    for x in pictures.astype(np.float64):
        pooled = x.reshape(3, 2, 3, 2, 2).max(axis=(1, 3))
        made = pooled * factor + shift - mean * factor
        units = np.maximum(made, 0).ravel()
        on_made = twin.dense(EPSILON, units, w, b, np.array([0, (units @ w + b)[1]])).reshape(made.shape)
        shares = [EPSILON([p], [f], m - p * f)[0] for p, f, m in zip(pooled.ravel(), np.tile(factor, 9), made.ravel(), strict=True)]
        expected.append(twin.max_pooling(x, on_made * np.reshape(shares, made.shape)))
    close(lrp(model, pictures, 1).values, expected)


# Several branches -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["layer", "operator"])
def test_a_residual_block_equals_its_twin(form):
    inputs = keras.Input((4,))
    dense = layers.Dense(4, activation="relu")
    branch = dense(inputs)
    added = layers.Add()([inputs, branch]) if form == "layer" else inputs + branch
    model = shaken(keras.Model(inputs, layers.Dense(2)(added)))
    x = np.random.default_rng(1).normal(size=(6, 4)).astype(np.float32)
    (w, b), (v, c) = arrays(dense), arrays(model.layers[-1])
    expected = []
    for row in x.astype(np.float64):
        branch = np.maximum(row @ w + b, 0)
        total = row + branch
        on_total = twin.dense(EPSILON, total, v, c, np.array([0, (total @ v + c)[1]]))
        on_row, on_branch = twin.addition([row, branch], on_total)
        expected.append(on_row + twin.dense(EPSILON, row, w, b, on_branch))
    close(lrp(model, x, 1).values, expected)


@pytest.mark.parametrize(
    "merge",
    [
        layers.Add(),
        layers.Subtract(),
        layers.Average(),
        layers.Concatenate(),
        layers.Multiply(),
        layers.Maximum(),
        layers.Minimum(),
        layers.Dot(1),
    ],
    ids=lambda x: type(x).__name__,
)
def test_merging_layers_conserve(merge):
    one, other = keras.Input((4,), name="one"), keras.Input((4,), name="other")
    model = keras.Model([one, other], layers.Dense(1, use_bias=False)(merge([one, other])))
    generator = np.random.default_rng(1)
    x = [generator.normal(size=(6, 4)).astype(np.float32) for _ in range(2)]
    attribution = lrp(model, x, epsilon=1e-9)
    assert attribution.completeness_error.max() < 1e-5
    assert all(values.any() for values in attribution.values)


def test_a_product_gives_half_to_each():
    inputs = keras.Input((2,))
    model = keras.Model(inputs, inputs[:, :1] * inputs[:, 1:])
    x = np.array([[3.0, 5.0], [-2.0, 0.5]], np.float32)
    product = x[:, 0] * x[:, 1]
    np.testing.assert_allclose(lrp(model, x).values, np.stack([product / 2, product / 2], axis=1), rtol=1e-6)


def test_a_layer_called_twice_gathers_both(sequences):
    dense = layers.Dense(3, use_bias=False)
    inputs = keras.Input((3,))
    twice = keras.Model(inputs, layers.Dense(1, use_bias=False)(layers.Concatenate()([dense(inputs), dense(inputs * 2.0)])))
    x = sequences[:, 0]
    w, v = dense.get_weights()[0].astype(float), twice.layers[-1].get_weights()[0].astype(float)[:, 0]
    close(lrp(twice, x, epsilon=1e-9).values, x * (w @ v[:3] + 2 * w @ v[3:]))
