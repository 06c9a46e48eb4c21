"""The rules of layer-wise relevance propagation, each held to a float64 twin and to closed forms."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tb_explain_plugin.callbacks.explainers import lrp
from tb_explain_plugin.callbacks.explainers import lrp_rules as rules
from tb_explain_plugin.callbacks.explainers.lrp_composites import COMPOSITES
from tests.explainers import lrp_reference as twin
from tests.explainers.lrp_checks import arrays, close

layers = keras.layers


def everywhere(rule):
    return dict.fromkeys(("dense", "convolution"), rule)


def with_random_biases(model, seed=2):
    generator = np.random.default_rng(seed)
    for variable in model.trainable_variables:
        if len(variable.shape) == 1:
            variable.assign(generator.normal(0.3, 0.5, variable.shape))
    return model


@pytest.fixture(scope="module")
def one_dense():
    keras.utils.set_random_seed(1)
    return with_random_biases(keras.Sequential([layers.Input((6,)), layers.Dense(4)]))


@pytest.fixture(scope="module")
def one_convolution():
    keras.utils.set_random_seed(1)
    model = [layers.Input((5, 4, 2)), layers.Conv2D(3, 3, padding="same", activation="relu"), layers.Flatten(), layers.Dense(2)]
    return with_random_biases(keras.Sequential(model))


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(3).normal(size=(9, 6)).astype(np.float32)


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(4).normal(size=(3, 5, 4, 2)).astype(np.float32)


@pytest.mark.parametrize("rule", sorted(rules.RULES))
def test_a_dense_layer_equals_its_twin(one_dense, rows, rule):
    attribution = lrp(one_dense, rows, np.arange(9) % 4, composite=everywhere(rule))
    w, b = arrays(one_dense.layers[0])
    low, high = rows.min(axis=0), rows.max(axis=0)
    expected = []
    for i, x in enumerate(rows.astype(np.float64)):
        relevance = np.where(np.arange(4) == i % 4, x @ w + b, 0.0)
        expected.append(twin.dense(twin.RULES[rule], x, w, b, relevance, low, high))
    close(attribution.values, expected)


@pytest.mark.parametrize("rule", sorted(rules.RULES))
def test_a_convolution_equals_its_twin(one_convolution, pictures, rule):
    attribution = lrp(one_convolution, pictures, 1, composite={"convolution": rule, "dense": "epsilon"})
    (w, b), (v, c) = arrays(one_convolution.layers[0]), arrays(one_convolution.layers[2])
    ends = [np.broadcast_to(end(pictures, axis=(0, 1, 2)).astype(float), (5, 4, 2)) for end in (np.min, np.max)]
    expected = []
    for x in pictures.astype(np.float64):
        hidden = np.maximum(twin.convolve(x, w, b, padding=1), 0)
        logits = hidden.ravel() @ v + c
        on_hidden = twin.dense(twin.RULES["epsilon"], hidden.ravel(), v, c, np.array([0, logits[1]])).reshape(hidden.shape)
        expected.append(twin.convolution(twin.RULES[rule], x, w, b, on_hidden, *ends, padding=1))
    close(attribution.values, expected)


@pytest.mark.parametrize("value", [0.0, 0.1, 10.0])
def test_gamma_takes_any_number(one_dense, rows, value):
    values = lrp(one_dense, rows, 2, composite=everywhere(rules.gamma(value))).values
    w, b = arrays(one_dense.layers[0])
    close(values, [twin.dense(twin.gamma(value), x, w, b, np.array([0, 0, (x @ w + b)[2], 0])) for x in rows.astype(np.float64)])


def test_gamma_of_zero_is_epsilon_and_endless_gamma_is_z_plus(one_dense, rows):
    def of(rule):
        return lrp(one_dense, rows, 0, composite=everywhere(rule))

    np.testing.assert_allclose(of(rules.gamma(0)).values, of("epsilon").values, rtol=1e-4, atol=1e-6)
    above = of("epsilon").score > 0
    np.testing.assert_allclose(of(rules.gamma(1e6)).values[above], of("z_plus").values[above], rtol=1e-3, atol=1e-5)


def test_bounds_may_be_given(one_dense, rows):
    low, high = np.linspace(-9, -5, 6), np.linspace(5, 9, 6)
    values = lrp(one_dense, rows, 1, composite={"dense": rules.z_box(low, high)}).values
    w, b = arrays(one_dense.layers[0])
    relevance = [np.array([0, (x @ w + b)[1], 0, 0]) for x in rows.astype(np.float64)]
    close(values, [twin.dense(twin.z_box, x, w, b, r, low, high) for x, r in zip(rows, relevance, strict=True)])
    one_number = lrp(one_dense, rows, 1, composite={"dense": rules.z_box(-9, 9)}).values
    close(one_number, [twin.dense(twin.z_box, x, w, b, r, [-9] * 6, [9] * 6) for x, r in zip(rows, relevance, strict=True)])


def test_two_layers_by_hand():
    """x = (1, 2) → ReLU(3, −1) → 3 · 2: every rule's answer can be written down."""
    model = keras.Sequential([layers.Input((2,)), layers.Dense(2, activation="relu"), layers.Dense(1)])
    model.set_weights([np.array([[1.0, 1.0], [1.0, -1.0]]), np.zeros(2), np.array([[2.0], [5.0]]), np.zeros(1)])
    x = np.array([[1.0, 2.0]], np.float32)
    np.testing.assert_allclose(lrp(model, x, composite="epsilon").values, [[2.0, 4.0]], rtol=1e-5)
    np.testing.assert_allclose(lrp(model, x, composite=everywhere("flat")).values, [[3.0, 3.0]], rtol=1e-5)
    np.testing.assert_allclose(lrp(model, x, composite={"dense": "epsilon", "first_dense": "w_square"}).values, [[3.0, 3.0]], rtol=1e-5)
    # z⁺ gives all of 6 to the first unit, whose inputs are both positive; α₂β₁ has nothing to take away
    np.testing.assert_allclose(lrp(model, x, composite="alpha1_beta0").values, [[2.0, 4.0]], rtol=1e-5)
    model.layers[0].set_weights([np.array([[-1.0, 1.0], [2.0, -1.0]]), np.zeros(2)])  # 3 = −1 + 4, relevance 6
    np.testing.assert_allclose(lrp(model, x, composite="alpha1_beta0").values, [[0.0, 6.0]], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        lrp(model, x, composite={"dense": "epsilon", "first_dense": "alpha2_beta1"}).values, [[-6.0, 12.0]], rtol=1e-5
    )
    first_gamma = {"dense": "epsilon", "first_dense": rules.gamma(0.5)}  # (−1, 4 · 1.5) / 5 · 6
    np.testing.assert_allclose(lrp(model, x, composite=first_gamma).values, [[-1.2, 7.2]], rtol=1e-5)


