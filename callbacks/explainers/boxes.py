"""How far inputs may go: within what the samples' own values span."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin.callbacks.explainers import structure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer


@dataclasses.dataclass(frozen=True)
class Box:
    """The range of one input, where it becomes floating.

    Attributes:
        name: of the input.
        low: shaped as one sample: of an image one number everywhere, of a table one a column, of a sequence one a channel.
        range: likewise, 0 or more.
        center: the samples' mean, likewise, in parts of the range.
        deviations: standard deviations of the samples that the range is, likewise; 0 where nothing varies.
        is_image: whether it is one.
        moves: False for a mask, which steers the model and has no magnitude.
    """

    name: str
    low: NDArray[np.float32]
    range: NDArray[np.float32]
    center: NDArray[np.float32]
    deviations: NDArray[np.float32]
    is_image: bool
    moves: bool


def boxes_of(scorer: Scorer, inputs: Any, kinds: Mapping[str, str]) -> list[Box]:
    """Return the box of each input, spanned by samples. ``kinds``: by input name, where the shape does not tell.

    Raises:
        ValueError: inputs of tokens or categories, none that moves, or a scorer that starts at a layer.
    """
    if scorer.layer is not None:
        raise ValueError(f"the scorer starts at the layer {scorer.layer!r}; it is inputs that move: pass the model's own scorer")
    network = scorer.network
    codes = [name for name, entry in zip(network.input_names, network.entries, strict=True) if entry.meaning in ("embedding", "encoding")]
    if codes:
        raise ValueError(
            f"the inputs {codes} of the model {scorer.model.name!r} are tokens or categories, which have no gradient and cannot climb; "
            "activation_maximization takes images, tables and sequences of numbers: leave it out for this model"
        )
    boxes = []
    for name, entry, values in zip(network.input_names, network.entries, scorer.entry_values(inputs), strict=True):
        kind = kinds.get(name) or structure.kind_of(values.shape[1:], embedded=False)
        over = {"image": None, "sequence": (0, 1)}.get(kind, (0,))
        figures = [f(values.astype(np.float64), axis=over) for f in (np.min, np.max, np.mean, np.std)]
        low, high, mean, deviation = (np.broadcast_to(f, values.shape[1:]).astype(np.float32) for f in figures)
        wide = high - low
        center = np.asarray((mean - low) / np.where(wide > 0, wide, 1), np.float32)
        deviations = np.asarray(wide / np.where(deviation > 0, deviation, np.inf), np.float32)
        boxes.append(Box(name, low, wide, center, deviations, kind == "image", entry.meaning != "held"))
    if not any(box.moves for box in boxes):
        raise ValueError(f"the inputs {network.input_names} are masks; there is nothing that could climb")
    return boxes
