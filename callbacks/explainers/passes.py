"""What a trace holds: one pass through a model, forward and back.

Functions of tensors; `engine` traces them and feeds them arrays in batches.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from tb_explain_plugin.callbacks.explainers import kinks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tb_explain_plugin.callbacks.explainers.inspection import Entry
    from tb_explain_plugin.callbacks.explainers.network import Network
    from tb_explain_plugin.callbacks.explainers.readout import Readout

_SHAPE_ONLY = ("Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike")


class Passes:
    """The passes through one network, read by one readout, with attribution starting at the given entries."""

    def __init__(self, network: Network, readout: Readout, entries: Sequence[Entry]) -> None:
        self.network = network
        self.readout = readout
        self.entries = entries

    def entry_values(self, flat_inputs: Sequence[Any], replaced: Sequence[Any] | None = None) -> list[Any]:
        """Return the values at the entries, float32; ``replaced``: of the network's own entries."""
        seen: dict[int, Any] = {}
        self.network.forward(list(flat_inputs), replaced, seen=seen, at=self.network.entries, look_at=self.entries)
        return [tf.cast(seen[k], tf.float32) for k in range(len(self.entries))]

    def score(self, flat_inputs: Sequence[Any], targets: Any, entries: Sequence[Any] | None) -> Any:
        """Return the score of each sample, float32 [B], the entries replaced where given."""
        outputs = self.network.forward(list(flat_inputs), entries, at=self.entries)
        return self.readout.score_of(outputs, targets)

    def gradients(self, flat_inputs: Sequence[Any], targets: Any, entries: Sequence[Any]) -> list[Any]:
        """Return ∂score/∂entry at the given entries, each sample's own."""
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(entries)
            score = tf.reduce_sum(self.score(flat_inputs, targets, entries))
        return self._connected(tape.gradient(score, entries), entries, score)

    def path_gradients(
        self,
        nodes: Any,
        weights: Any,
        flat_inputs: Sequence[Any],
        targets: Any,
        start: Sequence[Any],
        end: Sequence[Any],
        bounds: Any | None = None,
    ) -> list[Any]:
        """Return Σₖ wₘₖ ∂score/∂entry at start + αₖ (end − start): [B, M, …] for nodes [B, K] and weights [B, M, K].

        Gates are averaged over the cells with the given bounds [B, K, 2], see `kinks`.
        """
        samples, count = nodes.shape
        path = []
        for x0, x1 in zip(start, end, strict=True):
            first, change = (tf.reshape(x, [samples, 1, -1]) for x in (x0, x1 - x0))  # spread over three axes, which is fast
            path.append(tf.reshape(first + nodes[..., None] * change, [samples * count, *x0.shape[1:]]))
        repeated, labels = [tf.repeat(x, count, axis=0) for x in flat_inputs], tf.repeat(targets, count, axis=0)
        if bounds is None or tf.executing_eagerly():
            gradients = self.gradients(repeated, labels, path)
        else:
            with kinks.averaged(kinks.Cells.around(nodes, bounds)):
                score = tf.reduce_sum(self.score(repeated, labels, path))
                gradients = self._connected(tf.gradients(score, path), path, score)
        by_node = [tf.reshape(g, [samples, count, -1]) for g in gradients]
        if self.network.compiles:  # many small products of matrices are what XLA is slow at
            sums = [tf.reduce_sum(weights[..., None] * g[:, None], axis=2) for g in by_node]
        else:
            sums = [tf.matmul(weights, g) for g in by_node]
        return [tf.reshape(s, [samples, weights.shape[1], *g.shape[1:]]) for s, g in zip(sums, gradients, strict=True)]

    def end_scores(self, flat_inputs: Sequence[Any], targets: Any, start: Sequence[Any], end: Sequence[Any]) -> list[Any]:
        """Return the scores [B] at both ends of the paths, taken in one pass."""
        twice = [tf.concat([x, x], axis=0) for x in (*flat_inputs, targets)]
        both = [tf.concat(ends, axis=0) for ends in zip(start, end, strict=True)]
        return list(tf.split(self.score(twice[:-1], twice[-1], both), 2))

    def look(
        self,
        flat_inputs: Sequence[Any],
        targets: Any,
        entries: Sequence[Any],
        labels: dict[str, Any],
        share: Any,
        wanted: Sequence[str],
        variables: Sequence[Any],
    ) -> dict[str, Any]:
        """Return scores and predictions, and what else is asked for, by the names of `engine.Observation`'s parts.

        Args:
            flat_inputs: a batch.
            targets: of the readout.
            entries: values at the entries, to have gradients at; none for no gradients.
            labels: the loss's targets by output name; none for no loss.
            share: [B], each sample's weight in the mean loss.
            wanted: leaves whose outputs are returned.
            variables: whose gradients of the mean loss are returned.
        """
        watched: dict[str, Any] | None = {} if wanted else None
        variables = variables if labels else []
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch(variables)
            if variables and entries:
                entries = self._reached(flat_inputs, entries)
            tape.watch(entries)
            outputs = self.network.forward(list(flat_inputs), entries or None, at=self.entries, watched=watched)
            score = self.readout.score_of(outputs, targets)
            loss = self.readout.loss_of(outputs, labels) if labels else None
            total_score = tf.reduce_sum(score)
            mean_loss = tf.reduce_sum(loss * share) if loss is not None else None
        result: dict[str, Any] = {"score": [score], "outputs": self.readout.predictions(outputs)}
        if loss is not None:
            result["loss"] = [loss]
        if entries:
            result["gradients"] = self._connected(tape.gradient(total_score, entries), entries, total_score)
        if variables:
            gradients = tape.gradient(mean_loss, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
            result["weight_gradients"] = [tf.cast(tf.convert_to_tensor(g), tf.float32) for g in gradients]
        if watched is not None:
            result["activations"] = {name: tf.cast(watched[name], tf.float32) for name in wanted}
        return result

    def _reached(self, flat_inputs: Sequence[Any], entries: Sequence[Any]) -> list[Any]:
        """Return the values at the entries as the model makes them of its inputs, so that weights before an entry have gradients, too.

        All that lies behind the entries is left out when the graph is run.
        """
        if all(entry.operation is None for entry in self.entries):
            return list(entries)
        seen: dict[int, Any] = {}
        self.network.forward(list(flat_inputs), seen=seen, look_at=self.entries)
        pairs = enumerate(zip(self.entries, entries, strict=True))
        return [value if entry.operation is None else tf.cast(seen[k], value.dtype) for k, (entry, value) in pairs]

    def _connected(self, gradients: Sequence[Any], entries: Sequence[Any], score: Any) -> list[Any]:
        """Return gradients without gaps: 0 where the score does not depend on an entry, with a warning where it does."""
        if all(g is None for g in gradients):
            names = [entry.name for entry in self.entries]
            raise ValueError(
                f"the score of {self.network.model.name!r} has no gradient with respect to any of {names}: "
                "somewhere between them and the output lies an op without one (argmax, rounding, a cast to integers). "
                "Use a method that needs no gradient"
            )
        for gradient, values, entry in zip(gradients, entries, self.entries, strict=True):
            if gradient is None and entry.meaning != "held" and _depends(score, values):
                warnings.warn(
                    f"the score of {self.network.model.name!r} depends on {entry.name!r} only through operations without a gradient "
                    "(argmax, rounding, comparisons): its attributions are 0. Use a method that needs no gradient to see what it does",
                    stacklevel=2,
                )
        return [tf.zeros_like(e) if g is None else tf.convert_to_tensor(g) for g, e in zip(gradients, entries, strict=True)]


def reads(tensor: Any, earlier: Any) -> bool:
    """Whether a tensor is made of an earlier one; outside of a trace nobody can tell, and it is taken for so."""
    return not tf.is_symbolic_tensor(tensor) or tensor is earlier or _depends(tensor, earlier)


def _depends(score: Any, values: Any) -> bool:
    """Whether a traced score is computed from values, and not from their shape alone; unknown (False) where nothing is traced."""
    waiting = [score.op] if tf.is_symbolic_tensor(score) else []
    met = set()
    while waiting:
        operation = waiting.pop()
        if operation.name in met or operation.type in _SHAPE_ONLY:
            continue
        met.add(operation.name)
        if any(t is values for t in operation.inputs):
            return True
        waiting += [t.op for t in operation.inputs]
    return False
