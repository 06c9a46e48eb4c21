"""How far the attributions of a run can be trusted: deletion against a random order, and the samples that the model was trained on."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin import metadata, summary
from tb_explain_plugin.callbacks.attributions import Attributions, baselines_of, by_element
from tb_explain_plugin.callbacks.base import ExplainCallback
from tb_explain_plugin.callbacks.explainers.deletion import deletion_gap
from tb_explain_plugin.callbacks.occasional import Turns
from tb_explain_plugin.callbacks.probe import Probe
from tb_explain_plugin.drift import share_gap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin.callbacks.run import Run

DELETION_EVERY = 10


class DeletionGaps(ExplainCallback):
    """Log ``trust/deletion_gap/<method>``: see `deletion_gap`. A part of `Explain`.

    Args:
        log_dir: as in `ExplainCallback`, like ``probe`` and ``**options``.
        probe: the samples.
        attributions: of the methods, which compute before this.
        every_steps: explained steps from one to the next; the first and the last always have one.
        seed: of the random orders, the same at each step.
        **options: as in `ExplainCallback`.
    """

    def __init__(self, log_dir: str, probe: Any, attributions: list[Attributions], every_steps: int, seed: int, **options: Any) -> None:
        super().__init__(log_dir, probe, **options)
        self.attributions = attributions
        self.seed = seed
        self._turns = Turns(every_steps)

    def prepare(self, run: Run) -> None:
        """Nothing: all that it needs, the methods have checked."""

    def compute(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return the gap of each method, at the steps that are due."""
        del step
        due = self.attributions if self._turns.is_due(run) else []
        return [self._gap(run, part) for part in due if part.method.name in run.attributions]

    def _gap(self, run: Run, part: Attributions) -> summary_pb2.Summary:
        gap = deletion_gap(
            part.scorer(run),
            run.probe.inputs,
            run.probe.targets,
            run.attributions[part.method.name].attribution,
            baseline="mean" if (baseline := part.method.options.get("baseline")) is None else baseline,
            signed=part.method.is_for_or_against,
            cells={info.name: info.cells for info in run.inputs},
            seed=self.seed,
        )
        return summary.series(metadata.create_tag("trust", "deletion_gap", part.method.name), (gap.mean, gap.standard_error))


class TrainingGap(ExplainCallback):
    """Log what a method says of samples that the model was trained on, beside the probe. A part of `Explain`.

    ``training/<method>/<input>`` are importances over them, ``trust/training_gap/<method>`` the share shift between both sets.

    Args:
        log_dir: as in `ExplainCallback`, like ``probe`` and ``**options``.
        probe: the samples.
        training_probe: those from the training set, as a probe is given.
        attributions: of the run's first method, which computes before this.
        **options: as in `ExplainCallback`.
    """

    def __init__(self, log_dir: str, probe: Any, training_probe: Any, attributions: Attributions, **options: Any) -> None:
        super().__init__(log_dir, probe, **options)
        self.training_probe = Probe.of(training_probe)
        self.attributions = attributions

    def prepare(self, run: Run) -> None:
        """Check that the samples are of the probe's kind, and start their paths where the probe's start."""
        run.scorer.entry_values(self.training_probe.inputs)
        run.scorer.readout.resolve_targets(self.training_probe.targets, self.training_probe.size)
        run.training_samples = self.training_probe.size
        method = self.attributions.method
        baselines = baselines_of(run, method)
        self._explain_samples = method.explain
        if baselines is not None and not isinstance(method.options["baseline"], str):
            return  # the user's own, of one sample; of N samples the method says what is wrong
        if baselines is not None:
            kept = {
                name: baseline[0] if entry.meaning == "values" else "mean"
                for name, baseline, entry in zip(run.scorer.network.input_names, baselines, run.scorer.network.entries, strict=True)
            }
            self._explain_samples = functools.partial(method.explain, baseline=kept)

    def compute(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return the importances over the training samples, and the gap."""
        del step
        name, samples = self.attributions.method.name, self.training_probe
        if name not in run.attributions:  # it has failed, and said so
            return []
        attribution = self._explain_samples(self.attributions.scorer(run), samples.inputs, samples.targets)
        elements = by_element(run, name, attribution, samples.size)
        gap = share_gap(_by_region(run, elements), _by_region(run, run.attributions[name].elements))
        return [
            *self.attributions.importances(run, "training", elements),
            summary.series(metadata.create_tag("trust", "training_gap", name), gap),
        ]


def _by_region(run: Run, elements: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    """Return Σ|a| by region, [N, F]: single cells are mostly noise between different samples."""
    return np.concatenate([i.to_regions(np.abs(elements[i.name])) for i in run.inputs], axis=1)
