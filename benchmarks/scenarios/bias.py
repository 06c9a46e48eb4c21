"""Whether it is told that a model comes to use a protected attribute: further rows of the scenarios."""

from __future__ import annotations

import functools

import numpy as np

from benchmarks.scenarios import trainings
from benchmarks.scenarios.scenarios import Runs, Scenario, Verdict
from tb_explain_plugin.protected_shares import KIND

WITHIN = 3
"""Epochs: the rule looks at the median of three."""
SLOW_WITHIN = 8


def bias(runs: Runs, seed: int, *, training: str, onset: int, within: int) -> Verdict:
    """An alarm of the protected attribute within some epochs; none before, and none of it in the control."""
    told = runs.figures[training, seed]
    found = [alarm for alarm in told.alarms if alarm["kind"] == KIND]
    steps = [alarm["step"] for alarm in found if alarm["step"] >= onset]
    delay = min(steps) - onset + 1 if steps else None
    control = [alarm["text"] for alarm in runs.figures["no bias", seed].alarms if alarm["kind"] == KIND]
    wrong = [f"before: {alarm['text']}" for alarm in found if alarm["step"] < onset] + control
    shares = told.share_of((told.features.index(trainings.PROTECTED),))
    before, after = float(np.median(shares[(told.steps > onset - 8) & (told.steps < onset)])), float(shares[-1])
    subjects = ", ".join(dict.fromkeys(alarm["subject"] for alarm in found)) or "nothing"
    return Verdict(delay is not None and delay <= within, delay, wrong, after, f"share {before:.1%} → {after:.1%}; told of {subjects}")


def _row(name: str, title: str, training: str, *, onset: int, within: int) -> Scenario:
    judge = functools.partial(bias, training=training, onset=onset, within=within)
    wanted = f"alarm within {within} epochs in 9 of 10"
    return Scenario(name, title, wanted, (training, "no bias"), judge, 0.9, "share at the end", "{:.0%}")


ROWS = [
    _row("bias", "9 bias", "bias", onset=trainings.LATE, within=WITHIN),
    _row("slow_bias", "9b slow bias", "slow bias", onset=trainings.GROWING[0] + 1, within=SLOW_WITHIN),
    _row("bias_in_a_group", "9c bias in one group", "bias in the north", onset=trainings.LATE, within=WITHIN),
]
