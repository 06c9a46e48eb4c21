"""One gradient, at the sample itself: saliency, and gradient × input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin.callbacks.explainers.attribution import Attribution, shaped_as_inputs
from tb_explain_plugin.callbacks.explainers.baselines import resolve_baseline
from tb_explain_plugin.callbacks.explainers.engine import as_scorer
from tb_explain_plugin.callbacks.explainers.gradient_draws import mean_gradients

if TYPE_CHECKING:
    import keras

    from tb_explain_plugin.callbacks.explainers.engine import Scorer


def saliency(
    model: keras.Model | Scorer,
    inputs: Any,
    targets: Any = None,
    *,
    score: Any = "log_odds",
    batch_size: int | None = None,
) -> Attribution:
    """Saliency |∂F/∂x|: how much the score moves when an element is moved a little, whichever way.

    Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks", 2014, section 3. Values are never negative and add up to
    nothing in particular. Every channel keeps its own value, where the paper shows the greatest of each pixel: ``values.max(axis=-1)``.
    A token's value is the sum over its embedding, the L1 norm of the gradient there.

    Args:
        model: a built Keras model, or a `Scorer` made for it (then ``score`` and ``batch_size`` are the scorer's).
        inputs: N samples as the model takes them: an array, or a list or dict of arrays.
        targets: the class or label explained: int [N], one int, one-hot [N, C], or a dict or list like the outputs. None: regression.
        score: ``"log_odds"``, ``"centered_logit"``, ``"logit"``, ``"probability"`` or a callable ``(outputs, targets) -> [N]``.
        batch_size: rows of a batch; by default as many as memory allows.

    Returns:
        An `Attribution` in units of the score per unit of the input, without a baseline.

    Raises:
        ValueError: inputs or targets that do not fit; a score without a gradient.

    Example:
        >>> attribution = saliency(model, x_val[:64], y_val[:64])
    """
    scorer = as_scorer(model, inputs, targets, score, batch_size)
    points = scorer.entry_values(inputs)
    resolved = scorer.readout.resolve_targets(targets, len(points[0]))
    gradients = scorer.gradients(inputs, resolved, points)
    return Attribution(
        values=shaped_as_inputs(scorer, [np.abs(g) for g in gradients]),
        score=scorer.scores(inputs, resolved, points),
    )


def gradient_times_input(
    model: keras.Model | Scorer,
    inputs: Any,
    targets: Any = None,
    *,
    score: Any = "log_odds",
    batch_size: int | None = None,
) -> Attribution:
    """Gradient × input, x ∘ ∂F/∂x: what each element would contribute if the model were the plane that touches it at the sample.

    Shrikumar et al., "Not Just a Black Box", 2016. It is integrated gradients with a single node, at the sample, and zero as baseline;
    and so a token counts from the padding's embedding, a pixel from what the model makes of 0. Exact for linear models. For networks
    of ReLU without biases the values sum to the score; otherwise to nothing in particular.

    Args:
        model: as in `saliency`, like all the others.
        inputs: N samples.
        targets: the class or label explained.
        score: what is explained.
        batch_size: rows of a batch.

    Returns:
        An `Attribution` in units of the score, without a baseline.

    Raises:
        ValueError: as `saliency`.

    Example:
        >>> attribution = gradient_times_input(model, x_val[:64], y_val[:64])
    """
    scorer = as_scorer(model, inputs, targets, score, batch_size)
    points = scorer.entry_values(inputs)
    resolved = scorer.readout.resolve_targets(targets, len(points[0]))
    zero = resolve_baseline(scorer, inputs, points, "zero")
    values = mean_gradients(scorer, inputs, resolved, [(points, [x - x0 for x, x0 in zip(points, zero, strict=True)])])
    return Attribution(values=shaped_as_inputs(scorer, values), score=scorer.scores(inputs, resolved, points))
