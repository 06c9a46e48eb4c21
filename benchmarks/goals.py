"""What the project promised itself, and whether it is so: ratios within one run."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from benchmarks import methods, models

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.attributions import Row

_FASTER = {"cnn": 5.0, "mlp": 10.0}


@dataclasses.dataclass
class Goal:
    """A promise and what was measured.

    Attributes:
        case: on which model.
        what: the figure's name.
        wanted: as text.
        seen: as text.
        reached: whether it was.
    """

    case: str
    what: str
    wanted: str
    seen: str
    reached: bool


def reached(rows: Sequence[Row], figures: Mapping[str, Mapping[str, float]]) -> list[Goal]:
    """Return the goals that this run says something about."""
    goals = []
    for case, figure in figures.items():
        overhead = figure["overhead"]
        goals.append(Goal(case, "16 fixed steps over 16 bare gradients", "≤ 1.15", f"{overhead:.2f}", overhead <= 1.15))
        limit = 1e-4 if models.CASES[case].smooth else 1e-2
        error = figure["error at 64"]
        goals.append(Goal(case, "largest relative L1 error at 64 steps", f"≤ {limit:.2%}", f"{error:.2g}", error <= limit))
        if "lrp" in figure:
            goals.append(
                Goal(case, "relevance propagation over a forward-backward pass", "≤ 4", f"{figure['lrp']:.2f}", figure["lrp"] <= 4)
            )
        goals += _against_peers(case, {row.method: row for row in rows if row.case == case})
    return goals


def _against_peers(case: str, rows: Mapping[str, Row]) -> list[Goal]:
    goals = []
    wanted = _FASTER[models.CASES[case].network]
    for target in rows[methods.FIXED].found:
        seconds = {name: found.seconds for name, row in rows.items() if not row.wrong and (found := row.found[target])}
        ours = {name: seconds[name] for name in methods.OURS if name in seconds}
        peers = {name: taken for name, taken in seconds.items() if name not in ours}
        if ours and peers:
            best, fastest = min(ours, key=ours.__getitem__), min(peers, key=peers.__getitem__)
            ratio = peers[fastest] / ours[best]
            what = f"to {target:.0%}: {best} against {fastest}"
            goals.append(Goal(case, what, f"≥ {wanted:.0f} × faster", f"{ratio:.1f} ×", ratio >= wanted))
        fixed, adaptive = rows[methods.FIXED].found[target], rows[methods.ADAPTIVE].found[target] if methods.ADAPTIVE in rows else None
        if fixed and adaptive:
            saved = fixed.gradients / adaptive.gradients
            goals.append(Goal(case, f"to {target:.0%}: gradients, fixed over adaptive", "≥ 2", f"{saved:.2f}", saved >= 2))
    return goals
