"""What is wanted of the trainings: one row of `SCENARIOS` each, and the function that says whether a seed's runs are so."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from benchmarks.scenarios import data, trainings
from benchmarks.scenarios.reading import SHARE_KINDS, Figures, seed_scores
from tb_explain_plugin.settling import settled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

CORNER = tuple(8 * row + column for row in range(data.MARK) for column in range(data.MARK))
"""The mark's cells on the 8 x 8 grid of regions."""
COLUMN = 30
"""The leaked column's place in the table."""
EARLY_BY = 5
LATE_WITHIN = 2
LEVEL_KINDS = frozenset({"share_level"})
LATE_STEPS = 10
"""Steps at the end of a run whose drift is its late drift."""
ACCURACY_NOISE = 0.01
"""What the accuracy on some hundred samples wanders by when nothing happens."""
CHANCE = 0.1
"""The accuracy of a network that has not been trained on ten digits."""


class Verdict(NamedTuple):
    """What one seed's runs have shown.

    Attributes:
        hit: whether it was as wanted.
        delay: how many epochs it took from the event to its alarm; None where there was none, or where the scenario has no alarm.
        false_alarms: what was said where nothing happened, one text each; None where the scenario has no alarm.
        figure: the scenario's own, in its unit.
        seen: what decided, in words.
    """

    hit: bool
    delay: int | None
    false_alarms: list[str] | None
    figure: float
    seen: str


class Runs(NamedTuple):
    """The runs of all seeds: their figures and directories, by training and seed."""

    figures: Mapping[tuple[str, int], Figures]
    directories: Mapping[tuple[str, int], Path]

    def seeds(self, training: str) -> list[int]:
        """Return the seeds that a training has runs of."""
        return [seed for name, seed in self.figures if name == training]


class Scenario(NamedTuple):
    """A row.

    Attributes:
        name: on the command line.
        title: in the table.
        wanted: in words.
        trainings: what must have run.
        judge: says of one seed whether it was as wanted.
        least: which part of the seeds must be.
        figure: what the verdicts' figure is.
        form: how it is written.
        quiet: whether a false alarm, too, is a miss; else it is only told.
    """

    name: str
    title: str
    wanted: str
    trainings: tuple[str, ...]
    judge: Callable[[Runs, int], Verdict]
    least: float
    figure: str
    form: str
    quiet: bool = True


def early(runs: Runs, seed: int) -> Verdict:
    """A level alarm of the corner by epoch 5; in the control none of any kind, for twenty epochs."""
    told = runs.figures["early", seed]
    step = first(told, LEVEL_KINDS, CORNER, trainings.WATCHED)
    wrong = [alarm["text"] for alarm in runs.figures["early control", seed].share_alarms()]
    hit = step is not None and step <= EARLY_BY
    shares = told.share_of(CORNER)
    start, by = float(shares[0]), float(shares[EARLY_BY + 1])
    return Verdict(hit, None if step is None else step + 1, wrong, by, f"share {start:.1%} → {by:.1%}")


def late(runs: Runs, seed: int) -> Verdict:
    """An alarm of the corner within two epochs of the mark's telling; none before, and none in the control."""
    told = runs.figures["late", seed]
    step = first(told, SHARE_KINDS, CORNER, trainings.WATCHED, since=trainings.LATE)
    delay = None if step is None else step - trainings.LATE + 1
    shares = told.share_of(CORNER)
    before, after = (float(shares[told.steps == trainings.LATE + k][0]) for k in (-1, LATE_WITHIN - 1))
    hit = delay is not None and delay <= LATE_WITHIN
    wrong = out_of_place(told, runs.figures["marked control", seed], trainings.LATE)
    return Verdict(hit, delay, wrong, after, f"share {before:.1%} → {after:.1%}")


