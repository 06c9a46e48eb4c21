"""Activation maps: what channels of a convolution see on chosen samples."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from tb_explain_plugin.callbacks.explainers.engine import as_looker
from tb_explain_plugin.callbacks.explainers.feature_maps import choose_mapped, chosen_samples, is_channels_first, shape_of
from tb_explain_plugin.callbacks.explainers.passes import reads
from tb_explain_plugin.callbacks.explainers.regions import grid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import keras
    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer

_LONGER = 4
"""Times that a sequence may have more cells than an image has a side."""


@dataclasses.dataclass
class LayerMaps:
    """What some channels of a layer see.

    Attributes:
        maps: [S, rows, columns, C] float32, after the layer's own activation function; of a sequence one row. Means over blocks where they
            are pooled.
        channels: [C] int32: which of the layer's.
        units: how many it has.
        input: the name of the input that the maps lie over; "" where that is not known.
    """

    maps: NDArray[Any]
    channels: NDArray[Any]
    units: int
    input: str


@dataclasses.dataclass
class ActivationMaps:
    """What layers see. ``layers``: by name; ``samples``: [S] int32, which inputs the maps are of."""

    layers: dict[str, LayerMaps]
    samples: NDArray[Any]


def activation_maps(
    model: keras.Model | Scorer,
    inputs: Any,
    *,
    layers: Sequence[str] | None = None,
    channels: int | Sequence[int] | Mapping[str, Sequence[int]] = 8,
    samples: Sequence[int] | NDArray[Any] | None = None,
    most: int | None = None,
    batch_size: int | None = None,
) -> ActivationMaps:
    """Outputs of some channels of some layers, position by position.

    Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2014, show what a channel answers to; Yosinski et al.,
    "Understanding Neural Networks Through Deep Visualization", 2015, section 2, show its map beside the image. It costs a forward pass
    over ``samples``, and one over the inputs where channels are to be chosen.

    Args:
        model: a built Keras model, or a `Scorer` made for it.
        inputs: N samples as the model takes them, over which channels are chosen.
        layers: names of layers whose outputs are [N, length, channels] or [N, rows, columns, channels]. Defaults to None: the first,
            the middle and the last convolution.
        channels: how many of each layer: those of the greatest variance over inputs and positions, in ascending order; or which, for all
            layers or by layer.
        samples: which inputs maps are wanted of. Defaults to None: all.
        most: cells a side that are not exceeded, four times as many along a sequence. Defaults to None: as many as there are.
        batch_size: rows of a batch; by default as many as memory allows.

    Returns:
        An `ActivationMaps`.

    Raises:
        ValueError: a model without a convolution and no ``layers``, an unknown layer or one without positions, channels or samples that
            are none, ``most`` below 1.

    Example:
        >>> seen = activation_maps(model, x_val, samples=[0, 1], layers=["conv_2"], channels=[3, 5])
        >>> seen.layers["conv_2"].maps.shape  # (2, rows, columns, 2)
    """
    scorer = as_looker(model, inputs, batch_size)
    if most is not None and most < 1:
        raise ValueError(f"most is {most}; expected at least 1 cell a side, or None for all")
    flat = scorer.network.flatten(inputs)
    shown = chosen_samples(samples, len(flat[0]))
    names = choose_mapped(scorer, layers)
    shapes = {name: shape_of(scorer, name) for name in names}
    looked_at = chosen_channels(scorer, flat, names, channels)
    pooled = {name: _pooling(shapes[name], most) for name in names}

    def look(*tensors: Any) -> list[Any]:
        outputs = _outputs(scorer, tensors, names)
        return [
            tf.einsum("brcu,rs,cd->bsdu", tf.gather(outputs[name], looked_at[name], axis=-1), *map(tf.constant, pooled[name]))
            if most is not None
            else tf.gather(outputs[name], looked_at[name], axis=-1)
            for name in names
        ]

    key = ";".join(f"{name}:{looked_at[name].tolist()}" for name in names)
    maps = scorer.ask(f"maps:{most}:{key}", look, [v[shown] for v in flat])
    below = scorer.known("maps", lambda: _inputs_below(scorer, flat))
    found = {name: LayerMaps(m, looked_at[name], shapes[name][-1], below.get(name, "")) for name, m in zip(names, maps, strict=True)}
    return ActivationMaps(found, shown)


def chosen_channels(
    scorer: Scorer, flat: Sequence[NDArray[Any]], names: Sequence[str], channels: int | Sequence[int] | Mapping[str, Sequence[int]]
) -> dict[str, NDArray[np.int32]]:
    """Return which channels of each layer are meant, as `activation_maps` takes them.

    Raises:
        ValueError: none at all, or a channel that a layer does not have.
    """
    if isinstance(channels, int):
        if channels < 1:
            raise ValueError(f"channels is {channels}; expected at least 1, or which: indices, or a dict of them by layer")
        variance = _variances(scorer, flat, names)
        return {name: np.sort(np.argsort(-variance[name], kind="stable")[:channels]).astype(np.int32) for name in names}
    given = channels if isinstance(channels, dict) else dict.fromkeys(names, channels)
    found = {name: np.asarray(given.get(name, ()), np.int32) for name in names}
    for name, indices in found.items():
        units = shape_of(scorer, name)[-1]
        if indices.ndim != 1 or not indices.size or indices.min() < 0 or indices.max() >= units:
            raise ValueError(f"channels of {name!r} are {indices.tolist()}; expected some of 0 to {units - 1}")
    return found


def _variances(scorer: Scorer, flat: Sequence[NDArray[Any]], names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return each channel's variance over samples and positions, [units] by layer: that within samples and that of their means."""

    def moments(*tensors: Any) -> list[Any]:
        outputs = _outputs(scorer, tensors, names)
        return [figure for name in names for figure in tf.nn.moments(outputs[name], axes=[1, 2])]

    figures = scorer.ask(f"maps_moments:{'|'.join(names)}", moments, flat)
    with np.errstate(invalid="ignore", over="ignore"):  # weights may be NaN or Inf
        return {
            name: variance.mean(axis=0, dtype=np.float64) + mean.var(axis=0, dtype=np.float64)
            for name, mean, variance in zip(names, figures[::2], figures[1::2], strict=True)
        }


