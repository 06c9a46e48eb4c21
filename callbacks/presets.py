"""Sets of methods by what they cost: ``Explain(log_dir, probe, methods="full")``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tb_explain_plugin.callbacks.base import ExplainCallback

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin.callbacks.occasional import Occasional
    from tb_explain_plugin.callbacks.run import Run

PRESETS: Mapping[str, tuple[str, ...]] = {
    "economy": ("gradient_times_input",),
    "standard": ("integrated_gradients",),
    "full": (
        "integrated_gradients",
        "lrp",
        "grad_cam",
        "kernel_shap",
        "lime",
        "occlusion",
        "embedding_projection",
        "decision_boundary",
        "surrogate_tree",
        "surrogate_linear",
        "attention_maps",
        "activation_maps",
        "activation_maximization",
    ),
}
"""Measured in docs/explainers.md. The first one leads the run and must fit the model."""


class IfItFits(ExplainCallback):
    """A part of a preset, left out where the model has nothing for it: no attention in a network of dense layers, no plane of a text.

    Args:
        part: what is computed if it can be.
        **options: as in `ExplainCallback`.
    """

    def __init__(self, part: Occasional, **options: Any) -> None:
        super().__init__(part.log_dir, part.probe, **options)
        self.part = part
        self._fits = True
        self._tried = False

    @property
    def title(self) -> str:
        """The part's own."""
        return self.part.title

    def prepare(self, run: Run) -> None:
        """Find out whether the part fits the model."""
        self._tried = False
        try:
            self.part.prepare(run)
        except ValueError:
            self._fits = False

    def compute(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return what the part logs at a step. What only the first answer shows not to fit is left out from there on."""
        if not self._fits:
            return []
        try:
            return self.part.compute(run, step)
        except ValueError:
            if self._tried:
                raise
            self._fits = False
            return []
        finally:
            self._tried = True
