"""Runs whose samples are of every kind and at every extreme: ``python -m tests.e2e.odd_samples LOGDIR``.

``wide`` and ``tall`` images in colour and grey, the former of 200 classes with long names; ``walks`` and ``beats``, sequences of several
channels and of one; ``letters``, long texts over several lines and from right to left; ``prices``, a regression; ``labels``, several labels
a sample; ``lonely``, one sample and one epoch; ``values``, attributions that are zero, infinite or not a number; ``many``, 2,000 samples;
``mixed``, four inputs side by side.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np

from tb_explain_plugin import plugin_data_pb2 as pb
from tests import synthetic_log, synthetic_manifest, synthetic_models
from tests.synthetic_models import Story

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLES = 24
MANY = 2000
CLASSES = tuple(f"class {k:03d} of those that are told apart by experts, with care"[:60] for k in range(200))
TOKENS = ("", "[UNK]", "\n", "\t", " ", "good", "bad", "\r\n", "שלום", "עולם", "مرحبا", "<i>x</i>", "a-word-of-thirty-characters-here")
LAYERS = (("dense", "Dense", (4,), "softmax"),)

_explain, _predictions, _learning, _manifest = (
    synthetic_log.explain,
    synthetic_log.predictions,
    synthetic_log.learning,
    synthetic_manifest.manifest,
)


@dataclass(frozen=True)
class Mixed(Story):
    """A story with any number of inputs beside the first."""

    others: tuple[Story, ...] = field(default=())

    @property
    def inputs(self) -> tuple[Story, ...]:
        return (self, *self.others)


def stories() -> tuple[Story, ...]:
    """Return one story of each kind."""
    rng = np.random.default_rng(4)
    wide = _story("wide", "image", rng.integers(0, 256, (SAMPLES, 8, 20, 3), np.uint8), (8, 20), classes=CLASSES)
    tall = _story("tall", "image", rng.integers(0, 256, (SAMPLES, 48, 12, 1), np.uint8), (48, 12))
    time = np.linspace(0, 9, 64)
    waves = np.stack([np.sin(time), np.cos(2 * time), time], 1) * rng.normal(1, 0.2, (SAMPLES, 1, 3))
    walks = _story("walks", "sequence", waves.astype(np.float32), (64, 3), names=("forward", "sideways", "upward"))
    beats = _story("beats", "sequence", waves[:, :, :1].astype(np.float32), (64,))
    table = rng.normal(0, 1, (SAMPLES, 6)).astype(np.float32)
    prices = _story("prices", "tabular", table, (6,), names=[f"{synthetic_models.LONG_NAME[:56]} {j}" for j in range(6)])
    others = (_named(_story("mixed", "tabular", table, (6,)), "record"), _named(letters(60), "report"), _named(walks, "pulse"))
    return (
        wide,
        tall,
        walks,
        beats,
        letters(500),
        prices,
        _story("labels", "tabular", table, (6,)),
        _story("lonely", "tabular", table[:1], (6,)),
        _story("values", "image", rng.integers(0, 256, (SAMPLES, 8, 8, 1), np.uint8), (8, 8)),
        _story("many", "tabular", rng.normal(0, 1, (MANY, 6)).astype(np.float32), (6,)),
        Mixed(**(vars(_story("mixed", "image", rng.integers(0, 256, (SAMPLES, 8, 8, 3), np.uint8), (8, 8))) | {"others": others})),
    )


def letters(length: int) -> Story:
    """Return texts of so many tokens: lines, tabs and blanks are tokens of their own; every second text runs from right to left."""
    rng = np.random.default_rng(5)
    ids = rng.choice([5, 6, 11, 12, 1], (SAMPLES, length)).astype(np.int32)
    ids[1::2] = rng.choice([8, 9, 10], ids[1::2].shape)
    ids[:, 7::8], ids[:, 3::16], ids[:, 5::32] = 2, 3, 4
    return _story("letters", "text", ids, (length,), vocabulary=TOKENS)


def write(logdir: Path | str, epochs: int = 6) -> None:
    """Write all runs."""
    with (
        mock.patch.object(synthetic_log, "explain", explain),
        mock.patch.object(synthetic_log, "predictions", predictions),
        mock.patch.object(synthetic_log, "learning", learning),
        mock.patch.object(synthetic_manifest, "manifest", manifest),
    ):
        for story in stories():
            synthetic_log.write_group(Path(logdir) / story.name, story, 0 if story.name == "lonely" else epochs)


def explain(story: Story, step: int) -> dict[str, NDArray[Any]]:
    """Return the attribution frame; of ``values``, samples 0 to 3 are zero, not a number, infinite in places, and huge."""
    found = _explain(story, step)
    if story.name == "values":
        values = found["values"]
        values[0], values[1], values[2, ::2] = 0, np.nan, np.inf
        values[3] *= 1e6
    return found


def predictions(story: Story, score: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Return the predictions frame; a regression's is its output."""
    found = _predictions(story, score)
    return {"output": score[:, None].astype(np.float32), "loss": found["loss"]} if story.name == "prices" else found


def learning(story: Story, step: int) -> dict[str, float]:
    """Return the curves of learning; a regression has no accuracy, but the writer asks for one."""
    if story.name != "prices":
        return _learning(story, step)
    loss = 1 / (step + 2)
    return {"loss": loss, "val_loss": loss, "accuracy": 1 - loss, "val_accuracy": 1 - loss}


def manifest(story: Story) -> pb.Manifest:
    """Return the manifest, with the tasks that a synthetic log else lacks."""
    made = _manifest(story)
    if story.name == "prices":
        made.outputs[0].task = "regression"
        made.outputs[0].ClearField("class_names")
        made.probe.targets[:] = (story.targets * 123456.789).tolist()
    if story.name == "labels":
        made.outputs[0].task = "multilabel"
    return made


def _story(
    name: str,
    kind: str,
    samples: NDArray[Any],
    cells: tuple[int, ...],
    *,
    classes: tuple[str, ...] = ("no", "yes", "perhaps"),
    names: tuple[str, ...] | list[str] = (),
    vocabulary: tuple[str, ...] = (),
) -> Story:
    rng = np.random.default_rng(len(name))
    targets = np.arange(len(samples)) % len(classes)
    described = pb.Input(
        name=kind,
        kind=kind,
        shape=samples.shape[1:],
        dtype=str(samples.dtype),
        feature_names=names,
        vocabulary=vocabulary,
        cells=cells,
        regions=(4, 4) if kind == "image" else cells,
    )
    return Story(
        name=name,
        input=described,
        class_names=classes,
        samples=samples,
        targets=targets,
        trained=rng.normal(0, 1, (len(samples), *cells)),
        shortcut=np.zeros((len(samples), *cells)),
        layers=LAYERS,
        methods=("integrated_gradients", "saliency"),
    )


def _named(story: Story, name: str) -> Story:
    story.input.name = name
    return story


if __name__ == "__main__":
    write(sys.argv[1])