def slow(runs: Runs, seed: int, *, training: str, control: str, cells: tuple[int, ...], subject: str) -> Verdict:
    """An alarm before the share has doubled twice since the correlation began to grow; none before, and none in the control."""
    told = runs.figures[training, seed]
    onset = trainings.GROWING[0]
    shares = told.share_of(cells)
    base = float(np.median(shares[(told.steps > onset - 8) & (told.steps <= onset)]))
    doubled_twice = told.steps[(told.steps > onset) & (shares >= 4 * base)]
    step = first(told, SHARE_KINDS, cells, subject, since=onset + 1)
    hit = step is not None and (not len(doubled_twice) or step < doubled_twice[0])
    wrong = out_of_place(told, runs.figures[control, seed], onset + 1)
    seen = f"share {base:.1%}, ×{shares[-1] / base:.1f} at the end"
    if step is None:
        return Verdict(hit, None, wrong, np.nan, seen)
    grown = float(shares[told.steps == step][0]) / base
    return Verdict(hit, step - onset, wrong, grown, f"{seen}, ×{grown:.1f} at its alarm")


def label_noise(runs: Runs, seed: int, *, least: float = 5.0) -> Verdict:
    """Late local drift of so many times the clean run's."""
    noisy, clean = (late_drift(runs.figures[name, seed]) for name in ("label noise", "clean labels"))
    return Verdict(noisy >= least * clean, None, None, noisy / clean, f"{noisy:.4f} against {clean:.4f}")


def layer_death(runs: Runs, seed: int) -> Verdict:
    """A dead layer at the epoch of the spike; none before, and none in the control. What the server answers has been read strictly."""
    of_run, of_control = (
        [alarm for alarm in runs.figures[name, seed].alarms if alarm["kind"] == "dead_layer"]
        for name in ("layer death", "layer death control")
    )
    steps = [alarm["step"] for alarm in of_run if alarm["step"] >= trainings.DEATH]
    wrong = [alarm["text"] for alarm in [*of_control, *(a for a in of_run if a["step"] < trainings.DEATH)]]
    dead = max((float(alarm["evidence"]["dead_fraction"]) for alarm in of_run), default=np.nan)
    seen = ", ".join(alarm["subject"] for alarm in of_run) or "no dead layer"
    return Verdict(trainings.DEATH in steps, steps[0] - trainings.DEATH + 1 if steps else None, wrong, dead, seen)


def easy_then_hard(runs: Runs, seed: int) -> Verdict:
    """The pair's share ends at 0.6 or more, the easy column's at 0.1 or less."""
    figures = runs.figures["easy then hard", seed]
    easy, pair = figures.share_of((0,)), figures.share_of((1, 2))
    seen = f"pair {pair[-1]:.2f}, easy {easy[-1]:.2f} (at most {easy.max():.2f})"
    return Verdict(bool(pair[-1] >= 0.6 and easy[-1] <= 0.1), None, None, float(pair[-1]), seen)


def leak(runs: Runs, seed: int, *, least: float = 5.0) -> Verdict:
    """The leaked column has the highest z, over 5, against the runs without a leak. What those have over 5 is a false alarm.

    Raises:
        ValueError: fewer than three seeds have run.
    """
    if len(runs.seeds("column control")) < 3:
        raise ValueError("a leak is held against its siblings; expected at least 3 seeds, as in --seeds 0-2")
    siblings = {f"seed-{other}": runs.directories["column control", other] for other in runs.seeds("column control")}
    step = int(runs.figures["leak", seed].steps[-1])
    z = seed_scores(runs.directories["leak", seed], siblings, step)
    named = max(z, key=z.__getitem__)
    own = siblings.pop(f"seed-{seed}")
    null = seed_scores(own, siblings, step)
    wrong = [f"{name} has z = {score:.1f}" for name, score in null.items() if score > least]
    return Verdict(named == trainings.LEAK and z[named] > least, None, wrong, z[trainings.LEAK], f"{named}, z = {z[named]:.1f}")


def settling(runs: Runs, seed: int) -> Verdict:
    """Explanations settle after accuracy does; both curves begin before the first batch, as explanations do."""
    figures = runs.figures["settling", seed]
    accuracy = np.concatenate([[CHANCE], figures.metrics["val_accuracy"][1]])
    places = settled(accuracy, least=ACCURACY_NOISE), settled(figures.from_last)
    ends = [None if place is None else int(figures.steps[place]) for place in places]
    seen = "accuracy {}, explanations {}".format(*("never" if end is None else f"at epoch {end}" for end in ends))
    if ends[0] is None or ends[1] is None:
        return Verdict(hit=False, delay=None, false_alarms=None, figure=np.nan, seen=seen)
    return Verdict(ends[1] > ends[0], ends[1] - ends[0], None, ends[1], seen)


