"""Normalization, attention and recurrent layers in layer-wise relevance propagation, held to float64 twins."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tb_explain_plugin.callbacks.explainers import lrp
from tests.explainers import lrp_reference as twin
from tests.explainers.lrp_checks import arrays, close, shaken

layers = keras.layers
EPSILON = twin.RULES["epsilon"]


pytestmark = pytest.mark.usefixtures("seeded")


# Normalization and attention ------------------------------------------------------------------------------------------------------------


def test_layer_normalization_equals_its_twin():
    norm = layers.LayerNormalization()
    model = shaken(keras.Sequential([layers.Input((5,)), norm, layers.Dense(2)]))
    (scale, shift), (w, b) = arrays(norm), arrays(model.layers[-1])
    x = np.random.default_rng(1).normal(size=(6, 5)).astype(np.float32)
    expected = []
    for row in x.astype(np.float64):
        made = (row - row.mean()) / np.sqrt(row.var() + norm.epsilon) * scale + shift
        on_made = twin.dense(EPSILON, made, w, b, np.array([0, (made @ w + b)[1]]))
        expected.append(twin.layer_normalization(row, scale, shift, on_made, norm.epsilon, epsilon=1e-9))
    close(lrp(model, x, 1, epsilon=1e-9).values, expected, tolerance=3e-5)


@pytest.mark.parametrize(
    "norm",
    [
        layers.RMSNormalization(),
        layers.UnitNormalization(),
        layers.Lambda(lambda x: x / keras.ops.sqrt(keras.ops.mean(x**2, axis=-1, keepdims=True))),
        layers.Lambda(lambda x: x * (1.0 / keras.ops.sqrt(keras.ops.mean(x**2, axis=-1, keepdims=True)))),
    ],
    ids=["RMSNormalization", "UnitNormalization", "divided by hand", "multiplied by hand"],
)
def test_what_normalizes_is_held(norm):
    """The identity rule: each element keeps its relevance."""
    model = keras.Sequential([layers.Input((5,)), norm, layers.Dense(1, use_bias=False)])
    x = np.random.default_rng(1).normal(size=(6, 5)).astype(np.float32)
    weight = model.layers[-1].get_weights()[0][:, 0]
    close(lrp(model, x, epsilon=1e-9).values, keras.ops.convert_to_numpy(norm(x)) * weight)


def test_attention_equals_its_twin(sequences):
    inputs = keras.Input((5, 3))
    attention = layers.MultiHeadAttention(1, 4)
    model = shaken(keras.Model(inputs, layers.Dense(2)(layers.Flatten()(attention(inputs, inputs)))))
    (wq, bq, wk, bk, wv, bv, wo, bo), (v, c) = arrays(attention), arrays(model.layers[-1])
    weights = [(wq[:, 0], bq[0]), (wk[:, 0], bk[0]), (wv[:, 0], bv[0]), (wo[0], bo)]
    expected = []
    for x in sequences.astype(np.float64):
        output, _ = twin.attention(x, weights, np.zeros_like(x))
        on_output = twin.dense(EPSILON, output.ravel(), v, c, np.array([0, (output.ravel() @ v + c)[1]]))
        expected.append(twin.attention(x, weights, on_output.reshape(x.shape))[1])
    close(lrp(model, sequences, 1).values, expected, tolerance=3e-5)


class AttentionByHand(keras.layers.Layer):
    """What people write themselves."""

    def __init__(self, size):
        super().__init__()
        self.query, self.key, self.value, self.out = (layers.Dense(size) for _ in range(4))

    def call(self, x):
        import tensorflow as tf

        scores = tf.matmul(self.query(x), self.key(x), transpose_b=True) / tf.sqrt(4.0)
        return self.out(tf.matmul(tf.nn.softmax(scores), self.value(x)))


def test_attention_written_by_hand_is_attention(sequences):
    inputs = keras.Input((5, 3))
    keras_own, by_hand = layers.MultiHeadAttention(1, 4, output_shape=4), AttentionByHand(4)
    head = layers.Dense(2)
    one = shaken(keras.Model(inputs, head(layers.Flatten()(keras_own(inputs, inputs)))))
    two = keras.Model(inputs, head(layers.Flatten()(by_hand(inputs))))
    shapes = [w.shape for w in by_hand.get_weights()]
    by_hand.set_weights([w.reshape(shape) for w, shape in zip(keras_own.get_weights(), shapes, strict=True)])
    close(lrp(two, sequences, 1).values, lrp(one, sequences, 1).values, tolerance=3e-5)


def test_masked_and_causal_attention_gives_nothing_to_what_it_cannot_see(sequences):
    inputs = keras.Input((5, 3))
    seen = layers.MultiHeadAttention(2, 4)(inputs, inputs, use_causal_mask=True)
    model = keras.Model(inputs, layers.Dense(1)(seen[:, 2]))
    values = lrp(model, sequences).values
    assert np.isfinite(values).all()
    assert not values[:, 3:].any()
    assert values[:, :3].any(axis=2).all()


# Recurrent layers -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unroll", [True, False])
@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_recurrent_layers_equal_their_twin(sequences, name, unroll):
    layer = {"lstm": layers.LSTM, "gru": layers.GRU}[name](4, unroll=unroll)
    model = shaken(keras.Sequential([layers.Input((5, 3)), layer, layers.Dense(2)]))
    cell, (w, b) = arrays(layer), arrays(model.layers[-1])
    own = getattr(twin, name)
    expected = []
    for x in sequences.astype(np.float64):
        state, _ = own(x, *cell, np.zeros(4))
        on_state = twin.dense(EPSILON, state, w, b, np.array([0, (state @ w + b)[1]]))
        expected.append(own(x, *cell, on_state)[1])
    close(lrp(model, sequences, 1).values, expected, tolerance=5e-5)


@pytest.mark.parametrize(
    "layer",
    [
        lambda: layers.Bidirectional(layers.LSTM(4, use_bias=False)),
        lambda: layers.Bidirectional(layers.GRU(4, use_bias=False, return_sequences=True), merge_mode="sum"),
        lambda: layers.SimpleRNN(4, use_bias=False),
        lambda: layers.RNN([layers.LSTMCell(4, use_bias=False), layers.GRUCell(3, use_bias=False)]),
        lambda: layers.TimeDistributed(layers.Dense(4, use_bias=False, activation="relu")),
    ],
    ids=["Bidirectional LSTM", "Bidirectional GRU", "SimpleRNN", "stacked cells", "TimeDistributed"],
)
def test_recurrent_layers_conserve(sequences, layer):
    model = keras.Sequential([layers.Input((5, 3)), layer(), layers.Flatten(), layers.Dense(1, use_bias=False)])
    attribution = lrp(model, sequences, epsilon=1e-9)
    assert attribution.completeness_error.max() < 1e-3
    assert attribution.values.any(axis=(1, 2)).all()


def test_a_recurrent_layer_is_left_as_it_was(sequences):
    layer = layers.LSTM(4)
    model = keras.Sequential([layers.Input((5, 3)), layer, layers.Dense(1)])
    before = model(sequences).numpy()
    activation, gate = layer.cell.activation, layer.cell.recurrent_activation
    lrp(model, sequences)
    assert layer.cell.activation is activation
    assert layer.cell.recurrent_activation is gate
    np.testing.assert_array_equal(model(sequences).numpy(), before)
