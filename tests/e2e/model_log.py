"""Runs that have logged what the model has learned as a whole, made up so that it is known: ``python -m tests.e2e.model_log LOGDIR``.

A table whose boundary turns and whose tree changes its mind, images of ten classes, text, a regression; and what is hard to show: two
hundred classes, names of 60 characters, one sample at one step, a model that diverges, and a run that has logged none of it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin import metadata, summary
from tests import synthetic_models
from tests.e2e import extremes
from tests.e2e.extremes import Extreme

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from tensorboard.compat.proto import summary_pb2

    from tests.synthetic_models import Story

EPOCHS = 12
EMBEDDED_EVERY = 2
"""Steps from one embedding, or boundary, to the next: those of −1, 1, 3, …"""
FITTED_EVERY = 3
"""Steps from one surrogate to the next: those of −1, 2, 5, 8, 11."""
DIVERGES = 5
TRAVELLER = 7
"""The sample of ``cells`` that goes farthest: from among the other class to its own."""
UNITS = 16
GRID = 48
MIDDLES = -3 + 6 * (np.arange(GRID) + 0.5) / GRID
"""Of the cells of a plane from −3 to 3."""
RADIUS, TEXTURE, AREA = 0, 1, 17
"""Columns of ``cells`` that its tree and its line speak of."""
LINEAR = {RADIUS: 1.5, TEXTURE: -0.75, AREA: 0.25}
"""Coefficients at the last step; the area's was 2 before epoch 8."""


def write(logdir: Path) -> None:
    for extreme in runs():
        extremes.write_run(logdir / extreme.story.name, extreme)
    hand_over(logdir / "cells" / metadata.RUN_NAME)


def runs() -> tuple[Extreme, ...]:
    cells, digits, reviews = synthetic_models.cells, synthetic_models.digits, synthetic_models.reviews
    regression = next(extreme for extreme in extremes.extremes() if extreme.story.name == "regression")
    named = next(extreme for extreme in extremes.extremes() if extreme.story.name == extremes.RUN_OF_LONG_NAMES)
    classes = next(extreme for extreme in extremes.extremes() if extreme.story.name == "classes")
    return (
        Extreme(cells(120), EPOCHS, added=_all_of_it),
        Extreme(replace(digits(100, shortcut=False), name="digits"), EPOCHS, added=_all_of_it),
        Extreme(reviews(40), EPOCHS, added=_surrogates),
        replace(regression, epochs=EPOCHS, added=lambda story, step: (*regression.added(story, step), *_all_of_it(story, step))),
        replace(named, added=lambda story, step: (*named.added(story, step), *_all_of_it(story, step))),
        replace(classes, added=_all_of_it),
        Extreme(replace(digits(1, shortcut=False), name="one sample"), 0, added=_all_of_it),
        Extreme(replace(cells(24), name="not finite", diverges=DIVERGES), EPOCHS, added=_all_of_it),
        Extreme(replace(cells(24), name="plane alone"), 2, added=_plane),
        Extreme(replace(cells(24), name="nothing"), 2),
    )


def _all_of_it(story: Story, step: int) -> Iterator[summary_pb2.Summary]:
    if (step + 1) % EMBEDDED_EVERY == 0:
        text = {"scale": "1.0", "layer": "hidden_2", "units": str(UNITS)}
        yield summary.frame("embedding", {"points": activations(story, step).astype(np.float16)}, text)
        yield from _plane(story, step)
    yield from _surrogates(story, step)


def _plane(story: Story, step: int) -> Iterator[summary_pb2.Summary]:
    yield summary.frame("boundary", *plane(story, step))


def _surrogates(story: Story, step: int) -> Iterator[summary_pb2.Summary]:
    if (step + 1) % FITTED_EVERY == 0:
        for name, (arrays, text) in {"tree": tree(story, step), "linear": linear(story, step)}.items():
            yield summary.frame(metadata.create_tag("surrogate", name), arrays, text)
            yield summary.series(metadata.create_tag("fidelity", name), fidelity(story, name, step))


def _learned(step: int) -> float:
    return float(1 - np.exp(-(step + 1) / 4))


