"""What explaining costs a training run.

A convolutional network on 20,000 images of 28 x 28 an epoch; every other epoch is explained with the default probe of 256 samples. The
overhead is the time of the explained epochs over that of the others, less one, so that both are measured under the same load. Permutation
importance is in every fifth explained step, as by default.

Usage: ``python -m benchmarks.overhead [--epochs 21] [--samples 20000]``
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

from tb_explain_plugin.callbacks import ActivationHistograms, Explain, FeatureImportance, IntegratedGradients


class EpochTimes(keras.callbacks.Callback):
    """Seconds from each epoch's begin to the next one's, callbacks and all."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note the time."""
        del epoch, logs
        self.begun.append(time.perf_counter())

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Note the end of the last epoch."""
        del logs
        self.begun.append(time.perf_counter())


def build() -> keras.Model:
    """Return the network that is trained."""
    model = keras.Sequential(
        [
            keras.layers.Input((28, 28, 1)),
            keras.layers.Conv2D(16, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=21)
    parser.add_argument("--samples", type=int, default=20_000)
    arguments = parser.parse_args()
    generator = np.random.default_rng(0)
    x = generator.random((arguments.samples, 28, 28, 1), dtype=np.float32)
    y = generator.integers(0, 10, arguments.samples)
    print("callback               explained epoch, s   plain epoch, s   overhead")
    for callback in (Explain, IntegratedGradients, FeatureImportance, ActivationHistograms):
        times = EpochTimes()
        with tempfile.TemporaryDirectory() as directory:
            explain = callback(directory, (x[:256], y[:256]), every=lambda epoch: epoch % 2 == 0, budget=None, on_error="raise")
            build().fit(x, y, batch_size=32, epochs=arguments.epochs, verbose=0, callbacks=[times, explain])
        seconds = np.diff(times.begun)[1:]  # the first epoch traces the training step
        explained, plain = np.mean(seconds[1::2]), np.mean(seconds[0::2])
        print(f"{callback.__name__:<22} {explained:18.2f} {plain:16.2f} {explained / plain - 1:10.1%}")


if __name__ == "__main__":
    main()
