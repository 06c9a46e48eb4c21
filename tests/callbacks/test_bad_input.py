"""Bad input is told before the first batch: what was expected, what came, what to do."""

from __future__ import annotations

from functools import partial

import keras
import numpy as np
import pytest

from tb_explain_plugin.callbacks import ActivationHistograms, Explain, FeatureImportance, IntegratedGradients, Probe
from tb_explain_plugin.callbacks.explainers import integrated_gradients
from tests.callbacks import models


class NoBatch(keras.callbacks.Callback):
    """Fails if training begins after all."""

    def on_train_batch_begin(self, batch, logs=None):
        pytest.fail("training began")


def begin(tmp_path, probe, model=None, callback=Explain, **options):
    """Start training with a probe that is expected to be refused, whatever on_error says."""
    models.fit(model or models.classifier(), models.table(), [callback(str(tmp_path), probe, **options), NoBatch()], 1)


def test_a_probe_of_another_shape(tmp_path):
    message = r"the samples do not fit the model .*expects inputs of shape \(None, 6\), received \(None, 4\) float32"
    with pytest.raises(ValueError, match=message):
        begin(tmp_path, Probe(np.zeros((5, 4), "f4"), np.zeros(5, int)))


def test_labels_out_of_range(tmp_path):
    x, y = models.table()
    with pytest.raises(ValueError, match=r"targets of output 'head' lie in \[0, 7\]; the output has 3 unit"):
        begin(tmp_path, Probe(x, np.where(y == 2, 7, y)))


def test_a_model_that_the_probe_cannot_build(tmp_path):
    model = keras.Sequential([keras.layers.Conv2D(2, 3), keras.layers.Flatten(), keras.layers.Dense(3)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"(?s)is not built and the probe, of shape and dtype .*None, 6.* cannot build it"):
        begin(tmp_path, Probe(*models.table()), model)


def test_a_log_directory_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"the log directory '.*file/explain' cannot be written: .*Pass a log_dir"):
        begin(tmp_path / "file", Probe(*models.table()))


def test_two_callbacks_with_different_probes(tmp_path):
    x, y = models.table()
    pair = [IntegratedGradients(str(tmp_path), Probe(x, y)), ActivationHistograms(str(tmp_path), Probe(x[:50], y[:50])), NoBatch()]
    with pytest.raises(ValueError, match="with different probes"):
        models.fit(models.classifier(), (x, y), pair, 1)


def test_one_method_twice(tmp_path):
    probe = Probe(*models.table())
    pair = [IntegratedGradients(str(tmp_path), probe), Explain(str(tmp_path), probe), NoBatch()]
    with pytest.raises(ValueError, match="two callbacks log the method 'integrated_gradients'"):
        models.fit(models.classifier(), models.table(), pair, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"layers": ["hiden"]},
            r"the model has no layers \['hiden'\]; did you mean \['hidden'\]\? Its layers are \['bent', 'head', 'hidden'\]",
        ),
        (
            {"methods": [partial(integrated_gradients, baseline=np.zeros(4))]},
            r"baseline of input 'table' has shape \(4,\), its samples have shape \(6,\)",
        ),
    ],
)
def test_options_that_do_not_fit_the_model(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        begin(tmp_path, Probe(*models.table()), **options)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"feature_names": ["a"]}, "feature_names has 1 names, input 'table' has 6 features"),
        ({"class_names": ["a"]}, "class_names has 1 names, output 'head' has 3 classes"),
        ({"kinds": "image"}, "an image has shape"),
    ],
)
def test_names_and_kinds_that_do_not_fit_the_model(tmp_path, names, message):
    with pytest.raises(ValueError, match=message):
        begin(tmp_path, Probe(*models.table(), **names))


@pytest.mark.parametrize(
    ("callback", "options", "message"),
    [
        (Explain, {"every": 0}, "every is 0; expected a number of epochs of at least 1"),
        (Explain, {"every": 2.5}, "every is 2.5"),
        (Explain, {"budget": 0}, r"budget is 0; expected a share of training time in \(0, 1\]"),
        (Explain, {"budget": 10}, "budget is 10"),
        (Explain, {"on_error": "ignore"}, "on_error is 'ignore'; expected 'warn' or 'raise'"),
        (Explain, {"score": "margin"}, "score is 'margin'; expected one of"),
        (IntegratedGradients, {"steps": 0}, "steps is 0"),
        (IntegratedGradients, {"baseline": "median"}, "baseline is 'median'"),
        (IntegratedGradients, {"steps": 1.5}, "steps is 1.5"),
        (IntegratedGradients, {"tolerance": 2.0}, "tolerance is 2.0; expected a relative error between 0 and 1"),
        (IntegratedGradients, {"tolerance": 0.01, "max_steps": 8}, "max_steps is 8, below steps, 16"),
        (Explain, {"methods": [partial(integrated_gradients, steps=0)]}, "steps is 0"),
        (FeatureImportance, {"repeats": 0}, "repeats is 0"),
        (FeatureImportance, {"permutation_every": 0}, "permutation_every is 0"),
    ],
)
def test_arguments_that_are_wrong_by_themselves(tmp_path, callback, options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        callback(str(tmp_path), models.table(), **options)


def test_an_empty_log_directory():
    with pytest.raises(ValueError, match="log_dir is empty"):
        Explain("", models.table())


@pytest.mark.parametrize("callback", [Explain, IntegratedGradients, FeatureImportance])
def test_a_score_of_another_shape(tmp_path, callback):
    with pytest.raises(
        ValueError, match=r"the score 'all_units' must return one number a sample, expected \[N\] .*received shape \(\d+, 3\)"
    ):
        begin(tmp_path, Probe(*models.table()), callback=callback, score=all_units)


def all_units(outputs, targets):
    return outputs


def test_a_model_without_a_gradient(tmp_path):
    to_integers = keras.layers.Lambda(lambda x: keras.ops.cast(keras.ops.cast(x, "int32"), "float32"))
    model = keras.Sequential([keras.layers.Input((6,), name="table"), to_integers, keras.layers.Dense(3)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    with pytest.raises(ValueError, match=r"has no gradient with respect to any of \['table'\]"):
        begin(tmp_path, Probe(*models.table()), model)
