"""The grammar of what is logged: names, tags, versions. The one place that spells a tag.

A tag is ``<kind>/<name>[/<name>]`` with every name percent-encoded (``/`` too), or the bare kind for those of which a run has one.
Each belongs to one of two shapes of data: a *series* (a small array a step) or a *frame* (a safetensors blob a step).
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, unquote

from tensorboard.compat.proto import summary_pb2

from tb_explain_plugin import plugin_data_pb2 as pb

PLUGIN_NAME = "explain"
RUN_NAME = "explain"
"""Name of the run directory below ``log_dir`` that the callbacks write into."""

VERSION = 1
"""Of the contract. A reader skips what a newer version wrote."""

HISTOGRAM_BINS = 64

EPOCH, ITERATION = "epoch", "iteration"
"""What the steps of a run count: the manifest's ``step_unit``."""

HEALTH_FIELDS = (
    "dead_fraction",
    "saturated_fraction",
    "gradient_norm",
    "update_ratio",
    "distribution_shift",
    "weight_norm",
    "non_finite_fraction",
)
"""Order of the values of a ``health/<layer>`` series."""

IMPORTANCE_FIELDS = ("importance", "standard_error", "signed_mean")
"""Order of the rows of an ``importance/<method>/<input>`` series."""

TRUST_FIGURES = ("deletion_gap", "agreement", "training_gap", "local_fit")
"""First names of a ``trust/<figure>/<method>`` series."""

MANIFEST = "manifest"
INPUTS = "inputs"
PREDICTIONS = "predictions"
BOUNDARY = "boundary"
EMBEDDING = "embedding"

_SHAPES: dict[str, tuple[pb.Kind, int]] = {
    # kind of tag: (shape of its data, how many names follow)
    MANIFEST: (pb.MANIFEST, 0),
    INPUTS: (pb.FRAME, 0),
    PREDICTIONS: (pb.FRAME, 0),
    "attribution": (pb.FRAME, 1),
    "importance": (pb.SERIES, 2),
    "activation": (pb.SERIES, 1),
    "gradient": (pb.SERIES, 1),
    "weight": (pb.SERIES, 1),
    "health": (pb.SERIES, 1),
    "metric": (pb.SERIES, 1),
    "watch": (pb.SERIES, 1),
    "watch_by_group": (pb.SERIES, 1),
    "trust": (pb.SERIES, 2),
    "training": (pb.SERIES, 2),
    "clock": (pb.SERIES, 1),
    "attention": (pb.FRAME, 1),
    "attention_entropy": (pb.SERIES, 1),
    "rollout": (pb.FRAME, 0),
    "maps": (pb.FRAME, 1),
    "maximized": (pb.FRAME, 1),
    "surrogate": (pb.FRAME, 1),
    "fidelity": (pb.SERIES, 1),
    BOUNDARY: (pb.FRAME, 0),
    EMBEDDING: (pb.FRAME, 0),
}


class Tag(NamedTuple):
    """A parsed tag."""

    kind: str
    names: tuple[str, ...]
    shape: pb.Kind


def create_tag(kind: str, *names: str) -> str:
    """Return the tag of ``kind`` for the given (unencoded) names.

    Raises:
        ValueError: an unknown kind, a wrong number of names, or an empty name.
    """
    if kind not in _SHAPES:
        raise ValueError(f"unknown kind of tag {kind!r}; expected one of {sorted(_SHAPES)}")
    expected = _SHAPES[kind][1]
    if len(names) != expected or not all(names):
        raise ValueError(f"a tag of kind {kind!r} takes {expected} non-empty name(s), received {names!r}")
    return "/".join([kind, *(quote(name, safe="") for name in names)])


def parse_tag(tag: str) -> Tag:
    """Parse what `create_tag` made.

    Raises:
        ValueError: not a tag of this grammar.
    """
    kind, *names = tag.split("/")
    if kind not in _SHAPES or len(names) != _SHAPES[kind][1] or not all(names):
        raise ValueError(f"{tag!r} is not a tag of this plugin; expected <kind>/<name> with a kind of {sorted(_SHAPES)}")
    return Tag(kind, tuple(unquote(name) for name in names), _SHAPES[kind][0])


def create_summary_metadata(shape: pb.Kind) -> summary_pb2.SummaryMetadata:
    """Metadata for one value of the given shape of data.

    The data class is always set: the fast loader keeps nothing of a tag without one.
    """
    data_class = summary_pb2.DATA_CLASS_BLOB_SEQUENCE if shape == pb.FRAME else summary_pb2.DATA_CLASS_TENSOR
    content = pb.PluginData(version=VERSION, kind=shape).SerializeToString()
    return summary_pb2.SummaryMetadata(
        plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name=PLUGIN_NAME, content=content),
        data_class=data_class,
    )


def parse_plugin_data(content: bytes) -> pb.PluginData:
    """Parse the ``plugin_data.content`` of a tag.

    Raises:
        ValueError: not ours, or written by a newer version of the contract.
    """
    data = pb.PluginData()
    try:
        data.ParseFromString(content)
    except Exception as error:  # protobuf's DecodeError differs by implementation
        raise ValueError(f"plugin data cannot be read: {error}") from error
    if data.version < 1 or data.kind not in (pb.SERIES, pb.FRAME, pb.MANIFEST):
        raise ValueError("plugin data has no version or no kind: not written by tb-explain-plugin")
    if data.version > VERSION:
        raise ValueError(
            f"written by contract version {data.version}, this plugin reads up to {VERSION}; "
            "upgrade tb-explain-plugin where TensorBoard runs"
        )
    return data
