"""A hidden layer saturates; an output that is sure of itself does not."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tb_explain_plugin import metadata
from tb_explain_plugin.callbacks import ActivationHistograms, AlarmWarning, Probe
from tests.callbacks import logs, models


def test_only_hidden_layers_saturate(tmp_path):
    x = np.linspace(-1, 1, 40, dtype="f4")[:, None]
    y = (x[:, 0] > 0).astype(int)
    model = keras.Sequential(
        [
            keras.layers.Input((1,)),
            keras.layers.Dense(1, activation="tanh", name="hidden"),
            keras.layers.Dense(1, activation="sigmoid", name="out"),
        ]
    )
    model.compile(keras.optimizers.SGD(0.0), "binary_crossentropy")
    model.set_weights([np.array([[10.0]]), np.zeros(1), np.array([[9.0]]), np.zeros(1)])
    with pytest.warns(AlarmWarning, match="start: .* of the activations of hidden are saturated"):
        models.fit(model, (x, y), [ActivationHistograms(str(tmp_path), Probe(x, y), on_error="raise")], 1)
    log = logs.read(tmp_path)
    saturated = metadata.HEALTH_FIELDS.index("saturated_fraction")
    expected = np.mean(np.abs(np.tanh(10 * x)) > 0.97)
    assert log["health/hidden"][0][saturated] == np.float32(expected)
    assert 0.7 < expected < 0.9
    assert np.isnan(log["health/out"][0][saturated])