def _lost(story: Story, step: int) -> bool:
    return step >= story.diverges


# ---------------------------------------------------------------------------- embedding


def activations(story: Story, step: int) -> NDArray[np.float64]:
    """Return [N, units]: samples leave the middle for their class's corner; the traveller comes from another one's."""
    rng = np.random.default_rng(11)
    samples, classes = len(story.targets), len(story.class_names)
    corners = rng.normal(0, 3, (classes, UNITS))
    noise = rng.normal(0, 0.6, (samples, UNITS)) * np.linspace(1.2, 0.5, UNITS)
    learned = _learned(step)
    points = learned * corners[story.targets] + noise
    if samples > TRAVELLER and classes > 1:
        other = corners[(story.targets[TRAVELLER] + 1) % classes]
        points[TRAVELLER] += 1.4 * (1 - learned) * (other - corners[story.targets[TRAVELLER]])
    return np.full_like(points, np.nan) if _lost(story, step) else points


# ---------------------------------------------------------------------------- boundary


def plane(story: Story, step: int) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Return a ``boundary`` frame: of two classes a line that turns, of more the cells about their centres, of a regression a slope."""
    rng = np.random.default_rng(12)
    classes, samples = len(story.class_names), len(story.targets)
    centres = rng.uniform(-2, 2, (classes, 2)) if classes > 2 else np.array([[-1.2, -0.4], [1.1, 0.6]])
    points = centres[story.targets] + rng.normal(0, 0.55, (samples, 2))
    across, up = np.meshgrid(MIDDLES, MIDDLES)
    arrays: dict[str, NDArray[Any]] = {"bounds": np.array([-3, 3, -3, 3], np.float32), "points": points.astype(np.float32)}
    text = {"plane": "components", "x": "component 1", "y": "component 2", "explained": json.dumps([0.42, 0.17])}
    if story.input.kind == "tabular":
        names = story.input.feature_names
        text = {"plane": "features", "x": names[RADIUS], "y": names[AREA], "explained": "[]"}
    if story.name == "regression":
        arrays["value"] = (200_000 + 30_000 * _learned(step) * (across + 0.3 * up)).astype(np.float32)
        return arrays, text | {"unit": "of output"}
    if classes == 2:
        angle = 1.4 * (1 - _learned(step))
        logits = np.stack([np.zeros_like(across), (0.3 + 2 * _learned(step)) * (np.cos(angle) * across + np.sin(angle) * up)])
    else:
        sharp = 0.2 + 3 * _learned(step)
        logits = -sharp * np.stack([(across - x) ** 2 + (up - y) ** 2 for x, y in centres])
    probability = np.exp(logits - logits.max(axis=0))
    probability /= probability.sum(axis=0)
    arrays |= {"class": probability.argmax(axis=0).astype(np.int32), "probability": probability.max(axis=0).astype(np.float16)}
    if _lost(story, step):
        arrays |= {"class": np.full((GRID, GRID), -1, np.int32), "probability": np.full((GRID, GRID), np.nan, np.float16)}
    return arrays, text


# ---------------------------------------------------------------------------- surrogates

Node = tuple[int, float, Any, Any] | tuple[float, int]
"""A split (feature, threshold, left, right), or a leaf (value, samples)."""


def rules(story: Story, step: int) -> Node:
    """Return the tree of a step: one split at first, three levels from epoch 5 on, another feature at the root from epoch 8 on."""
    if story.name == "one sample" or step < 0:
        return (0.0, 100)
    if step < 5:
        return (RADIUS, 0.3, (-1.2, 60), (1.4, 40))
    low = (TEXTURE, -0.25, (-3.1, 45), (RADIUS, -0.5, (-2.2, 10), (-0.4, 7)))
    high = (AREA, 1.25, (0.9, 12), (TEXTURE, 0.8, (3.4, 20), (2.1, 6)))
    if step < 8:
        return (RADIUS, 0.45, low, high)
    return (AREA, 0.875, low, (RADIUS, 1.5, (1.8, 22), (TEXTURE, 0.8, (3.9, 10), (2.6, 6))))


def tree(story: Story, step: int) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Return a ``surrogate/tree`` frame of `rules`, numbered as scikit-learn does: each node before all below it, the left child first."""
    rows: list[list[float]] = []

    def add(node: Node) -> int:
        number = len(rows)
        if len(node) == 2:
            rows.append([-1, 0, -1, -1, node[0], node[1]])
            return number
        feature, threshold, left, right = node
        rows.append([feature, threshold, 0, 0, 0, 0])
        below = add(left), add(right)
        counts = [rows[child][5] for child in below]
        mean = sum(rows[child][4] * count for child, count in zip(below, counts, strict=True)) / sum(counts)
        rows[number][2:] = [*below, mean, sum(counts)]
        return number

    add(rules(story, step))
    feature, threshold, left, right, value, count = np.array(rows).T
    if _lost(story, step):
        feature, threshold, left, right, value, count = np.array([[-1.0], [0.0], [-1.0], [-1.0], [np.nan], [float(len(story.targets))]])
    split = feature >= 0
    arrays: dict[str, NDArray[Any]] = {
        name: values.astype(np.int32) for name, values in (("feature", feature), ("left", left), ("right", right), ("count", count))
    }
    several = len(story.class_names) > 2
    arrays |= {"threshold": threshold.astype(np.float32), "gain": 0.2 * split.astype(np.float32), "spread": split.astype(np.float32)}
    arrays["value"] = (1 / (1 + np.exp(-np.abs(value))) if several else value).astype(np.float32)
    if several:
        arrays["class"] = (np.arange(len(rows)) % len(story.class_names)).astype(np.int32)
    return arrays, _described(story)


