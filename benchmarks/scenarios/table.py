"""How often it was so: the table of all scenarios, its misses, and what the alarms in training have to do with those of the tab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.report import markdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.scenarios.scenarios import Runs, Scenario, Verdict

TUNED = range(5)
"""The seeds that thresholds were chosen on; the others only report."""
HEADER = [
    "scenario",
    "wanted",
    "hits, tuned on",
    "hits, held out",
    "false alarms, tuned on",
    "false alarms, held out",
    "delay, epochs",
    "seen: median (least … most)",
    "",
]


def section(verdicts: Mapping[str, Mapping[int, Verdict]], scenarios: Sequence[Scenario], runs: Runs) -> str:
    """Return the table, the misses and the agreement in Markdown; verdicts by scenario and seed."""
    rows = [_row(scenario, verdicts[scenario.name]) for scenario in scenarios if scenario.name in verdicts]
    notes = [note for scenario in scenarios for note in _notes(scenario, verdicts.get(scenario.name, {}))]
    agree = sum(figures.agree for figures in runs.figures.values())
    agreement = (
        f"In {agree} of {len(runs.figures)} runs, `/alarms` answers from the log word for word what `on_alarm` was given in training."
    )
    return "\n\n".join([markdown(HEADER, rows), agreement, *(["\n".join(notes)] if notes else [])])


def reached(scenario: Scenario, verdicts: Mapping[int, Verdict]) -> bool:
    """Return whether enough seeds were as wanted, and none had a false alarm where all is to be quiet."""
    hits = sum(verdict.hit for verdict in verdicts.values())
    return hits >= scenario.least * len(verdicts) and not (scenario.quiet and any(v.false_alarms for v in verdicts.values()))


def _row(scenario: Scenario, verdicts: Mapping[int, Verdict]) -> list[str]:
    halves = [[v for seed, v in verdicts.items() if (seed in TUNED) == tuned] for tuned in (True, False)]
    delays = [v.delay for v in verdicts.values() if v.delay is not None]
    return [
        scenario.title,
        scenario.wanted,
        *(_count(v.hit for v in half) for half in halves),
        *(_count(bool(v.false_alarms) for v in half if v.false_alarms is not None) for half in halves),
        f"{np.median(delays):g}, at most {max(delays)}" if delays else "—",
        _seen(scenario, [v.figure for v in verdicts.values()]),
        "reached" if reached(scenario, verdicts) else "missed",
    ]


def _seen(scenario: Scenario, figures: Sequence[float]) -> str:
    known = [figure for figure in figures if np.isfinite(figure)]
    if not known:
        return "—"
    least, median, most = (scenario.form.format(figure) for figure in np.quantile(known, [0, 0.5, 1]))
    return f"{scenario.figure} {median}" + (f" ({least} … {most})" if least != most else "")


def _count(found: Iterable[bool]) -> str:
    counted = list(found)
    return f"{sum(counted)} of {len(counted)}" if counted else "—"


def _notes(scenario: Scenario, verdicts: Mapping[int, Verdict]) -> list[str]:
    missed = [f"- {scenario.title}, seed {seed}: missed; {v.seen}" for seed, v in verdicts.items() if not v.hit]
    return missed + [f"- {scenario.title}, seed {seed}: {text}" for seed, v in verdicts.items() for text in v.false_alarms or []]
