"""What a model's attention heads look at while it trains."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from tb_explain_plugin import metadata, summary
from tb_explain_plugin.callbacks.display import shown_samples
from tb_explain_plugin.callbacks.explainers.attention_layout import attention_layout, choose_attention
from tb_explain_plugin.callbacks.occasional import Occasional

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin.callbacks.explainers.positions import Positions
    from tb_explain_plugin.callbacks.run import Run

_MOST_POSITIONS = 64
_MOST_WEIGHTS = 300_000
"""Numbers of one layer's map: some 0.6 MB a step."""


class AttentionFrames(Occasional):
    """Log ``attention/<layer>``, ``attention_entropy/<layer>`` and ``rollout``: see `attention_maps`. A part of `Explain`."""

    def prepare(self, run: Run) -> None:
        """Check that there is something to look at, and choose the samples."""
        self._kinds = {info.name: info.kind for info in run.inputs}
        layout = attention_layout(run.scorer, run.probe.inputs, self._kinds)
        heads = [layout.heads[name] for name in choose_attention(run.scorer, layout, self.method.options["layers"])]
        self._samples = shown_samples(run.probe, self.method.options["samples"])
        bound = int((_MOST_WEIGHTS / (len(self._samples) * max(heads))) ** 0.5)
        self._most = self.method.options["most"] or min(_MOST_POSITIONS, max(bound, 2))

    def record(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return the maps of a step."""
        del step
        given = {"samples": self._samples, "most": self._most, "kinds": self._kinds}
        maps = self.method.explain(run.scorer, run.probe.inputs, **given)
        summaries = []
        for name, layer in maps.layers.items():
            arrays = {"weights": _half(layer.weights), "samples": maps.samples}
            text = _described(layer.queries, layer.keys)
            summaries.append(summary.frame(metadata.create_tag("attention", name), arrays, text))
            summaries.append(summary.series(metadata.create_tag("attention_entropy", name), layer.entropy))
        if maps.rollout is not None:
            arrays = {"weights": _half(maps.rollout), "samples": maps.samples}
            text = _described(maps.positions, maps.positions) | {"layers": json.dumps(maps.rolled)}
            summaries.append(summary.frame(metadata.create_tag("rollout"), arrays, text))
        return summaries


def _half(weights: NDArray[np.float32]) -> NDArray[np.float16]:
    return weights.astype(np.float16)


def _described(queries: Positions, keys: Positions) -> dict[str, str]:
    """Return what positions are, as the frame's metadata says it."""
    of_image = next((p for p in (keys, queries) if p.kind == "patches"), None)
    text = {
        "input": keys.input,
        "queries": queries.kind,
        "keys": keys.kind,
        "pooled": str(keys.pooled),
        "pooled_queries": str(queries.pooled),
    }
    return text if of_image is None else text | {"rows": str(of_image.rows), "columns": str(of_image.columns)}
