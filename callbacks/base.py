"""When to explain, what it may cost, and what happens when it fails. What is explained is up to the subclasses."""

from __future__ import annotations

import abc
import functools
import hashlib
import math
import time
import warnings
from typing import TYPE_CHECKING, Any, Literal

import keras
import numpy as np

from tb_explain_plugin.callbacks.drift import Drift
from tb_explain_plugin.callbacks.explainers.heads import SCORES
from tb_explain_plugin.callbacks.monitors import callbacks_of_fit, check_monitors
from tb_explain_plugin.callbacks.probe import Probe
from tb_explain_plugin.callbacks.run import Run
from tb_explain_plugin.callbacks.schedule import MOST_STEPS, EveryBatches, Timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin.run_watch import Alarm

GRACE_SECONDS = 60.0
"""Explaining that a run may always take: up to here no budget thins its schedule."""


class AlarmWarning(UserWarning):
    """Something moved, died or broke in the model being trained; the message says what and when."""


class ExplainCallback(keras.callbacks.Callback, abc.ABC):
    """A callback that explains the model on a fixed probe: before the first batch, and at the end of epochs.

    A subclass says what it needs of the run (`prepare`) and what it logs at a step (`compute`). The model's weights, statistics and seeds
    are only read.

    Args:
        log_dir: directory of the training run; explanations go into ``<log_dir>/explain``. Callbacks with one ``log_dir`` share one
            probe, one file and one pass over the model.
        probe: a `Probe`, or ``(x, y)`` or a Dataset to draw a class-balanced one of 256 samples from.
        every: explain each so many epochs, a callable ``epoch -> bool``, or `every_batches` for long epochs. The start, the first and the
            last epoch are always explained. Defaults to ⌈epochs / 200⌉.
        budget: share of training time that explaining may take, all callbacks of the ``log_dir`` together, once it has taken a minute in
            all; past that, epochs are left out. None for no limit. Defaults to 0.1.
        on_error: what a fault does from the first batch on: ``"warn"`` (once, and training goes on) or ``"raise"``. Defaults to "warn".
        score: what is explained of the outputs: "log_odds", "centered_logit", "logit", "probability", or a callable
            ``(outputs, targets) -> [N]``. Defaults to "log_odds".
        on_alarm: is called with each `Alarm`, beside the warning that says it. Defaults to None.

    Raises:
        ValueError: an argument that is wrong by itself; at the beginning of training, a probe that does not fit the model.
        OSError: at the beginning of training, a log directory that cannot be written.
    """

    def __init__(
        self,
        log_dir: str,
        probe: Any,
        *,
        every: int | Callable[[int], bool] | EveryBatches | None = None,
        budget: float | None = 0.1,
        on_error: Literal["warn", "raise"] = "warn",
        score: str | Callable[[Any, Any], Any] = "log_odds",
        on_alarm: Callable[[Alarm], None] | None = None,
    ) -> None:
        super().__init__()
        if not str(log_dir):
            raise ValueError("log_dir is empty; expected the directory of the training run, as for keras.callbacks.TensorBoard")
        if not (every is None or callable(every) or isinstance(every, EveryBatches) or (isinstance(every, int) and every >= 1)):
            raise ValueError(
                f"every is {every!r}; expected a number of epochs of at least 1, a callable epoch -> bool, every_batches(n), or None"
            )
        if budget is not None and not 0 < budget <= 1:
            raise ValueError(f"budget is {budget!r}; expected a share of training time in (0, 1], or None for no limit")
        if on_error not in ("warn", "raise"):
            raise ValueError(f"on_error is {on_error!r}; expected 'warn' or 'raise'")
        if not callable(score) and score not in SCORES:
            raise ValueError(f"score is {score!r}; expected one of {sorted(SCORES)} or a callable (outputs, targets) -> [N]")
        if on_alarm is not None and not callable(on_alarm):
            raise TypeError(f"on_alarm is {on_alarm!r}; expected a callable that takes an Alarm, such as print or list.append")
        self.log_dir = str(log_dir)
        self.probe = Probe.of(probe)
        self.every = every
        self.budget = budget
        self.on_error = on_error
        self.score = score
        self.on_alarm = on_alarm
        self.drift = Drift()
        self._run: Run | None = None
        self._warned: set[str] = set()
        self._timeline = Timeline("iteration" if isinstance(every, EveryBatches) else "epoch")
        self._explained: int | None = None
        self._epochs, self._first_epoch, self._epoch = 1, 0, 0
        self._started = False
        self._unexplained: tuple[int, float | None, bytes] | None = None
        if isinstance(every, EveryBatches):  # Keras runs faster with callbacks that have no hook at a batch's end
            self.on_train_batch_end = functools.partial(self._end_batch, every)

    # What a subclass says ---------------------------------------------------------------------------------------------------------

    @abc.abstractmethod
    def prepare(self, run: Run) -> None:
        """Check options against the model, and register needs and methods with the run. What it raises ends training before it begins."""

    @abc.abstractmethod
    def compute(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return what is logged at a step."""

    @property
    def parts(self) -> Sequence[ExplainCallback]:
        """The callbacks whose `prepare` and `compute` this one runs: itself, unless it is made of others."""
        return [self]

    @property
    def title(self) -> str:
        """What a warning calls it."""
        return type(self).__name__

    # Keras' hooks -----------------------------------------------------------------------------------------------------------------

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Check everything against the model."""
        del logs
        self._started = False
        self._unexplained = None
        self._epochs = int(self.params.get("epochs") or 1)
        self._run = Run.join(self.log_dir, self.model, self.probe, self.score, self._timeline.unit, self.params, self)
        self._run.budget = self.budget
        try:
            for part in self.parts:
                part.prepare(self._run)
            if self._run.provider is None and self._run.drift.leader is not None:
                self._run.provider = self
        except BaseException:
            self._run.close()  # or a corrected callback would find its half-made run
            raise

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Explain the start, before the first batch: the model as it comes from its initializer, a checkpoint or another training."""
        del logs
        self._epoch = epoch
        if self._started or self._run is None:
            return
        try:
            self._begin(self._run, epoch)
        except BaseException:
            self._run.close()
            raise
        self._started = True

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Record the metrics, and explain the epoch if it is due."""
        if self._started:
            self._guard("explaining", lambda run: self._end_epoch(run, epoch, logs))
        if self._run is not None and logs is not None:
            logs.update(self._run.drift.logs)  # Keras hands one dict to all its callbacks: later ones see them

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Explain the last epoch if it turned out to be the last only now (early stopping by a later callback), and close the run."""
        del logs
        self._guard("explaining", self._explain_late)
        self._guard("closing the log", lambda run: run.leave(self))
        self._run = None

    def _begin(self, run: Run, epoch: int) -> None:
        iterations = int(getattr(self.model.optimizer, "iterations", 0)) if self._timeline.unit == "iteration" else 0
        earlier = self._timeline.last
        has_start = self._timeline.begin(epoch, iterations, self.params.get("steps"))
        if self._timeline.offset:
            moment = f"epoch {epoch}" if self._timeline.unit == "epoch" else f"iteration {iterations + 1}"
            warnings.warn(
                f"{type(self).__name__} goes on after an earlier fit(): {moment} is logged as step {(earlier or 0) + 1}. "
                "For a run of its own, make a new callback with another log_dir",
                stacklevel=2,
            )
        self._first_epoch = epoch
        if run.provider is self:
            check_monitors(callbacks_of_fit(self), self, run.drift.logs)
        run.begin(self._timeline.first, warn_of_old_steps=earlier is None)
        if has_start:
            self._explain(run, self._timeline.first, self._timeline.epochs(epoch - 1, ended=True), strict=True)
        run.start_clock()

    def _end_batch(self, every: EveryBatches, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._started:
            self._guard("explaining", lambda run: self._explain_batch(run, every.batches, batch, logs))

    def _explain_batch(self, run: Run, every: int, batch: int, logs: dict[str, Any] | None) -> None:
        before = self._timeline.at_epoch_end(self._epoch)
        step = self._timeline.at_batch_end(batch)
        epochs = self._timeline.epochs(self._epoch, ended=False)
        due = step // every > before // every
        if due and self._is_affordable(run, step):
            self._guard("metrics", lambda run: run.record_metrics(step, logs))
            last = self._epoch == self._epochs - 1 and batch + 1 == self.params.get("steps")
            self._explain(run, step, epochs, last=last)
        else:
            self._finish(run, step, epochs, explained=False)

    def _end_epoch(self, run: Run, epoch: int, logs: dict[str, Any] | None) -> None:
        step, epochs = self._timeline.at_epoch_end(epoch), self._timeline.epochs(epoch, ended=True)
        self._timeline.end_epoch(epoch)
        self._timeline.last = step
        self._unexplained = None
        self._guard("metrics", lambda run: run.record_metrics(step, logs))
        is_new = step != self._explained
        if is_new and (self._is_last(epoch) or (self._is_scheduled(epoch) and self._is_affordable(run, step))):
            self._explain(run, step, epochs, last=self._is_last(epoch))
        else:
            if is_new:
                self._unexplained = (step, epochs, self._fingerprint())
            self._finish(run, step, epochs, explained=False)

    def _explain_late(self, run: Run) -> None:
        if self._unexplained is not None and self._unexplained[2] == self._fingerprint():
            self._explain(run, *self._unexplained[:2], last=True)

    # When -------------------------------------------------------------------------------------------------------------------------

    def _is_scheduled(self, epoch: int) -> bool:
        if isinstance(self.every, EveryBatches):
            return False
        if epoch == self._first_epoch:
            return True
        if callable(self.every):
            return bool(self.every(epoch))
        return epoch % (self.every or math.ceil(self._epochs / MOST_STEPS)) == 0

    def _is_last(self, epoch: int) -> bool:
        return epoch == self._epochs - 1 or bool(self.model.stop_training)

    def _is_affordable(self, run: Run, step: int) -> bool:
        if self.budget is None or run.explaining_seconds < GRACE_SECONDS or run.overhead <= self.budget:
            return True
        self._warn_once(
            "budget",
            f"explaining has taken {run.overhead:.0%} of the training time, over its budget of {self.budget:.0%}: "
            f"{self._timeline.unit}s are left out from step {step} on to stay within it. "
            "Pass every=, fewer samples or budget=None to choose otherwise",
        )
        return False

    def _fingerprint(self) -> bytes:
        """Return what changes when the weights do: what another callback restores at the end is no epoch's model."""
        digest = hashlib.blake2b(digest_size=16)
        for variable in self.model.trainable_variables:
            digest.update(np.ascontiguousarray(variable.numpy()).tobytes())
        return digest.digest()

    # How ----------------------------------------------------------------------------------------------------------------------------

    def _explain(self, run: Run, step: int, epochs: float | None, *, last: bool = False, strict: bool = False) -> None:
        run.is_last = last
        begun = time.perf_counter()
        for part in self.parts:
            self._guard(part.title, functools.partial(_write_part, part, step), strict=strict)
        run.spend(time.perf_counter() - begun)
        self._timeline.last = self._explained = step
        self._guard("writing", lambda run: self._finish(run, step, epochs, explained=True), strict=strict)

    def _finish(self, run: Run, step: int, epochs: float | None, *, explained: bool) -> None:
        for alarm in run.finish(step, self, epochs, explained=explained):
            warnings.warn(alarm.text, AlarmWarning, stacklevel=2)
            for listener in run.listeners:
                self._guard("on_alarm", functools.partial(_tell, listener, alarm))

    def _guard(self, what: str, action: Callable[[Run], None], *, strict: bool = False) -> None:
        if self._run is None:
            return
        try:
            action(self._run)
        except Exception as error:
            if strict or self.on_error == "raise":
                raise
            self._warn_once(
                what,
                f"{what} failed and training goes on without it: {type(error).__name__}: {error}. "
                "Pass on_error='raise' to stop at the fault and see where it comes from",
            )

    def _warn_once(self, what: str, message: str) -> None:
        if what not in self._warned:
            self._warned.add(what)
            warnings.warn(f"{type(self).__name__}: {message}", stacklevel=3)


def _tell(listener: Callable[[Alarm], None], alarm: Alarm, _: Run) -> None:
    listener(alarm)


def _write_part(part: ExplainCallback, step: int, run: Run) -> None:
    run.write(step, part.compute(run, step))
