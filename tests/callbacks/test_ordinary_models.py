"""Models as people build them: each is explained, on the start and after an epoch, and its predictions are the model's own."""

from __future__ import annotations

import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from tb_explain_plugin.callbacks import ActivationHistograms, Explain, FeatureImportance, Probe
from tb_explain_plugin.callbacks.explainers import integrated_gradients
from tests.callbacks import logs, models

GENERATOR = np.random.default_rng(0)
TOKENS = GENERATOR.integers(1, 20, (24, 7))
TABLE = GENERATOR.normal(size=(24, 5)).astype("f4")
CLASSES = GENERATOR.integers(0, 3, 24)
HALVES = GENERATOR.integers(0, 2, 24)


def explained(tmp_path, model, x, y, **options):
    """Train for an epoch; return the log."""
    probe = options.pop("probe", None) or Probe(x, y)
    models.fit(model, (x, y), [Explain(str(tmp_path), probe, on_error="raise", **options)], 1)
    log = logs.read(tmp_path)
    assert logs.steps(log, "attribution/integrated_gradients") == [-1, 0]
    return log


def probabilities(log, classes):
    """Return the logged probabilities [N, classes] by class."""
    frame = log["predictions"][0]
    return np.take_along_axis(frame["probability"], np.argsort(frame["class"], axis=1), axis=1)[:, :classes]


def classifier(inputs, features, units=3, activation="softmax", loss="sparse_categorical_crossentropy"):
    model = keras.Model(inputs, layers.Dense(units, activation=activation, name="head")(features))
    model.compile("sgd", loss)
    return model


def test_layers_that_return_several_tensors(tmp_path):
    tokens = keras.Input((7,), dtype="int32")
    sequence, state, _ = layers.LSTM(4, return_sequences=True, return_state=True, name="lstm")(layers.Embedding(20, 3)(tokens))
    mixed, _ = layers.MultiHeadAttention(2, 2, name="attention")(sequence, sequence, return_attention_scores=True)
    model = classifier(tokens, layers.Concatenate()([state, layers.GlobalAveragePooling1D()(mixed)]))
    log = explained(tmp_path, model, TOKENS, CLASSES)
    assert {"activation/lstm", "activation/attention"} <= set(log)
    np.testing.assert_allclose(probabilities(log, 3), model.predict(TOKENS, verbose=0), atol=1e-5)


def test_positions_that_are_embedded_from_a_constant(tmp_path):
    class Positions(layers.Layer):
        def __init__(self):
            super().__init__()
            self.tokens, self.positions = layers.Embedding(20, 4), layers.Embedding(7, 4)

        def call(self, x):
            return self.tokens(x) + self.positions(ops.arange(7))

    tokens = keras.Input((7,), dtype="int32")
    explained(tmp_path, classifier(tokens, layers.GlobalAveragePooling1D()(Positions()(tokens))), TOKENS, CLASSES)


def test_layers_that_inference_leaves_out_or_hides(tmp_path):
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.unused, self.helper = layers.Dense(2, name="unused", trainable=False), layers.Dense(4, activation="tanh", name="helper")
            self.inside, self.head = layers.Dense(3, name="inside"), layers.Dense(3, activation="softmax", name="head")

        def build(self, shape):
            for layer in (self.unused, self.helper, self.inside):
                layer.build(shape)
            self.head.build((None, 3))

        def call(self, x, training=False):
            if training:
                x = x + 0.0 * self.helper(x)[:, :1]
            return self.head(tf.map_fn(lambda row: self.inside(row[None])[0], x, fn_output_signature=tf.float32))

    def make():
        model = Net()
        model.compile("sgd", "sparse_categorical_crossentropy")
        model(TABLE, training=True)
        return model

    log = explained(tmp_path / "a", make(), TABLE, CLASSES)
    assert "activation/head" in log
    assert not {"activation/helper", "activation/inside", "activation/unused"} & set(log)
    with pytest.raises(ValueError, match=r"the layers \['inside'\] cannot be watched"):
        models.fit(make(), (TABLE, CLASSES), [ActivationHistograms(str(tmp_path / "b"), (TABLE, CLASSES), layers=["inside"])], 1)


