"""Activation maps against a convolution written out in loops, in every kind of model."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from tb_explain_plugin.callbacks.explainers import Scorer, activation_maps


def convolved(x, kernel, bias):
    """ReLU of a convolution without padding, one sample [H, W, C], float64."""
    size = kernel.shape[0]
    rows, columns = x.shape[0] - size + 1, x.shape[1] - size + 1
    out = np.zeros((rows, columns, kernel.shape[3]))
    for i in range(rows):
        for j in range(columns):
            for u in range(kernel.shape[3]):
                out[i, j, u] = max(0.0, (x[i : i + size, j : j + size] * kernel[..., u]).sum() + bias[u])
    return out


def chain(depth=1, filters=6, size=8):
    keras.utils.set_random_seed(4)
    convolutions = [layers.Conv2D(filters, 3, activation="relu", bias_initializer="normal", name=f"conv_{k}") for k in range(depth)]
    model = keras.Sequential(
        [keras.Input((size, size, 2), name="image"), *convolutions, layers.Flatten(), layers.Dense(3, "softmax", name="head")]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(4).normal(size=(5, 8, 8, 2)).astype(np.float32)


@pytest.fixture(scope="module")
def twin(images):
    """The model, and its convolution of each image."""
    model = chain()
    kernel, bias = (np.asarray(w, np.float64) for w in model.get_layer("conv_0").get_weights())
    return model, np.stack([convolved(x.astype(np.float64), kernel, bias) for x in images])


def test_maps_are_those_of_the_twin(twin, images):
    model, expected = twin
    seen = activation_maps(model, images, channels=[4, 1], samples=[3, 0])
    layer = seen.layers["conv_0"]
    assert (layer.units, layer.input, layer.maps.dtype) == (6, "image", np.float32)
    np.testing.assert_allclose(layer.maps, expected[[3, 0]][..., [4, 1]], atol=1e-5)
    assert seen.samples.tolist() == [3, 0]
    assert layer.channels.tolist() == [4, 1]


def test_channels_are_those_of_the_greatest_variance(twin, images):
    model, expected = twin
    chosen = activation_maps(model, images, channels=3).layers["conv_0"].channels
    assert chosen.tolist() == sorted(np.argsort(-expected.var(axis=(0, 1, 2)))[:3])
    assert activation_maps(model, images).layers["conv_0"].channels.tolist() == list(range(6))
    assert activation_maps(model, images, channels={"conv_0": [5]}).layers["conv_0"].channels.tolist() == [5]


def test_pooled_cells_are_means_of_blocks(twin, images):
    """Six rows in at most four are three blocks of two; in at most five likewise."""
    model, expected = twin
    for most, size in ((4, 2), (5, 2), (1, 6)):
        maps = activation_maps(model, images, channels=[2], most=most).layers["conv_0"].maps
        blocks = range(0, 6, size)
        by_hand = [[expected[:, i : i + size, j : j + size, 2].mean(axis=(1, 2)) for j in blocks] for i in blocks]
        np.testing.assert_allclose(maps[..., 0], np.moveaxis(np.array(by_hand), 2, 0), atol=1e-5)


def test_the_first_the_middle_and_the_last_convolution(images):
    large = np.random.default_rng(0).normal(size=(2, 14, 14, 2)).astype(np.float32)
    assert list(activation_maps(chain(6, 2, 14), large).layers) == ["conv_0", "conv_2", "conv_5"]
    assert list(activation_maps(chain(2), images).layers) == ["conv_0", "conv_1"]


def test_sequences_have_one_row():
    signal = keras.Input((40, 3), name="signal")
    conv = layers.Conv1D(4, 3, name="conv")
    model = keras.Model(signal, layers.Dense(2)(layers.GlobalAveragePooling1D()(conv(signal))))
    x = np.random.default_rng(0).normal(size=(3, 40, 3)).astype(np.float32)
    expected = conv(x).numpy()
    layer = activation_maps(model, x, most=5).layers["conv"]
    assert layer.input == "signal"
    assert layer.maps.shape == (3, 1, 19, 4)  # twenty at most: 38 by twos
    np.testing.assert_allclose(layer.maps[:, 0], expected.reshape(3, 19, 2, 4).mean(axis=2), atol=1e-6)


def test_the_input_that_a_map_lies_over():
    left, right = (keras.Input((8, 8, 1), name=name) for name in ("left", "right"))
    table = keras.Input((5,), name="table")
    seen = [layers.Flatten()(layers.Conv2D(2, 3, name=f"see_{x.name}")(x)) for x in (left, right)]
    model = keras.Model({"left": left, "right": right, "table": table}, layers.Dense(2)(layers.Concatenate()([*seen, table])))
    generator = np.random.default_rng(0)
    x = {n: generator.normal(size=(2, 8, 8, 1)).astype(np.float32) for n in ("left", "right")} | {"table": np.ones((2, 5), np.float32)}
    found = activation_maps(model, x)
    assert {name: layer.input for name, layer in found.layers.items()} == {"see_left": "left", "see_right": "right"}


class Block(layers.Layer):
    def __init__(self, **options):
        super().__init__(**options)
        self.conv = layers.Conv2D(2, 3, name="conv")

    def call(self, x):
        return keras.ops.relu(self.conv(x))


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.block, self.head = Block(name="block"), layers.Dense(2)

    def call(self, x):
        return self.head(keras.ops.mean(self.block(x), axis=(1, 2)))


@pytest.mark.parametrize("eagerly", [False, True])
def test_subclassed_and_nested(images, eagerly):
    model = Subclassed()
    model.compile("sgd", "mse", run_eagerly=eagerly)
    model(images)
    expected = model.block.conv(images).numpy()
    found = activation_maps(model, images)
    np.testing.assert_allclose(found.layers["block/conv"].maps, expected, atol=1e-6)
    outer = keras.Input((8, 8, 2))
    nested = keras.Model(outer, layers.Dense(2)(chain()(outer)))
    ((name, _),) = activation_maps(nested, images).layers.items()
    assert name.endswith("/conv_0")


def test_mixed_precision_answers_in_float32(twin, images):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        half = chain()
    finally:
        keras.config.set_dtype_policy("float32")
    half.set_weights(twin[0].get_weights())
    maps = activation_maps(half, images).layers["conv_0"].maps
    assert maps.dtype == np.float32
    np.testing.assert_allclose(maps, twin[1], atol=0.05 * twin[1].max())


def test_the_same_answer_in_any_batch_and_all_as_it_was(twin, images):
    model, _ = twin
    weights, scorer = model.get_weights(), Scorer(model, images, np.zeros(5, int))
    first, second, third = (activation_maps(m, images, most=3, **o) for m, o in ((scorer, {}), (scorer, {}), (model, {"batch_size": 2})))
    np.testing.assert_array_equal(first.layers["conv_0"].maps, second.layers["conv_0"].maps)
    np.testing.assert_allclose(first.layers["conv_0"].maps, third.layers["conv_0"].maps, atol=1e-6)
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_a_diverged_layer_has_nan_for_maps(images):
    model = Subclassed()
    model(images)
    scorer = Scorer(model, images)
    model.block.conv.kernel.assign(np.full((3, 3, 2, 2), np.nan))
    layer = activation_maps(scorer, images, channels=2, most=3).layers["block/conv"]
    assert np.isnan(layer.maps).all()
    assert layer.channels.tolist() == [0, 1]


def test_what_is_wrong_says_what_was_expected(twin, images, classifier, samples):
    with pytest.raises(
        ValueError, match=r"has no convolution whose outputs have positions; its layers are \['Dense'\].*leave activation_maps"
    ):
        activation_maps(classifier, samples[0])
    for options, message in (
        ({"layers": ["conv_9"]}, r"layers \['conv_9'\] .* did you mean \['conv_0'\]\? Those that have are \['conv_0'\]"),
        ({"layers": ["head"]}, r"layers \['head'\] .* have no outputs of shape"),
        ({"channels": 0}, "channels is 0; expected at least 1"),
        ({"channels": [6]}, r"channels of 'conv_0' are \[6\]; expected some of 0 to 5"),
        ({"channels": {"conv_1": [0]}}, r"channels of 'conv_0' are \[\]; expected"),
        ({"samples": []}, "samples are .*; expected indices of the 5 inputs"),
        ({"most": 0}, "most is 0; expected at least 1 cell"),
    ):
        with pytest.raises(ValueError, match=message):
            activation_maps(twin[0], images, **options)
