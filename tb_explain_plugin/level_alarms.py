"""When a region has more of the attribution than the data offer there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tb_explain_plugin.drift_rules import Event
from tb_explain_plugin.grids import Moved, check_cells, connected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike


LEAST_NAMED = 0.03
"""By how much of the attribution a region that was named must exceed its contrast share."""
LEAST_FOUND = 0.11
"""By how much one that was searched for must: single pixels that rightly decide exceed theirs by 0.1 (digits, odd or even)."""


def level_alarms(
    shares: ArrayLike,
    contrast: ArrayLike,
    grid: tuple[int, ...] | None = None,
    regions: Sequence[Sequence[int]] = (),
    *,
    limit: float = 2.0,
    least: float | None = None,
) -> list[Event]:
    """Return where a region's share [S, D] rises above `limit` times its contrast share [D], Σ_R|x − x′|/Σ|x − x′|.

    For shortcuts of the first epochs, before any window has filled. By the contrast alone, which is what the data offer, each cell
    would have a share in proportion to how far samples lie from the baseline there. `regions` are those to look at, lists of
    cells; none: every cell above the limit, those that touch on `grid` together. A contrast counts as at least 0.2/D, and the
    share must exceed it by `least`, which is `LEAST_NAMED` or `LEAST_FOUND` if None. What is above at the first step is no news
    until it has come back under the limit. `before` is the contrast share, `statistic` share by contrast. A table in which one
    column rightly decides has it above: name the regions there.

    Raises:
        ValueError: the grid or the contrast does not have D cells.
    """
    steps = np.asarray(shares, np.float64)
    cells = steps.shape[1]
    check_cells(grid, cells)
    expected = np.asarray(contrast, np.float64)
    if expected.shape != (cells,):
        raise ValueError(f"contrast has shape {expected.shape}, shares have {cells} cells; pass one contrast share per cell")
    floor = 0.2 / cells
    if least is None:
        least = LEAST_NAMED if regions else LEAST_FOUND
    declared = [np.isin(np.arange(cells), region) for region in regions]
    events: list[Event] = []
    above: list[Moved] = []
    finite = np.flatnonzero(np.isfinite(steps).all(1))
    for order, t in enumerate(finite):
        share = steps[t]
        above = [m for m in above if share[m.cells].sum() > limit * max(expected[m.cells].sum(), floor)]
        for mask in declared or connected(share > limit * np.maximum(expected, floor), grid):
            usual, now = float(expected[mask].sum()), float(share[mask].sum())
            ratio = now / max(usual, floor)
            if ratio <= limit or now - usual < least:
                continue
            known = next((i for i, m in enumerate(above) if (m.cells & mask).any()), None)
            if known is None:
                above.append(Moved(mask, usual, now))
                if order:
                    events.append(Event("share_level", int(t), tuple(np.flatnonzero(mask).tolist()), ratio, usual, now))
            elif not declared:
                above[known] = above[known].joined(Moved(mask & ~above[known].cells, 0.0, 0.0))
    return events
