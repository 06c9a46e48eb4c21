"""What there is to attribute: how far the probe lies from the baseline, element by element.

Attributions are zero where a sample equals its baseline. An element's part of the *contrast* Σ|x − x′| is the share that it would have if
the model did not tell elements apart; a share far above it is what level alarms look for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin.callbacks.explainers.structure import sum_to_elements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.manifest import InputInfo


def contrast_by_element(
    inputs: Sequence[InputInfo], entries: Sequence[NDArray[Any]], baselines: Sequence[NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    """Return each pixel's, column's or token's part of Σ|x − x′|, float64, by input; summing to 1 over all inputs.

    Channels are summed, and so is the embedding's axis, along which a token differs from the padding. NaN where nothing differs from the
    baseline, or something is not finite.

    Args:
        inputs: of `manifest.describe_inputs`.
        entries: what the model makes of the probe, [N, …] each input, of `Scorer.entry_values`.
        baselines: likewise, of `baselines.resolve_baseline`.
    """
    with np.errstate(invalid="ignore", over="ignore"):  # of embeddings that turned to NaN or infinity
        differences = {
            info.name: _per_element(info, sum_to_elements(np.abs(x - x0), info.shape))
            for info, x, x0 in zip(inputs, entries, baselines, strict=True)
        }
        total = sum(float(d.sum()) for d in differences.values())
    scale = total if np.isfinite(total) and total > 0 else np.nan
    return {name: difference / scale for name, difference in differences.items()}


def contrast_by_region(
    inputs: Sequence[InputInfo], entries: Sequence[NDArray[Any]], baselines: Sequence[NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    """Return each region's part of Σ|x − x′|, float64 [regions], row by row, by input; else as `contrast_by_element`."""
    by_element = contrast_by_element(inputs, entries, baselines)
    return {info.name: info.to_regions(by_element[info.name][None])[0] for info in inputs}


def _per_element(info: InputInfo, values: NDArray[Any]) -> NDArray[Any]:
    """Return the sum over samples of values an element, [H, W] of an image, else [elements]."""
    axes = info.shape[: len(info.cells)] or (1,)
    total: NDArray[Any] = values.sum(axis=0, dtype=np.float64)
    return np.asarray(total.reshape(*axes, -1).sum(axis=-1))
