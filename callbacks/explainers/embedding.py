"""Embedding: where samples lie in the space of a late layer, from which the head reads its decision off."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops, tree

from tb_explain_plugin.callbacks.explainers import layers as layers_
from tb_explain_plugin.callbacks.explainers.engine import as_scorer

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer
    from tb_explain_plugin.callbacks.explainers.network import Network

MOST_DIMENSIONS = 64
"""Of an embedding; distances in a random projection of more units than that keep to a sixth or so."""


@dataclasses.dataclass
class Embedding:
    """Samples in the space of a layer's activations.

    Attributes:
        points: [N, D] float32: the layer's units, or a random orthogonal projection of them.
        layer: whose output they are.
        units: how many it has.
    """

    points: NDArray[Any]
    layer: str
    units: int


def embedding_projection(
    model: keras.Model | Scorer,
    inputs: Any,
    targets: Any = None,
    *,
    layer: str | None = None,
    dimensions: int = MOST_DIMENSIONS,
    seed: int = 0,
    score: Any = "log_odds",
    batch_size: int | None = None,
) -> Embedding:
    """Activations of a late layer, in at most so many dimensions.

    What the model's head reads: samples that lie close together here are the same to it. Where the layer has more units than
    ``dimensions``, they are projected onto random orthogonal axes, which are those of the seed alone and so the same for every epoch and
    model: what moves is the model. Distances survive to a part of about √(2 / dimensions) (Johnson and Lindenstrauss, "Extensions of
    Lipschitz mappings into a Hilbert space", 1984), and so do the principal components, as long as few of them matter. It costs one
    forward pass.

    Args:
        model: a built Keras model, or a `Scorer` made for it.
        inputs: N samples as the model takes them: an array, or a list or dict of arrays.
        targets: not read; stands for the common signature.
        layer: the layer whose output is taken. Defaults to None: whatever the last layer with a weight matrix reads, of the model's first
            output. Positions (pixels, tokens, steps) are averaged.
        dimensions: at most, at least 2.
        seed: of the random axes.
        score: not read.
        batch_size: rows of a batch; by default as many as memory allows.

    Returns:
        An `Embedding`.

    Raises:
        ValueError: dimensions below 2, an unknown layer (with the closest names), or inputs that do not fit.

    Example:
        >>> embedding = embedding_projection(model, x_val)
        >>> embedding.points.shape  # (256, 48)
    """
    check_dimensions(dimensions=dimensions)
    scorer = as_scorer(model, inputs, targets, score, batch_size)
    network = scorer.network
    watched = watched_layer(network, layer)

    def look(*flat: Any) -> list[Any]:
        seen: list[Any] = []

        def around(operation: Any, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            del operation
            given = tree.flatten((args, kwargs))
            output = call(*args, **kwargs)
            seen.append(next(t for t in (tree.flatten(output) if watched.output else given) if hasattr(t, "shape")))
            return output

        with layers_.wrapped_calls([watched.operation], around):
            network.call(list(flat))
        values = ops.cast(seen[watched.call], "float32")
        if len(values.shape) > 2:
            values = ops.mean(values, axis=tuple(range(1, len(values.shape) - 1)))
        units = math.prod(values.shape[1:])
        values = ops.reshape(values, (-1, units))  # of texts, whose number is known only when they are read
        points = values if units <= dimensions else ops.matmul(values, random_axes(units, dimensions, seed))
        return [points, ops.full((flat[0].shape[0],), units, dtype="int32")]

    points, units = scorer.ask(f"embedding:{layer}:{dimensions}:{seed}", look, network.flatten(inputs))
    return Embedding(points, watched.name, int(units[0]))


@dataclasses.dataclass(frozen=True)
class Watched:
    """A call of a layer whose output, or what it reads, is taken. ``name``: of the layer that makes it."""

    operation: Any
    call: int
    output: bool
    name: str


def check_dimensions(*, dimensions: int, **_: Any) -> None:
    """Raise a ValueError unless a number of dimensions can be looked at."""
    if not isinstance(dimensions, int) or dimensions < 2:
        raise ValueError(f"dimensions is {dimensions!r}; expected a whole number of at least 2")


def watched_layer(network: Network, layer: str | None) -> Watched:
    """Return the layer of a name; without one, that which the head reads.

    Raises:
        ValueError: no such layer, or a model without a weight matrix.
    """
    if layer is not None:
        entry = network.layer_entry(layer)
        return Watched(entry.operation, entry.call, output=True, name=layer)
    head = _head(network)
    names = {id(leaf.layer): leaf for leaf in network.leaves}
    before = [names[i] for i in network.inbound.get(id(head.layer), []) if i in names]
    while len(before) == 1 and isinstance(before[0].layer, keras.layers.Dropout) and network.inbound.get(id(before[0].layer)):
        before = [names[i] for i in network.inbound[id(before[0].layer)] if i in names]  # which inference leaves out
    name = before[0].name if len(before) == 1 else f"input of {head.name}"
    return Watched(head.layer, -1, output=False, name=name)


def _head(network: Network) -> layers_.Leaf:
    """Return the last layer with a weight matrix, of the model's first output."""
    by_id = {id(leaf.layer): leaf for leaf in network.leaves}
    makers = [leaf for leaf in network.leaves if id(leaf.layer) in network.output_layers]
    named = [leaf for leaf in makers if leaf.name.rpartition("/")[2] == network.output_names[0]]
    waiting = [*(named or makers)[:1]]
    met: set[int] = set()
    while waiting:
        leaf = waiting.pop(0)
        if _mixes(leaf.layer):
            return leaf
        met.add(id(leaf.layer))
        waiting += [by_id[i] for i in network.inbound.get(id(leaf.layer), []) if i in by_id and i not in met]
    called = [leaf for leaf in network.leaves if id(leaf.layer) in network.output_shapes and _mixes(leaf.layer)]
    if not called:
        raise ValueError(
            f"the model {network.model.name!r} has no layer with a weight matrix, whose input would be its embedding; "
            f"pass layer=, one of {[leaf.name for leaf in network.watchable]}"
        )
    return called[-1]


def _mixes(layer: Any) -> bool:
    return not isinstance(layer, keras.layers.Embedding) and any(len(weight.shape) > 1 for weight in layer.weights)


def random_axes(units: int, dimensions: int, seed: int) -> NDArray[Any]:
    """Return random orthonormal axes [units, dimensions] float32, of the seed alone."""
    normal = np.random.default_rng(seed).normal(size=(units, dimensions))
    axes: NDArray[Any] = np.linalg.qr(normal)[0].astype(np.float32)
    return axes
