"""Grad-CAM, held to closed forms and to a float64 twin."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tb_explain_plugin.callbacks.explainers import Scorer, grad_cam
from tests.explainers import reference


@pytest.fixture(scope="module")
def pooled():
    """A convolution, averaged over its positions, weighed: there Grad-CAM is the class activation map of Zhou et al., 2016."""
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.layers.Input((9, 7, 2)),
            keras.layers.Conv2D(5, (3, 2), activation="relu", bias_initializer="random_normal", name="conv"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(1, name="head"),
        ]
    )


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).normal(size=(6, 9, 7, 2)).astype(np.float32)


@pytest.mark.parametrize("relu", [True, False])
def test_it_equals_its_float64_twin(pooled, images, relu):
    attribution = grad_cam(pooled, images, relu=relu)
    kernel, bias = (v.numpy().astype(float) for v in pooled.get_layer("conv").weights)
    weight = pooled.get_layer("head").kernel.numpy()[:, 0]
    for i, image in enumerate(images.astype(float)):
        features = np.maximum(reference.convolution(image, kernel, bias), 0)
        gradients = np.broadcast_to(weight / features[..., 0].size, features.shape)
        expected = reference.grad_cam(features, gradients, (9, 7), relu=relu)
        np.testing.assert_allclose(attribution.values[i].sum(axis=-1), expected, atol=1e-6)
    assert (attribution.values.min() < 0) != relu
    np.testing.assert_array_equal(attribution.values[..., 0], attribution.values[..., 1])  # channels share a pixel's number
    assert attribution.completeness_error is None


def test_gradients_are_averaged_over_positions_before_they_weigh():
    """Of a head that reads one position alone, every position of the map has that weight's share."""
    inputs = keras.Input((4, 4, 1))
    features = keras.layers.Conv2D(1, 1, use_bias=False, kernel_initializer="ones", name="conv")(inputs)
    model = keras.Model(inputs, features[:, 0, 0, :] * 3.0)
    x = np.random.default_rng(0).random((2, 4, 4, 1), dtype=np.float32)
    np.testing.assert_allclose(grad_cam(model, x).values, 3 / 16 * x, rtol=1e-5)


def test_maps_are_resized_as_keras_resizes(pooled):
    from tb_explain_plugin.callbacks.explainers.grad_cam import _enlarged

    maps = np.random.default_rng(0).random((3, 5, 4), dtype=np.float32)
    for size in [(13, 9), (5, 4), (3, 8)]:
        expected = keras.ops.image.resize(maps[..., None], size, interpolation="bilinear")
        np.testing.assert_allclose(_enlarged(maps, np.zeros((3, *size, 1))), expected, atol=1e-6)


def test_the_default_layer_is_the_last_with_positions():
    keras.utils.set_random_seed(0)
    layers = keras.layers
    backbone = keras.Sequential(
        [layers.Input((16, 16, 3)), layers.Conv2D(4, 3, name="first"), layers.Conv2D(4, 3, name="last")], name="net"
    )
    model = keras.Sequential(
        [
            layers.Input((16, 16, 3)),
            backbone,
            layers.MaxPooling2D(2, name="pool"),
            layers.GlobalAveragePooling2D(keepdims=True),
            layers.Conv2D(3, 1, name="after"),
            layers.Flatten(),
        ]
    )
    x = np.random.default_rng(0).random((4, 16, 16, 3), dtype=np.float32)
    scorer = Scorer(model, x, [0, 1, 2, 0])
    default = grad_cam(scorer, x, [0, 1, 2, 0]).values
    np.testing.assert_array_equal(default, grad_cam(scorer, x, [0, 1, 2, 0], layer="pool").values)
    assert not np.allclose(default, grad_cam(scorer, x, [0, 1, 2, 0], layer="net/last").values)


def test_sequences_and_text_have_a_map_along_their_axis():
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((12,), dtype="int32"),
            layers.Embedding(20, 4),
            layers.Conv1D(6, 3, activation="relu", name="conv"),
            layers.GlobalAveragePooling1D(),
            layers.Dense(1),
        ]
    )
    tokens = np.random.default_rng(0).integers(0, 20, (5, 12))
    values = grad_cam(model, tokens).values
    features = Scorer(model, tokens).at("conv").entry_values(tokens)[0]
    cam = np.maximum(features @ model.layers[-1].kernel.numpy()[:, 0] / 10, 0)
    assert values.shape == (5, 12)
    for i in range(5):
        np.testing.assert_allclose(values[i], reference.bilinear(cam[[i]], 1, 12)[0], atol=1e-6)


