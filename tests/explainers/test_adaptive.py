"""Integrated gradients to a tolerance, held to closed forms: kinks at known places, luck, and who needs how many nodes."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops

from tb_explain_plugin.callbacks.explainers import Scorer, integrated_gradients
from tb_explain_plugin.callbacks.explainers.quadrature import cells, gauss_legendre
from tests.explainers import reference

KINKS = np.linspace(0.05, 0.95, 19)
FOUR = {"steps": 4, "tolerance": 0.01, "max_steps": 4}
"""One look with four nodes, gates averaged."""


def hinges(activation="relu"):
    """Σₖ aₖ relu(xₖ − kinkₖ): from 0 to 1 along the diagonal each unit wakes up at its own kink."""
    model = keras.Sequential([keras.Input((19,)), keras.layers.Dense(19, activation=activation), keras.layers.Dense(1)])
    slopes = np.random.default_rng(0).normal(size=(19, 1))
    model.set_weights([np.eye(19), -KINKS, slopes, np.zeros(1)])
    return model, slopes[:, 0]


@pytest.fixture(scope="module")
def network():
    """A network of ReLU and max-pooling, its scorer, images and their classes."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((9, 9, 1)),
            keras.layers.Conv2D(4, 3, activation="relu", padding="same"),
            keras.layers.MaxPooling2D(3, strides=2, padding="same"),
            keras.layers.Conv2D(6, 2),
            keras.layers.LeakyReLU(0.1),
            keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(8, activation="relu6"),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    generator = np.random.default_rng(2)
    x, y = generator.normal(size=(24, 9, 9, 1)).astype(np.float32), generator.integers(0, 3, 24)
    return Scorer(model, x, y), x, y


def relative_l1(values, exact):
    flat, expected = (v.reshape(len(v), -1).astype(np.float64) for v in (values, exact))
    return np.abs(flat - expected).sum(axis=1) / np.abs(expected).sum(axis=1)


def test_units_that_wake_up_between_nodes_count_for_their_share():
    model, slopes = hinges()
    x = np.ones((1, 19), np.float32)
    exact = slopes * (1 - KINKS)
    plain = integrated_gradients(model, x, baseline="zero", steps=4)
    averaged = integrated_gradients(model, x, baseline="zero", **FOUR)
    assert averaged.steps[0] == 4
    np.testing.assert_allclose(averaged.values[0], exact, rtol=1e-5, atol=1e-5)
    assert relative_l1(plain.values, exact[None])[0] > 0.03


@pytest.mark.parametrize(("activation", "slope"), [("relu6", 0.0), ("leaky_relu", 0.2)])
def test_other_hinges_count_for_their_share(activation, slope):
    model, slopes = hinges(activation)
    x = np.full((1, 19), 10.0, np.float32)
    on = np.minimum(10 - KINKS, 6) if activation == "relu6" else 10 - KINKS
    values = integrated_gradients(model, x, baseline="zero", **FOUR).values[0]
    np.testing.assert_allclose(values, slopes * (on + slope * KINKS), rtol=1e-4)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("window", "stride"), [(2, 2), (3, 2), (2, 1)])
def test_the_largest_of_a_window_counts_for_its_share(window, stride, padding):
    """Elements are straight lines along the path, so the largest's share is exact: as many thousand nodes say."""
    inputs = keras.Input((7, 7, 2))
    pooled = keras.layers.MaxPooling2D(window, strides=stride, padding=padding)(inputs)
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Flatten()(pooled)))
    generator = np.random.default_rng(3)
    x, start = generator.normal(size=(2, 3, 7, 7, 2)).astype(np.float32)
    few = integrated_gradients(model, x, baseline=start, **FOUR)
    many = integrated_gradients(model, x, baseline=start, steps=1000)
    assert relative_l1(few.values, many.values).max() < 5e-3
    assert relative_l1(integrated_gradients(model, x, baseline=start, steps=4).values, many.values).max() > 2e-2
    assert few.completeness_error.max() < 1e-5


def test_the_largest_of_an_image_counts_for_its_share():
    inputs = keras.Input((7, 7, 2))
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.GlobalMaxPooling2D()(keras.layers.ReLU()(inputs))))
    generator = np.random.default_rng(3)
    x, start = generator.normal(size=(2, 3, 7, 7, 2)).astype(np.float32)
    many = integrated_gradients(model, x, baseline=start, steps=1000)
    few = integrated_gradients(model, x, baseline=start, **FOUR)
    assert relative_l1(few.values, many.values).max() < 0.1
    assert relative_l1(integrated_gradients(model, x, baseline=start, steps=4).values, many.values).max() > 0.2


def test_equal_elements_of_a_window_go_to_the_first():
    inputs = keras.Input((2, 2, 1))
    model = keras.Model(inputs, keras.layers.Flatten()(keras.layers.MaxPooling2D()(inputs)))
    values = integrated_gradients(model, np.ones((1, 2, 2, 1), np.float32), baseline="zero", tolerance=0.5).values
    np.testing.assert_allclose(values.ravel(), [1, 0, 0, 0], atol=1e-6)


