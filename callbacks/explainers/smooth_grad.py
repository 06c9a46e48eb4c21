"""SmoothGrad: the mean gradient in a cloud of noise around the sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin.callbacks.explainers.attribution import Attribution, shaped_as_inputs
from tb_explain_plugin.callbacks.explainers.engine import as_scorer
from tb_explain_plugin.callbacks.explainers.gradient_draws import mean_gradients

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import keras
    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer


def smooth_grad(
    model: keras.Model | Scorer,
    inputs: Any,
    targets: Any = None,
    *,
    samples: int = 16,
    noise: float = 0.15,
    seed: int = 0,
    score: Any = "log_odds",
    batch_size: int | None = None,
) -> Attribution:
    """SmoothGrad: the mean of ∂F/∂x at x + ε, ε ~ N(0, σ²), over a few draws.

    Smilkov et al., "SmoothGrad: removing noise by adding noise", 2017. The gradient of a network with kinks jumps from point to point;
    its mean around the sample does not. Signed: the absolute value, if wanted, is taken after the mean.

    σ is ``noise`` times the range (max − min) of each sample, as in the paper, since its elements share a unit: pixels, a signal, an
    embedding. A table's columns do not; there, [N, F], it is the range of each column over the samples, 0 for a single sample. Noise is
    added where attribution starts (to what Rescaling or Embedding makes of integers), never to masks. It is drawn from a generator of
    its own: the same for the same seed and samples, whatever the weights and the batch size.

    Args:
        model: a built Keras model, or a `Scorer` made for it (then ``score`` and ``batch_size`` are the scorer's).
        inputs: N samples as the model takes them: an array, or a list or dict of arrays.
        targets: the class or label explained: int [N], one int, one-hot [N, C], or a dict or list like the outputs. None: regression.
        samples: draws of noise, a gradient each, at least 1.
        noise: standard deviation of the noise as a share of the range, above 0; the paper finds 0.1 to 0.2 best.
        seed: of the noise.
        score: ``"log_odds"``, ``"centered_logit"``, ``"logit"``, ``"probability"`` or a callable ``(outputs, targets) -> [N]``.
        batch_size: rows of a batch; by default as many as memory allows.

    Returns:
        An `Attribution` in units of the score per unit of the input, without a baseline.

    Raises:
        ValueError: samples, noise, inputs or targets that do not fit; a score without a gradient.

    Example:
        >>> attribution = smooth_grad(model, x_val[:64], y_val[:64])
    """
    if samples < 1:
        raise ValueError(f"samples is {samples}; expected at least 1 draw of noise")
    if not 0 < noise < np.inf:
        raise ValueError(f"noise is {noise}; expected a share of the input's range above 0, such as 0.15. Without noise it is saliency")
    scorer = as_scorer(model, inputs, targets, score, batch_size)
    center = scorer.entry_values(inputs)
    resolved = scorer.readout.resolve_targets(targets, len(center[0]))
    sigma = [noise * _range(x) * (entry.meaning != "held") for x, entry in zip(center, scorer.entries, strict=True)]
    values = mean_gradients(scorer, inputs, resolved, _clouds(center, sigma, samples, seed), samples)
    return Attribution(values=shaped_as_inputs(scorer, values), score=scorer.scores(inputs, resolved, center))


def _range(values: NDArray[Any]) -> NDArray[Any]:
    """Return max − min: of each column of a table, else of each sample."""
    axes = 0 if values.ndim == 2 else tuple(range(1, values.ndim))
    spread: NDArray[Any] = np.ptp(values, axis=axes, keepdims=True)
    return spread


def _clouds(
    center: Sequence[NDArray[Any]], sigma: Sequence[NDArray[Any]], draws: int, seed: int
) -> Iterator[tuple[list[NDArray[Any]], list[float]]]:
    """Yield points around the samples, each with the factor 1."""
    generator = np.random.default_rng(seed)
    for _ in range(draws):
        yield [x + s * generator.standard_normal(x.shape, np.float32) for x, s in zip(center, sigma, strict=True)], [1.0] * len(center)
