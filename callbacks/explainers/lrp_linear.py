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
    from collections.abc import Callable

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
        self._terms: dict[tuple[str, str], tuple[Any, Any]] = {}

    def relevance(self, rule: Rule, relevance: Any, epsilon: float) -> Any:
        """Return the relevance of the input, from that of the output."""
        epsilon = epsilon if rule.epsilon is None else rule.epsilon
        slopes: dict[tuple[str, str], Any] = {}
        for part in rule.parts:
            slope = known.ratio(part.share * self._chosen(part, relevance), self._denominator(part), epsilon)
            for kind, coefficient in part.kinds:
                for x, w, sign in self._terms_of(kind):
                    slopes[x, w] = slopes.get((x, w), 0.0) + coefficient * sign * slope
        total = 0.0
        for key, slope in slopes.items():
            values, output = self._term(*key)
            given = self._values("x") if key == ("x", "w") else values
            total += given * known.vector_jacobian(output, [values], slope, self._held() if key == ("x", "w") else ())[0]
        return total

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
            total += coefficient * sum(sign * self._term(x, w)[1] for x, w, sign in self._terms_of(kind))
            bias = self._bias() if part.bias and kind in BIASES else None
            if bias is not None:
                total += coefficient * _MODIFIED[BIASES[kind].replace("b", "w")](bias)
        return total

    def _terms_of(self, kind: str) -> list[tuple[str, str, float]]:
        """Return the terms of a kind, without those that are 0 for inputs without negative elements."""
        return [(x, w, sign) for x, w, sign in CONTRIBUTIONS[kind] if self._signed or x != "x-"]

    def _term(self, x: str, w: str) -> tuple[Any, Any]:
        """Return a stand-in for the input and what the layer makes of it with modified weights and no bias; (x, w): the layer itself."""
        if (x, w) == ("x", "w"):
            return self.input, self._output
        if (x, w) not in self._terms:
            values = tf.identity(self._values(x))
            weights = _MODIFIED[w](self._effective_weights())
            made = known.run_again(self._step.operation, {self._data: values, self._weights: weights})[0]
            for operation in self._step.after:
                if operation.type in known.RESHAPING:
                    made = known.run_again(operation, {0: made})[0]
            self._terms[x, w] = values, made
        return self._terms[x, w]

    def _values(self, name: str) -> Any:
        values = self._bounds()[name == "high"] if name in ("low", "high") else self.input
        values = values if self._offset is None else values - self._offset
        if name == "1":
            return tf.ones_like(values)
        if name in ("x", "low", "high") or not self._signed:
            return values
        return tf.maximum(values, 0.0) if name == "x+" else tf.minimum(values, 0.0)

    def _held(self) -> list[Any]:
        """Return what the layer reads besides its input."""
        operations = (self._step.operation, *self._step.after)
        return [t for operation in operations for t in operation.inputs if t.dtype.is_floating and not self._is_made(t)]

    def _is_made(self, tensor: Any) -> bool:
        made = [t for operation in (self._step.operation, *self._step.after) for t in operation.outputs]
        return any(tensor is t for t in [self.input, *made])

    def _bias(self) -> Any:
        """Return what the layer makes of inputs of 0; None if that is 0."""
        if not hasattr(self, "_made_of_zero"):
            affine = any(operation.type not in known.RESHAPING for operation in self._step.after)
            if self._offset is not None:
                self._made_of_zero = self._run_again({self.input.ref(): self._offset})
            elif affine:
                self._made_of_zero = self._run_again({self._step.made.ref(): tf.zeros_like(self._step.made)})
            else:
                self._made_of_zero = None
        return self._made_of_zero

    def _effective_weights(self) -> Any:
        """Return the weights with the factors of the affine operations taken in.

        Those are one factor a channel: the gradient of the scaled outputs by the weights, over that of the bare ones, is the factor.
        """
        weights = self._step.operation.inputs[self._weights]
        if not self._step.scaled:
            return weights
        made = self._step.made
        factor = tf.gradients(self._output, made, stop_gradients=self._held())[0]
        own = tf.identity(weights)
        bare = known.run_again(self._step.operation, {self._data: tf.ones_like(self.input), self._weights: own})[0]
        scaled, plain = (tf.gradients(bare, own, grad_ys=g)[0] for g in (factor, tf.ones_like(factor)))
        return weights * tf.math.divide_no_nan(scaled, plain)
