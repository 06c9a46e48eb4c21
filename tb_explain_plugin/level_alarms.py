"""When a region has more of the attribution than the data offer there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin.drift_rules import Event
from tb_explain_plugin.grids import MovedCells, check_cells, connected, grids_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from tb_explain_plugin.grids import Grids

LIMIT = 2.0
"""How many times its contrast share a region may have."""
LEAST_NAMED = 0.03
"""By how much of the attribution a region that was named must exceed its contrast share."""
LEAST_FOUND = 0.35
"""By how much one that was searched for must. Of digits, odd or even, cells that touch and rightly decide exceed theirs by up to 0.18 in
perceptrons and 0.27 in convolutional networks (`benchmarks.drift_scenarios`)."""


def contrast_floor(cells: int) -> float:
    """Return what a contrast share of one of D cells counts as at least: a cell that never changes has none, and a ratio nonetheless."""
    return 0.2 / max(cells, 1)


def named_limit(contrast: float, cells: int) -> float:
    """Return the share above which a region that was named has more than the data offer: of D cells, with a contrast share."""
    return max(LIMIT * max(contrast, contrast_floor(cells)), contrast + LEAST_NAMED)


class LevelWatch:
    """The level rule at work on one step after another.

    By the contrast alone, Σ_R|x − x′| / Σ|x − x′|, which is what the data offer, each cell would have a share in proportion to how
    far samples lie from the baseline there. Looked at is every cell above `LIMIT` times its contrast share, those that touch
    together; a region must exceed its contrast share by `LEAST_FOUND`. What is above at the first step that has shares is no news until
    it has come back.

    Args:
        contrast: of D cells, their contrast shares; NaN where it is not known, and nothing is said.
        grids: how the cells lie, as in `drift_alarms.ShareWatch`.

    Raises:
        ValueError: the grids or the contrast do not have D cells.
    """

    def __init__(self, contrast: ArrayLike, grids: Grids) -> None:
        self._expected = np.asarray(contrast, np.float64)
        check_cells(grids, self._expected)
        self._grids = grids
        self._floor = contrast_floor(len(self._expected))
        self._limits = LIMIT * np.maximum(self._expected, self._floor)
        self._above: list[MovedCells] = []
        self._has_begun = False

    def update(self, share: ArrayLike, step_index: int) -> list[Event]:
        """Return the events of the next step, whose shares are [D]; none if they are not finite.

        `before` is the contrast share, `statistic` how many times that the share is.

        Raises:
            ValueError: the grids do not have D cells.
        """
        step = np.asarray(share, np.float64)
        check_cells(self._grids, step)
        if not np.isfinite(step).all():
            return []
        is_start, self._has_begun = not self._has_begun, True
        self._above = [m for m in self._above if self._ratio(m.cells, step) > LIMIT]
        events: list[Event] = []
        for mask in connected(step > self._limits, self._grids, step - self._expected, LEAST_FOUND):
            usual, now = float(self._expected[mask].sum()), float(step[mask].sum())
            ratio = self._ratio(mask, step)
            if ratio <= LIMIT:
                continue
            known = next((i for i, m in enumerate(self._above) if (m.cells & mask).any()), None)
            if known is not None:
                self._above[known] = self._above[known].joined(MovedCells(mask & ~self._above[known].cells, 0.0, 0.0))
                continue
            self._above.append(MovedCells(mask, usual, now))
            if not is_start:
                events.append(Event("share_level", step_index, tuple(np.flatnonzero(mask).tolist()), ratio, usual, now))
        return events

    def _ratio(self, mask: NDArray[np.bool_], step: NDArray[Any]) -> float:
        return float(step[mask].sum()) / max(float(self._expected[mask].sum()), self._floor)


def level_alarms(shares: ArrayLike, contrast: ArrayLike, grid: tuple[int, ...] | None = None) -> list[Event]:
    """Return where a region's share [S, D] rises above what its contrast share [D] lets expect, by step; see `LevelWatch`.

    Raises:
        ValueError: the grid or the contrast does not have D cells.
    """
    steps = np.asarray(shares, np.float64)
    watch = LevelWatch(contrast, grids_of(grid, steps.shape[1]))
    return [event for step_index, share in enumerate(steps) for event in watch.update(share, step_index)]
