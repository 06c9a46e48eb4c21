"""When a share of the attribution moves more than it wanders: series of shares [S, D] in, events out.

A rule compares a step with a window of earlier ones; it never looks ahead, so what it says of a step is the same while a
run trains and after. Steps whose shares are not finite are passed over. Three things keep one event from making many alarms:

- Neighbouring cells of a grid that move together are one region, measured as one share.
- Shares sum to 1, so one that rises lowers all others. The cells that explain a step best are taken out, and the rest is
  measured again as shares of the rest, until nothing stands out.
- What has set off an alarm sets off no other until it has come at least half of the way back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tb_explain_plugin.drift_noise import share_floor
from tb_explain_plugin.drift_rules import LEAST_SPREAD, RULES, WINDOW, Event, Rule
from tb_explain_plugin.grids import MovedCells, alone, check_cells, connected, grids_of, touching

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import ArrayLike, NDArray

    from tb_explain_plugin.grids import Grids

_HOT = 3.0
"""The |z| from which a cell can be part of a region that moved."""


class _Usual(NamedTuple):
    """What shares of the rest were in a window, and how far they wander; `relative` is what most of them do, by their own size."""

    center: NDArray[Any]
    spread: NDArray[Any]
    relative: float
    floor: float


class ShareWatch:
    """The rules at work on one step after another, for a run that trains: together what `share_alarms` says of the whole series.

    Holds the last steps that a rule looks at, so that a step costs the same however long the run is.

    Args:
        grids: how D cells lie, input by input: such as ``(rows, columns)``, whose cells that touch, corners too, can be one region, or a
            number of features, each for itself.
        rules: tried in their order; what one has found the later ones leave alone.
    """

    def __init__(self, grids: Grids, rules: Sequence[Rule] = RULES) -> None:
        self._grids = grids
        self._rules = rules
        self._reach = WINDOW + max(rule.lag for rule in rules)
        self._count = 0
        self._steps: list[NDArray[Any]] = []
        self._moved: list[MovedCells] = []
        self._windows: dict[tuple[int, bytes], _Usual] = {}

    def update(self, share: ArrayLike, step_index: int) -> list[Event]:
        """Return the events of the next step, whose shares are [D]; none if they are not finite.

        Raises:
            ValueError: the grids do not have D cells.
        """
        step = np.asarray(share, np.float64)
        check_cells(self._grids, step)
        if not np.isfinite(step).all():
            return []
        self._count += 1
        self._steps = [*self._steps, step][-self._reach :]
        self._windows = {key: usual for key, usual in self._windows.items() if key[0] > self._count - self._reach}
        steps = np.stack(self._steps)
        self._moved = [event for event in self._moved if not event.has_come_back(steps[-3:])]
        events: list[Event] = []
        for rule in self._rules:
            end = len(steps) - rule.lag
            if end >= WINDOW:
                events += self._find(steps[end - WINDOW : end], steps[-rule.recent :], rule, step_index)
        return events

    def _find(self, window: NDArray[Any], recent: NDArray[Any], rule: Rule, step_index: int) -> Iterator[Event]:
        """Take out what tells most until nothing stands out."""
        while True:
            taken = np.any([event.cells for event in self._moved], axis=0) if self._moved else np.zeros(window.shape[1], bool)
            found = _most_telling(window, recent, taken, self._usual(window, taken, rule), rule, self._grids)
            if found is None:
                return
            cells, z = found
            now = MovedCells(cells, *(float(_median(part[:, cells].sum(1))) for part in (window, recent)))
            spread_from = touching(now, self._moved, self._grids)
            if spread_from is None:
                ranks = _ranks(cells, window, recent) if rule.top else None
                self._moved.append(now)
                yield Event(rule.kind, step_index, tuple(np.flatnonzero(cells).tolist()), z, now.before, now.after, ranks)
            else:
                self._moved[spread_from] = self._moved[spread_from].joined(now)

    def _usual(self, window: NDArray[Any], taken: NDArray[np.bool_], rule: Rule) -> _Usual:
        """Return a window's figures; the lagging rules ask for what the others asked for some steps ago."""
        key = self._count - rule.lag, taken.tobytes()
        if key not in self._windows:
            self._windows[key] = _usual(_of_the_rest(window, taken))
        return self._windows[key]


def share_alarms(shares: ArrayLike, grid: tuple[int, ...] | None = None, rules: Sequence[Rule] = RULES) -> list[Event]:
    """Return where shares [S, D] jump, grow, or enter the first ranks, by step.

    Args:
        shares: of one input, a row a step.
        grid: how its cells lie, such as ``(rows, columns)``; None: features, each for itself.
        rules: as in `ShareWatch`.

    Raises:
        ValueError: the grid does not have D cells.
    """
    steps = np.asarray(shares, np.float64)
    watch = ShareWatch(grids_of(grid, steps.shape[1]), rules)
    return [event for step_index, share in enumerate(steps) for event in watch.update(share, step_index)]


def _most_telling(
    window: NDArray[Any],
    recent: NDArray[Any],
    taken: NDArray[np.bool_],
    usual: _Usual,
    rule: Rule,
    grids: Grids,
) -> tuple[NDArray[np.bool_], float] | None:
    """Return the cells that have crossed the rule's limits and, taken out, leave least of the step's change, and their z."""
    window_rest, recent_rest = (_of_the_rest(part, taken) for part in (window, recent))
    now = _median(recent_rest)
    if now.sum() == 0 or usual.center.sum() == 0:  # without a rest there are no shares of it
        return None
    z = (now - usual.center) / usual.spread
    grids = [len(now)] if rule.top else grids
    least_z = np.where(alone(grids), rule.limit, min(_HOT, rule.limit))  # what touches nothing must cross the limit by itself
    found = []
    for sign in (1, -1):
        for cells in connected(sign * z > least_z, grids):
            z_of_all = _score(window_rest[:, cells].sum(1), recent_rest[:, cells].sum(1), usual)
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
    floor = share_floor(window.shape[1], LEAST_SPREAD)
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
