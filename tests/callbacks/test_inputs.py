"""Inputs of every shape that Keras takes, from the probe to the log."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

from tb_explain_plugin.callbacks import Explain, Probe
from tests.callbacks import logs, models


@pytest.mark.parametrize("shape", [(1,), ()])
def test_a_dict_of_columns(tmp_path, shape):
    generator = np.random.default_rng(0)
    inputs = {name: keras.Input(shape, name=name) for name in ("age", "height")}
    columns = [i if shape else keras.ops.expand_dims(i, -1) for i in inputs.values()]
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Concatenate()(columns)))
    model.compile("sgd", "mse")
    x = {name: generator.normal(size=30).astype("f4") for name in inputs}
    models.fit(model, (x, x["age"] * 2), [Explain(str(tmp_path), Probe(x, x["age"] * 2), on_error="raise")], 1)
    log = logs.read(tmp_path)
    frame = log["attribution/integrated_gradients"][0]
    weight = dict(zip(("age", "height"), model.layers[-1].kernel.numpy()[:, 0], strict=True))
    for name in inputs:
        expected = weight[name] * (x[name] - x[name].mean())
        np.testing.assert_allclose(frame[f"values:{name}"][:, 0].astype("f4"), expected, rtol=2e-3, atol=1e-4)
        assert log["inputs"][-1][f"input:{name}"].shape == (30, 1)
        assert log[f"importance/permutation/{name}"][0].shape == (3, 1)
        assert log["predictions"][0]["output"].shape == (30, 1)


def test_a_sequence_has_one_value_a_time(tmp_path):
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(20, 9, 3)).astype("f4"), generator.normal(size=20).astype("f4")
    model = keras.Sequential([keras.layers.Input((9, 3), name="signal"), keras.layers.GRU(4), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    models.fit(model, (x, y), [Explain(str(tmp_path), Probe(x, y), on_error="raise")], 1)
    log = logs.read(tmp_path)
    assert logs.manifest(log).inputs[0].kind == "sequence"
    assert log["attribution/integrated_gradients"][0]["values:signal"].shape == (20, 9)
    assert log["inputs"][-1]["input:signal"].shape == (20, 9, 3)


def test_grey_images_without_a_channel(tmp_path):
    x, y = np.random.default_rng(0).random((12, 10, 10), dtype=np.float32), np.arange(12) % 2
    model = keras.Sequential([keras.layers.Input((10, 10)), keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    models.fit(model, (x, y), [Explain(str(tmp_path), Probe(x, y), on_error="raise")], 1)
    log = logs.read(tmp_path)
    assert logs.manifest(log).inputs[0].kind == "image"
    assert log["inputs"][-1]["input:input"].shape == (12, 10, 10, 1)
    assert log["importance/permutation/input"][0].shape == (3, 16)


def test_kinds_can_be_overruled(tmp_path):
    x, y = np.random.default_rng(0).random((12, 10, 10), dtype=np.float32), np.arange(12) % 2
    model = keras.Sequential([keras.layers.Input((10, 10)), keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    models.fit(model, (x, y), [Explain(str(tmp_path), Probe(x, y, kinds="sequence"), on_error="raise")], 1)
    assert logs.read(tmp_path)["attribution/integrated_gradients"][0]["values:input"].shape == (12, 10)


def test_uint8_pixels_before_rescaling(tmp_path):
    x, y = np.random.default_rng(0).integers(0, 256, (12, 8, 8, 1)).astype(np.uint8), np.arange(12) % 2
    model = keras.Sequential(
        [keras.layers.Input((8, 8, 1), dtype="uint8"), keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(2)]
    )
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    models.fit(model, (x, y), [Explain(str(tmp_path), Probe(x, y), on_error="raise")], 1)
    log = logs.read(tmp_path)
    np.testing.assert_array_equal(log["inputs"][-1]["input:input"], x)
    assert log["attribution/integrated_gradients"][0]["completeness_error"].max() < 1e-4


@pytest.mark.parametrize("x", [scipy.sparse.eye(4, format="csr"), tf.ragged.constant([[1.0], [1.0, 2.0]])])
def test_sparse_and_ragged_samples_are_refused(x):
    with pytest.raises(TypeError, match="ragged and sparse samples are not explained: pass dense arrays"):
        Probe(x)


def test_names_of_inputs_that_are_not_there(tmp_path):
    x, y = models.table()
    for option in ({"kinds": {"tabel": "tabular"}}, {"feature_names": {"tabel": list("abcdef")}}):
        with pytest.raises(ValueError, match=r"names inputs \['tabel'\] that the model does not have; its inputs are \['table'\]"):
            models.fit(models.classifier(), (x, y), [Explain(str(tmp_path), Probe(x, y, **option))], 1)
