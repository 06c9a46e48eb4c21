"""The models that are explained: small ones, trained in seconds on data that comes with scikit-learn.

A convolutional network on digits enlarged to 28 x 28 and a perceptron on the 30 columns of breast_cancer, each once with ReLU and once
smooth. All end in logits, so that each library can name the same scalar: the logit of the true class, from a baseline of zeros (a black
image, the mean of standardised columns). Nothing here needs TensorFlow: the same weights are loaded into Keras on PyTorch, too.
"""

from __future__ import annotations

import dataclasses
import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLES = 256
"""Probes explained: class-balanced as they come, never trained on."""
CACHE = Path(tempfile.gettempdir()) / "tb-explain-benchmarks"


@dataclasses.dataclass(frozen=True)
class Case:
    """A kind of model, and what trains it."""

    name: str
    network: str
    activation: str
    epochs: int

    @property
    def smooth(self) -> bool:
        """Whether gradients change without jumps along a path."""
        return self.activation != "relu"


CASES = {
    case.name: case
    for case in (
        Case("cnn-relu", "cnn", "relu", 8),
        Case("cnn-gelu", "cnn", "gelu", 8),
        Case("mlp-relu", "mlp", "relu", 30),
        Case("mlp-tanh", "mlp", "tanh", 30),
    )
}


@dataclasses.dataclass
class Problem:
    """What every method is given: a model, samples, and the class whose logit is explained."""

    name: str
    model: keras.Model
    x: NDArray[Any]
    """[256, …] float32."""
    y: NDArray[Any]
    """[256] int32."""

    @property
    def classes(self) -> int:
        """Units of the last layer."""
        return int(self.model.output_shape[-1])


def build(case: Case, dtype: str = "float32") -> keras.Model:
    """Return the untrained network of a case, computing in ``dtype``."""
    layers = keras.layers
    if case.network == "mlp":
        stack = [
            layers.Dense(64, case.activation, dtype=dtype),
            layers.Dense(64, case.activation, dtype=dtype),
            layers.Dense(2, dtype=dtype),
        ]
        return keras.Sequential([layers.Input((30,), dtype=dtype), *stack])
    pooling = layers.AveragePooling2D if case.smooth else layers.MaxPooling2D  # the largest of four has kinks
    return keras.Sequential(
        [
            layers.Input((28, 28, 1), dtype=dtype),
            layers.Conv2D(16, 3, activation=case.activation, dtype=dtype),
            pooling(2, dtype=dtype),
            layers.Conv2D(32, 3, activation=case.activation, dtype=dtype),
            pooling(2, dtype=dtype),
            layers.Flatten(dtype=dtype),
            layers.Dense(10, dtype=dtype),
        ]
    )


def load(name: str, dtype: str = "float32") -> Problem:
    """Return a case with its trained model, computing in ``dtype``; it is trained first where the cache lacks it."""
    case = CASES[name]
    path = CACHE / f"{name}-{version()}.npz"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        _train(case, path)
    with np.load(path) as stored:
        model = build(case, dtype)
        model.set_weights([stored[f"weight_{k}"] for k in range(len(model.weights))])
        return Problem(name, model, stored["x"].astype(dtype), stored["y"])


def _train(case: Case, path: Path) -> None:
    x, y = _digits() if case.network == "cnn" else _cells()
    order = np.random.default_rng(0).permutation(len(x))
    x, y = x[order], y[order]
    keras.utils.set_random_seed(0)
    model = build(case)
    model.compile(keras.optimizers.Adam(2e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    model.fit(x[SAMPLES:], y[SAMPLES:], batch_size=32, epochs=case.epochs, verbose=0)
    accuracy = model.evaluate(x[:SAMPLES], y[:SAMPLES], verbose=0)[1]
    if accuracy < 0.9:
        raise RuntimeError(f"{case.name} learned nothing worth explaining: expected an accuracy over 0.9, received {accuracy:.2f}")
    weights = {f"weight_{k}": value for k, value in enumerate(model.get_weights())}
    np.savez(path, x=x[:SAMPLES], y=y[:SAMPLES], **weights)


def _digits() -> tuple[NDArray[Any], NDArray[Any]]:
    from scipy.ndimage import zoom
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    enlarged = zoom(images.reshape(-1, 8, 8) / 16, (1, 3.5, 3.5), order=1)
    return enlarged[..., None].astype(np.float32), labels.astype(np.int32)


def _cells() -> tuple[NDArray[Any], NDArray[Any]]:
    from sklearn.datasets import load_breast_cancer

    columns, labels = load_breast_cancer(return_X_y=True)
    standardised = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    return standardised.astype(np.float32), labels.astype(np.int32)


def version() -> str:
    """Return what a cached file's name says of the code that made it."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
