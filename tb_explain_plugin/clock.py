"""Where a run's steps lie on the axis of epochs, and what they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from tensorboard import errors as tensorboard_errors

from tb_explain_plugin import metadata, reader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tb_explain_plugin.index import Log

_EPOCH = metadata.create_tag("clock", "epoch")


class Clock(NamedTuple):
    """What `clock/epoch` says of a run, and what its steps count.

    Attributes:
        unit: ``"epoch"`` or ``"iteration"``.
        steps: those that the clock has, int [S], increasing.
        epochs: float64 [S], finite: how many epochs had ended then, less one, so that an epoch ends at its index.
    """

    unit: str
    steps: NDArray[np.int32]
    epochs: NDArray[np.float64]

    def epochs_at(self, steps: Iterable[int]) -> list[float]:
        """Return where steps lie on the axis of epochs.

        Steps of epochs are their own place. Of iterations, those between two that the clock has are interpolated, and those beyond its
        ends go on at the pace of the two nearest; NaN where the clock has too few steps for that.
        """
        wanted = np.array(list(steps), np.float64)
        if self.unit == metadata.EPOCH:
            return [float(step) for step in wanted]
        if not len(self.steps):
            return [float("nan")] * len(wanted)
        places = np.interp(wanted, self.steps, self.epochs)
        for beyond, end, inner in ((wanted < self.steps[0], 0, 1), (wanted > self.steps[-1], -1, -2)):
            if beyond.any():
                places[beyond] = self.epochs[end] + self._pace(end, inner) * (wanted[beyond] - self.steps[end])
        return [round(float(place), 6) for place in places]

    def name(self, step: int) -> str:
        """Return what a step is called: ``"start"``, ``"epoch 12"`` or ``"epoch 2.35, batch 1175"``."""
        if step == self.steps[0] if len(self.steps) else step < 0:
            return "start"
        if self.unit == metadata.EPOCH:
            return f"epoch {step}"
        [epoch] = self.epochs_at([step])
        return f"batch {step}" if np.isnan(epoch) else f"epoch {epoch:.2f}, batch {step}"

    def _pace(self, end: int, inner: int) -> float:
        """Return epochs an iteration at one end."""
        if len(self.steps) < 2:
            return float("nan")
        return float((self.epochs[end] - self.epochs[inner]) / (self.steps[end] - self.steps[inner]))


def read_clock(log: Log, run: str) -> Clock:
    """Return a run's clock. One whose manifest or clock cannot be read counts epochs; ``/groups`` says what cannot be read."""
    unit = metadata.EPOCH
    steps, epochs = np.empty(0, np.int32), np.empty(0, np.float64)
    try:
        unit = reader.read_manifest(log, run).contents.step_unit or metadata.EPOCH
        series = reader.read_series(log, run, _EPOCH)
    except tensorboard_errors.PublicError:
        return Clock(unit, steps, epochs)
    if series.values.ndim == 1:
        finite = np.isfinite(series.values)
        steps, epochs = series.steps[finite], series.values[finite].astype(np.float64)
    return Clock(unit, steps, epochs)
