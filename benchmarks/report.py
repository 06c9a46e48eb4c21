"""Tables in Markdown, and the part of a page that they replace."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import re
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import models, peers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.attributions import Found, Row
    from benchmarks.goals import Goal

_OWN = ("tensorflow", "keras", "numpy")


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose columns line up as text, too; all but the first are numbers and lean right."""
    lines = [list(header), *map(list, rows)]
    widths = [max(len(line[k]) for line in lines) for k in range(len(header))]
    ruler = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    padded = [[cell.ljust(w) if k == 0 else cell.rjust(w) for k, (cell, w) in enumerate(zip(line, widths, strict=True))] for line in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in [padded[0], ruler, *padded[1:]])


def table(rows: Sequence[Row]) -> str:
    """Return what each method needed."""
    targets = list(rows[0].found) if rows else []
    header = ["model, method", *(f"to {t:.0%}: gradients, time" for t in targets), "× bare gradient", "completeness error", "memory added"]
    return markdown(header, [_line(row, targets) for row in rows])


def _line(row: Row, targets: Sequence[float]) -> list[str]:
    name = f"{row.case}, {row.method}"
    last = next((row.found[t] for t in reversed(targets) if row.found.get(t)), None)
    if row.wrong:
        cells = ["—"] * (len(targets) - 1) + [f"wrong; {last.effort} steps, {_time(last.seconds)}" if last else "wrong"]
        return [name, *cells, f"{last.ratio:.2f}" if last else "—", "—", "—"]
    cells = [_cost(row.found.get(target)) for target in targets]
    added = "—" if row.memory is None else f"{row.memory / 1e6:.0f} MB"
    return [name, *cells, f"{last.ratio:.2f}" if last else "—", f"{last.completeness_error:.1e}" if last else "—", added]


def _cost(found: Found | None) -> str:
    return f"{found.gradients:.4g}, {_time(found.seconds)}" if found else "not reached"


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"


def section(
    rows: Sequence[Row],
    absent: Sequence[str],
    goals: Sequence[Goal],
    figures: Mapping[str, Mapping[str, float]],
    versions: Mapping[str, str],
) -> str:
    """Return all that a run has to say."""
    parts = [machine(versions), table(rows), "\n".join(absent)]
    parts.append(markdown(["model, goal", "wanted", "seen", ""], [_goal(goal) for goal in goals]))
    parts.append(markdown(["model", "bare gradient", "its batch", "reference ±"], [_figures(case, f) for case, f in figures.items()]))
    return "\n\n".join(part for part in parts if part)


def _goal(goal: Goal) -> list[str]:
    return [f"{goal.case}, {goal.what}", goal.wanted, goal.seen, "reached" if goal.reached else "missed"]


def _figures(case: str, figures: Mapping[str, float]) -> list[str]:
    microseconds = figures["floor"] / models.SAMPLES * 1e6
    return [case, f"{microseconds:.2f} µs", f"{figures['floor rows']:.0f}", f"{figures['uncertainty']:.1e}"]


def machine(versions: Mapping[str, str]) -> str:
    """Return where and with what a run was made."""
    installed = {name: importlib.metadata.version(name) for name in _OWN}
    for peer in peers.PEERS.values():
        if peer.backend != "torch" and peer.installed:
            installed[peer.distribution] = importlib.metadata.version(peer.distribution)
    listed = ", ".join(f"{name} {version}" for name, version in (installed | dict(versions)).items())
    today = dt.datetime.now(dt.UTC).date()
    load = f"load average {os.getloadavg()[0]:.1f} at the end"
    return f"{today}, {os.cpu_count()} cores of {_processor()}, {load}. Python {platform.python_version()}, {listed}."


def _processor() -> str:
    try:
        described = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    found = re.search(r"^model name\s*:\s*(.+)$", described, re.MULTILINE)
    return found[1] if found else platform.machine()


def replace(page: Path, name: str, text: str) -> None:
    """Replace what stands between ``<!-- name: begin -->`` and ``<!-- name: end -->`` in a page.

    Raises:
        ValueError: the page lacks these lines.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, opened, rest = page.read_text().partition(begin)
    _, closed, after = rest.partition(end)
    if not (opened and closed):
        raise ValueError(f"{page} has no section to replace; expected a line {begin} and below it a line {end}")
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}")
