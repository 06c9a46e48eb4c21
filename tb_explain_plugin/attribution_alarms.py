"""What one method's attributions have to tell: shares that move or are too large, watches, reasons that part from predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin import metadata
from tb_explain_plugin.alarm_texts import describe, together
from tb_explain_plugin.distinct_alarms import Distinct
from tb_explain_plugin.drift_alarms import ShareWatch
from tb_explain_plugin.group_figures import members
from tb_explain_plugin.level_alarms import LevelWatch
from tb_explain_plugin.method_cells import MethodCells
from tb_explain_plugin.protected_shares import ProtectedShare
from tb_explain_plugin.series_alarms import UnmatchedWatch
from tb_explain_plugin.watched_shares import WatchedShare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tb_explain_plugin import plugin_data_pb2 as pb
    from tb_explain_plugin.alarm_texts import Finding
    from tb_explain_plugin.drift_rules import Event

_TOLD_EACH = 3
"""How many cells that move the same way at one step have an alarm each; of more, as when a model collapses, all have one."""


class AttributionWatch:
    """The rules for one method's attributions at work on one step after another.

    Args:
        manifest: the run's.
        method: the name of one of its methods.
    """

    def __init__(self, manifest: pb.Manifest, method: str) -> None:
        self._method = method
        self._tag = metadata.create_tag("attribution", method)
        self._cells = MethodCells(manifest, method)
        self._moving = ShareWatch(self._cells.grids)
        self._level = LevelWatch(self._cells.contrast, self._cells.grids)
        self._distinct = Distinct()
        self._watched = {watch.name: WatchedShare(watch, self._cells.logged, self._cells.holding(watch)) for watch in manifest.watches}
        groups = list(members(manifest.probe.groups)) if manifest.probe.groups else []
        self._protected = {
            watch.name: ProtectedShare(watch.contrast, self._cells.logged, self._cells.holding(watch), groups)
            for watch in manifest.watches
            if watch.protected
        }
        self._unmatched = UnmatchedWatch()

    def update(self, step: int, figures: Mapping[str, Any]) -> Iterator[Finding]:
        """Return what is found at the next step, whose figures are as `run_watch.RunWatch` takes them."""
        share = self._cells.shares(figures)
        told = []
        for name, watched in self._watched.items():
            values = np.asarray(figures.get(metadata.create_tag("watch", name), np.nan))
            for event in watched.update(float(values[0]), float(values[1]), step) if values.shape == (2,) else ():
                if event.kind != "share_level" or share is None or self._distinct.update([event], share):
                    told.append(event)
                    yield describe(event._replace(cells=()), name)  # the manifest has a watch's cells
            if name in self._protected and values.shape == (2,):
                by_group = figures.get(metadata.create_tag("watch_by_group", name), ())
                grown = self._protected[name].update(float(values[0]), float(values[1]), by_group, step)
                told += [event for _, event in grown]
                if grown:
                    yield together([_of_group(describe(event._replace(cells=()), name), group) for group, event in grown])
        if share is not None:
            events = [*self._moving.update(share, step), *self._level.update(share, step)]
            events = self._distinct.update([event for event in events if not any(_speaks_for(watch, event) for watch in told)], share)
            yield from self._moves(events)
        yield from self._of_samples(step, figures.get(self._tag))

    def _moves(self, events: Sequence[Event]) -> Iterator[Finding]:
        found: dict[tuple[str, bool, str], list[Finding]] = {}
        for event in events:
            finding = self._cells.describe(event)
            found.setdefault((event.kind, event.after > event.before, finding.evidence["input"]), []).append(finding)
        for findings in found.values():
            yield from [together(findings)] if len(findings) > _TOLD_EACH else findings

    def _of_samples(self, step: int, moved: Any) -> Iterator[Finding]:
        drift, change = getattr(moved, "local_drift", None), getattr(moved, "probability_change", None)
        if drift is not None and change is not None and np.shape(drift) == np.shape(change):
            for event in self._unmatched.update(drift, change, step):
                yield describe(event, self._method)


def _of_group(finding: Finding, group: str) -> Finding:
    """Return what is said of a protected attribute, of one group where it names one."""
    if not group:
        return finding
    subject = f"{finding.subject} among {group}"
    return finding._replace(
        subject=subject, text=finding.text.replace(finding.subject, subject, 1), evidence=finding.evidence | {"group": group}
    )


def _speaks_for(watch: Event, event: Event) -> bool:
    """Whether a watch tells of an event already: it went off for the cells of the event, the same way."""
    return (watch.after > watch.before) == (event.after > event.before) and set(event.cells) <= set(watch.cells)
