"""Where a path starts: the baseline of each input, settled from what the caller says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from keras import tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer

BASELINES = ("mean", "zero")


def resolve_baseline(scorer: Scorer, inputs: Any, entries: Sequence[NDArray[Any]], baseline: Any) -> list[NDArray[Any]]:
    """Return the path's start at each input's entry, float32 [N, …].

    Raises:
        ValueError: an unknown name, or an array that is neither one sample nor N samples.
    """
    count = len(entries)
    if isinstance(baseline, dict):
        unknown = sorted(set(baseline) - set(scorer.network.input_names))
        if unknown:
            raise ValueError(f"baseline names inputs {unknown} that the model does not have; its inputs are {scorer.network.input_names}")
        chosen = [baseline.get(name, "mean") for name in scorer.network.input_names]
    elif isinstance(baseline, (list, tuple)) and count > 1:
        if len(baseline) != count:
            raise ValueError(f"baseline is a list of {len(baseline)}; the model has {count} inputs {scorer.network.input_names}")
        chosen = list(baseline)
    else:
        chosen = [baseline] * count
    flat = scorer.network.flatten(inputs)
    padding: list[NDArray[Any]] = []
    resolved = []
    for k, (choice, end) in enumerate(zip(chosen, entries, strict=True)):
        if isinstance(choice, str):
            if choice not in BASELINES:
                raise ValueError(f"baseline is {choice!r}; expected one of {BASELINES}, an array of one sample or of {len(end)}")
            if scorer.network.entries[k].operation is not None:
                padding = padding or scorer.entry_values(tree.pack_sequence_as(scorer.network.structure, [np.zeros_like(f) for f in flat]))
                resolved.append(padding[k])
            else:
                one = end.mean(axis=0, dtype=np.float64) if choice == "mean" else np.zeros(end.shape[1:])
                resolved.append(_spread(one, end))
            continue
        array = np.asarray(choice, np.float32)
        if array.shape not in (end.shape[1:], end.shape):
            raise ValueError(
                f"baseline of input {scorer.network.input_names[k]!r} has shape {array.shape}, its samples have shape {end.shape[1:]}; "
                f"pass one sample of shape {end.shape[1:]} or {len(end)} samples of shape {end.shape}"
            )
        resolved.append(array if array.shape == end.shape else _spread(array, end))
    return resolved


def _spread(one: NDArray[Any], like: NDArray[Any]) -> NDArray[Any]:
    return np.broadcast_to(one.astype(np.float32), like.shape)
