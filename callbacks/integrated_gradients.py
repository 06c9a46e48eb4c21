"""Integrated gradients of the probe, as frames, with each region's importance as a series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from keras import tree

from tb_explain_plugin import metadata, summary
from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.callbacks import manifest
from tb_explain_plugin.callbacks.base import ExplainCallback
from tb_explain_plugin.callbacks.explainers.baselines import BASELINES, resolve_baseline
from tb_explain_plugin.callbacks.explainers.gradients import integrated_gradients
from tb_explain_plugin.callbacks.explainers.heads import SCORE_UNITS

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin.callbacks.manifest import InputInfo
    from tb_explain_plugin.callbacks.run import Run

NAME = "integrated_gradients"


class IntegratedGradients(ExplainCallback):
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
        **options: ``every``, ``budget``, ``on_error``, ``score``.

    Raises:
        ValueError: fewer than one step, or an unknown baseline.
    """

    def __init__(self, log_dir: str, probe: Any, *, baseline: Any = "mean", steps: int = 16, **options: Any) -> None:
        if not isinstance(steps, int) or steps < 1:
            raise ValueError(f"steps is {steps!r}; expected a whole number of nodes, at least 1")
        if isinstance(baseline, str) and baseline not in BASELINES:
            raise ValueError(f"baseline is {baseline!r}; expected one of {BASELINES}, or an array")
        super().__init__(log_dir, probe, **options)
        self.baseline = baseline
        self.steps = steps

    def prepare(self, run: Run) -> None:
        """Resolve the baseline, so that a wrong one is known before the first batch."""
        entries = run.scorer.entry_values(run.probe.inputs)
        fixed = resolve_baseline(run.scorer, run.probe.inputs, entries, self.baseline)
        described = self.baseline if isinstance(self.baseline, str) else "array"
        run.add_method(
            pb.Method(
                name=NAME,
                signed=True,
                score=score_name(run.scorer.readout.score),
                unit=SCORE_UNITS.get(score_name(run.scorer.readout.score), "score"),
                parameters={"baseline": described, "steps": str(self.steps), "quadrature": "Gauss-Legendre"},
                baseline_hash=described if described == "zero" else manifest.content_hash(_constant(run, fixed)),
                regions=[pb.Regions(input=i.name, shape=i.regions) for i in run.inputs],
            )
        )

    def compute(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return the frame and the importances of a step."""
        run.observe(step)
        attribution = integrated_gradients(run.scorer, run.probe.inputs, run.probe.targets, baseline=self.baseline, steps=self.steps)
        values = dict(zip(run.scorer.network.input_names, tree.flatten(attribution.values), strict=True))
        arrays: dict[str, NDArray[Any]] = {
            "score": attribution.score,
        }
        if attribution.baseline_score is not None:
            arrays["baseline_score"] = attribution.baseline_score
        if attribution.completeness_error is not None:
            arrays["completeness_error"] = attribution.completeness_error
        text = {}
        importances = []
        for info in run.inputs:
            cells = info.to_cells(values[info.name])
            arrays[f"values:{info.name}"], scale = summary.compress(cells)
            text[f"scale:{info.name}"] = repr(scale)
            per_element = _per_element(info, values[info.name])
            importances.append(importance_series(NAME, info, info.to_regions(np.abs(per_element)), info.to_regions(per_element)))
        return [summary.frame(metadata.create_tag("attribution", NAME), arrays, text), *importances]


def importance_series(method: str, info: InputInfo, magnitude: NDArray[Any], signed: NDArray[Any]) -> summary_pb2.Summary:
    """Return the importance of each region over samples, from its magnitude and its signed sum in each, both [N, F]."""
    samples = len(magnitude)
    error = magnitude.std(axis=0, ddof=1) / np.sqrt(samples) if samples > 1 else np.full(magnitude.shape[1], np.nan)
    rows = np.stack([magnitude.mean(axis=0, dtype=np.float64), error, signed.mean(axis=0, dtype=np.float64)])
    return summary.series(metadata.create_tag("importance", method, info.name), rows.astype(np.float32))


def score_name(score: Any) -> str:
    """Return the name under which a score is logged."""
    return score if isinstance(score, str) else getattr(score, "__name__", "custom")


def _per_element(info: InputInfo, values: NDArray[Any]) -> NDArray[Any]:
    """Return one number a pixel, column or token: channels and embedding axes summed."""
    axes = 1 + (2 if info.kind == "image" else 1)
    return values.sum(axis=tuple(range(axes, values.ndim)), dtype=np.float64) if values.ndim > axes else values


def _constant(run: Run, baseline: list[NDArray[Any]]) -> list[NDArray[Any]]:
    """Return the baselines that do not move with the weights: those of tokens are named by the probe's hash alone."""
    return [b for b, entry in zip(baseline, run.scorer.network.entries, strict=True) if entry.operation is None]
