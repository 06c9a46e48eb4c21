"""Write a log directory as real trainings leave it, without TensorFlow: ``python -m tests.synthetic_log LOGDIR``.

Seven groups: ``digits-clean``; ``digits-shortcut``, where from epoch 10 on a corner of the image gives the label away
and a layer dies; ``cells``, a table; ``reviews``, text; ``digits-batches``, whose steps are iterations; ``cells-diverged``,
whose weights overflow; ``scans``, an image beside a table. Each holds ``explain`` beside Keras' ``train`` and ``validation``.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin import metadata, summary
from tests import synthetic_manifest, synthetic_models
from tests.event_files import EPOCH_SECONDS, EventFile, scalar
from tests.synthetic_layers import layer_summaries
from tests.synthetic_methods import METHODS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from tensorboard.compat.proto import summary_pb2

    from tests.synthetic_models import Story

PERMUTATION_EVERY = 5
EVERY_BATCHES = 20
"""Iterations between two explanations where steps are iterations: epochs end between them."""


def stories(samples: int) -> tuple[Story, ...]:
    return (
        synthetic_models.digits(samples, shortcut=False),
        synthetic_models.digits(samples, shortcut=True),
        synthetic_models.cells(samples),
        synthetic_models.reviews(samples),
        synthetic_models.batches(samples),
        synthetic_models.diverged(samples),
        synthetic_models.scans(samples),
    )


def write_log(logdir: Path | str, epochs: int = 40, samples: int = 128) -> None:
    for story in stories(samples):
        write_group(Path(logdir) / story.name, story, epochs)


def write_group(directory: Path, story: Story, epochs: int) -> None:
    """Write the three runs of one group: steps −1 … epochs − 1, or every twentieth iteration and those that epochs end with."""
    steps = range(-1, epochs)
    ends = {step: step for step in range(epochs)}
    if story.batches:
        ends = {(epoch + 1) * story.batches: epoch for epoch in range(epochs)}
        steps = sorted({*range(0, epochs * story.batches, EVERY_BATCHES), *ends})
    explain = EventFile(directory / "explain", steps[0])
    train = EventFile(directory / "train", 0)
    validation = EventFile(directory / "validation", 0)
    with explain, train, validation:
        for step in steps:
            # An iteration that merely ends an epoch is not explained.
            if not story.batches or step % EVERY_BATCHES == 0 or step == steps[-1]:
                explain.write(step, *summaries(story, step, epochs))
            if step in ends:
                figures = learning(story, step)
                explain.write(
                    step, *(summary.series(metadata.create_tag("metric", name), np.float64(value)) for name, value in figures.items())
                )
                train.write(ends[step], scalar("epoch_loss", figures["loss"]), scalar("epoch_accuracy", figures["accuracy"]))
                validation.write(ends[step], scalar("epoch_loss", figures["val_loss"]), scalar("epoch_accuracy", figures["val_accuracy"]))


def summaries(story: Story, step: int, epochs: int) -> Iterator[summary_pb2.Summary]:
    """Yield everything that is logged at one step, dearest first as the callbacks do."""
    epoch = story.epoch_at(step)
    if epoch == -1:
        yield summary.manifest(synthetic_manifest.manifest(story))
        yield summary.frame(metadata.create_tag("inputs"), {f"input:{each.input.name}": each.samples for each in story.inputs})
    rng = np.random.default_rng(_seed(story.name, step))
    for method in story.methods:
        yield from method_summaries(story, method, step, rng)
    yield summary.frame(metadata.create_tag("predictions"), predictions(story, explain(story, step)["score"]))
    if round(epoch, 6) % PERMUTATION_EVERY == 0 or epoch in {-1, epochs - 1}:
        for each in story.inputs:
            yield summary.series(metadata.create_tag("importance", "permutation", each.input.name), permutation(each, step, rng))
    for number, (layer, _, _, activation) in enumerate(story.layers):
        if layer in synthetic_manifest.logged_layers(story):
            yield from layer_summaries(story, number, layer, activation, step, rng)
    seconds = 0.21 + 0.02 * rng.random()
    clock = {"epoch": epoch, "explain_seconds": seconds, "train_seconds": EPOCH_SECONDS * (epoch >= 0)}
    for name, value in (clock | {"overhead": seconds / EPOCH_SECONDS}).items():
        yield summary.series(metadata.create_tag("clock", name), np.float64(value))


def method_summaries(story: Story, method: str, step: int, rng: np.random.Generator) -> Iterator[summary_pb2.Summary]:
    """Yield a method's attribution frame and its importances."""
    inputs = synthetic_manifest.explained_inputs(story, method)
    explained = {each.input.name: explain(each, step) for each in inputs}
    arrays, scales, whole = {}, {}, np.zeros(len(story.samples))
    for each in inputs:
        name = each.input.name
        values = METHODS[method].values(explained[name]["values"], rng)
        arrays[f"values:{name}"], scale = summary.compress(values)
        whole += values.reshape(len(values), -1).sum(1)
        scales[f"scale:{name}"] = repr(scale)
        yield summary.series(metadata.create_tag("importance", method, name), importance(each, values, METHODS[method].description.signed))
    figures = explained[story.input.name]
    if "baseline_score" not in METHODS[method].figures:  # what it promises to sum to is the score itself
        figures = figures | {"score": whole}
    arrays |= {name: figures[name].astype(np.float32) for name in METHODS[method].figures}
    yield summary.frame(metadata.create_tag("attribution", method), arrays, scales)


