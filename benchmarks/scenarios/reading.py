"""What is needed of a run's log to judge it, read through the tab's routes."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.scenarios.running import told_of
from benchmarks.scenarios.server import Server
from tb_explain_plugin import metadata

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

RUN = metadata.RUN_NAME
METHOD = "integrated_gradients"
TAG = metadata.create_tag("attribution", METHOD)
SHARE_KINDS = frozenset({"share_jump", "share_growth", "rank_entry", "share_level", "watch_above", "watch_below"})
"""Alarms that speak of shares of the attribution."""


@dataclasses.dataclass
class Figures:
    """One run.

    Attributes:
        alarms: of ``/alarms``.
        told: what ``on_alarm`` was given while the run trained.
        steps: those that are explained, int [S].
        shares: of each region or column, [S, D].
        features: names of the columns; empty for images.
        drift: ``/drift`` against the step before.
        from_last: median local drift from the last step, [S].
        metrics: by name, epochs [E] and values [E].
    """

    alarms: list[dict[str, Any]]
    told: list[dict[str, Any]]
    steps: NDArray[Any]
    shares: NDArray[Any]
    features: list[str]
    drift: dict[str, Any]
    from_last: NDArray[Any]
    metrics: dict[str, tuple[NDArray[Any], NDArray[Any]]]

    @property
    def agree(self) -> bool:
        """Whether the log says what was told."""
        return sorted(map(_of_run, self.alarms)) == sorted(map(_of_run, self.told))

    def share_alarms(self) -> list[dict[str, Any]]:
        """Return the alarms that speak of shares, by step."""
        return [alarm for alarm in self.alarms if alarm["kind"] in SHARE_KINDS]

    def share_of(self, cells: tuple[int, ...]) -> NDArray[Any]:
        """Return some cells' share of the attribution at each step, [S]."""
        return np.asarray(self.shares[:, cells].sum(1))


def read(directory: Path) -> Figures:
    """Return the figures of the run in a directory.

    Raises:
        ValueError: an answer that is an error, or holds a NaN that no browser reads.
    """
    server = Server({RUN: directory / RUN})
    of_method = {"run": RUN, "tag": TAG}
    [declared] = server.json("/manifest", run=RUN)["inputs"]
    importance = server.arrays("/series", run=RUN, tag=metadata.create_tag("importance", METHOD, declared["name"]))
    sizes = importance["values"][:, 0].astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = sizes / sizes.sum(1, keepdims=True)
    [group] = server.json("/groups")["groups"]
    tags = group["runs"][0]["tags"]
    last = int(importance["steps"][-1])
    server.json("/compare", step=last, against="start", **of_method)  # for its NaN: judged by no scenario
    return Figures(
        alarms=server.json("/alarms", group=group["name"])["alarms"],
        told=told_of(directory),
        steps=importance["steps"],
        shares=shares,
        features=declared["feature_names"],
        drift=server.json("/drift", against="previous", **of_method),
        from_last=np.array(server.json("/drift", against="last", **of_method)["local_drift"]["median"], np.float64),
        metrics={tag.removeprefix("metric/"): _series(server, tag) for tag in tags if tag.startswith("metric/")},
    )


def seed_scores(run: Path, siblings: Mapping[str, Path], step: int) -> dict[str, float]:
    """Return each column's z at a step against runs that differ from it by the seed alone, as ``/compare`` answers it.

    Args:
        run: the directory of the run that is judged.
        siblings: two or more directories of others, by name.
        step: of all of them.
    """
    server = Server({"judged": run / RUN} | {name: directory / RUN for name, directory in siblings.items()})
    compared = server.json("/compare", run="judged", tag=TAG, step=step, against=f"run:{next(iter(siblings))}")
    [declared] = server.json("/manifest", run="judged")["inputs"]
    if sorted(compared["siblings"]) != sorted(siblings):
        raise ValueError(f"/compare found the siblings {compared['siblings']}, expected {sorted(siblings)}")
    return dict(zip(declared["feature_names"], compared["inputs"][declared["name"]]["z"], strict=True))


def _series(server: Server, tag: str) -> tuple[NDArray[Any], NDArray[Any]]:
    series = server.arrays("/series", run=RUN, tag=tag)
    return series["steps"], series["values"]


def _of_run(alarm: Mapping[str, Any]) -> tuple[int, str, str, str]:
    return alarm["step"], alarm["kind"], alarm["subject"], alarm["text"]
