"""Explains models made and trained under MirroredStrategy on two logical CPUs; prints whether single ones say the same."""

from __future__ import annotations

import sys

import numpy as np
import tensorflow as tf
from keras import tree

from tb_explain_plugin.callbacks.explainers import integrated_gradients
from tests.explainers import model_zoo as zoo

tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2)

strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
for build, predicts, takes in (
    ("functional", "softmax", "image"),
    ("subclassed", "outputs_dict", "dict"),
    ("sequential", "logits", "masked"),
):
    inputs, targets = zoo.inputs_of(build, takes), zoo.targets_of(predicts)
    with strategy.scope():
        mirrored = zoo.make(build, predicts, takes)
    mirrored.fit(inputs, targets, epochs=1, batch_size=2, verbose=0)
    single = zoo.make(build, predicts, takes)
    single.set_weights(mirrored.get_weights())
    a, b = (tree.flatten(integrated_gradients(model, inputs, targets).values) for model in (mirrored, single))
    same = all(np.allclose(x, y, atol=1e-6) and np.abs(y).max() > 0 for x, y in zip(a, b, strict=True))
    sys.stdout.write("same " if same else "different ")
