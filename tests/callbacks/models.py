"""Small models and data that callback tests train."""

from __future__ import annotations

import keras
import numpy as np


def table(samples=90, features=6, seed=0):
    """Rows whose class is which of the first three columns is largest."""
    x = np.random.default_rng(seed).normal(size=(samples, features)).astype(np.float32)
    return x, x[:, :3].argmax(axis=1)


def classifier(features=6, seed=4):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.layers.Input((features,), name="table"),
            keras.layers.Dense(8, activation="relu", name="hidden"),
            keras.layers.Dense(5, activation="tanh", name="bent"),
            keras.layers.Dense(3, activation="softmax", name="head"),
        ]
    )
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def fit(model, data, callbacks, epochs=2, batch_size=32, **options):
    return model.fit(*data, epochs=epochs, verbose=0, batch_size=batch_size, shuffle=False, callbacks=callbacks, **options)
