"""What happens inside: distributions of activations, weights and gradients by layer, and whether a layer is well."""

from __future__ import annotations

import difflib
import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin import metadata, summary
from tb_explain_plugin.callbacks.base import ExplainCallback
from tb_explain_plugin.callbacks.explainers.histogram import Histogram, wasserstein

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin.callbacks.explainers.layers import Leaf
    from tb_explain_plugin.callbacks.explainers.network import Network
    from tb_explain_plugin.callbacks.run import Run

_NAN = float("nan")


class ActivationHistograms(ExplainCallback):
    """Log histograms and the health of each layer while a model trains.

    At each explained step, for each layer: histograms of its outputs on the probe (``activation/<layer>``), of its trainable weights
    (``weight/<layer>``) and of log₁₀ |∂loss/∂weight| (``gradient/<layer>``), and ``health/<layer>``:

    - dead fraction: of a ReLU layer's units (last axis), those at most 0 on all samples and positions;
    - saturated fraction: of a hidden tanh or sigmoid layer's outputs, those beyond ± .97 (tanh) or outside [.015, .985] (sigmoid); a
      model's own output may well be sure of itself;
    - gradient norm: L2, of the mean loss by the layer's weights;
    - update ratio: ‖ΔW‖ / ‖W‖ since the explained step before;
    - distribution shift: Wasserstein-1 distance of the outputs to those at the first explained step, over their deviation there;
    - weight norm: L2;
    - non-finite fraction: of the outputs.

    NaN where a figure has no meaning (no weights, no loss, no ReLU).

    Example:
        >>> model.fit(x, y, callbacks=[ActivationHistograms("logs/run1", probe=(x_val, y_val))])

    Args:
        log_dir: as in `ExplainCallback`, like ``probe`` and ``**options``.
        probe: the samples.
        layers: names of the layers to log. Defaults to None: all that have weights or an activation.
        **options: ``every``, ``budget``, ``on_error``, ``score``.

    Raises:
        ValueError: at the beginning of training, a name that is no layer's.
    """

    def __init__(self, log_dir: str, probe: Any, *, layers: Sequence[str] | None = None, **options: Any) -> None:
        super().__init__(log_dir, probe, **options)
        self.layers = None if layers is None else list(layers)
        self._followed: Any = None

    def prepare(self, run: Run) -> None:
        """Choose the layers and ask for their outputs."""
        self._leaves = choose_layers(run.scorer.network, self.layers)
        if run.scorer.model is not self._followed:  # a second fit of the same model goes on from the first one's reference
            self._followed = run.scorer.model
            self._edges: dict[tuple[str, str], Histogram] = {}
            self._reference: dict[str, Histogram] = {}
            self._weights: dict[str, NDArray[Any]] = {}
        for leaf in self._leaves:
            run.needs.watchers[leaf.name] = functools.partial(self._watcher, run, leaf)
        run.needs.weight_gradients = bool(run.scorer.readout.losses) and run.probe.targets is not None

    def compute(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return the histograms and the health of every layer at a step."""
        observation = run.observe(step)
        trainable = {id(v): k for k, v in enumerate(run.scorer.variables)}
        summaries = []
        for leaf in self._leaves:
            watcher: Watcher = run.watched[leaf.name]
            first_call = ":" not in leaf.name.rpartition("/")[2]  # the weights of a layer called twice are the same
            mine = [trainable[id(v)] for v in leaf.layer.variables if id(v) in trainable] if first_call else []
            weights = _flat([run.scorer.variables[k].numpy() for k in mine])
            gradients = _flat([observation.weight_gradients[k] for k in mine]) if observation.weight_gradients else np.empty(0, np.float32)
            self._edges["activation", leaf.name] = watcher.histogram
            histograms = {"activation": watcher.histogram}
            if weights.size:
                histograms["weight"] = self._count("weight", leaf.name, weights)
            if gradients.size:
                magnitudes = np.abs(gradients[gradients != 0])
                histograms["gradient"] = self._count("gradient", leaf.name, np.log10(magnitudes))
            summaries += [summary.series(metadata.create_tag(kind, leaf.name), h.to_series()) for kind, h in histograms.items()]
            health = self._health(leaf, watcher, weights, gradients)
            values = [health[field] for field in metadata.HEALTH_FIELDS]
            summaries.append(summary.series(metadata.create_tag("health", leaf.name), np.array(values, np.float32)))
        return summaries

    def _health(self, leaf: Leaf, watcher: Watcher, weights: NDArray[Any], gradients: NDArray[Any]) -> dict[str, float]:
        reference = self._reference.setdefault(leaf.name, watcher.histogram)
        deviation = reference.mean_and_deviation()[1]
        before = self._weights.get(leaf.name)
        before = before if before is not None and before.size == weights.size else None  # frozen or freed since the fit before
        self._weights[leaf.name] = weights
        norm = _norm(before) if before is not None else 0.0
        return {
            "dead_fraction": watcher.dead_fraction,
            "saturated_fraction": watcher.saturated_fraction,
            "gradient_norm": _norm(gradients) if gradients.size else _NAN,
            "update_ratio": _norm(weights - before) / norm if before is not None and norm else _NAN,
            "distribution_shift": wasserstein(watcher.histogram, reference) / deviation if deviation else _NAN,
            "weight_norm": _norm(weights) if weights.size else _NAN,
            "non_finite_fraction": watcher.histogram.non_finite / max(watcher.values, 1),
        }

    def _watcher(self, run: Run, leaf: Leaf) -> Watcher:
        is_output = id(leaf.layer) in run.scorer.network.output_layers
        return Watcher(leaf, self._emptied("activation", leaf.name), None if is_output else leaf.saturates_beyond)

    def _emptied(self, kind: str, name: str) -> Histogram:
        """Return an empty histogram with the edges of the step before."""
        return self._edges.get((kind, name), Histogram()).emptied()

    def _count(self, kind: str, name: str, values: NDArray[Any]) -> Histogram:
        histogram = self._emptied(kind, name)
        histogram.add(values)
        self._edges[kind, name] = histogram
        return histogram


class Watcher:
    """Takes a layer's outputs batch by batch and keeps only what is logged."""

    def __init__(self, leaf: Leaf, histogram: Histogram, limits: tuple[float, float] | None) -> None:
        self.histogram = histogram
        self.values = 0
        self._rectifies = leaf.rectifies
        self._limits = limits
        self._highest: NDArray[Any] | None = None
        self._saturated = 0

    def __call__(self, outputs: NDArray[Any]) -> None:
        """Take the outputs of some samples, [B, …]."""
        self.values += outputs.size
        self.histogram.add(outputs)
        if self._rectifies:
            highest = outputs.reshape(-1, outputs.shape[-1]).max(axis=0)
            self._highest = highest if self._highest is None else np.maximum(self._highest, highest)
        if self._limits is not None:
            low, high = self._limits
            self._saturated += int(np.count_nonzero((outputs < low) | (outputs > high)))

    @property
    def dead_fraction(self) -> float:
        """Share of ReLU units that were at most 0 throughout; NaN for other layers."""
        return _NAN if self._highest is None else float(np.mean(self._highest <= 0))

    @property
    def saturated_fraction(self) -> float:
        """Share of outputs beyond the limits; NaN for layers that do not saturate."""
        return _NAN if self._limits is None or not self.values else self._saturated / self.values


def choose_layers(network: Network, names: Sequence[str] | None) -> list[Leaf]:
    """Return the named layers; by default all that have weights or an activation.

    Raises:
        ValueError: a name that is no layer's, or of a layer that cannot be watched.
    """
    if names is None:
        return [leaf for leaf in network.watchable if leaf.informative]
    known = {leaf.name: leaf for leaf in network.watchable}
    unknown = [name for name in names if name not in known]
    hidden = [leaf.name for leaf in network.leaves if leaf.name in unknown]
    if hidden:
        raise ValueError(f"the layers {hidden} cannot be watched: inference leaves them out, or calls them inside a loop or a function")
    if unknown:
        closest = [match for name in unknown for match in difflib.get_close_matches(name, known, n=1)]
        hint = f"did you mean {closest}? Its" if closest else "its"
        raise ValueError(f"the model has no layers {unknown}; {hint} layers are {sorted(known)}")
    return [known[name] for name in names]


def _flat(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate([np.asarray(a, np.float32).reshape(-1) for a in arrays]) if arrays else np.empty(0, np.float32)


def _norm(values: NDArray[Any]) -> float:
    return float(np.linalg.norm(values.astype(np.float64)))