def test_an_embedding_shared_by_two_inputs(tmp_path):
    left, right = keras.Input((7,), dtype="int32", name="left"), keras.Input((7,), dtype="int32", name="right")
    embedding, pool = layers.Embedding(20, 4), layers.GlobalAveragePooling1D()
    model = classifier([left, right], layers.Concatenate()([pool(embedding(left)), pool(embedding(right))]), 1, None, "mse")
    x = [TOKENS, TOKENS[::-1].copy()]
    attribution = integrated_gradients(model, x)
    table, head = embedding.embeddings.numpy(), model.layers[-1].kernel.numpy()[:, 0]
    for values, tokens, weight in zip(attribution.values, x, (head[:4], head[4:]), strict=True):
        np.testing.assert_allclose(values, (table[tokens] - table[0]) @ weight / 7, atol=1e-6)
    explained(tmp_path, model, x, TABLE[:, 0])


def test_a_layer_called_twice_is_logged_for_each_call(tmp_path):
    table = keras.Input((5,))
    twice = layers.Dense(5, activation="relu", name="twice")
    log = explained(tmp_path, classifier(table, twice(twice(table))), TABLE, CLASSES)
    assert {"activation/twice", "activation/twice%3A1", "weight/twice"} <= set(log)
    assert "weight/twice%3A1" not in log


