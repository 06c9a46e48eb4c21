"""Models with attention, convolutions and both, and frames with their metadata read back."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
from keras import layers
from safetensors.numpy import load
from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

from tb_explain_plugin import metadata

LENGTH = 9


def texts(samples=40):
    generator = np.random.default_rng(0)
    ids = generator.integers(1, 12, (samples, LENGTH)).astype(np.int32)
    return ids, (ids == 3).any(axis=1).astype(np.int64)


def reader(length=LENGTH, heads=2):
    keras.utils.set_random_seed(2)
    words = keras.Input((length,), dtype="int32", name="words")
    h = layers.Embedding(12, 4, name="embedding")(words)
    h = layers.Add()([h, layers.MultiHeadAttention(heads, 3, name="attention")(h, h)])
    model = keras.Model(words, layers.Dense(2, "softmax", name="head")(layers.GlobalAveragePooling1D()(h)))
    model.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy")
    return model


def frames(log_dir, tag):
    """Return ``{step: (arrays, metadata)}`` of a tag's frames, the blobs as they were logged."""
    accumulator = EventAccumulator(str(Path(log_dir) / metadata.RUN_NAME), size_guidance={"tensors": 0})
    accumulator.Reload()
    found = {}
    for event in accumulator.Tensors(tag):
        blob = tensor_util.make_ndarray(event.tensor_proto)[0]
        header = json.loads(blob[8 : 8 + int.from_bytes(blob[:8], "little")])
        found[event.step] = load(blob), header.get("__metadata__", {})
    return found


def pictures(samples=40):
    generator = np.random.default_rng(1)
    labels = np.arange(samples) % 3
    images = generator.uniform(0, 0.5, (samples, 8, 8, 1)).astype(np.float32)
    images[np.arange(samples), labels * 2, :, 0] += 0.5
    return images, labels


def seer():
    keras.utils.set_random_seed(3)
    stack = [
        layers.Conv2D(10, 3, activation="relu", name="conv_1"),
        layers.Conv2D(7, 3, activation="relu", name="conv_2"),
        layers.Flatten(),
        layers.Dense(3, "softmax", name="head"),
    ]
    model = keras.Sequential([keras.Input((8, 8, 1), name="image"), *stack])
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    return model
