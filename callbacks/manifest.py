"""What is constant for a run, read off the model and the probe: the manifest, and what the samples look like."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import platform
import time
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.callbacks.explainers import structure
from tb_explain_plugin.callbacks.explainers.regions import MOST_CELLS, MOST_REGIONS, block_sum, grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer
    from tb_explain_plugin.callbacks.probe import Probe

MOST_PIXELS = 128
"""Logged pixels of an image, a side."""


@dataclasses.dataclass(frozen=True)
class InputInfo:
    """One input of the model: what kind it is, and the shapes in which its attributions are logged.

    ``shape`` is that of its elements, which have an attribution each: the input's own, but for text that the model cuts into tokens
    ([T]), codes that it counts ([categories]) and images that it resizes before they are floating. ``as_given`` says whether it is the
    input's own. ``entered`` is the shape of what the model makes of them.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    entered: tuple[int, ...]
    as_given: bool
    dtype: str
    feature_names: list[str]
    vocabulary: list[str]
    cells: tuple[int, ...]
    regions: tuple[int, ...]

    def to_cells(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return attributions [N, …] as the cells that are logged: channels summed, images summed over blocks."""
        extra = tuple(range(1 + len(self.cells), values.ndim))
        summed = values.sum(axis=extra, dtype=np.float64) if extra else values
        return block_sum(summed, self.cells) if self.kind == "image" else summed.reshape(len(values), *self.cells)

    def to_regions(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return what is at least per cell, [N, …], summed over the regions whose importance is followed: [N, F]."""
        values = structure.sum_to_elements(values, self.shape) if values.shape[1:] == self.entered else values
        extra = tuple(range(1 + len(self.cells), values.ndim))
        summed = values.sum(axis=extra) if extra else values
        return (block_sum(summed, self.regions) if self.kind == "image" else summed).reshape(len(values), -1)


def describe_inputs(scorer: Scorer, probe: Probe) -> list[InputInfo]:
    """Settle the kind of each input and what follows from it.

    Raises:
        ValueError: names for another number of features than there are, or a kind that the input's rank does not allow.
    """
    names = scorer.network.input_names
    _check_names("kinds", probe.kinds, names)
    _check_names("feature_names", probe.feature_names, names)
    infos = []
    entered = scorer.entry_values(probe.inputs)
    flat = scorer.network.flatten(probe.inputs)
    for name, values, entry, made in zip(names, flat, scorer.network.entries, entered, strict=True):
        shape = made.shape[1:] if entry.elements is None else entry.elements
        kind = structure.by_output(probe.kinds, names)[name] or structure.kind_of(shape, embedded=entry.meaning == "embedding")
        if kind == "image" and len(shape) not in (2, 3):
            raise ValueError(
                f"input {name!r} has samples of shape {shape}; an image has shape (H, W) or (H, W, channels). Pass kinds= with another kind"
            )
        features = int(np.prod(shape[:1]))
        given = _feature_names(name, probe.feature_names, names) if kind == "tabular" else []
        if given and len(given) != features:
            raise ValueError(f"feature_names has {len(given)} names, input {name!r} has {features} features; pass one a column")
        counted = entry.meaning == "encoding" and shape == made.shape[1:]
        axes = shape[:2] if kind == "image" else (shape[:1] or (1,))
        infos.append(
            InputInfo(
                name=name,
                kind=kind,
                shape=shape,
                entered=made.shape[1:],
                as_given=shape == values.shape[1:] and not counted,
                dtype="string" if values.dtype.kind in "OSUT" else values.dtype.name,
                feature_names=given or (_category_names(entry.vocabulary, features) if counted and kind == "tabular" else []),
                vocabulary=(probe.vocabulary or (entry.vocabulary if probe.log_inputs else [])) if kind == "text" else [],
                cells=grid(axes, MOST_CELLS) if kind == "image" else axes,
                regions=grid(axes, MOST_REGIONS) if kind == "image" else axes,
            )
        )
    return infos


def _category_names(vocabulary: list[str], categories: int) -> list[str]:
    """Return the words that are counted, filled up with numbers where the model leaves room for more; empty without a vocabulary."""
    words = vocabulary[:categories]
    return words + [f"#{k}" for k in range(len(words), categories)] if words else []


def _feature_names(name: str, given: Any, names: list[str]) -> list[str]:
    if isinstance(given, dict):
        return [str(n) for n in given.get(name, [])]
    return [str(n) for n in given] if given is not None and len(names) == 1 else []


def _check_names(what: str, given: Any, names: list[str]) -> None:
    unknown = sorted(set(given) - set(names)) if isinstance(given, dict) else []
    if unknown:
        raise ValueError(f"{what} names inputs {unknown} that the model does not have; its inputs are {names}")


def build(
    scorer: Scorer,
    probe: Probe,
    inputs: list[InputInfo],
    methods: Sequence[pb.Method],
    logged: set[str],
    budget: float | None,
    step_unit: str,
) -> pb.Manifest:
    """Return the manifest of a run. ``logged``: names of the layers whose activations are."""
    targets = (
        scorer.readout.resolve_targets(probe.targets, probe.size)[:, 0].tolist()
        if scorer.readout.heads and probe.targets is not None
        else []
    )
    if scorer.readout.heads and scorer.readout.heads[0].task == "regression" and probe.targets is not None:
        values = next(iter(structure.targets_by_output(probe.targets, scorer.network.output_names).values()))
        targets = values.reshape(probe.size, -1)[:, 0].astype(float).tolist()
    return pb.Manifest(
        inputs=[
            pb.Input(
                name=i.name,
                kind=i.kind,
                shape=i.shape,
                dtype=i.dtype,
                feature_names=i.feature_names,
                vocabulary=i.vocabulary,
                cells=i.cells,
                regions=i.regions,
            )
            for i in inputs
        ],
        outputs=[
            pb.Output(name=h.name, task=h.task, units=h.units, class_names=_class_names(probe, h, first=h is scorer.readout.heads[0]))
            for h in scorer.readout.heads
        ],
        probe=pb.Probe(
            size=probe.size,
            seed=probe.seed,
            hash=probe.hash,
            sample_names=probe.sample_names,
            targets=targets,
            inputs_logged=probe.log_inputs,
            groups=probe.groups,
        ),
        methods=methods,
        layers=_layers(scorer, logged),
        versions={
            "tb_explain_plugin": _version("tb-explain-plugin"),
            "keras": keras.__version__,
            "tensorflow": tf.__version__,
            "python": platform.python_version(),
        },
        start_time=time.time(),
        step_unit=step_unit,
        model_name=scorer.model.name,
        parameters=scorer.model.count_params(),
        budget=budget or 0.0,
    )


def _class_names(probe: Probe, head: Any, *, first: bool) -> list[str]:
    classes = 2 if head.task == "binary" else head.units
    if not probe.class_names or not first or head.task == "regression":
        return []
    if len(probe.class_names) != classes:
        raise ValueError(f"class_names has {len(probe.class_names)} names, output {head.name!r} has {classes} classes; pass one a class")
    return probe.class_names


def _layers(scorer: Scorer, logged: set[str]) -> list[pb.Layer]:
    names = {id(leaf.layer): leaf.name for leaf in scorer.network.leaves}
    return [
        pb.Layer(
            name=leaf.name,
            class_name=type(leaf.layer).__name__,
            output_shape=[-1 if d is None else d for d in scorer.network.output_shapes.get(id(leaf.layer), ())],
            inbound=[names[i] for i in scorer.network.inbound.get(id(leaf.layer), [])],
            parameters=leaf.layer.count_params() if leaf.layer.built else 0,
            activation=leaf.activation,
            logged=leaf.name in logged,
        )
        for leaf in scorer.network.leaves
    ]


def input_frame(scorer: Scorer, probe: Probe, inputs: list[InputInfo]) -> dict[str, NDArray[Any]]:
    """Return what the samples look like, as the ``inputs`` frame holds it."""
    entered = scorer.entry_values(probe.inputs)
    codes = scorer.codes(probe.inputs)
    frames = {}
    for info, given, made, read in zip(inputs, scorer.network.flatten(probe.inputs), entered, codes, strict=True):
        values = _shown(info, given, made, read)
        if info.kind == "image":
            frames[f"input:{info.name}"] = as_pixels(values)
        elif info.kind == "text":
            frames[f"input:{info.name}"] = values.reshape(len(values), *(info.shape[:1] or (1,)), -1)[..., 0].astype(np.int32)
        else:
            frames[f"input:{info.name}"] = values.reshape(len(values), *(info.shape or (1,))).astype(np.float32)
    return frames


def _shown(info: InputInfo, given: NDArray[Any], made: NDArray[Any], read: NDArray[Any] | None) -> NDArray[Any]:
    """Return one number an element: the input's own, the codes that its text was turned into, or what the model counted."""
    if read is not None and info.kind == "text":
        return read.reshape(len(read), *info.shape)
    if info.as_given and given.dtype.kind in "biuf":
        return given
    if info.shape == info.entered:
        return made
    category: NDArray[Any] = made.reshape(len(made), *info.shape, -1).argmax(axis=-1)
    return category


def as_pixels(values: NDArray[Any], like: NDArray[Any] | None = None) -> NDArray[Any]:
    """Return images [N, H, W(, C)] as uint8 [N, H, W, 1 or 3], at most `MOST_PIXELS` a side (means over blocks).

    Values in [0, 1] and [0, 255] are taken as they are, others are stretched over the probe's range. ``like``: images whose range it is,
    where these are others.
    """
    images = _reduced(values)
    range_of = images if like is None else _reduced(like)
    low, high = float(range_of.min()), float(range_of.max())
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    elif low >= 0 and 1 < high <= 255:
        low, high = 0.0, 255.0
    pixels = np.round((images - low) / max(high - low, 1e-30) * 255)
    return (pixels if like is None else np.clip(pixels, 0, 255)).astype(np.uint8)


def _reduced(values: NDArray[Any]) -> NDArray[Any]:
    """Return images with one channel or three, and at most so many pixels."""
    images = values.reshape(*values.shape[:3], -1).astype(np.float32)
    if images.shape[3] not in (1, 3):
        images = images[..., :3] if images.shape[3] == 4 else images.mean(axis=3, keepdims=True)
    blocks = grid(images.shape[1:3], MOST_PIXELS)
    if blocks != images.shape[1:3]:
        images = block_sum(images, blocks) / block_sum(np.ones_like(images[:1, ..., :1]), blocks)
    return images


def content_hash(arrays: Sequence[NDArray[Any]]) -> str:
    """Return a short hash of arrays, equal where they are."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
