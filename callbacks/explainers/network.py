"""A Keras model as a function: arrays in, tensors out, with nothing of the model changed by it.

Here a forward pass is taken, entries are replaced and layers are watched; `engine` knows what to ask of it. Together they are all that
knows the backend's API.
"""

from __future__ import annotations

import contextlib
import random
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf
from keras import tree

from tb_explain_plugin.callbacks.explainers import heads as heads_
from tb_explain_plugin.callbacks.explainers import layers as layers_
from tb_explain_plugin.callbacks.explainers import structure as structure_
from tb_explain_plugin.callbacks.explainers.inspection import Inspection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

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
        floats_per_sample: how many numbers the layers make of one sample.

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
        found = Inspection([leaf.layer for leaf in self.leaves], as_floats)

        def look(*tensors: Any) -> Any:
            flat_inputs = list(tensors)
            found.reset(flat_inputs)
            with layers_.wrapped_calls(layers_.operations(model), found.around):
                outputs = self.call(flat_inputs)
            self.output_layers = found.makers(outputs)
            return [(output, heads_.logits_tag(output)) for output in tree.flatten(outputs)], outputs

        try:
            values, outputs = self.traced(look)(*[tf.constant(v[:_INSPECTED]) for v in flat])
        except (ValueError, TypeError, tf.errors.OpError) as error:
            expected = ", ".join(str(tuple(i.shape)) for i in symbolic) or "unknown"
            received = ", ".join(f"{(None, *v.shape[1:])} {v.dtype}" for v in flat)
            raise ValueError(
                f"the samples do not fit the model {model.name!r}: it expects inputs of shape {expected}, "
                f"received {received}. Pass samples shaped as in fit(). Keras said: {error}"
            ) from error
        self.examples = [(np.asarray(o, np.float32), None if z is None else np.asarray(z, np.float32)) for o, z in values]
        self.output_names = structure_.output_names(model, outputs)
        self.floats_per_sample = max(found.floats, 1)
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
        flat = [np.asarray(values) for values in tree.flatten(inputs)]
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
        entries: Sequence[Any],
        seen: dict[int, Any] | None = None,
        watched: dict[str, Any] | None = None,
    ) -> list[Any]:
        """Call the model with entries replaced (where not None); note entry values in ``seen`` and leaf outputs in ``watched``."""
        flat_inputs = [
            x if entry.operation is not None or e is None else tf.cast(e, x.dtype)
            for x, e, entry in zip(flat_inputs, entries, self.entries, strict=True)
        ]
        calls: dict[int, int] = {}
        by_operation = {(id(entry.operation), entry.call): k for k, entry in enumerate(self.entries) if entry.operation is not None}
        watchable = {leaf.name for leaf in self.watchable} if watched is not None else set()
        names = {id(leaf.layer): leaf.name for leaf in self.leaves}

        def around(operation: Any, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            count = calls.get(id(operation), 0)
            calls[id(operation)] = count + 1
            k = by_operation.get((id(operation), count))
            if k is not None and entries[k] is not None:
                output = tf.cast(entries[k], operation.compute_dtype) if hasattr(operation, "compute_dtype") else entries[k]
            else:
                output = call(*args, **kwargs)
            if k is not None and seen is not None:
                seen[k] = output
            name = f"{names.get(id(operation))}:{count}" if count else names.get(id(operation))
            if watched is not None and name in watchable:
                watched[name] = next(t for t in tree.flatten(output) if tf.is_tensor(t))
            return output

        wrapped = [entry.operation for entry in self.entries if entry.operation is not None]
        wrapped += [leaf.layer for leaf in self.watchable] if watched is not None else []
        with layers_.wrapped_calls(list({id(operation): operation for operation in wrapped}.values()), around):
            outputs: list[Any] = tree.flatten(self.call(flat_inputs))
        return outputs

    def traced(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as a graph, traced once for each set of shapes."""
        return Traced(function, may_run_eagerly=self.model.run_eagerly)


class Traced:
    """A function of tensors, traced by itself for each set of shapes.

    What ``tf.function`` does at a call, but for its guess that a function made for each model must be a mistake, which it would warn of
    at the fifth model of a process. Where ``may_run_eagerly`` and the function cannot be traced, it runs as it is. Neither moves Python's
    and NumPy's global generators, from which a layer may draw.
    """

    def __init__(self, function: Callable[..., Any], *, may_run_eagerly: bool) -> None:
        self._eager = function
        self._function = tf.function(function, autograph=False)
        self._may_run_eagerly = may_run_eagerly
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
        except Exception:
            if not self._may_run_eagerly:
                raise
            return self._eager
        return traced


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