def null(runs: Runs, seed: int) -> Verdict:
    """No drift at all, and no alarm."""
    figures = runs.figures["null", seed]
    drift = [*figures.drift["local_drift"]["upper"][1:], *figures.drift["share_shift"]["value"][1:], *figures.from_last]
    largest = float(np.max(drift))
    return Verdict(largest == 0, None, [alarm["text"] for alarm in figures.alarms], largest, f"drift {largest:g}")


def first(figures: Figures, kinds: Iterable[str], cells: tuple[int, ...], subject: str, since: int = 0) -> int | None:
    """Return the first step, from one on, at which an alarm says that some cells' share rose; None if none does."""
    steps = [
        int(alarm["step"])
        for alarm in figures.alarms
        if alarm["kind"] in kinds and alarm["step"] >= since and _tells_of(alarm, cells, subject)
    ]
    return min(steps, default=None)


def out_of_place(told: Figures, control: Figures, since: int) -> list[str]:
    """Return what was said of shares in the control, and in the run before anything happened."""
    return [f"before: {a['text']}" for a in told.share_alarms() if a["step"] < since] + [a["text"] for a in control.share_alarms()]


def late_drift(figures: Figures) -> float:
    """Return the median local drift from step to step, the mean of the last ten steps."""
    return float(np.mean(figures.drift["local_drift"]["median"][-LATE_STEPS:]))


def _tells_of(alarm: Mapping[str, Any], cells: tuple[int, ...], subject: str) -> bool:
    evidence = alarm["evidence"]
    rises = evidence.get("after", np.inf) > evidence.get("before", -np.inf)
    return rises and (alarm["subject"] == subject or bool(set(cells) & set(evidence.get("cells", ()))))


SLOW_IMAGE = functools.partial(slow, training="slow", control="marked control", cells=CORNER, subject=trainings.WATCHED)
SLOW_TABLE = functools.partial(slow, training="slow column", control="column control", cells=(COLUMN,), subject=trainings.LEAK)

SCENARIOS = [
    Scenario(
        "early_shortcut",
        "1 early shortcut",
        "level alarm by epoch 5 in 9 of 10",
        ("early", "early control"),
        early,
        0.9,
        "corner at epoch 5",
        "{:.0%}",
    ),
    Scenario(
        "late_shortcut",
        "2 late shortcut",
        "alarm within 2 epochs in 9 of 10",
        ("late", "marked control"),
        late,
        0.9,
        "corner after 2 epochs",
        "{:.0%}",
    ),
    Scenario(
        "slow_shortcut",
        "2b slow shortcut, image",
        "alarm before the share has doubled twice in 8 of 10",
        ("slow", "marked control"),
        SLOW_IMAGE,
        0.8,
        "grown at the alarm",
        "× {:.1f}",
    ),
    Scenario(
        "slow_column",
        "2b slow shortcut, table",
        "alarm before the share has doubled twice in 8 of 10",
        ("slow column", "column control"),
        SLOW_TABLE,
        0.8,
        "grown at the alarm",
        "× {:.1f}",
    ),
    Scenario(
        "label_noise",
        "3 label noise",
        "late local drift ≥ 5 × the clean run's",
        ("label noise", "clean labels"),
        label_noise,
        1.0,
        "drift",
        "× {:.0f}",
    ),
    Scenario(
        "layer_death",
        "4 layer death",
        "flagged in that epoch",
        ("layer death", "layer death control"),
        layer_death,
        1.0,
        "dead units",
        "{:.0%}",
    ),
    Scenario(
        "easy_then_hard",
        "5 easy then hard",
        "pair ≥ 0.6, easy ≤ 0.1 at the end",
        ("easy then hard",),
        easy_then_hard,
        1.0,
        "pair",
        "{:.2f}",
    ),
    Scenario("leak", "6 leak", "named, z > 5", ("leak", "column control"), leak, 1.0, "z", "{:.1f}", quiet=False),
    Scenario(
        "settling", "7 stabilisation", "explanations settle after accuracy", ("settling",), settling, 1.0, "settled at epoch", "{:.0f}"
    ),
    Scenario("null", "8 null", "drift exactly 0, no alarm", ("null",), null, 1.0, "drift", "{:g}"),
]
