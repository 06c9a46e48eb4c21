"""The acceptance scenarios of the drift alarms: trainings in which something is known to happen, and whether it was said.

Models are Keras', data scikit-learn's or synthetic, the callbacks the public ones; the figures are those that the tab's routes answer.
What is wanted stands in `scenarios.SCENARIOS` and `bias.ROWS`, what is trained in `trainings.TRAININGS`. Thresholds were chosen on
seeds 0 to 4; seeds 5 to 9 only report.

Usage: ``python -m benchmarks.drift_scenarios [--seeds 0-9] [--only late_shortcut] [--log DIR] [--write docs/drift.md]``
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from benchmarks import report
from benchmarks.scenarios import bias, running, scenarios, table
from benchmarks.scenarios.reading import read
from benchmarks.scenarios.scenarios import Runs, Scenario, Verdict

SCENARIOS = [*scenarios.SCENARIOS, *bias.ROWS]
LOG = Path(tempfile.gettempdir()) / "tb-explain-scenarios"


def main() -> None:
    """Train what is not there yet, judge all of it, and print."""
    arguments = _parse()
    chosen = [scenario for scenario in SCENARIOS if arguments.only is None or scenario.name in arguments.only]
    runs = train(chosen, arguments.seeds, arguments.log)
    verdicts = judge(chosen, arguments.seeds, runs)
    text = table.section(verdicts, chosen, runs)
    print(f"\n{text}\n\nThe logs: tensorboard --logdir {arguments.log}")
    if arguments.write:
        report.replace(arguments.write, "scenarios", text)


def train(chosen: list[Scenario], seeds: list[int], log: Path) -> Runs:
    """Return the runs that some scenarios need, of each seed; those whose log is there already are not trained again."""
    names = list(dict.fromkeys(name for scenario in chosen for name in scenario.trainings))
    directories = {(name, seed): log / name.replace(" ", "-") / f"seed-{seed}" for seed in seeds for name in names}
    figures = {}
    for (name, seed), directory in directories.items():
        seconds = running.run(name, seed, directory)
        figures[name, seed] = read(directory)
        kinds = [f"{alarm['kind']} at {alarm['step']}" for alarm in figures[name, seed].alarms]
        print(f"{name}, seed {seed}: {seconds:.0f} s; {', '.join(kinds) or 'no alarm'}", flush=True)
    return Runs(figures, directories)


def judge(chosen: list[Scenario], seeds: list[int], runs: Runs) -> dict[str, dict[int, Verdict]]:
    """Return the verdicts by scenario and seed."""
    verdicts = {scenario.name: {seed: scenario.judge(runs, seed) for seed in seeds} for scenario in chosen}
    for scenario in chosen:
        print(f"\n{scenario.title}")
        for seed, verdict in verdicts[scenario.name].items():
            delay = "" if verdict.delay is None else f", delay {verdict.delay}"
            print(f"  seed {seed}: {'hit' if verdict.hit else 'MISS'}{delay}; {verdict.seen}", *(verdict.false_alarms or []), sep="\n    ")
    return verdicts


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=_seeds, default=list(range(10)), help="such as 0-9 or 0,3 (default: 0-9)")
    parser.add_argument("--only", action="append", choices=[s.name for s in SCENARIOS], metavar="SCENARIO", help="one of %(choices)s")
    parser.add_argument("--log", type=Path, default=LOG, help="where logs are kept, and found (default: %(default)s)")
    parser.add_argument("--write", type=Path, help="a page whose section `scenarios` is replaced by the table")
    return parser.parse_args()


def _seeds(text: str) -> list[int]:
    first, dash, last = text.partition("-")
    return list(range(int(first), int(last) + 1)) if dash else [int(seed) for seed in text.split(",")]


if __name__ == "__main__":
    main()
