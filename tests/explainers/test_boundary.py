"""Decision boundaries, held to straight lines in closed form and to scikit-learn's principal components."""

from __future__ import annotations

import tracemalloc

import keras
import numpy as np
import pytest
from keras import layers
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from tb_explain_plugin.callbacks.explainers import Scorer, decision_boundary
from tb_explain_plugin.callbacks.explainers.planes import of_components

GENERATOR = np.random.default_rng(4)
X = (GENERATOR.normal(size=(30, 4)) @ GENERATOR.normal(size=(4, 4)) * [1, 10, 0.1, 3] + [5, -20, 0, 1]).astype("f4")
Y = np.arange(30) % 2


def linear(weights, bias, activation="sigmoid", loss="binary_crossentropy"):
    weights = np.array(weights, "f4")
    weights = weights[:, None] if weights.ndim == 1 else weights
    model = keras.Sequential([keras.Input((len(weights),), name="table"), layers.Dense(weights.shape[1], activation)])
    model.set_weights([weights, np.atleast_1d(np.array(bias, "f4"))])
    model.compile("sgd", loss)
    return model


def middles(boundary, resolution):
    left, right, low, high = boundary.plane.bounds
    at = (np.arange(resolution) + 0.5) / resolution
    return left + at * (right - left), low + at * (high - low)


def test_two_features_of_a_linear_classifier_are_divided_by_a_line():
    weights, bias = np.array([0.3, 0.02, -2.0, 0.5]), 0.1
    boundary = decision_boundary(linear(weights, bias), X, Y, features=(3, 0), resolution=20)
    x, y = middles(boundary, 20)
    held = np.median(X, axis=0) @ (weights * [0, 1, 1, 0]) + bias
    logits = held + weights[3] * x[None, :] + weights[0] * y[:, None]
    np.testing.assert_array_equal(boundary.classes, logits > 0)
    assert {0, 1} == set(boundary.classes.ravel())
    p = 1 / (1 + np.exp(-logits))
    np.testing.assert_allclose(boundary.probability, np.maximum(p, 1 - p), atol=1e-5)
    np.testing.assert_array_equal(boundary.plane.points, X[:, [3, 0]])
    left, right, low, high = boundary.plane.bounds
    assert left < X[:, 3].min() < X[:, 3].max() < right
    assert low < X[:, 0].min() < X[:, 0].max() < high
    assert boundary.plane.names == ("feature 3", "feature 0")


def test_components_are_scikit_learns_and_a_linear_classifier_is_a_line_there():
    weights, bias = np.array([0.3, 0.02, -2.0, 0.5]), 0.1
    boundary = decision_boundary(linear(weights, bias), X, Y, resolution=16)
    scaler = StandardScaler().fit(X.astype("f8"))
    pca = PCA(2).fit(scaler.transform(X.astype("f8")))
    expected = pca.transform(scaler.transform(X.astype("f8")))
    signs = np.sign((expected * boundary.plane.points).sum(axis=0))
    np.testing.assert_allclose(boundary.plane.points * signs, expected, atol=1e-4)
    np.testing.assert_allclose(boundary.plane.explained, pca.explained_variance_ratio_, rtol=1e-4)
    x, y = middles(boundary, 16)
    across, up = (pca.components_[k] * signs[k] * scaler.scale_ for k in (0, 1))
    logits = scaler.mean_ @ weights + bias + (across @ weights) * x[None, :] + (up @ weights) * y[:, None]
    p = 1 / (1 + np.exp(-logits))
    np.testing.assert_allclose(boundary.probability, np.maximum(p, 1 - p), atol=1e-4)
    np.testing.assert_array_equal(boundary.classes, logits > 0)


def test_images_are_not_scaled_by_pixel():
    images = np.random.default_rng(0).normal(size=(20, 4, 4, 2)) * np.linspace(0.1, 2, 16).reshape(4, 4, 1)
    pca = PCA(2).fit(images.reshape(20, -1))
    plane = of_components([images.astype("f4")], [False])
    np.testing.assert_allclose(plane.explained, pca.explained_variance_ratio_, rtol=1e-4)
    direction = plane.across[0].reshape(-1)
    assert abs(direction @ pca.components_[0]) / np.linalg.norm(direction) == pytest.approx(1, abs=1e-5)


