"""When the share of a protected attribute has grown, of all samples or within a declared group."""

from __future__ import annotations

import math
from statistics import NormalDist, median
from typing import TYPE_CHECKING

import numpy as np

from tb_explain_plugin.drift_rules import Event
from tb_explain_plugin.level_alarms import contrast_floor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

KIND = "protected_share"
LEAST = 0.03
"""Of the attribution, by which a share must have grown: what a person would call using it."""
FACTOR = 1.5
"""How many times more it must be."""
FALSE_ALARMS = 0.01
"""Of runs, at most, if nothing but the choice of samples moved the shares."""
_SMOOTHED = 3
"""Steps whose median is looked at: one step may be noise."""


class Growth:
    """One share, step by step: has it grown, since it was lowest, by more than noise?

    Looked at is the median of the last three shares. It is held against the lowest so far by z, the change by the standard error of both
    sides. The limit of z rises from step to step, so that all steps together, of all shares that are looked at, go off by chance in a
    hundredth of the runs: the k-th step may spend 0.01 / k(k + 1) of that (alpha spending; Lan and DeMets, "Discrete Sequential
    Boundaries for Clinical Trials", 1983). What an untrained model looks at, nobody taught it: the first share counts as no less than
    what the data offer there, and is in no median. Shares that are not finite are passed over.

    Args:
        expected: the part of the attribution that the data offer there, 0 … 1.
        series: how many shares are looked at together.
    """

    def __init__(self, expected: float, series: int) -> None:
        self._expected = expected
        self._series = series
        self._recent: list[tuple[float, float]] = []
        self._lowest = (math.inf, 0.0)
        self._middle = math.nan
        self._steps = 0

    @property
    def has_grown(self) -> bool:
        """Whether it is still where an alarm told of it: not yet half of the way back."""
        return not math.isnan(self._middle)

    def update(self, share: float, standard_error: float) -> tuple[float, float, float] | None:
        """Return z, what the share was at its lowest and what it is, where it has grown at the next step."""
        if not math.isfinite(share):
            return None
        error = standard_error if math.isfinite(standard_error) else 0.0
        self._steps += 1
        if self._steps == 1:
            self._lowest = (max(share, self._expected), error)
            return None
        self._recent = [*self._recent, (share, error)][-_SMOOTHED:]
        if len(self._recent) < _SMOOTHED:
            return None
        now = median(value for value, _ in self._recent)
        return self._judge(now, next(own for value, own in self._recent if value == now))

    def _judge(self, now: float, error: float) -> tuple[float, float, float] | None:
        """Hold a median against the lowest so far."""
        lowest, its_error = self._lowest
        is_back = self.has_grown and now <= self._middle
        if is_back or (not self.has_grown and now < lowest):
            self._middle, self._lowest = math.nan, (now, error)
            return None
        z = (now - lowest) / max(math.hypot(error, its_error), 1e-12)
        if self.has_grown or now - lowest <= LEAST or now < FACTOR * lowest or z <= self._limit:
            return None
        self._middle = (lowest + now) / 2
        return z, lowest, now

    @property
    def _limit(self) -> float:
        spent = FALSE_ALARMS / (self._series * self._steps * (self._steps + 1))
        return -NormalDist().inv_cdf(spent)


class ProtectedShare:
    """The rule for one protected attribute, over all samples first, then in each declared group.

    What is told of all samples is not told of groups, as long as it has not come back.

    Args:
        contrast: what the data offer there; NaN if that is not known.
        cells: into how many the attribution was cut.
        held_by: the cells of the importances that hold the attribute's, for its events.
        groups: names of the groups that shares come of.
    """

    def __init__(self, contrast: float, cells: int, held_by: tuple[int, ...], groups: Sequence[str] = ()) -> None:
        self._cells = held_by
        expected = max(0.0 if math.isnan(contrast) else contrast, contrast_floor(cells))
        self._all = Growth(expected, 1 + len(groups))
        self._groups = {group: Growth(expected, 1 + len(groups)) for group in groups}

    def update(self, share: float, standard_error: float, by_group: ArrayLike, step_index: int) -> list[tuple[str, Event]]:
        """Return the events of the next step, each with its group, ``""`` for all samples.

        Args:
            share: of all samples.
            standard_error: of it.
            by_group: share and standard error within each group, [G, 2], NaN for one of too few; of another shape: not known.
            step_index: what the events are to say.
        """
        values = np.asarray(by_group, np.float64)
        found = {"": self._all.update(share, standard_error)}
        if values.shape == (len(self._groups), 2):
            for (group, growth), pair in zip(self._groups.items(), values.tolist(), strict=True):
                grown = growth.update(*pair)
                found[group] = None if self._all.has_grown else grown
        return [
            (group, Event(KIND, step_index, self._cells, grown[0], grown[1], grown[2]))
            for group, grown in found.items()
            if grown is not None
        ]
