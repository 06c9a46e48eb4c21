"""What layer-wise relevance propagation refuses, and what a composite can be told about it."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tb_explain_plugin.callbacks.explainers import lrp
from tb_explain_plugin.callbacks.explainers import lrp_rules as rules

layers = keras.layers


pytestmark = pytest.mark.usefixtures("seeded")


def linear_logits():
    return keras.Sequential([layers.Input((5,)), layers.Dense(3, use_bias=False)])


class Fourier(layers.Layer):
    """Something that no rule is known for."""

    def call(self, x):
        return tf.math.real(tf.signal.fft(tf.cast(x, tf.complex64))) + x


def with_fourier():
    return keras.Sequential([layers.Input((5,)), layers.Dense(4, name="before"), Fourier(name="waves"), layers.Dense(3)])


class Cumulative(layers.Layer):
    """Differentiable, and not known."""

    def call(self, x):
        return tf.math.cumprod(x, axis=1)


def with_products():
    return keras.Sequential([layers.Input((5,)), layers.Dense(5, name="before"), Cumulative(name="growth"), layers.Dense(3)])


def test_an_unsupported_layer_is_named_with_the_remedy(rows):
    with pytest.raises(ValueError, match=r"no rule for the operation 'Cumprod' .* in layer 'growth' \(Cumulative\)") as refusal:
        lrp(with_products(), rows, 0)
    assert "integrated_gradients" in str(refusal.value)
    assert "composite={'growth': 'gradient'}" in str(refusal.value)
    with pytest.raises(ValueError, match=r"layer 'waves' \(Fourier\)"):
        lrp(with_fourier(), rows, 0)


def test_an_unsupported_layer_may_be_taken_as_a_whole(rows):
    model = with_products()
    passed = lrp(model, rows, 0, composite={"growth": "pass", "dense": "epsilon"}).values
    without = keras.Sequential([layers.Input((5,)), layers.Dense(5), layers.Dense(3)])
    without.layers[0].set_weights(model.layers[0].get_weights())
    kernel, bias = model.layers[-1].get_weights()
    grown = np.cumprod(rows @ model.layers[0].get_weights()[0], axis=1)
    score = (grown @ kernel + bias)[:, :1]
    np.testing.assert_allclose(lrp(model, rows, 0, composite={Cumulative: "pass"}).values, passed)
    np.testing.assert_allclose(passed.sum(axis=1, keepdims=True), score, rtol=1e-3, atol=1e-4)
    by_gradient = lrp(model, rows, 0, composite={"growth": "gradient"})
    assert np.isfinite(by_gradient.values).all()
    assert not np.allclose(by_gradient.values, passed, atol=1e-3)


def test_passing_needs_one_shape(rows):
    model = keras.Sequential([layers.Input((5,)), layers.Dense(4, name="narrow"), layers.Dense(3)])
    with pytest.raises(ValueError, match=r"rule of 'narrow' is 'pass', but its output \(6, 4\) has the shape of none of its inputs"):
        lrp(model, rows, 0, composite={"narrow": "pass"})


def test_cells_of_ones_own_are_named():
    @keras.saving.register_keras_serializable()
    class Cell(layers.Layer):
        state_size = 3

        def build(self, shape):
            self.kernel = self.add_weight(shape=(shape[-1], 3))

        def call(self, x, states):
            new = keras.ops.tanh(x @ self.kernel) + states[0]
            return new, [new]

    model = keras.Sequential([layers.Input((4, 2)), layers.RNN(Cell(), name="own"), layers.Dense(2)])
    x = np.random.default_rng(0).normal(size=(3, 4, 2)).astype(np.float32)
    with pytest.raises(ValueError, match=r"no rule for layer 'own' \(RNN\): the gates of its cell Cell are unknown.*'gradient'"):
        lrp(model, x, 0)
    assert np.isfinite(lrp(model, x, 0, composite={"own": "gradient"}).values).all()


@pytest.mark.parametrize(
    ("composite", "message"),
    [
        ("epsilonplus", "composite is 'epsilonplus'; expected one of"),
        ({"dens": "epsilon"}, "composite names 'dens'.*Did you mean 'dense'"),
        ({"dense": "epsilom"}, "rule for 'dense' is 'epsilom'; expected"),
        ({"dense": "pass"}, "rule for 'dense' is 'pass'; expected"),
    ],
)
def test_wrong_composites_are_explained(rows, composite, message):
    with pytest.raises(ValueError, match=message):
        lrp(linear_logits(), rows, 0, composite=composite)


def test_a_rule_by_name_goes_before_one_by_class_and_that_before_one_by_kind(rows):
    model = keras.Sequential([layers.Input((5,)), layers.Dense(4, "relu", name="one"), layers.Dense(3, name="two")])

    def of(composite):
        return lrp(model, rows, 0, composite=composite).values

    flat_first = of({"one": "flat", "two": "epsilon"})
    np.testing.assert_array_equal(of({"one": rules.flat(), "dense": "epsilon"}), flat_first)
    np.testing.assert_array_equal(of({"one": "flat", layers.Dense: "epsilon", "dense": "w_square"}), flat_first)
    assert not np.allclose(of({layers.Dense: "epsilon", "dense": "flat"}), flat_first)


def test_outputs_that_nothing_reaches_are_said(rows):
    model = keras.Sequential([layers.Input((5,)), layers.Lambda(keras.ops.stop_gradient), layers.Dense(2)])
    with pytest.raises(ValueError, match="no relevance reaches the inputs of"):
        lrp(model, rows, 0)


class Eager(keras.Model):
    """A model that asks NumPy, and so cannot be traced."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(2)

    def call(self, x):
        if not tf.executing_eagerly():
            raise NotImplementedError("numpy() is only available when eager execution is enabled")
        return self.dense(x) * float(np.asarray(x).shape[1])


def test_a_model_that_runs_eagerly_is_explained_where_it_can_be_traced(rows):
    model = linear_logits()
    model.compile(run_eagerly=True)
    np.testing.assert_allclose(lrp(model, rows, 0).values, rows * model.layers[0].get_weights()[0][:, 0], atol=1e-5)
    growing = with_products()
    growing.compile(run_eagerly=True)
    with pytest.raises(ValueError, match="layer 'growth'"):
        lrp(growing, rows, 0)
    eager = Eager()
    eager(rows)
    eager.compile(run_eagerly=True)
    with pytest.raises(ValueError, match=r"only runs eagerly\. Use integrated_gradients"):
        lrp(eager, rows, 0)
