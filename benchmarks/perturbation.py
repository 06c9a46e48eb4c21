"""What methods that perturb cost, ours beside those of other libraries at equal evaluations of the same trained models.

All that is compared runs in turns in one process, of each its quietest run counts; memory is measured in a process for each. `make
bench-perturbation` brings the other libraries.

Usage: ``python -m benchmarks.perturbation [--rows kernel_shap …] [--no-memory] [--no-errors] [--write docs/benchmarks.md]``
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from benchmarks import lime_rows, memory, permutation, report, shapley, timing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.rows import Row

ROWS: tuple[Row, ...] = (*shapley.ROWS, *lime_rows.ROWS, *permutation.ROWS)


@dataclasses.dataclass
class Measured:
    """What a row took. Seconds are a sample's; what was not measured is None."""

    row: Row
    ours: float
    peer: float | None = None
    over_bare: float | None = None
    memory: float | None = None
    peer_memory: float | None = None

    @property
    def faster(self) -> float | None:
        """How many times as long the peer takes."""
        return None if self.peer is None else self.peer / self.ours


def measure(row: Row) -> Measured:
    """Time a row's contest."""
    contest = row.prepare(with_peer=has_peer(row))
    timed = {"ours": contest.ours, "peer": contest.peer, "bare": contest.bare}
    seconds = timing.quietest({name: functools.partial(timing.stopwatch, call) for name, call in timed.items() if call is not None})
    return Measured(
        row,
        seconds["ours"] / contest.samples,
        seconds["peer"] / contest.peer_samples if "peer" in seconds else None,
        seconds["ours"] / seconds["bare"] if "bare" in seconds else None,
    )


def has_peer(row: Row) -> bool:
    """Whether the library that a row compares with is installed."""
    return bool(row.package) and importlib.util.find_spec(row.package) is not None


def measure_memory(found: Sequence[Measured]) -> None:
    """Measure what either side's first explanation adds to the memory of a process."""
    for one in found:
        one.memory = _added(one.row, "ours")
        if has_peer(one.row):
            one.peer_memory = _added(one.row, "peer")


def _added(row: Row, side: str) -> float | None:
    command = [sys.executable, "-m", "benchmarks.perturbation", "--memory-of", row.name, side]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own module)
    if done.returncode:
        print((done.stderr.strip() or f"ended with {done.returncode}").splitlines()[-1], file=sys.stderr)
        return None
    before, most = json.loads(done.stdout.splitlines()[-1])
    return float(most - before)


def memory_of(name: str, side: str) -> tuple[int, int]:
    """Return the bytes resident before a side explains for the first time, and the most meanwhile."""
    row = next(row for row in ROWS if row.name == name)
    contest = row.prepare(with_peer=side == "peer")
    call = contest.peer if side == "peer" else contest.ours
    if call is None:
        raise ValueError(f"{name} has no {side}; expected its library {row.package!r} to be installed")
    return memory.peak(call)


def section(found: Sequence[Measured], judged: Sequence[shapley.Judged]) -> str:
    """Return all that a run has to say."""
    called = importlib.metadata.packages_distributions()  # sklearn's is scikit-learn
    packages = [called[one.row.package][0] for one in found if has_peer(one.row)]
    versions = {package: importlib.metadata.version(package) for package in packages}
    header = ["model, method", "a sample", "the peer's", "faster", "× bare passes", "memory added", "the peer's"]
    parts = [report.machine(versions), report.markdown(header, [_line(one) for one in found])]
    if judged:
        header = ["model, players", "coalitions", "error", "shap, all features", "ratio", "shap, by default"]
        parts.append(report.markdown(header, [_judged_line(one) for one in judged]))
    checked = [line for one in found for line in _promises(one)] + [line for one in judged for line in _promise(one)]
    parts.append(report.markdown(["goal", "wanted", "seen", ""], checked))
    return "\n\n".join(parts)


def _line(one: Measured) -> list[str]:
    def shown(value: float | None, text: str) -> str:
        return "—" if value is None else text.format(value)

    def milliseconds(seconds: float | None) -> str:
        return "—" if seconds is None else f"{seconds * 1e3:.3g} ms"

    added = [shown(value and value / 1e6, "{:.0f} MB") for value in (one.memory, one.peer_memory)]
    return [
        one.row.name,
        milliseconds(one.ours),
        milliseconds(one.peer),
        shown(one.faster, "{:.1f} ×"),
        shown(one.over_bare, "{:.2f}"),
        *added,
    ]


def _judged_line(one: shapley.Judged) -> list[str]:
    errors = [f"{error:.2%}" if error is not None else "—" for error in (one.ours, one.shap, one.by_default)]
    ratio = "—" if one.shap is None else f"{one.ours / one.shap:.2f}"
    return [f"{one.case}, {one.players}", str(one.samples), *errors[:2], ratio, errors[2]]


def _promises(one: Measured) -> list[list[str]]:
    lines = []
    if one.row.faster is not None and one.faster is not None:
        lines.append(
            [
                f"{one.row.name}, against {one.row.package}",
                f"≥ {one.row.faster:.0f} × faster",
                f"{one.faster:.1f} ×",
                _verdict(reached=one.faster >= one.row.faster),
            ]
        )
    if one.row.over_bare is not None and one.over_bare is not None:
        limit = one.row.over_bare
        lines.append(
            [f"{one.row.name}, over bare forward passes", f"≤ {limit}", f"{one.over_bare:.2f}", _verdict(reached=one.over_bare <= limit)]
        )
    return lines


def _promise(one: shapley.Judged) -> list[list[str]]:
    if one.shap is None:
        return []
    ratio = one.ours / one.shap
    what = f"{one.case}, {one.players} players, {one.samples} coalitions: error over shap's"
    return [[what, "≤ 0.5", f"{ratio:.2f}", _verdict(reached=ratio <= 0.5)]]


def _verdict(*, reached: bool) -> str:
    return "reached" if reached else "missed"


def main() -> None:
    """Measure one side's memory where told which; else compare, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="+", default=[""], metavar="PART", help="only rows whose names contain one of these")
    parser.add_argument("--no-memory", action="store_true", help="leave out the processes that measure memory")
    parser.add_argument("--no-errors", action="store_true", help="leave out the errors against every coalition")
    parser.add_argument("--memory-of", nargs=2, metavar=("ROW", "SIDE"), help="measure one side's memory: ours or peer")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="replace the results in this page")
    arguments = parser.parse_args()
    if arguments.memory_of:
        print(json.dumps(memory_of(*arguments.memory_of)))
        return
    found = []
    for row in ROWS:
        if any(part in row.name for part in arguments.rows):
            found.append(measure(row))
            print(*_line(found[-1]), sep="   ", flush=True)
    judged = [] if arguments.no_errors else shapley.errors()
    if not arguments.no_memory:
        measure_memory(found)
    text = section(found, judged)
    print(text)
    if arguments.write:
        report.replace(arguments.write, "perturbation", text)


if __name__ == "__main__":
    main()
