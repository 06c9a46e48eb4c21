"""The floor: as many gradients of the same samples, taken by the plainest function there is, in the batch size that suits it best.

It forms no path, weighs nothing, sums nothing and hands nothing to NumPy. Its tensors lie ready before the clock starts.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from benchmarks import timing
from benchmarks.reference import gradient_of
from benchmarks.worker import FLOOR, Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.models import Problem

GRADIENTS = 16
"""Gradients a sample that one run takes."""
ROWS = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096)


@dataclasses.dataclass
class Floor:
    """How fast bare gradients are: ``seconds()`` takes `GRADIENTS` a sample, ``rows`` at a time."""

    seconds: Callable[[], float]
    rows: int


def local(problem: Problem) -> Floor:
    """Return the floor of this process: one ``tf.function``."""
    gradient = gradient_of(problem.model)
    labels = np.eye(problem.classes, dtype=np.float32)[problem.y]
    batches: dict[int, list[tuple[Any, Any]]] = {}

    def seconds(rows: int) -> float:
        if rows not in batches:
            chosen = np.arange(GRADIENTS * len(problem.x)).reshape(-1, rows) % len(problem.x)
            batches[rows] = [(tf.constant(problem.x[at]), tf.constant(labels[at])) for at in chosen]
        return timing.stopwatch(lambda: [gradient(*batch) for batch in batches[rows]])

    rows = timing.fastest_rows(seconds, [rows for rows in ROWS if GRADIENTS * len(problem.x) % rows == 0])
    return Floor(lambda: seconds(rows), rows)


def remote(torch: Worker) -> Floor:
    """Return the floor of a worker."""
    rows = timing.fastest_rows(lambda rows: torch.seconds(FLOOR, GRADIENTS, rows), ROWS[4:])
    return Floor(lambda: torch.seconds(FLOOR, GRADIENTS, rows), rows)
