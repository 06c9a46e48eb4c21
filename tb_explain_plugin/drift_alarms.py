"""When a share of the attribution moves more than it wanders: series of shares [S, D] in, events out.

A rule compares a step with a window of earlier ones; it never looks ahead, so what it says of a step is the same while a
run trains and after. Steps whose shares are not finite are passed over. Three things keep one event from making many alarms:

- Neighbouring cells of a grid that move together are one region, measured as one share.
- Shares sum to 1, so one that rises lowers all others. The cells that explain a step best are taken out, and the rest is
  measured again as shares of the rest, until nothing stands out.
- What has set off an alarm sets off no other until it has come at least half of the way back.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tb_explain_plugin.drift_noise import share_floor
from tb_explain_plugin.grids import Moved, check_cells, connected, touching

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

WINDOW = 8
_HOT = 3.0
"""The |z| from which a cell can be part of a region that moved."""


class Rule(NamedTuple):
    """What counts as an event: the z of a share, its change since a window of eight steps by how far it wanders.

    That is the window's MAD · 1.4826, at least `share_floor`, and at least as much, by the share's size, as the median of
    all shares above that floor: the MAD of eight values is now and then far too small, and of 784 cells some always is.

    Attributes:
        kind: what the alarm is called.
        limit: the |z| above which it is one.
        least: the least change of share.
        factor: how many times more, or less, it must be.
        lag: how many steps ago the window of eight ended.
        recent: the median of how many steps is compared with it.
        top: a single feature must have come into the first `top` places, from beyond the first 3 · `top`; 0 for any.
    """

    kind: str
    limit: float
    least: float
    factor: float
    lag: int
    recent: int
    top: int


JUMP = Rule("share_jump", limit=8, least=0.003, factor=1, lag=1, recent=1, top=0)
"""The thresholds caught 16 of 16 planted shortcuts within a step, without a false alarm in 16 controls."""

GROWTH = Rule("share_growth", limit=6, least=0.01, factor=2, lag=8, recent=3, top=0)
"""A cumulative rule: the change over the last eight steps and more, held against the window before them.

A trailing window follows slow growth; one that ended eight steps ago stays behind it. Tried on 36 shares of 40 steps whose noise of
5 % is independent, autocorrelated, a random walk, or comes with a settling of the first ten steps, 400 runs each with and
without a share that grows from 2.5 to 14.7 % over ten steps: it found all before they had doubled twice, 4 steps in, and had no
false alarm. A self-starting CUSUM (Hawkins, 1987) of the same `least` and `factor` was a step faster, but takes settling for growth:
its sum crossed h = 8 in every run that settles, and growth was late in 7 % of them. Change since the first epochs against its standard
error was late in 10 % of them.
"""

RANK = Rule("rank_entry", limit=6, least=0.003, factor=1.5, lag=8, recent=3, top=3)
RULES = (JUMP, GROWTH, RANK)


class Event(NamedTuple):
    """Something moved.

    Attributes:
        kind: the rule's.
        step_index: which row of the series.
        cells: which cells, increasing; empty where the series is not one of cells.
        statistic: the rule's: z, or for levels how many times the expected.
        before: what the figure was, or is expected to be; as a share of all.
        after: what it is now.
        ranks: for `rank_entry` the feature's place before and now, from 1.
    """

    kind: str
    step_index: int
    cells: tuple[int, ...]
    statistic: float
    before: float
    after: float
    ranks: tuple[int, int] | None = None


class _Usual(NamedTuple):
    """What shares of the rest were in a window, and how far they wander; `relative` is what most of them do, by their own size."""

    center: NDArray[Any]
    spread: NDArray[Any]
    relative: float
    floor: float


def share_alarms(shares: ArrayLike, grid: tuple[int, ...] | None = None, rules: Sequence[Rule] = RULES) -> list[Event]:
    """Return where shares [S, D] jump, grow, or enter the first ranks, by step.

    Rules are tried in their order, and what one has found the later ones leave alone. `grid` is how D cells lie, such as
    (rows, columns), so that cells that touch, corners too, can be one region; None: features, each for itself.

    Raises:
        ValueError: the grid does not have D cells.
    """
    every_step = np.asarray(shares, np.float64)
    check_cells(grid, every_step.shape[1])
    finite = np.flatnonzero(np.isfinite(every_step).all(1))
    steps = every_step[finite]

    @lru_cache(maxsize=2 * WINDOW)
    def usual(first: int, taken: bytes) -> _Usual:
        """Return a window's figures; the lagging rules ask for what the others asked for eight steps ago."""
        return _usual(_of_the_rest(steps[first : first + WINDOW], np.frombuffer(taken, bool)))

    events: list[Event] = []
    moved: list[Moved] = []
    for t in range(len(steps)):
        moved = [event for event in moved if not event.has_come_back(steps[max(0, t - 2) : t + 1])]
        for rule in rules:
            first = t - rule.lag - WINDOW + 1
            if first < 0:
                continue
            window, recent = steps[first : first + WINDOW], steps[t - rule.recent + 1 : t + 1]
            while True:
                taken = np.any([event.cells for event in moved], axis=0) if moved else np.zeros(steps.shape[1], bool)
                found = _most_telling(window, recent, taken, usual(first, taken.tobytes()), rule, grid)
                if found is None:
                    break
                cells, z = found
                now = Moved(cells, *(float(_median(part[:, cells].sum(1))) for part in (window, recent)))
                spread_from = touching(now, moved, grid)
                if spread_from is None:
                    ranks = _ranks(cells, window, recent) if rule.top else None
                    events.append(Event(rule.kind, int(finite[t]), tuple(np.flatnonzero(cells).tolist()), z, now.before, now.after, ranks))
                    moved.append(now)
                else:
                    moved[spread_from] = moved[spread_from].joined(now)
    return events


