"""Writes the log that the tab is measured on, without TensorFlow.

`write_run` logs a classifier of images whose explanation settles while it is trained: what `Explain` would have logged, all tags and shapes
as the callbacks write them, with numbers drawn at random. Runs of equal ``samples`` and ``side`` hold the same probe, so that they compare.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from tensorboard.compat.proto import event_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

from tb_explain_plugin import metadata, summary
from tb_explain_plugin import plugin_data_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tensorboard.compat.proto import summary_pb2

METHOD = "integrated_gradients"
TAG = metadata.create_tag("attribution", METHOD)
LONG = "long"
"""The run that views are scrubbed in; the others are `GROUP`/seed-00 and so on."""
GROUP = "seeds"

_LAYERS = ("conv_1", "conv_2", "conv_3", "conv_4", "dense_1", "dense_2", "dense_3", "digit")
_GRID = 7
_CLASSES = 10
_START = 1.79e9
_EPOCH_SECONDS = 2.0


def write_log(logdir: Path, epochs: int, samples: int, side: int, runs: int, samples_of_runs: int) -> None:
    """Write the long run, and beside it a group of ``runs`` runs that differ in their seed and explain fewer samples."""
    write_run(logdir / LONG, 0, epochs, samples, side)
    for seed in range(runs):
        write_run(logdir / GROUP / f"seed-{seed:02d}", seed, epochs, samples_of_runs, side)


def write_many(logdir: Path, runs: int, epochs: int) -> None:
    """Write as many runs as ``/groups`` is asked about: the smallest one, copied, because only its tags and steps count."""
    write_run(logdir / "run-000", 0, epochs, samples=2, side=_GRID)
    for number in range(1, runs):
        shutil.copytree(logdir / "run-000", logdir / f"run-{number:03d}")


def write_run(directory: Path, seed: int, epochs: int, samples: int, side: int) -> None:
    """Write one run: the untrained model, then ``epochs`` epochs, every one explained.

    Args:
        directory: the ``log_dir`` of the callbacks: ``explain`` is written below it, and ``train``, which Keras' own callback would write.
        seed: of training. The probe does not depend on it.
        epochs: steps are −1 … epochs − 1.
        samples: of the probe.
        side: of the images, a multiple of 7.
    """
    with _event_file(directory / metadata.RUN_NAME) as explain, _event_file(directory / "train") as train:
        for step, summaries in _steps(seed, epochs, samples, side):
            for one in summaries:
                explain(step, one)
            if step >= 0:
                train(step, summary.scalar("epoch_loss", 2.3 * float(np.exp(-step / 20))))


@contextmanager
def _event_file(directory: Path) -> Iterator[Callable[[int, summary_pb2.Summary], None]]:
    """Yield what writes a summary at a step into a new event file."""
    directory.mkdir(parents=True)
    with (directory / f"events.out.tfevents.{int(_START)}.host.1.0.v2").open("wb") as file:
        records = RecordWriter(file)

        def write(event: event_pb2.Event) -> None:
            event.wall_time = _START + _EPOCH_SECONDS * (event.step + 1)
            records.write(event.SerializeToString())

        write(event_pb2.Event(step=-1, file_version="brain.Event:2"))
        write(event_pb2.Event(step=-1, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START)))
        yield lambda step, one: write(event_pb2.Event(step=step, summary=one))


def _steps(seed: int, epochs: int, samples: int, side: int) -> Iterator[tuple[int, list[summary_pb2.Summary]]]:
    probe = np.random.default_rng(0)
    targets = probe.integers(0, _CLASSES, samples)
    images = probe.integers(0, 256, (samples, side, side, 1), np.uint8)
    first, last = probe.standard_normal((2, samples, side, side), np.float32)
    training = np.random.default_rng((1, seed))
    constant = [summary.manifest(_manifest(targets, side)), summary.frame(metadata.INPUTS, {"input:image": images})]
    for step in range(-1, epochs):
        learned = float(1 - np.exp(-(step + 1) / 20))
        noise = training.standard_normal(first.shape, np.float32)
        values = (1 - learned) * first + learned * last + np.float32(0.3) * noise
        explained = [*_explanation(values, training), _predictions(targets, learned, training), *_health(learned, training)]
        yield step, constant * (step == -1) + explained + _curves(step, learned, training)


def _explanation(values: np.ndarray, training: np.random.Generator) -> list[summary_pb2.Summary]:
    samples, side, _ = values.shape
    compressed, scale = summary.compress(values)
    score = values.sum((1, 2))
    frame = {
        "values:image": compressed,
        "score": score,
        "baseline_score": np.zeros_like(score),
        "completeness_error": training.random(samples, np.float32) / 100,
    }
    block = side // _GRID
    regions = values.reshape(samples, _GRID, block, _GRID, block).sum((2, 4)).reshape(samples, -1)
    sizes = np.abs(regions)
    importance = np.stack([sizes.mean(0), sizes.std(0) / np.sqrt(samples), regions.mean(0)]).astype(np.float32)
    return [
        summary.frame(TAG, frame, {"scale:image": repr(scale)}),
        summary.series(metadata.create_tag("importance", METHOD, "image"), importance),
    ]


def _predictions(targets: np.ndarray, learned: float, training: np.random.Generator) -> summary_pb2.Summary:
    logits = training.standard_normal((len(targets), _CLASSES), np.float32)
    rows = np.arange(len(targets))
    logits[rows, targets] += np.float32(5 * learned)
    probability = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    order = np.argsort(-probability, 1, kind="stable").astype(np.int32)
    truth = probability[rows, targets]
    frame = {
        "class": order,
        "probability": np.take_along_axis(probability, order, 1),
        "target_probability": truth,
        "loss": -np.log(truth),
    }
    return summary.frame(metadata.PREDICTIONS, frame)


def _health(learned: float, training: np.random.Generator) -> Iterator[summary_pb2.Summary]:
    """Yield of each layer the three histograms and its health."""
    for number, layer in enumerate(_LAYERS):
        for kind, lower in (("activation", 0.0), ("gradient", -8.0), ("weight", -4.0)):
            centre = lower + 2 + 4 * learned
            edges = lower + np.arange(metadata.HISTOGRAM_BINS) / 8
            counts = np.round(1000 * np.exp(-((edges - centre) ** 2)) * training.uniform(0.9, 1.1, len(edges)))
            yield summary.series(metadata.create_tag(kind, layer), np.concatenate([[lower, 1 / 8], counts]))
        wander = float(training.random()) / 50
        figures = [0.02 + wander, np.nan, 0.3 - 0.2 * learned + wander, 0.01 + wander / 10, learned + wander, 4 + number + learned, 0.0]
        yield summary.series(metadata.create_tag("health", layer), np.array(figures, np.float32))


def _curves(step: int, learned: float, training: np.random.Generator) -> list[summary_pb2.Summary]:
    seconds = 0.1 + 0.02 * float(training.random())
    clock = {"epoch": step, "explain_seconds": seconds, "train_seconds": _EPOCH_SECONDS * (step >= 0), "overhead": seconds / _EPOCH_SECONDS}
    wander = float(training.random()) / 20
    loss, accuracy = 2.3 - 2 * learned + wander, 0.1 + 0.85 * learned - wander
    metric = {"loss": loss, "accuracy": accuracy, "val_loss": loss + 0.1, "val_accuracy": accuracy - 0.02} if step >= 0 else {}
    named = [("clock", clock), ("metric", metric)]
    gap = summary.series(metadata.create_tag("trust", "deletion_gap", METHOD), np.array([0.2 + 0.3 * learned + wander, 0.02]))
    return [gap, *(summary.series(metadata.create_tag(kind, name), float(value)) for kind, of in named for name, value in of.items())]


def _manifest(targets: np.ndarray, side: int) -> pb.Manifest:
    method = pb.Method(
        name=METHOD,
        signed=True,
        score="log_odds",
        parameters={"baseline": "mean", "nodes": "16"},
        baseline_hash="zeros",
        regions=[pb.Regions(input="image", shape=[_GRID, _GRID])],
        unit="nats of log-odds",
    )
    layers = [
        pb.Layer(
            name=name,
            class_name="Conv2D" if name.startswith("conv") else "Dense",
            output_shape=[side, side, 16] if name.startswith("conv") else [64],
            inbound=[_LAYERS[number - 1] if number else "image"],
            parameters=1000 * (number + 1),
            activation="relu",
            logged=True,
        )
        for number, name in enumerate(_LAYERS)
    ]
    image = pb.Input(name="image", kind="image", shape=[side, side, 1], dtype="float32", cells=[side, side], regions=[_GRID, _GRID])
    return pb.Manifest(
        inputs=[image],
        outputs=[pb.Output(name=_LAYERS[-1], task="multiclass", units=_CLASSES, class_names=[str(digit) for digit in range(_CLASSES)])],
        probe=pb.Probe(size=len(targets), hash=f"{len(targets)}x{side}", targets=targets.astype(float), inputs_logged=True),
        methods=[method],
        layers=layers,
        start_time=_START,
        step_unit=metadata.EPOCH,
        model_name="digits",
        parameters=sum(layer.parameters for layer in layers),
        budget=0.1,
    )
