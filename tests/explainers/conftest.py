"""Models that several tests share: building one costs more than asking it."""

from __future__ import annotations

import keras
import numpy as np
import pytest


@pytest.fixture(scope="session")
def classifier():
    """A smooth network of three classes on five features."""
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.layers.Input((5,), name="table"),
            keras.layers.Dense(7, activation="tanh"),
            keras.layers.Dense(6, activation="tanh"),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


@pytest.fixture(scope="session")
def samples():
    """Forty rows and their classes."""
    generator = np.random.default_rng(5)
    return generator.normal(size=(40, 5)).astype(np.float32), generator.integers(0, 3, 40)


@pytest.fixture
def seeded():
    """Weights that are drawn in a test are the same each time."""
    keras.utils.set_random_seed(7)


@pytest.fixture(scope="session")
def pictures():
    return np.random.default_rng(4).normal(size=(3, 6, 6, 2)).astype(np.float32)


@pytest.fixture(scope="session")
def sequences():
    return np.random.default_rng(6).normal(size=(4, 5, 3)).astype(np.float32)


@pytest.fixture(scope="session")
def rows():
    return np.random.default_rng(3).normal(size=(6, 5)).astype(np.float32)
