"""Models with pictures of their layers: ``python -m tests.e2e.pictures_log LOGDIR``.

Words that attention looks at, a vision transformer with a class token, a table's units, and sizes and numbers that are hard to show.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin import metadata, summary
from tests import synthetic_models
from tests.e2e import extremes
from tests.synthetic_layers import layer_summaries

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin import plugin_data_pb2 as pb
    from tests.synthetic_models import Story

EPOCHS = 21
EVERY = 5
"""Epochs between two pictures; steps count from −1."""
SHOWN = (1, 4, 5, 8, 2, 7)
"""Samples of the probe that pictures are of."""
DIVERGES = 3
"""The epoch at which the weights of the run of large sizes stop being finite."""
TEXT, IMAGE, TABLE, LARGE = "words", "patches", "columns", "large"
CLASS_HEADS = 8
PATCHES = 8
CHANNELS = (0, 3, 4, 9, 11, 15)

_Layers = tuple[tuple[str, str, tuple[int, ...], str], ...]
_TEXT_LAYERS: _Layers = (
    ("embedding", "Embedding", (24, 16), ""),
    ("attention", "MultiHeadAttention", (24, 16), ""),
    ("encoder/attention", "MultiHeadAttention", (24, 16), ""),
    ("encoder/unlogged", "MultiHeadAttention", (24, 16), ""),
    ("positive", "Dense", (2,), "softmax"),
)
_IMAGE_LAYERS: _Layers = (
    ("patches", "Conv2D", (16, 16, 16), "relu"),
    ("attention", "MultiHeadAttention", (65, 32), ""),
    ("edges", "Conv2D", (8, 8, 8), "linear"),
    ("digit", "Dense", (10,), "softmax"),
)
_TABLE_LAYERS: _Layers = (("hidden", "Dense", (32,), "relu"), ("malignant", "Dense", (1,), "sigmoid"))
_LARGE_LAYERS: _Layers = (("attention", "MultiHeadAttention", (64, 32), ""), ("positive", "Dense", (2,), "softmax"))


def write(logdir: Path) -> None:
    reviews, digits, cells = synthetic_models.reviews(12), synthetic_models.digits(12, shortcut=False), synthetic_models.cells(12)
    for extreme in (
        extremes.Extreme(replace(reviews, name=TEXT, layers=_TEXT_LAYERS), EPOCHS, manifest=_describe, added=_words),
        extremes.Extreme(replace(digits, name=IMAGE, layers=_IMAGE_LAYERS), EPOCHS, manifest=_describe, added=_patches),
        extremes.Extreme(replace(cells, name=TABLE, layers=_TABLE_LAYERS), EPOCHS, manifest=_describe, added=_columns),
        extremes.Extreme(_long_text(), 8, manifest=_describe, added=_large),
    ):
        extremes.write_run(logdir / extreme.story.name, extreme)


def due(step: int) -> bool:
    return (step + 1) % EVERY == 0 or step == EPOCHS - 1


def learned(step: int) -> float:
    return float(1 - np.exp(-(step + 1) / 6))


def text_attention(story: Story, layer: int, step: int) -> NDArray[np.float64]:
    """Return [S, 4, T, T]: heads that look at themselves, at the word before, at words that carry the label, and everywhere."""
    length = story.samples.shape[1]
    carries = np.abs(story.trained[list(SHOWN)])
    carries = carries / carries.max(1, keepdims=True)
    places = np.arange(length)
    distance = np.abs(places[:, None] - places)
    logits = np.stack(
        [
            np.broadcast_to(-2.0 * distance, (len(SHOWN), length, length)),
            np.broadcast_to(-2.0 * np.abs(places[:, None] - 1 - places), (len(SHOWN), length, length)),
            np.broadcast_to(6.0 * carries[:, None, :], (len(SHOWN), length, length)),
            np.zeros((len(SHOWN), length, length)),
        ],
        axis=1,
    )
    noise = np.random.default_rng(layer).normal(0, 0.3, logits.shape)
    logits = learned(step) * np.roll(logits, layer, 1) + noise
    logits = np.where(story.samples[list(SHOWN)][:, None, None, :] == 0, logits - 2.5, logits)  # padding that is hardly masked
    return _softmax(logits)


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(logits - logits.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)


def entropy(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return [H]: mean entropy of a head, by that of even attention."""
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(weights == 0, 0.0, weights * np.log(weights))
    return -terms.sum(-1).mean((0, 2)) / np.log(weights.shape[-1])