def test_points_of_the_plane_are_where_its_samples_are():
    """With two features in all, the samples lie in the plane themselves."""
    two = X[:, :2]
    plane = of_components([two], [True])
    np.testing.assert_allclose(plane.at(*plane.points.T)[0], two, rtol=1e-4, atol=1e-4)


def test_columns_that_never_differ_are_left_alone():
    flat = X.copy()
    flat[:, 1] = 7
    plane = of_components([flat], [True])
    assert plane.across[0][1] == plane.up[0][1] == 0
    assert plane.origin[0][1] == 7


@pytest.fixture(scope="module")
def several():
    """Pixels, a table and a signal, and one output of three classes."""
    keras.utils.set_random_seed(2)
    inputs = [keras.Input((6, 6, 1), dtype="uint8", name="pixels"), keras.Input((4,), name="table"), keras.Input((5, 2), name="signal")]
    seen = [layers.Flatten()(layers.Rescaling(1 / 255)(inputs[0])), inputs[1], layers.Flatten()(inputs[2])]
    model = keras.Model(inputs, layers.Dense(3, "softmax", kernel_initializer="he_normal")(layers.Concatenate()(seen)))
    model.compile("sgd", "sparse_categorical_crossentropy")
    generator = np.random.default_rng(1)
    pixels = generator.integers(0, 256, (30, 6, 6, 1)).astype("u1")
    return model, [pixels, X, generator.normal(size=(30, 5, 2)).astype("f4")], np.arange(30) % 3


def test_several_inputs_share_a_plane(several):
    model, inputs, targets = several
    boundary = decision_boundary(model, inputs, targets, resolution=9)
    x, y = middles(boundary, 9)
    grid = np.meshgrid(x, y)
    points = boundary.plane.at(grid[0].ravel(), grid[1].ravel())
    assert [p.shape[1:] for p in points] == [(6, 6, 1), (4,), (5, 2)]
    kernel, bias = model.layers[-1].get_weights()
    logits = np.concatenate([p.reshape(81, -1) for p in points], axis=1) @ kernel + bias
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(boundary.probability.ravel(), p.max(axis=1), atol=1e-5)
    np.testing.assert_array_equal(boundary.classes.ravel(), p.argmax(axis=1))


def test_batches_change_nothing(several):
    once = decision_boundary(*several, resolution=10)
    few = decision_boundary(*several, resolution=10, batch_size=7)
    np.testing.assert_allclose(few.probability, once.probability, rtol=1e-5)
    np.testing.assert_array_equal(few.plane.points, once.plane.points)


def test_points_are_made_a_batch_at_a_time():
    """All 4096 of them would take 134 MB."""
    images = np.random.default_rng(0).normal(size=(5, 32, 32, 8)).astype("f4")
    model = keras.Sequential([keras.Input((32, 32, 8)), layers.Flatten(), layers.Dense(1)])
    scorer = Scorer(model, images, batch_size=64)
    plane = decision_boundary(scorer, images, resolution=8).plane
    tracemalloc.start()
    try:
        decision_boundary(scorer, images, plane=plane)
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


def test_features_are_found_by_name(several):
    boundary = decision_boundary(*several, features=("c", 1), feature_names=["a", "b", "c", "d"], resolution=4)
    assert boundary.plane.names == ("c", "b")
    np.testing.assert_array_equal(boundary.plane.points, X[:, [2, 1]])
    np.testing.assert_allclose(boundary.plane.origin[2], np.median(several[1][2], axis=0), rtol=1e-5)


