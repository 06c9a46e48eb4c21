"""Recurrent layers in layer-wise relevance propagation: the signal takes all, the gates are held constant.

Arras et al. 2017 and 2019: of a product gate · signal, the signal gets all relevance. With the gates held and an activation f(z) written
as z · (f(z)/z), its factor held too, a recurrent layer is linear in its inputs: shares as contributed over all its steps are then its
input times its gradient.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf

from tb_explain_plugin.callbacks.explainers.lrp_operations import stabilized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tb_explain_plugin.callbacks.explainers.lrp_calls import Call

_CELLS = (keras.layers.LSTMCell, keras.layers.GRUCell, keras.layers.SimpleRNNCell)
_CONVOLVING = (keras.layers.ConvLSTM1D, keras.layers.ConvLSTM2D, keras.layers.ConvLSTM3D)


@contextlib.contextmanager
def gates_held(call: Call, epsilon: float, remedy: str) -> Iterator[None]:
    """Within the context, the cells of a recurrent layer hold their gates and the slopes of their activations.

    Raises:
        ValueError: a cell whose gates are unknown.
    """
    cells = _cells(call.layer) if call.whole == "recurrent" else []
    unknown = [type(cell).__name__ for cell in cells if not isinstance(cell, _CELLS) and not isinstance(call.layer, _CONVOLVING)]
    if unknown:
        raise ValueError(
            f"lrp has no rule for layer {call.name!r} ({type(call.layer).__name__}): the gates of its cell {unknown[0]} are unknown. "
            f"{remedy}: composite={{{call.name!r}: 'gradient'}}"
        )
    before = [(cell, name, vars(cell)[name]) for cell in cells for name in ("activation", "recurrent_activation") if name in vars(cell)]
    try:
        for cell, name, function in before:
            held = _with_slope_held(function, epsilon) if name == "activation" else _held(function)
            object.__setattr__(cell, name, held)
        yield
    finally:
        for cell, name, function in before:
            object.__setattr__(cell, name, function)


def _cells(layer: Any) -> list[Any]:
    return list(getattr(layer.cell, "cells", [layer.cell]))


def _held(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda z: tf.stop_gradient(function(z))


def _with_slope_held(function: Callable[[Any], Any], epsilon: float) -> Callable[[Any], Any]:
    return lambda z: z * tf.stop_gradient(function(z) / stabilized(z, max(epsilon, 1e-12)))
