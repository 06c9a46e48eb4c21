"""Activation maps logged while a model trains."""

from __future__ import annotations

import functools

import keras
import numpy as np
import pytest

from tb_explain_plugin.callbacks import Explain, Probe
from tb_explain_plugin.callbacks.display import display_samples
from tb_explain_plugin.callbacks.explainers import activation_maps
from tests.callbacks import inside, models

ALONE = {"deletion_every": None, "on_error": "raise"}


def test_maps_are_those_of_the_trained_model_and_their_channels_stay(tmp_path):
    x, y = inside.pictures()
    probe = Probe(x[:20], y[:20])
    model = inside.seer()
    chosen = {name: layer.channels for name, layer in activation_maps(model, probe.inputs).layers.items()}
    models.fit(model, (x, y), [Explain(str(tmp_path), probe, methods=["activation_maps"], **ALONE)], 7)
    shown = display_samples(probe)
    expected = activation_maps(model, probe.inputs, channels=chosen, samples=shown)
    for name, units in (("conv_1", 10), ("conv_2", 7)):
        found = inside.frames(tmp_path, f"maps/{name}")
        assert sorted(found) == [-1, 4, 6]
        assert all(arrays["channels"].tolist() == chosen[name].tolist() for arrays, _ in found.values())
        arrays, text = found[6]
        assert text == {"input": "image", "units": str(units), "scale": "1.0"}
        assert arrays["maps"].dtype == np.float16
        np.testing.assert_allclose(arrays["maps"], expected.layers[name].maps, rtol=2e-3, atol=1e-4)
        np.testing.assert_array_equal(arrays["samples"], shown)


def test_large_activations_have_a_scale(tmp_path):
    x, y = inside.pictures()
    model = inside.seer()
    method = functools.partial(activation_maps, layers=["conv_1"], channels=[2], samples=[7])
    grow = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: model.get_layer("conv_1").kernel.assign(1e6 * np.ones((3, 3, 1, 10)))
    )
    models.fit(model, (x, y), [grow, Explain(str(tmp_path), Probe(x[:20], y[:20]), methods=[method], **ALONE)], 1)
    arrays, text = inside.frames(tmp_path, "maps/conv_1")[0]
    expected = activation_maps(model, x[:20], layers=["conv_1"], channels=[2], samples=[7]).layers["conv_1"].maps
    assert expected.max() > 1e6
    np.testing.assert_allclose(arrays["maps"].astype("f4") * float(text["scale"]), expected, rtol=2e-3)


@pytest.mark.parametrize(
    ("options", "message"),
    [({}, "has no convolution whose outputs have positions"), ({"layers": ["hidden"]}, r"layers \['hidden'\] .* have no outputs of shape")],
)
def test_a_model_without_maps_is_told_before_the_first_batch(tmp_path, options, message):
    seen = []
    watch = keras.callbacks.LambdaCallback(on_train_batch_begin=lambda batch, logs: seen.append(batch))
    explain = Explain(str(tmp_path), models.table(24), methods=[functools.partial(activation_maps, **options)])
    with pytest.raises(ValueError, match=message):
        models.fit(models.classifier(), models.table(), [explain, watch], 1)
    assert not seen
