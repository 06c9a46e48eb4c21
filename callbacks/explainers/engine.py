"""What is asked of a Keras model: scores, gradients, losses, activations.

A `Scorer` holds a model's traces: every question is asked in batches of one fixed shape, so each is traced once. Beside `network` this is
the one module that knows the backend's API.
"""

from __future__ import annotations

import dataclasses
import functools
import warnings
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf
from keras import tree

from tb_explain_plugin.callbacks.explainers import batches
from tb_explain_plugin.callbacks.explainers import structure as structure_
from tb_explain_plugin.callbacks.explainers.network import Network
from tb_explain_plugin.callbacks.explainers.readout import Readout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

_MOST_ROWS, _LEAST_ROWS = 256, 16
_MEMORY = 512 * 2**20
"""Bytes that one batch's activations and their gradients may take."""
_CACHE = 12 * 2**20
"""Bytes of activations up to which larger batches gain on a CPU: past its cache, gradients take up to twice as long."""


@dataclasses.dataclass
class Observation:
    """One pass over samples. What was not asked for is None or empty."""

    score: NDArray[Any]
    """[N] float32, summed over the heads that have targets."""
    outputs: list[NDArray[Any]]
    """A head each: probabilities [N, classes], or values [N, units] of a regression."""
    loss: NDArray[Any] | None = None
    """[N] float32, unweighted by sample; None without a compiled loss or without targets."""
    gradients: list[NDArray[Any]] = dataclasses.field(default_factory=list)
    """∂score/∂entry, an input each."""
    weight_gradients: list[NDArray[Any]] = dataclasses.field(default_factory=list)
    """∂(mean loss)/∂variable, in the order of `Scorer.variables`; 0 for those the loss does not read."""


