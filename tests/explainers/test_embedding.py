"""Embeddings: what the head reads, whatever the model is built like, and projections that keep distances."""

from __future__ import annotations

import functools

import keras
import numpy as np
import pytest
from keras import layers

from tb_explain_plugin.callbacks.explainers import Scorer, embedding_projection
from tb_explain_plugin.callbacks.explainers.embedding import random_axes

X = np.random.default_rng(0).normal(size=(12, 5)).astype("f4")


def hidden(units=7):
    return [layers.Dense(6, "tanh", name="first"), layers.Dense(units, "relu", name="second")]


def in_sequence(*tail):
    return keras.Sequential([keras.Input((5,)), *hidden(), *tail])


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.first, self.second = hidden()
        self.head = layers.Dense(3, name="head")

    def call(self, x):
        return keras.ops.softmax(self.head(self.second(self.first(x))))


def nested():
    body = keras.Sequential([keras.Input((5,)), *hidden()], name="body")
    x = keras.Input((5,))
    return keras.Model(x, layers.Dense(3, "softmax")(body(x)))


def two_heads():
    x = keras.Input((5,))
    first, second = hidden()
    near, far = layers.Dense(3, "softmax", name="near"), layers.Dense(1, name="far")
    seen = first(x)
    return keras.Model(x, [near(second(seen)), far(seen)])


BUILDS = {
    "softmax in the head": (lambda: in_sequence(layers.Dense(3, "softmax", name="head")), "second"),
    "softmax by itself": (lambda: in_sequence(layers.Dense(3), layers.Activation("softmax")), "second"),
    "dropout before": (lambda: in_sequence(layers.Dropout(0.5), layers.Dense(3, "softmax")), "second"),
    "subclassed": (Subclassed, "second"),
    "nested": (nested, "body/second"),
    "two outputs": (two_heads, "second"),
}


@pytest.mark.parametrize("build", BUILDS)
def test_it_is_what_the_head_reads(seeded, build):
    make, name = BUILDS[build]
    model = make()
    model(X)
    embedding = embedding_projection(model, X)
    first, second = (next(v for v in model._flatten_layers() if v.name == wanted) for wanted in ("first", "second"))
    np.testing.assert_allclose(embedding.points, second(first(X)), rtol=1e-5, atol=1e-6)
    assert (embedding.layer, embedding.units) == (name, 7)


def test_a_linear_model_reads_its_inputs():
    model = keras.Sequential([keras.Input((5,), name="table"), layers.Dense(1)])
    np.testing.assert_allclose(embedding_projection(model, X).points, X, rtol=1e-6)


def test_operations_between_layers_are_part_of_what_is_read(seeded):
    x = keras.Input((5,))
    a, b = layers.Dense(4, name="a"), layers.Dense(4, name="b")
    model = keras.Model(x, layers.Dense(2, name="head")(keras.ops.tanh(a(x) * b(x))))
    embedding = embedding_projection(model, X)
    np.testing.assert_allclose(embedding.points, np.tanh(a(X) * b(X)), rtol=1e-4, atol=1e-6)
    assert embedding.layer == "input of head"


def test_positions_are_averaged(seeded):
    images = np.random.default_rng(1).normal(size=(4, 6, 6, 2)).astype("f4")
    convolution = layers.Conv2D(3, 3, name="maps")
    model = keras.Sequential([keras.Input((6, 6, 2)), convolution, layers.Flatten(), layers.Dense(2)])
    expected = np.mean(convolution(images), axis=(1, 2))
    np.testing.assert_allclose(embedding_projection(model, images, layer="maps").points, expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(embedding_projection(model, images).points, np.reshape(convolution(images), (4, -1)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dimensions", [3, 64])
def test_texts_have_a_place_too(seeded, dimensions):
    words = layers.TextVectorization(output_sequence_length=3)
    words.adapt(["fine film", "dull film"])
    hidden = layers.Dense(4, name="hidden")
    texts = np.array(["fine film", "dull", "film film film", ""], object)
    vectors = layers.Embedding(9, 2)
    text = keras.Input((), dtype="string", name="review")
    seen = hidden(layers.GlobalAveragePooling1D()(layers.MultiHeadAttention(1, 2)(*[vectors(words(text))] * 2)))
    model = keras.Model(text, layers.Dense(1)(seen))
    embedding = embedding_projection(model, texts, dimensions=dimensions)
    assert (embedding.layer, embedding.units) == ("hidden", 4)
    assert embedding.points.shape == (4, min(4, dimensions))
    np.testing.assert_allclose(embedding_projection(model, texts, layer="hidden", dimensions=dimensions).points, embedding.points)


def test_many_units_are_projected_orthogonally_and_the_same_each_time(seeded):
    model = keras.Sequential([keras.Input((5,)), layers.Dense(500, "tanh", name="wide"), layers.Dense(2)])
    wide = np.asarray(model.get_layer("wide")(X))
    embedding = embedding_projection(model, X, dimensions=400)
    assert (embedding.points.shape, embedding.units) == ((12, 400), 500)
    axes = random_axes(500, 400, 0).astype("f8")
    np.testing.assert_allclose(axes.T @ axes, np.eye(400), atol=1e-6)
    np.testing.assert_allclose(embedding.points, wide @ axes, atol=1e-5)
    model.get_layer("wide").kernel.assign(model.get_layer("wide").kernel * 2)
    after = embedding_projection(Scorer(model, X), X, dimensions=400)
    np.testing.assert_allclose(after.points, np.asarray(model.get_layer("wide")(X)) @ axes, atol=1e-5)
    far, kept = (np.linalg.norm(p[:, None] - p[None], axis=-1)[np.triu_indices(12, 1)] for p in (wide, embedding.points))
    assert np.abs(kept / far / np.sqrt(400 / 500) - 1).max() < 0.1


def test_batches_and_a_second_call_change_nothing(seeded):
    model = in_sequence(layers.Dense(3))
    once = embedding_projection(model, X).points
    np.testing.assert_allclose(embedding_projection(model, X, batch_size=5).points, once, rtol=1e-6)
    scorer = Scorer(model, X)
    np.testing.assert_array_equal(embedding_projection(scorer, X).points, embedding_projection(scorer, X).points)


@pytest.mark.parametrize("weight", [np.nan, np.inf, 3e38])
def test_a_diverged_model_has_no_place_for_samples_and_no_error(seeded, weight):
    model = keras.Sequential([keras.Input((5,)), layers.Dense(7, name="plain"), layers.Dense(3)])
    scorer = Scorer(model, X)
    model.get_layer("plain").kernel.assign(np.full((5, 7), weight))
    points = embedding_projection(scorer, X, dimensions=3).points
    assert points.shape == (12, 3)
    assert not np.isfinite(points).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layer": "secnd"}, "has no layer 'secnd' whose output can be watched. Did you mean 'second'"),
        ({"dimensions": 1}, "dimensions is 1; expected a whole number of at least 2"),
        ({"dimensions": 2.5}, "dimensions is 2.5; expected"),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        embedding_projection(in_sequence(layers.Dense(3)), X, **options)


def test_a_model_without_a_weight_matrix_asks_for_a_layer():
    model = keras.Sequential([keras.Input((5,)), layers.Rescaling(2.0, name="double"), layers.ReLU()])
    with pytest.raises(ValueError, match=r"no layer with a weight matrix, .*pass layer=, one of \['double'"):
        embedding_projection(model, X)
    np.testing.assert_allclose(functools.partial(embedding_projection, layer="double")(model, X).points, 2 * X)
