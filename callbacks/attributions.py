"""Attributions of the probe by any method: a frame a step, with each region's importance as a series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from keras import tree

from tb_explain_plugin import metadata, summary
from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.callbacks import manifest
from tb_explain_plugin.callbacks.contrast import contrast_by_region
from tb_explain_plugin.callbacks.explainers.baselines import resolve_baseline
from tb_explain_plugin.callbacks.explainers.heads import SCORE_UNITS
from tb_explain_plugin.callbacks.occasional import Occasional
from tb_explain_plugin.callbacks.run import Attributed
from tb_explain_plugin.explanation import scaled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin.callbacks.explainers.attribution import Attribution
    from tb_explain_plugin.callbacks.manifest import InputInfo
    from tb_explain_plugin.callbacks.methods import Method
    from tb_explain_plugin.callbacks.run import Run


class Attributions(Occasional):
    """Log what a method says of a fixed probe while a model trains.

    At each step that is due: a frame ``attribution/<method>`` and a series ``importance/<method>/<input>`` (mean |attribution| by region).
    Arguments are those of `Occasional`.
    """

    def prepare(self, run: Run) -> None:
        """Register the method; a baseline that does not fit is known before the first batch."""
        run.drift.lead(self.method.name)
        baselines = baselines_of(run, self.method)
        contrast = {} if baselines is None else contrast_by_region(run.inputs, run.scorer.entry_values(run.probe.inputs), baselines)
        score = score_name(self.scorer(run).readout.score)
        parameters = self.method.described
        if isinstance(self.method.options.get("steps"), int):
            parameters["quadrature"] = "Gauss-Legendre"
        run.add_method(
            pb.Method(
                name=self.method.name,
                signed=self.method.signed,
                score=score,
                unit=self.method.kind.unit.format(unit=SCORE_UNITS.get(score, "score")),
                parameters=parameters,
                baseline_hash=_baseline_hash(run, self.method, baselines),
                regions=[pb.Regions(input=i.name, shape=i.regions, contrast=contrast.get(i.name, ())) for i in run.inputs],
            )
        )

    def record(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return the frame and the importances of a step."""
        run.observe(step)
        attribution = self.method.explain(self.scorer(run), run.probe.inputs, run.probe.targets)
        elements = by_element(run, self.method.name, attribution, run.probe.size)
        run.attributions[self.method.name] = Attributed(attribution, elements)
        figures = {name: getattr(attribution, name, None) for name in ("score", "baseline_score", "completeness_error", "fit")}
        arrays = {name: figure for name, figure in figures.items() if figure is not None}
        text = {}
        logged = {}
        for info in run.inputs:
            arrays[f"values:{info.name}"], scale = compressed = summary.compress(info.to_cells(elements[info.name]))
            text[f"scale:{info.name}"] = repr(scale)
            logged[info.name] = scaled(*compressed).reshape(run.probe.size, -1)
        cells = np.concatenate([logged[name] for name in sorted(logged)], axis=1)
        run.drift.attribute(self.method.name, cells, attribution.completeness_error)
        return [
            summary.frame(metadata.create_tag("attribution", self.method.name), arrays, text),
            *self.importances(run, "importance", elements),
            *([] if figures["fit"] is None else [fit_series(self.method.name, figures["fit"])]),
        ]

    def importances(self, run: Run, kind: str, elements: Mapping[str, NDArray[Any]]) -> list[summary_pb2.Summary]:
        """Return the importance of each region over samples as series of a kind: ``"importance"`` or ``"training"``."""
        found = []
        for info in run.inputs:
            values = elements[info.name]
            regions = info.to_regions(np.abs(values)), info.to_regions(values)
            found.append(importance_series(self.method.name, info, *regions, signed=self.method.signed, kind=kind))
        return found


def importance_series(
    method: str, info: InputInfo, magnitude: NDArray[Any], values: NDArray[Any], *, signed: bool = True, kind: str = "importance"
) -> summary_pb2.Summary:
    """Return the importance of each region over samples, from its magnitude and its signed sum in each, both [N, F]."""
    samples = len(magnitude)
    error = magnitude.std(axis=0, ddof=1) / np.sqrt(samples) if samples > 1 else np.full(magnitude.shape[1], np.nan)
    mean = values.mean(axis=0, dtype=np.float64) if signed else np.full(magnitude.shape[1], np.nan)
    rows = np.stack([magnitude.mean(axis=0, dtype=np.float64), error, mean])
    return summary.series(metadata.create_tag(kind, method, info.name), rows.astype(np.float32))


def fit_series(method: str, fit: NDArray[Any]) -> summary_pb2.Summary:
    """Return how well the local models of a method fit, over samples: the median and the lower quartile, NaN where none has a fit."""
    known = fit[~np.isnan(fit)]
    quantiles = np.quantile(known, [0.5, 0.25]) if len(known) else np.full(2, np.nan)
    return summary.series(metadata.create_tag("trust", "local_fit", method), quantiles.astype(np.float32))


def score_name(score: Any) -> str:
    """Return the name under which a score is logged."""
    return score if isinstance(score, str) else getattr(score, "__name__", "custom")


def by_element(run: Run, method: str, attribution: Attribution, samples: int) -> dict[str, NDArray[Any]]:
    """Return an attribution's values by input: one number a pixel, column or token, channels and embedding axes summed.

    Raises:
        ValueError: values of another shape than the inputs.
    """
    given = tree.flatten(getattr(attribution, "values", attribution))
    expected = [(samples, *i.shape) for i in run.inputs]
    received = [np.shape(v) for v in given]
    fits = len(given) == len(expected) and all(r[: len(e)] == e for r, e in zip(received, expected, strict=True))
    if not fits or not hasattr(attribution, "score"):
        raise ValueError(
            f"the method {method!r} answered {type(attribution).__name__} with values of shape {received}; "
            f"expected an Attribution with values shaped as the inputs, {expected} (attributions to a layer are not logged)"
        )
    return {info.name: _per_element(info, np.asarray(v, np.float32)) for info, v in zip(run.inputs, given, strict=True)}


def _per_element(info: InputInfo, values: NDArray[Any]) -> NDArray[Any]:
    axes = 1 + (2 if info.kind == "image" else 1)
    return values.sum(axis=tuple(range(axes, values.ndim)), dtype=np.float64) if values.ndim > axes else values


def baselines_of(run: Run, method: Method) -> list[NDArray[Any]] | None:
    """Return a method's baseline at each input's entry, [N, …]; None for methods without one, or with a background in its place."""
    if method.options.get("baseline") is None or method.options.get("background") is not None:
        return None
    return resolve_baseline(run.scorer, run.probe.inputs, run.scorer.entry_values(run.probe.inputs), method.options["baseline"])


def _baseline_hash(run: Run, method: Method, baselines: list[NDArray[Any]] | None) -> str:
    """Return what tells a method's baseline from others; "" for methods without one."""
    if baselines is None:
        background = method.options.get("background")
        return "" if background is None else manifest.content_hash([np.asarray(v) for v in tree.flatten(background)])
    # those of tokens move with the weights: the probe's hash alone names them
    constant = [b for b, entry in zip(baselines, run.scorer.network.entries, strict=True) if entry.meaning != "embedding"]
    baseline = method.options["baseline"]
    return "zero" if isinstance(baseline, str) and baseline == "zero" else manifest.content_hash(constant)
