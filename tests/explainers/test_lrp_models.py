"""Layer-wise relevance propagation of models of every make, and what it refuses."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import tree

from tb_explain_plugin.callbacks.explainers import Scorer, lrp
from tb_explain_plugin.callbacks.explainers.lrp_composites import COMPOSITES
from tests.explainers import model_zoo as zoo

layers = keras.layers


pytestmark = pytest.mark.usefixtures("seeded")


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(4).normal(size=(5, 6, 6, 2)).astype(np.float32)


CHAIN = [(layers.Conv2D, 4, 3), (layers.BatchNormalization,), (layers.ReLU,), (layers.Flatten,), (layers.Dense, 3, "softmax")]


def chain():
    return [kind(*arguments) for kind, *arguments in CHAIN]


def sequential():
    model = keras.Sequential([layers.Input((6, 6, 2)), *chain()])
    generator = np.random.default_rng(9)
    for variable in model.weights:
        if variable.dtype == "float32":
            variable.assign(
                np.abs(generator.normal(size=variable.shape)) if "variance" in variable.name else generator.normal(size=variable.shape)
            )
    return model


class Subclassed(keras.Model):
    """The chain, its padding and its sums written in ``call``."""

    def __init__(self, *own):
        super().__init__()
        self.conv, self.norm, self.relu, self.flatten, self.dense = own or chain()

    def call(self, x):
        x = tf.reshape(x, (-1, 6, 6, 2)) * 1.0
        return self.dense(self.flatten(self.relu(self.norm(self.conv(x)))))


class Compiled(Subclassed):
    """A model whose call is a function of its own."""

    @tf.function(jit_compile=True)
    def call(self, x):
        return super().call(x)


def built(kind, original, path):
    own = original.layers
    if kind == "reloaded":
        original.save(path / "model.keras")
        return keras.models.load_model(path / "model.keras")
    if kind == "functional":
        inputs = keras.Input((6, 6, 2))
        x = inputs
        for layer in own:
            x = layer(x)
        return keras.Model(inputs, x)
    if kind == "nested":
        inputs = keras.Input((6, 6, 2))
        return keras.Model(inputs, keras.Sequential(own[3:])(keras.Sequential(own[:3])(inputs)))
    model = {"subclassed": Subclassed, "compiled call": Compiled}[kind](*own)
    model(np.zeros((1, 6, 6, 2), np.float32))
    return model


@pytest.mark.parametrize("composite", ["epsilon_plus_flat", "alpha2_beta1"])
@pytest.mark.parametrize("kind", ["reloaded", "functional", "nested", "subclassed", "compiled call"])
def test_however_a_model_is_built_its_relevance_is_the_same(pictures, tmp_path, kind, composite):
    original = sequential()
    expected = lrp(original, pictures, 2, composite=composite)
    got = lrp(built(kind, original, tmp_path), pictures, 2, composite=composite)
    np.testing.assert_allclose(got.values, expected.values, atol=1e-5 * np.abs(expected.values).max())
    np.testing.assert_allclose(got.score, expected.score, rtol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_is_computed_in_float32(pictures, policy):
    full = sequential()
    keras.config.set_dtype_policy(policy)
    try:
        mixed = keras.Sequential([layers.Input((6, 6, 2)), *chain()])
    finally:
        keras.config.set_dtype_policy("float32")
    mixed.set_weights(full.get_weights())
    expected, got = lrp(full, pictures, 1), lrp(mixed, pictures, 1)
    np.testing.assert_allclose(got.values, expected.values, atol=1e-5 * np.abs(expected.values).max())
    assert got.values.dtype == np.float32
    assert {layer.dtype_policy.name for layer in mixed.layers} == {policy}


def test_the_logit_of_a_softmax_is_explained(pictures):
    model = sequential()
    logits = keras.Model(model.inputs[0], model.layers[-1](model.layers[-2].output))
    logits.layers[-1].activation = keras.activations.linear
    expected = lrp(logits, pictures, 1)
    np.testing.assert_allclose(expected.score, logits(pictures).numpy()[:, 1], rtol=1e-5)
    logits.layers[-1].activation = keras.activations.softmax
    got = lrp(model, pictures, 1)
    np.testing.assert_allclose(got.values, expected.values, atol=1e-6)
    np.testing.assert_allclose(got.score, expected.score, rtol=1e-6)


def linear_logits():
    return keras.Sequential([layers.Input((5,)), layers.Dense(3, use_bias=False)])


@pytest.mark.parametrize("score", ["logit", "centered_logit"])
def test_linear_scores_are_conserved(rows, score):
    attribution = lrp(linear_logits(), rows, np.arange(6) % 3, score=score, epsilon=1e-9)
    assert attribution.completeness_error.max() < 1e-5


@pytest.mark.parametrize("score", ["log_odds", "probability", lambda outputs, targets: outputs[:, 0] ** 2])
def test_other_scores_start_as_logit_times_gradient(rows, score):
    model = linear_logits()
    scorer = Scorer(model, rows, np.arange(6) % 3, score=score)
    targets = scorer.readout.resolve_targets(np.arange(6) % 3, 6)
    expected = rows * scorer.gradients(rows, targets, [rows])[0]
    got = lrp(scorer, rows, np.arange(6) % 3, epsilon=1e-9)
    np.testing.assert_allclose(got.values, expected, atol=1e-5)


def test_a_sigmoid_unit_explains_its_target():
    model = keras.Sequential([layers.Input((5,)), layers.Dense(1, "sigmoid", use_bias=False)])
    x = np.random.default_rng(3).normal(size=(4, 5)).astype(np.float32)
    weight = model.layers[0].get_weights()[0][:, 0]
    np.testing.assert_allclose(lrp(model, x, [1, 0, 1, 0]).values, x * weight * [[1], [-1], [1], [-1]], atol=1e-5)


def test_a_regression_through_a_sigmoid_explains_its_output(rows):
    model = keras.Sequential([layers.Input((5,)), layers.Dense(1, "sigmoid", use_bias=False)])
    model.compile("sgd", "mse")
    attribution = lrp(model, rows, np.full(6, 0.3), epsilon=1e-9)
    np.testing.assert_allclose(attribution.values.sum(axis=1), model(rows).numpy()[:, 0], rtol=1e-4)


def test_several_inputs_and_outputs_in_dicts(rows):
    inputs = {"a": keras.Input((5,), name="a"), "ids": keras.Input((4,), dtype="int32", name="ids")}
    words = layers.Flatten()(layers.Embedding(9, 3)(inputs["ids"]))
    joined = layers.Dense(6, "relu", use_bias=False)(layers.Concatenate()([inputs["a"], words]))
    outputs = {"kind": layers.Dense(3, "softmax", name="kind", use_bias=False)(joined), "size": layers.Dense(1, name="size")(joined)}
    model = keras.Model(inputs, outputs)
    x = {"a": rows, "ids": np.random.default_rng(0).integers(0, 9, (6, 4))}
    attribution = lrp(model, x, {"kind": np.arange(6) % 3}, epsilon=1e-9)
    assert set(attribution.values) == {"a", "ids"}
    assert attribution.values["a"].shape == (6, 5)
    assert attribution.values["ids"].shape == (6, 4)
    assert attribution.completeness_error.max() < 1e-4
    assert attribution.values["ids"].any()


def test_pixels_before_a_rescaling_keep_their_relevance(pictures):
    """uint8 or float: rescaling is a function of each pixel."""
    model = keras.Sequential([layers.Input((6, 6, 2), dtype="uint8"), layers.Rescaling(1 / 127.5, offset=-1), *chain()])
    floats = keras.Sequential([layers.Input((6, 6, 2)), *model.layers[1:]])
    inside = keras.Sequential([layers.Input((6, 6, 2)), layers.Rescaling(1 / 127.5, offset=-1), *model.layers[1:]])
    x = np.random.default_rng(0).integers(0, 256, (3, 6, 6, 2)).astype(np.uint8)
    expected = lrp(floats, (x / 127.5 - 1).astype(np.float32), 1, composite="epsilon_plus").values
    np.testing.assert_allclose(lrp(model, x, 1, composite="epsilon_plus").values, expected, atol=1e-5)
    np.testing.assert_allclose(lrp(inside, x.astype(np.float32), 1, composite="epsilon_plus").values, expected, atol=1e-5)


def test_a_first_dense_layer_is_not_flat(rows):
    """Flat would give all features of a table the same."""
    model = keras.Sequential([layers.Input((5,)), layers.Dense(4, "relu"), layers.Dense(3)])
    np.testing.assert_array_equal(lrp(model, rows, 0).values, lrp(model, rows, 0, composite="epsilon").values)


def test_a_convolution_over_embeddings_is_not_flat():
    model = keras.Sequential(
        [layers.Input((6,), dtype="int32"), layers.Embedding(9, 3), layers.Conv1D(4, 2), layers.Flatten(), layers.Dense(3)]
    )
    ids = np.random.default_rng(0).integers(0, 9, (4, 6))
    np.testing.assert_array_equal(lrp(model, ids, 0).values, lrp(model, ids, 0, composite="epsilon_plus").values)
    assert lrp(model, ids, 0).values.shape == (4, 6)


def test_attribution_may_start_at_a_layer(pictures):
    model = keras.Sequential(
        [layers.Input((6, 6, 2)), layers.Conv2D(4, 3, activation="relu"), layers.Flatten(), layers.Dense(3, use_bias=False)]
    )
    scorer = Scorer(model, pictures, 1, score="logit")
    values = lrp(scorer.at(model.layers[1].name), pictures, 1, epsilon=1e-9).values
    hidden = keras.Model(model.inputs[0], model.layers[1].output)(pictures).numpy()
    np.testing.assert_allclose(values, hidden * model.layers[-1].get_weights()[0][:, 1], atol=1e-5)


# Every make of the zoo ------------------------------------------------------------------------------------------------------------------

ZOO = [
    (build, zoo.HEADS[(k + n) % len(zoo.HEADS)], takes)
    for k, build in enumerate(zoo.BUILDS)
    for n, takes in enumerate(zoo.INPUTS)
    if build != "sequential" or (takes not in ("several", "dict") and not zoo.HEADS[(k + n) % len(zoo.HEADS)].startswith("outputs"))
]


@pytest.mark.parametrize(("build", "predicts", "takes"), ZOO)
def test_the_zoo_has_relevance_and_keeps_it_when_reloaded(tmp_path, build, predicts, takes):
    model, x, y = zoo.make(build, predicts, takes), zoo.inputs_of(build, takes), zoo.targets_of(predicts)
    model.save(tmp_path / "model.keras")
    before = [np.array(v) for v in model.variables]
    fresh, reloaded = lrp(model, x, y), lrp(keras.models.load_model(tmp_path / "model.keras"), x, y)
    for value, variable in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(value, np.array(variable))
    tree.assert_same_structure(fresh.values, x)
    for values, again, given in zip(tree.flatten(fresh.values), tree.flatten(reloaded.values), tree.flatten(x), strict=True):
        assert values.shape == given.shape
        assert np.isfinite(values).all()
        assert values.any()
        np.testing.assert_allclose(again, values, atol=1e-5 * np.abs(values).max())
    if takes == "masked":
        assert not any(values[:2, 2:].any() for values in tree.flatten(fresh.values))


# What a scorer keeps, and what is left untouched ---------------------------------------------------------------------------------------


def test_a_scorer_traces_once_and_follows_the_weights(rows):
    calls = []

    class Counted(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(3, use_bias=False)

        def call(self, x):
            calls.append(1)
            return self.dense(x)

    model = Counted()
    scorer = Scorer(model, rows, 0, score="logit", batch_size=2)
    first = lrp(scorer, rows, 0).values
    traced = len(calls)
    np.testing.assert_allclose(lrp(scorer, rows, 0).values, first)
    model.dense.kernel.assign(model.dense.kernel * 2)
    np.testing.assert_allclose(lrp(scorer, rows, 0).values, 2 * first, rtol=1e-4)
    assert len(calls) == traced
    assert not np.allclose(lrp(scorer, rows, 0, composite={"dense": "z_plus"}).values, 2 * first)


def convolutions(scorer):
    """Count the convolutions over whole batches that a scorer's only trace cannot do without."""
    ((_, function),) = scorer._functions.items()
    ((_, trace),) = function.traces.items()
    needed, ahead = set(), [t.op for t in trace.graph.outputs]
    while ahead:
        operation = ahead.pop()
        if operation not in needed:
            needed.add(operation)
            ahead += [t.op for t in operation.inputs]
    return len([o for o in needed if o.type in ("Conv2D", "Conv2DBackpropInput") and o.outputs[0].shape[0] != 1])


