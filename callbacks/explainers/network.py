"""A Keras model as a function: arrays in, tensors out, with nothing of the model changed by it.

Here a forward pass is taken, entries are replaced and layers are watched; `engine` knows what to ask of it. Together they are all that
knows the backend's API.
"""

from __future__ import annotations

import contextlib
import difflib
import random
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf
from keras import tree

from tb_explain_plugin.callbacks.explainers import heads as heads_
from tb_explain_plugin.callbacks.explainers import layers as layers_
from tb_explain_plugin.callbacks.explainers import memory
from tb_explain_plugin.callbacks.explainers import structure as structure_
from tb_explain_plugin.callbacks.explainers.inspection import Entry, Inspection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

_POORLY_COMPILED = (
    "AvgPool", "BatchMatMul", "Case", "Conv", "Depthwise", "Eager", "Einsum", "If", "Lookup", "MaxPool", "Partitioned", "PyFunc", "Random",
    "Regex", "Stateful", "Stateless", "String", "TensorList", "While", "XlaLaunch",
)  # fmt: skip
"""Beginnings of the operations that XLA cannot compile, or runs slower on a CPU than TensorFlow does: convolutions up to 15 times."""
_INSPECTED = 8
"""Samples of the pass that finds out what the model's layers and outputs are."""


