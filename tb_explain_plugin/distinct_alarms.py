"""One event, one alarm: what several rules say of the same cells is told once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin.grids import MovedCells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.drift_rules import Event


class Distinct:
    """Leaves out events of cells that an earlier one tells of, that moved the same way and have not come half of the way back."""

    def __init__(self) -> None:
        self._told: list[MovedCells] = []

    def update(self, events: Sequence[Event], share: NDArray[Any]) -> list[Event]:
        """Return those of a step's events that are to be told, all that rules found at that step given; the first of two is kept.

        Must be called at every step, `share` being its shares [D]. Events without cells are all kept.
        """
        self._told = [moved for moved in self._told if moved.stays(share)]
        kept = []
        for event in events:
            mask = np.zeros(len(share), bool)
            mask[list(event.cells)] = True
            now = MovedCells(mask, event.before, event.after)
            if any(moved.rises == now.rises and (moved.cells & mask).any() for moved in self._told):
                continue
            kept.append(event)
            if now.stays(share):
                self._told.append(now)
        return kept
