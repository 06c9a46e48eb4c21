"""Many samples in batches of one fixed shape, so that a traced function is traced once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray


def over(
    function: Callable[..., Any],
    arrays: Sequence[NDArray[Any]],
    rows: int,
    *,
    shared: Sequence[NDArray[Any]] = (),
    zero_first: bool = False,
) -> Iterator[tuple[Any, int]]:
    """Yield ``(function(*shared, *batch), number of real rows)`` for each batch of at most ``rows`` samples.

    All are of one size, no larger than as many batches must be. The last one is filled up with copies of its first row; with
    ``zero_first`` the first array, being weights, with zeros.
    """
    samples = len(arrays[0])
    whole = [tf.constant(values) for values in shared]
    rows = -(-samples // -(-samples // rows))
    for first in range(0, samples, rows):
        batch = [values[first : first + rows] for values in arrays]
        missing = rows - len(batch[0])
        if missing:
            batch = [np.concatenate([values, np.repeat(values[:1], missing, axis=0)]) for values in batch]
            if zero_first:
                batch[0][-missing:] = 0
        yield function(*whole, *[tf.constant(values) for values in batch]), rows - missing


def in_turns(turn: Callable[[Any], Any], turns: Any) -> Any:
    """Return what a traced function makes of each turn, [T, …] float32: one after the other, so that memory holds one."""
    return tf.map_fn(turn, turns, fn_output_signature=tf.float32, parallel_iterations=1)


def gather(
    function: Callable[..., Any], arrays: Sequence[NDArray[Any]], rows: int, shared: Sequence[NDArray[Any]] = ()
) -> list[NDArray[Any]]:
    """Return the arrays [N, …] of a function that answers a batch, and what all batches share, with a list of tensors."""
    parts = [[values.numpy()[:count] for values in result] for result, count in over(function, arrays, rows, shared=shared)]
    return [chunks[0] if len(chunks) == 1 else np.concatenate(chunks) for chunks in zip(*parts, strict=True)]