def test_an_image_without_a_channel_has_a_map():
    layers = keras.layers
    model = keras.Sequential([layers.Input((8, 8)), layers.Reshape((8, 8, 1)), layers.Conv2D(3, 3), layers.Flatten(), layers.Dense(1)])
    x = np.random.default_rng(0).random((3, 8, 8), dtype=np.float32)
    assert grad_cam(model, x).values.shape == (3, 8, 8)
    assert grad_cam(model, x).values.any()


@pytest.mark.parametrize("joined", [True, False])
def test_of_several_inputs_those_below_the_layer_get_the_map(joined):
    """Two images and a table; the layer explained reads both images, or the second one alone."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    a, b, table = keras.Input((6, 6, 1), name="a"), keras.Input((6, 6, 1), name="b"), keras.Input((3,), name="table")
    first, second = layers.Conv2D(2, 3, name="first")(a), layers.Conv2D(2, 3, name="second")(b)
    seen = (
        [layers.Flatten()(layers.Concatenate(name="both")([first, second]))] if joined else [layers.Flatten()(v) for v in (first, second)]
    )
    model = keras.Model({"a": a, "b": b, "table": table}, layers.Dense(1)(layers.Concatenate()([*seen, table])))
    generator = np.random.default_rng(0)
    x = {name: generator.random((4, 6, 6, 1), dtype=np.float32) for name in "ab"} | {"table": generator.random((4, 3), dtype=np.float32)}
    values = grad_cam(model, x, relu=False, layer="both" if joined else "second").values
    assert values["b"].any()
    assert values["a"].any() == joined
    assert not values["table"].any()


def test_a_model_without_positions_names_the_remedy(classifier, samples):
    with pytest.raises(ValueError, match=r"no layer of the model .* has the spatial axes of an input.*; here none"):
        grad_cam(classifier, *samples)


def test_rescaling_alone_is_no_layer_to_look_at():
    model = keras.Sequential(
        [keras.layers.Input((4, 4, 1), dtype="uint8"), keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    with pytest.raises(ValueError, match="no layer of the model"):
        grad_cam(model, np.ones((3, 4, 4, 1), np.uint8))


def test_a_wrong_layer_is_said(pooled, images):
    with pytest.raises(ValueError, match=r"no layer 'comv'.*Did you mean 'conv'"):
        grad_cam(pooled, images, layer="comv")
    with pytest.raises(ValueError, match=r"layer 'head', with outputs \(1,\), has not the spatial axes of an input.*; here \['conv'\]"):
        grad_cam(pooled, images, layer="head")


def test_a_layer_that_the_score_does_not_read_is_said():
    inputs = keras.Input((6, 6, 1))
    features = keras.layers.Conv2D(2, 3, padding="same", name="features")(inputs)
    decoded = keras.layers.Conv2D(1, 3, padding="same", name="decoder")(features)
    label = keras.layers.Dense(1, name="label")(keras.layers.Flatten()(features))
    model = keras.Model(inputs, {"decoded": decoded, "label": label})
    x = np.random.default_rng(0).random((3, 6, 6, 1), dtype=np.float32)
    targets = {"label": np.zeros(3)}
    with pytest.raises(ValueError, match=r"grad_cam took 'decoder', the last layer with positions; pass the one to look at as layer="):
        grad_cam(model, x, targets)
    assert grad_cam(model, x, targets, layer="features").values.shape == x.shape


def test_small_batches_are_traced_once_and_change_nothing(pooled, images):
    scorer = Scorer(pooled, images, batch_size=4)
    parts = grad_cam(scorer, images)
    np.testing.assert_allclose(parts.values, grad_cam(pooled, images).values, atol=1e-6)
    assert {key: len(function.traces) for key, function in scorer.at("conv")._functions.items()} == {"entries:False": 1, "gradients": 1}
