"""Gradients at points near or before a sample, each times a factor, averaged: what the methods without a straight path have in common.

A method is the points that it asks at and the factor of each. `path_gradients` of the engine does the same along one straight line.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer


def mean_gradients(
    scorer: Scorer,
    inputs: Any,
    targets: NDArray[Any],
    draws: Iterable[tuple[Sequence[NDArray[Any]], Sequence[Any]]],
    count: int = 1,
) -> list[NDArray[Any]]:
    """Return the mean over draws of factor ∘ ∂score/∂entry at the draw's points, an array [N, …] float32 for each entry.

    Args:
        scorer: of the model.
        inputs: N samples.
        targets: from `Readout.resolve_targets`.
        draws: points, an array [N, …] for each entry, and their factors: numbers or arrays that broadcast to the points.
        count: of the draws.
    """
    total: list[NDArray[Any]] = []
    for factors, gradients in each(scorer.gradients, scorer.batch_size, inputs, targets, draws, count):
        with np.errstate(invalid="ignore", over="ignore"):  # a diverged model has gradients of Inf and NaN, and so have its explanations
            weighed = [factor * gradient for factor, gradient in zip(factors, gradients, strict=True)]
            total = [a + b for a, b in zip(total, weighed, strict=True)] if total else weighed
    return [values / np.float32(count) for values in total]


def each(
    ask: Callable[..., list[NDArray[Any]]],
    rows: int,
    inputs: Any,
    targets: NDArray[Any],
    draws: Iterable[tuple[Sequence[NDArray[Any]], Any]],
    count: int,
) -> Iterator[tuple[Any, list[NDArray[Any]]]]:
    """Yield, draw by draw, what came with its points and what is answered there.

    As many draws are held at a time as fit into a batch, at least one: memory does not grow with their number.

    Args:
        ask: `Scorer.gradients`, or another question of inputs, targets and values at the entries.
        rows: of a batch.
        inputs: N samples.
        targets: from `Readout.resolve_targets`.
        draws: points, an array [N, …] for each entry, and what is yielded beside the answer.
        count: of the draws.
    """
    samples = len(targets)
    groups = -(-count // max(1, rows // samples))
    at_once = -(-count // groups)  # groups of one size, and so one trace, with little left to fill up
    inputs = tree.map_structure(lambda values: _joined([np.asarray(values)] * at_once), inputs)
    targets = _joined([targets] * at_once)
    remaining = iter(draws)
    while group := list(itertools.islice(remaining, at_once)):
        filled = [points for points, _ in group] + [group[0][0]] * (at_once - len(group))
        answers = ask(inputs, targets, [_joined(values) for values in zip(*filled, strict=True)])
        for k, (_, beside) in enumerate(group):
            yield beside, [values[k * samples : (k + 1) * samples] for values in answers]


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if len(parts) > 1 else parts[0]
