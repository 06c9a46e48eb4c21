"""What layer-wise relevance propagation knows of TensorFlow's operations, by type.

A layer is made of these, whoever wrote it: a rule for each kind of operation is a rule for every layer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tensorflow as tf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ELEMENTWISE = frozenset(
    [
        "Abs",
        "Acos",
        "Acosh",
        "Add",
        "AddV2",
        "Asin",
        "Asinh",
        "Atan",
        "Atan2",
        "Atanh",
        "BiasAdd",
        "Cast",
        "Ceil",
        "CheckNumerics",
        "ClipByValue",
        "Cos",
        "Cosh",
        "Digamma",
        "Div",
        "DivNoNan",
        "Elu",
        "Erf",
        "Erfc",
        "Exp",
        "Expm1",
        "Floor",
        "Identity",
        "LeakyRelu",
        "Lgamma",
        "Log",
        "Log1p",
        "Maximum",
        "Minimum",
        "Mul",
        "MulNoNan",
        "Neg",
        "Pow",
        "RealDiv",
        "Reciprocal",
        "Relu",
        "Relu6",
        "Rint",
        "Round",
        "Rsqrt",
        "Select",
        "SelectV2",
        "Selu",
        "Sigmoid",
        "Sign",
        "Sin",
        "Sinh",
        "Softplus",
        "Softsign",
        "Sqrt",
        "Square",
        "SquaredDifference",
        "Sub",
        "Tan",
        "Tanh",
        "Xdivy",
        "Xlogy",
    ]
)
"""Each output element is a function of the input elements at its place. Of one tensor, it hands relevance on unchanged."""

AFFINE = frozenset(("Add", "AddV2", "BiasAdd", "Div", "Mul", "RealDiv", "Sub"))
"""With an array of constants: what may follow a linear operation and belong to its layer, as biases and batch normalization do."""
SCALING = frozenset(("Div", "Mul", "RealDiv"))
RESHAPING = frozenset(("BatchToSpaceND", "ExpandDims", "Reshape", "Squeeze"))
"""What may stand between a linear operation and its bias."""

COPYING = RESHAPING | frozenset(
    [
        "BroadcastTo",
        "ConcatV2",
        "DepthToSpace",
        "GatherNd",
        "GatherV2",
        "MatrixBandPart",
        "MirrorPad",
        "Pack",
        "Pad",
        "PadV2",
        "ResizeNearestNeighbor",
        "Reverse",
        "ReverseV2",
        "Roll",
        "Slice",
        "SpaceToBatchND",
        "SpaceToDepth",
        "Split",
        "SplitV",
        "StridedSlice",
        "Tile",
        "Transpose",
        "Unpack",
    ]
)
"""Each output element is an input element or a constant: relevance goes where the element came from."""

SELECTING = frozenset(["Select", "SelectV2"])
CHOOSING = SELECTING | frozenset(["Max", "MaxPool", "MaxPool3D", "MaxPoolV2", "Maximum", "Min", "Minimum", "TopKV2"])
"""Each output element is the chosen one of several input elements: it takes all."""

SUMMING = frozenset(
    ["Add", "AddN", "AddV2", "AvgPool", "AvgPool3D", "BiasAdd", "Cumsum", "Mean", "ResizeBicubic", "ResizeBilinear", "Sub", "Sum"]
)
"""Linear without weights: shares as contributed."""

CONVOLVING = frozenset(["Conv2D", "Conv2DBackpropInput", "Conv3D", "Conv3DBackpropInputV2", "DepthwiseConv2dNative"])
BY_SAMPLE = frozenset(["Conv2D", "Conv3D", "DepthwiseConv2dNative"])
"""Whose first axis, in and out, is that of the samples."""
MULTIPLYING = frozenset(["BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "Einsum", "MatMul"])
"""Linear in each input: of a constant and a tensor a linear layer, of two tensors (attention) a product."""

REDUCING = frozenset(["EuclideanNorm", "L2Loss", "Max", "Mean", "Sum"])
DIVIDING = frozenset(["Div", "DivNoNan", "RealDiv", "Xdivy"])
"""The numerator takes all: what divides is held constant, as AttnLRP does with what layers normalize by."""
INVERTING = frozenset(["Reciprocal", "Rsqrt"])

CONSTANT = frozenset(["ArgMax", "ArgMin", "OnesLike", "Shape", "StopGradient", "ZerosLike"])
"""Nothing flows through."""

AT_LEAST_ZERO = frozenset(["Abs", "Erfc", "Exp", "Relu", "Relu6", "Sigmoid", "Softmax", "Softplus", "Sqrt", "Square", "SquaredDifference"])
KEEPS_SIGN = COPYING - {"MirrorPad", "PadV2"} | frozenset(
    ["AddN", "AddV2", "AvgPool", "AvgPool3D", "Identity", "Max", "MaxPool", "MaxPool3D", "Mean", "Mul", "Sum"]
)


def run_again(operation: Any, inputs: Mapping[int, Any]) -> list[Any]:
    """Return the outputs of an operation with some of its inputs replaced, by position."""
    made = tf.compat.v1.get_default_graph().create_op(
        operation.type,
        [inputs.get(k, tensor) for k, tensor in enumerate(operation.inputs)],
        [output.dtype for output in operation.outputs],
        attrs={name: value for name, value in operation.node_def.attr.items() if not name.startswith("_")},
        op_def=operation.op_def,
    )
    return list(made.outputs)


def run_chain(operation: Any, inputs: Mapping[int, Any], after: Sequence[tuple[Any, int]] = (), *, output: int = 0) -> Any:
    """Return what an operation makes with some of its inputs replaced, passed through others: each with the position it reads at."""
    made = run_again(operation, inputs)[output]
    for following, position in after:
        made = run_again(following, {position: made})[0]
    return made


def vector_jacobian(
    operation: Any,
    positions: Sequence[int],
    vector: Any,
    *,
    after: Sequence[tuple[Any, int]] = (),
    replaced: Mapping[int, Any] | None = None,
    output: int = 0,
) -> list[Any]:
    """Return vectorᵀ ∂made/∂input of a chain (see `run_chain`) for the inputs of its first operation at these positions, float32.

    The chain is run again on its own: a gradient taken in the model's graph would search all of it, and would go on through what is held
    constant. What the second run makes is pruned before anything is computed, unless the gradient needs it.
    """
    own = [tf.identity(operation.inputs[k]) for k in positions]
    made = run_chain(operation, {**(replaced or {}), **dict(zip(positions, own, strict=True))}, after, output=output)
    found = tf.gradients(made, own, grad_ys=tf.cast(vector, made.dtype))
    return [tf.zeros(tf.shape(x)) if g is None else tf.cast(tf.convert_to_tensor(g), tf.float32) for g, x in zip(found, own, strict=True)]


def summed_to(relevance: Any, tensor: Any) -> Any:
    """Return the relevance of a broadcast tensor, summed to its own shape."""
    if relevance.shape == tensor.shape:
        return relevance
    extra = relevance.shape.rank - tensor.shape.rank
    own = tf.reduce_sum(relevance, axis=list(range(extra))) if extra else relevance
    spread = [k for k, (a, b) in enumerate(zip(own.shape, tensor.shape, strict=True)) if b == 1 and a != 1]
    return tf.reduce_sum(own, axis=spread, keepdims=True) if spread else own


def stabilized(values: Any, epsilon: float) -> Any:
    """Return values moved away from 0 by ε, the sign of 0 being +."""
    return values + tf.where(values < 0, -epsilon, epsilon)


def ratio(relevance: Any, values: Any, epsilon: float) -> Any:
    """Return relevance / values, stabilized; without ε, 0 where values are 0."""
    values = tf.cast(values, tf.float32)
    return relevance / stabilized(values, epsilon) if epsilon else tf.math.divide_no_nan(relevance, values)


def softmax_shares(operation: Any, relevance: Any, epsilon: float) -> Any:
    """AttnLRP's rule, input × gradient: R_i = x_i (R_i − s_i Σ R). Achtibat et al. 2024."""
    x, s = (tf.cast(t, tf.float32) for t in (operation.inputs[0], operation.outputs[0]))
    if operation.type == "LogSoftmax":
        slope = ratio(relevance, s, epsilon)
        return x * (slope - tf.exp(s) * tf.reduce_sum(slope, axis=-1, keepdims=True))
    shares = x * (relevance - s * tf.reduce_sum(relevance, axis=-1, keepdims=True))
    return tf.where(s == 0, 0.0, shares)  # what a mask left out may be −∞
