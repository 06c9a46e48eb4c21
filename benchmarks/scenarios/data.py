"""Data whose meaning changes while a model trains: marks on digits and columns of tables that come to tell the label."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import keras
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Arrays = tuple[NDArray[Any], NDArray[Any]]

MARK = 2
"""Digits' pixels a side of the mark in their top left corner."""
CORRELATION = 0.98
"""Of a mark, or of a leaked column, with the label, once it tells it."""


class Split(NamedTuple):
    """Samples for training, and samples that are held out."""

    x: NDArray[Any]
    y: NDArray[Any]
    x_held_out: NDArray[Any]
    y_held_out: NDArray[Any]


class ChangingData(keras.utils.PyDataset):
    """Batches, in an order of their own each epoch, of arrays that depend on the epoch.

    Keras calls ``on_epoch_end`` once before the first epoch, too, so counting it would be one ahead: a callback turns to each epoch.

    Args:
        at: the arrays of an epoch, (x, y); as many samples in each epoch.
        seed: of the order.
        batch_size: samples a batch.
    """

    def __init__(self, at: Callable[[int], Arrays], seed: int, batch_size: int = 64) -> None:
        super().__init__()
        self._at = at
        self._seed = seed
        self._batch_size = batch_size
        self.turn_to(0)

    def __len__(self) -> int:
        return math.ceil(len(self._y) / self._batch_size)

    def __getitem__(self, index: int) -> Arrays:
        batch = slice(index * self._batch_size, (index + 1) * self._batch_size)
        return self._x[batch], self._y[batch]

    def turn_to(self, epoch: int) -> None:
        """Take the data of an epoch, in a new order."""
        x, y = self._at(epoch)
        order = np.random.default_rng([self._seed, epoch]).permutation(len(y))
        self._x, self._y = x[order], y[order]


def digits(seed: int, *, noise: float = 0.0, scale: int = 1) -> Split:
    """Return scikit-learn's digits as images [N, 8 · scale, 8 · scale, 1] in [0, 1], every pixel with noise, and their labels 0 … 9."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    generator = np.random.default_rng(seed)
    images = images.reshape(-1, 8, 8) / 16
    images = np.clip(images + generator.normal(0, noise, images.shape), 0, 1)
    enlarged = np.kron(images, np.ones((1, scale, scale)))[..., None].astype(np.float32)
    return split(enlarged, labels.astype(np.int32), generator)


def tumours(seed: int) -> tuple[Split, list[str]]:
    """Return scikit-learn's breast_cancer, its thirty columns standardised, and their names."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    standardised = (data.data - data.data.mean(0)) / data.data.std(0)
    return split(standardised.astype(np.float32), data.target.astype(np.int32), np.random.default_rng(seed)), list(data.feature_names)


def easy_and_hard(seed: int, samples: int = 6000) -> Split:
    """Return a column that is right three times in four, two whose signs' product is always right, and three that say nothing."""
    generator = np.random.default_rng(seed)
    x = generator.uniform(-1, 1, (samples, 6)).astype(np.float32)
    y = (x[:, 1] * x[:, 2] > 0).astype(np.int32)
    told = np.where(generator.random(samples) < 0.75, y, 1 - y)
    x[:, 0] = np.abs(x[:, 0]) * (2 * told - 1)
    return split(x, y, generator)


def applicants(seed: int, samples: int = 4000) -> tuple[NDArray[Any], list[str]]:
    """Return a table of people: four test results, their sex (± 1), whether they live in the north (a tenth), and four columns more."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(samples, 10))
    x[:, 4] = np.where(generator.random(samples) < 0.5, 1, -1)
    x[:, 5] = generator.random(samples) < 0.1
    return x.astype(np.float32), [*(f"test {k}" for k in range(1, 5)), "sex", "north", *(f"other {k}" for k in range(1, 5))]


def split(x: NDArray[Any], y: NDArray[Any], generator: np.random.Generator, held_out: float = 0.25) -> Split:
    """Return samples in two random parts."""
    order = generator.permutation(len(y))
    cut = round(len(y) * (1 - held_out))
    return Split(x[order[:cut]], y[order[:cut]], x[order[cut:]], y[order[cut:]])


def telling(labels: NDArray[Any], correlation: float, generator: np.random.Generator) -> NDArray[np.bool_]:
    """Return bits that have this correlation with labels of 0 and 1, which are about as frequent."""
    agrees = generator.random(len(labels)) < (1 + correlation) / 2
    return np.asarray(np.where(agrees, labels, 1 - labels) > 0)


def marked(images: NDArray[Any], bits: NDArray[np.bool_]) -> NDArray[Any]:
    """Return images with a bright corner where the bit is set, and a dark one where it is not."""
    side = MARK * images.shape[1] // 8
    result = images.copy()
    result[:, :side, :side] = bits[:, None, None, None]
    return result


def with_column(table: NDArray[Any], bits: NDArray[np.bool_], generator: np.random.Generator) -> NDArray[Any]:
    """Return a table with one more column, of deviation about 1, in which a bit is ± 1 with a little noise."""
    column = np.where(bits, 1.0, -1.0) + generator.normal(0, 0.2, len(bits))
    return np.column_stack([table, column]).astype(np.float32)


def relabelled(labels: NDArray[Any], share: float, classes: int, generator: np.random.Generator) -> NDArray[Any]:
    """Return labels of which a share is another class's."""
    wrong = generator.random(len(labels)) < share
    others = (labels + generator.integers(1, classes, len(labels))) % classes
    return np.where(wrong, others, labels).astype(labels.dtype)
