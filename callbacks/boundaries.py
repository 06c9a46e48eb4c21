"""What the model says on a plane through its inputs, step by step. The plane is the probe's, and so the same at each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin import metadata, summary
from tb_explain_plugin.callbacks.explainers.boundary import lay_plane
from tb_explain_plugin.callbacks.occasional import Occasional

if TYPE_CHECKING:
    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin.callbacks.manifest import InputInfo
    from tb_explain_plugin.callbacks.run import Run


class Boundaries(Occasional):
    """Log ``boundary``: see `decision_boundary`. A part of `Explain`. Arguments are those of `Occasional`."""

    def prepare(self, run: Run) -> None:
        """Lay the plane; options that do not fit the model raise."""
        options = self.method.options
        self._plane = options["plane"]
        if self._plane is None:
            names = options["feature_names"] or _column_names(run.inputs)
            self._plane = lay_plane(run.scorer, run.probe.inputs, options["features"], names)
        self.method.explain(run.scorer, run.probe.inputs, run.probe.targets, plane=self._plane)

    def record(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return what the model says at a step."""
        del step
        plane = self._plane
        boundary = self.method.explain(run.scorer, run.probe.inputs, run.probe.targets, plane=plane)
        arrays: dict[str, Any] = {"bounds": np.array(plane.bounds, np.float32), "points": plane.points}
        if boundary.value is not None:
            arrays["value"] = boundary.value.astype(np.float32)
        else:
            arrays |= {"class": boundary.classes, "probability": boundary.probability.astype(np.float16)}
        text = {"plane": plane.kind, "x": plane.names[0], "y": plane.names[1], "explained": json.dumps(plane.explained)}
        return [summary.frame(metadata.BOUNDARY, arrays, text | {"unit": str(self.method.options["unit"])})]


def _column_names(inputs: list[InputInfo]) -> list[str] | None:
    """Return the names of all tables' columns; None unless each has some."""
    tables = [info for info in inputs if len(info.entered) <= 1]
    if not tables or not all(info.feature_names for info in tables):
        return None
    return [name for info in tables for name in info.feature_names]
