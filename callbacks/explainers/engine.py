"""What is asked of a Keras model: scores, gradients, losses, activations.

A `Scorer` holds a model's traces: every question is asked in batches of one fixed shape, so each is traced once. What is traced is in
`passes`, how the model is called in `network`; all that knows the backend's API is behind this module.
"""

from __future__ import annotations

import copy
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
from tb_explain_plugin.callbacks.explainers.passes import Passes
from tb_explain_plugin.callbacks.explainers.readout import Readout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.inspection import Entry

MEMORY = 2**30
"""Bytes that one batch may take, by default."""
_MOST_ROWS, _MOST_ROWS_COMPILED = 256, 4096
"""Rows up to which larger batches gain; in small networks of dense layers the calls cost more than what is computed."""
_CACHE = 112 * 2**20
"""Bytes that a forward pass makes of a batch, all of it together, up to which larger batches gain on a CPU."""
_GRADIENT = 2
"""Memory of a forward pass with its gradient, over that of all that the forward pass makes."""


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
        batch_size: rows of a batch; by default as many as ``memory`` allows and a CPU's cache serves, from what the traced model makes of
            a sample.
        memory: bytes that a batch may take.

    Attributes:
        layer: name of the layer at which attribution starts; None: at the inputs' entries.
        entries: where it starts.
        batch_size: rows of a batch; halved where the device's memory turns out too small.

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
        memory: int = MEMORY,
    ) -> None:
        if batch_size is not None and batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}; expected at least 1")
        self.model = model
        self.variables = list(model.trainable_variables)  # those of the traces: what is frozen later is still read
        self.network = Network(model, inputs)
        self._readout_of = functools.partial(Readout, self.network, targets=targets, task=task)
        self.readout = self._readout_of(score)
        self.batch_size = batch_size or default_rows(
            self.network.bytes_per_sample, memory, _MOST_ROWS_COMPILED if self.network.compiles else _MOST_ROWS
        )
        self.layer: str | None = None
        self._set_out_from(self.network.entries)
        self._others: dict[str, Scorer] = {}
        self._known: dict[str, Any] = {}

    def scored(self, score: str) -> Scorer:
        """Return a scorer of the same model by another of the named scores."""
        if self.readout.score == score:
            return self
        if f"score:{score}" not in self._others:
            scorer = copy.copy(self)
            scorer._others = {}  # noqa: SLF001 (another of its own kind)
            scorer.readout = self._readout_of(score)
            scorer._set_out_from(self.entries)  # noqa: SLF001
            self._others[f"score:{score}"] = scorer
        return self._others[f"score:{score}"]

    def at(self, layer: str) -> Scorer:
        """Return a scorer of the same model whose attribution starts at a layer's output.

        Raises:
            ValueError: no such layer, with the closest names.
        """
        if f"layer:{layer}" not in self._others:
            scorer = copy.copy(self)
            scorer.layer = layer
            scorer._set_out_from([self.network.layer_entry(layer)])  # noqa: SLF001 (another of its own kind)
            self._others[f"layer:{layer}"] = scorer
        return self._others[f"layer:{layer}"]

    def _set_out_from(self, entries: list[Entry]) -> None:
        self.entries = entries
        self._passes = Passes(self.network, self.readout, entries)
        self._functions: dict[str, Callable[..., Any]] = {}

    def known(self, what: str, find_out: Callable[[], Any]) -> Any:
        """Return what an explainer has found out about the model, such as its layers of a kind; found out at the first asking."""
        if what not in self._known:
            self._known[what] = find_out()
        return self._known[what]

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

    def entry_values(self, inputs: Any, replaced: Sequence[NDArray[Any]] | None = None) -> list[NDArray[Any]]:
        """Return the values where attribution starts, an array [N, …] float32 for each entry.

        ``replaced``: values that stand in for those at the inputs' entries, where attribution starts at a layer.
        """
        flat = self.network.flatten(inputs)
        if all(entry.operation is None for entry in self.entries):
            return [values.astype(np.float32, copy=False) for values in flat]
        count = len(flat)
        values = lambda *arrays: self._passes.entry_values(arrays[:count], arrays[count:] or None)  # noqa: E731 (named by the question)
        return self.ask(f"entries:{replaced is not None}", values, [*flat, *(replaced or [])])

    def codes(self, inputs: Any) -> list[NDArray[Any] | None]:
        """Return the codes that the embedding at each input's entry reads, int32 [N, …]; None for inputs without one."""
        flat = self.network.flatten(inputs)
        made = {k: e.codes for k, e in enumerate(self.network.entries) if e.meaning == "embedding" and e.codes is not None}
        seen = dict(enumerate(flat))
        if made:
            look_at = Passes(self.network, self.readout, list(made.values()))
            seen.update(zip(made, self.ask("codes", lambda *arrays: look_at.entry_values(arrays), flat), strict=True))
        return [seen[k].astype(np.int32) if e.meaning == "embedding" else None for k, e in enumerate(self.network.entries)]

    def scores(self, inputs: Any, targets: NDArray[Any], entries: Sequence[NDArray[Any]] | None = None) -> NDArray[Any]:
        """Return the score of each sample [N] float32, the entries replaced where given. ``targets``: of `Readout.resolve_targets`."""
        flat = self.network.flatten(inputs)
        count = len(flat)
        score = lambda *arrays: [self._passes.score(arrays[:count], arrays[count], arrays[count + 1 :] or None)]  # noqa: E731
        return self.ask(f"scores:{entries is not None}", score, [*flat, targets, *(entries or [])])[0]

    def gradients(self, inputs: Any, targets: NDArray[Any], entries: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """Return ∂score/∂entry where the entries have the given values, an array [N, …] float32 for each entry.

        Args:
            inputs: N samples.
            targets: from `Readout.resolve_targets`.
            entries: an array [N, …] for each of `entries`.
        """
        flat = self.network.flatten(inputs)
        count = len(flat)
        gradients = lambda *arrays: self._passes.gradients(arrays[:count], arrays[count], arrays[count + 1 :])  # noqa: E731
        return self.ask("gradients", gradients, [*flat, targets, *entries], is_hot=True)

    def path_gradients(
        self,
        inputs: Any,
        targets: NDArray[Any],
        start: Sequence[NDArray[Any]],
        end: Sequence[NDArray[Any]],
        nodes: NDArray[Any],
        weights: NDArray[Any],
        bounds: NDArray[Any] | None = None,
        *,
        with_ends: bool = True,
    ) -> tuple[list[NDArray[Any]], NDArray[Any], NDArray[Any]]:
        """Return Σₖ wₘₖ ∂score/∂entry at start + αₖ (end − start), an array [N, M, …] float32 for each entry, and the scores at the ends.

        Memory grows with neither N nor K.

        Args:
            inputs: N samples; the values at the entries are replaced by the path's.
            targets: from `Readout.resolve_targets`.
            start: an array [N, …] for each entry.
            end: likewise.
            nodes: α, [K], or [N, K] where each sample has its own.
            weights: [M, K] or [N, M, K]: M sums are taken of the same gradients.
            bounds: [K, 2], the stretch of the path that each node stands for, nodes in ascending order: gates that switch inside it are
                averaged over it (`kinks`). None: plain gradients.
            with_ends: whether the scores at the start and at the end are wanted, [N] each, taken in the same pass; else they are empty.
        """
        flat = self.network.flatten(inputs)
        samples, count, entries = len(end[0]), len(flat), len(end)
        nodes, weights = (np.asarray(v, np.float32) for v in (nodes, weights))
        nodes = np.broadcast_to(nodes, (samples, nodes.shape[-1]))
        weights = np.broadcast_to(weights, (samples, *weights.shape[-2:]))

        stretches = [] if bounds is None else [np.broadcast_to(np.asarray(bounds, np.float32), (*nodes.shape, 2))]

        def integrate(*arrays: Any) -> list[Any]:
            (nodes, weights), rest, points = arrays[:2], arrays[2 : 2 + count], arrays[3 + count : 3 + count + 2 * entries]
            path = rest, arrays[2 + count], points[:entries], points[entries:]
            return self._passes.path_gradients(nodes, weights, *path, *arrays[3 + count + 2 * entries :])

        def integrate_and_score(*arrays: Any) -> list[Any]:
            points = arrays[3 + count : 3 + count + 2 * entries]
            ends = self._passes.end_scores(arrays[2 : 2 + count], arrays[2 + count], points[:entries], points[entries:])
            return [*integrate(*arrays), *ends]

        least = 4 if stretches else 1  # two nodes and a neighbour on either side
        chunk = min(nodes.shape[1], max(self.batch_size, least))
        total: list[NDArray[Any]] = []
        ends = [np.empty(0, np.float32)] * 2
        for alpha, weight, *around in _chunks(nodes, weights, stretches, chunk):
            look_at_ends = with_ends and not total
            function = integrate_and_score if look_at_ends else integrate
            arrays = [alpha, weight, *flat, targets, *start, *end, *around]
            part = self.ask(f"path:{len(around)}:{look_at_ends}", function, arrays, copies=chunk, is_hot=True)
            ends = part[entries:] or ends
            total = [a + b for a, b in zip(total, part, strict=True)] if total else part[:entries]
        return total, ends[0], ends[1]

    def losses_of(self, inputs: Any, y: Any) -> NDArray[Any]:
        """Return the compiled loss of each sample [N] float32: unreduced, weighted by ``loss_weights``, not by sample.

        Raises:
            ValueError: the model has no compiled loss, or the loss reduces over the batch by itself.
        """
        self._require_loss()
        flat = self.network.flatten(inputs)
        given = structure_.targets_by_output(y, self.network.output_names)

        def loss(*arrays: Any) -> list[Any]:
            outputs = self.network.forward(list(arrays[: len(flat)]))
            return [self.readout.loss_of(outputs, dict(zip(given, arrays[len(flat) :], strict=True)))]

        return self.ask("loss", loss, [*flat, *given.values()])[0]

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
            variables = [v.value for v in self.variables] if weight_gradients else []
            return self._passes.look(arrays[: sizes[0]], arrays[sizes[0]], arrays[first:second], labels, share, wanted, variables)

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

    def _require_loss(self) -> None:
        if not self.readout.losses:
            raise ValueError(f"the model {self.model.name!r} has no compiled loss; compile(loss=…) it to have figures based on loss")

    def _traced(self, key: str, function: Callable[..., Any], *, is_hot: bool = False) -> Callable[..., Any]:
        """Return the function traced once for the life of the scorer."""
        if key not in self._functions:
            self._functions[key] = self.network.traced(function, is_hot=is_hot)
        return self._functions[key]

    def ask(
        self,
        key: str,
        function: Callable[..., Any],
        arrays: Sequence[NDArray[Any]],
        *,
        shared: Sequence[NDArray[Any]] = (),
        copies: int = 1,
        is_hot: bool = False,
    ) -> list[NDArray[Any]]:
        """Return what an explainer's own question answers, an array [N, …] for each tensor that it returns.

        Args:
            key: a name for the question; it is traced once for each key and shape of a batch.
            function: of what is shared and a batch of each array, as tensors; returns a list of tensors [B, …].
            arrays: [N, …] each.
            shared: what all batches have in common.
            copies: rows that each sample becomes inside the function.
            is_hot: whether compiling it pays, where the model's layers allow.
        """
        while True:
            try:
                return batches.gather(self._traced(key, function, is_hot=is_hot), arrays, max(1, self.batch_size // copies), shared)
            except tf.errors.ResourceExhaustedError:
                if self.batch_size == 1:
                    raise
                self.batch_size = max(1, self.batch_size // 2)


def as_scorer(model: keras.Model | Scorer, inputs: Any, targets: Any, score: Any, batch_size: int | None) -> Scorer:
    """Return the scorer that was passed in place of a model, or one made for the model."""
    return model if isinstance(model, Scorer) else Scorer(model, inputs, targets, score=score, batch_size=batch_size)


def as_looker(model: keras.Model | Scorer, inputs: Any, batch_size: int | None) -> Scorer:
    """Return the scorer that was passed in place of a model, or one that is asked for what happens inside, whatever the outputs mean."""
    return model if isinstance(model, Scorer) else Scorer(model, inputs, score=lambda outputs, _: outputs, batch_size=batch_size)


def default_rows(bytes_per_sample: int, memory: int, most: int) -> int:
    """Return how many samples go into a batch, a power of two: as many as the cache serves and memory allows, from 1 to ``most``."""
    allowed = min(_CACHE / bytes_per_sample, memory / (_GRADIENT * bytes_per_sample), most)
    return int(2 ** np.floor(np.log2(max(1.0, allowed))))


def _chunks(
    nodes: NDArray[Any], weights: NDArray[Any], bounds: list[NDArray[Any]], size: int
) -> Iterator[tuple[NDArray[Any], NDArray[Any], *tuple[NDArray[Any], ...]]]:
    """Yield nodes [N, size], weights [N, M, size] and bounds [N, size, 2], some nodes weighing nothing.

    Those fill up the last chunk; and where gates are averaged, each chunk has its neighbours' outermost nodes on either side.
    """
    count = nodes.shape[1]
    if size == count:
        yield nodes, weights, *bounds
        return
    halo = int(bool(bounds))
    step = size - 2 * halo
    beyond = (halo, halo + -count % step)
    nodes, weights = np.pad(nodes, ((0, 0), beyond), mode="edge"), np.pad(weights, ((0, 0), (0, 0), beyond))
    bounds = [np.pad(b, ((0, 0), beyond, (0, 0)), mode="edge") for b in bounds]
    for first in range(0, count, step):
        window = slice(first, first + size)
        own = weights[..., window].copy()
        own[..., :halo] = own[..., size - halo :] = 0
        yield nodes[:, window], own, *[b[:, window] for b in bounds]
