"""A run: what the callbacks of one ``log_dir`` share while ``fit`` goes on. One probe, one scorer, one writer, one pass a step."""

from __future__ import annotations

import dataclasses
import os
import time
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tb_explain_plugin import metadata, summary
from tb_explain_plugin.callbacks import manifest as manifest_
from tb_explain_plugin.callbacks import writer as writer_
from tb_explain_plugin.callbacks.explainers.engine import Observation, Scorer
from tb_explain_plugin.callbacks.explainers.network import build_model

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import keras
    from numpy.typing import NDArray
    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin import plugin_data_pb2 as pb
    from tb_explain_plugin.callbacks.drift import Drift
    from tb_explain_plugin.callbacks.explainers.attribution import Attribution
    from tb_explain_plugin.callbacks.probe import Probe
    from tb_explain_plugin.run_watch import Alarm

TOP_CLASSES = 10
"""Classes whose probabilities are logged, likeliest first."""

_runs: dict[str, Run] = {}


@dataclasses.dataclass
class Needs:
    """What the run's callbacks want of the pass over the model. ``watchers``: by leaf name, who is made anew for each pass."""

    gradients: bool = False
    weight_gradients: bool = False
    watchers: dict[str, Callable[[], Callable[[NDArray[Any]], None]]] = dataclasses.field(default_factory=dict)


class Attributed(NamedTuple):
    """What a method says at a step: as it answered, and by input one number an element."""

    attribution: Attribution
    elements: Mapping[str, NDArray[Any]]


