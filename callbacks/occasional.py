"""What a run computes at some of its explained steps: the first, the last, and each so many between."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any

from tb_explain_plugin.callbacks.base import ExplainCallback

if TYPE_CHECKING:
    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin.callbacks.methods import Method
    from tb_explain_plugin.callbacks.run import Run


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
        self._steps = 0

    @property
    def title(self) -> str:
        """The method's name."""
        return self.method.name

    @abc.abstractmethod
    def record(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return what is logged at a step that is due."""

    def compute(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return what is logged at a step; nothing where it is not due."""
        due = self._steps % self.method.every == 0 or run.is_last
        self._steps += 1
        return self.record(run, step) if due else []