def test_a_plane_stays_when_samples_change():
    model = linear([1, 0, 0, 0], 0)
    plane = decision_boundary(model, X, Y, resolution=4).plane
    again = decision_boundary(model, X[:5] + 100, Y[:5], resolution=4, plane=plane)
    np.testing.assert_array_equal(again.classes, decision_boundary(model, X, Y, resolution=4).classes)


def test_regressions_and_labels_have_values():
    weights = np.array([[0.3, 0.1], [0.02, 0], [-2.0, 0.3], [0.5, -1]])
    regression = decision_boundary(linear(weights, [0, 1], None, "mse"), X, X[:, :2], resolution=5, unit=1)
    assert regression.classes is None
    x, y = middles(regression, 5)
    points = regression.plane.at(*(grid.ravel() for grid in np.meshgrid(x, y)))[0]
    np.testing.assert_allclose(regression.value.ravel(), points @ weights[:, 1] + 1, rtol=1e-4, atol=1e-4)
    hot = np.stack([Y, 1 - Y], axis=1).astype("f4")
    labels = decision_boundary(linear(weights, [0, 1], "sigmoid"), X, hot, resolution=5, unit=1)
    np.testing.assert_allclose(labels.value.ravel(), 1 / (1 + np.exp(-(points @ weights[:, 1] + 1))), atol=1e-4)


@pytest.mark.parametrize("weight", [np.nan, np.inf])
def test_a_diverged_model_says_nothing(weight):
    model = linear(np.ones((4, 3)), [0, 0, 0], "softmax", "sparse_categorical_crossentropy")
    scorer = Scorer(model, X, Y)
    model.layers[-1].kernel.assign(np.full((4, 3), weight))
    boundary = decision_boundary(scorer, X, Y, resolution=4)
    assert (boundary.classes == -1).all()
    assert np.isnan(boundary.probability).all()


def test_a_callable_score_changes_nothing():
    model = linear([1, 0, 0, 0], 0)
    scorer = Scorer(model, X, Y, score=lambda outputs, targets: outputs[:, 0])
    np.testing.assert_array_equal(
        decision_boundary(scorer, X, Y, resolution=4).classes, decision_boundary(model, X, Y, resolution=4).classes
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"resolution": 1}, "resolution is 1; expected a whole number from 2 to 512"),
        ({"features": (1,)}, r"features is \[1\]; expected two, the axes of a plane"),
        ({"features": (1, 1)}, r"features is \[1, 1\], one of them twice"),
        ({"features": (1, 4)}, "features holds 4; expected a name, or a position from 0 to 3"),
        ({"features": (1, "feature5")}, "features names 'feature5', which 0 columns are called; did you mean 'feature "),
        ({"features": (0, 1), "feature_names": ["a"]}, "feature_names has 1 names, the tables have 4 columns"),
        ({"inputs": np.repeat(X[:1], 30, axis=0)}, "the 30 samples lie on a line and span no plane"),
        ({"inputs": X[:1] * np.arange(30, dtype="f4")[:, None]}, "the 30 samples lie on a line"),
    ],
)
def test_what_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        decision_boundary(linear([1, 0, 0, 0], 0), options.pop("inputs", X), Y, **options)


def test_a_unit_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match=r"unit is 1; output 'dense.*' has 1 unit\(s\): expected 0 to 0"):
        decision_boundary(linear([1, 0, 0, 0], 0, None, "mse"), X, X[:, 0], unit=1)


def test_tokens_have_nothing_between_them():
    model = keras.Sequential([keras.Input((5,), dtype="int32", name="words"), layers.Embedding(9, 2), layers.Flatten(), layers.Dense(2)])
    with pytest.raises(ValueError, match=r"no plane goes through \['words'\]: tokens, categories and masks.*embedding_projection shows"):
        decision_boundary(model, np.ones((4, 5), "i4"), np.zeros(4, int))


def test_a_scorer_at_a_layer_is_refused(classifier, samples):
    at_layer = Scorer(classifier, *samples).at(classifier.layers[0].name)
    with pytest.raises(ValueError, match="a plane goes through the inputs: pass the model's own scorer"):
        decision_boundary(at_layer, *samples)
