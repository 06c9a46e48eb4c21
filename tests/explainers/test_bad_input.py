"""What cannot be explained is told: what was expected, what came, what to do."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tb_explain_plugin.callbacks.explainers import Scorer, integrated_gradients

X = np.random.default_rng(0).normal(size=(6, 3)).astype("f4")
Y = np.arange(6) % 3


@pytest.fixture(scope="module")
def model():
    table = keras.Input((3,), name="table")
    model = keras.Model(table, layers.Dense(3, "softmax", name="head")(layers.Dense(4, "tanh", name="hidden")(table)))
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (None, "pass targets, one class a sample, received None"),
        (Y[:4], "targets of output 'head' have 4 entries, inputs have 6 samples"),
        (np.eye(4)[Y], r"targets of output 'head' have shape \(6, 4\); expected \(6,\) or \(6, 3\)"),
        (Y - 1, r"targets of output 'head' lie in \[-1, 1\]; .*expected \[0, 2\]"),
        (Y + 0.5, "must be class indices or one-hot rows"),
        (np.array(["a", "b", "c"] * 2), r"targets of output 'head' are <U1, such as \['a', 'b', 'c'\]; expected class indices"),
        ({"hed": Y}, r"targets name outputs \['hed'\] that the model does not have; its outputs are \['head'\]"),
    ],
)
def test_targets_that_do_not_fit(model, targets, message):
    with pytest.raises(ValueError, match=message):
        integrated_gradients(model, X, targets)


@pytest.mark.parametrize(
    ("baseline", "message"),
    [
        ("median", r"baseline is 'median'; expected one of \('mean', 'zero'\), or an array"),
        (np.zeros(4), r"baseline of input 'table' has shape \(4,\), its samples have shape \(3,\); pass one sample"),
        (np.zeros((5, 3)), r"has shape \(5, 3\), its samples .* or 6 samples of shape \(6, 3\)"),
        (0.5, r"has shape \(\), its samples have shape \(3,\)"),
        (np.array(["a", "b", "c"]), "baseline of input 'table' holds no numbers"),
        (np.array([0, np.nan, 0]), "baseline of input 'table' has NaN or infinite values"),
        ({"tabel": "zero"}, r"baseline names inputs \['tabel'\] that the model does not have; its inputs are \['table'\]"),
    ],
)
def test_baselines_that_do_not_fit(model, baseline, message):
    with pytest.raises(ValueError, match=message):
        integrated_gradients(model, X, Y, baseline=baseline)


def test_lists_of_baselines_have_one_an_input():
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    model = keras.Model([a, b], layers.Dense(1)(layers.Concatenate()([a, b])))
    with pytest.raises(ValueError, match=r"baseline is a list of 3; the model has 2 inputs \['a', 'b'\]"):
        integrated_gradients(model, [X, X], baseline=["zero"] * 3)


def test_an_unknown_layer_suggests_the_closest(model):
    with pytest.raises(ValueError, match=r"has no layer 'hiden' whose output can be watched\. Did you mean 'hidden'"):
        integrated_gradients(model, X, Y, layer="hiden")


@pytest.mark.parametrize(
    ("score", "received"),
    [
        (lambda outputs, targets: outputs, r"shape \(\d+, 3\)"),
        (lambda outputs, targets: outputs[:, :1], r"shape \(\d+, 1\)"),
        (lambda outputs, targets: tf.reduce_sum(outputs), r"shape \(\)"),
        (lambda outputs, targets: None, "a NoneType"),
        (lambda outputs, targets: outputs[0], r"shape \(3,\)"),
    ],
    ids=["all units", "a column", "a sum", "nothing", "a sample"],
)
def test_scores_are_one_number_a_sample(model, score, received):
    with pytest.raises(
        ValueError, match=rf"the score '<lambda>' must return one number a sample, expected \[N\] .*received {received}; pick"
    ):
        integrated_gradients(model, X, Y, score=score)


@pytest.mark.parametrize(
    "score", [lambda outputs, targets: tf.argmax(outputs, axis=1), lambda outputs, targets: tf.zeros_like(outputs[:, 0])]
)
def test_a_score_without_a_gradient_is_told(model, score):
    with pytest.raises(ValueError, match=r"has no gradient with respect to any of \['table'\].*Use a method that needs no gradient"):
        integrated_gradients(model, X, Y, score=score)


def rounding(names):
    """A sum of inputs, those whose name ends in "rounded" being rounded first."""
    inputs = {name: keras.Input((3,), name=name) for name in names}
    seen = [layers.Lambda(tf.round)(i) if name.endswith("rounded") else i for name, i in inputs.items()]
    return keras.Model(inputs, layers.Dense(1)(layers.Concatenate()(seen) if len(seen) > 1 else seen[0]))


def test_a_model_without_a_gradient_is_told():
    with pytest.raises(ValueError, match=r"has no gradient with respect to any of \['rounded'\]: .*rounding"):
        integrated_gradients(rounding(["rounded"]), {"rounded": X})


def test_an_input_without_a_gradient_is_not_silently_zero():
    model = rounding(["plain", "rounded"])
    with pytest.warns(UserWarning, match="depends on 'rounded' only through operations without a gradient.*its attributions are 0"):
        values = integrated_gradients(model, {"plain": X, "rounded": X}).values
    assert (values["rounded"] == 0).all()
    assert (values["plain"] != 0).any()


def test_an_input_that_is_not_read_has_no_attribution():
    used, unused = keras.Input((3,), name="used"), keras.Input((3,), name="unused")
    model = keras.Model([used, unused], [layers.Dense(1, name="a")(used), layers.Dense(1, name="b")(unused)])
    values = integrated_gradients(model, [X, X], [X[:, 0], None]).values  # and warns of nothing
    assert (values[1] == 0).all()
    assert (values[0] != 0).any()


@pytest.mark.parametrize(
    ("inputs", "error", "message"),
    [
        (X[:0], ValueError, "inputs are empty; pass at least one sample"),
        (X.tolist(), ValueError, r"inputs hold single numbers; expected arrays .*np.asarray"),
        (tf.ragged.constant([[1.0], [1.0, 2.0]]), TypeError, "the samples are a RaggedTensor; ragged and sparse samples are not explained"),
        (tf.sparse.from_dense([[0.0, 1.0]]), TypeError, "the samples are a SparseTensor"),
        (X[:, :2], ValueError, r"expects inputs of shape \(None, 3\), received \(None, 2\) float32"),
    ],
    ids=["empty", "lists", "ragged", "sparse", "columns"],
)
def test_inputs_that_do_not_fit(model, inputs, error, message):
    with pytest.raises(error, match=message):
        Scorer(model, inputs, Y)


def test_inputs_of_unequal_length():
    with pytest.raises(ValueError, match=r"inputs have \[6, 4\] samples; pass as many of each"):
        integrated_gradients(rounding(["a", "b"]), {"a": X, "b": X[:4]})


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_answered_as_such(value):
    table = keras.Input((3,))
    model = keras.Model(table, layers.Dense(1)(table))
    model.layers[-1].kernel.assign(np.full((3, 1), value))
    attribution = integrated_gradients(model, X)
    assert not np.isfinite(attribution.values).any()
    assert not np.isfinite(attribution.completeness_error).any()