class Run:
    """Made when the first callback of a ``log_dir`` begins training, closed when the last one ends it."""

    def __init__(self, log_dir: str, model: keras.Model, probe: Probe, score: Any, step_unit: str, fit: Any, drift: Drift) -> None:
        self.fit = fit
        self.drift = drift
        drift.unit = step_unit
        drift.leader = None
        self.provider: Any = None  # the participant whose method leads
        self.step_unit = step_unit
        self.directory = os.path.join(log_dir, metadata.RUN_NAME)  # noqa: PTH118 (gs:// and the like are no paths)
        writer_.make_directory(self.directory)
        self.probe = probe
        build_model(model, probe.inputs)
        self.scorer = Scorer(model, probe.inputs, probe.targets, score=score, task=probe.task)
        self.targets = self.scorer.readout.resolve_targets(probe.targets, probe.size)
        self.scorer.drop_unusable_loss(probe.inputs, probe.targets)
        self.inputs = manifest_.describe_inputs(self.scorer, probe)
        self.needs = Needs()
        self.methods: list[pb.Method] = []
        self.watches: list[pb.Watch] = []
        self.training_samples = 0
        self.budget: float | None = None
        self.is_last = False  # whether the step being explained is known to be the last one
        self.watched: Mapping[str, Any] = {}
        self.closing: list[Callable[[], None]] = []  # what is left to do once the last step is over
        self._participants: list[Any] = []
        self._writer: writer_.EventWriter | None = None
        self.attributions: dict[str, Attributed] = {}  # of this step, by method
        self._observed: tuple[int, Observation] | None = None
        self._finished: dict[int, list[Any]] = {}
        self._explained: set[int] = set()
        self._measured: set[int] = set()
        self._predicted: set[int] = set()
        self._clocked: set[int] = set()
        self._dated: set[int] = set()
        self._undated: list[int] = []
        self._first_step = 0
        self.explaining_seconds = 0.0
        self._explaining_before = 0.0
        self._explaining_at_start = 0.0
        self._training_since: float | None = None
        self._training_before = 0.0

    @classmethod
    def join(cls, log_dir: str, model: keras.Model, probe: Probe, score: Any, step_unit: str, fit: Any, participant: Any) -> Run:
        """Return the run of ``log_dir``, making it if this is its first participant in this ``fit``.

        ``fit`` is an object that all callbacks of one ``fit`` share and no other has: Keras' ``params``.

        Raises:
            ValueError: the callbacks of one log directory have different probes, scores or units of steps, or the probe does not fit the
                model.
            OSError: the log directory cannot be written.
        """
        key = os.path.abspath(log_dir) if "://" not in log_dir else log_dir  # noqa: PTH100
        run = _runs.get(key)
        if run is not None and run.fit is not fit:
            run.close()  # an earlier fit was interrupted
            run = None
        if run is None:
            run = _runs[key] = cls(log_dir, model, probe, score, step_unit, fit, participant.drift)
        if run.probe.hash != probe.hash:
            run.close()
            raise ValueError(
                f"two callbacks write into {log_dir!r} with different probes ({run.probe.hash} and {probe.hash}); "
                "pass the same Probe to both, or another log_dir to one"
            )
        if run.scorer.readout.score != score:
            run.close()
            raise ValueError(
                f"two callbacks write into {log_dir!r} with different scores ({run.scorer.readout.score!r} and {score!r}); "
                "pass the same to both"
            )
        if run.step_unit != step_unit:
            run.close()
            raise ValueError(
                f"two callbacks write into {log_dir!r}, one by epochs, one by every_batches(): the steps of a run have one unit. "
                "Pass every_batches() to both, or another log_dir to one"
            )
        run.add_participant(participant)
        return run

    @property
    def listeners(self) -> list[Callable[[Alarm], None]]:
        """What the participants want called with each alarm."""
        return [p.on_alarm for p in self._participants if p.on_alarm is not None]

    def add_participant(self, participant: Any) -> None:
        """Add a callback that will `finish` each step and `leave` at the end."""
        self._participants.append(participant)

    def leave(self, participant: Any) -> None:
        """Close the run once its last participant has left."""
        self._participants = [p for p in self._participants if p is not participant]
        if not self._participants:
            self.close()

    def close(self) -> None:
        """Close the event file, and do what was left for then."""
        for key in [key for key, run in _runs.items() if run is self]:
            del _runs[key]
        if self._writer is not None:
            self._writer.close()
        while self.closing:
            self.closing.pop(0)()

    def add_method(self, method: pb.Method) -> None:
        """Add a method to the manifest.

        Raises:
            ValueError: the run has one of that name.
        """
        if any(other.name == method.name for other in self.methods):
            raise ValueError(f"two callbacks log the method {method.name!r} into one log directory; remove one, or give it another log_dir")
        self.methods.append(method)

    def begin(self, first_step: int, *, warn_of_old_steps: bool) -> None:
        """Open the event file and write what is constant, once."""
        if self._writer is not None:
            return
        self._first_step = first_step
        if warn_of_old_steps and writer_.holds_events(self.directory):
            warnings.warn(
                f"{self.directory!r} holds explanations already; its steps from {first_step} on are superseded by this run, "
                "earlier ones stay. Pass a log_dir of its own to keep both",
                stacklevel=2,
            )
        superseded = writer_.metrics_at(self.directory, first_step)
        self._writer = writer_.EventWriter(self.directory, first_step)
        contents = manifest_.build(
            self.scorer, self.probe, self.inputs, self.methods, set(self.needs.watchers), self.budget, self.step_unit
        )
        contents.watches.extend(self.watches)
        contents.training_samples = self.training_samples
        self.drift.begin(contents)
        constant = [summary.manifest(contents)]
        if self.probe.log_inputs:
            constant.append(summary.frame(metadata.INPUTS, manifest_.input_frame(self.scorer, self.probe, self.inputs)))
        self._writer.write(first_step, [*constant, *superseded])

    def write(self, step: int, summaries: list[summary_pb2.Summary]) -> None:
        """Write a step's summaries."""
        if self._writer is None:
            raise RuntimeError("the run has not begun: training goes through on_epoch_begin first")
        self._writer.write(step, summaries)
        for tag, values in summary.read_series(summaries):
            self.drift.collect(tag, values)

    def observe(self, step: int) -> Observation:
        """Return the step's one pass over the model, taking it on first asking; its predictions are logged then."""
        if self._observed is None or self._observed[0] != step:
            self._observed = None  # frees the step before
            self.watched = {name: make() for name, make in self.needs.watchers.items()}
            observation = self.scorer.observe(
                self.probe.inputs,
                self.targets,
                self.probe.targets,
                sample_weight=self.probe.sample_weight,
                gradients=self.needs.gradients,
                weight_gradients=self.needs.weight_gradients,
                activations=self.watched,
            )
            self._observed = (step, observation)
            if step not in self._predicted:
                self._predicted.add(step)
                predictions = self._predictions(observation)
                self.drift.predict(predictions.get("target_probability"))
                self.write(step, [summary.frame(metadata.PREDICTIONS, predictions)])
        return self._observed[1]

    def record_metrics(self, step: int, logs: Mapping[str, Any] | None) -> None:
        """Write what Keras has in ``logs``, once a step."""
        if step in self._measured:
            return
        self._measured.add(step)
        numbers = {
            name: float(value)
            for name, value in (logs or {}).items()
            if np.ndim(value) == 0 and not isinstance(value, (str, dict)) and name not in self.drift.logs
        }
        self.write(step, [summary.series(metadata.create_tag("metric", name), value) for name, value in numbers.items()])

    # Time -------------------------------------------------------------------------------------------------------------------------

    @property
    def training_seconds(self) -> float:
        """Time since the first batch, less what explaining took; 0 before it."""
        return 0.0 if self._training_since is None else time.perf_counter() - self._training_since - self._overhead_seconds

    def start_clock(self) -> None:
        """Begin to count: the first batch is next. What the start took, tracing above all, is paid once and no epoch's overhead."""
        self._training_since = time.perf_counter()
        self._explaining_at_start = self.explaining_seconds

    def spend(self, seconds: float) -> None:
        """Count time that explaining took."""
        self.explaining_seconds += seconds

    @property
    def overhead(self) -> float:
        """Seconds of explaining over seconds of training, since the first batch; 0 before it."""
        training = self.training_seconds
        return self._overhead_seconds / training if training > 0 else 0.0

    @property
    def _overhead_seconds(self) -> float:
        return self.explaining_seconds - self._explaining_at_start

    def finish(self, step: int, participant: Any, epochs: float | None, *, explained: bool) -> list[Alarm]:
        """Note that a participant is done with a step; after the last one, its drift and clock are written and all is put on disk.

        ``epochs``: where in the epochs the step lies; None if that is not known yet. Returns the step's alarms.
        """
        done = self._finished.setdefault(step, [])
        done.append(participant)
        if explained:
            self._explained.add(step)
        if len(done) < len(self._participants) or self._writer is None:
            return []
        del self._finished[step]
        self._observed = None  # with its gradients of all weights
        self.attributions = {}
        if step not in self._explained | self._measured:
            return []
        if step not in self._dated and (step in self._explained or self.step_unit != "epoch"):
            self._dated.add(step)
            self._write_epochs(step, epochs)
        try:
            return self._follow(step)
        finally:  # whatever fails in there, the step is on disk
            if step in self._explained - self._clocked:
                self._clocked.add(step)
                self._write_clock(step)
            self._writer.flush()

    def _follow(self, step: int) -> list[Alarm]:
        """Write what moved since the step before, and return its alarms."""
        begun = time.perf_counter()
        regions = {method.name: {r.input: tuple(r.shape) for r in method.regions} for method in self.methods}
        agreement = self.drift.agreement(regions)
        self.write(step, [summary.series(metadata.create_tag("trust", "agreement", name), value) for name, value in agreement.items()])
        figures, alarms = self.drift.end_step(step)
        self.write(step, [summary.scalar(f"explain/{name}", value) for name, value in figures.items()])
        self.spend(time.perf_counter() - begun)
        return alarms

    def _write_epochs(self, step: int, epochs: float | None) -> None:
        """Write where in the epochs a step lies; within a first epoch of unknown length, once its end is reached."""
        if epochs is None:
            self._undated.append(step)
            return
        length = step - self._first_step
        dated = {undated: epochs - 1 + (undated - self._first_step) / length for undated in self._undated}
        self._undated = []
        for at, value in (dated | {step: epochs}).items():
            self.drift.place(at, value)
            self.write(at, [summary.series(metadata.create_tag("clock", "epoch"), value)])

    def _write_clock(self, step: int) -> None:
        training = self.training_seconds
        clock = {
            "explain_seconds": self.explaining_seconds - self._explaining_before,
            "train_seconds": training - self._training_before,
            "overhead": self._overhead_seconds / training if training else float("nan"),
        }
        self._explaining_before, self._training_before = self.explaining_seconds, training
        self.write(step, [summary.series(metadata.create_tag("clock", name), value) for name, value in clock.items()])

    def _predictions(self, observation: Observation) -> dict[str, NDArray[Any]]:
        outputs = observation.outputs[0]
        frame: dict[str, NDArray[Any]] = {}
        head = self.scorer.readout.heads[0] if self.scorer.readout.heads else None
        if head is None or head.task == "regression":
            frame["output"] = outputs.reshape(len(outputs), -1)
        else:
            order = np.argsort(-outputs, axis=1, kind="stable")[:, :TOP_CLASSES]
            frame["class"] = order.astype(np.int32)
            frame["probability"] = np.take_along_axis(outputs, order, axis=1)
            frame["target_probability"] = np.take_along_axis(outputs, self.targets[:, :1].astype(np.int64), axis=1)[:, 0]
        if observation.loss is not None:
            frame["loss"] = observation.loss
        return frame
