"""What explaining costs a training run.

The convolutional network of Keras' MNIST example on 20,000 images of 28 x 28 an epoch, every epoch explained with the default probe of
256 samples (permutation importance, and what else is dear, in every m-th, as by default). The overhead is the time inside the callback over
the rest of the same epochs, so that both are measured under the same load; the start, which traces everything once, is shown apart. Beside
it, integrated gradients alone against as many bare gradients of the same network.

Usage: ``python -m benchmarks.overhead [--epochs 11] [--samples 20000] [--only IntegratedGradients]``
"""

from __future__ import annotations

import argparse
import functools
import os
import tempfile
import time
from typing import TYPE_CHECKING, Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

from tb_explain_plugin.callbacks import ActivationHistograms, Explain, FeatureImportance, IntegratedGradients
from tb_explain_plugin.callbacks.explainers import Scorer, integrated_gradients

CALLBACKS: dict[str, Callable[..., keras.callbacks.Callback]] = {
    **{callback.__name__: callback for callback in (Explain, IntegratedGradients, FeatureImportance, ActivationHistograms)},
    **{f"Explain, {preset}": functools.partial(Explain, methods=preset) for preset in ("economy", "full")},
}

if TYPE_CHECKING:
    from collections.abc import Callable


class Stopwatch(keras.callbacks.Callback):
    """Notes the time at the end of each epoch; one before and one after a callback measure what it takes."""

    def __init__(self) -> None:
        super().__init__()
        self.start = 0.0
        self.begun = 0.0
        self.ended: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note when the first epoch begins."""
        del logs
        if epoch == 0:
            self.start = time.perf_counter()

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Note when the second epoch's training begins: the first one traces."""
        del logs
        if batch == 0 and len(self.ended) == 1:
            self.begun = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note the time."""
        del epoch, logs
        self.ended.append(time.perf_counter())


def build() -> keras.Model:
    """Return the network that is trained."""
    model = keras.Sequential(
        [
            keras.layers.Input((28, 28, 1)),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(64, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def measure(callback: Callable[..., keras.callbacks.Callback], x: Any, y: Any, epochs: int) -> tuple[float, float, float]:
    """Return seconds an epoch inside the callback, seconds an epoch outside of it, and seconds of the start."""
    before, after = Stopwatch(), Stopwatch()
    with tempfile.TemporaryDirectory() as directory:
        explain = callback(directory, (x[:256], y[:256]), every=1, budget=None, on_error="raise")
        build().fit(x, y, batch_size=32, epochs=epochs, verbose=0, callbacks=[before, explain, after])
    inside = np.subtract(after.ended, before.ended)[1:]
    outside = after.ended[-1] - before.begun - inside.sum()
    return float(inside.mean()), float(outside / len(inside)), after.start - before.start


def ratio_to_bare_gradients(x: Any, y: Any, repeats: int = 7) -> float:
    """Return the time of integrated gradients with 16 nodes over that of 16 gradients of the same samples, the median of pairs."""
    model = build()
    scorer = Scorer(model, x, y)

    def gradient(samples: Any, targets: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(samples)
            score = tf.reduce_sum(tf.gather(model(samples, training=False), targets, axis=1, batch_dims=1))
        return tape.gradient(score, samples)

    traced = tf.function(gradient)
    samples, targets = tf.constant(x), tf.constant(y)
    ratios = []
    for _ in range(repeats + 1):
        begun = time.perf_counter()
        for _ in range(16):
            traced(samples, targets)
        between = time.perf_counter()
        integrated_gradients(scorer, x, y, steps=16)
        ratios.append((time.perf_counter() - between) / (between - begun))
    return float(np.median(ratios[1:]))  # the first pair traces


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=11)
    parser.add_argument("--samples", type=int, default=20_000)
    parser.add_argument("--only", choices=sorted(CALLBACKS), action="append", help="a callback to measure; all by default")
    arguments = parser.parse_args()
    generator = np.random.default_rng(0)
    x = generator.random((arguments.samples, 28, 28, 1), dtype=np.float32)
    y = generator.integers(0, 10, arguments.samples)
    print("callback               explaining, s an epoch   training, s an epoch   overhead   start, s")
    for name in arguments.only or CALLBACKS:
        inside, outside, start = measure(CALLBACKS[name], x, y, arguments.epochs)
        print(f"{name:<22} {inside:23.3f} {outside:22.2f} {inside / outside:10.1%} {start:10.1f}")
    print(f"integrated gradients, 16 nodes, over 16 bare gradients: {ratio_to_bare_gradients(x[:256], y[:256]):.2f}")


if __name__ == "__main__":
    main()
