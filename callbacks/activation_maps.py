"""What channels of convolutions see while a model trains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tb_explain_plugin import metadata, summary
from tb_explain_plugin.callbacks.display import shown_samples
from tb_explain_plugin.callbacks.explainers.activation_maps import chosen_channels
from tb_explain_plugin.callbacks.explainers.feature_maps import choose_mapped
from tb_explain_plugin.callbacks.occasional import Occasional

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin.callbacks.run import Run

_MOST_CELLS = 32


class MapFrames(Occasional):
    """Log ``maps/<layer>``: see `activation_maps`. A part of `Explain`. Channels are chosen at the first step, and stay."""

    _channels: dict[str, NDArray[np.int32]] | None = None
    _followed: Any = None

    def prepare(self, run: Run) -> None:
        """Check that there are such layers and channels, and choose the samples."""
        options = self.method.options
        names = choose_mapped(run.scorer, options["layers"])
        if not isinstance(options["channels"], int) or options["channels"] < 1:
            chosen_channels(run.scorer, [], names, options["channels"])
        self._samples = shown_samples(run.probe, options["samples"])
        if run.scorer.model is not self._followed:  # a second fit of the same model goes on with the first one's channels
            self._followed, self._channels = run.scorer.model, None

    def record(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return the maps of a step."""
        del step
        given = {} if self._channels is None else {"channels": self._channels}
        most = self.method.options["most"] or _MOST_CELLS
        seen = self.method.explain(run.scorer, run.probe.inputs, samples=self._samples, most=most, **given)
        self._channels = {name: layer.channels for name, layer in seen.layers.items()}
        summaries = []
        for name, layer in seen.layers.items():
            maps, scale = summary.compress(layer.maps)
            arrays = {"maps": maps, "samples": seen.samples, "channels": layer.channels}
            text = {"input": layer.input, "units": str(layer.units), "scale": repr(scale)}
            summaries.append(summary.frame(metadata.create_tag("maps", name), arrays, text))
        return summaries
