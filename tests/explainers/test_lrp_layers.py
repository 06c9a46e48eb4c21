"""What layer-wise relevance propagation does at pooling, activations and linear layers, held to float64 twins."""

from __future__ import annotations

import functools

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
