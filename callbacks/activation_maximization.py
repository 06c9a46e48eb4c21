"""What classes and channels answer most strongly to while a model trains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin import metadata, summary
from tb_explain_plugin.callbacks.explainers.activation_maximization import check_climb
from tb_explain_plugin.callbacks.explainers.feature_maps import last_convolution
from tb_explain_plugin.callbacks.manifest import as_pixels
from tb_explain_plugin.callbacks.occasional import Occasional

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin.callbacks.explainers.activation_maximization import Maximized
    from tb_explain_plugin.callbacks.run import Run


class MaximizedFrames(Occasional):
    """Log ``maximized/<layer>``: see `activation_maximization`. A part of `Explain`.

    Of the named layer; by default of the model's output, and of the last convolution if there is one. Units of a layer that nobody named
    are chosen at the first step, and stay.
    """

    _units: dict[str | None, NDArray[np.int32]]
    _followed: Any = None

    def prepare(self, run: Run) -> None:
        """Check that the inputs can climb and the units exist."""
        options = self.method.options
        last = last_convolution(run.scorer) if options["layer"] is None and options["units"] is None else None
        self._layers = [options["layer"], *([] if last is None else [last])]
        self._kinds = {info.name: info.kind for info in run.inputs}
        given = dict(options) | {"kinds": self._kinds}
        for layer in self._layers:
            check_climb(run.scorer, run.probe.inputs, **(given | {"layer": layer}))
        if run.scorer.model is not self._followed:  # a second fit of the same model goes on with the first one's units
            self._followed, self._units = run.scorer.model, {}

    def record(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return what the units answer to at a step."""
        del step
        entries = dict(zip(run.scorer.network.input_names, run.scorer.entry_values(run.probe.inputs), strict=True))
        summaries = []
        for layer in self._layers:
            given = {"layer": layer, "kinds": self._kinds}
            if layer in self._units:
                given["units"] = self._units[layer]
            found = self.method.explain(run.scorer, run.probe.inputs, **given)
            self._units[layer] = found.units
            summaries.append(self._frame(found, entries))
        return summaries

    def _frame(self, found: Maximized, entries: dict[str, NDArray[Any]]) -> summary_pb2.Summary:
        arrays = {"activation": found.activation, "reference": found.reference, "units": found.units}
        for name, values in found.inputs.items():
            is_image = self._kinds[name] == "image"
            arrays[f"values:{name}"] = as_pixels(np.nan_to_num(values), like=entries[name]) if is_image else values
        text = {"unit": found.unit, "parameterization": self.method.options["parameterization"]}
        return summary.frame(metadata.create_tag("maximized", found.layer), arrays, text)
