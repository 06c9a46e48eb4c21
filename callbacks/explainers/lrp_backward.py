"""The backward walk of layer-wise relevance propagation: relevance handed from the outputs of a trace to its entries, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

import tensorflow as tf

from tb_explain_plugin.callbacks.explainers import lrp_operations as known
from tb_explain_plugin.callbacks.explainers.lrp_flow import Flow, Normalization, Operation, Pass, Sum, Whole
from tb_explain_plugin.callbacks.explainers.lrp_linear import LinearLayer
from tb_explain_plugin.callbacks.explainers.lrp_recurrent import gates_held
from tb_explain_plugin.callbacks.explainers.lrp_rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tb_explain_plugin.callbacks.explainers.lrp_calls import Call, Calls
    from tb_explain_plugin.callbacks.explainers.lrp_composites import Composite
    from tb_explain_plugin.callbacks.explainers.lrp_flow import Step

_REMEDY = "Use integrated_gradients, or pass a composite with a rule for the layer as a whole"


class Backward:
    """The walk through one trace.

    Args:
        flow: the trace's steps.
        calls: whose operations they are.
        positions: of operations, by name.
        composite: the rules.
        epsilon: of the denominators.
        bounds: (low, high) of each entry, by reference, shaped as the entry.
    """

    def __init__(
        self,
        flow: Flow,
        calls: Calls,
        positions: Mapping[str, int],
        composite: Composite,
        epsilon: float,
        bounds: Mapping[Any, tuple[Any, Any]],
    ) -> None:
        self._flow = flow
        self._calls = calls
        self._positions = positions
        self._composite = composite
        self._epsilon = epsilon
        self._bounds = bounds

    def walk(self, start: Sequence[tuple[Any, Any]], entries: Sequence[Any]) -> list[Any | None]:
        """Return the relevance of each entry, None where none arrives; ``start``: tensors and their relevance."""
        relevance: dict[Any, Any] = {}
        for tensor, amount in start:
            _add(relevance, tensor, amount)
        for reference, step in reversed(self._flow.steps.items()):
            amount = relevance.pop(reference, None)
            if amount is not None:
                for tensor, share in self._shares(step, reference.deref(), amount):
                    if self._flow.is_live(tensor):
                        _add(relevance, tensor, share)
        return [relevance.get(entry.ref()) for entry in entries]

    def _shares(self, step: Any, tensor: Any, relevance: Any) -> list[tuple[Any, Any]]:
        """Return the tensors that a step's relevance goes to, and how much."""
        if isinstance(step, Pass):
            return [(step.to, relevance)]
        if isinstance(step, Sum):
            return self._linear(step, tensor, relevance) if step.weighted else self._sum(step, tensor, relevance)
        if isinstance(step, Normalization):
            own = tensor - self._run_again(tensor, {step.of.ref(): tf.zeros_like(step.of)})
            return [(step.of, own * known.ratio(relevance, tensor, self._epsilon))]
        if isinstance(step, Whole):
            return self._whole(step.call, tensor, relevance)
        return self._operation(step, tensor, relevance)

    def _operation(self, step: Operation, tensor: Any, relevance: Any) -> list[tuple[Any, Any]]:
        operation = step.operation
        live = [operation.inputs[k] for k in step.live]
        if operation.type in known.COPYING | known.CHOOSING:
            shares = known.vector_jacobian(operation, step.live, relevance, output=tensor.value_index)
            return list(zip(live, shares, strict=True))
        if operation.type in ("Softmax", "LogSoftmax"):
            return [(live[0], known.softmax_shares(operation, relevance, self._epsilon))]
        if operation.type in known.DIVIDING:
            return [(operation.inputs[0], known.summed_to(relevance, operation.inputs[0]))]
        if operation.type in {"Mul", "MulNoNan"} or (operation.type in known.ELEMENTWISE and len(live) == 1):
            return [(x, known.summed_to(relevance / len(live), x)) for x in live]
        raise ValueError(self._refusal(operation))

    def _sum(self, step: Sum, tensor: Any, relevance: Any) -> list[tuple[Any, Any]]:
        """Shares as contributed; of a product, half to each factor (the uniform rule, Achtibat et al. 2024)."""
        live = [step.operation.inputs[k] for k in step.live]
        factors = len(live) if step.operation.type in known.CONVOLVING | known.MULTIPLYING else 1
        slope = known.ratio(relevance / factors, tensor, self._epsilon)
        gradients = known.vector_jacobian(step.operation, step.live, slope, after=step.after)
        return [(x, tf.cast(x, tf.float32) * g) for x, g in zip(live, gradients, strict=True)]

    def _linear(self, step: Sum, tensor: Any, relevance: Any) -> list[tuple[Any, Any]]:
        data = step.operation.inputs[step.live[0]]
        folded = self._normalization_before(data)
        offset = None if folded is None else self._run_again(data, {folded.ref(): tf.zeros_like(folded)})
        layer = LinearLayer(
            step,
            tensor,
            offset=offset,
            at_least_zero=data.ref() in self._flow.at_least_zero,
            bounds=lambda: self._bounds_of(data, self._rule(step)),
            run_again=lambda replaced: self._run_again(tensor, replaced),
        )
        share = layer.relevance(self._rule(step), relevance, self._epsilon)
        return [(data, share)] if folded is None else [(folded, self._copied_back(data, share))]

    def _rule(self, step: Sum) -> Rule:
        call = self._calls.owner(self._positions[step.operation.name])
        chosen = self._composite.of_layer(call.name, call.layer) if call else None
        if isinstance(chosen, Rule):
            return chosen
        return self._composite.of_kind(step.kind, first=step.operation.inputs[step.live[0]].ref() not in self._flow.deep)

    def _normalization_before(self, tensor: Any) -> Any | None:
        """Return the input of the batch normalization whose output a tensor is a copy of; None where there is none."""
        step = self._flow.steps.get(tensor.ref())
        while _copies(step):
            step = self._flow.steps.get(step.operation.inputs[step.live[0]].ref())
        return step.of if isinstance(step, Normalization) else None

    def _copied_back(self, tensor: Any, relevance: Any) -> Any:
        """Return the relevance of what a tensor is a copy of (padded, reshaped)."""
        while _copies(step := self._flow.steps.get(tensor.ref())):
            source = step.operation.inputs[step.live[0]]
            relevance = known.vector_jacobian(step.operation, step.live, relevance, output=tensor.value_index)[0]
            tensor = source
        return relevance

    def _bounds_of(self, tensor: Any, rule: Rule) -> tuple[Any, Any]:
        """Return the least and the greatest value of a tensor that reads the entries."""
        ends = []
        for side in (0, 1):
            given = rule.bounds[side]
            own = {
                ref: pair[side] if given is None else tf.broadcast_to(tf.constant(given), tf.shape(pair[side]))
                for ref, pair in self._bounds.items()
            }
            ends.append(self._run_again(tensor, own))
        return tf.minimum(*ends), tf.maximum(*ends)

    def _whole(self, call: Call, tensor: Any, relevance: Any) -> list[tuple[Any, Any]]:
        if call.whole == "pass":
            fitting = [x for x in call.inputs if self._flow.is_live(x) and x.shape == tensor.shape]
            if not fitting:
                raise ValueError(
                    f"the rule of {call.name!r} is 'pass', but its output {tuple(tensor.shape)} has the shape of none of its inputs "
                    f"{[tuple(x.shape) for x in call.inputs]}; use 'gradient'"
                )
            return [(x, relevance / len(fitting)) for x in fitting]
        which = next(k for k, t in enumerate(call.outputs) if t is tensor)
        own = [tf.identity(x) for x in call.inputs]
        with gates_held(call, self._epsilon, _REMEDY):
            again = call.run(own)[which]
        slopes = tf.gradients(again, own, grad_ys=known.ratio(relevance, tensor, self._epsilon))
        return [(x, x * slope) for x, slope in zip(call.inputs, slopes, strict=True) if slope is not None]

    def _run_again(self, target: Any, replaced: dict[Any, Any]) -> Any:
        """Return a live tensor as it would be if others, by reference, had other values."""
        if target.ref() in replaced:
            return replaced[target.ref()]
        if not self._flow.is_live(target):
            return target
        inputs = {k: self._run_again(t, replaced) for k, t in enumerate(target.op.inputs) if self._flow.is_live(t)}
        return known.run_again(target.op, inputs)[target.value_index]

    def _refusal(self, operation: Any) -> str:
        call = self._calls.owner(self._positions[operation.name])
        where = f"layer {call.name!r} ({type(call.layer).__name__})" if call else "the model, outside of its layers"
        remedy = f"{_REMEDY}: composite={{{call.name!r}: 'gradient'}} or 'pass'" if call else "Use integrated_gradients"
        return f"lrp has no rule for the operation {operation.type!r} ({operation.name}) in {where}. {remedy}"


def _copies(step: Step | None) -> TypeGuard[Operation]:
    return isinstance(step, Operation) and step.operation.type in known.COPYING and len(step.live) == 1


def _add(relevance: dict[Any, Any], tensor: Any, amount: Any) -> None:
    reference = tensor.ref()
    relevance[reference] = relevance[reference] + amount if reference in relevance else amount
