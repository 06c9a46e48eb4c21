"""What one forward pass tells about a model: output shapes, who reads from whom, and where each input becomes floating."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


class Entry(NamedTuple):
    """Where attribution to an input starts: the input itself (``operation`` None), or the output of the op that makes it floating.

    ``meaning`` says what the entry's numbers are, and with that which baseline they have and what gets one attribution each:

    - ``"values"``: magnitudes, as floating inputs and pixels after Rescaling are. Each has its own attribution.
    - ``"embedding"``: a vector for each code (token, category), attributions summed over it.
    - ``"encoding"``: counts or ones, as one-hot columns are, 0 meaning "not there". Where each code of the input has ones of its own
      (one-hot), attributions are summed over them; where the codes of a sample share one row of counts (multi-hot, bags of words), or a
      string is split, the counted categories themselves are what is explained.
    - ``"held"``: a mask, which steers the model and has no magnitude: it is kept as it is, and its attribution is 0.

    ``elements`` is the shape of what gets one attribution each, of one sample; None stands for the entry's own. ``codes`` says
    where the codes are made that the operation reads; None if they are the input.
    """

    operation: Any | None
    call: int
    name: str
    meaning: str = "values"
    elements: tuple[int, ...] | None = None
    codes: Entry | None = None

    @property
    def vocabulary(self) -> list[str]:
        """The word of each code: of a token id (embedding) or of an encoded column; empty where the model does not know."""
        makers: list[Any] = [self.operation, self.codes.operation if self.codes is not None else None]
        known = [layer for layer in makers if hasattr(layer, "get_vocabulary")]
        return [str(word) for word in known[0].get_vocabulary()] if known else []

    def of_padding(self) -> NDArray[Any]:
        """Return what an embedding makes of one sample of zeros, the padding, float32 [1, …]."""
        embedding: Any = self.operation
        with keras.StatelessScope():
            made = embedding(tf.zeros((1, *(self.elements or ())), tf.int32))
        return np.asarray(tf.cast(made, tf.float32))


_TAKES_CODES = (keras.layers.Embedding, keras.layers.CategoryEncoding, keras.layers.Hashing, keras.layers.IntegerLookup)
_PREPROCESSING = (
    keras.layers.CategoryEncoding,
    keras.layers.Discretization,
    keras.layers.HashedCrossing,
    keras.layers.Hashing,
    keras.layers.IntegerLookup,
    keras.layers.StringLookup,
    keras.layers.TextVectorization,
)
_COUNTS = ("multi_hot", "count", "tf_idf")


class Inspection:
    """What one forward pass tells about a model: the layers' output shapes, who reads from whom, where inputs become floating."""

    def __init__(self, leaves: list[Any], taken_as_floats: list[bool], input_layers: Sequence[Any] = ()) -> None:
        self._leaves = {id(layer) for layer in leaves}
        self._taken_as_floats = taken_as_floats
        self._input_layers = input_layers
        self.reset([])

    def reset(self, flat_inputs: list[Any]) -> None:
        """Forget everything: a new forward pass begins."""
        self.shapes: dict[int, tuple[int, ...]] = {}
        self.inbound: dict[int, list[int]] = {}
        self.watchable: dict[tuple[int, int], Any] = {}
        self.several: set[tuple[int, int]] = set()
        self.floats = 0
        self._found: dict[int, Entry] = {}
        self._read_as_floats: set[int] = set()
        self._held: set[int] = set()
        self._faults: dict[int, str] = {}
        self._again: dict[int, str] = {}
        self._calls: dict[int, int] = {}
        self._inputs = flat_inputs
        self._source = {id(x): frozenset([k]) for k, x in enumerate(flat_inputs)}
        self._codes: dict[int, Entry] = {}
        self._producer: dict[int, int] = {}
        # Input layers are not called, and operations between layers (``x + y``) are none: tensors go through both.
        given = zip(flat_inputs, self._input_layers, strict=False)
        self._comes_from = {id(x): [id(layer)] for x, layer in given if id(layer) in self._leaves}
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
        known = self._comes_from
        read = [layer for t in tensors for layer in known.get(id(t)) or known.get(id(self._origin(t)), [])]
        if not tf.is_tensor(output):
            self.several.add((id(operation), count))
        if results:
            masks = [t for name, value in kwargs.items() if "mask" in name for t in tree.flatten(value)]
            self._follow(operation, count, tensors, results, {id(self._origin(t)) for t in masks if tf.is_tensor(t)})
        if id(operation) in self._leaves and results and self._is_outside(results[0]):
            self.watchable[id(operation), count] = operation
            self.inbound.setdefault(id(operation), read)
            known.update({id(result): [id(operation)] for result in results})
            self._producer[id(results[0])] = id(operation)
            if results[0].shape.rank:
                self.shapes.setdefault(id(operation), tuple(results[0].shape[1:]))
                self.floats += int(np.prod([d or 1 for d in results[0].shape[1:]]))
        elif id(operation) not in self._leaves:
            known.update({id(result): list(dict.fromkeys(read)) for result in results})
        self._alive += [*tensors, *results]
        return output

    def _follow(self, operation: Any, count: int, tensors: list[Any], results: list[Any], masks: set[int]) -> None:
        """Follow what an operation makes of the inputs, up to where they are floating."""
        origins = [self._origin(t) for t in tensors]
        read = [t for t in origins if id(t) in self._source]
        sources = frozenset(k for t in read for k in self._source[id(t)])
        floating, encodes = results[0].dtype.is_floating, _output_mode(operation) != "int"
        for k in sources:
            mine = [t for t in read if k in self._source[id(t)]]
            others = [t for t in origins if self._source.get(id(t)) != frozenset([k]) and self._is_computed(t)]
            if floating and not encodes and mine[0] is self._inputs[k] and self._is_float(k) and not isinstance(operation, _TAKES_CODES):
                if isinstance(operation, keras.layers.Masking):  # the mask is the sample's own, all along a path
                    self._found[k] = Entry(operation, count, operation.name, elements=tuple(mine[0].shape[1:]))
                else:
                    self._read_as_floats.add(k)
            elif others and all(t.dtype.is_bool or id(t) in masks for t in mine):
                self._held.add(k)
            elif floating or encodes:
                self._enter(k, operation, count, mine[0], results[0], others=bool(others))
        if sources and not encodes:
            for result in results:
                if result.dtype.is_bool == read[0].dtype.is_bool and not result.dtype.is_floating:  # not what a comparison makes
                    self._source[id(result)] = sources
                    self._codes[id(result)] = Entry(operation, count, operation.name)

    def _origin(self, tensor: Any) -> Any:
        """Return what a tensor is a mere cast of: preprocessing layers cast their input before their ``call`` sees it."""
        origin = tensor
        while id(origin) not in self._source and tf.is_symbolic_tensor(origin) and origin.op.type in ("Cast", "Identity"):
            origin = origin.op.inputs[0]
        return origin

    def _is_computed(self, tensor: Any) -> bool:
        """Whether a tensor comes from the inputs, and is no constant."""
        return tensor.op.type != "Const" if tf.is_symbolic_tensor(tensor) else any(tensor is known for known in self._alive)

    def _is_float(self, k: int) -> bool:
        return self._taken_as_floats[k] or bool(self._inputs[k].dtype.is_floating)

    def _enter(self, k: int, operation: Any, count: int, read: Any, made: Any, *, others: bool) -> None:
        """Note an operation as the entry of an input, or why it cannot be."""
        name = operation.name
        if k in self._found:
            if not others and isinstance(operation, keras.layers.Embedding):
                self._again[k] = name
        elif not isinstance(made, tf.Tensor):
            self._faults[k] = (
                f"becomes a {type(made).__name__} in {name!r}; ragged and sparse tensors are not explained: "
                "make it dense (sparse=False; ragged=False with output_sequence_length=)"
            )
        elif others:
            self._faults[k] = (
                f"is joined with other values in {name!r} before it is floating by itself: convert it first, with a layer of its own "
                "(Rescaling, Embedding, CategoryEncoding), or declare it keras.Input(dtype='float32')"
            )
        elif None in made.shape[1:]:
            self._faults[k] = (
                f"has samples whose length in {name!r} depends on the others of their batch; give the layer that cuts it into tokens a "
                "fixed length: TextVectorization(output_sequence_length=…)"
            )
        else:
            meaning = _meaning(operation, tuple(read.shape[1:]), tuple(made.shape[1:]))
            if meaning is None:
                self._faults[k] = (
                    f"is read as integers by {name!r}, whose units are its own: put Rescaling(1.0) before it, "
                    "or declare the input keras.Input(dtype='float32')"
                )
            else:
                self._found[k] = Entry(operation, count, name, *meaning, codes=self._codes.get(id(read)))

    def _is_outside(self, tensor: Any) -> bool:
        """Whether a tensor lives where the inputs do, not in the inside of a loop, a branch or a function."""
        symbolic = tf.is_symbolic_tensor(tensor)
        return bool(tensor.shape.rank) and (not symbolic or tensor.graph is self._inputs[0].graph)

    def entries(self, names: list[str], flat: list[NDArray[Any]]) -> list[Entry]:
        """Return where attribution to each input starts.

        Raises:
            ValueError: an input that never becomes floating, or not so that its elements have values of their own.
        """
        return [self._entry(k, name, values) for k, (name, values) in enumerate(zip(names, flat, strict=True))]

    def _entry(self, k: int, name: str, values: NDArray[Any]) -> Entry:
        itself = Entry(None, 0, name, elements=values.shape[1:])
        if k in self._again:
            warnings.warn(
                f"input {name!r} is embedded by {self._found[k].name!r} and by {self._again[k]!r}: its attributions are those of "
                "the first; the second is kept as it is",
                stacklevel=2,
            )
        if values.dtype.kind == "f" or self._taken_as_floats[k]:
            return itself if k in self._read_as_floats else self._found.get(k, itself)
        if k in self._found:
            return self._found[k]
        if k in self._held and k not in self._faults:
            return itself._replace(meaning="held")
        fault = self._faults.get(
            k,
            f"is {'text' if values.dtype.kind in 'OSUT' else values.dtype} and no layer of the model turns it into a floating tensor, "
            "so no gradient can reach it. Pass floating samples, or convert inside the model with a layer "
            "(Rescaling, Embedding, CategoryEncoding, TextVectorization)",
        )
        raise ValueError(f"input {name!r} {fault}")