def explain(story: Story, step: int) -> dict[str, NDArray[Any]]:
    """Return the attribution frame's arrays at one step; scores are complete to a small, shrinking error."""
    epoch = story.epoch_at(step)
    rng = np.random.default_rng(_seed(story.name, 0))  # the same draws at every step: the probe and the noise of the start are fixed
    untrained = rng.normal(0, 0.02, story.trained.shape) * (story.trained != 0 if story.input.kind == "text" else 1.0)
    errors = rng.lognormal(-5.2, 0.8, len(story.targets))
    learned = 1 - np.exp(-(epoch + 1) / 7)
    noise = np.random.default_rng(_seed(story.name, step)).normal(1, 0.05, story.trained.shape)
    values = (1 - learned) * untrained + (learned * story.trained + synthetic_models.taken_over(epoch) * story.shortcut) * noise
    if epoch > story.diverges:
        values[:] = np.nan
    elif epoch == story.diverges:
        values[::3, :4], values[::3, 4] = np.nan, np.inf
    axes = tuple(range(1, values.ndim))
    magnitude = np.abs(values).sum(axes)
    signs = rng.choice([-1, 1], len(errors))
    baseline = np.full(len(story.targets), -np.log(len(story.class_names) - 1))  # all classes equally likely
    score = baseline + values.sum(axes) + signs * errors * magnitude
    return {"values": values, "score": score, "baseline_score": baseline, "completeness_error": errors}


def predictions(story: Story, score: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Return the predictions frame: a draw per sample spreads the rest of the probability over the other classes."""
    classes = len(story.class_names)
    rng = np.random.default_rng(_seed(story.name, -2))
    weights = rng.dirichlet(np.full(classes - 1, 0.6), len(score))
    truth = 1 / (1 + np.exp(-score))
    probability = np.zeros((len(score), classes))
    others = np.ones_like(probability, bool)
    others[np.arange(len(score)), story.targets] = False
    probability[others] = ((1 - truth)[:, None] * weights).ravel()
    probability[~others] = truth
    order = np.argsort(-probability, axis=1, kind="stable")[:, :10]
    with np.errstate(invalid="ignore"):
        loss = np.logaddexp(0, -score)
    return {
        "class": order.astype(np.int32),
        "probability": np.take_along_axis(probability, order, 1).astype(np.float32),
        "target_probability": truth.astype(np.float32),
        "loss": loss.astype(np.float32),
    }


def learning(story: Story, step: int) -> dict[str, float]:
    """Return ``loss``, ``accuracy`` and their ``val_`` twins: the probe stands for the validation set."""
    rng = np.random.default_rng(_seed(story.name, step) + 1)
    predicted = predictions(story, explain(story, step)["score"])
    loss = float(predicted["loss"].mean())
    accuracy = float((predicted["class"][:, 0] == story.targets).mean())
    return {
        "loss": loss * rng.normal(0.9, 0.01),
        "accuracy": min(1.0, accuracy + 0.5 * (1 - accuracy) * rng.random()),
        "val_loss": loss,
        "val_accuracy": accuracy,
    }


def importance(story: Story, values: NDArray[Any], signed: bool) -> NDArray[Any]:
    """Return [3, F]: importance, its standard error, signed mean."""
    pooled = pool(values, tuple(story.input.regions)).reshape(len(values), -1)
    size = np.abs(pooled)
    with np.errstate(invalid="ignore"):  # of a model that has diverged
        error = size.std(0, ddof=1) / np.sqrt(len(size)) if len(size) > 1 else np.full(size.shape[1], np.nan)
    mean = pooled.mean(0) if signed else np.full(len(error), np.nan)
    return np.stack([size.mean(0), error, mean]).astype(np.float32)


def permutation(story: Story, step: int, rng: np.random.Generator) -> NDArray[Any]:
    """Return [3, F] by how much the loss rises, over coarser regions."""
    values = explain(story, step)["values"]
    coarse = pool(values, synthetic_manifest.permutation_regions(story)).reshape(len(values), -1)
    loss = np.abs(coarse).mean(0) * 0.3
    error = loss * 0.08 + 0.002
    increase = loss + error * rng.normal(0, 1, len(loss))
    return np.stack([increase, error, increase]).astype(np.float32)


def pool(values: NDArray[Any], regions: Sequence[int]) -> NDArray[Any]:
    """Sum [N, cells…] into [N, regions…]; cells divide evenly."""
    for axis, size in enumerate(regions, start=1):
        shape = (*values.shape[:axis], size, values.shape[axis] // size, *values.shape[axis + 1 :])
        values = values.reshape(shape).sum(axis + 1)
    return values


def _seed(name: str, step: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{name} {step}".encode()).digest()[:4], "little")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logdir", type=Path)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--samples", type=int, default=128)
    arguments = parser.parse_args()
    write_log(arguments.logdir, arguments.epochs, arguments.samples)


if __name__ == "__main__":
    main()
