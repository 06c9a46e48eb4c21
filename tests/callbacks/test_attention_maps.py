"""Attention logged while a model trains."""

from __future__ import annotations

import functools
import json

import keras
import numpy as np
import pytest

from tb_explain_plugin.callbacks import Explain, Probe
from tb_explain_plugin.callbacks.display import display_samples
from tb_explain_plugin.callbacks.explainers import attention_maps
from tests.callbacks import inside, logs, models

ALONE = {"deletion_every": None, "on_error": "raise"}


def test_maps_are_those_of_the_trained_model(tmp_path):
    x, y = inside.texts()
    probe = Probe(x[:20], y[:20])
    model = inside.reader()
    models.fit(model, (x, y), [Explain(str(tmp_path), probe, methods=["attention_maps"], **ALONE)], 7)
    found = inside.frames(tmp_path, "attention/attention")
    assert sorted(found) == [-1, 4, 6]
    arrays, text = found[6]
    expected = attention_maps(model, x[:20])
    shown = display_samples(probe)
    np.testing.assert_array_equal(arrays["samples"], shown)
    assert arrays["weights"].dtype == np.float16
    np.testing.assert_allclose(arrays["weights"], expected.layers["attention"].weights[shown], atol=1e-3)
    np.testing.assert_allclose(arrays["weights"].astype("f4").sum(axis=-1), 1, atol=3e-3)
    assert text == {"input": "words", "queries": "tokens", "keys": "tokens", "pooled": "1", "pooled_queries": "1"}
    arrays, text = inside.frames(tmp_path, "rollout")[6]
    np.testing.assert_allclose(arrays["weights"], expected.rollout[shown], atol=1e-3)
    assert json.loads(text["layers"]) == ["attention"]
    log = logs.read(tmp_path)
    np.testing.assert_allclose(log["attention_entropy/attention"][6], expected.layers["attention"].entropy, rtol=1e-5)
    assert not any(tag.startswith("attribution/") for tag in log)


def test_the_samples_shown_are_balanced_and_stay():
    labels = np.array([0] * 20 + [1] * 4 + [2])
    shown = display_samples(Probe(np.zeros((25, 2), np.float32), labels))
    assert shown.tolist() == [0, 1, 2, 3, 20, 21, 22, 24]
    assert display_samples(Probe(np.zeros((25, 2), np.float32))).tolist() == list(range(8))
    assert display_samples(Probe(np.zeros((3, 2), np.float32))).tolist() == [0, 1, 2]


def test_frames_stay_small_whatever_the_length_and_the_heads(tmp_path):
    length = 200
    x = np.random.default_rng(0).integers(0, 12, (12, length)).astype(np.int32)
    explain = Explain(str(tmp_path), Probe(x, np.arange(12) % 2), methods=["attention_maps"], permutation_every=99, repeats=1, **ALONE)
    models.fit(inside.reader(length, heads=16), (x, np.arange(12) % 2), [explain], 1)
    arrays, text = inside.frames(tmp_path, "attention/attention")[0]
    assert arrays["weights"].shape == (8, 16, 40, 40)
    assert text["pooled"] == text["pooled_queries"] == "5"
    assert arrays["weights"].nbytes <= 600_000


def test_options_and_how_often(tmp_path):
    x, y = inside.texts()
    method = functools.partial(attention_maps, samples=[3, 5], most=4)
    explain = Explain(str(tmp_path), Probe(x[:20], y[:20]), methods=[method], method_every={"attention_maps": 2}, **ALONE)
    models.fit(inside.reader(), (x, y), [explain], 4)
    found = inside.frames(tmp_path, "attention/attention")
    assert sorted(found) == [-1, 1, 3]
    assert found[3][0]["weights"].shape == (2, 2, 3, 3)
    assert found[3][0]["samples"].tolist() == [3, 5]


def test_a_diverged_model_is_logged_as_such(tmp_path):
    x, y = inside.texts()
    model = inside.reader()
    diverge = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: epoch == 1 and model.get_layer("attention").query_dense.kernel.assign(np.full((4, 2, 3), np.nan))
    )
    explain = Explain(str(tmp_path), Probe(x[:20], y[:20]), methods=["attention_maps"], method_every={"attention_maps": 1}, **ALONE)
    with pytest.warns(UserWarning, match="not finite"):  # the alarm of the layer itself
        models.fit(model, (x, y), [explain, diverge], 2)
    assert np.isnan(inside.frames(tmp_path, "attention/attention")[1][0]["weights"]).all()
    assert np.isnan(logs.read(tmp_path)["attention_entropy/attention"][1]).all()


def test_a_model_without_attention_is_told_before_the_first_batch(tmp_path):
    seen = []
    watch = keras.callbacks.LambdaCallback(on_train_batch_begin=lambda batch, logs: seen.append(batch))
    explain = Explain(str(tmp_path), models.table(24), methods=["integrated_gradients", "attention_maps"])
    with pytest.raises(ValueError, match=r"has no attention layer.*Leave attention_maps out"):
        models.fit(models.classifier(), models.table(), [explain, watch], 1)
    assert not seen
