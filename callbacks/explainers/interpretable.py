"""What a simple model is given to see of the inputs: columns, means of regions, and which words a text holds."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin.callbacks.explainers.regions import MOST_REGIONS, block_sum, grid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer


@dataclasses.dataclass(frozen=True)
class Interpretable:
    """Features that a person can name, of all inputs side by side.

    Attributes:
        values: [N, F] float32.
        tokens: by text input, in order, the ``(id, word)`` whose presence (0 or 1) its features are; words are "" where nobody knows them.
    """

    values: NDArray[Any]
    tokens: Mapping[str, Sequence[tuple[int, str]]]


def interpretable(scorer: Scorer, inputs: Any, regions: Mapping[str, Sequence[int]], words: int) -> Interpretable:
    """Return what a simple model is given to see.

    Of numbers the mean over each region, of categories their codes, of a text (codes that are embedded, ``regions`` saying nothing of
    them) whether it holds each of the tokens that most samples hold, 0 (padding) and those that all hold left out.

    Args:
        scorer: of the model.
        inputs: N samples.
        regions: by input name, into how many blocks along its leading axes it is averaged. Others: one a column or step, 8 × 8 for images.
        words: of a text, at most.
    """
    entered = scorer.entry_values(inputs)
    codes = scorer.codes(inputs)
    columns, tokens = [], {}
    for name, entry, made, read in zip(scorer.network.input_names, scorer.network.entries, entered, codes, strict=True):
        if read is not None and name not in regions:
            found = _most_common(read.reshape(len(read), -1), words)
            known = entry.vocabulary
            tokens[name] = [(token, known[token] if token < len(known) else "") for token in found]
            columns.append(np.stack([(read == token).reshape(len(read), -1).any(axis=1) for token in found], axis=1) if found else made[:0])
            continue
        values = made if read is None else read
        if entry.meaning == "encoding" and entry.elements not in (None, made.shape[1:]):
            values = made.reshape(len(made), *(entry.elements or ()), -1).argmax(axis=-1)
        columns.append(_means(values, regions.get(name)))
    present = [c for c in columns if len(c)]
    samples = len(entered[0])
    joined = np.concatenate(present, axis=1) if present else np.empty((samples, 0))
    return Interpretable(joined.astype(np.float32), tokens)


def _most_common(codes: NDArray[Any], most: int) -> list[int]:
    """Return the codes, 0 aside, that most rows of [N, T] hold, those that all hold left out; of ties the smaller first."""
    pairs = np.unique(np.stack([np.repeat(np.arange(len(codes)), codes.shape[1]), codes.ravel()], axis=1), axis=0)
    found, rows = np.unique(pairs[:, 1], return_counts=True)
    telling = (found != 0) & (rows < len(codes))
    order = np.lexsort((found[telling], -rows[telling]))[:most]
    chosen: list[int] = found[telling][order].tolist()
    return chosen


def _means(values: NDArray[Any], blocks: Sequence[int] | None) -> NDArray[Any]:
    """Return means over blocks along the leading axes, and over all of the others, [N, F]."""
    shaped = values if values.ndim > 1 else values[:, None]
    shape = shaped.shape[1:]
    is_image = len(shape) >= 3 or (len(shape) == 2 and shape[0] == shape[1])
    blocks = tuple(blocks or (grid(shape[:2], MOST_REGIONS) if is_image else shape[:1]))
    flat = shaped.reshape(len(shaped), *shape[: len(blocks)], -1).mean(axis=-1, dtype=np.float64)
    size = block_sum(np.ones((1, *flat.shape[1:])), blocks)
    means: NDArray[Any] = (block_sum(flat, blocks) / size).reshape(len(flat), -1)
    return means
