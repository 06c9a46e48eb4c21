"""Scores, tasks and targets, held to their formulas."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy.special import expit, logit, logsumexp, softmax

from tb_explain_plugin.callbacks.explainers import Scorer
from tests.explainers import reference


def scores(model, x, y, **options):
    scorer = Scorer(model, x, y, **options)
    return scorer.scores(x, scorer.readout.resolve_targets(y, len(x))), scorer


def chain(units, activation, loss, features=5):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.layers.Input((features,)), keras.layers.Dense(units, activation=activation)])
    if loss is not None:
        model.compile("sgd", loss)
    return model


def logits_of(model, x):
    kernel, bias = (w.numpy().astype(np.float64) for w in model.layers[-1].weights)
    return x @ kernel + bias


@pytest.mark.parametrize(
    ("activation", "loss"),
    [
        ("softmax", "sparse_categorical_crossentropy"),
        (None, keras.losses.SparseCategoricalCrossentropy(from_logits=True)),
        ("softmax", None),
        (None, None),
        ("softmax", "mse"),
    ],
)
def test_log_odds_of_every_kind_of_classifier(samples, activation, loss):
    x, y = samples
    model = chain(3, activation, loss)
    got, scorer = scores(model, x, y)
    expected = [reference.log_odds(z, t) for z, t in zip(logits_of(model, x), y, strict=True)]
    np.testing.assert_allclose(got, expected, atol=1e-5)
    assert scorer.readout.heads[0].task == "multiclass"


def test_probabilities_without_keras_tag(samples):
    x, y = samples

    class Plain(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(3)

        def call(self, x):
            e = keras.ops.exp(self.dense(x))
            return e / keras.ops.sum(e, axis=-1, keepdims=True)

    keras.utils.set_random_seed(1)
    model = Plain()
    model.compile("sgd", "sparse_categorical_crossentropy")
    model(x[:1])
    got, _ = scores(model, x, y)
    kernel, bias = (w.numpy().astype(np.float64) for w in model.dense.weights)
    np.testing.assert_allclose(got, [reference.log_odds(z, t) for z, t in zip(x @ kernel + bias, y, strict=True)], atol=1e-4)


@pytest.mark.parametrize(
    ("activation", "loss"), [("sigmoid", "binary_crossentropy"), (None, keras.losses.BinaryCrossentropy(from_logits=True))]
)
def test_one_sigmoid_unit_is_plus_or_minus_its_logit(samples, activation, loss):
    x, y = samples[0], samples[1] % 2
    model = chain(1, activation, loss)
    got, scorer = scores(model, x, y)
    np.testing.assert_allclose(got, np.where(y == 1, 1, -1) * logits_of(model, x)[:, 0], atol=1e-5)
    assert scorer.readout.heads[0].task == "binary"


def test_regression_explains_the_output(samples):
    x, _ = samples
    model = chain(1, None, "mse")
    got, scorer = scores(model, x, np.arange(40.0) / 7)
    np.testing.assert_allclose(got, logits_of(model, x)[:, 0], atol=1e-5)
    assert scorer.readout.heads[0].task == "regression"


def test_multilabel_takes_the_first_positive_label(samples):
    x, _ = samples
    model = chain(4, "sigmoid", "binary_crossentropy")
    y = np.zeros((40, 4), int)
    y[:20, 2] = y[:, 3] = 1
    got, scorer = scores(model, x, y)
    expected = np.where(np.arange(40) < 20, logits_of(model, x)[:, 2], logits_of(model, x)[:, 3])
    np.testing.assert_allclose(got, expected, atol=1e-5)
    assert scorer.readout.heads[0].task == "multilabel"


@pytest.mark.parametrize(
    ("score", "formula"),
    [
        ("log_odds", lambda z, t: logit(softmax(z)[t])),
        ("centered_logit", lambda z, t: z[t] - z.mean()),
        ("logit", lambda z, t: z[t]),
        ("probability", lambda z, t: np.exp(z[t] - logsumexp(z))),
    ],
)
def test_named_scores(samples, score, formula):
    x, y = samples
    model = chain(3, "softmax", "sparse_categorical_crossentropy")
    got, _ = scores(model, x, y, score=score)
    np.testing.assert_allclose(got, [formula(z, t) for z, t in zip(logits_of(model, x), y, strict=True)], atol=1e-5)


def test_the_probability_of_a_sigmoid_unit_is_that_of_the_target(samples):
    x, y = samples[0], samples[1] % 2
    model = chain(1, "sigmoid", "binary_crossentropy")
    p = expit(logits_of(model, x)[:, 0])
    np.testing.assert_allclose(scores(model, x, y, score="probability")[0], np.where(y == 1, p, 1 - p), atol=1e-6)


def test_a_callable_score(samples):
    x, y = samples
    model = chain(3, None, None)
    got, _ = scores(model, x, y, score=lambda outputs, targets: keras.ops.max(outputs, axis=-1) + keras.ops.cast(targets, "float32"))
    np.testing.assert_allclose(got, logits_of(model, x).max(axis=1) + y, atol=1e-5)


def test_one_hot_targets_are_indices(samples):
    x, y = samples
    model = chain(3, "softmax", "categorical_crossentropy")
    np.testing.assert_array_equal(scores(model, x, np.eye(3)[y])[0], scores(model, x, y)[0])


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (np.full(40, 3), r"targets of output .* lie in \[3, 3\]; the output has 3 unit\(s\), so expected \[0, 2\]"),
        (np.full(40, -1), r"lie in \[-1, -1\]"),
        (np.zeros(39, int), "targets of output .* have 39 entries, inputs have 40 samples"),
        (np.zeros((40, 2), int), r"have shape \(40, 2\); expected \(40,\) or \(40, 3\)"),
        (np.full(40, 0.5), "must be class indices or one-hot rows"),
        (None, "pass targets, one class a sample"),
        ({"nose": np.zeros(40)}, r"targets name outputs \['nose'\] that the model does not have"),
    ],
)
def test_bad_targets_say_what_is_wrong(samples, targets, message):
    x, _ = samples
    with pytest.raises(ValueError, match=message):
        scores(chain(3, "softmax", "sparse_categorical_crossentropy"), x, targets)


def test_an_unknown_score_or_task_lists_the_known_ones(samples):
    x, y = samples
    model = chain(3, "softmax", None)
    with pytest.raises(ValueError, match="score is 'margin'; expected one of"):
        Scorer(model, x, y, score="margin")
    with pytest.raises(ValueError, match="task is 'ranking'; expected one of"):
        Scorer(model, x, y, task="ranking")
