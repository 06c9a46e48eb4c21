"""The gradient family: a path from a baseline to the sample, nodes on it, weights for them.

Every method here is one weighted sum of gradients along a path; the engine knows how to take it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import tree

from tb_explain_plugin.callbacks.explainers.engine import Scorer

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras
    from numpy.typing import NDArray

BASELINES = ("mean", "zero")


@dataclasses.dataclass
class Attribution:
    """What each element of each sample contributes to its score.

    Attributes:
        values: float32, shaped and structured as the inputs (integer inputs: as what the model turns them into, summed over its last
            axis: one number a token).
        score: [N] F(x).
        baseline_score: [N] F(x′).
        completeness_error: [N] |Σ values − (F(x) − F(x′))| / Σ|values|; 0 where both are 0.
    """

    values: Any
    score: NDArray[Any]
    baseline_score: NDArray[Any]
    completeness_error: NDArray[Any]


def integrated_gradients(
    model: keras.Model | Scorer,
    inputs: Any,
    targets: Any = None,
    *,
    baseline: Any = "mean",
    steps: int = 16,
    score: Any = "log_odds",
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
        batch_size: rows of a batch; from the model's size by default.

    Returns:
        An `Attribution`.

    Raises:
        ValueError: steps, baseline, inputs or targets that do not fit; a score without a gradient.

    Example:
        >>> attribution = integrated_gradients(model, x_val[:64], y_val[:64])
        >>> attribution.values.shape == x_val[:64].shape
    """
    if steps < 1:
        raise ValueError(f"steps is {steps}; expected at least 1 node")
    scorer = model if isinstance(model, Scorer) else Scorer(model, inputs, targets, score=score, batch_size=batch_size)
    end = scorer.entry_values(inputs)
    samples = len(end[0])
    resolved = scorer.readout.resolve_targets(targets, samples)
    start = resolve_baseline(scorer, inputs, end, baseline)
    nodes, weights = gauss_legendre(steps)
    integral = scorer.path_gradient(inputs, resolved, start, end, nodes, weights)
    products = [g * (x - x0) for g, x, x0 in zip(integral, end, start, strict=True)]
    at_end, at_start = scorer.scores(inputs, resolved, end), scorer.scores(inputs, resolved, start)
    values = [sum_to_input(v, flat) for v, flat in zip(products, scorer.network.flatten(inputs), strict=True)]
    return Attribution(
        values=tree.pack_sequence_as(scorer.network.structure, values),
        score=at_end,
        baseline_score=at_start,
        completeness_error=completeness_error(values, at_end, at_start),
    )


def gauss_legendre(steps: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return nodes in (0, 1) and weights that sum to 1, float64 [steps]."""
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    return (nodes + 1) / 2, weights / 2


def completeness_error(values: Sequence[NDArray[Any]], score: NDArray[Any], baseline_score: NDArray[Any]) -> NDArray[Any]:
    """Return |Σ values − (F(x) − F(x′))| / Σ|values| for each sample, float32 [N]; 0 where both are 0.

    It measures the quadrature, not whether the explanation is faithful.
    """
    flat = np.concatenate([v.reshape(len(v), -1) for v in values], axis=1).astype(np.float64)
    gap = np.abs(flat.sum(axis=1) - (score.astype(np.float64) - baseline_score))
    total = np.abs(flat).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(gap == 0, 0.0, gap / total)
    return error.astype(np.float32)


def sum_to_input(values: NDArray[Any], flat_input: NDArray[Any]) -> NDArray[Any]:
    """Return values with the shape of the input: an integer input's are summed over the axes that its entry added."""
    extra = tuple(range(flat_input.ndim, values.ndim))
    return values.sum(axis=extra) if extra else values


def resolve_baseline(scorer: Scorer, inputs: Any, entries: Sequence[NDArray[Any]], baseline: Any) -> list[NDArray[Any]]:
    """Return the path's start at each input's entry, float32 [N, …].

    Raises:
        ValueError: an unknown name, or an array that is neither one sample nor N samples.
    """
    count = len(entries)
    if isinstance(baseline, dict):
        unknown = sorted(set(baseline) - set(scorer.network.input_names))
        if unknown:
            raise ValueError(f"baseline names inputs {unknown} that the model does not have; its inputs are {scorer.network.input_names}")
        chosen = [baseline.get(name, "mean") for name in scorer.network.input_names]
    elif isinstance(baseline, (list, tuple)) and count > 1:
        if len(baseline) != count:
            raise ValueError(f"baseline is a list of {len(baseline)}; the model has {count} inputs {scorer.network.input_names}")
        chosen = list(baseline)
    else:
        chosen = [baseline] * count
    flat = scorer.network.flatten(inputs)
    padding: list[NDArray[Any]] = []
    resolved = []
    for k, (choice, end) in enumerate(zip(chosen, entries, strict=True)):
        if isinstance(choice, str):
            if choice not in BASELINES:
                raise ValueError(f"baseline is {choice!r}; expected one of {BASELINES}, an array of one sample or of {len(end)}")
            if scorer.network.entries[k].operation is not None:
                padding = padding or scorer.entry_values(tree.pack_sequence_as(scorer.network.structure, [np.zeros_like(f) for f in flat]))
                resolved.append(padding[k])
            else:
                one = end.mean(axis=0, dtype=np.float64) if choice == "mean" else np.zeros(end.shape[1:])
                resolved.append(_spread(one, end))
            continue
        array = np.asarray(choice, np.float32)
        if array.shape not in (end.shape[1:], end.shape):
            raise ValueError(
                f"baseline of input {scorer.network.input_names[k]!r} has shape {array.shape}, its samples have shape {end.shape[1:]}; "
                f"pass one sample of shape {end.shape[1:]} or {len(end)} samples of shape {end.shape}"
            )
        resolved.append(array if array.shape == end.shape else _spread(array, end))
    return resolved


def _spread(one: NDArray[Any], like: NDArray[Any]) -> NDArray[Any]:
    return np.broadcast_to(one.astype(np.float32), like.shape)
