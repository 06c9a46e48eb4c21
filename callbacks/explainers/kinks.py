"""Gradients that jump along a path: gates averaged over the stretch of the path that each node stands for.

A ReLU's derivative is 0 or 1, so in a network of them the gradient along a path is a staircase of hundreds of steps, and a rule that knows
no more than its nodes errs by a part of each. But what a unit's input does from node to node is known well: it is nearly straight. So the
share of a node's cell in which the unit is on takes the place of its gate at the node, and likewise the share in which each element of a
pooling window is the largest. Where nothing switches within a cell that is the derivative itself, so the quadrature converges to the same
integral, only faster. All other operations keep their own derivatives; so do those inside loops, branches and functions.
"""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    from collections.abc import Iterator

_POINTS = 8
"""Points of a cell at which the largest of many is looked for; of the few in a window, the share is exact."""


@dataclasses.dataclass(frozen=True)
class Cells:
    """The stretches of their paths that R rows stand for; rows that follow each other are nodes that do, but where a path ends.

    Over its cell, a value z changes by ahead · (z of the next row − z) + behind · (z − z of the previous row): the straight line through
    a node that fits both neighbours best. Each is float32 [R].
    """

    ahead: Any
    behind: Any
    centre: Any
    """From the node to the middle of its cell, in widths of the cell."""

    @classmethod
    def around(cls, nodes: Any, bounds: Any) -> Cells:
        """Return the cells of nodes [B, K] with bounds [B, K, 2]."""
        width = bounds[..., 1] - bounds[..., 0]
        ahead = tf.concat([nodes[:, 1:], nodes[:, -1:]], axis=1) - nodes
        behind = nodes - tf.concat([nodes[:, :1], nodes[:, :-1]], axis=1)
        scale = tf.math.divide_no_nan(width, ahead**2 + behind**2)
        centre = tf.math.divide_no_nan(tf.reduce_mean(bounds, axis=-1) - nodes, width)
        return cls(*[tf.reshape(part, [-1]) for part in (ahead * scale, behind * scale, centre)])


_cells: contextvars.ContextVar[Cells] = contextvars.ContextVar("cells")


@contextlib.contextmanager
def averaged(cells: Cells) -> Iterator[None]:
    """Average the gates of the operations traced inside, where `tf.gradients` is taken inside too."""
    token = _cells.set(cells)
    try:
        with tf.compat.v1.get_default_graph().gradient_override_map({name: f"Explain{name}" for name in _AVERAGED}):
            yield
    finally:
        _cells.reset(token)


def _relu(op: Any, upstream: Any) -> Any:
    return upstream * _gate(op.inputs[0])


def _relu6(op: Any, upstream: Any) -> Any:
    return upstream * (_gate(op.inputs[0]) - _gate(op.inputs[0] - 6))


def _leaky_relu(op: Any, upstream: Any) -> Any:
    alpha = op.get_attr("alpha")
    return upstream * (alpha + (1 - alpha) * _gate(op.inputs[0]))


def _max_pool(op: Any, upstream: Any) -> Any:
    z = op.inputs[0]
    padding, layout = op.get_attr("padding").decode(), op.get_attr("data_format").decode()
    window = {"ksize": op.get_attr("ksize"), "strides": op.get_attr("strides")}
    if not _is_by_row(z) or layout != "NHWC" or padding == "EXPLICIT":
        explicit = op.get_attr("explicit_paddings")
        return tf.raw_ops.MaxPoolGrad(
            orig_input=z,
            orig_output=op.outputs[0],
            grad=upstream,
            padding=padding,
            explicit_paddings=explicit,
            data_format=layout,
            **window,
        )
    before = z.op.inputs[0] if z.op.type in _RISING else z  # who wins is settled before; when it wakes up, its own gate says
    cells = _cells.get()
    return _compiled_pooling(before, upstream, cells.ahead, cells.behind, cells.centre, padding=padding, **window)


def _max(op: Any, upstream: Any) -> tuple[Any, None]:
    z, axes = op.inputs
    reduced = tf.get_static_value(axes)
    largest = tf.reduce_max(z, axes, keepdims=True)
    upstream = tf.reshape(upstream, tf.shape(largest))
    if reduced is None or not _is_by_row(z) or 0 in np.ravel(reduced) % z.shape.rank:
        winners = tf.cast(z == largest, z.dtype)
        return upstream * winners / tf.reduce_sum(winners, axes, keepdims=True), None
    before = z.op.inputs[0] if z.op.type in _RISING else z
    cells = _cells.get()
    return upstream * _compiled_wins(before, cells.ahead, cells.behind, cells.centre, axes=np.ravel(reduced).tolist()), None


def _gate(z: Any) -> Any:
    """Return the share of each row's cell in which z is positive."""
    if not _is_by_row(z):
        return tf.cast(z > 0, z.dtype)
    cells = _cells.get()
    return tf.reshape(_compiled_share(tf.reshape(z, [z.shape[0], -1]), cells.ahead, cells.behind, cells.centre), z.shape)


