"""The alarms of a run, one explained step after another: one source for a training that goes on and for the log that it left.

Fed by the callbacks while a model trains and by ``/alarms`` from the log, with the same figures in the same order, it says the same: no
rule looks ahead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tb_explain_plugin import metadata
from tb_explain_plugin.alarm_texts import Alarm
from tb_explain_plugin.attribution_alarms import AttributionWatch
from tb_explain_plugin.health_alarms import HealthWatch, Moved

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from tb_explain_plugin import plugin_data_pb2 as pb

__all__ = ["Alarm", "Moved", "RunWatch"]


class RunWatch:
    """Tells what is news at each step of a run.

    Shares, watches and samples are those of the manifest's first method that attributes at the first explained step: others see the
    same, and would say it again.

    Args:
        manifest: the run's; of its methods are taken the regions and their contrast shares.
        clock_name: what a step is called, ``step -> "epoch 21"`` (`clock.Clock.name`).
    """

    def __init__(self, manifest: pb.Manifest, clock_name: Callable[[int], str]) -> None:
        self._manifest = manifest
        self._clock_name = clock_name
        self._health = HealthWatch([*(layer.name for layer in manifest.layers), *(method.name for method in manifest.methods)])
        self._attribution: AttributionWatch | None = None
        self._tags: dict[str, metadata.Tag] = {}
        self._last: int | None = None

    def update(self, step: int, figures: Mapping[str, NDArray[np.floating] | Moved]) -> list[Alarm]:
        """Return the alarms of the next step: what collapsed first, then shares, then samples.

        Args:
            step: as logged. Steps increase; that which is not explained may be left out, or come with its metrics alone. A step may come
                in parts: metrics at the end of its epoch, the rest once it turns out to be the last.
            figures: by tag, what is logged at the step: ``importance/<method>/<input>`` [3, F], ``health/<layer>`` [7],
                ``metric/<name>`` [], ``watch/<name>`` [2], and for ``attribution/<method>`` a `Moved`. Others, and values of
                another shape, are passed over.

        Raises:
            ValueError: the step is before the last one.
        """
        if self._last is not None and step < self._last:
            raise ValueError(f"step {step} comes after step {self._last}; pass steps in increasing order")
        self._last = step
        findings = self._health.update(step, {self._parse(tag): values for tag, values in figures.items()})
        if self._attribution is None:
            attributing = [m.name for m in self._manifest.methods if metadata.create_tag("attribution", m.name) in figures]
            self._attribution = AttributionWatch(self._manifest, attributing[0]) if attributing else None
        if self._attribution is not None:
            findings += self._attribution.update(step, figures)
        return [finding.at(step, self._clock_name(step)) for finding in findings]

    def _parse(self, tag: str) -> metadata.Tag:
        """Return a tag's parts; remembered, as each comes again at every step."""
        if tag not in self._tags:
            self._tags[tag] = metadata.parse_tag(tag)
        return self._tags[tag]