class Scorer:
    """A model, with what is needed to ask it.

    Args:
        model: a built Keras model.
        inputs: samples as the model takes them (array, list or dict); a few are passed through the model to learn its layers and outputs.
        targets: as for `fit`, or None. Heads that it names are explained.
        score: a name of `heads.SCORES`, or a callable ``(outputs, targets) -> [N]`` on backend tensors.
        task: overrules what the loss and the targets say; a string, or a dict by output name.
        batch_size: rows of a batch; from the size of the model's activations by default.

    Raises:
        ValueError: the inputs do not fit the model, or an input never becomes floating.
    """

    def __init__(
        self,
        model: keras.Model,
        inputs: Any,
        targets: Any = None,
        *,
        score: str | Callable[[Any, Any], Any] = "log_odds",
        task: str | Mapping[str, str] | None = None,
        batch_size: int | None = None,
    ) -> None:
        if batch_size is not None and batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}; expected at least 1")
        self.model = model
        self.variables = list(model.trainable_variables)  # those of the traces: what is frozen later is still read
        self.network = Network(model, inputs)
        self.readout = Readout(self.network, score, targets, task)
        self.batch_size = batch_size or default_rows(self.network.floats_per_sample)
        self._functions: dict[str, Callable[..., Any]] = {}

    def drop_unusable_loss(self, inputs: Any, targets: Any) -> None:
        """Leave out the figures based on loss, with a warning, where the loss has no value for a single sample of these."""
        if not self.readout.losses or targets is None:
            return
        few = [tree.map_structure(lambda v: np.asarray(v)[:2], values) for values in (inputs, targets)]
        try:
            self.losses_of(*few)
        except (ValueError, TypeError, tf.errors.OpError) as error:
            warnings.warn(
                f"no figures based on loss for {self.model.name!r}, attributions go on: the loss has no value for a single sample "
                f"of the probe. Pass the probe's targets as for fit(). {error}",
                stacklevel=2,
            )
            self.readout.losses = {}
        self._functions.pop("loss")  # of two samples, which nobody else will ask for

    # Questions --------------------------------------------------------------------------------------------------------------------

    def entry_values(self, inputs: Any) -> list[NDArray[Any]]:
        """Return the floating values at each input's entry, [N, …] float32."""
        flat = self.network.flatten(inputs)
        if all(entry.operation is None for entry in self.network.entries):
            return flat

        def entries(*flat_inputs: Any) -> list[Any]:
            seen: dict[int, Any] = {}
            self.network.forward(list(flat_inputs), [None] * len(self.network.entries), seen=seen)
            return [tf.cast(seen.get(k, x), tf.float32) for k, x in enumerate(flat_inputs)]

        return self._ask("entries", entries, flat)

    def scores(self, inputs: Any, targets: NDArray[Any], entries: Sequence[NDArray[Any]] | None = None) -> NDArray[Any]:
        """Return the score of each sample [N] float32, the entries replaced where given. ``targets``: of `Readout.resolve_targets`."""
        flat = self.network.flatten(inputs)
        count = len(flat)

        def score(*arrays: Any) -> list[Any]:
            return [self._score(list(arrays[:count]), arrays[count + 1 :] or None, arrays[count])]

        key = "scores" if entries is None else "scores_at_entries"
        return self._ask(key, score, [*flat, targets, *(entries or [])])[0]

    def path_gradient(
        self,
        inputs: Any,
        targets: NDArray[Any],
        start: Sequence[NDArray[Any]],
        end: Sequence[NDArray[Any]],
        nodes: NDArray[Any],
        weights: NDArray[Any],
    ) -> list[NDArray[Any]]:
        """Return Σₖ wₖ ∂score/∂entry at start + nodeₖ (end − start), an array [N, …] float32 for each input.

        Args:
            inputs: N samples; the entries of integer inputs are replaced by the path's.
            targets: from `Readout.resolve_targets`.
            start: an array [N, …] an input.
            end: likewise.
            nodes: [K] in [0, 1].
            weights: [K].
        """
        flat = self.network.flatten(inputs)
        count = len(flat)
        chunk = min(len(nodes), self.batch_size)

        def integrate(alpha: Any, weight: Any, *arrays: Any) -> list[Any]:
            targets, paths = arrays[count], arrays[count + 1 :]
            return self._path_gradient(alpha, weight, arrays[:count], targets, paths[:count], paths[count:])

        function = self._traced(f"path:{chunk}", integrate)
        total: list[NDArray[Any]] = []
        for alpha, weight in _chunks(nodes, weights, chunk):
            along = functools.partial(function, tf.constant(alpha), tf.constant(weight))
            part = batches.gather(along, [*flat, targets, *start, *end], max(1, self.batch_size // chunk))
            total = [a + b for a, b in zip(total, part, strict=True)] if total else part
        return total

    def losses_of(self, inputs: Any, y: Any) -> NDArray[Any]:
        """Return the compiled loss of each sample [N] float32: unreduced, weighted by ``loss_weights``, not by sample.

        Raises:
            ValueError: the model has no compiled loss, or the loss reduces over the batch by itself.
        """
        self._require_loss()
        flat = self.network.flatten(inputs)
        given = structure_.targets_by_output(y, self.network.output_names)

        def loss(*arrays: Any) -> list[Any]:
            outputs = tree.flatten(self.network.call(list(arrays[: len(flat)])))
            return [self.readout.loss_of(outputs, dict(zip(given, arrays[len(flat) :], strict=True)))]

        return self._ask("loss", loss, [*flat, *given.values()])[0]

    def observe(
        self,
        inputs: Any,
        targets: NDArray[Any],
        y: Any = None,
        *,
        sample_weight: NDArray[Any] | None = None,
        gradients: bool = False,
        weight_gradients: bool = False,
        activations: Mapping[str, Callable[[NDArray[Any]], None]] | None = None,
    ) -> Observation:
        """Look once at all samples: predictions, loss, and what else is asked for.

        Args:
            inputs: N samples.
            targets: from `Readout.resolve_targets`.
            y: targets as for `fit`, for the loss; None leaves it out.
            sample_weight: [N], of the mean loss that ``weight_gradients`` are taken of.
            gradients: also ∂score/∂entry.
            weight_gradients: also the gradient of the mean loss by every trainable variable.
            activations: by leaf name, who takes its outputs [B, …] float32, batch by batch.
        """
        flat = self.network.flatten(inputs)
        samples = len(flat[0])
        given = structure_.targets_by_output(y, self.network.output_names) if self.readout.losses and y is not None else {}
        wanted = sorted(activations or ())
        weight = np.ones(samples, np.float32) if sample_weight is None else np.asarray(sample_weight, np.float32)
        share = weight / np.maximum(weight.sum(), np.finfo(np.float32).tiny)
        entries = self.entry_values(inputs) if gradients else []
        sizes = (len(flat), len(entries))

        def look(share: Any, *arrays: Any) -> dict[str, Any]:
            first, second = sizes[0] + 1, sizes[0] + 1 + sizes[1]
            labels = dict(zip(given, arrays[second:], strict=True))
            return self._look(
                list(arrays[: sizes[0]]),
                arrays[sizes[0]],
                list(arrays[first:second]),
                labels,
                share,
                wanted,
                weight_gradients=weight_gradients,
            )

        function = self._traced(f"observe:{gradients}:{weight_gradients}:{bool(given)}:{'|'.join(wanted)}", look)
        arrays = [share, *flat, targets, *entries, *given.values()]
        collected: dict[str, list[Any]] = {}
        summed: list[NDArray[Any]] = []
        for result, rows in batches.over(function, arrays, self.batch_size, zero_first=True):
            parts = [values.numpy() for values in result.pop("weight_gradients", [])]
            summed = [a + b for a, b in zip(summed, parts, strict=True)] if summed else parts
            for name, values in result.pop("activations", {}).items():
                (activations or {})[name](values.numpy()[:rows])
            for name, values in result.items():
                collected.setdefault(name, []).append(tree.map_structure(lambda v, rows=rows: v.numpy()[:rows], values))
        joined = {name: [np.concatenate(parts) for parts in zip(*chunks, strict=True)] for name, chunks in collected.items()}
        return Observation(
            score=joined["score"][0],
            outputs=joined["outputs"],
            loss=joined["loss"][0] if "loss" in joined else None,
            gradients=joined.get("gradients", []),
            weight_gradients=summed,
        )

    # Inside a trace ---------------------------------------------------------------------------------------------------------------

    def _score(self, flat_inputs: list[Any], entries: Sequence[Any] | None, targets: Any) -> Any:
        outputs = self.network.forward(flat_inputs, entries or [None] * len(self.network.entries))
        return self.readout.score_of(outputs, targets)

    def _path_gradient(
        self,
        alpha: Any,
        weight: Any,
        flat_inputs: Sequence[Any],
        targets: Any,
        start: Sequence[Any],
        end: Sequence[Any],
    ) -> list[Any]:
        nodes = tf.shape(alpha)[0]
        path = []
        for x0, x1 in zip(start, end, strict=True):
            along = tf.reshape(alpha, [1, -1] + [1] * (len(x0.shape) - 1))
            points = x0[:, None] + along * (x1 - x0)[:, None]
            path.append(tf.reshape(points, tf.concat([[-1], tf.shape(x0)[1:]], axis=0)))
        path = [tf.ensure_shape(rows, [None, *x0.shape[1:]]) for rows, x0 in zip(path, start, strict=True)]
        repeated = [tf.repeat(x, nodes, axis=0) for x in flat_inputs]
        gradients = self._gradients(repeated, path, tf.repeat(targets, nodes, axis=0))
        return [tf.einsum("bk...,k->b...", tf.reshape(g, tf.concat([[-1, nodes], tf.shape(g)[1:]], axis=0)), weight) for g in gradients]

    def _gradients(self, flat_inputs: list[Any], entries: list[Any], targets: Any) -> list[Any]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(entries)
            score = tf.reduce_sum(self._score(flat_inputs, entries, targets))
        return self._connected(tape.gradient(score, entries), entries)

    def _connected(self, gradients: Sequence[Any], entries: Sequence[Any]) -> list[Any]:
        if all(g is None for g in gradients):
            raise ValueError(
                f"the score of {self.model.name!r} has no gradient with respect to any of its inputs {self.network.input_names}: "
                "somewhere between them lies an op without one (argmax, rounding, a cast to integers). Use a method that needs no gradient"
            )
        return [tf.zeros_like(e) if g is None else tf.convert_to_tensor(g) for g, e in zip(gradients, entries, strict=True)]

    def _look(
        self,
        flat_inputs: list[Any],
        targets: Any,
        entries: list[Any],
        labels: dict[str, Any],
        share: Any,
        wanted: list[str],
        *,
        weight_gradients: bool,
    ) -> dict[str, Any]:
        variables = [v.value for v in self.variables] if weight_gradients and labels else []
        watched: dict[str, Any] | None = {} if wanted else None
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch([*entries, *variables])
            outputs = self.network.forward(flat_inputs, entries or [None] * len(self.network.entries), watched=watched)
            score = self.readout.score_of(outputs, targets)
            loss = self.readout.loss_of(outputs, labels) if labels else None
            total_score = tf.reduce_sum(score)
            mean_loss = tf.reduce_sum(loss * share) if loss is not None else None
        result: dict[str, Any] = {"score": [score], "outputs": self.readout.predictions(outputs)}
        if loss is not None:
            result["loss"] = [loss]
        if entries:
            result["gradients"] = self._connected(tape.gradient(total_score, entries), entries)
        if variables:
            gradients = tape.gradient(mean_loss, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)
            result["weight_gradients"] = [tf.cast(tf.convert_to_tensor(g), tf.float32) for g in gradients]
        if watched is not None:
            result["activations"] = {name: tf.cast(watched[name], tf.float32) for name in wanted}
        return result

    def _require_loss(self) -> None:
        if not self.readout.losses:
            raise ValueError(f"the model {self.model.name!r} has no compiled loss; compile(loss=…) it to have figures based on loss")

    def _traced(self, key: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function traced once for the life of the scorer."""
        if key not in self._functions:
            self._functions[key] = self.network.traced(function)
        return self._functions[key]

    def _ask(self, key: str, function: Callable[..., Any], arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        return batches.gather(self._traced(key, function), arrays, self.batch_size)


def default_rows(floats_per_sample: int) -> int:
    """Return how many samples go into a batch, a power of two: as many as the cache serves, at least 16, as memory allows."""
    served = min(max(_CACHE / (4 * floats_per_sample), _LEAST_ROWS), _MOST_ROWS)
    return int(2 ** np.floor(np.log2(max(1.0, min(served, _MEMORY / (12 * floats_per_sample))))))


def _chunks(nodes: NDArray[Any], weights: NDArray[Any], size: int) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Yield nodes and weights, ``size`` at a time, the last ones filled up with nodes that weigh nothing."""
    missing = -len(nodes) % size
    alpha = np.pad(np.asarray(nodes, np.float32), (0, missing)).reshape(-1, size)
    weight = np.pad(np.asarray(weights, np.float32), (0, missing)).reshape(-1, size)
    yield from zip(alpha, weight, strict=True)
