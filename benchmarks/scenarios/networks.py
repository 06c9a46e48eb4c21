"""The models: small ones, so that a training takes seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

if TYPE_CHECKING:
    from collections.abc import Sequence

layers = keras.layers


def convolutional(side: int, classes: int) -> keras.Model:
    """Return a network of two convolutions and a dense layer for images of one channel."""
    return keras.Sequential(
        [
            layers.Input((side, side, 1), name="image"),
            layers.Conv2D(8, 5, strides=2, activation="relu", name="conv_1"),
            layers.Conv2D(16, 3, strides=2, activation="relu", name="conv_2"),
            layers.Flatten(name="flatten"),
            layers.Dense(32, activation="relu", name="dense"),
            head(classes),
        ]
    )


def perceptron(shape: Sequence[int], widths: Sequence[int], classes: int) -> keras.Model:
    """Return a network of dense layers."""
    name = "image" if len(shape) > 1 else "table"
    hidden = [layers.Dense(width, activation="relu", name=f"dense_{k + 1}") for k, width in enumerate(widths)]
    return keras.Sequential([layers.Input(tuple(shape), name=name), layers.Flatten(name="flatten"), *hidden, head(classes)])


def head(classes: int) -> keras.layers.Layer:
    """Return the layer of probabilities."""
    return (
        layers.Dense(1, activation="sigmoid", name="probability")
        if classes == 2
        else layers.Dense(classes, activation="softmax", name="probability")
    )


def compiled(model: keras.Model, optimizer: keras.optimizers.Optimizer) -> keras.Model:
    """Return the model, ready for training; XLA would take longer to compile it than training takes."""
    binary = model.output_shape[-1] == 1
    loss = "binary_crossentropy" if binary else "sparse_categorical_crossentropy"
    model.compile(optimizer, loss, metrics=["accuracy"], jit_compile=False)
    return model
