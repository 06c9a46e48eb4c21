"""The part of the attribution that watched cells carry, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tb_explain_plugin import metadata, summary
from tb_explain_plugin.callbacks.attributions import baselines_of
from tb_explain_plugin.callbacks.base import ExplainCallback
from tb_explain_plugin.callbacks.contrast import contrast_by_element
from tb_explain_plugin.callbacks.drift import FIGURES
from tb_explain_plugin.callbacks.watch import Watch
from tb_explain_plugin.callbacks.watched import resolve, shares_of

if TYPE_CHECKING:
    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin.callbacks.methods import Method
    from tb_explain_plugin.callbacks.run import Run


class Watching(ExplainCallback):
    """Log ``watch/<name>`` of each `Watch`: its share of what a method attributes, and the standard error. A part of `Explain`.

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
        for watched in self._watched:
            run.drift.expect(watched.watch.name)

    def compute(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return a step's shares."""
        del step
        if self.method.name not in run.attributions:  # it has failed, and said so
            return []
        figures = shares_of(self._watched, run.attributions[self.method.name].elements)
        return [summary.series(metadata.create_tag("watch", w.watch.name), f) for w, f in zip(self._watched, figures, strict=True)]
