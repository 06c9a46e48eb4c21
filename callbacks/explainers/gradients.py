"""The gradient family: a path from a baseline to the sample, nodes on it, weights for them.

Every method here is one weighted sum of gradients along a path; the engine knows how to take it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tb_explain_plugin.callbacks.explainers.attribution import Attribution, completeness_error, shaped_as_inputs
from tb_explain_plugin.callbacks.explainers.baselines import resolve_baseline
from tb_explain_plugin.callbacks.explainers.engine import Scorer
from tb_explain_plugin.callbacks.explainers.quadrature import gauss_legendre

if TYPE_CHECKING:
    import keras


def integrated_gradients(
    model: keras.Model | Scorer,
    inputs: Any,
    targets: Any = None,
    *,
    baseline: Any = "mean",
    steps: int = 16,
    score: Any = "log_odds",
    layer: str | None = None,
    batch_size: int | None = None,
) -> Attribution:
    """Integrated gradients: (x − x′) ∘ ∫₀¹ ∂F/∂x (x′ + α (x − x′)) dα, by Gauss–Legendre quadrature.

    Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks", 2017, equation 1. The quadrature is exact for scores that are
    polynomials of degree 2·steps along the path; on networks with kinks `Attribution.completeness_error` says how well it did.

    Args:
        model: a built Keras model, or a `Scorer` made for it (then ``score`` and ``batch_size`` are the scorer's).
        inputs: N samples as the model takes them: an array, or a list or dict of arrays.
        targets: the class or label explained: int [N], one int, one-hot [N, C], or a dict or list like the outputs. None: regression.
        baseline: ``"mean"`` of the inputs, ``"zero"``, an array of one sample or of N, or a list or dict of these for several inputs.
            For integer inputs (tokens) mean and zero are both what the model makes of id 0, the padding.
        steps: number of nodes, at least 1.
        score: ``"log_odds"``, ``"centered_logit"``, ``"logit"``, ``"probability"`` or a callable ``(outputs, targets) -> [N]``.
        layer: explain what this layer's output contributes, along the straight line from its output at the baseline to its output at the
            sample. Defaults to None: the inputs.
        batch_size: rows of a batch; by default as many as memory allows.

    Returns:
        An `Attribution`.

    Raises:
        ValueError: steps, baseline, inputs or targets that do not fit; an unknown layer; a score without a gradient.

    Example:
        >>> attribution = integrated_gradients(model, x_val[:64], y_val[:64])
        >>> attribution.values.shape == x_val[:64].shape
    """
    if steps < 1:
        raise ValueError(f"steps is {steps}; expected at least 1 node")
    scorer = model if isinstance(model, Scorer) else Scorer(model, inputs, targets, score=score, batch_size=batch_size)
    end = scorer.entry_values(inputs)
    resolved = scorer.readout.resolve_targets(targets, len(end[0]))
    start = resolve_baseline(scorer, inputs, end, baseline)
    if layer is not None:
        scorer = scorer.at(layer)
        end, start = scorer.entry_values(inputs), scorer.entry_values(inputs, start)
    nodes, weights = gauss_legendre(steps)
    integral = scorer.path_gradients(inputs, resolved, start, end, nodes, weights[None])
    values = [g[:, 0] * (x - x0) for g, x, x0 in zip(integral, end, start, strict=True)]
    at_end, at_start = scorer.scores(inputs, resolved, end), scorer.scores(inputs, resolved, start)
    return Attribution(
        values=shaped_as_inputs(scorer, values),
        score=at_end,
        baseline_score=at_start,
        completeness_error=completeness_error(values, at_end, at_start),
    )