def rollout(layers: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    size = layers[0].shape[-1]
    rolled = np.broadcast_to(np.eye(size), (len(layers[0]), size, size))
    for weights in layers:
        rolled = (0.5 * weights.mean(1) + 0.5 * np.eye(size)) @ rolled
    return rolled


def _words(story: Story, step: int) -> Iterator[summary_pb2.Summary]:
    layers = {name: text_attention(story, number, step) for number, name in enumerate(("attention", "encoder/attention"))}
    for number, (name, weights) in enumerate(layers.items()):
        yield from _health(story, number, name, step)
        if due(step):
            yield from _attention(name, weights, "tokens", {"queries": "tokens", "keys": "tokens"})
    yield from _health(story, 3, "encoder/unlogged", step)
    if due(step):
        text = {"input": "tokens", "queries": "tokens", "keys": "tokens", "pooled": "1", "layers": '["attention", "encoder/attention"]'}
        arrays = {"weights": rollout(list(layers.values())).astype(np.float16), "samples": _samples()}
        yield summary.frame(metadata.create_tag("rollout"), arrays, text)


def _patches(story: Story, step: int) -> Iterator[summary_pb2.Summary]:
    if not due(step):
        return
    shown = story.samples[list(SHOWN)].astype(float) / 255
    ink = shown.reshape(len(SHOWN), PATCHES, 2, PATCHES, 2).mean((2, 4)).reshape(len(SHOWN), -1)
    received = np.concatenate([np.full((len(SHOWN), 1), 0.2), ink], 1)
    sharp = np.linspace(0, 8, CLASS_HEADS)[None, :, None, None]
    noise = np.random.default_rng(1).normal(0, 0.4, (len(SHOWN), CLASS_HEADS, 65, 65))
    weights = _softmax(learned(step) * sharp * received[:, None, None, :] + noise)
    text = {"queries": "patches", "keys": "patches", "rows": str(PATCHES), "columns": str(PATCHES)}
    yield from _attention("attention", weights, "image", text)
    rng = np.random.default_rng(2)
    kernels = rng.normal(0, 1, (len(CHANNELS), 3, 3))
    for layer, clip in (("patches", 0.0), ("edges", -np.inf)):
        maps = np.stack([_convolved(shown[..., 0], learned(step) * kernel + (1 - learned(step)) * 0.1) for kernel in kernels], -1)
        maps = np.maximum(maps, clip)
        maps = maps if layer == "patches" else maps[:, ::2, ::2]
        half, scale = summary.compress(maps * 1e6)  # beyond the range of what they are logged in
        arrays = {"maps": half, "samples": _samples(), "channels": np.array(CHANNELS, np.int32)}
        yield summary.frame(metadata.create_tag("maps", layer), arrays, {"input": "image", "units": "16", "scale": repr(scale)})
    means = np.stack([story.samples[story.targets == digit].astype(float).mean(0) for digit in range(10)])
    dreams = np.clip(learned(step) * means + (1 - learned(step)) * rng.uniform(0, 255, means.shape), 0, 255)
    reached = np.linspace(4, 12, 10) * learned(step)
    arrays = {
        "values:image": dreams.astype(np.uint8),
        "activation": reached.astype(np.float32),
        "reference": (np.linspace(5, 6, 10) * learned(step)).astype(np.float32),
        "units": np.arange(10, dtype=np.int32),
    }
    yield summary.frame(metadata.create_tag("maximized", "digit"), arrays, {"unit": "class", "parameterization": "fourier"})


def _columns(story: Story, step: int) -> Iterator[summary_pb2.Summary]:
    if not due(step):
        return
    wanted = np.random.default_rng(3).normal(0, 1, (4, story.samples.shape[1])) * story.samples.std(0)
    arrays = {
        "values:cells": (story.samples.mean(0) + 3 * learned(step) * wanted).astype(np.float32),
        "activation": np.array([3.2, 5.1, 0.0, 7.7], np.float32) * learned(step),
        "reference": np.array([2.0, 1.5, 0.0, 4.0], np.float32),
        "units": np.array([3, 7, 12, 30], np.int32),
    }
    yield summary.frame(metadata.create_tag("maximized", "hidden"), arrays, {"unit": "unit", "parameterization": "pixels"})


def _large(story: Story, step: int) -> Iterator[summary_pb2.Summary]:
    """Yield one sample of 64 tokens under 16 heads at each step, and numbers that are not finite from an epoch on."""
    weights = _softmax(learned(step) * np.random.default_rng(4).normal(0, 3, (1, 16, 64, 64)))
    weights = np.full_like(weights, np.nan) if step >= DIVERGES else weights
    yield from _attention("attention", weights, "tokens", {"queries": "tokens", "keys": "tokens"}, samples=(0,))
    channels = np.full((1, 1, 64, 3), np.nan if step >= DIVERGES else 0.5)
    arrays = {"maps": channels.astype(np.float16), "samples": np.zeros(1, np.int32), "channels": np.arange(3, dtype=np.int32)}
    yield summary.frame(metadata.create_tag("maps", "positive"), arrays, {"input": "tokens", "units": "3"})


def _attention(
    layer: str, weights: NDArray[np.float64], name: str, text: dict[str, str], samples: Sequence[int] = SHOWN
) -> Iterator[summary_pb2.Summary]:
    arrays = {"weights": weights.astype(np.float16), "samples": _samples(samples)}
    yield summary.frame(metadata.create_tag("attention", layer), arrays, {"input": name, "pooled": "1", **text})
    yield summary.series(metadata.create_tag("attention_entropy", layer), entropy(weights).astype(np.float32))


def _samples(samples: Sequence[int] = SHOWN) -> NDArray[np.int32]:
    return np.array(samples, np.int32)


def _health(story: Story, number: int, layer: str, step: int) -> Iterator[summary_pb2.Summary]:
    yield from layer_summaries(story, number, layer, "", step, np.random.default_rng([number, step + 1]))


def _convolved(images: NDArray[np.float64], kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    offsets = [(row, column) for row in range(3) for column in range(3)]
    parts: list[Any] = [kernel[row, column] * np.roll(images, (row - 1, column - 1), (1, 2)) for row, column in offsets]
    return np.sum(parts, axis=0)


def _describe(story: Story, manifest: pb.Manifest) -> None:
    """Say that layers with heads have weights; those of which histograms were logged are cards for that alone."""
    for layer in manifest.layers:
        if layer.class_name == "MultiHeadAttention":
            layer.parameters = 4352
            layer.logged = story.name == TEXT
    manifest.parameters = sum(layer.parameters for layer in manifest.layers)


def _long_text() -> Story:
    """Return a story of one text of 64 tokens, some of them long."""
    story = synthetic_models.reviews(8)
    ids = story.samples[story.samples > 0][:64].reshape(1, 64)
    vocabulary = list(story.input.vocabulary)
    vocabulary[int(ids[0, 3])] = extremes.WORDS[-1]
    vocabulary[int(ids[0, 5])] = extremes.WORDS[2]
    described = extremes._input(story, shape=[64], cells=[64], regions=[64], vocabulary=vocabulary)
    trained = np.random.default_rng(6).normal(0, 0.2, (1, 64))
    return replace(
        story,
        name=LARGE,
        input=described,
        samples=ids.astype(np.int32),
        targets=story.targets[:1],
        trained=trained,
        shortcut=np.zeros_like(trained),
        layers=_LARGE_LAYERS,
    )


if __name__ == "__main__":
    write(Path(sys.argv[1]))
