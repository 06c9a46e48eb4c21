"""What layer-wise relevance propagation does at layers of each kind, held to float64 twins and to equal networks."""

from __future__ import annotations

import functools

import keras
import numpy as np
import pytest

from tb_explain_plugin.callbacks.explainers import lrp
from tb_explain_plugin.callbacks.explainers.lrp_composites import COMPOSITES
from tests.explainers import lrp_reference as twin

layers = keras.layers
EPSILON = twin.RULES["epsilon"]


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(7)


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(4).normal(size=(3, 6, 6, 2)).astype(np.float32)


@pytest.fixture(scope="module")
def sequences():
    return np.random.default_rng(6).normal(size=(4, 5, 3)).astype(np.float32)


def close(values, expected, tolerance=1e-5):
    """To the tolerance, of the sample's greatest relevance."""
    for got, want in zip(values, expected, strict=True):
        np.testing.assert_allclose(got, want, atol=tolerance * max(np.abs(want).max(), 1e-12))


def shaken(model):
    """Give every weight a value, biases and statistics too."""
    generator = np.random.default_rng(9)
    for variable in model.weights:
        if variable.dtype == "float32":
            values = generator.normal(0.1, 0.6, variable.shape)
            variable.assign(np.abs(values) + 0.2 if "variance" in variable.name else values)
    return model


def arrays(layer):
    return [np.asarray(w, np.float64) for w in layer.get_weights()]


# Pooling --------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["max", "average"])
def test_pooling_equals_its_twin(pictures, kind):
    pool = layers.MaxPooling2D() if kind == "max" else layers.AveragePooling2D(2)
    model = shaken(keras.Sequential([layers.Input((6, 6, 2)), pool, layers.Flatten(), layers.Dense(2)]))
    w, b = arrays(model.layers[-1])
    expected = []
    for x in pictures.astype(np.float64):
        cells = x.reshape(3, 2, 3, 2, 2)
        pooled = (cells.max(axis=(1, 3)) if kind == "max" else cells.mean(axis=(1, 3))).ravel()
        relevance = twin.dense(EPSILON, pooled, w, b, np.array([0, (pooled @ w + b)[1]])).reshape(3, 3, 2)
        expected.append((twin.max_pooling if kind == "max" else twin.average_pooling)(x, relevance))
    close(lrp(model, pictures, 1).values, expected)


def test_global_pooling_gives_to_what_it_read(pictures):
    model = keras.Sequential([layers.Input((6, 6, 2)), layers.GlobalMaxPooling2D(), layers.Dense(1, use_bias=False)])
    values = lrp(model, pictures).values
    assert (np.count_nonzero(values, axis=(1, 2)) == 1).all()
    winners = pictures.reshape(3, 36, 2).argmax(axis=1)
    np.testing.assert_array_equal(np.abs(values).reshape(3, 36, 2).argmax(axis=1), winners)
    mean = keras.Sequential([layers.Input((6, 6, 2)), layers.GlobalAveragePooling2D(), layers.Dense(1, use_bias=False)])
    weight = mean.layers[-1].kernel.numpy()[:, 0]
    close(lrp(mean, pictures, epsilon=1e-9).values, pictures * weight / 36)


