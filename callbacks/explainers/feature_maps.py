"""The layers of a model whose outputs have positions: which there are, and which are meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer
    from tb_explain_plugin.callbacks.explainers.layers import Leaf

_CONVOLUTIONS = (
    keras.layers.Conv1D,
    keras.layers.Conv1DTranspose,
    keras.layers.Conv2D,
    keras.layers.Conv2DTranspose,
    keras.layers.DepthwiseConv1D,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv1D,
    keras.layers.SeparableConv2D,
)


def choose_mapped(scorer: Scorer, layers: Sequence[str] | None) -> list[str]:
    """Return the named layers, or the first, the middle and the last convolution that has positions, in the order of their calls.

    Raises:
        ValueError: there is none, or not the ones named, or one has no positions.
    """
    mapped = _mapped(scorer)
    if layers is not None:
        known = [leaf.name for leaf in mapped]
        unknown = [name for name in layers if name not in known]
        if unknown or not layers:
            closest = [match for name in unknown for match in difflib.get_close_matches(name, known, n=1)]
            hint = f"did you mean {closest}? Those" if closest else "those"
            raise ValueError(
                f"layers {unknown} of the model {scorer.model.name!r} have no outputs of shape (None, length, channels) or (None, rows, "
                f"columns, channels); {hint} that have are {known}"
            )
        return list(layers)
    convolutions = _convolutions(scorer)
    if not convolutions:
        kept = sorted({type(leaf.layer).__name__ for leaf in scorer.network.leaves})
        raise ValueError(
            f"the model {scorer.model.name!r} has no convolution whose outputs have positions; its layers are {kept}. Name layers whose "
            f"outputs have: layers={[leaf.name for leaf in mapped] or '[…]'}, or leave activation_maps out for this model"
        )
    return list(dict.fromkeys(convolutions[k] for k in (0, (len(convolutions) - 1) // 2, -1)))


def last_convolution(scorer: Scorer) -> str | None:
    """Return the last convolution that has positions, if there is one."""
    return next(reversed(_convolutions(scorer)), None)


def _mapped(scorer: Scorer) -> list[Leaf]:
    """Return the layers whose outputs may have positions, in the order of their calls."""
    network = scorer.network
    called = {layer: k for k, layer in enumerate(network.output_shapes)}
    leaves = sorted((leaf for leaf in network.watchable if id(leaf.layer) in called), key=lambda leaf: called[id(leaf.layer)])
    return [leaf for leaf in leaves if len(network.output_shapes[id(leaf.layer)]) in (2, 3)]


def _convolutions(scorer: Scorer) -> list[str]:
    found = [leaf.name for leaf in _mapped(scorer) if isinstance(leaf.layer, _CONVOLUTIONS)]
    return [name for name in found if np.prod(shape_of(scorer, name)[:2]) > 1]


def chosen_samples(samples: Any, count: int) -> NDArray[np.int32]:
    """Return which of so many inputs are meant; None means all.

    Raises:
        ValueError: none, or one that there is not.
    """
    chosen = np.arange(count, dtype=np.int32) if samples is None else np.asarray(samples, np.int32)
    if chosen.ndim != 1 or not chosen.size or chosen.min() < 0 or chosen.max() >= count:
        raise ValueError(f"samples are {samples}; expected indices of the {count} inputs")
    return chosen


def shape_of(scorer: Scorer, name: str) -> tuple[int, int, int]:
    """Return rows, columns and channels of a layer's outputs."""
    leaf = next(leaf for leaf in scorer.network.watchable if leaf.name == name)
    shape = scorer.network.output_shapes[id(leaf.layer)]
    if is_channels_first(scorer, name):
        shape = (*shape[1:], shape[0])
    rows, columns, units = (1, *shape)[-3:]
    return rows, columns, units


def is_channels_first(scorer: Scorer, name: str) -> bool:
    """Whether a layer's outputs have their channels before their positions."""
    leaf = next(leaf for leaf in scorer.network.watchable if leaf.name == name)
    return getattr(leaf.layer, "data_format", None) == "channels_first"
