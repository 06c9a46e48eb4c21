"""The part of the attribution that watched cells carry, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin import metadata, summary
from tb_explain_plugin.callbacks.attributions import baselines_of
from tb_explain_plugin.callbacks.base import ExplainCallback
from tb_explain_plugin.callbacks.contrast import contrast_by_element
from tb_explain_plugin.callbacks.drift import FIGURES
from tb_explain_plugin.callbacks.watch import Watch
from tb_explain_plugin.callbacks.watched import resolve, shares_of
from tb_explain_plugin.group_figures import FEWEST, members

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin.callbacks.methods import Method
    from tb_explain_plugin.callbacks.run import Run


class Watching(ExplainCallback):
    """Log ``watch/<name>`` of each `Watch`: its share of what a method attributes, and the standard error. A part of `Explain`.

    Of protected ones also ``watch_by_group/<name>``, the same within each group that the probe declares.

    Args:
        log_dir: as in `ExplainCallback`, like ``probe`` and ``**options``.
        probe: the samples.
        watch: as `Watch.choose` takes it.
        method: the run's first, which computes before this.
        **options: as in `ExplainCallback`.
    """

    def __init__(self, log_dir: str, probe: Any, watch: Any, method: Method, **options: Any) -> None:
        super().__init__(log_dir, probe, **options)
        self.watch = Watch.choose(watch)
        self.method = method

    def prepare(self, run: Run) -> None:
        """Settle the watches on the model's inputs."""
        self._watched = resolve(self.watch, run.inputs)
        taken = sorted({watch.name for watch in self.watch} & set(FIGURES))
        if taken:
            raise ValueError(f"watches are called {taken}, as other curves of explanations are; give them other names")
        baselines = baselines_of(run, self.method)
        if baselines is None:
            run.watches += [watched.described() for watched in self._watched]
        else:
            contrast = contrast_by_element(run.inputs, run.scorer.entry_values(run.probe.inputs), baselines)
            run.watches += [watched.described(watched.contrast(contrast)) for watched in self._watched]
        self._groups = members(run.probe.groups) if run.probe.groups else {}
        for watched in self._watched:
            run.drift.expect(watched.watch.name)

    def compute(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return a step's shares."""
        del step
        if self.method.name not in run.attributions:  # it has failed, and said so
            return []
        elements = run.attributions[self.method.name].elements
        figures = shares_of(self._watched, elements)
        summaries = [summary.series(metadata.create_tag("watch", w.watch.name), f) for w, f in zip(self._watched, figures, strict=True)]
        return summaries + self._by_group(elements)

    def _by_group(self, elements: Mapping[str, NDArray[Any]]) -> list[summary_pb2.Summary]:
        """Return the shares of protected watches within each group, [G, 2]; NaN of a group of too few."""
        protected = [watched for watched in self._watched if watched.watch.protected]
        if not (protected and self._groups):
            return []
        unknown = [(float("nan"),) * 2] * len(protected)
        by_group = [
            shares_of(protected, {name: values[member] for name, values in elements.items()}) if member.sum() >= FEWEST else unknown
            for member in self._groups.values()
        ]
        return [
            summary.series(metadata.create_tag("watch_by_group", watched.watch.name), np.array([shares[k] for shares in by_group]))
            for k, watched in enumerate(protected)
        ]
