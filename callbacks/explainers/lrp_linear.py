"""One rule of layer-wise relevance propagation, applied to one linear layer.

A layer is a `lrp_flow.Sum`: a linear operation with weights and the affine operations after it. A batch normalization that it reads from
is folded into it: s·x + c with weights w is a layer with inputs s·x, weights w and a bias that c takes part in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tensorflow as tf

from tb_explain_plugin.callbacks.explainers import lrp_operations as known
from tb_explain_plugin.callbacks.explainers.lrp_rules import BIASES, CONTRIBUTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tb_explain_plugin.callbacks.explainers.lrp_flow import Sum
    from tb_explain_plugin.callbacks.explainers.lrp_rules import Part, Rule

_MODIFIED: dict[str, Callable[[Any], Any]] = {
    "w": lambda w: w,
    "w+": lambda w: tf.maximum(w, 0.0),
    "w-": lambda w: tf.minimum(w, 0.0),
    "w²": tf.square,
    "1": tf.ones_like,
}


class LinearLayer:
    """One linear layer in a trace.

    Args:
        step: the layer.
        output: the tensor whose relevance is known: what the layer made, after its affine operations.
        offset: what of its input is a folded batch normalization's constant; None without one.
        at_least_zero: whether its input has no negative elements.
        bounds: answers with the (low, high) of its input.
        run_again: answers with ``output`` if tensors, by reference, had other values.
    """

    def __init__(
        self,
        step: Sum,
        output: Any,
        *,
        offset: Any,
        at_least_zero: bool,
        bounds: Callable[[], tuple[Any, Any]],
        run_again: Callable[[dict[Any, Any]], Any],
    ) -> None:
        self._step = step
        self._output = output
        self._data = step.live[0]
        self._weights = next(k for k, t in enumerate(step.operation.inputs) if t.dtype.is_floating and k != self._data)
        self.input = step.operation.inputs[self._data]
        self._offset = offset
        self._signed = not at_least_zero or offset is not None
        self._bounds = bounds
        self._run_again = run_again
        self._modified: dict[str, Any] = {}

    def relevance(self, rule: Rule, relevance: Any, epsilon: float) -> Any:
        """Return the relevance of the input, from that of the output."""
        epsilon = epsilon if rule.epsilon is None else rule.epsilon
        slopes: dict[tuple[str, str], Any] = {}
        for part in rule.parts:
            slope = known.ratio(part.share * self._chosen(part, relevance), self._denominator(part), epsilon)
            for kind, coefficient in part.kinds:
                for x, w, sign in self._terms_of(kind):
                    slopes[x, w] = slopes.get((x, w), 0.0) + coefficient * sign * slope
        return sum(self._values(x) * self._back(w, slope) for (x, w), slope in slopes.items())

    def _chosen(self, part: Part, relevance: Any) -> Any:
        if part.outputs == "all":
            return relevance
        is_chosen = self._output >= 0 if part.outputs == "positive" else self._output < 0
        return tf.where(is_chosen, relevance, tf.zeros_like(relevance))

    def _denominator(self, part: Part) -> Any:
        total = 0.0
        for kind, coefficient in part.kinds:
            if kind == "all":
                made = self._output if part.bias or self._bias() is None else self._output - self._bias()
                total += coefficient * made
                continue
            total += coefficient * sum(sign * self._made_of(x, w) for x, w, sign in self._terms_of(kind))
            bias = self._bias() if part.bias and kind in BIASES else None
            if bias is not None:
                total += coefficient * _MODIFIED[BIASES[kind].replace("b", "w")](bias)
        return total

    def _terms_of(self, kind: str) -> list[tuple[str, str, float]]:
        """Return the terms of a kind, without those that are 0 for inputs without negative elements."""
        return [(x, w, sign) for x, w, sign in CONTRIBUTIONS[kind] if self._signed or x != "x-"]

    def _chain(self, w: str) -> tuple[Sequence[tuple[Any, int]], dict[int, Any]]:
        """Return what follows the linear operation and what replaces its weights: the layer itself for ``w``, else without its biases."""
        if w == "w":
            return self._step.after, {}
        if w not in self._modified:
            self._modified[w] = _MODIFIED[w](self._effective_weights())
        return [(operation, k) for operation, k in self._step.after if operation.type in known.RESHAPING], {
            self._weights: self._modified[w]
        }

    def _made_of(self, x: str, w: str) -> Any:
        """Return what the layer makes of a stand-in for its input, with modified weights and no bias."""
        after, weights = self._chain(w)
        return known.run_chain(self._step.operation, {self._data: self._values(x), **weights}, after)

    def _back(self, w: str, slope: Any) -> Any:
        """Return slopeᵀ ∂made/∂input, with modified weights."""
        after, weights = self._chain(w)
        return known.vector_jacobian(self._step.operation, [self._data], slope, after=after, replaced=weights)[0]

    def _values(self, name: str) -> Any:
        values = self._bounds()[name == "high"] if name in ("low", "high") else self.input
        values = values if self._offset is None else values - self._offset
        if name == "1":
            return tf.ones_like(values)
        if name in ("x", "low", "high") or not self._signed:
            return values
        return tf.maximum(values, 0.0) if name == "x+" else tf.minimum(values, 0.0)

    def _bias(self) -> Any:
        """Return what the layer makes of inputs of 0; None if that is 0."""
        if not hasattr(self, "_made_of_zero"):
            affine = any(operation.type not in known.RESHAPING for operation, _ in self._step.after)
            if self._offset is not None:
                self._made_of_zero = self._run_again({self.input.ref(): self._offset})
            elif affine:
                self._made_of_zero = self._run_again({self._step.made.ref(): tf.zeros_like(self._step.made)})
            else:
                self._made_of_zero = None
        return self._made_of_zero

    def _effective_weights(self) -> Any:
        """Return the weights with the factors of the affine operations taken in.

        Those are one factor a channel: the gradient of the scaled outputs by the weights, over that of the bare ones, is the factor. Of a
        batch, one sample is enough.
        """
        operation = self._step.operation
        weights = operation.inputs[self._weights]
        if not self._step.scaled:
            return weights
        if "w" not in self._modified:
            (first, position), *rest = self._step.after
            factor = known.vector_jacobian(first, [position], tf.ones_like(self._output), after=rest)[0]
            ones = tf.ones_like(self.input)
            if operation.type in known.BY_SAMPLE:
                factor, ones = factor[:1], ones[:1]
            slopes = (factor, tf.ones_like(factor))
            scaled, bare = (known.vector_jacobian(operation, [self._weights], g, replaced={self._data: ones})[0] for g in slopes)
            self._modified["w"] = weights * tf.math.divide_no_nan(scaled, bare)
        return self._modified["w"]
