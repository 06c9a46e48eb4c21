"""What one forward pass tells about a model: output shapes, who reads from whom, and where each input becomes floating."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


class Entry(NamedTuple):
    """Where attribution to an input starts: the input itself (``operation`` None), or the output of the op that makes it floating."""

    operation: Any | None
    call: int
    name: str


_TAKES_INTEGERS = (keras.layers.Embedding, keras.layers.CategoryEncoding, keras.layers.Hashing, keras.layers.IntegerLookup)


class Inspection:
    """What one forward pass tells about a model: the layers' output shapes, who reads from whom, where inputs become floating."""

    def __init__(self, leaves: list[Any], taken_as_floats: list[bool]) -> None:
        self._leaves = {id(layer) for layer in leaves}
        self._taken_as_floats = taken_as_floats
        self.reset([])

    def reset(self, flat_inputs: list[Any]) -> None:
        """Forget everything: a new forward pass begins."""
        self.shapes: dict[int, tuple[int, ...]] = {}
        self.inbound: dict[int, list[int]] = {}
        self.watchable: dict[tuple[int, int], Any] = {}
        self.floats = 0
        self._found: dict[int, Entry] = {}
        self._calls: dict[int, int] = {}
        self._inputs = flat_inputs
        self._source = {id(x): k for k, x in enumerate(flat_inputs) if not x.dtype.is_floating}
        self._producer: dict[int, int] = {}
        self._alive = list(flat_inputs)  # ids are only unique among the living

    def makers(self, outputs: Any) -> set[int]:
        """Return the ids of the layers whose outputs are the model's."""
        return {self._producer[id(t)] for t in tree.flatten(outputs) if id(t) in self._producer}

    def around(self, operation: Any, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call an operation and note what it read and made; for `layers.wrapped_calls`."""
        count = self._calls.get(id(operation), 0)
        self._calls[id(operation)] = count + 1
        tensors = [t for t in tree.flatten((args, kwargs)) if tf.is_tensor(t)]
        output = call(*args, **kwargs)
        results = [t for t in tree.flatten(output) if tf.is_tensor(t)]
        origins = [_origin(t) for t in tensors]
        for k in {self._source[id(t)] for t in origins if id(t) in self._source}:
            for result in results:
                if not result.dtype.is_floating:
                    self._source[id(result)] = k
                elif k not in self._found and (not self._taken_as_floats[k] or isinstance(operation, _TAKES_INTEGERS)):
                    self._found[k] = Entry(operation, count, operation.name)
        if id(operation) in self._leaves and results and self._is_outside(results[0]):
            self.watchable[id(operation), count] = operation
            self.inbound.setdefault(id(operation), [self._producer[id(t)] for t in tensors if id(t) in self._producer])
            self._producer[id(results[0])] = id(operation)
            if results[0].shape.rank:
                self.shapes.setdefault(id(operation), tuple(results[0].shape[1:]))
                self.floats += int(np.prod([d or 1 for d in results[0].shape[1:]]))
        self._alive += [*tensors, *results]
        return output

    def _is_outside(self, tensor: Any) -> bool:
        """Whether a tensor lives where the inputs do, not in the inside of a loop, a branch or a function."""
        symbolic = tf.is_symbolic_tensor(tensor)
        return bool(tensor.shape.rank) and (not symbolic or tensor.graph is self._inputs[0].graph)

    def entries(self, names: list[str], flat: list[NDArray[Any]]) -> list[Entry]:
        """Return where attribution to each input starts.

        Raises:
            ValueError: an input that never becomes floating.
        """
        found = []
        for k, (name, values) in enumerate(zip(names, flat, strict=True)):
            if values.dtype.kind == "f":
                found.append(Entry(None, 0, name))
            elif k in self._found:
                found.append(self._found[k])
            elif self._taken_as_floats[k]:
                found.append(Entry(None, 0, name))
            else:
                raise ValueError(
                    f"input {name!r} is {values.dtype} and no layer of the model turns it into a floating tensor, "
                    "so no gradient can reach it. Pass floating samples, or convert inside the model with a layer "
                    "(Rescaling, Embedding, CategoryEncoding)"
                )
        return found


def _origin(tensor: Any) -> Any:
    """Return what a tensor is a mere cast of: preprocessing layers cast their input before their ``call`` sees it."""
    while tf.is_symbolic_tensor(tensor) and tensor.op.type in ("Cast", "Identity"):
        tensor = tensor.op.inputs[0]
    return tensor
