"""When a watched share is above or below what it may be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tb_explain_plugin.drift_rules import Event
from tb_explain_plugin.level_alarms import contrast_floor, named_limit
from tb_explain_plugin.limit_alarms import Limit

if TYPE_CHECKING:
    from tb_explain_plugin import plugin_data_pb2 as pb

_SLACK = 2.0
"""A share has come back once it is so many standard errors within its limit: one that lies at it would cross it again and again."""


class WatchedShare:
    """The limits of one watch at work on one step after another.

    The first step is not judged: what an untrained model looks at, nobody taught it. A share that is beyond its limit at the second
    has had the chance to leave it, and is told, also if it was so from the beginning.

    Args:
        watch: of the manifest. Without a limit of its own the level rule gives it one, from its contrast share.
        cells: into how many the attribution was cut.
        held_by: the cells of the importances that hold the watch's, for its events.
    """

    def __init__(self, watch: pb.Watch, cells: int, held_by: tuple[int, ...]) -> None:
        self._cells = held_by
        self._contrast = watch.contrast
        self._floor = contrast_floor(cells)
        has_limit = not (math.isnan(watch.at_most) and math.isnan(watch.at_least))
        level = math.nan if has_limit or math.isnan(watch.contrast) else named_limit(watch.contrast, cells)
        self._at_most, self._at_least, self._level = (Limit(limit, "unjudged") for limit in (watch.at_most, -watch.at_least, level))

    def update(self, share: float, standard_error: float, step_index: int) -> list[Event]:
        """Return the events of the next step; `before` is the limit, or by the level rule the contrast share.

        `statistic` is how many standard errors the share is beyond its limit, or how many times its contrast share it is. A share
        that is NaN is passed over.
        """
        slack = _SLACK * standard_error if math.isfinite(standard_error) else 0.0
        events = []
        for kind, limit, sign in (("watch_above", self._at_most, 1), ("watch_below", self._at_least, -1)):
            if limit.update(sign * share, slack):
                beyond = (sign * share - limit.limit) / standard_error if standard_error > 0 else math.nan
                events.append(Event(kind, step_index, self._cells, beyond, sign * limit.limit, share))
        if self._level.update(share, slack):
            ratio = share / max(self._contrast, self._floor)
            events.append(Event("share_level", step_index, self._cells, ratio, self._contrast, share))
        return events
