"""The layers of a Keras model: what they are called, what flows between them, and how to watch or replace what they return.

Keras has no hooks. A layer's ``call`` is wrapped while one forward pass is traced and set free right after, so that training never sees it.
"""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING, Any

import keras

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_RELU = ("relu", "relu6", "ReLU")
_TANH = ("tanh", "hard_tanh")
_SIGMOID = ("sigmoid", "hard_sigmoid")
_SHAPE_ONLY = (
    keras.layers.InputLayer,
    keras.layers.Flatten,
    keras.layers.Reshape,
    keras.layers.Permute,
    keras.layers.RepeatVector,
    keras.layers.Dropout,
    keras.layers.Identity,
)


@dataclasses.dataclass(frozen=True)
class Leaf:
    """A layer whose output is watched as a whole. ``name`` is its path below the model, unique in it."""

    name: str
    layer: Any

    @property
    def activation(self) -> str:
        """Name of the layer's activation function; "" for none."""
        if isinstance(self.layer, (keras.layers.ReLU, keras.layers.Softmax)):
            return type(self.layer).__name__.lower()
        function = getattr(self.layer, "activation", None)
        return getattr(function, "__name__", type(function).__name__) if function is not None else ""

    @property
    def rectifies(self) -> bool:
        """Whether a unit that is never above 0 is dead."""
        if isinstance(self.layer, keras.layers.ReLU):
            return not self.layer.negative_slope and not self.layer.threshold
        return self.activation in _RELU

    @property
    def saturates_beyond(self) -> tuple[float, float] | None:
        """Outputs outside this range are saturated: ± .97 for tanh, the same slope for sigmoid; None where it has no meaning."""
        if self.activation in _TANH:
            return (-0.97, 0.97)
        return (0.015, 0.985) if self.activation in _SIGMOID else None

    @property
    def informative(self) -> bool:
        """Whether the distribution of its outputs says more than its input's: it has weights or bends its input."""
        return not isinstance(self.layer, _SHAPE_ONLY) and bool(self.layer.weights or self.activation)


def leaves(model: keras.Model, *, whole: Callable[[Any], bool] = lambda _: False) -> list[Leaf]:
    """Return the layers of a model, nested models and composite layers opened, Keras' own wrappers (RNN, Bidirectional) kept whole.

    ``whole``: which composite layers are not opened either.
    """
    found: list[Leaf] = []
    taken: dict[str, int] = {}

    def visit(layer: Any, path: str) -> None:
        children = [] if whole(layer) else _children(layer)
        if children:
            for child in children:
                visit(child, f"{path}{child.name}/")
            return
        name = path[:-1]
        if any(leaf.layer is layer for leaf in found):
            return
        count = taken.get(name, 0)
        taken[name] = count + 1
        found.append(Leaf(f"{name}_{count}" if count else name, layer))

    for child in _children(model):
        visit(child, f"{child.name}/")
    return found


def _children(layer: Any) -> list[Any]:
    is_keras_own = type(layer).__module__.partition(".")[0] == "keras" and not isinstance(layer, keras.Model)
    if is_keras_own:
        return []
    inner = layer.layers if isinstance(layer, keras.Model) else layer._layers  # noqa: SLF001 (Keras has no public list of a layer's own layers)
    return [child for child in inner if isinstance(child, keras.layers.Layer)]


def operations(model: keras.Model) -> list[Any]:
    """Return whatever may turn an input into floats: the leaves, and the ops (``x / 255``) of Functional models."""
    found = [leaf.layer for leaf in leaves(model)]

    def visit(layer: Any) -> None:
        for operation in getattr(layer, "operations", []):
            if isinstance(operation, keras.Model):
                visit(operation)
            elif not any(operation is other for other in found):
                found.append(operation)

    visit(model)
    return found


@contextlib.contextmanager
def wrapped_calls(layers: list[Any], around: Callable[[Any, Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]) -> Iterator[None]:
    """Within the context, ``layer.call(*args, **kwargs)`` becomes ``around(layer, call, args, kwargs)``.

    Set on the instance past Keras' attribute tracking, and put back on leaving, whatever happens.
    """

    def wrap(layer: Any) -> Callable[..., Any]:
        call = layer.call
        return lambda *args, **kwargs: around(layer, call, args, kwargs)

    found: list[tuple[Any, Any]] = []
    try:
        for layer in layers:
            found.append((layer, vars(layer).get("call")))  # somebody else may have set one
            object.__setattr__(layer, "call", wrap(layer))
        yield
    finally:
        for layer, call in reversed(found):
            if call is None:
                object.__delattr__(layer, "call")
            else:
                object.__setattr__(layer, "call", call)
