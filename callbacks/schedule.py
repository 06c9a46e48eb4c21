"""When a model is explained, and which step of the log that is."""

from __future__ import annotations

import dataclasses
import math

MOST_STEPS = 200
"""Steps that a run explains by default."""


@dataclasses.dataclass(frozen=True)
class EveryBatches:
    """A schedule in batches; see `every_batches`."""

    batches: int


def every_batches(batches: int) -> EveryBatches:
    """Explain each so many batches, where epochs are long: ``Explain(log_dir, probe, every=every_batches(500))``.

    The log's steps are then optimizer iterations, counted on over epochs; its ``clock/epoch`` says where in the epochs each one lies.

    Raises:
        ValueError: fewer than one batch.
    """
    if not isinstance(batches, int) or isinstance(batches, bool) or batches < 1:
        raise ValueError(f"every_batches({batches!r}): expected a whole number of batches, at least 1")
    return EveryBatches(batches)


class Timeline:
    """The steps of one callback's log, over all the fits that it sees.

    An epoch's step is its index, the start's the one before the first; of a schedule in batches, a step is the optimizer's iteration.
    Steps only grow: a later fit that would repeat them goes on after the last one.

    Args:
        unit: "epoch" or "iteration".

    Attributes:
        last: the last step of which something was logged; None before the first.
        first: the first step of this fit.
        offset: by how much this fit's steps are moved on.
    """

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self.last: int | None = None
        self.first = self.offset = 0
        self._last_epoch: float | None = None
        self._epoch_offset = 0
        self._batches_per_epoch: int | None = None
        self._iterations = self._seen = 0

    def begin(self, epoch: int, iterations: int, batches_per_epoch: int | None) -> bool:
        """Set out at an epoch, before its first batch; return whether the start is a step of its own (else an earlier fit logged it)."""
        start = epoch - 1 if self.unit == "epoch" else iterations
        goes_on = self.last is not None and start <= self.last
        self.offset = max(0, (self.last or 0) - start) if goes_on else 0
        self.first = start + self.offset + 1 if goes_on else start
        self._epoch_offset = max(0, math.ceil(self._last_epoch) + 1 - epoch) if self._last_epoch is not None else 0
        self._iterations = iterations
        self._seen = 0
        self._batches_per_epoch = batches_per_epoch or self._batches_per_epoch
        return not goes_on

    def at_batch_end(self, batch: int) -> int:
        """Return the step of the model after a batch of the current epoch."""
        self._seen = batch + 1
        return self._iterations + self._seen + self.offset

    def at_epoch_end(self, epoch: int) -> int:
        """Return the step of the model after an epoch."""
        return epoch + self.offset if self.unit == "epoch" else self._iterations + self._seen + self.offset

    def end_epoch(self, epoch: int) -> None:
        """Go on to the next epoch: now its length is known."""
        self._last_epoch = float(epoch + self._epoch_offset)
        if self._seen:
            self._batches_per_epoch = self._seen
        self._iterations += self._seen
        self._seen = 0

    def epochs(self, epoch: int, *, ended: bool) -> float | None:
        """Return where in the epochs training stands: an epoch's index at its end, a fraction less before.

        None within a first epoch of unknown length.
        """
        if self.unit == "epoch" or ended:
            return float(epoch + (self.offset if self.unit == "epoch" else self._epoch_offset))
        if not self._batches_per_epoch:
            return None
        return epoch + self._epoch_offset - 1 + min(1.0, self._seen / self._batches_per_epoch)
