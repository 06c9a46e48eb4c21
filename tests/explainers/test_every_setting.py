"""How a model is run changes nothing in what is said of it: eagerly, compiled, in half precision, on several devices, from a pipeline."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, tree

from tb_explain_plugin.callbacks import Explain, Probe
from tb_explain_plugin.callbacks.explainers import Scorer, integrated_gradients
from tests.callbacks import logs
from tests.explainers import model_zoo as zoo

SOME = [
    ("sequential", "softmax", "image"),
    ("functional", "logits", "tabular"),
    ("functional", "sigmoid", "tokens"),
    ("subclassed", "outputs_dict", "dict"),
    ("nested", "regression", "masked"),
    ("subclassed", "softmax", "several"),
]
IDS = ["-".join(cell) for cell in SOME]


def explained(model, predicts, takes, build):
    inputs = zoo.inputs_of(build, takes)
    return integrated_gradients(model, inputs, zoo.targets_of(predicts), steps=32)


def assert_close(attribution, expected, atol=1e-5):
    for values, others in zip(tree.flatten(attribution.values), tree.flatten(expected.values), strict=True):
        assert values.dtype == np.float32
        np.testing.assert_allclose(values, others, atol=atol)
    np.testing.assert_allclose(attribution.score, expected.score, rtol=1e-3, atol=max(atol, 1e-4))


@pytest.mark.parametrize("options", [{"run_eagerly": True}, {"jit_compile": True}], ids=["eager", "jit"])
@pytest.mark.parametrize(("build", "predicts", "takes"), SOME, ids=IDS)
def test_however_it_is_compiled(build, predicts, takes, options):
    plain, other = (zoo.make(build, predicts, takes, **compiled) for compiled in ({}, options))
    assert_close(explained(other, predicts, takes, build), explained(plain, predicts, takes, build))


class Branches(layers.Layer):
    """Decides by a value, in Python: it cannot be traced."""

    def call(self, x):
        return x * 2.0 if float(tf.reduce_sum(x)) > -1e9 else x


def test_a_model_that_only_runs_eagerly():
    table = keras.Input((5,), name="table")
    plain = keras.Model(table, layers.Dense(2)(layers.Dense(4, "tanh")(table)))
    first, last = plain.layers[1:]

    class Eager(keras.Model):
        def __init__(self):
            super().__init__()
            self.branches, self.first, self.last = Branches(), first, last

        def call(self, x):
            return self.last(self.first(self.branches(x)))

    model = Eager()
    model.compile("sgd", "mse", run_eagerly=True)
    x = zoo.inputs_of("functional", "tabular")
    model(x)
    values = integrated_gradients(model, x, steps=32).values
    np.testing.assert_allclose(values, integrated_gradients(plain, 2 * x, steps=32).values, atol=1e-5)


PRECISIONS = {"mixed_float16": 2.0**-11, "mixed_bfloat16": 2.0**-8}
"""Half a unit in the last place of 1."""


@pytest.mark.parametrize("policy", PRECISIONS)
@pytest.mark.parametrize(("build", "predicts", "takes"), SOME, ids=IDS)
def test_half_precision_answers_in_float32(build, predicts, takes, policy):
    """Within what some ten roundings a path take away; relevant where attributions add up to thousands of times more."""
    plain = zoo.make(build, predicts, takes)
    keras.mixed_precision.set_global_policy(policy)
    try:
        half = zoo.make(build, predicts, takes)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    half.set_weights(plain.get_weights())
    expected, attribution = (explained(model, predicts, takes, build) for model in (plain, half))
    total = sum(np.abs(v).reshape(zoo.SAMPLES, -1).sum(axis=1) for v in tree.flatten(expected.values))
    tolerance = 64 * PRECISIONS[policy] * total.max()
    assert_close(attribution, expected, atol=tolerance)
    for figure in (attribution.score, attribution.baseline_score, attribution.completeness_error):
        assert figure.dtype == np.float32
        assert np.isfinite(figure).all()
    assert attribution.completeness_error.max() < 64 * PRECISIONS[policy] + 0.05 * (takes == "image")


@pytest.mark.parametrize(("build", "predicts", "takes"), [SOME[0], SOME[3]], ids=[IDS[0], IDS[3]])
def test_pipelines_are_explained_as_their_arrays_are(tmp_path, build, predicts, takes):
    """A Dataset to train on and one to draw the probe from, against arrays."""
    inputs, targets = zoo.inputs_of(build, takes), zoo.targets_of(predicts)
    data = tf.data.Dataset.from_tensor_slices((inputs, targets)).batch(2)
    frames = {}
    for name, probe in (("arrays", Probe(inputs, targets)), ("pipeline", Probe.of(data))):
        model = zoo.make(build, predicts, takes)
        model.fit(data, shuffle=False, verbose=0, callbacks=[Explain(str(tmp_path / name), probe, on_error="raise")])
        frames[name] = logs.read(tmp_path / name)["attribution/integrated_gradients"]
    assert sorted(frames["arrays"]) == sorted(frames["pipeline"]) == [-1, 0]
    for step, frame in frames["arrays"].items():
        for array, values in frame.items():
            np.testing.assert_array_equal(frames["pipeline"][step][array], values)


def test_mirrored_models_are_explained_as_single_ones():
    """Two logical CPUs, in a process of its own: devices are fixed when TensorFlow starts."""
    script = Path(__file__).with_name("mirrored.py")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.split() == ["same"] * 3


PIXELS = np.random.default_rng(0).integers(0, 256, (zoo.SAMPLES, 6, 6, 1)).astype(np.uint8)
TABLE = np.random.default_rng(0).normal(3, 2, (zoo.SAMPLES, 4)).astype(np.float32)
CODES = np.random.default_rng(0).integers(0, 5, (zoo.SAMPLES, 3)).astype(np.int32)
TEXT = np.array(["a film", "a dull plot", "film film", "good"], dtype=object)
PREPROCESSING = {
    "rescaling": (lambda: [layers.Rescaling(1 / 255), layers.Flatten()], PIXELS, "uint8"),
    "normalization": (lambda: [adapted(layers.Normalization(), TABLE)], TABLE, "float32"),
    "normalization-of-integers": (lambda: [adapted(layers.Normalization(), CODES)], CODES, "int32"),
    "category-encoding": (lambda: [layers.CategoryEncoding(5, output_mode="multi_hot")], CODES, "int32"),
    "embedded-text": (
        lambda: [adapted(layers.TextVectorization(output_sequence_length=3), TEXT), layers.Embedding(9, 3, "normal"), layers.Flatten()],
        TEXT,
        "string",
    ),
    "bag-of-words": (lambda: [adapted(layers.TextVectorization(output_mode="tf_idf"), TEXT)], TEXT, "string"),
}


def adapted(layer, data):
    layer.adapt(data)
    return layer


@pytest.mark.parametrize("origin", ["fresh", "reloaded"])
@pytest.mark.parametrize("name", PREPROCESSING)
def test_preprocessing_inside_the_model(tmp_path, name, origin):
    make, x, dtype = PREPROCESSING[name]
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input(x.shape[1:], dtype=dtype), *make(), layers.Dense(4, "tanh"), layers.Dense(2, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    y = np.arange(zoo.SAMPLES) % 2
    expected = integrated_gradients(model, x, y, steps=32)
    if origin == "reloaded":
        model.save(tmp_path / "model.keras")
        model = keras.models.load_model(tmp_path / "model.keras")
    scorer = Scorer(model, x, y)
    attribution = integrated_gradients(scorer, x, y, steps=32)
    assert_close(attribution, expected)
    assert attribution.completeness_error.max() < 1e-3
    assert np.abs(attribution.values).max() > 1e-3