def _outputs(scorer: Scorer, tensors: Sequence[Any], names: Sequence[str]) -> dict[str, Any]:
    """Return layers' outputs as [B, rows, columns, channels], float32."""
    watched: dict[str, Any] = {}
    scorer.network.forward(list(tensors), watched=watched)
    found = {}
    for name in names:
        output = tf.cast(watched[name], tf.float32)
        if is_channels_first(scorer, name):
            output = tf.transpose(output, [0, *range(2, len(output.shape)), 1])
        found[name] = output if len(output.shape) == 4 else output[:, None]
    return found


def _pooling(shape: tuple[int, int, int], most: int | None) -> list[NDArray[np.float32]]:
    """Return for rows and for columns which part of each pooled one they are, [count, pooled count]."""
    found = []
    for length in shape[:2]:
        limit = (most or length) * (_LONGER if shape[0] == 1 else 1)
        (blocks,) = grid((length,), limit)
        belongs = (np.arange(length)[:, None] // -(-length // blocks) == np.arange(blocks)).astype(np.float32)
        found.append(belongs / belongs.sum(axis=0))
    return found


def _inputs_below(scorer: Scorer, flat: Sequence[NDArray[Any]]) -> dict[str, str]:
    """Return by layer the input that its positions are of: the first that it reads with as many axes, with channels or without."""
    network = scorer.network
    found: dict[str, str] = {}

    def look(*tensors: Any) -> list[Any]:
        watched: dict[str, Any] = {}
        network.forward(list(tensors), watched=watched)
        for name, output in watched.items():
            axes = len(output.shape) - 2
            fitting = [len(entry.elements or ()) in (axes, axes + 1) and axes > 0 for entry in network.entries]
            for given, source, fits in zip(tensors, network.input_names, fitting, strict=True):
                if fits and (len(tensors) == 1 or reads(output, given)):
                    found.setdefault(name, source)
        return [tensors[0]]

    network.traced(look)(*[tf.constant(v[:2]) for v in flat])
    return found
