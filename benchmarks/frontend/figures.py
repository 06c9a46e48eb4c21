"""From what was recorded to figures: pure functions, and what is wanted of each."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

TICK = 1000 / 60
"""Milliseconds between two frames of a display of 60 Hz, which headless Chromium is."""


class Frame(NamedTuple):
    """What the page was at one animation frame.

    Attributes:
        time: its timestamp, ms: when the display began it.
        epoch: at which the slider stood.
        work: ms from then until its style, layout and painting were done.
    """

    time: float
    epoch: float
    work: float


class Figure(NamedTuple):
    """A figure, what is wanted of it, what was seen, and whether that is so."""

    what: str
    wanted: str
    seen: str
    reached: bool


def at_most(what: str, seen: float, limit: float, unit: str, note: str = "") -> Figure:
    """Return a figure that is wanted to be small; ``note`` follows what was seen."""
    return Figure(what, f"≤ {limit:g} {unit}", f"{seen:.1f} {unit}{note}", bool(seen <= limit))


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that so many percent do not exceed (nearest rank); NaN of none."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * percent / 100) - 1, 0)] if ordered else math.nan


def frame_times(frames: Sequence[Frame]) -> list[float]:
    """Return the ms from one frame to the next, in whole ticks of the display, of those with something to do.

    That are the intervals in which the slider moved and those that follow one: what an event makes the page do falls before the frame that
    first shows it or after. Timestamps lie on ticks up to the browser's rounding of clocks, which is taken off.
    """
    moved = [now.epoch != before.epoch for before, now in pairwise(frames)]
    busy = [now or before for now, before in zip(moved, [False, *moved], strict=False)]
    taken = [now.time - before.time for before, now in pairwise(frames)]
    return [max(round(ms / TICK), 1) * TICK for ms, counts in zip(taken, busy, strict=True) if counts]


def work(frames: Sequence[Frame]) -> list[float]:
    """Return the ms that frames took which show another epoch than the one before, from their begin to painted."""
    return [now.work for before, now in pairwise(frames) if now.epoch != before.epoch]


def dropped_steps(frames: Sequence[Frame], rate: float) -> tuple[int, float]:
    """Return how many steps playing lacks, and how many it showed a second.

    Lacking are the steps that ``rate`` steps a second would have shown from the first step to the last, less those that some frame showed:
    steps that were passed over count, and so does each that came late.

    Raises:
        ValueError: fewer than two steps were shown.
    """
    shown = [now for before, now in pairwise(frames) if now.epoch != before.epoch]
    if len(shown) < 2:
        raise ValueError(f"expected playing to show two steps or more, saw {len(shown)}; is there a run with several epochs?")
    seconds = (shown[-1].time - shown[0].time) / 1000
    wanted = max(round(seconds * rate), round(abs(shown[-1].epoch - shown[0].epoch))) + 1
    return max(wanted - len(shown), 0), (len(shown) - 1) / seconds
