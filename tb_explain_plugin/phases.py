"""Phases of a run: stretches of steps in which the shares stay alike, found after the run from all of it. Needs `ruptures`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_SHORTEST = 3
"""Steps of a phase: one or two that stand out are an event, which alarms tell."""

_PENALTY = 1.25
"""What another phase must gain, by log S; the kernel is at most 1, so this is also how many steps it must explain better."""

_LEAST_DISTANCE = 1e-4
"""Squared distance of √shares that counts as none: shares that all moved by 2 % of themselves, a share shift of about a point."""


def phases(shares: ArrayLike) -> list[int]:
    """Return the indices of steps at which a new phase begins, increasing; the first phase begins at 0, which is not among them.

    Change points of √shares by a Gaussian kernel (Arlot, Celisse and Harchaoui, "A Kernel Multiple Change-Point Algorithm via Model
    Selection", 2019), exact by PELT (Killick, Fearnhead and Eckley, "Optimal Detection of Changepoints with a Linear Computational
    Cost", 2012) and not on a grid. The root gives large and small shares noise of like size, and its squared distances are Hellinger's.
    The kernel's width is the median distance of all pairs: what lies further apart counts as no more than different,
    so that the large changes of the first steps neither hide those that come later nor are cut into many. A cost of squares, by
    contrast, cuts a settling curve into the more pieces the less noise there is.

    Args:
        shares: [S, F]. Steps with a share that is not finite are passed over.

    Raises:
        ModuleNotFoundError: ruptures is not installed (``pip install tb-explain-plugin[phases]``).
    """
    from ruptures import KernelCPD

    series = np.asarray(shares, np.float64)
    known = np.flatnonzero(np.isfinite(series).all(1))
    if len(known) < 2 * _SHORTEST:
        return []
    roots = np.sqrt(series[known])
    inner = roots @ roots.T
    distances = (np.diag(inner)[:, None] + np.diag(inner) - 2 * inner)[np.triu_indices(len(known), 1)]
    width = max(float(np.median(distances)), _LEAST_DISTANCE)
    search = KernelCPD("rbf", min_size=_SHORTEST, params={"gamma": 1 / width})
    ends = search.fit(roots).predict(pen=_PENALTY * np.log(len(known)))
    return [int(known[end]) for end in ends[:-1]]
