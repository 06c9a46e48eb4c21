"""What integrated gradients cost to be right, ours beside those of other libraries.

Each method explains the same 256 samples of the same trained models: the logit of the true class, from a baseline of zeros. It looks for
the smallest effort of its own with which no sample errs by more than 5, 2 and 1 % (relative L1 against 2000 nodes in float64), is then
timed in turns with all others, and measured for memory in a process of its own. `make bench-peers` brings the other libraries.

Usage: ``python -m benchmarks.attributions [--cases cnn-relu …] [--torch-python PATH] [--no-memory] [--write docs/benchmarks.md]``
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np

from benchmarks import floor, goals, memory, methods, models, peers, reference, report, timing, worker

if TYPE_CHECKING:
    from collections.abc import Callable

TARGETS = (0.05, 0.02, 0.01)
"""Largest relative L1 errors asked for."""
_TIMED_ONLY = 16
"""Steps at which a method is timed whose values are wrong."""
_FIRST = 4


@dataclasses.dataclass
class Found:
    """What a method needed to reach an error.

    Attributes:
        effort: its steps, or its tolerance's level.
        rows: the batch size that was fastest.
        gradients: a sample.
        error: the largest relative L1 error, of the samples.
        completeness_error: likewise.
        seconds: the quietest of several runs.
        ratio: seconds over those of as many bare gradients of the same samples in the same process.
    """

    effort: int
    rows: int
    gradients: float
    error: float
    completeness_error: float
    seconds: float = float("nan")
    ratio: float = float("nan")


@dataclasses.dataclass
class Row:
    """A line of the table: a method on a case. ``found`` holds None where an error is out of reach."""

    case: str
    method: str
    found: dict[float, Found | None]
    wrong: str = ""
    memory: float | None = None
    """Bytes added while explaining to the smallest error that was reached."""


def search(method: methods.Method, expected: reference.Reference) -> dict[float, Found | None]:
    """Return for each target the smallest effort that reaches it."""
    rows = timing.fastest_rows(functools.partial(method.seconds, 16), method.rows)
    seen = functools.cache(lambda effort: method.attribute(effort, rows))
    error = functools.cache(lambda effort: expected.error(seen(effort)))
    if method.wrong:
        values = seen(_TIMED_ONLY)
        return {TARGETS[-1]: Found(_TIMED_ONLY, rows, _TIMED_ONLY, error(_TIMED_ONLY), expected.completeness_error(values))}
    found: dict[float, Found | None] = {}
    for target in TARGETS:
        effort = timing.smallest(lambda effort, target=target: error(effort) <= target, _FIRST, method.most)  # type: ignore[misc]
        found[target] = None
        if effort is not None:
            best = timing.fastest_rows(functools.partial(method.seconds, effort), method.rows)
            found[target] = Found(effort, best, method.gradients(effort), error(effort), expected.completeness_error(seen(effort)))
    return found


def compare(case: str, torch: worker.Worker | None) -> tuple[list[Row], list[str], dict[str, float]]:
    """Return the rows of a case, a line for each method that is absent, and what our own goals are measured by."""
    problem, expected = models.load(case), reference.reference(case)
    available, absent = methods.available(problem, torch)
    rows = []
    for name, method in available.items():
        try:
            rows.append(Row(case, name, search(method, expected), method.wrong))
        except Exception as error:  # another library may fail in any way, and the rest is worth knowing
            if name in methods.OURS:
                raise
            absent.append(f"{name}: failed on {case}, {str(error).splitlines()[0]}")
    bare = floor.local(problem)
    floors = {False: bare}
    if torch:
        floors[True] = floor.remote(torch)
    timed: dict[Any, Callable[[], float]] = {}
    for remote, one in floors.items():
        timed["floor", remote] = one.seconds
    for row in rows:
        for target, found in row.found.items():
            if found:
                timed[row.method, target] = functools.partial(available[row.method].seconds, found.effort, found.rows)
    ours = available[methods.FIXED]
    timed["ours at 16"] = functools.partial(ours.seconds, floor.GRADIENTS, 0)
    timed["lrp"] = propagation(problem)
    seconds = timing.quietest(timed)
    for row in rows:
        unit = seconds["floor", available[row.method].remote] / floor.GRADIENTS
        for target, found in row.found.items():
            if found:
                found.seconds = seconds[row.method, target]
                found.ratio = found.seconds / (unit * found.gradients)
    figures = {
        "overhead": seconds["ours at 16"] / seconds["floor", False],
        "lrp": seconds["lrp"] / seconds["floor", False],
        "error at 64": expected.error(ours.attribute(64, 0)),
        "uncertainty": expected.uncertainty,
        "floor": seconds["floor", False] / floor.GRADIENTS,
        "floor rows": bare.rows,
    }
    return rows, absent, figures


def propagation(problem: models.Problem) -> Callable[[], float]:
    """Return what times relevance propagation of as many samples as the floor takes gradients: the probes, again and again."""
    from tb_explain_plugin.callbacks.explainers import Scorer, lrp

    x, y = (np.concatenate([values] * floor.GRADIENTS) for values in (problem.x, problem.y))
    scorer = Scorer(problem.model, x, y, score="logit")
    return lambda: timing.stopwatch(lambda: lrp(scorer, x, y))


def measure_memory(rows: list[Row], torch_python: str) -> None:
    """Measure each method's memory at the smallest error that it reaches."""
    for row in rows:
        reached = [found for found in row.found.values() if found]
        if reached and not row.wrong:
            last = reached[-1]
            backend = peers.PEERS[row.method].backend if row.method in peers.PEERS else "tensorflow"
            arguments = ["--case", row.case, row.method, str(last.effort), str(last.rows)]
            taken = memory.measured(arguments, torch_python if backend == "torch" else sys.executable, KERAS_BACKEND=backend)
            row.memory = taken["peak"] - taken["before"] if taken else None


def main() -> None:
    """Compare, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", nargs="+", choices=models.CASES, default=list(models.CASES))
    parser.add_argument("--torch-python", default=sys.executable, help="the interpreter of the environment that has captum")
    parser.add_argument("--no-memory", action="store_true", help="leave out the processes that measure memory")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="replace the results in this page")
    arguments = parser.parse_args()
    rows: list[Row] = []
    absent: list[str] = []
    figures: dict[str, dict[str, float]] = {}
    versions: dict[str, str] = {}
    for case in arguments.cases:
        models.load(case)  # trained before a worker asks for it
        torch = None
        try:
            torch = worker.Worker(arguments.torch_python, case)
            versions |= torch.versions
        except (RuntimeError, OSError) as error:
            absent.append(f"captum: skipped, {error}")
        case_rows, missing, figures[case] = compare(case, torch)
        if torch:
            torch.close()
        absent += missing
        rows += case_rows
        print(report.table(case_rows), flush=True)
    if not arguments.no_memory:
        measure_memory(rows, arguments.torch_python)
    checked = goals.reached(rows, figures)
    text = report.section(rows, list(dict.fromkeys(absent)), checked, figures, versions)
    print(text)
    if arguments.write:
        report.replace(arguments.write, "attributions", text)


if __name__ == "__main__":
    main()
