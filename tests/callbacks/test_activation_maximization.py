"""What classes and channels answer most strongly to, logged while a model trains."""

from __future__ import annotations

import functools

import keras
import numpy as np
import pytest

from tb_explain_plugin.callbacks import Explain, Probe
from tb_explain_plugin.callbacks.explainers import activation_maximization
from tests.callbacks import inside, models

ALONE = {"deletion_every": None, "on_error": "raise"}
may_alarm = pytest.mark.filterwarnings("ignore::tb_explain_plugin.callbacks.base.AlarmWarning")


def test_frames_are_those_of_the_trained_model_and_units_stay(tmp_path):
    """Classes, and channels of the last convolution; an image as bytes, in the range of the probe's."""
    x, y = inside.pictures()
    model = inside.seer()
    chosen = activation_maximization(model, x[:20], layer="conv_2", steps=1).units
    method = functools.partial(activation_maximization, steps=12)
    explain = Explain(str(tmp_path), Probe(x[:20], y[:20]), methods=[method], method_every={"activation_maximization": 2}, **ALONE)
    models.fit(model, (x, y), [explain], 4)
    for name, kind, units in (("head", "class", [0, 1, 2]), ("conv_2", "channel", chosen.tolist())):
        found = inside.frames(tmp_path, f"maximized/{name}")
        assert sorted(found) == [-1, 1, 3]
        assert all(arrays["units"].tolist() == units for arrays, _ in found.values())
        arrays, text = found[3]
        assert text == {"unit": kind, "parameterization": "pixels"}
        layer = {} if name == "head" else {"layer": name}
        expected = activation_maximization(model, x[:20], units=units, steps=12, **layer)
        np.testing.assert_allclose(arrays["activation"], expected.activation, rtol=1e-4)
        np.testing.assert_allclose(arrays["reference"], expected.reference, rtol=1e-4)
        assert arrays["values:image"].dtype == np.uint8
        np.testing.assert_allclose(arrays["values:image"], 255 * expected.inputs["image"], atol=1.5)


@may_alarm
def test_it_answers_each_ten_steps(tmp_path):
    x, y = inside.pictures()
    method = functools.partial(activation_maximization, layer="conv_1", units=[3], steps=2, parameterization="fourier")
    explain = Explain(str(tmp_path), Probe(x[:20], y[:20]), methods=[method], permutation_every=99, **ALONE)
    models.fit(inside.seer(), (x, y), [explain], 12)
    found = inside.frames(tmp_path, "maximized/conv_1")
    assert sorted(found) == [-1, 9, 11]
    assert found[9][1] == {"unit": "channel", "parameterization": "fourier"}


@may_alarm
def test_a_table_is_logged_in_its_own_units(tmp_path):
    x, y = models.table()
    x = x * np.array([1, 100, 1, 1, 1, 1], np.float32)
    model = models.classifier()
    explain = Explain(str(tmp_path), Probe(x[:24], y[:24]), methods=["activation_maximization"], **ALONE)
    models.fit(model, (x, y), [explain], 1)
    arrays, text = inside.frames(tmp_path, "maximized/head")[0]
    assert text["unit"] == "class"
    np.testing.assert_allclose(arrays["values:table"], activation_maximization(model, x[:24]).inputs["table"], rtol=1e-3, atol=1e-3)
    assert np.abs(arrays["values:table"][:, 1]).max() > 10


@may_alarm
def test_a_diverged_model_is_logged_as_such(tmp_path):
    x, y = inside.pictures()
    model = inside.seer()
    diverge = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: epoch == 1 and model.get_layer("head").kernel.assign(np.full((112, 3), np.nan))
    )
    method = functools.partial(activation_maximization, steps=3)
    explain = Explain(str(tmp_path), Probe(x[:20], y[:20]), methods=[method], method_every={"activation_maximization": 1}, **ALONE)
    models.fit(model, (x, y), [explain, diverge], 2)
    arrays, _ = inside.frames(tmp_path, "maximized/head")[1]
    assert np.isnan(arrays["activation"]).all()
    assert (arrays["values:image"] == 0).all()


@pytest.mark.parametrize(
    ("build", "data", "options", "message"),
    [
        (inside.reader, inside.texts, {}, r"inputs \['words'\] .* are tokens or categories"),
        (
            inside.seer,
            inside.pictures,
            {"layer": "conv_2", "units": [7]},
            r"units of 'conv_2' are \[7\]; expected a list of some of 0 to 6",
        ),
        (inside.seer, inside.pictures, {"layer": "conv_3"}, "has no layer 'conv_3'"),
        (models.classifier, models.table, {"parameterization": "fourier"}, r"\['table'\] are no images"),
    ],
)
def test_what_cannot_climb_is_told_before_the_first_batch(tmp_path, build, data, options, message):
    seen = []
    watch = keras.callbacks.LambdaCallback(on_train_batch_begin=lambda batch, logs: seen.append(batch))
    x, y = data()
    explain = Explain(str(tmp_path), Probe(x[:20], y[:20]), methods=[functools.partial(activation_maximization, **options)])
    with pytest.raises(ValueError, match=message):
        models.fit(build(), (x, y), [explain, watch], 1)
    assert not seen


def test_options_out_of_their_range_are_told_by_the_constructor(tmp_path):
    with pytest.raises(ValueError, match="steps is 0; expected at least 1"):
        Explain(str(tmp_path), models.table(), methods=[functools.partial(activation_maximization, steps=0)])
