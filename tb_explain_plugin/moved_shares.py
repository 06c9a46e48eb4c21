"""Alarms of a run's importances: a feature or region whose share of the attribution moved more than it wanders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin import alarm_texts, metadata, reader
from tb_explain_plugin.drift_alarms import share_alarms

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tb_explain_plugin import plugin_data_pb2 as pb
    from tb_explain_plugin.clock import Clock
    from tb_explain_plugin.index import Log


def alarms_of_shares(log: Log, run: str, tags: Iterable[str], clock: Clock) -> list[dict[str, Any]]:
    """Return the alarms of the first method in the manifest that attributes: others see the same, and would say it again."""
    logged = set(tags)
    manifest = reader.read_manifest(log, run).contents
    methods = [m.name for m in manifest.methods if metadata.create_tag("attribution", m.name) in logged]
    found: list[dict[str, Any]] = []
    for declared in manifest.inputs if methods else []:
        tag = metadata.create_tag("importance", methods[0], declared.name)
        if tag in logged:
            found += _of_input(log, run, tag, declared, clock)
    return found


def _of_input(log: Log, run: str, tag: str, declared: pb.Input, clock: Clock) -> list[dict[str, Any]]:
    series = reader.read_series(log, run, tag)
    grid = tuple(declared.regions)
    if series.values.shape[1:] != (3, int(np.prod(grid))):
        return []
    importance = series.values[:, 0].astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = importance / importance.sum(axis=1, keepdims=True)
    touches = declared.kind != "tabular"  # columns are neighbours by chance
    events = log.cache.get(
        ("share_alarms", log.experiment, run, tag, tuple(series.steps.tolist()), float(np.nansum(importance))),
        lambda: share_alarms(shares, grid if touches else None),
    )
    names = list(declared.feature_names) if len(declared.feature_names) == shares.shape[1] else []
    return [
        alarm_texts.alarm(run, step := int(series.steps[event.step_index]), clock.name(step), _subject(event.cells, declared, names), event)
        for event in events
    ]


def _subject(cells: tuple[int, ...], declared: pb.Input, names: list[str]) -> str:
    """Return what cells are called: features by their names, regions and positions by where they lie."""
    if declared.kind == "tabular":
        return ", ".join(names[cell] if names else f"feature {cell + 1}" for cell in cells)
    return alarm_texts.region_name(cells, tuple(declared.regions))