def _is_by_row(z: Any) -> bool:
    return bool(z.shape.is_fully_defined() and z.shape.rank > 1 and z.shape[0] == _cells.get().ahead.shape[0])


def _share_positive(z: Any, ahead: Any, behind: Any, centre: Any) -> Any:
    middle, change = _line(z, ahead, behind, centre)
    share = tf.clip_by_value(middle / tf.abs(change) + 0.5, 0, 1)
    return tf.cast(tf.where(change == 0, tf.cast(middle > 0, middle.dtype), share), z.dtype)


def _pooled(z: Any, upstream: Any, ahead: Any, behind: Any, centre: Any, *, ksize: list[int], strides: list[int], padding: str) -> Any:
    """Return the gradient at z [R, H, W, C]: of each window, an element gets the share of the cell in which it is the largest."""
    sizes, steps, outputs = ksize[1:3], strides[1:3], upstream.shape[1:3]
    missing = [max((o - 1) * s + k - full, 0) for o, s, k, full in zip(outputs, steps, sizes, z.shape[1:3], strict=True)]
    around = [[m // 2, m - m // 2] if padding == "SAME" else [0, 0] for m in missing]
    middle, change = _line(z, ahead, behind, centre)
    middle = tf.pad(middle, [[0, 0], *around, [0, 0]], constant_values=middle.dtype.min)
    change = tf.pad(change, [[0, 0], *around, [0, 0]])
    corners = list(itertools.product(*map(range, sizes)))
    begins = [[0, i, j, 0] for i, j in corners]
    ends = [[z.shape[0], i + (outputs[0] - 1) * steps[0] + 1, j + (outputs[1] - 1) * steps[1] + 1, z.shape[3]] for i, j in corners]
    elements = [[tf.strided_slice(part, b, e, strides) for part in (middle, change)] for b, e in zip(begins, ends, strict=True)]
    result = tf.zeros_like(middle)
    for k, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        taken = tf.cast(upstream, middle.dtype) * _share_largest(elements, k)
        result += tf.raw_ops.StridedSliceGrad(shape=middle.shape, begin=begin, end=end, strides=strides, dy=taken)
    (top, _), (left, _) = around
    return tf.cast(result[:, top : top + z.shape[1], left : left + z.shape[2]], z.dtype)


def _share_of_wins(z: Any, ahead: Any, behind: Any, centre: Any, *, axes: list[int]) -> Any:
    """Return the share of each row's cell in which an element is the largest along the axes, from a few points of the cell."""
    middle, change = _line(z, ahead, behind, centre)
    share = tf.zeros_like(middle)
    for t in (np.arange(_POINTS) + 0.5) / _POINTS - 0.5:
        at = middle + float(t) * change
        wins = tf.cast(at == tf.reduce_max(at, axes, keepdims=True), at.dtype)
        share += wins / (_POINTS * tf.reduce_sum(wins, axes, keepdims=True))
    return tf.cast(share, z.dtype)


def _line(z: Any, ahead: Any, behind: Any, centre: Any) -> tuple[Any, Any]:
    """Return the value in the middle of each row's cell and its change over the cell, float32."""
    z = tf.cast(z, tf.float32)
    ahead, behind, centre = (tf.reshape(part, [-1, *[1] * (z.shape.rank - 1)]) for part in (ahead, behind, centre))
    following, previous = tf.concat([z[1:], z[:1]], axis=0), tf.concat([z[-1:], z[:-1]], axis=0)
    change = tf.math.multiply_no_nan(following - z, ahead) + tf.math.multiply_no_nan(z - previous, behind)
    return z + centre * change, change


def _share_largest(elements: list[list[Any]], k: int) -> Any:
    """Return the share of −½ ≤ t ≤ ½ in which line k, middle + t · change, lies above all others; of equal lines the first does."""
    middle, change = elements[k]
    low, high = tf.fill(middle.shape, -0.5), tf.fill(middle.shape, 0.5)
    for other, (its_middle, its_change) in enumerate(elements):
        if other == k:
            continue
        lead, gain = middle - its_middle, change - its_change
        crossing = tf.clip_by_value(-lead / gain, -0.5, 0.5)
        never = -0.5  # below throughout: the share ends where it begins
        leads = lead >= 0 if k < other else lead > 0
        low = tf.maximum(low, tf.where(gain > 0, crossing, -0.5))
        high = tf.minimum(high, tf.where(gain < 0, crossing, tf.where(leads | (gain > 0), 0.5, never)))
    return tf.maximum(high - low, 0)


_RISING = {"Relu": _relu, "Relu6": _relu6, "LeakyRelu": _leaky_relu}
_AVERAGED = {**_RISING, "MaxPool": _max_pool, "Max": _max}
for _name, _gradient in _AVERAGED.items():
    tf.RegisterGradient(f"Explain{_name}")(_gradient)

# Dozens of small operations on large arrays: compiled, they pass over memory a few times.
_compiled_share = tf.function(_share_positive, autograph=False, jit_compile=True)
_compiled_wins = tf.function(_share_of_wins, autograph=False, jit_compile=True)
_compiled_pooling = tf.function(_pooled, autograph=False, jit_compile=True)
