"""How long, and how much: measured so that a busy machine spoils as little as may be.

Everything that is compared runs in turn, again and again, and of each its quietest run counts: a neighbour's load then falls on all alike,
and seldom on every turn of one.
"""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def stopwatch(run: Callable[[], Any]) -> float:
    """Return the seconds that a call takes."""
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def quietest(
    timed: Mapping[Any, Callable[[], float]], *, least: int = 3, most: int = 100, seconds: float = 3.0, warm: bool = False
) -> dict[Any, float]:
    """Return the shortest of several runs of each, in seconds.

    Args:
        timed: functions that run once and return the seconds that it took.
        least: turns that each takes.
        most: turns that none exceeds.
        seconds: what has run for so long, and ``least`` turns, runs no more.
        warm: whether each has run before; otherwise a first turn is thrown away (it may trace).
    """
    for run in timed.values() if not warm else ():
        run()
    runs: dict[Any, list[float]] = {key: [] for key in timed}
    for _ in range(most):
        for key, run in timed.items():
            if len(runs[key]) < least or sum(runs[key]) < seconds:
                runs[key].append(run())
    return {key: min(taken) for key, taken in runs.items()}


def fastest_rows(timed: Callable[[int], float], candidates: Sequence[int], worse: float = 3.0) -> int:
    """Return the batch size that runs fastest.

    Sizes grow until one is so much ``worse`` than the best that no load explains it, which also keeps memory in bounds; what is left then
    runs in turns.
    """
    if len(candidates) == 1:
        return candidates[0]
    once: dict[int, float] = {}
    for rows in candidates:
        timed(rows)  # may trace
        once[rows] = timed(rows)
        if once[rows] > worse * min(once.values()):
            break
    promising = [rows for rows, seconds in once.items() if seconds <= worse * min(once.values())]
    turns = quietest({rows: functools.partial(timed, rows) for rows in promising}, least=1, most=10, seconds=1.0, warm=True)
    return int(min(turns, key=turns.__getitem__))


def smallest(reaches: Callable[[int], bool], first: int, most: int, precision: float = 0.05) -> int | None:
    """Return the smallest effort that is found to reach: doubled from ``first``, then bisected to ``precision``; None past ``most``.

    Never under 2, because a trapezoid has two ends. Where errors do not fall steadily, a smaller effort between two that were tried may
    reach, too: for every method alike.
    """
    high = first
    while not reaches(high):
        if high >= most:
            return None
        high = min(2 * high, most)
    low = high // 2 if high > first else 1
    while high - low > max(1, precision * high):
        middle = (low + high) // 2
        if reaches(middle):
            high = middle
        else:
            low = middle
    return high
