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

    ``"mean"`` and ``"zero"`` are those of the samples' magnitudes (pixels before Rescaling: the mean of what it makes of them, and what it
    makes of zeros). Codes have neither: embeddings start at the embedding of id 0, the padding; encodings at the zero vector, where
    no category is; masks are kept as they are.

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
    resolved = []
    for k, (choice, end) in enumerate(zip(chosen, entries, strict=True)):
        if isinstance(choice, str):
            if choice not in BASELINES:
                raise ValueError(f"baseline is {choice!r}; expected one of {BASELINES}, an array of one sample or of {len(end)}")
            resolved.append(_named(scorer, inputs, k, choice, end))
            continue
        try:
            array = np.asarray(choice, np.float32)
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"baseline of input {scorer.network.input_names[k]!r} holds no numbers ({error}); expected one of {BASELINES}, or an array "
                f"of shape {end.shape[1:]}, of what the model makes of a sample"
            ) from error
        if array.shape not in (end.shape[1:], end.shape):
            raise ValueError(
                f"baseline of input {scorer.network.input_names[k]!r} has shape {array.shape}, its samples have shape {end.shape[1:]}; "
                f"pass one sample of shape {end.shape[1:]} or {len(end)} samples of shape {end.shape}"
            )
        if not np.isfinite(array).all():
            raise ValueError(f"baseline of input {scorer.network.input_names[k]!r} has NaN or infinite values; no path begins there")
        resolved.append(array if array.shape == end.shape else _spread(array, end))
    return resolved


def background_entries(scorer: Scorer, background: Any, inputs: Any) -> list[NDArray[Any]]:
    """Return the background's values where attribution starts, [M, …] each.

    Raises:
        ValueError: a background that is not of the inputs' structure and shapes.
    """
    try:
        given = scorer.network.flatten(background)
    except ValueError as error:
        raise ValueError(f"the background is not as the inputs are: {error}") from error
    for name, values, like in zip(scorer.network.input_names, given, scorer.network.flatten(inputs), strict=True):
        if values.shape[1:] != like.shape[1:]:
            raise ValueError(
                f"background of input {name!r} has shape {values.shape}; expected M samples, of shape {(None, *like.shape[1:])} "
                "as the inputs are"
            )
    return scorer.entry_values(background)


def _named(scorer: Scorer, inputs: Any, k: int, choice: str, end: NDArray[Any]) -> NDArray[Any]:
    entry = scorer.network.entries[k]
    if entry.meaning == "held":
        return end
    if entry.meaning == "embedding":
        return _spread(entry.of_padding()[0], end)
    if entry.meaning == "values" and choice == "mean":
        return _spread(end.mean(axis=0, dtype=np.float64), end)
    if entry.meaning == "encoding" or entry.operation is None:
        return np.zeros_like(end)
    flat = scorer.network.flatten(inputs)
    zeros = [np.zeros_like(values) if j == k else values for j, values in enumerate(flat)]
    return scorer.entry_values(tree.pack_sequence_as(scorer.network.structure, zeros))[k]


def _spread(one: NDArray[Any], like: NDArray[Any]) -> NDArray[Any]:
    return np.broadcast_to(one.astype(np.float32), like.shape)
