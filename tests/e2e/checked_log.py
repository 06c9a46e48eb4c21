"""Two runs with the same probe, one of which learns a shortcut from epoch 10 on, with all that is checked of it in training."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from unittest import mock

import numpy as np

from tb_explain_plugin import metadata, summary
from tests import synthetic_log, synthetic_manifest, synthetic_models

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin import plugin_data_pb2 as pb
    from tests.synthetic_models import Story

EPOCHS = 20
CHECKED_EVERY = 5
METHOD = "integrated_gradients"
MEMORISED = 2
"""How much larger the corner's attributions are over training samples."""

_summaries = synthetic_log.summaries
_manifest = synthetic_manifest.manifest


def write(logdir: Path, epochs: int = EPOCHS, samples: int = 30) -> None:
    with mock.patch.object(synthetic_log, "summaries", checked), mock.patch.object(synthetic_manifest, "manifest", watching):
        for shortcut in (False, True):
            story = synthetic_models.digits(samples, shortcut=shortcut)
            synthetic_log.write_group(logdir / story.name, story, epochs)


def watching(story: Story) -> pb.Manifest:
    manifest = _manifest(story)
    corner = manifest.watches.add(name="corner", input="image", cells=[0, 1, 16, 17])
    corner.contrast, corner.at_most, corner.at_least = 0.02, 0.1, float("nan")
    manifest.training_samples = len(story.targets)
    return manifest


def checked(story: Story, step: int, epochs: int) -> Iterator[summary_pb2.Summary]:
    yield from _summaries(story, step, epochs)
    values = np.abs(synthetic_log.explain(story, step)["values"])
    seen = values.copy()
    seen[:, :2, :2] *= MEMORISED
    importance = synthetic_log.importance(story, seen, signed=True)
    yield summary.series(metadata.create_tag("training", METHOD, "image"), importance)
    corner = values[:, :2, :2].sum() / values.sum()
    yield summary.series(metadata.create_tag("watch", "corner"), np.array([corner, 0.1 * corner]))
    yield summary.series(metadata.create_tag("trust", "training_gap", METHOD), np.array([0.02 + 0.004 * (step + 1), 0.004]))
    if step % CHECKED_EVERY == 0 or step in {-1, epochs - 1}:
        learned = 1 - np.exp(-(step + 1) / 7)
        yield summary.series(metadata.create_tag("trust", "deletion_gap", METHOD), np.array([0.4 * learned, 0.05]))
        yield summary.series(metadata.create_tag("trust", "agreement", METHOD), np.float64(0.9 * learned))


if __name__ == "__main__":
    from pathlib import Path

    write(Path(sys.argv[1]), epochs=40, samples=128)
