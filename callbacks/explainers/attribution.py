"""What an explainer answers: an attribution, and how well its parts add up to what they explain."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import tree

from tb_explain_plugin.callbacks.explainers import structure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer


@dataclasses.dataclass
class Attribution:
    """What each element of each sample contributes to its score.

    Attributes:
        values: float32, structured as the inputs: one number an element [N, …], as `inspection.Entry` says (a pixel's channel, a column, a
            token; text [N] gives [N, T]); of a chosen layer, an array [N, …] shaped as its output.
        score: [N] F(x).
        baseline_score: [N] F(x′); None for methods that compare with no baseline.
        completeness_error: [N] |Σ values − (F(x) − F(x′))| / Σ|values|; 0 where both are 0. Without a baseline, of methods that conserve
            the score itself (relevance propagation), F(x′) counts as 0. None for methods whose values promise no sum.
        steps: [N] gradients taken of each sample, where a tolerance was asked for; else None.
        estimated_error: [N] estimated relative L1 error, likewise: over the tolerance where ``max_steps`` did not suffice.
        fit: [N] R² of the local model that explains a sample, of methods that fit one; else None. 1: it follows the score around the
            sample; 0 and below: it says nothing of it. NaN for a score that is constant there.
    """

    values: Any
    score: NDArray[Any]
    baseline_score: NDArray[Any] | None = None
    completeness_error: NDArray[Any] | None = None
    steps: NDArray[Any] | None = None
    estimated_error: NDArray[Any] | None = None
    fit: NDArray[Any] | None = None


def completeness_error(values: Sequence[NDArray[Any]], score: NDArray[Any], baseline_score: NDArray[Any] | float) -> NDArray[Any]:
    """Return |Σ values − (F(x) − F(x′))| / Σ|values| for each sample, float32 [N]; 0 where both are 0.

    It measures the quadrature, not whether the explanation is faithful.
    """
    flat = [v.reshape(len(v), -1) for v in values]
    with np.errstate(divide="ignore", invalid="ignore"):  # weights that turned to NaN or infinity are answered as such
        gap = np.abs(sum(v.sum(axis=1, dtype=np.float64) for v in flat) - (score.astype(np.float64) - baseline_score))
        total = sum(np.abs(v).sum(axis=1, dtype=np.float64) for v in flat)
        error = np.where(gap == 0, 0.0, gap / total)
    return error.astype(np.float32)


def shaped_as_inputs(scorer: Scorer, values: Sequence[NDArray[Any]]) -> Any:
    """Return values at the entries as one number an element, structured as the inputs; those at a chosen layer as they are."""
    if scorer.layer is not None:
        return values[0]
    summed = [
        v if entry.elements is None else structure.sum_to_elements(v, entry.elements)
        for v, entry in zip(values, scorer.network.entries, strict=True)
    ]
    return tree.pack_sequence_as(scorer.network.structure, summed)
