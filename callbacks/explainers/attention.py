"""The layers of a model that attend, and the weights that they give while one forward pass is taken.

Keras' layers return their weights when asked to (``return_attention_scores=True``), and compute them step by step then instead of in a
fused kernel, which differs where a query has no key to look at. They are asked by a call of their own, beside the one that the model
goes on with.
"""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import math
import warnings
from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf
from keras import tree

from tb_explain_plugin.callbacks.explainers import layers as layers_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tb_explain_plugin.callbacks.explainers.layers import Leaf
    from tb_explain_plugin.callbacks.explainers.network import Network

_ASKED = "return_attention_scores"
_OF_HEADS = (keras.layers.MultiHeadAttention, keras.layers.GroupQueryAttention)


@dataclasses.dataclass(frozen=True)
class Attended:
    """One call of an attending layer, as tensors.

    Attributes:
        weights: [B, free, heads, queries, keys]; ``free`` are positions along axes that are not attended over, 1 for a plain sequence.
        mask: bool, of the same shape: which keys a query may look at; None for all.
        query: what was attended from.
        key: what was attended to.
        value: what was taken from there.
        output: what the layer made of it.
    """

    weights: Any
    mask: Any | None
    query: Any
    key: Any
    value: Any
    output: Any

    @property
    def is_self_attention(self) -> bool:
        """Whether a sequence attends to itself."""
        sources = {id(_origin(t)) for t in (self.key, self.value)}
        return id(_origin(self.query)) in sources and self.weights.shape[-1] == self.weights.shape[-2]


def attends(layer: Any) -> bool:
    """Whether a layer has attention weights to return: Keras' own do, and any whose call takes ``return_attention_scores``."""
    return isinstance(layer, _OF_HEADS) or _ASKED in inspect.signature(layer.call).parameters


def attention_layers(model: keras.Model) -> list[Leaf]:
    """Return the layers that attend, by their path below the model, at any depth."""
    return [leaf for leaf in layers_.leaves(model, whole=attends) if attends(leaf.layer)]