def _described(story: Story) -> dict[str, str]:
    several, binary = len(story.class_names) > 2, len(story.class_names) == 2
    text = {"score": "probability" if several else "log_odds", "unit": "" if several else "nats of log-odds"}
    text |= {"target": "1" if binary else "", "tokens": "{}"}
    if story.name == "regression":
        text |= {"score": "output", "unit": "of output", "target": ""}
    if story.input.kind == "text":
        text["tokens"] = json.dumps({story.input.name: [[at, word] for at, word in enumerate(story.input.vocabulary)][2:]})
    return text


def features_of(story: Story) -> int:
    return len(story.input.vocabulary) - 2 if story.input.kind == "text" else int(np.prod(story.input.regions))


def linear(story: Story, step: int) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Return a ``surrogate/linear`` frame: three terms, of several classes in turn."""
    classes, features = len(story.class_names), features_of(story)
    rows = classes if classes > 2 else 1
    coefficient = np.zeros((rows, features))
    for feature, value in LINEAR.items():
        coefficient[:, feature % features] = _learned(step) * value
    if step < 8:
        coefficient[:, AREA % features] = 2 * _learned(step)
    coefficient *= np.where(np.arange(rows) % 2, -1, 1)[:, None]
    if _lost(story, step):
        coefficient[:] = np.nan
    arrays = {
        "coefficient": coefficient.astype(np.float32),
        "intercept": np.linspace(-0.4, 0.4, rows).astype(np.float32),
        "center": np.zeros(features, np.float32),
        "scale": np.ones(features, np.float32),
    }
    return arrays, _described(story)


def fidelity(story: Story, name: str, step: int) -> NDArray[np.float64]:
    """Return R² and its standard error: of the tree over one half from epoch 5 on, of the line never."""
    if _lost(story, step):
        return np.array([np.nan, np.nan])
    best = {"tree": 0.86, "linear": 0.45}[name]
    return np.array([best * (_learned(step) if step < 5 else 0.9 + 0.1 * _learned(step)), 0.03])


def hand_over(run: Path) -> None:
    """Write what TensorBoard's Projector looks for."""
    folder = run / "projector"
    folder.mkdir()
    points: Sequence[Sequence[float]] = activations(synthetic_models.cells(120), EPOCHS - 1).tolist()
    (folder / "0.tsv").write_text("".join("\t".join(f"{value:.4g}" for value in point) + "\n" for point in points))
    (run / "projector_config.pbtxt").write_text('embeddings { tensor_name: "hidden_2" tensor_path: "projector/0.tsv" }\n')


if __name__ == "__main__":
    write(Path(sys.argv[1]))