@pytest.mark.parametrize("tolerance", [0.05, 0.01])
def test_the_error_is_what_was_asked_for_at_fewer_gradients(network, tolerance):
    scorer, x, y = network
    exact = integrated_gradients(scorer, x, y, steps=1000).values
    attribution = integrated_gradients(scorer, x, y, tolerance=tolerance)
    assert relative_l1(attribution.values, exact).max() <= 2 * tolerance
    spent = round(attribution.steps.mean())
    plain = integrated_gradients(scorer, x, y, steps=spent)
    assert relative_l1(attribution.values, exact).max() < relative_l1(plain.values, exact).max() / 2


def test_plain_steps_stay_plain(network):
    """Without a tolerance the values are the sum of gradients at the nodes, no gate averaged."""
    scorer, x, y = network
    nodes, weights = gauss_legendre(5)
    targets = scorer.readout.resolve_targets(y, len(x))
    expected = sum(w * scorer.gradients(x, targets, [(a * x).astype(np.float32)])[0] for a, w in zip(nodes, weights, strict=True)) * x
    values = integrated_gradients(scorer, x, y, baseline="zero", steps=5).values
    np.testing.assert_allclose(values, expected, atol=2e-6)


@pytest.fixture(scope="module")
def dense():
    """A perceptron of ReLU whose units switch along the paths of its samples."""
    keras.utils.set_random_seed(8)
    layer = keras.layers.Dense
    model = keras.Sequential([keras.Input((6,)), layer(24, "relu"), layer(16, "relu"), layer(3, "softmax")])
    generator = np.random.default_rng(9)
    model.set_weights([w + generator.normal(scale=0.2, size=w.shape) for w in model.get_weights()])
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model, generator.normal(size=(12, 6)).astype(np.float32), generator.integers(0, 3, 12)


@pytest.mark.parametrize("steps", [2, 5, 16])
def test_it_equals_its_float64_twin(dense, steps):
    model, x, y = dense
    twin = reference.DenseTwin.of(model)
    nodes, weights = gauss_legendre(steps)
    one_look = {"steps": steps, "tolerance": 0.001, "max_steps": steps}
    averaged, plain = (integrated_gradients(model, x, y, baseline="zero", **o).values for o in (one_look, {"steps": steps}))
    points = [(sample.astype(np.float64), np.zeros(6), nodes, weights) for sample in x]
    expected = [reference.averaged_integrated_gradients(twin, *point, target) for point, target in zip(points, y, strict=True)]
    assert relative_l1(averaged, np.array(expected)).max() < 1e-6
    expected = [reference.integrated_gradients(lambda z, t=t: twin.gradient(z, t), *point) for point, t in zip(points, y, strict=True)]
    assert relative_l1(plain, np.array(expected)).max() < 1e-6


@pytest.mark.parametrize("batch_size", [1, 5, 7, 64])
def test_batches_change_nothing(network, batch_size):
    scorer, x, y = network
    whole = integrated_gradients(scorer, x, y, tolerance=0.01)
    parts = integrated_gradients(scorer.model, x, y, tolerance=0.01, batch_size=batch_size)
    np.testing.assert_array_equal(parts.steps, whole.steps)
    np.testing.assert_allclose(parts.values, whole.values, atol=1e-5)
    np.testing.assert_allclose(parts.score, whole.score, atol=1e-5)
    np.testing.assert_allclose(parts.baseline_score, whole.baseline_score, atol=1e-5)


def test_order_and_company_change_nothing(network):
    scorer, x, y = network
    baseline = x.mean(axis=0)
    whole = integrated_gradients(scorer, x, y, baseline=baseline, tolerance=0.01)
    order = np.random.default_rng(4).permutation(len(x))[:11]
    some = integrated_gradients(scorer, x[order], y[order], baseline=baseline, tolerance=0.01)
    np.testing.assert_array_equal(some.steps, whole.steps[order])
    np.testing.assert_allclose(some.values, whole.values[order], atol=1e-5)


def waves():
    """Σ sin(xⱼ): its gradient along a path to x turns xⱼ / 2π times."""
    inputs = keras.Input((2,))
    return keras.Model(inputs, ops.sum(ops.sin(inputs), axis=1, keepdims=True))


def test_each_sample_gets_what_it_needs():
    x = np.array([[0.1, 0.2], [40.0, 25.0], [0.3, 0.1]], np.float32)
    attribution = integrated_gradients(waves(), x, baseline="zero", steps=4, tolerance=0.01)
    assert attribution.steps[0] == attribution.steps[2] == 4
    assert attribution.steps[1] > 16
    assert relative_l1(attribution.values, np.sin(x)).max() < 0.01
    assert attribution.estimated_error.max() <= 0.01


