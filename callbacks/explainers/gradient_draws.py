"""Gradients at points near or before a sample, each times a factor, averaged: what the methods without a straight path have in common.

A method is the points that it asks at and the factor of each. `path_gradients` of the engine does the same along one straight line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin.callbacks.explainers.engine import Scorer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import keras
    from numpy.typing import NDArray


def as_scorer(model: keras.Model | Scorer, inputs: Any, targets: Any, score: Any, batch_size: int | None) -> Scorer:
    """Return the scorer that was passed in place of a model, or one made for the model."""
    return model if isinstance(model, Scorer) else Scorer(model, inputs, targets, score=score, batch_size=batch_size)


def mean_gradients(
    scorer: Scorer,
    inputs: Any,
    targets: NDArray[Any],
    draws: Iterable[tuple[Sequence[NDArray[Any]], Sequence[Any]]],
) -> list[NDArray[Any]]:
    """Return the mean over draws of factor ∘ ∂score/∂entry at the draw's points, an array [N, …] float32 for each entry.

    One draw is held at a time, so memory does not grow with their number.

    Args:
        scorer: of the model.
        inputs: N samples.
        targets: from `Readout.resolve_targets`.
        draws: points, an array [N, …] for each entry, and their factors: numbers or arrays that broadcast to the points.
    """
    total: list[NDArray[Any]] = []
    count = 0
    for points, factors in draws:
        gradients = scorer.gradients(inputs, targets, points)
        with np.errstate(invalid="ignore", over="ignore"):  # a diverged model has gradients of Inf and NaN, and so have its explanations
            weighed = [factor * gradient for factor, gradient in zip(factors, gradients, strict=True)]
            total = [a + b for a, b in zip(total, weighed, strict=True)] if total else weighed
        count += 1
    return [values / np.float32(count) for values in total]
