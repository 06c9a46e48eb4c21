"""Runs whose truth by class, by group and by method is known: ``python -m tests.e2e.classes_log LOGDIR``."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin import metadata, summary
from tb_explain_plugin import plugin_data_pb2 as pb
from tests.event_files import EventFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LAST = 4
STEPS = range(-1, LAST + 1)
RARELY = 3
"""Steps between two answers of LIME, the first at the start."""
LONG = "a class whose name goes on and on and on and on, number"


@dataclass(frozen=True)
class Run:
    """A run that explains one input.

    Attributes:
        samples: the probe's samples, [N, …].
        trained: attributions at the last step, [N, cells…]; they grow evenly from nothing at the start.
        loss: of each sample, at all steps.
    """

    name: str
    input: pb.Input
    samples: NDArray[Any]
    trained: NDArray[Any]
    targets: NDArray[Any]
    class_names: Sequence[str] = ("no", "yes")
    task: str = "binary"
    groups: Sequence[str] = ()
    watches: Sequence[pb.Watch] = ()
    loss: NDArray[Any] | None = None
    lime: bool = field(default=False)

    def write(self, directory: Path) -> None:
        """Write the run as the callbacks do."""
        with EventFile(directory / self.name / "explain", -1) as file:
            file.write(-1, summary.manifest(self.manifest()), summary.frame("inputs", {f"input:{self.input.name}": self.samples}))
            for step in STEPS:
                values = (self.trained * (step + 1) / (LAST + 1)).astype(np.float32)
                frame = {f"values:{self.input.name}": values, "score": values.reshape(len(values), -1).sum(1)}
                file.write(step, summary.frame(metadata.create_tag("attribution", "integrated_gradients"), frame))
                file.write(step, summary.frame("predictions", self.predictions()))
                size = np.abs(self.trained).mean(0).ravel()
                self.write_importance(file, step, "integrated_gradients", size)
                if self.lime and (step + 1) % RARELY == 0:
                    self.write_importance(file, step, "lime", size.max() + size.min() - size)  # the other way round

    def write_importance(self, file: EventFile, step: int, method: str, size: NDArray[Any]) -> None:
        series = np.stack([size, size / 20, size]).astype(np.float32)
        file.write(step, summary.series(metadata.create_tag("importance", method, self.input.name), series))

    def predictions(self) -> dict[str, NDArray[Any]]:
        """Return predictions that are right but for the first sample's."""
        count = len(self.targets)
        loss = np.full(count, 0.5) if self.loss is None else self.loss
        if self.task == "regression":
            return {"output": self.targets[:, None].astype(np.float32), "loss": loss.astype(np.float32)}
        classes = self.targets.astype(np.int32)[:, None].copy()
        classes[0] = (classes[0] + 1) % len(self.class_names)
        sure = np.full((count, 1), 0.9, np.float32)
        return {"class": classes, "probability": sure, "target_probability": sure[:, 0], "loss": loss.astype(np.float32)}

    def manifest(self) -> pb.Manifest:
        """Return what is constant for the run."""
        regions = pb.Regions(input=self.input.name, shape=self.input.regions)
        methods = [
            pb.Method(name=name, signed=True, score="log_odds", unit="nats of log-odds", regions=[regions])
            for name in ("integrated_gradients", *(["lime"] if self.lime else []))
        ]
        probe = pb.Probe(size=len(self.targets), hash=self.name, targets=self.targets, inputs_logged=True, groups=self.groups)
        return pb.Manifest(
            inputs=[self.input],
            outputs=[pb.Output(name="y", task=self.task, units=1, class_names=self.class_names)],
            probe=probe,
            methods=methods,
            watches=self.watches,
            start_time=1.79e9,
            step_unit=metadata.EPOCH,
            model_name=self.name,
        )


def words() -> Run:
    """Return a run of texts: ``good`` gives 2 for *yes*, ``bad`` 1 for *no*, ``film`` takes ½; padding, which is no word, has the most."""
    vocabulary = ["", "film", "good", "bad", "once"]
    targets = np.arange(80) % 2
    ids = np.stack([np.ones(80), 3 - targets, np.zeros(80), np.zeros(80)], 1).astype(np.int32)
    ids[1, 2] = 4
    worth = np.array([9.0, -0.5, 2.0, 1.0, 3.0])
    described = pb.Input(name="text", kind="text", shape=[4], dtype="int32", vocabulary=vocabulary, cells=[4], regions=[4])
    return Run("words", described, ids, worth[ids], targets)


def pictures() -> Run:
    """Return a run of images of 4 × 4: the upper half speaks for class *no*, the lower half for *yes*."""
    targets = np.arange(20) % 2
    upper = np.zeros((4, 4))
    upper[:2] = 1.0
    images = np.where(targets[:, None, None] == 0, upper, 1 - upper)
    described = pb.Input(name="image", kind="image", shape=[4, 4, 1], dtype="float32", cells=[4, 4], regions=[4, 4])
    return Run("pictures", described, (255 * images).astype(np.uint8)[..., None], images, targets)


COLUMNS = ("pay", "age", "job", "area", "year", "site")


def table(name: str = "table", **options: Any) -> Run:
    """Return a run of a table that goes by ``pay``; for women, whose loss is higher, by the protected ``site``."""
    rng = np.random.default_rng(0)
    women = np.arange(120) % 2
    size = np.array([8.0, 5, 4, 3, 2, 1])
    of_women = np.array([8.0, 5, 4, 3, 2, 6])
    trained = np.where(women[:, None] == 1, of_women, size) * rng.normal(1, 0.05, (120, 6))
    described = pb.Input(name="table", kind="tabular", shape=[6], dtype="float32", feature_names=COLUMNS, cells=[6], regions=[6])
    watch = pb.Watch(name="where", input="table", cells=[5], contrast=0.1, at_most=np.nan, at_least=np.nan, protected=True)
    chosen: dict[str, Any] = {
        "targets": np.arange(120) // 2 % 2,
        "groups": [("men", "women")[woman] for woman in women],
        "watches": [watch],
        "loss": np.where(women == 1, 1.0, 0.2) + rng.normal(0, 0.01, 120),
    } | options
    return Run(name, described, trained.astype(np.float32), trained, lime=True, **chosen)


def many() -> Run:
    """Return a run of 200 classes of long names, the last of which has two samples."""
    targets = np.append(np.arange(200), 199)
    described = pb.Input(name="table", kind="tabular", shape=[3], dtype="float32", cells=[3], regions=[3])
    values = np.tile([1.0, -2.0, 3.0], (201, 1))
    return Run("many", described, values.astype(np.float32), values, targets, [f"{LONG} {index}" for index in range(200)], "multiclass")


def broken() -> Run:
    """Return the table with two samples, one of them not finite."""
    whole = table()
    trained = whole.trained[:2].copy()
    trained[1] = np.nan
    return Run("broken", whole.input, whole.samples[:2], trained, np.array([1, 1]))


def write(directory: Path) -> None:
    """Write all runs."""
    numbers = table("numbers", task="regression", targets=np.linspace(0, 9, 120), groups=(), watches=())
    for run in (words(), pictures(), table(), many(), broken(), numbers):
        run.write(directory)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