def distinct(events: Sequence[Event], shares: ArrayLike) -> list[Event]:
    """Return events of several lists by step, less those that tell of cells that an earlier one tells of and that have not come back.

    Events of one step stay in the order given, so that the first told is kept. Those without cells are all kept.
    """
    steps = np.asarray(shares, np.float64)
    kept: list[tuple[Event, Moved]] = []
    told = []
    for event in sorted(events, key=lambda e: e.step_index):
        mask = np.isin(np.arange(steps.shape[1]), event.cells)
        now = Moved(mask, event.before, event.after)
        same = (
            m for e, m in kept if (m.cells & mask).any() and m.rises == now.rises and m.stays(steps[e.step_index : event.step_index + 1])
        )
        if next(same, None) is None:
            told.append(event)
            kept.append((event, now))
    return told


def _most_telling(
    window: NDArray[Any],
    recent: NDArray[Any],
    taken: NDArray[np.bool_],
    usual: _Usual,
    rule: Rule,
    grid: tuple[int, ...] | None,
) -> tuple[NDArray[np.bool_], float] | None:
    """Return the cells that have crossed the rule's limits and, taken out, leave least of the step's change, and their z."""
    now = _median(_of_the_rest(recent, taken))
    if now.sum() == 0 or usual.center.sum() == 0:  # without a rest there are no shares of it
        return None
    z = (now - usual.center) / usual.spread
    found = []
    for sign in (1, -1):
        for cells in connected(sign * z > min(_HOT, rule.limit), None if rule.top else grid):
            old, new = (_of_the_rest(part, taken)[:, cells].sum(1) for part in (window, recent))
            z_of_all = _score(old, new, usual)
            before, after = (float(_median(part[:, cells].sum(1))) for part in (window, recent))
            if (
                abs(z_of_all) > rule.limit
                and abs(after - before) > rule.least
                and max(before, after) >= rule.factor * min(before, after)
                and (not rule.top or _enters(rule.top, *_ranks(cells, window, recent)))
            ):
                found.append((_left(usual.center, now, cells) + cells.mean(), cells, z_of_all))
    return min(found, key=lambda candidate: candidate[0])[1:] if found else None


def _enters(top: int, before: int, now: int) -> bool:
    return now <= top and before > 3 * top


def _ranks(cells: NDArray[np.bool_], window: NDArray[Any], recent: NDArray[Any]) -> tuple[int, int]:
    """Return one feature's place in the window and now, from 1."""
    before, now = _median(window), _median(recent)
    return int((before > before[cells]).sum()) + 1, int((now > now[cells]).sum()) + 1


def _usual(window: NDArray[Any]) -> _Usual:
    """Return what is usual in a window [8, D]."""
    floor = share_floor(window.shape[1])
    center = _median(window)
    wander = 1.4826 * _median(np.abs(window - center))
    large = center > floor
    relative = float(np.median(wander[large] / center[large])) if large.any() else 0.0
    return _Usual(center, np.maximum(np.maximum(wander, relative * center), floor), relative, floor)


def _score(window: NDArray[Any], recent: NDArray[Any], usual: _Usual) -> float:
    """Return the z of one share's series."""
    center = float(_median(window))
    wander = 1.4826 * float(_median(np.abs(window - center)))
    return (float(_median(recent)) - center) / max(wander, usual.relative * center, usual.floor)


def _left(center: NDArray[Any], now: NDArray[Any], cells: NDArray[np.bool_]) -> float:
    """Return which part of a change is left when some cells are taken out and the others are shares of the rest."""
    total, old, new = np.abs(now - center).sum(), center[~cells].sum(), now[~cells].sum()
    if old <= 0 or new <= 0:
        return 0.0
    return float(np.abs(now[~cells] / new - center[~cells] / old).sum() / total)


def _of_the_rest(steps: NDArray[Any], taken: NDArray[np.bool_]) -> NDArray[Any]:
    """Return shares of the rest, 0 where cells are taken out and where there is no rest."""
    if not taken.any():
        return steps
    kept = np.where(taken, 0, steps)
    totals = kept.sum(1, keepdims=True)
    return np.asarray(kept / np.where(totals > 0, totals, 1))


def _median(values: NDArray[Any]) -> NDArray[Any]:
    """Return the median over the first axis; of few rows, sorting is three times as fast as `numpy.median`."""
    ordered = np.sort(values, axis=0)
    return np.asarray((ordered[len(values) // 2] + ordered[(len(values) - 1) // 2]) / 2)
