"""What a model loses where the values of one part of its inputs are dealt out anew among the samples, part by part."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf
from keras import tree
from numpy.typing import NDArray

from tb_explain_plugin.callbacks.explainers.batches import in_turns
from tb_explain_plugin.callbacks.explainers.structure import targets_by_output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tb_explain_plugin.callbacks.explainers.clusters import Cluster
    from tb_explain_plugin.callbacks.explainers.engine import Scorer


Dealt = tuple[int, NDArray[Any]]
"""The first of some repeats, and what the model makes of each sample, [N, repeats, parts]."""


@dataclasses.dataclass(frozen=True)
class Parts:
    """What of an input is dealt as a whole: the part of each element, int32 of its leading axes, numbered from 0 in ``shape``."""

    labels: NDArray[np.int32]
    shape: tuple[int, ...]

    @classmethod
    def of_clusters(cls, clusters: Sequence[Cluster]) -> Parts:
        """Return those of a table whose columns are in clusters."""
        labels = np.empty(sum(len(cluster.columns) for cluster in clusters), np.int32)
        for number, cluster in enumerate(clusters):
            labels[list(cluster.columns)] = number
        return cls(labels, (len(clusters),))

    @classmethod
    def of_blocks(cls, name: str, shape: Sequence[int], blocks: tuple[int, ...]) -> Parts:
        """Return those of an input whose samples have a shape, so many along each of its leading axes.

        Raises:
            ValueError: blocks that do not fit.
        """
        lengths = tuple(shape) or (1,)
        if len(blocks) > len(lengths) or any(b < 1 or b > n for b, n in zip(blocks, lengths, strict=False)):
            raise ValueError(
                f"regions of input {name!r} are {blocks}; its samples have shape {lengths}: expected 1 to so many blocks an axis"
            )
        places = [np.arange(length) // -(-length // count) for count, length in zip(blocks, lengths, strict=False)]
        labels = np.ravel_multi_index(np.ix_(*places), blocks).astype(np.int32)
        return cls(labels.reshape(tuple(shape)[: len(blocks)]), blocks)

    @property
    def count(self) -> int:
        """Number of parts."""
        return int(np.prod(self.shape))


def losses(scorer: Scorer, inputs: Any, targets: Any, labels: Sequence[NDArray[Any]], orders: NDArray[Any]) -> Iterator[Dealt]:
    """Yield the compiled loss of each sample where one part of it is another sample's, for every order and every part.

    Several are asked for at once where a batch holds all samples more than once. Inputs are put together inside the trace, turn by turn,
    so that what goes there is each sample and its partner, however many parts there are, and memory holds one turn.

    Args:
        scorer: of a model with a compiled loss.
        inputs: N samples.
        targets: as for ``fit``.
        labels: the part of each element, int32 of its leading axes, numbered over all inputs.
        orders: [repeats, N], whose values each sample is dealt.
    """
    flat = scorer.network.flatten(inputs)
    given = targets_by_output(targets, scorer.network.output_names)
    samples, count = orders.shape[1], len(flat)
    parts = _count(labels)
    room = max(1, scorer.batch_size // samples)
    width = _even(parts, min(parts, room))
    height = _even(len(orders), min(len(orders), max(1, room // parts)))

    def dealt(turns: Any, *arrays: Any) -> list[Any]:
        own, partners, known = arrays[:count], arrays[count : 2 * count], arrays[2 * count :]
        repeated = [tf.tile(y, [height * width] + [1] * (len(y.shape) - 1)) for y in known]

        def turn(chosen: Any) -> Any:
            mixed = [_mixed(x, others, label, chosen) for x, others, label in zip(own, partners, labels, strict=True)]
            loss = scorer.readout.loss_of(scorer.network.forward(mixed), dict(zip(given, repeated, strict=True)))
            return tf.reshape(loss, [height, width, -1])

        return [tf.transpose(in_turns(turn, turns), [3, 1, 0, 2])]

    key = f"dealt:{height}:{width}:{hashlib.sha256(b''.join(own.tobytes() for own in labels)).hexdigest()}"
    turns = np.arange(-(-parts // width) * width, dtype=np.int32).reshape(-1, width)
    for repeat in range(0, len(orders), height):
        those = orders[np.minimum(np.arange(repeat, repeat + height), len(orders) - 1)]
        partners = [values[those.T] for values in flat]
        [found] = scorer.ask(key, dealt, [*flat, *partners, *given.values()], copies=height * width, shared=[turns], is_hot=True)
        yield repeat, found.reshape(samples, height, -1)[:, : len(orders) - repeat, :parts]


def figures(
    scorer: Scorer, metric: Callable[[Any], NDArray[Any]], inputs: Any, labels: Sequence[NDArray[Any]], orders: NDArray[Any]
) -> Iterator[Dealt]:
    """Yield a metric of the inputs as `losses` does the loss."""
    flat = scorer.network.flatten(inputs)
    for repeat, order in enumerate(orders):
        found = []
        for part in range(_count(labels)):
            mixed = []
            for values, own in zip(flat, labels, strict=True):
                chosen = (own == part).reshape(own.shape + (1,) * (values.ndim - 1 - own.ndim))
                mixed.append(np.where(chosen, values[order], values) if chosen.any() else values)
            found.append(np.asarray(metric(tree.pack_sequence_as(scorer.network.structure, mixed))))
        yield repeat, np.stack(found, axis=-1)[:, None]


def _count(labels: Sequence[NDArray[Any]]) -> int:
    return 1 + max(int(own.max()) for own in labels)


def _even(count: int, most: int) -> int:
    """Return how many at a time take no more times than ``most`` would, and leave least room in the last one."""
    return -(-count // -(-count // most))


def _mixed(x: Any, partners: Any, labels: NDArray[Any], chosen: Any) -> Any:
    """Return samples [B, …] with one part a partner's: by each of the partners [B, R, …] each of the chosen parts [K], [R · K · B, …]."""
    shape = x.shape[1:]
    wide = labels.reshape(labels.shape + (1,) * (len(shape) - labels.ndim))
    is_dealt = tf.reshape(chosen, [-1, 1] + [1] * len(shape)) == wide
    by_order = tf.transpose(partners, [1, 0, *range(2, len(shape) + 2)])
    return tf.reshape(tf.where(is_dealt, by_order[:, None], x), [-1, *shape])
