"""What a run computes at some of its explained steps: the first, the last, and each so many between."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any

from tb_explain_plugin.callbacks.base import ExplainCallback

if TYPE_CHECKING:
    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin.callbacks.explainers.engine import Scorer
    from tb_explain_plugin.callbacks.methods import Method
    from tb_explain_plugin.callbacks.run import Run


class Turns:
    """Which explained steps of a run are due: the first, each ``every``-th after it, and the last."""

    def __init__(self, every: int) -> None:
        self.every = every
        self._steps = 0

    def is_due(self, run: Run) -> bool:
        """Return whether this step is; to be asked once at each."""
        due = self._steps % self.every == 0 or run.is_last
        self._steps += 1
        return due


class Occasional(ExplainCallback):
    """A part of `Explain` that answers at each ``method.every``-th explained step, the first and the last among them.

    A subclass checks the method's options against the model in `prepare`, before the first batch, and answers in `record`.

    Args:
        log_dir: as in `ExplainCallback`, like ``probe`` and ``**options``.
        probe: the samples.
        method: from `methods.choose`.
        **options: ``every``, ``budget``, ``on_error``, ``score``.
    """

    def __init__(self, log_dir: str, probe: Any, method: Method, **options: Any) -> None:
        super().__init__(log_dir, probe, **options)
        self.method = method
        self._turns = Turns(method.every)

    @property
    def title(self) -> str:
        """The method's name."""
        return self.method.name

    @abc.abstractmethod
    def record(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return what is logged at a step that is due."""

    def compute(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return what is logged at a step; nothing where it is not due."""
        return self.record(run, step) if self._turns.is_due(run) else []

    def scorer(self, run: Run) -> Scorer:
        """Return the run's scorer, or one of the score that the method is defined for."""
        return run.scorer if self.method.kind.score is None else run.scorer.scored(self.method.kind.score)