def test_relevance_reaches_inputs_of_zero_only_where_a_rule_says_so(one_dense):
    x = np.zeros((1, 6), np.float32)
    assert not lrp(one_dense, x, 0, composite="epsilon").values.any()
    score = lrp(one_dense, x, 0, composite="epsilon").score[0]
    np.testing.assert_allclose(lrp(one_dense, x, 0, composite=everywhere("flat")).values, np.full((1, 6), score / 6), rtol=1e-5)


def bias_free(seed=5):
    keras.utils.set_random_seed(seed)
    hidden = [layers.Conv2D(8, 3, activation="relu", use_bias=False), layers.Conv2D(8, 2, activation="relu", use_bias=False)]
    head = [layers.Flatten(), layers.Dense(9, activation="relu", use_bias=False), layers.Dense(3, use_bias=False)]
    return keras.Sequential([layers.Input((5, 4, 2)), *hidden, *head])


def test_lrp_zero_of_a_bias_free_relu_network_is_gradient_times_input(pictures):
    import tensorflow as tf

    model = bias_free()
    x = tf.constant(pictures)
    with tf.GradientTape() as tape:
        tape.watch(x)
        score = model(x)[:, 1]
    expected = (x * tape.gradient(score, x)).numpy()
    close(lrp(model, pictures, 1, composite=everywhere("zero")).values, expected)


@pytest.mark.parametrize("rule", ["zero", "epsilon", "z_plus", "gamma", "alpha2_beta1"])
def test_relevance_is_conserved_without_biases(pictures, rule):
    """With positive outputs everywhere each denominator is far from 0; the rules differ, their sums do not."""
    model = bias_free()
    generator = np.random.default_rng(8)
    for variable in model.trainable_variables:
        values = np.abs(generator.normal(size=variable.shape))
        values.ravel()[::5] *= -0.1  # some negative contributions, none of which wins
        variable.assign(values)
    attribution = lrp(model, np.abs(pictures), 1, composite=everywhere(rule))
    assert attribution.completeness_error.max() < 1e-5
    assert attribution.baseline_score is None
    np.testing.assert_allclose(attribution.values.sum(axis=(1, 2, 3)), attribution.score, rtol=1e-4)


def test_what_biases_take_is_reported():
    model = keras.Sequential([layers.Input((1,)), layers.Dense(1)])
    model.set_weights([np.array([[2.0]]), np.array([3.0])])
    attribution = lrp(model, np.array([[1.0]], np.float32), composite="epsilon")
    assert attribution.values[0, 0] == pytest.approx(2.0, rel=1e-5)  # of a score of 5, 3 are the bias's
    assert attribution.completeness_error[0] == pytest.approx(3 / 2, rel=1e-5)


@pytest.mark.parametrize("composite", sorted(COMPOSITES))
def test_small_batches_change_nothing(one_convolution, pictures, composite):
    whole = lrp(one_convolution, pictures, 1, composite=composite)
    parts = lrp(one_convolution, pictures, 1, composite=composite, batch_size=2)
    np.testing.assert_allclose(parts.values, whole.values, atol=1e-5)
    assert np.isfinite(whole.values).all()


@pytest.mark.parametrize(("alpha", "beta"), [(2, 2), (0.5, -0.5)])
def test_alpha_and_beta_must_conserve(alpha, beta):
    with pytest.raises(ValueError, match="alpha − beta = 1"):
        rules.alpha_beta(alpha, beta)


def test_numbers_out_of_range_are_refused(one_dense, rows):
    with pytest.raises(ValueError, match="epsilon is 0; expected a number above 0"):
        lrp(one_dense, rows, 0, epsilon=0)
    with pytest.raises(ValueError, match="epsilon is -1"):
        rules.epsilon(-1)
    with pytest.raises(ValueError, match="gamma is -1"):
        rules.gamma(-1)
