"""Integrated gradients of the probe."""

from __future__ import annotations

import functools
from typing import Any

from tb_explain_plugin.callbacks.attributions import Attributions
from tb_explain_plugin.callbacks.explainers.gradients import integrated_gradients
from tb_explain_plugin.callbacks.methods import Method


class IntegratedGradients(Attributions):
    """Log integrated gradients of a fixed probe while a model trains.

    At each explained step: a frame ``attribution/integrated_gradients`` (what each pixel, column or token contributes to the score of
    each sample, with its completeness error) and a series ``importance/integrated_gradients/<input>`` (mean |attribution| by region).

    Example:
        >>> model.fit(x, y, callbacks=[IntegratedGradients("logs/run1", probe=(x_val, y_val))])

    Args:
        log_dir: as in `ExplainCallback`, like ``probe`` and ``**options``.
        probe: the samples.
        baseline: where paths start: ``"mean"`` of the probe, ``"zero"``, or an array (see `integrated_gradients`). Defaults to "mean".
        steps: quadrature nodes a path. Defaults to 16.
        tolerance: relative L1 error that each sample is refined to (see `integrated_gradients`). Defaults to None: ``steps`` nodes for all.
        max_steps: with a tolerance, the most gradients of a sample. Defaults to 256.
        **options: ``every``, ``budget``, ``on_error``, ``score``.

    Raises:
        ValueError: an unknown baseline, fewer than one step, a tolerance outside (0, 1).
        TypeError: steps that are no whole numbers.
    """

    def __init__(
        self,
        log_dir: str,
        probe: Any,
        *,
        baseline: Any = "mean",
        steps: int = 16,
        tolerance: float | None = None,
        max_steps: int = 256,
        **options: Any,
    ) -> None:
        explainer = functools.partial(integrated_gradients, baseline=baseline, steps=steps, tolerance=tolerance, max_steps=max_steps)
        super().__init__(log_dir, probe, Method.of(explainer), **options)
