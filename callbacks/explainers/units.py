"""Single units of a model, as numbers of a sample: logits of classes, channels of a layer, units of a Dense layer."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from tb_explain_plugin.callbacks.explainers import heads as heads_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer
    from tb_explain_plugin.callbacks.explainers.inspection import Entry

MOST_CLASSES = 10
MOST_UNITS = 6
"""Classes, and units of a layer, that are taken by default."""
POSITIONS = ("mean", "center")


@dataclasses.dataclass(frozen=True)
class Units:
    """The units of a layer, or of a model's first output.

    Attributes:
        scorer: of the model.
        entry: where the layer's outputs are; None for the model's.
        layer: its name; of the model's output that of the layer that makes it.
        kind: ``"class"``, ``"channel"`` (of a layer with positions) or ``"unit"``.
        position: ``"mean"``: of a channel over its positions, or ``"center"``: at the middle one.
    """

    scorer: Scorer
    entry: Entry | None
    layer: str
    kind: str
    position: str

    @classmethod
    def of(cls, scorer: Scorer, layer: str | None, position: str) -> Units:
        """Return those of the named layer; of the first output, if None.

        Raises:
            ValueError: an unknown layer.
        """
        network = scorer.network
        if layer is not None:
            entry = network.layer_entry(layer)
            has_positions = len(network.output_shapes.get(id(entry.operation), ())) > 1
            return cls(scorer, entry, layer, "channel" if has_positions else "unit", position)
        head = scorer.readout.heads[0] if scorer.readout.heads else None
        output = network.output_names[0] if head is None else head.name
        makers = [leaf.name for leaf in network.leaves if id(leaf.layer) in network.output_layers]
        name = makers[0] if len(makers) == 1 else output
        return cls(scorer, None, name, "unit" if head is None or head.task == "regression" else "class", position)

    @property
    def key(self) -> str:
        """A name for questions about them."""
        return f"{self.entry and self.layer}:{self.position}"

    def values(self, flat_inputs: Sequence[Any], replaced: Sequence[Any] | None = None) -> Any:
        """Return the activation of every unit, float32 [B, units]; ``replaced``: values at the inputs' entries, as `Network.forward`."""
        network = self.scorer.network
        if self.entry is None:
            return self._outputs(network.forward(list(flat_inputs), replaced))
        seen: dict[int, Any] = {}
        network.forward(list(flat_inputs), replaced, seen=seen, look_at=[self.entry])
        output = tf.cast(seen[0], tf.float32)
        if getattr(self.entry.operation, "data_format", None) == "channels_first":
            output = tf.transpose(output, [0, *range(2, len(output.shape)), 1])
        if len(output.shape) <= 2:
            return tf.reshape(output, [output.shape[0], -1])
        if self.position == "center":
            return output[(slice(None), *(length // 2 for length in output.shape[1:-1]))]
        return tf.reduce_mean(output, axis=list(range(1, len(output.shape) - 1)))

    def choose(self, units: Sequence[int] | None, values: NDArray[Any]) -> NDArray[np.int32]:
        """Return which are meant, of activations [N, units]: by default the first classes, or the units that vary most.

        Raises:
            ValueError: none, or one that there is not.
        """
        total = values.shape[1]
        if units is None and self.entry is None:
            return np.arange(min(total, MOST_CLASSES), dtype=np.int32)
        if units is None:
            with np.errstate(invalid="ignore", over="ignore"):  # weights may be NaN or Inf
                spread = values.std(axis=0, dtype=np.float64)
            return np.sort(np.argsort(-spread, kind="stable")[:MOST_UNITS]).astype(np.int32)
        chosen = np.asarray(units, np.int32)
        if chosen.ndim != 1 or not chosen.size or chosen.min() < 0 or chosen.max() >= total:
            raise ValueError(f"units of {self.layer!r} are {units}; expected a list of some of 0 to {total - 1}")
        return chosen

    def _outputs(self, outputs: Sequence[Any]) -> Any:
        """Return the logits of classes (of one sigmoid unit ∓ its own), or the numbers of a regression."""
        readout = self.scorer.readout
        if not readout.heads:
            first = tf.cast(outputs[0], tf.float32)
            return tf.reshape(first, [first.shape[0], math.prod(first.shape[1:])])
        head = readout.heads[0]
        output = dict(zip(self.scorer.network.output_names, outputs, strict=True))[head.name]
        z = heads_.class_logits(head, output, heads_.logits_tag(output))
        return tf.concat([-z, z], axis=-1) if head.task == "binary" else z
