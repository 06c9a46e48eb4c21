"""From a model's outputs to what is asked of them: the score, the loss of each sample, the predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from tb_explain_plugin.callbacks.explainers import heads as heads_
from tb_explain_plugin.callbacks.explainers import structure as structure_

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.network import Network


class Readout:
    """What a model's outputs mean, settled once from the model, its loss and the targets.

    Args:
        network: of the model.
        score: a name of `heads.SCORES`, or a callable ``(outputs, targets) -> [N]`` on backend tensors.
        targets: as for `fit`, or None. Outputs that it names are explained; without any, the first one.
        task: overrules what the loss and the targets say; a string, or a dict by output name.

    Attributes:
        heads: the outputs that are explained; none with a callable score.
        losses: the compiled loss of each output that has one.

    Raises:
        ValueError: an unknown score or task, or targets that name no output.
    """

    def __init__(
        self,
        network: Network,
        score: str | Callable[[Any, Any], Any],
        targets: Any,
        task: str | Mapping[str, str] | None,
    ) -> None:
        if isinstance(score, str) and score not in heads_.SCORES:
            raise ValueError(f"score is {score!r}; expected one of {sorted(heads_.SCORES)} or a callable (outputs, targets) -> [N]")
        names = self._names = network.output_names
        losses = {name: keras.losses.get(loss) for name, loss in structure_.by_output(network.model.loss, names).items()}
        self.score = score
        self.losses = {name: loss for name, loss in losses.items() if loss is not None}
        self._loss_weights = structure_.loss_weights(network.model, names)
        self.heads = [] if callable(score) else self._heads(network, losses, targets, structure_.by_output(task, names))

    def _heads(self, network: Network, losses: dict[str, Any], targets: Any, tasks: dict[str, str | None]) -> list[heads_.Head]:
        names = self._names
        given = structure_.targets_by_output(targets, names)
        explained = [name for name in names if name in given] or names[:1]
        return [
            heads_.resolve_head(name, output, logits, losses[name], given.get(name), tasks[name])
            for name, (output, logits) in zip(names, network.examples, strict=True)
            if name in explained
        ]

    def resolve_targets(self, targets: Any, samples: int) -> NDArray[Any]:
        """Return int32 [N, heads]: the class explained at each head. A callable score gets the targets as they are."""
        if not self.heads and isinstance(targets, (dict, list, tuple)):
            raise ValueError(
                f"a callable score takes targets as one array, received a {type(targets).__name__}; "
                "put what it needs into one array, the first axis being the samples"
            )
        given = structure_.targets_by_output(targets, self._names)
        columns = [heads_.resolve_targets(head, structure_.or_none(given.get(head.name)), samples) for head in self.heads]
        if columns:
            return np.stack(columns, axis=1)
        return np.zeros(samples, np.int32) if targets is None else np.asarray(targets)

    def score_of(self, outputs: list[Any], targets: Any) -> Any:
        """Return the score of each sample, float32 [B], summed over the heads. ``targets``: from `resolve_targets`."""
        if callable(self.score):
            value = self.score(outputs[0] if len(outputs) == 1 else dict(zip(self._names, outputs, strict=True)), targets)
            return ops.cast(self._one_a_sample(value, outputs[0].shape[0]), "float32")
        by_name = dict(zip(self._names, outputs, strict=True))
        total = 0.0
        for k, head in enumerate(self.heads):
            output = by_name[head.name]
            total += heads_.score(self.score, head, heads_.class_logits(head, output, heads_.logits_tag(output)), targets[:, k])
        return total

    def _one_a_sample(self, value: Any, samples: int | None) -> Any:
        shape = getattr(value, "shape", None)
        if shape is None or len(shape) != 1 or (samples is not None and shape[0] not in (None, samples)):
            name = getattr(self.score, "__name__", type(self.score).__name__)
            received = f"a {type(value).__name__}" if shape is None else f"shape {tuple(shape)}"
            raise ValueError(
                f"the score {name!r} must return one number a sample, expected [N] (here N = {samples or 'unknown'}), received {received}; "
                "pick one column of the outputs (outputs[:, 0]) or reduce the last axes"
            )
        return value

    def predictions(self, outputs: list[Any]) -> list[Any]:
        """Return what each head predicts: probabilities [B, classes], or values [B, units] of a regression."""
        if not self.heads:
            return [ops.cast(output, "float32") for output in outputs]
        by_name = dict(zip(self._names, outputs, strict=True))
        logits = [heads_.class_logits(h, by_name[h.name], heads_.logits_tag(by_name[h.name])) for h in self.heads]
        return [z if h.task == "regression" else heads_.probabilities(h, z) for h, z in zip(self.heads, logits, strict=True)]

    def loss_of(self, outputs: list[Any], labels: dict[str, Any]) -> Any:
        """Return the compiled loss of each sample, float32 [B], weighted by ``loss_weights``."""
        by_name = dict(zip(self._names, outputs, strict=True))
        total = 0.0
        for name, loss in self.losses.items():
            if name in labels:
                total += self._loss_weights[name] * heads_.sample_loss(loss, labels[name], by_name[name])
        return total
