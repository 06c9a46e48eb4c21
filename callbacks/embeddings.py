"""Where the probe lies in the space of a late layer, step by step; and at the end, for TensorBoard's Projector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin import metadata, summary
from tb_explain_plugin.callbacks import manifest
from tb_explain_plugin.callbacks.explainers.embedding import watched_layer
from tb_explain_plugin.callbacks.occasional import Occasional
from tb_explain_plugin.callbacks.projector import write_projector

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin.callbacks.run import Run


class Embeddings(Occasional):
    """Log ``embedding``: see `embedding_projection`. A part of `Explain`.

    When training ends, the first and the last one are written for the Projector, with what is known of the samples.
    Arguments are those of `Occasional`.
    """

    def prepare(self, run: Run) -> None:
        """Check that there is such a layer."""
        self._ends: dict[str, NDArray[Any]] = {}
        self._columns: dict[str, list[Any]] = {}
        self._images = None
        if run.probe.log_inputs and any(info.kind == "image" for info in run.inputs):
            frame = manifest.input_frame(run.scorer, run.probe, run.inputs)
            self._images = next(frame[f"input:{info.name}"] for info in run.inputs if info.kind == "image")
        watched_layer(run.scorer.network, self.method.options["layer"])
        run.closing.append(lambda: self._hand_over(run))

    def record(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return the embedding of a step."""
        embedding = self.method.explain(run.scorer, run.probe.inputs, run.probe.targets)
        points, scale = summary.compress(embedding.points)
        if np.isfinite(embedding.points).all():
            moment = f"{run.step_unit} {step}" if self._ends else "start"
            self._ends = dict([*list(self._ends.items())[:1], (f"{embedding.layer}, {moment}", embedding.points)])
            self._columns = _columns(run, step)
        text = {"scale": repr(scale), "layer": embedding.layer, "units": str(embedding.units)}
        return [summary.frame(metadata.EMBEDDING, {"points": points}, text)]

    def _hand_over(self, run: Run) -> None:
        if self._ends:
            latest_first = dict(reversed(self._ends.items()))
            write_projector(run.directory, latest_first, self._columns, self._images)


def _columns(run: Run, step: int) -> dict[str, list[Any]]:
    """Return what is known of each sample: its name, its label, and what the model says of it at a step."""
    probe = run.probe
    columns: dict[str, list[Any]] = {"sample": probe.sample_names or [f"#{k}" for k in range(probe.size)]}
    head = run.scorer.readout.heads[0] if run.scorer.readout.heads else None
    outputs = run.observe(step).outputs[0]
    if head is not None and head.task != "regression":
        names = np.array(probe.class_names or range(outputs.shape[1]), dtype=str)
        said = outputs.argmax(axis=1)
        columns["label"] = names[run.targets[:, 0]].tolist()
        columns["prediction"] = names[said].tolist()
        columns["probability"] = [f"{p:.3f}" for p in outputs.max(axis=1)]
        columns["right"] = np.where(said == run.targets[:, 0], "yes", "no").tolist()
    else:
        columns["output"] = [f"{value:.6g}" for value in outputs.reshape(len(outputs), -1)[:, 0]]
    if probe.groups:
        columns["group"] = probe.groups
    return columns