def test_an_unbuilt_sequential_of_tokens(tmp_path):
    model = keras.Sequential([layers.Embedding(20, 4, mask_zero=True), layers.GRU(3), layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    log = explained(tmp_path, model, TOKENS, CLASSES)
    assert logs.manifest(log).inputs[0].kind == "text"
    assert np.abs(log["attribution/integrated_gradients"][0]["values:input"]).max() > 0


def test_inputs_in_another_order_than_their_names(tmp_path):
    numbers, words = keras.Input((5,), name="z_numbers"), keras.Input((7,), dtype="int32", name="a_words")
    features = layers.Concatenate()([numbers, layers.GlobalAveragePooling1D()(layers.Embedding(20, 4)(words))])
    model = classifier([numbers, words], features)
    x = {"z_numbers": TABLE, "a_words": TOKENS}
    log = explained(tmp_path, model, x, CLASSES)
    assert {i.name: i.kind for i in logs.manifest(log).inputs} == {"a_words": "text", "z_numbers": "tabular"}
    frame = log["attribution/integrated_gradients"][0]
    assert np.abs(frame["values:a_words"]).max() > 0
    assert frame["completeness_error"].max() < 1e-3


@pytest.mark.parametrize("loss", [lambda y, p: ops.mean(ops.square(y - p)), keras.losses.Dice()], ids=["mean", "dice"])
def test_a_loss_of_whole_batches_leaves_out_what_needs_one(tmp_path, loss):
    table = keras.Input((5,))
    model = classifier(table, table, 1, "sigmoid", loss)
    y = HALVES.astype("f4")[:, None]
    with pytest.warns(UserWarning, match="no figures based on loss"):
        log = explained(tmp_path, model, TABLE, y, probe=Probe(TABLE, y))
    assert "importance/permutation/input" not in log
    assert "loss" not in log["predictions"][0]


def test_half_precision_with_a_loss_of_ones_own(tmp_path):
    table = keras.Input((5,))
    head = layers.Dense(1, dtype="mixed_float16")(table)
    model = keras.Model(table, head)
    model.compile("sgd", lambda y, p: tf.square(tf.cast(y, tf.float32) - p)[:, 0])
    log = explained(tmp_path, model, TABLE, TABLE[:, :1])
    expected = (TABLE[:, 0] - model.predict(TABLE, verbose=0)[:, 0]) ** 2
    np.testing.assert_allclose(log["predictions"][0]["loss"], expected, rtol=1e-2, atol=1e-2)


def test_hinge_labels_are_minus_one_and_one(tmp_path):
    table = keras.Input((5,))
    log = explained(tmp_path, classifier(table, table, 1, None, "hinge"), TABLE, 2 * HALVES - 1)
    assert list(logs.manifest(log).probe.targets) == list(HALVES)


def test_a_softmax_is_a_softmax_whatever_the_loss(tmp_path):
    table = keras.Input((5,))
    model = classifier(table, table, 2, "softmax", "binary_crossentropy")
    y = np.eye(2)[HALVES]
    log = explained(tmp_path, model, TABLE, y)
    assert logs.manifest(log).outputs[0].task == "multiclass"
    np.testing.assert_allclose(probabilities(log, 2), model.predict(TABLE, verbose=0), atol=1e-5)


def test_whole_numbers_may_be_a_regression(tmp_path):
    table = keras.Input((5,))
    model = classifier(table, table, 1, None, lambda y, p: ops.abs(ops.cast(y, "float32") - p)[:, 0])
    ages = GENERATOR.integers(20, 80, (24, 1))
    assert logs.manifest(explained(tmp_path, model, TABLE, ages)).outputs[0].task == "regression"


def test_a_callable_score_of_several_targets_is_refused(tmp_path):
    table = keras.Input((5,))
    model = keras.Model(table, {"a": layers.Dense(1, name="a")(table), "b": layers.Dense(1, name="b")(table)})
    model.compile("sgd", {"a": "mse", "b": "mse"})
    y = {"a": TABLE[:, 0], "b": TABLE[:, 1]}
    with pytest.raises(ValueError, match="a callable score takes targets as one array, received a dict"):
        explained(tmp_path, model, TABLE, y, score=lambda outputs, targets: outputs["a"][:, 0])


@pytest.mark.parametrize("eager", [False, True])
def test_layers_that_draw_from_global_generators(tmp_path, eager):
    """Neither tracing nor explaining moves NumPy's, Python's or TensorFlow's generator."""

    class Draws(layers.Layer):
        def call(self, x):
            return x + 0.01 * np.random.normal() + 0.01 * random.random() + tf.random.normal(tf.shape(x), stddev=0.01)  # noqa: NPY002

    def train(callbacks):
        keras.utils.set_random_seed(3)
        model = keras.Sequential([keras.Input((5,)), Draws(), layers.Dense(3, activation="softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=eager)
        models.fit(model, (TABLE, CLASSES), callbacks, 2)
        return [*model.get_weights(), np.random.random(2), random.random(), tf.random.uniform((2,)).numpy()]  # noqa: NPY002

    plain = train([])
    for a, b in zip(plain, train([Explain(str(tmp_path), Probe(TABLE, CLASSES), on_error="raise")]), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_call_of_ones_own_stays(tmp_path):
    table = keras.Input((5,))
    model = classifier(table, table)
    head = model.layers[-1]
    own = head.call
    object.__setattr__(head, "call", lambda x, **options: own(x * 0, **options))
    explained(tmp_path, model, TABLE, CLASSES)
    assert "call" in vars(head)


def test_leaky_units_do_not_die(tmp_path):
    table = keras.Input((5,))
    model = classifier(table, layers.ReLU(negative_slope=0.1, name="leaky")(table))
    assert np.isnan(explained(tmp_path, model, TABLE, CLASSES)["health/leaky"][0][0])


@pytest.mark.parametrize(("columns", "repeats", "blocks"), [(40, 5, 40), (200, 2, 200), (1500, 1, 500)])
def test_wide_tables_are_permuted_in_blocks(tmp_path, columns, repeats, blocks):
    x, y = GENERATOR.normal(size=(8, columns)).astype("f4"), GENERATOR.integers(0, 3, 8)
    table = keras.Input((columns,))
    models.fit(classifier(table, table), (x, y), [FeatureImportance(str(tmp_path), Probe(x, y), on_error="raise")], 1)
    log = logs.read(tmp_path)
    method = {m.name: m for m in logs.manifest(log).methods}["permutation"]
    assert method.parameters["repeats"] == str(repeats)
    assert list(method.regions[0].shape) == [blocks]
    assert log["importance/permutation/input"][0].shape == (3, blocks)