def test_completeness_by_luck_does_not_stop_it():
    """The two halves err alike with opposite signs: the values add up whatever they are."""
    inputs = keras.Input((2,))
    model = keras.Model(inputs, ops.sin(inputs[:, :1]) - ops.sin(inputs[:, 1:]))
    x = np.full((1, 2), 20.0, np.float32)
    few = integrated_gradients(model, x, baseline="zero", steps=4)
    assert few.completeness_error[0] < 1e-6
    assert relative_l1(few.values, np.sin(x) * [1, -1])[0] > 0.3
    refined = integrated_gradients(model, x, baseline="zero", steps=4, tolerance=0.01)
    assert relative_l1(refined.values, np.sin(x) * [1, -1])[0] < 0.01
    assert refined.steps[0] > 4


@pytest.mark.parametrize("degree", [1, 4, 7])
def test_polynomials_within_the_rules_degree_are_exact_at_the_first_look(degree):
    inputs = keras.Input((3,))
    model = keras.Model(inputs, ops.sum(inputs**degree, axis=1, keepdims=True))
    x = np.array([[1.0, -2.0, 0.5]], np.float32)
    attribution = integrated_gradients(model, x, baseline="zero", steps=12, tolerance=0.01)
    np.testing.assert_allclose(attribution.values, x**degree, rtol=1e-5)
    assert attribution.steps[0] == 12


@pytest.mark.parametrize("max_steps", [4, 13, 31, 256])
def test_no_sample_takes_more_than_the_most(max_steps):
    asked = np.zeros(2, int)

    class Counting(Scorer):
        def path_gradients(self, inputs, *arguments, **options):
            for row in np.unique(inputs[:, 0]):
                asked[int(row > 50)] += np.shape(arguments[3])[-1]
            return super().path_gradients(inputs, *arguments, **options)

    x = np.array([[0.1, 0.2], [100.0, 250.0]], np.float32)
    attribution = integrated_gradients(Counting(waves(), x), x, baseline="zero", steps=4, tolerance=1e-4, max_steps=max_steps)
    np.testing.assert_array_equal(attribution.steps, asked)
    assert attribution.steps.max() <= max_steps
    if max_steps < 256:
        assert attribution.estimated_error[1] > 1e-4


def test_weights_that_are_not_finite_end_at_the_first_look():
    model, _ = hinges()
    model.layers[0].bias.assign(np.full(19, np.nan))
    attribution = integrated_gradients(model, np.ones((2, 19), np.float32), baseline="zero", tolerance=0.02)
    assert np.isnan(attribution.estimated_error).all()
    assert (attribution.steps == 9).all()


def test_a_constant_score_needs_nothing_more():
    model, _ = hinges()
    attribution = integrated_gradients(model, np.zeros((2, 19), np.float32), baseline="zero", tolerance=0.02)
    assert (attribution.values == 0).all()
    assert (attribution.estimated_error == 0).all()


def test_recurrent_layers_keep_their_own_gradients():
    """Inside a loop no gate is averaged; all around it goes on."""
    keras.utils.set_random_seed(5)
    model = keras.Sequential(
        [keras.Input((6, 3)), keras.layers.Dense(5, activation="relu"), keras.layers.GRU(4, activation="relu"), keras.layers.Dense(1)]
    )
    x = np.random.default_rng(6).normal(size=(4, 6, 3)).astype(np.float32)
    exact = integrated_gradients(model, x, steps=2000).values
    assert relative_l1(integrated_gradients(model, x, tolerance=0.01).values, exact).max() < 0.02


def test_cells_hold_their_nodes():
    for steps in (1, 2, 3, 16, 61):
        nodes, weights = gauss_legendre(steps)
        low, high = cells(weights).T
        assert (low < nodes).all()
        assert (nodes < high).all()
        assert high[-1] == pytest.approx(1)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"tolerance": 0.0}, ValueError, "between 0 and 1"),
        ({"tolerance": 1.0}, ValueError, "between 0 and 1"),
        ({"tolerance": np.nan}, ValueError, "between 0 and 1"),
        ({"tolerance": "1 %"}, ValueError, "between 0 and 1"),
        ({"tolerance": 0.01, "steps": 1}, ValueError, "at least 2 nodes with a tolerance"),
        ({"tolerance": 0.01, "max_steps": 15}, ValueError, "pass max_steps=16 or more"),
        ({"steps": 2.5}, TypeError, "steps is 2.5; expected an integer"),
        ({"tolerance": 0.01, "max_steps": 1e3}, TypeError, "max_steps is 1000.0; expected an integer"),
        ({"steps": 0}, ValueError, "at least 1 node"),
    ],
)
def test_bad_arguments(options, error, message):
    with pytest.raises(error, match=message):
        integrated_gradients(waves(), np.ones((2, 2), np.float32), **options)
