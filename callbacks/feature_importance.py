"""Which features matter over the whole probe: by permutation, and by gradient."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin import metadata, summary
from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.callbacks.attributions import importance_series, score_name
from tb_explain_plugin.callbacks.base import ExplainCallback
from tb_explain_plugin.callbacks.explainers.clusters import find_clusters
from tb_explain_plugin.callbacks.explainers.heads import SCORE_UNITS
from tb_explain_plugin.callbacks.explainers.permutation_importance import IMAGE_GRID, check_options, permutation_importance
from tb_explain_plugin.callbacks.explainers.regions import grid
from tb_explain_plugin.callbacks.occasional import Turns

if TYPE_CHECKING:
    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin.callbacks.explainers.clusters import Cluster
    from tb_explain_plugin.callbacks.manifest import InputInfo
    from tb_explain_plugin.callbacks.run import Run

CLUSTERS = "permutation_clusters"
"""The method that permutes clusters, in the manifest and in tags."""
PERMUTATION_EVERY = 5
IMAGE_REPEATS = 1
REPEATS = 5
MOST_PASSES = 512
"""Passes over the probe that one permutation importance takes by default."""


class FeatureImportance(ExplainCallback):
    """Log which features a model relies on while it trains.

    At each explained step ``importance/gradient/<input>``: mean |∂score/∂x| by column, image region or token. At each fifth one
    ``importance/permutation/<input>``: the increase of the loss when a feature is permuted among the samples, with its standard error;
    image regions are the cells of a 4 × 4 grid, permuted once; columns and token positions are permuted five times, or as often as 512
    passes over the probe allow, and beyond 512 of them in blocks of neighbours. With ``clusters``, columns that tell the same are permuted
    together, too: ``importance/permutation_clusters/<input>``. Clusters are found once, on the probe, and stay the same for the run.

    Example:
        >>> model.fit(x, y, callbacks=[FeatureImportance("logs/run1", probe=(x_val, y_val))])
        >>> FeatureImportance("logs/run1", probe, clusters="correlated")
        >>> FeatureImportance("logs/run1", probe, clusters={"body": ["height", "weight"], "blood": ["systolic", "diastolic"]})

    Args:
        log_dir: as in `ExplainCallback`, like ``probe`` and ``**options``.
        probe: the samples.
        permutation_every: explained steps between permutation importances; the first and the last always have one. Defaults to 5.
        repeats: permutations a feature. Defaults to None: as above.
        seed: of the permutations, drawn once. Defaults to 0.
        clusters: columns of tables that are permuted together, beside each alone, as in `permutation_importance`. Defaults to None.
        **options: ``every``, ``budget``, ``on_error``, ``score``.

    Raises:
        ValueError: ``permutation_every`` or ``repeats`` under 1; before the first batch, clusters that do not fit the probe.
        TypeError: clusters that are neither ``"correlated"`` nor a mapping.
    """

    def __init__(
        self,
        log_dir: str,
        probe: Any,
        *,
        permutation_every: int = PERMUTATION_EVERY,
        repeats: int | None = None,
        seed: int = 0,
        clusters: Any = None,
        **options: Any,
    ) -> None:
        for name, value in (("permutation_every", permutation_every), ("repeats", repeats)):
            if value is not None and (not isinstance(value, int) or value < 1):
                raise ValueError(f"{name} is {value!r}; expected a whole number of at least 1")
        check_options(repeats=1, clusters=clusters)
        super().__init__(log_dir, probe, **options)
        self.permutation_every = permutation_every
        self.repeats = repeats
        self.seed = seed
        self.clusters = clusters
        self._clusters: dict[str, list[Cluster]] = {}
        self._turns = Turns(permutation_every)

    def prepare(self, run: Run) -> None:
        """Register both methods; without a compiled loss, permutation importance is left out with a warning."""
        run.needs.gradients = True
        self._permutes = bool(run.scorer.readout.losses) and run.probe.targets is not None
        name = score_name(run.scorer.readout.score)
        unit = f"{SCORE_UNITS.get(name, 'score')} per unit of input"
        regions = [pb.Regions(input=i.name, shape=i.regions) for i in run.inputs]
        run.add_method(pb.Method(name="gradient", signed=True, score=name, unit=unit, regions=regions))
        if not self._permutes:
            if run.scorer.readout.losses or run.scorer.model.loss is None:  # else the run has said what is wrong with the loss
                missing = "targets in the probe" if run.scorer.readout.losses else "a compiled loss"
                warnings.warn(f"FeatureImportance: no permutation importance without {missing}; the other figures go on", stacklevel=2)
            return
        self._regions = {i.name: _permuted_regions(i) for i in run.inputs}
        self._add(run, "permutation", [pb.Regions(input=name, shape=shape) for name, shape in self._regions.items()])
        if self.clusters is not None:
            self._clusters = self._find_clusters(run)
            described = {name: [pb.Cluster(name=c.name, columns=c.columns) for c in found] for name, found in self._clusters.items()}
            self._add(run, CLUSTERS, [pb.Regions(input=name, shape=[len(own)], clusters=own) for name, own in described.items()])

    def _add(self, run: Run, name: str, regions: list[pb.Regions]) -> None:
        features = sum(math.prod(each.shape) for each in regions)
        parameters = {"repeats": str(self._repeats(run, features)), "seed": str(self.seed), "every": str(self.permutation_every)}
        if name == CLUSTERS:
            parameters["clusters"] = self.clusters if isinstance(self.clusters, str) else "named"
        run.add_method(pb.Method(name=name, signed=True, score="loss", unit="increase of the loss", parameters=parameters, regions=regions))

    def _find_clusters(self, run: Run) -> dict[str, list[Cluster]]:
        values = dict(zip(run.scorer.network.input_names, run.scorer.network.flatten(run.probe.inputs), strict=True))
        tables = {info.name: values[info.name] for info in run.inputs if info.kind == "tabular" and info.as_given}
        return find_clusters(self.clusters, tables, {info.name: info.feature_names for info in run.inputs})

    def compute(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return the importances of a step."""
        gradients = dict(zip(run.scorer.network.input_names, run.observe(step).gradients, strict=True))
        summaries = [
            importance_series("gradient", i, i.to_regions(np.abs(gradients[i.name])), i.to_regions(gradients[i.name])) for i in run.inputs
        ]
        if self._turns.is_due(run) and self._permutes:
            summaries += self._permutation(run, "permutation", sum(map(math.prod, self._regions.values())), regions=self._regions)
            if self._clusters:
                summaries += self._permutation(run, CLUSTERS, sum(map(len, self._clusters.values())), clusters=self._clusters)
        return summaries

    def _permutation(self, run: Run, method: str, features: int, **parts: Any) -> list[summary_pb2.Summary]:
        """Return the importances of what is permuted as a whole: regions, or clusters."""
        importance = permutation_importance(
            run.scorer,
            run.probe.inputs,
            run.probe.targets,
            repeats=self._repeats(run, features),
            seed=self.seed,
            sample_weight=run.probe.sample_weight,
            **parts,
        )
        return [
            summary.series(
                metadata.create_tag("importance", method, name),
                np.stack([importance.mean[name], importance.standard_error[name], importance.mean[name]]).astype(np.float32),
            )
            for name in importance.mean
        ]

    def _repeats(self, run: Run, features: int) -> int:
        if self.repeats is not None:
            return self.repeats
        if all(i.kind == "image" for i in run.inputs):
            return IMAGE_REPEATS
        return max(1, min(REPEATS, MOST_PASSES // features))


def _permuted_regions(info: InputInfo) -> tuple[int, ...]:
    """Return the blocks in which an input is permuted: as a whole where its elements are the model's own (text, counted codes)."""
    if not info.as_given:
        return (1,)
    return grid(info.shape[:2], IMAGE_GRID) if info.kind == "image" else grid(info.regions, MOST_PASSES)
