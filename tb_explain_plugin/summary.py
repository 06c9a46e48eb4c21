"""Arrays → Summary protos: the write side of the contract. Layouts are in ``http_api.md``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors.numpy import save
from tensorboard.compat.proto import summary_pb2
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.util import tensor_util

from tb_explain_plugin import metadata
from tb_explain_plugin import plugin_data_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import ArrayLike, NDArray
    from tensorboard.compat.proto import tensor_pb2

_FRAME_TYPES = (np.uint8, np.int32, np.float16, np.float32, np.float64)


def series(tag: str, values: ArrayLike) -> summary_pb2.Summary:
    """Return one step of a series.

    Args:
        tag: from `metadata.create_tag`.
        values: a small array; float32 stays, everything else becomes float64.
    """
    array = np.asarray(values)
    array = array if array.dtype == np.float32 else array.astype(np.float64)
    return _summary(tag, pb.SERIES, tensor_util.make_tensor_proto(array))


def frame(tag: str, arrays: Mapping[str, NDArray[Any]], text: Mapping[str, str] | None = None) -> summary_pb2.Summary:
    """Return one step of a frame: named arrays and strings as one safetensors blob.

    Args:
        tag: from `metadata.create_tag`.
        arrays: uint8, int32, float16, float32 or float64.
        text: the blob's ``__metadata__``.

    Raises:
        TypeError: an array of another type.
    """
    for name, array in arrays.items():
        if array.dtype not in _FRAME_TYPES:
            raise TypeError(f"array {name!r} of {tag!r} is {array.dtype}; expected one of {[t.__name__ for t in _FRAME_TYPES]}")
    blob = save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, metadata=dict(text or {}))
    return _summary(tag, pb.FRAME, tensor_util.make_tensor_proto(np.array([blob], dtype=object)))


def manifest(contents: pb.Manifest) -> summary_pb2.Summary:
    """Return the run's manifest."""
    blob = contents.SerializeToString(deterministic=True)
    return _summary(metadata.MANIFEST, pb.MANIFEST, tensor_util.make_tensor_proto(np.array(blob, dtype=object)))


def scalar(tag: str, value: float) -> summary_pb2.Summary:
    """Return one step of an ordinary scalar, for TensorBoard's Time Series tab."""
    return scalar_pb(tag, value)


def read_series(summaries: Iterable[summary_pb2.Summary]) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield tag and values of those that are steps of our series."""
    for one in summaries:
        for value in one.value:
            plugin = value.metadata.plugin_data
            if plugin.plugin_name == metadata.PLUGIN_NAME and metadata.parse_plugin_data(plugin.content).kind == pb.SERIES:
                yield value.tag, tensor_util.make_ndarray(value.tensor)


def compress(values: NDArray[Any]) -> tuple[NDArray[Any], float]:
    """Return ``(array, scale)`` with ``array * scale`` equal to ``values`` to float16's 11 bits.

    Float16 as it is where the largest magnitude fits its range, scaled by a power of two where it does not. Cells below 2⁻²⁴ of the
    scale flush to zero; NaN and infinities stay what they are.
    """
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max()) if finite.size else 0.0
    fits = largest == 0.0 or 2.0**-6 <= largest <= 2.0**14
    scale = 1.0 if fits else 2.0 ** float(np.floor(np.log2(largest)) - 10)
    return (np.asarray(values, np.float64) / scale).astype(np.float16), scale


def _summary(tag: str, shape: pb.Kind, tensor: tensor_pb2.TensorProto) -> summary_pb2.Summary:
    expected = metadata.parse_tag(tag).shape
    if shape != expected:
        raise ValueError(f"{tag!r} holds {pb.Kind.Name(expected)} data, received {pb.Kind.Name(shape)}")
    return summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, tensor=tensor, metadata=metadata.create_summary_metadata(shape))])
