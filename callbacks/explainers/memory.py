"""How much memory a traced function needs for a sample, read off its graph."""

from __future__ import annotations

from typing import Any

import numpy as np

_HOLDS_NOTHING = ("Const", "Placeholder", "ReadVariableOp", "Shape", "Identity", "NoOp", "Reshape", "Squeeze", "ExpandDims")
_MOST_STEPS = 64
"""Steps of a loop whose length the graph does not tell."""


def bytes_per_sample(graph: Any, samples: int) -> int:
    """Return what all operations of a traced function make of one sample, in bytes: what its gradient keeps at most.

    Args:
        graph: a `FuncGraph`, traced for ``samples``.
        samples: rows of the batch it was traced for.
    """
    total = 0.0
    for operation in graph.get_operations():
        if operation.type in ("While", "StatelessWhile"):
            total += _steps(operation) * _inside(graph, operation.get_attr("body").name, samples)
        elif operation.type in ("PartitionedCall", "StatefulPartitionedCall"):
            total += _inside(graph, operation.get_attr("f").name, samples)
        elif operation.type not in _HOLDS_NOTHING:
            total += sum(_bytes(tensor) for tensor in operation.outputs) / samples
    return int(np.ceil(total))


def _inside(graph: Any, name: str, samples: int) -> float:
    function = graph._get_function(name)  # noqa: SLF001 (TensorFlow lists a graph's functions nowhere in public)
    inner = getattr(function, "graph", None)
    return bytes_per_sample(inner, samples) if inner is not None else 0.0


def _steps(loop: Any) -> int:
    """Return how often a loop runs at most: as often as the sequences that it reads are long."""
    sequences = [t.op.inputs[0] for t in loop.inputs if t.op.type == "TensorListFromTensor"]
    lengths = [int(s.shape[0]) for s in sequences if s.shape.rank and s.shape[0]]
    return max(lengths, default=_MOST_STEPS)


def _bytes(tensor: Any) -> float:
    if tensor.shape.rank is None or not hasattr(tensor.dtype, "size"):
        return 0.0
    return float(np.prod([d or 1 for d in tensor.shape], dtype=np.float64) * tensor.dtype.size)
