"""When a figure rises above a limit, step by step."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from tb_explain_plugin.alarm_texts import Finding, percent

if TYPE_CHECKING:
    from typing import Literal

    Start = Literal["news", "known", "unjudged"]


class LimitRule(NamedTuple):
    """An alarm goes off where a figure rises above its limit.

    Attributes:
        kind: what the alarm is called.
        figure: which figure, by its name in the evidence.
        limit: what it may be at most.
        start: whether being above at the first step is news as at any other (``"news"``), is so from the beginning, and no news until
            it has come back (``"known"``), or is not looked at (``"unjudged"``).
        text: what is said, with ``{subject}``, ``{value}`` and ``{limit}``.
    """

    kind: str
    figure: str
    limit: float
    start: Start
    text: str

    def describe(self, subject: str, value: float) -> Finding:
        """Return what is said of a subject whose figure is too high."""
        text = self.text.format(subject=subject, value=percent(value), limit=percent(self.limit))
        return Finding(self.kind, subject, text, {self.figure: value, "limit": self.limit})


class Limit:
    """Tells step by step when a figure rises above a limit: once, however long it stays. NaN is passed over.

    Args:
        limit: what the figure may be at most.
        start: as in `LimitRule`.
    """

    def __init__(self, limit: float, start: Start) -> None:
        self.limit = limit
        self._start = start
        self._has_begun = False
        self._is_above = False

    def update(self, value: float, slack: float = 0.0) -> bool:
        """Return whether the figure has risen above the limit at the next step; it has come back once it is `slack` below it."""
        is_start, self._has_begun = not self._has_begun, True
        if math.isnan(value) or (is_start and self._start == "unjudged"):
            return False
        was_above = self._is_above
        self._is_above = value > (self.limit - slack if was_above else self.limit)
        return self._is_above and not was_above and not (is_start and self._start == "known")
