"""Simple models that imitate the one being trained, step by step, and how well they do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin import metadata, summary
from tb_explain_plugin.callbacks.attributions import score_name
from tb_explain_plugin.callbacks.explainers.heads import SCORE_UNITS
from tb_explain_plugin.callbacks.explainers.simple_models import Linear, Tree
from tb_explain_plugin.callbacks.occasional import Occasional

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin.callbacks.explainers.surrogates import Surrogate
    from tb_explain_plugin.callbacks.run import Run


class Surrogates(Occasional):
    """Log ``surrogate/<name>`` and ``fidelity/<name>``: see `surrogate_tree` and `surrogate_linear`. A part of `Explain`.

    The name is that of the method, less "surrogate_". Arguments are those of `Occasional`.
    """

    def prepare(self, run: Run) -> None:
        """Settle what the surrogate sees and imitates; options that do not fit the model raise."""
        self._scorer = self.scorer(run)
        regions = {info.name: info.regions for info in run.inputs if info.kind != "text"}
        self._regions = regions | dict(self.method.options["regions"] or {})
        self._imitate(run)

    def record(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return the surrogate of a step and its fidelity."""
        del step
        surrogate = self._imitate(run)
        name = self.method.name.removeprefix("surrogate_")
        score = score_name(self._scorer.readout.score)
        text = {
            "score": score,
            "unit": SCORE_UNITS.get(score, "score"),
            "target": "" if surrogate.target is None else str(surrogate.target),
            "tokens": json.dumps(surrogate.features.tokens, ensure_ascii=False),
        }
        return [
            summary.frame(metadata.create_tag("surrogate", name), _arrays(surrogate), text),
            summary.series(metadata.create_tag("fidelity", name), np.array(surrogate.fidelity, np.float32)),
        ]

    def _imitate(self, run: Run) -> Surrogate:
        surrogate: Surrogate = self.method.explain(self._scorer, run.probe.inputs, run.probe.targets, regions=self._regions)
        return surrogate


def _arrays(surrogate: Surrogate) -> dict[str, NDArray[Any]]:
    model = surrogate.model
    if isinstance(model, Linear):
        return {name: getattr(model, name) for name in ("coefficient", "intercept", "center", "scale")}
    arrays = {name: getattr(model, name) for name in ("feature", "threshold", "left", "right", "count", "gain", "spread")}
    return arrays | _of_classes(model)


def _of_classes(tree: Tree) -> dict[str, NDArray[Any]]:
    """Return the likeliest class of each node, where there are several, and its mean score."""
    if tree.value.shape[1] == 1:
        return {"value": tree.value[:, 0]}
    likeliest = tree.value.argmax(axis=1)
    return {"class": likeliest.astype(np.int32), "value": np.take_along_axis(tree.value, likeliest[:, None], axis=1)[:, 0]}
