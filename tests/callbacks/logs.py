"""Reads a log back as TensorBoard does: its own event loader, then the contract's grammar."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors.numpy import load
from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

from tb_explain_plugin import metadata
from tb_explain_plugin import plugin_data_pb2 as pb


def read(log_dir):
    """Return ``{tag: {step: value}}`` of the explain run below ``log_dir``: arrays of series, dicts of arrays of frames."""
    accumulator = _loaded(log_dir)
    found = {}
    for tag in accumulator.Tags()["tensors"]:
        plugin = accumulator.SummaryMetadata(tag).plugin_data
        if plugin.plugin_name != metadata.PLUGIN_NAME:
            continue
        shape = metadata.parse_plugin_data(plugin.content).kind
        assert shape == metadata.parse_tag(tag).shape
        found[tag] = {event.step: decode(shape, tensor_util.make_ndarray(event.tensor_proto)) for event in accumulator.Tensors(tag)}
        assert len(found[tag]) == len(accumulator.Tensors(tag)), f"{tag} has a step twice"
    return found


def texts(log_dir, tag):
    """Return ``{step: strings}`` of the frames of a tag."""
    blobs = {event.step: tensor_util.make_ndarray(event.tensor_proto)[0] for event in _loaded(log_dir).Tensors(tag)}
    return {step: _header(blob).get("__metadata__", {}) for step, blob in blobs.items()}


def read_scalars(log_dir):
    """Return ``{tag: {step: value}}`` of what the Time Series tab shows of the explain run below ``log_dir``."""
    accumulator = _loaded(log_dir)
    tags = [t for t in accumulator.Tags()["tensors"] if accumulator.SummaryMetadata(t).plugin_data.plugin_name == "scalars"]
    return {tag: {e.step: tensor_util.make_ndarray(e.tensor_proto).item() for e in accumulator.Tensors(tag)} for tag in tags}


def _loaded(log_dir):
    accumulator = EventAccumulator(str(Path(log_dir) / metadata.RUN_NAME), size_guidance={"tensors": 0})
    accumulator.Reload()
    return accumulator


def decode(shape, array):
    if shape == pb.MANIFEST:
        return pb.Manifest.FromString(array.item())
    return _frame(array[0]) if shape == pb.FRAME else array


def _frame(blob):
    """Return a frame's arrays, those with a scale multiplied by it."""
    scales = {f"values:{key[6:]}": float(text) for key, text in _header(blob).get("__metadata__", {}).items() if key.startswith("scale:")}
    return {name: values.astype("f4") * scales[name] if name in scales else values for name, values in load(blob).items()}


def _header(blob):
    return json.loads(blob[8 : 8 + int.from_bytes(blob[:8], "little")])


def manifest(log):
    """Return the only manifest of a log."""
    (contents,) = log["manifest"].values()
    return contents


def steps(log, tag):
    """Return the steps of a tag."""
    return sorted(log.get(tag, {}))
