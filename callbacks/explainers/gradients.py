"""The gradient family: a path from a baseline to the sample, nodes on it, weights for them.

Every method here is one weighted sum of gradients along a path; the engine knows how to take it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import tree

from tb_explain_plugin.callbacks.explainers.attribution import Attribution, completeness_error, shaped_as_inputs
from tb_explain_plugin.callbacks.explainers.baselines import BASELINES, resolve_baseline
from tb_explain_plugin.callbacks.explainers.engine import as_scorer
from tb_explain_plugin.callbacks.explainers.quadrature import cells, gauss_legendre, refine, with_residuals

if TYPE_CHECKING:
    from collections.abc import Iterator

    import keras
    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer

_BLOCK = 256
"""Rows of a batch in which samples are looked at again: few samples may be left, and each shape is a trace."""


def integrated_gradients(
    model: keras.Model | Scorer,
    inputs: Any,
    targets: Any = None,
    *,
    baseline: Any = "mean",
    steps: int = 16,
    tolerance: float | None = None,
    max_steps: int = 256,
    score: Any = "log_odds",
    layer: str | None = None,
    batch_size: int | None = None,
) -> Attribution:
    """Integrated gradients: (x − x′) ∘ ∫₀¹ ∂F/∂x (x′ + α (x − x′)) dα, by Gauss–Legendre quadrature.

    Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks", 2017, equation 1. The quadrature is exact for scores that are
    polynomials of degree 2·steps along the path. On networks with kinks gradients jump, and every rule converges slowly: with a
    ``tolerance`` the gates of ReLU and max-pooling are averaged between nodes, which takes 2 to 4 times fewer, and each sample gets as many
    nodes as its own estimated error asks for (docs/integrated-gradients.md).

    Args:
        model: a built Keras model, or a `Scorer` made for it (then ``score`` and ``batch_size`` are the scorer's).
        inputs: N samples as the model takes them: an array, or a list or dict of arrays.
        targets: the class or label explained: int [N], one int, one-hot [N, C], or a dict or list like the outputs. None: regression.
        baseline: ``"mean"`` of the inputs, ``"zero"``, an array of one sample or of N, or a list or dict of these for several inputs.
            Tokens start at what the model makes of id 0, the padding; encoded categories at the zero vector.
        steps: number of nodes, at least 1; with a tolerance, the most that the first look at a sample takes, at least 2.
        tolerance: relative L1 error aimed at, Σ|a − a*| / Σ|a*| of a sample's values, in (0, 1). It is estimated from the nodes' own
            gradients: an aim, not a bound. Defaults to None: ``steps`` nodes for all.
        max_steps: with a tolerance, the most gradients that a sample may take, all looks at it together.
        score: ``"log_odds"``, ``"centered_logit"``, ``"logit"``, ``"probability"`` or a callable ``(outputs, targets) -> [N]``.
        layer: explain what this layer's output contributes, along the straight line from its output at the baseline to its output at the
            sample. Defaults to None: the inputs.
        batch_size: rows of a batch; by default as many as memory allows.

    Returns:
        An `Attribution`.

    Raises:
        ValueError: steps, tolerance, baseline, inputs or targets that do not fit; an unknown layer; a score without a gradient.

    Example:
        >>> attribution = integrated_gradients(model, x_val[:64], y_val[:64])
        >>> attribution.values.shape == x_val[:64].shape
    """
    check_options(baseline=baseline, steps=steps, tolerance=tolerance, max_steps=max_steps)
    scorer = as_scorer(model, inputs, targets, score, batch_size)
    end = scorer.entry_values(inputs)
    resolved = scorer.readout.resolve_targets(targets, len(end[0]))
    start = resolve_baseline(scorer, inputs, end, baseline)
    if layer is not None:
        scorer = scorer.at(layer)
        end, start = scorer.entry_values(inputs), scorer.entry_values(inputs, start)
    taken = error = None
    if tolerance is None:
        nodes, weights = gauss_legendre(steps)
        integrals, at_start, at_end = scorer.path_gradients(inputs, resolved, start, end, nodes, weights[None])
        values = [g[:, 0] * (x - x0) for g, x, x0 in zip(integrals, end, start, strict=True)]
    else:
        paths = _Paths(scorer, inputs, resolved, start, end)
        values, taken, error = refine(paths.look, len(end[0]), steps, tolerance, max_steps)
        at_start, at_end = paths.at_start, paths.at_end
    return Attribution(
        values=shaped_as_inputs(scorer, values),
        score=at_end,
        baseline_score=at_start,
        completeness_error=completeness_error(values, at_end, at_start),
        steps=taken,
        estimated_error=error,
    )


@dataclasses.dataclass
class _Paths:
    """Straight lines from start to end, one a sample, and the scores [N] that have been seen there."""

    scorer: Scorer
    inputs: Any
    targets: NDArray[Any]
    start: list[NDArray[Any]]
    end: list[NDArray[Any]]

    def __post_init__(self) -> None:
        self.at_start, self.at_end = np.zeros((2, len(self.end[0])), np.float32)

    def look(self, rows: NDArray[Any], steps: int) -> Iterator[tuple[NDArray[Any], list[NDArray[Any]]]]:
        """Yield some of the rows and the sums [n, 3, …] of their attributions with a number of nodes, by `with_residuals`.

        In blocks of one size, whatever the number of rows.
        """
        nodes, weights = gauss_legendre(steps)
        sums, bounds = with_residuals(nodes, weights), cells(weights)
        everybody = len(rows) == len(self.end[0])
        size = max(1, min(self.scorer.batch_size // steps, len(rows) if everybody else _BLOCK // steps))
        for first in range(0, len(rows), size):
            block = rows[first : first + size]
            filled = np.concatenate([block, np.repeat(block[:1], size - len(block))])
            inputs = tree.map_structure(lambda v, filled=filled: np.asarray(v)[filled], self.inputs)
            start, end = ([v[filled] for v in values] for values in (self.start, self.end))
            gradients, *ends = self.scorer.path_gradients(
                inputs, self.targets[filled], start, end, nodes, sums, bounds, with_ends=everybody
            )
            if everybody:
                self.at_start[filled], self.at_end[filled] = ends
            yield block, [(g * (x - x0)[:, None])[: len(block)] for g, x, x0 in zip(gradients, end, start, strict=True)]


def check_options(*, baseline: Any, steps: int, tolerance: float | None, max_steps: int, **others: Any) -> None:
    """Check what is wrong with the options of `integrated_gradients` whatever the model.

    Raises:
        ValueError: an unknown baseline, steps below 1, a tolerance outside (0, 1), or max_steps below steps.
        TypeError: steps that are no whole numbers.
    """
    del others
    if isinstance(baseline, str) and baseline not in BASELINES:
        raise ValueError(f"baseline is {baseline!r}; expected one of {BASELINES}, or an array")
    least = 1 if tolerance is None else 2
    for name, value in (("steps", steps), ("max_steps", max_steps)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
            raise TypeError(f"{name} is {value!r}; expected an integer")
    if steps < least:
        raise ValueError(f"steps is {steps}; expected at least {least} node{'s' * (least > 1)}" + " with a tolerance" * (least > 1))
    if tolerance is None:
        return
    if isinstance(tolerance, bool) or not isinstance(tolerance, (float, np.floating)) or not 0 < tolerance < 1:
        raise ValueError(f"tolerance is {tolerance!r}; expected a relative error between 0 and 1, as 0.02")
    if max_steps < steps:
        raise ValueError(f"max_steps is {max_steps}, below steps, {steps}; pass max_steps={steps} or more, or fewer steps")
