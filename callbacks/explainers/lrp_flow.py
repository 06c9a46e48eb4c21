"""How a traced model's entries flow to its outputs: for each tensor on the way, where its relevance goes.

The operations of the trace are read once, in the order in which they were made. A tensor is *live* if it depends on an entry; each live
tensor gets a step back towards the entries. `lrp_backward` takes the steps.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from tb_explain_plugin.callbacks.explainers import lrp_operations as known

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tb_explain_plugin.callbacks.explainers.lrp_calls import Call


@dataclasses.dataclass(frozen=True)
class Pass:
    """A function of one tensor, element by element: relevance goes to it as it is."""

    to: Any


@dataclasses.dataclass(frozen=True)
class Sum:
    """A linear operation and the affine operations after it (bias, batch normalization), as one: shares as contributed.

    Attributes:
        operation: the linear one.
        live: positions of its live inputs.
        made: what it made.
        after: the affine operations, in order, each with the position at which it reads.
        scaled: whether one of them multiplies.
    """

    operation: Any
    live: tuple[int, ...]
    made: Any
    after: tuple[tuple[Any, int], ...] = ()
    scaled: bool = False

    @property
    def weighted(self) -> bool:
        """Whether it is a linear layer: one live input, and weights."""
        kinds = known.CONVOLVING | known.MULTIPLYING
        return self.operation.type in kinds and len(self.live) == 1 and len([t for t in self.operation.inputs if t.dtype.is_floating]) == 2

    @property
    def kind(self) -> str:
        """Of a linear layer: "dense" or "convolution"."""
        return "convolution" if self.operation.type in known.CONVOLVING else "dense"


@dataclasses.dataclass(frozen=True)
class Operation:
    """Any other operation; its type says how."""

    operation: Any
    live: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Normalization:
    """Batch normalization that follows no linear operation: linear, of its own."""

    of: Any


@dataclasses.dataclass(frozen=True)
class Whole:
    """A layer with a rule of its own."""

    call: Call


Step = Pass | Sum | Operation | Normalization | Whole


class Flow:
    """The way from entries to outputs.

    Args:
        operations: of the trace, in order.
        entries: tensors where attribution starts.
        calls: of layers that are taken as a whole, or that are batch normalizations.
        deep: ids of entries that no "first" layer can read.

    Attributes:
        steps: by live tensor's reference, in the order of making.
        deep: references of tensors behind a linear layer.
        at_least_zero: references of tensors without negative elements.
    """

    def __init__(self, operations: Sequence[Any], entries: Sequence[Any], calls: Sequence[Call], deep: Iterable[int] = ()) -> None:
        self.steps: dict[Any, Step] = {}
        self.deep = {x.ref() for x in entries if id(x) in set(deep)}
        self.at_least_zero: set[Any] = set()
        self._live = {x.ref() for x in entries}
        self._root: dict[Any, Any] = {}
        self._sums: dict[Any, Sum] = {}
        self._reduced: set[Any] = set()
        whole = {call.first: call for call in calls if call.whole}
        normalized = {call.outputs[0].ref(): call.inputs[0] for call in calls if call.normalizes}
        until = 0
        for k, operation in enumerate(operations):
            if k in whole and any(self.is_live(t) for t in whole[k].inputs):
                until = whole[k].last
                for output in whole[k].outputs:
                    self._add(output, Whole(whole[k]))
                    self.deep.add(output.ref())
            if k >= until and operation.outputs:
                self._read(operation)
                for output in operation.outputs:
                    self._see_normalization(output, normalized)

    def is_live(self, tensor: Any) -> bool:
        """Whether a tensor depends on an entry."""
        return tensor.ref() in self._live

    def root(self, tensor: Any) -> Any:
        """Return the tensor that this one is a function of, element by element."""
        return self._root.get(tensor.ref(), tensor)

    def _add(self, tensor: Any, step: Step) -> None:
        if tensor.dtype.is_floating or tensor.dtype.is_complex:
            self._live.add(tensor.ref())
            self.steps[tensor.ref()] = step

    def _see_normalization(self, output: Any, normalized: dict[Any, Any]) -> None:
        of = normalized.get(output.ref())
        if of is not None and self.is_live(output) and output.ref() not in self._sums:
            self._add(output, Normalization(of))
            self._root.pop(output.ref(), None)

    def _read(self, operation: Any) -> None:
        live = tuple(k for k, t in enumerate(operation.inputs) if self.is_live(t))
        if not live or operation.type in known.CONSTANT:
            return
        tensors = [operation.inputs[k] for k in live]
        roots = {self.root(t).ref(): self.root(t) for t in tensors}
        output = operation.outputs[0]
        if self._is_normalizer(operation, live, roots):
            return
        if operation.type == "IdentityN":
            for k in live:
                self._add_pass(operation.outputs[k], self.root(operation.inputs[k]))
        elif self._extends(operation, live):
            source = self._sums[tensors[0].ref()]
            self._sums[output.ref()] = step = dataclasses.replace(
                source, after=(*source.after, (operation, live[0])), scaled=source.scaled or operation.type in known.SCALING | {"Sub"}
            )
            self._add(output, Operation(operation, live) if operation.type in known.RESHAPING else step)
        elif len(roots) == 1 and self._is_function_of_one(operation, live, self.root(tensors[0])):
            self._add_pass(output, self.root(tensors[0]))
        elif operation.type in known.SUMMING | known.CONVOLVING | known.MULTIPLYING and len(operation.outputs) == 1:
            self._sums[output.ref()] = step = Sum(operation, live, output)
            self._add(output, step)
        else:
            for made in operation.outputs:
                self._add(made, Operation(operation, live))
        self._mark(operation, live, tensors)

    @staticmethod
    def _is_function_of_one(operation: Any, live: tuple[int, ...], root: Any) -> bool:
        """Whether an operation is a function of one tensor, element by element. Where a constant was selected instead, it is not."""
        selects = operation.type in known.SELECTING and len(live) < len([t for t in operation.inputs if t.dtype.is_floating])
        return operation.type in known.ELEMENTWISE and operation.outputs[0].shape == root.shape and not selects

    def _add_pass(self, output: Any, root: Any) -> None:
        self._root[output.ref()] = root
        self._add(output, Pass(root))

    def _mark(self, operation: Any, live: tuple[int, ...], tensors: list[Any]) -> None:
        """Note what is known of an operation's outputs."""
        outputs = {t.ref() for t in operation.outputs}
        step = self.steps.get(operation.outputs[0].ref())
        if any(t.ref() in self.deep for t in tensors) or (isinstance(step, Sum) and step.weighted):
            self.deep |= outputs
        constants = [t for k, t in enumerate(operation.inputs) if k not in live and t.dtype.is_floating]
        kept = operation.type in known.KEEPS_SIGN and not constants and all(t.ref() in self.at_least_zero for t in tensors)
        if kept or operation.type in known.AT_LEAST_ZERO:
            self.at_least_zero |= outputs
        passing = operation.type in known.ELEMENTWISE | known.RESHAPING
        if operation.type in known.REDUCING or (passing and all(t.ref() in self._reduced for t in tensors)):
            self._reduced |= outputs

    def _is_normalizer(self, operation: Any, live: tuple[int, ...], roots: dict[Any, Any]) -> bool:
        """Whether this is 1/f of a reduction (a variance, a norm): held constant."""
        inverts = operation.type in known.INVERTING or (operation.type in known.DIVIDING and 0 not in live)
        return inverts and all(root in self._reduced for root in roots)

    def _extends(self, operation: Any, live: tuple[int, ...]) -> bool:
        """Whether an operation belongs to the linear one that made its input.

        Biases and factors are arrays. A lone number is part of an activation (``relu6(x + 3) / 6``), which is a function of one tensor.
        """
        if len(live) != 1 or operation.inputs[live[0]].ref() not in self._sums:
            return False
        if operation.type in known.RESHAPING:
            return True
        source = self._sums[operation.inputs[live[0]].ref()]
        if operation.type == "Neg":
            return not source.weighted
        if operation.type not in known.AFFINE or operation.inputs[1 - live[0]].shape.rank == 0:
            return False
        divides = operation.type in known.DIVIDING and live[0] != 0
        if not source.weighted or divides:
            return not divides
        factor = operation.inputs[1 - live[0]]
        by_channel = all(size == 1 for size in factor.shape[:-1])  # what a channel's weights can take in
        return operation.outputs[0].shape == operation.inputs[live[0]].shape and (by_channel or operation.type not in known.SCALING)
