"""A Keras model as a function: arrays in, tensors out, with nothing of the model changed by it.

Here a forward pass is taken, entries are replaced and layers are watched; `engine` knows what to ask of it. Together they are all that
knows the backend's API.
"""

from __future__ import annotations

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
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

_INSPECTED = 8
"""Samples of the pass that finds out what the model's layers and outputs are."""


class Network:
    """A model's inputs, layers and outputs, learned from one forward pass.

    Args:
        model: a built Keras model.
        inputs: samples as the model takes them; a few are passed through it.

    Attributes:
        leaves: the layers whose outputs can be watched.
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
        flat = self.flatten(inputs)
        found = Inspection([leaf.layer for leaf in self.leaves])

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
            expected = ", ".join(str(tuple(i.shape)) for i in structure_.symbolic_inputs(model, len(flat))) or "unknown"
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

    @property
    def input_names(self) -> list[str]:
        """A name for each input, in the order of `flatten`."""
        if isinstance(self.structure, dict):
            return sorted(self.structure)
        count = len(tree.flatten(self.structure))
        numbered = ["input", *(f"input_{k}" for k in range(1, count))]
        symbolic = structure_.symbolic_inputs(self.model, count)
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
        symbolic = structure_.symbolic_inputs(self.model, len(flat)) or [None] * len(flat)
        return [structure_.as_taken(values, like) for values, like in zip(flat, symbolic, strict=True)]

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
            if watched is not None and id(operation) in names:
                name = names[id(operation)]
                watched[f"{name}:{count}" if count else name] = output
            return output

        targets = [entry.operation for entry in self.entries if entry.operation is not None]
        if watched is not None:
            targets += [leaf.layer for leaf in self.leaves if not any(leaf.layer is other for other in targets)]
        with layers_.wrapped_calls(targets, around):
            outputs: list[Any] = tree.flatten(self.call(flat_inputs))
        return outputs

    def traced(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as a graph, traced once for each set of shapes; as it is where the model is to run eagerly."""
        return function if self.model.run_eagerly else Traced(function)


class Traced:
    """A function of tensors, traced by itself for each set of shapes.

    What ``tf.function`` does at a call, but for its guess that a function made for each model must be a mistake, which it would warn of
    at the fifth model of a process.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = tf.function(function, autograph=False)
        self.traces: dict[Any, Callable[..., Any]] = {}

    def __call__(self, *tensors: Any) -> Any:
        """Answer from the trace of these shapes."""
        signature = tuple((tuple(t.shape), t.dtype) for t in tensors)
        if signature not in self.traces:
            self.traces[signature] = self._function.get_concrete_function(*tensors)
        return self.traces[signature](*tensors)


def build_model(model: keras.Model, inputs: Any) -> None:
    """Build a model that is not built yet, as fit() would at its first batch: its weights are made, nothing is run.

    Raises:
        ValueError: the inputs cannot build it.
    """
    if model.built and model.weights:
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
