"""Training is sacred: the weights are the same, bit for bit, with and without us."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from tb_explain_plugin.callbacks import Explain, Probe
from tests.callbacks import models


class Draws(keras.utils.PyDataset):
    """Batches that come from NumPy's global generator."""

    def __len__(self):
        return 4

    def __getitem__(self, index):
        x = np.random.normal(size=(16, 8, 8, 1)).astype(np.float32)  # noqa: NPY002 (what must notice us)
        return x, (x.mean(axis=(1, 2, 3)) > 0).astype(int)


@keras.saving.register_keras_serializable("tests")
class Notices(keras.layers.Layer):
    """Draws from tf.random, and counts how often it is called."""

    def build(self, shape):
        self.calls = self.add_weight(name="calls", shape=(), initializer="zeros", trainable=False)

    def call(self, x):
        self.calls.assign_add(1.0)
        return x + 0.1 * tf.random.normal(tf.shape(x)) * keras.ops.sin(self.calls)


def noticing_model(*, built=True):
    layers = [
        Notices(),
        keras.layers.Conv2D(4, 3, activation="relu"),
        keras.layers.BatchNormalization(),
        keras.layers.GaussianNoise(0.1),
        keras.layers.Dropout(0.3),
        keras.layers.Flatten(),
        keras.layers.Dense(2, activation="softmax"),
    ]
    model = keras.Sequential([keras.layers.Input((8, 8, 1)), *layers] if built else layers)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def train(callbacks, *, built=True):
    keras.utils.set_random_seed(13)
    model = noticing_model(built=built)
    history = model.fit(Draws(), epochs=3, verbose=0, callbacks=callbacks, validation_data=Draws())
    drawn = np.random.random(3), tf.random.uniform((3,)).numpy(), keras.random.uniform((3,)).numpy()  # noqa: NPY002
    return model.get_weights(), model.optimizer.variables, history.history, drawn


@pytest.fixture
def probe():
    generator = np.random.default_rng(0)
    return Probe(generator.normal(size=(20, 8, 8, 1)).astype("f4"), generator.integers(0, 2, 20))


@pytest.mark.parametrize("built", [True, False])
def test_weights_are_bit_identical(tmp_path, probe, built):
    plain = train([], built=built)
    options = {"watch": {"corner": (0, 0, 2, 2)}, "training_probe": probe, "deletion_every": 1, "budget": None, "on_error": "raise"}
    explained = train([Explain(str(tmp_path), probe, **options)], built=built)
    for a, b in zip(plain[0], explained[0], strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(plain[1], explained[1], strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    assert plain[2] == {name: values for name, values in explained[2].items() if not name.startswith("explain_")}
    for a, b in zip(plain[3], explained[3], strict=True):
        np.testing.assert_array_equal(a, b)
    assert any((tmp_path / "explain").iterdir())


def test_explainers_of_the_whole_model_leave_weights_and_generators_alone(tmp_path, probe):
    """Those by scikit-learn, too, whose Lasso would draw from NumPy's generator if nobody gave it another."""
    plain = train([])
    methods = ["surrogate_tree", "surrogate_linear", "decision_boundary", "embedding_projection"]
    explain = Explain(str(tmp_path), probe, methods=methods, method_every=dict.fromkeys(methods, 1), budget=None, on_error="raise")
    explained = train([explain])
    for a, b in zip([*plain[0], *plain[3]], [*explained[0], *explained[3]], strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_model_would_notice(tmp_path, probe):
    """The comparison above can fail: one forward pass outside a stateless scope changes the weights."""

    class Careless(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model(probe.inputs, training=False)

    assert not all(np.array_equal(a, b) for a, b in zip(train([])[0], train([Careless()])[0], strict=True))


def test_a_mirrored_strategy_is_explained_once(tmp_path):
    """Two logical CPUs, in a process of its own: devices are fixed when TensorFlow starts."""
    script = Path(__file__).with_name("mirrored.py")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, str(script), str(tmp_path)], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.split() == ["same", "[-1,", "0,", "1]", "1"]


def test_a_model_saved_while_explained_is_as_ever(tmp_path, probe):
    """Nothing of ours sticks to the model that a checkpoint saves."""
    checkpoint = keras.callbacks.ModelCheckpoint(tmp_path / "last.keras")
    train([Explain(str(tmp_path / "log"), probe, on_error="raise"), checkpoint])
    reloaded = keras.models.load_model(tmp_path / "last.keras")
    assert len(reloaded.weights) == len(noticing_model().weights)


def test_two_models_in_turn(tmp_path):
    x, y = models.table()
    first, second = (Explain(str(tmp_path / name), (x, y), on_error="raise") for name in "ab")
    models.fit(models.classifier(), (x, y), [first], 1)
    models.fit(models.classifier(), (x, y), [second], 1)
    assert {p.name for p in tmp_path.iterdir()} == {"a", "b"}
