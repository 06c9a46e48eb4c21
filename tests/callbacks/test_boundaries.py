"""Decision boundaries as they are logged: what the function answers for the model of each step, on the probe's plane."""

from __future__ import annotations

import functools
import json

import keras
import numpy as np
import pytest

from tb_explain_plugin.callbacks import AlarmWarning, Explain, Probe
from tb_explain_plugin.callbacks.explainers import decision_boundary
from tests.callbacks import logs, models

NAMES = [f"column {letter}" for letter in "abcdef"]


def trained(directory, method="decision_boundary", model=None, probe=None, data=None, epochs=3, **options):
    model = model or models.classifier()
    probe = probe or Probe(*models.table(24), feature_names=NAMES)
    explain = Explain(str(directory), probe, methods=[method], deletion_every=None, on_error="raise", **options)
    models.fit(model, data or models.table(), [explain], epochs)
    return model, logs.read(directory)


def test_each_step_has_the_regions_of_its_model(tmp_path):
    model, log = trained(tmp_path, method_every={"decision_boundary": 2}, epochs=4)
    assert logs.steps(log, "boundary") == [-1, 1, 3]
    expected = decision_boundary(model, *models.table(24))
    frame = log["boundary"][3]
    np.testing.assert_array_equal(frame["class"], expected.classes)
    np.testing.assert_allclose(frame["probability"], expected.probability, atol=1e-3)
    np.testing.assert_allclose(frame["bounds"], expected.plane.bounds, rtol=1e-5)
    for step in (-1, 1):
        np.testing.assert_array_equal(log["boundary"][step]["points"], expected.plane.points)
        assert (log["boundary"][step]["class"] != frame["class"]).any()
    text = logs.texts(tmp_path, "boundary")[3]
    assert (text["plane"], text["x"], text["y"]) == ("components", "component 1", "component 2")
    np.testing.assert_allclose(json.loads(text["explained"]), expected.plane.explained, rtol=1e-5)


def test_features_are_called_as_in_the_probe(tmp_path):
    _, log = trained(tmp_path, functools.partial(decision_boundary, features=("column b", "column f"), resolution=8), epochs=1)
    assert log["boundary"][0]["class"].shape == (8, 8)
    np.testing.assert_allclose(log["boundary"][0]["points"], models.table(24)[0][:, [1, 5]])
    text = logs.texts(tmp_path, "boundary")[0]
    assert (text["plane"], text["x"], text["y"]) == ("features", "column b", "column f")


def test_regressions_have_values(tmp_path):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4, "tanh"), keras.layers.Dense(2)])
    model.compile("sgd", "mse")
    x = models.table()[0]
    method = functools.partial(decision_boundary, resolution=8, unit=1)
    model, log = trained(tmp_path, method, model, Probe(x[:24], x[:24, :2]), (x, x[:, :2]), epochs=1)
    assert log["boundary"][0].keys() == {"value", "bounds", "points"}
    expected = decision_boundary(model, x[:24], x[:24, :2], resolution=8, unit=1)
    np.testing.assert_allclose(log["boundary"][0]["value"], expected.value, atol=1e-5)
    assert logs.texts(tmp_path, "boundary")[0]["unit"] == "1"


def test_a_diverged_model_is_logged(tmp_path):
    model = models.classifier()
    explain = Explain(str(tmp_path), Probe(*models.table(24)), methods=["decision_boundary"], on_error="raise")
    spoil = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: model.get_layer("bent").kernel.assign(np.full((8, 5), np.nan)))
    with pytest.warns(AlarmWarning):
        models.fit(model, models.table(), [spoil, explain], 1)
    log = logs.read(tmp_path)
    assert (log["boundary"][-1]["class"] >= 0).all()
    assert (log["boundary"][0]["class"] == -1).all()
    assert np.isnan(log["boundary"][0]["probability"]).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"features": ("column b", "colum f")}, "features names 'colum f', which 0 columns are called; did you mean 'column f'"),
        ({"features": (0, 6)}, "features holds 6"),
        ({"resolution": 0}, "resolution is 0"),
    ],
)
def test_what_does_not_fit_raises_before_the_first_batch(tmp_path, options, message):
    model = models.classifier()
    weights = model.get_weights()
    with pytest.raises(ValueError, match=message):
        trained(tmp_path, functools.partial(decision_boundary, **options), model)
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