def attended(network: Network, flat_inputs: Sequence[Any]) -> dict[str, Attended]:
    """Take a forward pass, and return each call of an attending layer, by name: a second one is ``name:1``.

    Calls inside a loop, a branch or a function are left out.
    """
    found: dict[str, Attended] = {}
    leaves = attention_layers(network.model)
    names = {id(leaf.layer): leaf.name for leaf in leaves}
    calls: dict[int, int] = {}
    softmaxes = {id(s): s for leaf in leaves if (s := _softmax(leaf.layer)) is not None}
    made: dict[int, tuple[Any, Any]] = {}  # by softmax: its last output and mask

    def around(layer: Any, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if id(layer) in softmaxes:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # of a single key, whose weight is 1
                output = call(*args, **kwargs)
            made[id(layer)] = output, inspect.signature(call).bind(*args, **kwargs).arguments.get("mask")
            return output
        count = calls.get(id(layer), 0)
        calls[id(layer)] = count + 1
        bound = inspect.signature(call).bind(*args, **kwargs)
        given = dict(bound.arguments)
        if _ASKED in bound.signature.parameters:
            bound.arguments[_ASKED] = True
        with _explicit(layer), _masks_kept(given):
            result = call(*bound.args, **bound.kwargs)
        softmax = _softmax(layer)
        if softmax is not None:
            weights, mask = made.pop(id(softmax), (None, None))
        else:
            weights, mask = result[1], _mask_of(layer, result[1], given)
        output = call(*args, **kwargs)
        if weights is not None and _is_outside(weights, flat_inputs) and None not in weights.shape[1:]:
            name = names[id(layer)]
            first = next(t for t in tree.flatten(output) if tf.is_tensor(t))
            found[f"{name}:{count}" if count else name] = Attended(*_by_head(layer, weights, mask), *_sequences(given), first)
        return output

    with layers_.wrapped_calls([*(leaf.layer for leaf in leaves), *softmaxes.values()], around):
        network.call(list(flat_inputs))
    return found


def _softmax(layer: Any) -> Any | None:
    """Return the layer that makes the weights of a layer with heads; it is told the mask, and which keys it leaves is all that counts."""
    return getattr(layer, "_softmax", None) if isinstance(layer, _OF_HEADS) else None


@contextlib.contextmanager
def _explicit(layer: Any) -> Iterator[None]:
    """Within the context, a layer has no flash attention, which never has the weights in one piece."""
    flash = getattr(layer, "_flash_attention", None)
    if not flash:
        yield
        return
    object.__setattr__(layer, "_flash_attention", False)
    try:
        yield
    finally:
        object.__setattr__(layer, "_flash_attention", flash)


@contextlib.contextmanager
def _masks_kept(given: dict[str, Any]) -> Iterator[None]:
    """Put back the masks that tensors carry, which a layer takes off them when it is called."""
    carried = [(t, t._keras_mask) for t in tree.flatten(given) if getattr(t, "_keras_mask", None) is not None]  # noqa: SLF001 (Keras' own)
    try:
        yield
    finally:
        for tensor, mask in carried:
            tensor._keras_mask = mask  # noqa: SLF001


def _sequences(given: dict[str, Any]) -> tuple[Any, Any, Any]:
    """Return query, value and key: arguments of their own, or the items of one."""
    if "query" in given:
        query, value = given["query"], given.get("value", given["query"])
        key = given.get("key")
        return query, value, value if key is None else key
    first = next(iter(given.values()))
    items = list(first) if isinstance(first, (list, tuple)) else [first]
    query, value, key = (items + items[-1:] * 2)[:3]
    return query, value, key


def _mask_of(layer: Any, weights: Any, given: dict[str, Any]) -> Any | None:
    """Return which keys each query of Keras' Attention and AdditiveAttention may look at, [B, queries, keys]; None for all."""
    if not isinstance(layer, keras.layers.Attention):
        return None
    queries, keys = weights.shape[-2:]
    allowed = None
    query_mask, value_mask = (*(given.get("mask") or ()), None, None)[:2]
    if value_mask is not None:
        allowed = tf.cast(value_mask, bool)[:, None, :]
    if query_mask is not None:
        queried = tf.cast(query_mask, bool)[:, :, None]
        allowed = queried if allowed is None else allowed & queried
    if given.get("use_causal_mask"):
        causal = (tf.range(queries)[:, None] >= tf.range(keys))[None]
        allowed = causal if allowed is None else allowed & causal
    return allowed


def _by_head(layer: Any, weights: Any, mask: Any | None) -> tuple[Any, Any | None]:
    """Return weights and mask as [B, free, heads, queries, keys]."""
    axes = len(getattr(layer, "_attention_axes", None) or (1,)) if isinstance(layer, keras.layers.MultiHeadAttention) else 1
    shape = list(weights.shape)
    free, queries, keys = shape[1 : -2 * axes], shape[-2 * axes : -axes], shape[-axes:]
    heads = free.pop() if free else 1
    size = [-1, *(math.prod(lengths) for lengths in (free, [heads], queries, keys))]
    if mask is not None:
        mask = tf.reshape(tf.broadcast_to(tf.cast(mask, bool), tf.shape(weights)), size)
    return tf.reshape(weights, size), mask


def _origin(tensor: Any) -> Any:
    """Return what a tensor is a mere cast of: a layer of mixed precision casts each of its arguments."""
    while tf.is_symbolic_tensor(tensor) and tensor.op.type in ("Cast", "Identity"):
        tensor = tensor.op.inputs[0]
    return tensor


def _is_outside(tensor: Any, flat_inputs: Sequence[Any]) -> bool:
    return not tf.is_symbolic_tensor(tensor) or tensor.graph is flat_inputs[0].graph
