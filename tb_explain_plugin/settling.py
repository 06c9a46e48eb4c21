"""When a curve has settled: from when on it stays near where it ends. Pure mathematics: a curve in, an index out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

BAND = 0.05
"""How near is near, as a part of the way from a curve's first value to its last ones."""
TAIL = 0.2
"""Which part of a curve says where it ends."""
_SHORTEST_TAIL = 3


def settled(values: ArrayLike, *, band: float = BAND, least: float = 0.0) -> int | None:
    """Return the index of the first step from which a curve [S] stays in a band around where it ends; None if it has not settled.

    This is the settling time of control engineering (Ogata, *Modern Control Engineering*, 2010, section 5-3). The curve ends at the
    median of the last fifth of its values, at least three of them, and the band reaches `band` times the distance from the first value
    to that, on either side. A curve that comes into the band for good only within that last fifth has not settled: any curve ends near
    its end. Values that are not finite are passed over.

    Args:
        values: the curve: of how well a model does, say its accuracy; or of how far its explanation lies from the last one
            (``/drift?against=last``).
        band: half the width of the band, as a part of the whole way.
        least: no band is narrower on either side, in the curve's unit: what noise alone moves it by.

    Returns:
        The index, into all values; of a curve that never leaves the band, that of its first finite value. None also where fewer than
        six values are finite.
    """
    curve = np.asarray(values, np.float64)
    finite = np.flatnonzero(np.isfinite(curve))
    known = curve[finite]
    tail = max(_SHORTEST_TAIL, round(TAIL * len(known)))
    if len(known) < 2 * _SHORTEST_TAIL:
        return None
    end = float(np.median(known[-tail:]))
    outside = np.flatnonzero(np.abs(known - end) > max(band * abs(known[0] - end), least))
    first = int(outside[-1]) + 1 if len(outside) else 0
    return int(finite[first]) if first <= len(known) - tail else None