class Network:
    """A model's inputs, layers and outputs, learned from one forward pass.

    Args:
        model: a built Keras model.
        inputs: samples as the model takes them; a few are passed through it.

    Attributes:
        leaves: the layers, nested models and composite layers opened.
        watchable: the leaves whose outputs can be watched, one for each call: the second call of a layer is ``name:1``. Not those that
            inference leaves out, or that run inside a loop, a branch or a function.
        entries: where attribution to each input starts.
        output_names: in flattened order.
        examples: for each output, its values on a few samples and the logits it carries (or None).
        output_shapes: of one sample, by id of layer.
        output_layers: ids of the layers whose outputs are the model's.
        inbound: ids of the layers that a layer reads from, by id of layer.
        bytes_per_sample: what a forward pass makes of one sample, all of it together.
        compiles: whether XLA makes gradients faster: in networks of dense layers alone.

    Raises:
        ValueError: the inputs do not fit the model, or one never becomes floating.
    """

    def __init__(self, model: keras.Model, inputs: Any) -> None:
        self.model = model
        self.structure = tree.map_structure(lambda _: 0, inputs)
        self.leaves = layers_.leaves(model)
        self._as_floats: list[bool] = []
        flat = self.flatten(inputs)
        symbolic = structure_.symbolic_inputs(model, self.structure)
        as_floats = [bool(symbolic) and v.dtype.kind in "biu" and structure_.is_floating(symbolic[k]) for k, v in enumerate(flat)]
        input_layers = [getattr(getattr(given, "_keras_history", None), "operation", None) for given in symbolic]
        found = Inspection([leaf.layer for leaf in self.leaves], as_floats, input_layers)

        def look(*tensors: Any) -> Any:
            flat_inputs = list(tensors)
            found.reset(flat_inputs)
            with layers_.wrapped_calls(layers_.operations(model), found.around):
                outputs = self.call(flat_inputs)
            self.output_layers = found.makers(outputs)
            return [(output, heads_.logits_tag(output)) for output in tree.flatten(outputs)], outputs

        try:
            inspection = self.traced(look)
            values, outputs = inspection(*[tf.constant(v[:_INSPECTED]) for v in flat])
        except (ValueError, TypeError, tf.errors.OpError) as error:
            expected = ", ".join(str(tuple(i.shape)) for i in symbolic) or "unknown"
            received = ", ".join(f"{(None, *v.shape[1:])} {v.dtype}" for v in flat)
            raise ValueError(
                f"the samples do not fit the model {model.name!r}: it expects inputs of shape {expected}, "
                f"received {received}. Pass samples shaped as in fit(). Keras said: {error}"
            ) from error
        self.examples = [(np.asarray(o, np.float32), None if z is None else np.asarray(z, np.float32)) for o, z in values]
        self.output_names = structure_.output_names(model, outputs)
        graphs = [trace.graph for trace in inspection.traces.values() if hasattr(trace, "graph")]
        inspected = min(len(flat[0]), _INSPECTED)
        self.bytes_per_sample = max([4 * found.floats, 4, *(memory.bytes_per_sample(graph, inspected) for graph in graphs)])
        self._several = found.several
        operations = {operation.type for graph in graphs for operation in graph.get_operations()}
        self.compiles = "MatMul" in operations and not any(name.startswith(_POORLY_COMPILED) for name in operations)
        self.output_shapes = found.shapes
        self.inbound = found.inbound
        self.entries = found.entries(self.input_names, flat)
        self._as_floats = [taken and entry.operation is None for taken, entry in zip(as_floats, self.entries, strict=True)]
        self.watchable = [
            layers_.Leaf(f"{leaf.name}:{call}" if call else leaf.name, leaf.layer)
            for leaf in self.leaves
            for call in sorted(c for layer, c in found.watchable if layer == id(leaf.layer))
        ]

    @property
    def input_names(self) -> list[str]:
        """A name for each input, in the order of `flatten`."""
        if isinstance(self.structure, dict):
            return sorted(self.structure)
        count = len(tree.flatten(self.structure))
        numbered = ["input", *(f"input_{k}" for k in range(1, count))]
        symbolic = structure_.symbolic_inputs(self.model, self.structure)
        return [structure_.given_name(i.name) or fallback for i, fallback in zip(symbolic, numbered, strict=True)] if symbolic else numbered

    def flatten(self, inputs: Any) -> list[NDArray[Any]]:
        """Return the inputs as a list of arrays.

        Raises:
            ValueError: another structure than the scorer was made with.
        """
        try:
            tree.assert_same_structure(self.structure, tree.map_structure(lambda _: 0, inputs))
        except (ValueError, TypeError) as error:
            raise ValueError(f"inputs have another structure than the scorer was made with: {error}") from error
        flat = [structure_.as_array(values) for values in tree.flatten(inputs)]
        structure_.check_lengths(flat)
        symbolic = structure_.symbolic_inputs(self.model, self.structure) or [None] * len(flat)
        taken = [structure_.as_taken(values, like) for values, like in zip(flat, symbolic, strict=True)]
        return [v.astype(np.float32) if floats else v for v, floats in zip(taken, self._as_floats or [False] * len(taken), strict=True)]

    def call(self, flat_inputs: list[Any]) -> Any:
        """Call the model for inference; what it would write to its variables is dropped."""
        with keras.StatelessScope():
            return self.model(tree.pack_sequence_as(self.structure, flat_inputs), training=False)

    def forward(
        self,
        flat_inputs: list[Any],
        replaced: Sequence[Any] | None = None,
        *,
        at: Sequence[Entry] | None = None,
        seen: dict[int, Any] | None = None,
        look_at: Sequence[Entry] = (),
        watched: dict[str, Any] | None = None,
    ) -> list[Any]:
        """Call the model, some of its values replaced or looked at on the way; return its outputs.

        Args:
            flat_inputs: a batch.
            replaced: values that stand in for those at the entries ``at``; None, or None for one of them, leaves them as they are.
            at: by default the network's own entries.
            seen: takes the value at each entry of ``look_at``, by its position there.
            look_at: entries.
            watched: takes the output of each watchable leaf, by name.
        """
        at = self.entries if at is None else at
        values = [None] * len(at) if replaced is None else replaced
        for k, (entry, value) in enumerate(zip(at, values, strict=True)):
            if entry.operation is None and value is not None:
                flat_inputs = [*flat_inputs[:k], tf.cast(value, flat_inputs[k].dtype), *flat_inputs[k + 1 :]]
        if seen is not None:
            seen.update({k: flat_inputs[k] for k, entry in enumerate(look_at) if entry.operation is None})
        stand_ins = {(id(e.operation), e.call): v for e, v in zip(at, values, strict=True) if e.operation is not None and v is not None}
        looked_at = {(id(e.operation), e.call): k for k, e in enumerate(look_at) if e.operation is not None} if seen is not None else {}
        calls: dict[int, int] = {}
        watchable = {leaf.name for leaf in self.watchable} if watched is not None else set()
        names = {id(leaf.layer): leaf.name for leaf in self.leaves}

        def around(operation: Any, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            count = calls.get(id(operation), 0)
            calls[id(operation)] = count + 1
            value = stand_ins.get((id(operation), count))
            if value is None:
                output = call(*args, **kwargs)
            elif self.is_single(operation, count):
                output = tf.cast(value, _floating_dtype(operation))
            else:
                output = _with_first_tensor(call(*args, **kwargs), value)
            if seen is not None and (id(operation), count) in looked_at:
                seen[looked_at[id(operation), count]] = next(t for t in tree.flatten(output) if tf.is_tensor(t))
            name = f"{names.get(id(operation))}:{count}" if count else names.get(id(operation))
            if watched is not None and name in watchable:
                watched[name] = next(t for t in tree.flatten(output) if tf.is_tensor(t))
            return output

        wrapped = [entry.operation for entry in (*at, *look_at) if entry.operation is not None]
        wrapped += [leaf.layer for leaf in self.watchable] if watched is not None else []
        with layers_.wrapped_calls(list({id(operation): operation for operation in wrapped}.values()), around):
            outputs: list[Any] = tree.flatten(self.call(flat_inputs))
        return outputs

    def layer_entry(self, name: str) -> Entry:
        """Return the output of a layer as a place where attribution starts.

        Raises:
            ValueError: no such layer, with the closest names; or one whose output cannot be watched or is not floating.
        """
        found = [leaf for leaf in self.watchable if leaf.name == name]
        known = [leaf.name for leaf in self.watchable]
        if not found:
            closest = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
            hidden = "; it runs inside a loop, a branch or a function" if any(leaf.name == name for leaf in self.leaves) else ""
            raise ValueError(
                f"the model {self.model.name!r} has no layer {name!r} whose output can be watched{hidden}. "
                + (f"Did you mean {' or '.join(map(repr, closest))}? " if closest else "")
                + f"Its layers are {known}"
            )
        call = int(name.rpartition(":")[2]) if name not in {leaf.name for leaf in self.leaves} else 0
        return Entry(found[0].layer, call, name)

    def is_single(self, operation: Any, call: int) -> bool:
        """Whether an operation returns one tensor."""
        return (id(operation), call) not in self._several

    def traced(self, function: Callable[..., Any], *, is_hot: bool = False) -> Traced:
        """Return the function as a graph, traced once for each set of shapes; a hot one compiled, where that makes the model faster."""
        return Traced(function, may_run_eagerly=self.model.run_eagerly, compiled=is_hot and self.compiles)


class Traced:
    """A function of tensors, traced by itself for each set of shapes.

    What ``tf.function`` does at a call, but for its guess that a function made for each model must be a mistake, which it would warn of
    at the fifth model of a process. Where ``may_run_eagerly`` and the function cannot be traced, it runs as it is. Neither moves Python's
    and NumPy's global generators, from which a layer may draw. A ``compiled`` one goes through XLA, or does without where that cannot.
    """

    def __init__(self, function: Callable[..., Any], *, may_run_eagerly: bool, compiled: bool = False) -> None:
        self._eager = function
        self._compiled = compiled
        self._may_run_eagerly = may_run_eagerly
        self._function = tf.function(function, autograph=False, jit_compile=compiled or None)
        self.traces: dict[Any, Callable[..., Any]] = {}

    def __call__(self, *tensors: Any) -> Any:
        """Answer from the trace of these shapes."""
        signature = tuple((tuple(t.shape), t.dtype) for t in tensors)
        if signature not in self.traces:
            with _generators_kept():
                self.traces[signature] = self._trace(*tensors)
        if self.traces[signature] is self._eager:
            with _generators_kept():
                return self._eager(*tensors)
        return self.traces[signature](*tensors)

    def _trace(self, *tensors: Any) -> Callable[..., Any]:
        try:
            traced: Callable[..., Any] = self._function.get_concrete_function(*tensors)
            if self._compiled:
                traced(*tensors)  # compiles
        except tf.errors.ResourceExhaustedError:
            raise
        except Exception as error:
            if self._compiled and isinstance(error, tf.errors.OpError):  # an operation that XLA does not have
                self._compiled = False
                self._function = tf.function(self._eager, autograph=False)
                return self._trace(*tensors)
            if not self._may_run_eagerly:
                raise
            return self._eager
        return traced


def _floating_dtype(operation: Any) -> str:
    """Return the dtype in which an operation's output is replaced: lookups count in integers, which no gradient would pass."""
    dtype = str(getattr(operation, "compute_dtype", "float32"))
    return dtype if "float" in dtype else "float32"


def _with_first_tensor(output: Any, value: Any) -> Any:
    """Return an output of several tensors with the first one replaced."""
    flat = tree.flatten(output)
    first = next(k for k, t in enumerate(flat) if tf.is_tensor(t))
    return tree.pack_sequence_as(output, [*flat[:first], tf.cast(value, flat[first].dtype), *flat[first + 1 :]])


@contextlib.contextmanager
def _generators_kept() -> Iterator[None]:
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 (the global generator is whose state is kept)
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002


def build_model(model: keras.Model, inputs: Any) -> None:
    """Build a model that is not built yet, as fit() would at its first batch: its weights are made, nothing is run.

    Raises:
        ValueError: the inputs cannot build it.
    """
    if model.built and model.weights:
        return
    if model.run_eagerly:
        model(tree.map_structure(lambda v: tf.constant(v[:1]), inputs), training=False)
        return
    specs = tree.map_structure(lambda v: tf.TensorSpec((None, *v.shape[1:]), tf.float32 if v.dtype.kind == "f" else v.dtype), inputs)
    try:
        tf.function(lambda x: model(x, training=False), autograph=False).get_concrete_function(specs)
    except (ValueError, TypeError) as error:
        shapes = tree.map_structure(lambda s: (tuple(s.shape), s.dtype.name), specs)
        raise ValueError(
            f"the model {model.name!r} is not built and the probe, of shape and dtype {shapes}, cannot build it. "
            f"Pass samples shaped as in fit(), or build the model first. Keras said: {error}"
        ) from error