@pytest.mark.parametrize(
    "layer",
    [
        layers.Permute((2, 1, 3)),
        layers.Reshape((4, 9, 2)),
        layers.ZeroPadding2D(2),
        layers.Dropout(0.5),
        layers.SpatialDropout2D(0.5),
        layers.GaussianNoise(1.0),
        layers.UpSampling2D(2),
        layers.Identity(),
        layers.ActivityRegularization(0.1),
        layers.Lambda(lambda x: x[:, ::-1]),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_what_only_moves_elements_conserves(pictures, layer):
    model = keras.Sequential([layers.Input((6, 6, 2)), layer, layers.Flatten(), layers.Dense(1, use_bias=False)])
    attribution = lrp(model, pictures, composite="epsilon", epsilon=1e-9)
    assert attribution.completeness_error.max() < 1e-5
    assert (attribution.values != 0).all()


def test_what_is_cropped_gets_nothing(pictures):
    model = keras.Sequential([layers.Input((6, 6, 2)), layers.Cropping2D(1), layers.Flatten(), layers.Dense(1, use_bias=False)])
    values = lrp(model, pictures).values
    assert (values[:, 1:-1, 1:-1] != 0).all()
    assert not values[:, 0].any()
    assert not values[:, :, -1].any()


def test_what_is_masked_gets_nothing_even_of_flat_relevance():
    masked = layers.Lambda(lambda x: keras.ops.where(keras.ops.arange(4) < 2, x, 7.0))
    model = keras.Sequential([layers.Input((4,)), masked, layers.Dense(1)])
    values = lrp(model, np.ones((2, 4), np.float32), composite={"dense": "flat"}).values
    assert values[:, :2].all()
    assert not values[:, 2:].any()


# Activations ----------------------------------------------------------------------------------------------------------------------------

ACTIVATIONS = ["relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "tanh", "softsign", "softplus", "mish", "sigmoid"]
ACTIVATIONS += ["hard_sigmoid", "hard_silu", "hard_tanh", "soft_shrink", "squareplus", "tanh_shrink", "exponential", "log_sigmoid"]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        *((name, "argument") for name in ACTIVATIONS),
        *((name, form) for name in ("gelu", "silu", "hard_sigmoid") for form in ("layer", "function")),
    ],
)
def test_an_activation_hands_relevance_on(name, form):
    """Relevance of the hidden units is that of their activations, whatever function lies between."""
    activation = keras.activations.get(name)
    inputs = keras.Input((4,))
    if form == "argument":
        hidden = layers.Dense(5, activation=activation)(inputs)
    else:
        before = layers.Dense(5)(inputs)
        hidden = (layers.Activation if form == "layer" else layers.Lambda)(activation)(before)
    model = shaken(keras.Model(inputs, layers.Dense(2)(hidden)))
    x = np.random.default_rng(1).normal(size=(6, 4)).astype(np.float32)
    (w, b), (v, c) = [arrays(layer) for layer in model.layers if layer.weights]
    expected = []
    for row in x.astype(np.float64):
        units = np.asarray(activation(keras.ops.convert_to_tensor(row @ w + b)), np.float64)
        on_units = twin.dense(EPSILON, units, v, c, np.array([0, (units @ v + c)[1]]))
        expected.append(twin.dense(EPSILON, row, w, b, on_units))
    close(lrp(model, x, 1).values, expected, tolerance=3e-5)


@pytest.mark.parametrize(
    "layer", [layers.PReLU(), layers.LeakyReLU(), layers.ELU(), layers.ReLU(6.0, 0.1, 0.2)], ids=lambda x: type(x).__name__
)
def test_activation_layers_conserve(layer):
    model = keras.Sequential([layers.Input((4,)), layers.Dense(5, use_bias=False), layer, layers.Dense(1, use_bias=False)])
    x = np.random.default_rng(1).normal(size=(6, 4)).astype(np.float32)
    assert lrp(model, x, composite="epsilon", epsilon=1e-9).completeness_error.max() < 1e-4


# Linear layers --------------------------------------------------------------------------------------------------------------------------

LINEAR = {
    "strided": lambda: layers.Conv2D(3, 3, strides=2, padding="same"),
    "dilated": lambda: layers.Conv2D(3, 3, dilation_rate=2),
    "grouped": lambda: layers.Conv2D(4, 3, groups=2),
    "depthwise": lambda: layers.DepthwiseConv2D(3, depth_multiplier=2),
    "transposed": lambda: layers.Conv2DTranspose(2, 3, strides=2),
    "einsum": lambda: layers.EinsumDense("abcd,de->abce", (6, 6, 4), bias_axes="e"),
    "dense on the last axis": lambda: layers.Dense(4),
}


@pytest.mark.parametrize("rule", ["epsilon", "z_plus", "alpha2_beta1", "gamma"])
@pytest.mark.parametrize("name", LINEAR)
def test_a_linear_layer_equals_its_matrix(pictures, name, rule):
    """Read off what the layer does to each unit vector, and have the twin of a Dense layer explain that matrix."""
    linear = keras.Sequential([layers.Input((6, 6, 2)), LINEAR[name](), layers.Flatten()])
    model = shaken(keras.Sequential([layers.Input((6, 6, 2)), linear, layers.ReLU(), layers.Dense(1, name="head")]))
    v, c = arrays(model.layers[-1])
    values = lrp(model, pictures, composite={"convolution": rule, "dense": rule, "head": "epsilon"}, epsilon=1e-4).values
    bias = linear(np.zeros((1, 6, 6, 2), np.float32)).numpy()[0].astype(np.float64)
    matrix = linear(np.eye(72, dtype=np.float32).reshape(72, 6, 6, 2)).numpy().astype(np.float64) - bias
    matrix[np.abs(matrix) < 1e-5] = 0
    own = functools.partial(twin.RULES[rule], epsilon=1e-4)
    head = functools.partial(EPSILON, epsilon=1e-4)
    expected = []
    for x in pictures.reshape(3, 72).astype(np.float64):
        hidden = np.maximum(x @ matrix + bias, 0)
        on_hidden = twin.dense(head, hidden, v, c, hidden @ v + c)
        expected.append(twin.dense(own, x, matrix, bias, on_hidden).reshape(6, 6, 2))
    close(values, expected, tolerance=5e-5)


@pytest.mark.parametrize("composite", sorted(COMPOSITES))
def test_a_separable_convolution_is_a_depthwise_and_a_pointwise_one(pictures, composite):
    inputs = keras.Input((6, 6, 2))
    separable = layers.SeparableConv2D(3, 3, depth_multiplier=2)
    one = shaken(keras.Model(inputs, layers.Dense(2)(layers.Flatten()(separable(inputs)))))
    depthwise, pointwise = layers.DepthwiseConv2D(3, depth_multiplier=2, use_bias=False), layers.Conv2D(3, 1)
    two = keras.Model(inputs, one.layers[-1](layers.Flatten()(pointwise(depthwise(inputs)))))
    depthwise.set_weights(separable.get_weights()[:1])
    pointwise.set_weights(separable.get_weights()[1:])
    close(lrp(one, pictures, 1, composite=composite).values, lrp(two, pictures, 1, composite=composite).values)


@pytest.mark.parametrize(
    ("shape", "layer"),
    [
        ((12, 2), lambda: layers.Conv1D(3, 3, dilation_rate=2)),
        ((12, 2), lambda: layers.DepthwiseConv1D(3)),
        ((12, 2), lambda: layers.SeparableConv1D(3, 3)),
        ((12, 2), lambda: layers.Conv1DTranspose(3, 2, strides=2)),
        ((5, 5, 5, 2), lambda: layers.Conv3D(3, 2)),
        ((4, 4, 4, 2), lambda: layers.Conv3DTranspose(2, 2, strides=2)),
    ],
    ids=["Conv1D", "DepthwiseConv1D", "SeparableConv1D", "Conv1DTranspose", "Conv3D", "Conv3DTranspose"],
)
def test_convolutions_of_other_ranks_conserve(shape, layer):
    x = np.abs(np.random.default_rng(1).normal(size=(3, *shape))).astype(np.float32)
    model = keras.Sequential([layers.Input(shape), layer(), layers.Flatten(), layers.Dense(1)])
    for variable in model.weights:
        variable.assign(np.random.default_rng(2).uniform(0.1, 1, variable.shape) * ("bias" not in variable.name))
    for rule in ("epsilon", "z_plus", "flat", "gamma"):
        attribution = lrp(model, x, composite={"dense": "epsilon", "convolution": rule})
        assert attribution.completeness_error.max() < 1e-5, rule


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