@pytest.mark.parametrize("composite", sorted(COMPOSITES))
def test_it_costs_at_most_four_passes_forward_and_back(pictures, composite):
    hidden = [layer for _ in range(3) for layer in (layers.Conv2D(4, 3, padding="same"), layers.BatchNormalization(), layers.ReLU())]
    model = keras.Sequential([layers.Input((6, 6, 2)), *hidden, layers.Flatten(), layers.Dense(3)])
    bare, own = (Scorer(model, pictures, 1, score="logit") for _ in range(2))
    bare.gradients(pictures, bare.readout.resolve_targets(1, 5), [pictures])
    lrp(own, pictures, 1, composite=composite)
    assert convolutions(bare) == 6
    assert convolutions(own) <= 4 * 6


def test_nothing_of_the_model_is_changed(pictures):
    model = sequential()
    model.compile("sgd", "sparse_categorical_crossentropy")
    before = [np.array(v) for v in model.weights]
    lrp(model, pictures, 1)
    for value, variable in zip(before, model.weights, strict=True):
        np.testing.assert_array_equal(value, variable)
    assert not any("call" in vars(layer) for layer in model.layers)
    assert not tf.config.functions_run_eagerly()
    model.fit(pictures, np.zeros(5), verbose=0)


def test_weights_of_nan_give_nan(pictures):
    model = sequential()
    kernel = model.layers[0].kernel.numpy()
    kernel[0, 0, 0, 0] = np.nan
    model.layers[0].kernel.assign(kernel)
    attribution = lrp(model, pictures, 1, composite="epsilon")
    assert np.isnan(attribution.values).any()
    assert np.isnan(attribution.score).all()
    assert np.isnan(attribution.completeness_error).all()
