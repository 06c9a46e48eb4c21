"""What an explainer answers: an attribution, and how well its parts add up to what they explain."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer


@dataclasses.dataclass
class Attribution:
    """What each element of each sample contributes to its score.

    Attributes:
        values: float32, shaped and structured as the inputs (integer inputs: as what the model turns them into, summed over its last
            axis: one number a token); of a chosen layer, an array [N, …] shaped as its output.
        score: [N] F(x).
        baseline_score: [N] F(x′); None for methods that compare with no baseline.
        completeness_error: [N] |Σ values − (F(x) − F(x′))| / Σ|values|; 0 where both are 0. Without a baseline, of methods that conserve
            the score itself (relevance propagation), F(x′) counts as 0. None for methods whose values promise no sum.
    """

    values: Any
    score: NDArray[Any]
    baseline_score: NDArray[Any] | None = None
    completeness_error: NDArray[Any] | None = None


def completeness_error(values: Sequence[NDArray[Any]], score: NDArray[Any], baseline_score: NDArray[Any] | float) -> NDArray[Any]:
    """Return |Σ values − (F(x) − F(x′))| / Σ|values| for each sample, float32 [N]; 0 where both are 0.

    It measures the quadrature, not whether the explanation is faithful.
    """
    flat = [v.reshape(len(v), -1) for v in values]
    gap = np.abs(sum(v.sum(axis=1, dtype=np.float64) for v in flat) - (score.astype(np.float64) - baseline_score))
    total = sum(np.abs(v).sum(axis=1, dtype=np.float64) for v in flat)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(gap == 0, 0.0, gap / total)
    return error.astype(np.float32)


def sum_to_input(values: NDArray[Any], flat_input: NDArray[Any]) -> NDArray[Any]:
    """Return values with the shape of the input: an integer input's are summed over the axes that its entry added."""
    extra = tuple(range(flat_input.ndim, values.ndim))
    return values.sum(axis=extra) if extra else values


def shaped_as_inputs(scorer: Scorer, inputs: Any, values: Sequence[NDArray[Any]]) -> Any:
    """Return values at the entries, one array an input, structured as the inputs; those at a chosen layer as they are."""
    if scorer.layer is not None:
        return values[0]
    flat = scorer.network.flatten(inputs)
    return tree.pack_sequence_as(scorer.network.structure, [sum_to_input(v, x) for v, x in zip(values, flat, strict=True)])
