"""The calls of a model's layers while it is traced: which operations are whose, and which layers are taken as a whole."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf
from keras import tree

from tb_explain_plugin.callbacks.explainers import layers as layers_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tb_explain_plugin.callbacks.explainers.lrp_composites import Composite
    from tb_explain_plugin.callbacks.explainers.network import Network

_LOW_PRECISION = ("float16", "bfloat16")


@dataclasses.dataclass(frozen=True)
class Call:
    """One call of a layer.

    Attributes:
        name: of the layer, its path below the model.
        layer: the layer.
        run: calls it again, with other tensors in place of ``inputs``.
        inputs: floating tensors that it was given.
        outputs: tensors that it returned.
        first: position of its first operation in the trace.
        last: position after its last one.
        whole: the name of the rule by which it is taken as a whole; "" for a layer that is opened.
    """

    name: str
    layer: Any
    run: Callable[[Sequence[Any]], list[Any]]
    inputs: tuple[Any, ...]
    outputs: tuple[Any, ...]
    first: int
    last: int
    whole: str

    @property
    def normalizes(self) -> bool:
        """Whether it is a batch normalization, to be folded."""
        return isinstance(self.layer, keras.layers.BatchNormalization) and not self.whole


class Calls:
    """The calls of a model's layers during one trace.

    Args:
        network: the model.
        composite: whose rules for whole layers are followed.
    """

    def __init__(self, network: Network, composite: Composite) -> None:
        self.made: list[Call] = []
        self._names = {id(leaf.layer): leaf.name for leaf in network.leaves}
        self._composite = composite
        inner = network.model._flatten_layers(include_self=False)  # noqa: SLF001 (Keras has no public list of all layers at any depth)
        recurrent = [layer for layer in inner if isinstance(layer, (keras.layers.RNN, keras.layers.BatchNormalization))]
        self._layers = {id(layer): layer for layer in [*(leaf.layer for leaf in network.leaves), *recurrent]}

    @contextlib.contextmanager
    def noted(self) -> Iterator[None]:
        """Within the context, layers' calls are noted."""
        graph = tf.compat.v1.get_default_graph()

        def around(layer: Any, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            if tf.compat.v1.get_default_graph() is not graph:
                return call(*args, **kwargs)
            first = len(graph.get_operations())
            output = call(*args, **kwargs)
            given = [t for t in tree.flatten((args, kwargs)) if _is_floating(t)]
            whole = self._whole(layer)
            if whole:
                output = tree.map_structure(lambda t: tf.identity(t) if tf.is_tensor(t) else t, output)

            def run(stand_ins: Sequence[Any]) -> list[Any]:
                replaced = {id(t): stand_in for t, stand_in in zip(given, stand_ins, strict=True)}
                again_args, again_kwargs = tree.map_structure(lambda t: replaced.get(id(t), t), (args, kwargs))
                with keras.StatelessScope():
                    return [t for t in tree.flatten(call(*again_args, **again_kwargs)) if _is_floating(t)]

            returned = tuple(t for t in tree.flatten(output) if _is_floating(t))
            if returned:
                last = len(graph.get_operations())
                self.made.append(Call(self.name_of(layer), layer, run, tuple(given), returned, first, last, whole))
            return output

        with layers_.wrapped_calls(list(self._layers.values()), around):
            yield

    def name_of(self, layer: Any) -> str:
        """Return a layer's path below the model."""
        return self._names.get(id(layer)) or str(layer.path)

    def owner(self, position: int) -> Call | None:
        """Return the innermost call that made an operation."""
        around = [call for call in self.made if call.first <= position < call.last]
        return min(around, key=lambda call: call.last - call.first, default=None)

    def _whole(self, layer: Any) -> str:
        chosen = self._composite.of_layer(self.name_of(layer), layer)
        if isinstance(chosen, str):
            return chosen
        return "recurrent" if isinstance(layer, keras.layers.RNN) else ""


@contextlib.contextmanager
def opened(model: keras.Model) -> Iterator[None]:
    """Within the context, a trace of the model has all its operations in one graph, and in float32.

    Functions called on the way (``tf.function``, XLA's) are traced in place; layers of mixed precision compute as their variables are kept.
    """
    inner = [layer for layer in model._flatten_layers() if layer.compute_dtype in _LOW_PRECISION]  # noqa: SLF001 (as above)
    before = [layer.dtype_policy for layer in inner]
    in_place = tf.config.functions_run_eagerly()
    try:
        tf.config.run_functions_eagerly(True)
        for layer in inner:
            layer.dtype_policy = "float32"
        yield
    finally:
        for layer, policy in zip(inner, before, strict=True):
            layer.dtype_policy = policy
        tf.config.run_functions_eagerly(in_place)


def _is_floating(value: Any) -> bool:
    return bool(tf.is_tensor(value)) and value.dtype.is_floating
