"""How a run's explanations move while it trains: figures for Keras' logs and TensorBoard's curves, and alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin import drift, metadata
from tb_explain_plugin.clock import Clock
from tb_explain_plugin.ranks import spearman
from tb_explain_plugin.run_watch import Moved, RunWatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tb_explain_plugin import plugin_data_pb2 as pb
    from tb_explain_plugin.run_watch import Alarm

LOGGED = "share_shift"
"""The figure that enters Keras' logs beside the watched shares, as ``explain_share_shift``."""
COMPLETENESS = ("completeness_error_p50", "completeness_error_p95")
FIGURES = (LOGGED, "share_shift_from_start", "local_drift", "effective_features", *COMPLETENESS, *metadata.TRUST_FIGURES)
"""What becomes a curve ``explain/<figure>`` in TensorBoard's Time Series tab."""
FEWEST_REGIONS = 3
"""With fewer, an order of regions says nothing."""


class Drift:
    """Follows a run from one explained step to the next, over all the fits of its callbacks.

    Figures and alarms are those of the run's first method that attributes, its *leader*. All is computed from what the log gets, at the
    log's precision, so that the tab says the same.

    Attributes:
        unit: what the run's steps count, "epoch" or "iteration".
        leader: its name; None where nothing is attributed.
        logs: what Keras' logs get at the end of an epoch, the last that is known.
    """

    def __init__(self) -> None:
        self.unit = metadata.EPOCH
        self.leader: str | None = None
        self.logs: dict[str, float] = {}
        self._watch: RunWatch | None = None
        self._places: dict[int, float] = {}
        self._start: NDArray[Any] | None = None  # shares
        self._previous: tuple[NDArray[Any], NDArray[Any], NDArray[Any] | None] | None = None  # explanation, shares, probability
        self._probability: NDArray[Any] | None = None
        self._figures: dict[str, Any] = {}
        self._scalars: dict[str, float] = {}

    def lead(self, method: str) -> None:
        """Let a method be the leader if it is the first that asks."""
        if self.leader is None:
            self.leader = method
            self.expect(LOGGED)

    def expect(self, figure: str) -> None:
        """Promise a figure to Keras' logs, so that callbacks may monitor it."""
        self.logs.setdefault(f"explain_{figure}", float("nan"))

    def begin(self, manifest: pb.Manifest) -> None:
        """Watch a run as its manifest describes it; a later fit of the same callbacks is watched on."""
        if self._watch is None:
            self._watch = RunWatch(manifest, self._name)

    def place(self, step: int, epochs: float) -> None:
        """Take where in the epochs a step lies."""
        self._places[step] = epochs

    def predict(self, probability: NDArray[Any] | None) -> None:
        """Take a step's probabilities of the targets, [N]; None where the model has none."""
        self._probability = probability

    def attribute(self, method: str, values: NDArray[Any], completeness_error: NDArray[Any] | None) -> None:
        """Take a method's explanation of a step, [N, D]."""
        finite = float(np.isfinite(values).mean())
        moved = Moved(finite)
        if method == self.leader:
            moved = Moved(finite, *self._moved(values))
            if completeness_error is not None and np.isfinite(completeness_error).any():
                errors = completeness_error[np.isfinite(completeness_error)]
                self._scalars |= dict(zip(COMPLETENESS, drift.quantiles(errors, (0.5, 0.95)), strict=True))
        self._figures[metadata.create_tag("attribution", method)] = moved

    def collect(self, tag: str, values: NDArray[Any]) -> None:
        """Take a series' values at a step."""
        self._figures[tag] = values
        kind, names, _ = metadata.parse_tag(tag)
        if kind == "watch":
            self.tell(names[0], float(values[0]))
        elif kind == "trust" and names[1] == self.leader:
            self._scalars[names[0]] = float(values.ravel()[0])

    def tell(self, figure: str, value: float) -> None:
        """Give a figure to Keras' logs and to the curves."""
        self._scalars[figure] = value
        self.logs[f"explain_{figure}"] = value

    def agreement(self, regions: Mapping[str, Mapping[str, tuple[int, ...]]]) -> dict[str, float]:
        """Return by method Spearman's ρ between its importances and those by permutation, of this step, where there are both.

        ``regions``: of each method the shape of each input's regions. Finer regions are summed into those that were permuted.
        """
        permuted = {
            names[1]: values[0] for tag, values in self._figures.items() if (names := _importance_names(tag)) and names[0] == "permutation"
        }
        found = {}
        for method in [metadata.parse_tag(tag).names[0] for tag in self._figures if tag.startswith("attribution/")]:
            own, others = [], []
            for name, importance in permuted.items():
                tag = metadata.create_tag("importance", method, name)
                if tag in self._figures and name in regions.get(method, {}):
                    fine, coarse = regions[method][name], regions["permutation"][name]
                    own.append(drift.region_sums(self._figures[tag][0].reshape(fine), coarse, fine).ravel())
                    others.append(importance)
            if own and sum(map(len, own)) >= FEWEST_REGIONS:
                found[method] = float(spearman(np.concatenate(own), np.concatenate(others)))
        return found

    def end_step(self, step: int) -> tuple[dict[str, float], list[Alarm]]:
        """Return a step's figures for the curves, and its alarms. The next step begins."""
        figures, scalars = self._figures, self._scalars
        self._figures, self._scalars = {}, {}
        alarms = self._watch.update(step, figures) if self._watch is not None and figures else []
        return {name: value for name, value in scalars.items() if np.isfinite(value)}, alarms

    def _name(self, step: int) -> str:
        steps = sorted(self._places)
        return Clock(self.unit, np.array(steps, np.int32), np.array([self._places[s] for s in steps])).name(step)

    def _moved(self, values: NDArray[Any]) -> tuple[NDArray[Any] | None, NDArray[Any] | None]:
        """Return how far each sample's explanation and its probability lie from the step before."""
        shares = drift.shares(values)
        now = self._probability
        previous, self._previous = self._previous, (values, shares, now)
        self._scalars["effective_features"] = drift.effective_features(shares)
        if previous is None or self._start is None:
            self._start = shares
            return None, None
        turned = drift.local_drift(values, previous[0])
        self._scalars["local_drift"] = drift.quartiles(turned)[0]
        self._scalars["share_shift_from_start"] = drift.total_variation(shares, self._start)
        self.tell(LOGGED, drift.total_variation(shares, previous[1]))
        return turned, None if now is None or previous[2] is None else now - previous[2]


def _importance_names(tag: str) -> tuple[str, ...]:
    parsed = metadata.parse_tag(tag)
    return parsed.names if parsed.kind == "importance" else ()
