"""What drift and alarms add to explaining: the time of their figures, over that of the explanations they are of.

The convolutional network of Keras' MNIST example on 28 x 28 images, and a perceptron on a table of 30 columns, each explained at every
epoch with the default probe of 256 samples: integrated gradients alone, where drift weighs most, and all that `Explain` does by default.
The start, which traces, is left out. Both times are taken in the same steps, so the machine's load does not matter. Beside it the rules
alone on series of 1,000 steps of 1,000 features.

Usage: ``python -m benchmarks.drift_cost [--epochs 12]``
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from typing import TYPE_CHECKING, Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

from benchmarks import overhead
from tb_explain_plugin.callbacks import Explain, IntegratedGradients
from tb_explain_plugin.callbacks.drift import Drift
from tb_explain_plugin.drift_alarms import share_alarms

if TYPE_CHECKING:
    from collections.abc import Callable


class TimedDrift(Drift):
    """Counts the seconds that its figures and alarms take, an entry each explained step."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = [0.0]

    def attribute(self, *arguments: Any) -> None:
        """Count the figures of an explanation."""
        self._count(super().attribute, *arguments)

    def agreement(self, *arguments: Any) -> dict[str, float]:
        """Count the agreement with permutation."""
        found: dict[str, float] = self._count(super().agreement, *arguments)
        return found

    def end_step(self, step: int) -> Any:
        """Count the alarms."""
        figures = self._count(super().end_step, step)
        self.seconds.append(0.0)
        return figures

    def _count(self, function: Callable[..., Any], *arguments: Any) -> Any:
        begun = time.perf_counter()
        try:
            return function(*arguments)
        finally:
            self.seconds[-1] += time.perf_counter() - begun


def perceptron() -> keras.Model:
    """Return a network for a table of 30 columns."""
    dense = [keras.layers.Dense(units, activation="relu") for units in (64, 32)]
    model = keras.Sequential([keras.layers.Input((30,)), *dense, keras.layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def measure(callback: type, model: keras.Model, x: Any, y: Any, epochs: int) -> tuple[float, float]:
    """Return milliseconds an epoch of drift, and of explaining without it."""
    before, after = overhead.Stopwatch(), overhead.Stopwatch()
    with tempfile.TemporaryDirectory() as directory:
        explain = callback(directory, (x[:256], y[:256]), budget=None, on_error="raise")
        explain.drift = drift = TimedDrift()
        model.fit(x[:512], y[:512], epochs=epochs, verbose=0, callbacks=[before, explain, after])
    counted = slice(2, epochs)  # what imports and traces lies before
    added = float(np.mean(drift.seconds[1:][counted]))
    return 1e3 * added, 1e3 * (float(np.mean(np.subtract(after.ended, before.ended)[counted])) - added)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=12)
    arguments = parser.parse_args()
    generator = np.random.default_rng(0)
    images = generator.random((512, 28, 28, 1), dtype=np.float32), generator.integers(0, 10, 512)
    rows = generator.normal(size=(512, 30)).astype(np.float32), generator.integers(0, 2, 512)
    print("model, callback                   drift, ms an epoch   explaining, ms an epoch    drift adds")
    for name, build, (x, y) in (("28 x 28 CNN", overhead.build, images), ("30-column MLP", perceptron, rows)):
        for callback in (IntegratedGradients, Explain):
            drift, explaining = measure(callback, build(), x, y, arguments.epochs)
            print(f"{name + ', ' + callback.__name__:<33} {drift:18.1f} {explaining:25.1f} {drift / explaining:13.1%}")
    shares = generator.gamma(2, size=(1000, 1000))
    shares /= shares.sum(axis=1, keepdims=True)
    begun = time.perf_counter()
    share_alarms(shares)
    print(f"alarms of 1,000 steps x 1,000 features: {time.perf_counter() - begun:.2f} s")


if __name__ == "__main__":
    main()