def _output_mode(operation: Any) -> str:
    """Return whether a preprocessing layer makes codes ("int") or columns ("one_hot", "multi_hot", "count", "tf_idf")."""
    preprocesses = isinstance(operation, _PREPROCESSING)
    return str(operation.get_config().get("output_mode", "int")) if preprocesses else "int"


def _meaning(operation: Any, read: tuple[int, ...], made: tuple[int, ...]) -> tuple[str, tuple[int, ...]] | None:
    """Return the meaning and the elements of what an operation makes of codes or magnitudes; None if its units are its own.

    Args:
        operation: reads integers or strings of one input and nothing else.
        read: shape of one sample of these.
        made: shape of one sample of what it makes.
    """
    codes = read[:-1] if read[-1:] == (1,) else read  # a column of codes is encoded as a row without the axis is
    one_each = made[: len(codes)] == codes
    mode = _output_mode(operation)
    if mode != "int":
        shared = mode in _COUNTS and (isinstance(operation, keras.layers.TextVectorization) or codes != ())
        return "encoding", read if one_each and not shared else made
    if made == read:
        return "values", read
    has_weights = bool(getattr(operation, "weights", ()))
    if one_each and (has_weights or isinstance(operation, keras.layers.Embedding)):
        return "embedding", read
    if has_weights:
        return None
    return ("encoding", read) if one_each else ("values", made)
