"""Trains under MirroredStrategy on two logical CPUs, with and without Explain; prints whether the weights agree, the steps, the files."""

from __future__ import annotations

import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tb_explain_plugin.callbacks import Explain, Probe
from tests.callbacks import logs, models

tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2)


def train(callbacks):
    with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
        keras.utils.set_random_seed(1)
        model = models.classifier()
    x, y = models.table()
    models.fit(model, (x, y), callbacks, 2)
    return model.get_weights()


directory = sys.argv[1]
x, y = models.table(seed=1)
plain = train([])
explained = train([Explain(directory, Probe(x, y), on_error="raise")])
same = all(np.array_equal(a, b) for a, b in zip(plain, explained, strict=True))
steps = logs.steps(logs.read(directory), "attribution/integrated_gradients")
files = len(list(Path(directory, "explain").iterdir()))
sys.stdout.write(f"{'same' if same else 'different'} {steps} {files}")
