"""What there is to attribute, from real models to what the manifest lists."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from tb_explain_plugin.callbacks import Probe
from tb_explain_plugin.callbacks.contrast import contrast_by_element, contrast_by_region
from tb_explain_plugin.callbacks.explainers import Scorer
from tb_explain_plugin.callbacks.explainers.baselines import resolve_baseline
from tb_explain_plugin.callbacks.manifest import describe_inputs


def asked(model, x, baseline="mean"):
    """What both functions take."""
    scorer, probe = Scorer(model, x), Probe(x)
    entries = scorer.entry_values(x)
    return describe_inputs(scorer, probe), entries, resolve_baseline(scorer, x, entries, baseline)


def test_a_table():
    x = np.random.default_rng(0).normal(size=(30, 4)).astype("f4") * [1, 2, 0, 5]
    model = keras.Sequential([layers.Input((4,), name="table"), layers.Dense(1)])
    expected = np.abs(x - x.mean(axis=0)).sum(axis=0)
    found = contrast_by_region(*asked(model, x.astype("f4")))
    np.testing.assert_allclose(found["table"], expected / expected.sum(), rtol=1e-5)
    assert found["table"][2] == 0


def test_an_image_by_pixel_and_by_region():
    x = np.random.default_rng(0).random((6, 20, 12, 2), dtype=np.float32)
    x[:, :3, 2:4] = 0.0
    model = keras.Sequential([layers.Input((20, 12, 2), name="image"), layers.Flatten(), layers.Dense(1)])
    arguments = asked(model, x, "zero")
    pixels, regions = contrast_by_element(*arguments)["image"], contrast_by_region(*arguments)["image"]
    np.testing.assert_allclose(pixels, x.sum(axis=(0, 3), dtype=float) / x.sum(dtype=float), rtol=1e-5)
    assert regions.shape == (7 * 6,)  # blocks of 3 and 2 pixels
    assert regions[0] > 0
    assert regions[1] == 0
    np.testing.assert_allclose(regions.reshape(7, 6)[6, 5], pixels[18:, 10:].sum())
    assert regions.sum() == pytest.approx(1)


def test_tokens_differ_from_the_padding_along_the_embedding():
    tokens = keras.Input((5,), dtype="int32", name="tokens")
    model = keras.Model(tokens, layers.Dense(1)(layers.Flatten()(layers.Embedding(9, 3)(tokens))))
    x = np.array([[1, 0, 0, 4, 5], [2, 0, 3, 4, 0]], "i4")
    vectors = model.layers[1].get_weights()[0].astype(float)
    expected = np.abs(vectors[x] - vectors[0]).sum(axis=(0, 2))
    found = contrast_by_region(*asked(model, x))["tokens"]
    np.testing.assert_allclose(found, expected / expected.sum(), rtol=1e-5)
    assert found[1] == 0


def test_several_inputs_share_one_sum():
    inputs = [keras.Input((3,), name="a"), keras.Input((), name="b"), keras.Input((3,), dtype="bool", name="mask")]
    chosen = keras.ops.where(inputs[2], inputs[0], 0.0)
    model = keras.Model(inputs, layers.Dense(1)(layers.Concatenate()([chosen, keras.ops.expand_dims(inputs[1], -1)])))
    x = [np.full((4, 3), 2.0, "f4"), np.full(4, -4.0, "f4"), np.ones((4, 3), bool)]
    found = contrast_by_region(*asked(model, x, "zero"))
    np.testing.assert_allclose(found["a"], [0.2] * 3)
    np.testing.assert_allclose(found["b"], [0.4])
    np.testing.assert_array_equal(found["mask"], [0] * 3)


def test_where_all_is_baseline_there_is_no_share():
    model = keras.Sequential([layers.Input((4,), name="table"), layers.Dense(1)])
    assert np.isnan(contrast_by_region(*asked(model, np.zeros((5, 4), "f4")))["table"]).all()
