"""The acceptance scenarios with three seeds, and the rules by which runs are judged, on runs whose alarms are known."""

import dataclasses

import numpy as np
import pytest

from benchmarks import drift_scenarios
from benchmarks.scenarios import bias, data, scenarios, table, trainings
from benchmarks.scenarios.reading import Figures
from benchmarks.scenarios.scenarios import SCENARIOS, Runs, Verdict

SEEDS = [0, 1, 2]
TESTED = ["early_shortcut", "late_shortcut", "null"]
"""A level alarm, one of the rules' and none; `make bench-drift` runs all of them."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    chosen = [scenario for scenario in SCENARIOS if scenario.name in TESTED]
    return drift_scenarios.train(chosen, SEEDS, tmp_path_factory.mktemp("scenarios"))


@pytest.mark.parametrize("name", TESTED)
def test_a_scenario_ends_as_wanted(runs, name):
    [scenario] = [scenario for scenario in SCENARIOS if scenario.name == name]
    verdicts = {seed: scenario.judge(runs, seed) for seed in SEEDS}
    assert sum(verdict.hit for verdict in verdicts.values()) >= 2, verdicts
    assert [verdict.false_alarms for verdict in verdicts.values()] == [[], [], []]


def test_what_was_told_in_training_is_what_the_log_says(runs):
    told = {run: figures.told for run, figures in runs.figures.items() if figures.told}
    assert len(told) >= 6
    assert [run for run, figures in runs.figures.items() if not figures.agree] == []


def alarm(step, kind="share_jump", cells=(0,), before=0.02, after=0.2):
    evidence = {"before": before, "after": after, "cells": list(cells)}
    return {"step": step, "kind": kind, "subject": "", "text": f"epoch {step}: {kind}", "evidence": evidence}


def figures(*alarms, share=(), steps=40):
    """A run in which the corner has some shares, and some alarms went off."""
    shares = np.full((steps + 1, 64), 1 / 64)
    shares[: len(share), list(scenarios.CORNER)] = np.asarray(share)[:, None] / 4 if len(share) else 1 / 64
    return Figures(list(alarms), [], np.arange(-1, steps), shares, [], {}, np.zeros(steps + 1), {})


def runs_of(**by_name):
    return Runs({(name.replace("_", " "), 0): found for name, found in by_name.items()}, {})


@pytest.mark.parametrize(("step", "hit", "delay"), [(20, False, None), (21, True, 1), (22, True, 2), (23, False, 3)])
def test_a_late_shortcut_is_to_be_told_within_two_epochs(step, hit, delay):
    verdict = scenarios.late(runs_of(late=figures(alarm(step)), marked_control=figures()), 0)
    assert (verdict.hit, verdict.delay) == (hit, delay)
    assert verdict.false_alarms == ([] if step >= trainings.LATE else ["before: epoch 20: share_jump"])


@pytest.mark.parametrize(("step", "hit", "delay"), [(20, False, None), (22, True, 2), (23, True, 3), (24, False, 4)])
def test_bias_is_to_be_told_within_three_epochs(step, hit, delay):
    told = {"kind": "protected_share", "step": step, "subject": "sex", "text": f"epoch {step}: grown", "evidence": {}}
    biased = figures_of_sex(told, alarm(21))
    [row] = [row for row in bias.ROWS if row.name == "bias"]
    verdict = row.judge(runs_of(bias=biased, no_bias=figures(alarm(5))), 0)
    assert (verdict.hit, verdict.delay) == (hit, delay)
    assert verdict.false_alarms == ([] if step >= trainings.LATE else ["before: epoch 20: grown"])
    assert not row.judge(runs_of(bias=figures_of_sex(), no_bias=figures()), 0).hit
    assert row.judge(runs_of(bias=figures_of_sex(), no_bias=figures(told)), 0).false_alarms == [f"epoch {step}: grown"]


def figures_of_sex(*alarms):
    return dataclasses.replace(figures(*alarms), features=[trainings.PROTECTED])


def test_an_alarm_of_other_cells_or_of_a_fall_is_no_hit():
    told = figures(alarm(21, cells=(40,)), alarm(21, before=0.3, after=0.1))
    assert not scenarios.late(runs_of(late=told, marked_control=figures()), 0).hit


def test_alarms_of_shares_in_the_control_are_false_ones():
    control = figures(alarm(7, kind="rank_entry"), alarm(9, kind="dead_layer"))
    verdict = scenarios.late(runs_of(late=figures(alarm(21)), marked_control=control), 0)
    assert (verdict.hit, verdict.false_alarms) == (True, ["epoch 7: rank_entry"])


@pytest.mark.parametrize(("step", "hit"), [(24, True), (25, True), (26, False)])
def test_slow_growth_is_to_be_told_before_the_share_has_doubled_twice(step, hit):
    share = np.concatenate([np.full(22, 0.03), 0.03 * 1.3 ** np.arange(1, 20)])  # fourfold after six epochs, at epoch 26
    told = figures(alarm(step, kind="share_growth"), share=share)
    verdict = scenarios.SLOW_IMAGE(runs_of(slow=told, marked_control=figures()), 0)
    assert (verdict.hit, verdict.delay) == (hit, step - 20)


def test_a_scenario_is_reached_if_enough_seeds_hit_and_none_is_alarmed_falsely():
    late = next(scenario for scenario in SCENARIOS if scenario.name == "late_shortcut")
    hit = Verdict(hit=True, delay=1, false_alarms=[], figure=0.14, seen="")
    miss = hit._replace(hit=False, delay=None)
    ten = dict.fromkeys(range(10), hit)
    assert table.reached(late, ten | {3: miss})
    assert not table.reached(late, ten | {3: miss, 4: miss})
    assert not table.reached(late, ten | {3: hit._replace(false_alarms=["epoch 7: rank_entry"])})


def test_the_table_keeps_the_seeds_apart_that_thresholds_were_chosen_on():
    late = next(scenario for scenario in SCENARIOS if scenario.name == "late_shortcut")
    hit = Verdict(hit=True, delay=1, false_alarms=[], figure=0.14, seen="")
    miss = Verdict(hit=False, delay=None, false_alarms=["x"], figure=0.02, seen="share 2 %")
    text = table.section({"late_shortcut": dict.fromkeys(range(10), hit) | {7: miss}}, SCENARIOS, Runs({}, {}))
    cells = [cell.strip() for cell in text.splitlines()[2].strip("|").split("|")]
    assert cells == [
        late.title,
        late.wanted,
        "5 of 5",
        "4 of 5",
        "0 of 5",
        "1 of 5",
        "1, at most 1",
        "corner after 2 epochs 14% (2% … 14%)",
        "missed",
    ]
    assert "- 2 late shortcut, seed 7: missed; share 2 %\n- 2 late shortcut, seed 7: x" in text


def test_bits_have_the_correlation_that_was_asked_for():
    labels = np.random.default_rng(0).integers(0, 2, 20_000)
    for correlation in (0.0, 0.5, 0.98):
        bits = data.telling(labels, correlation, np.random.default_rng(1))
        assert np.corrcoef(bits, labels)[0, 1] == pytest.approx(correlation, abs=0.02)


def test_data_change_from_epoch_to_epoch():
    batches = data.ChangingData(lambda epoch: (np.full((5, 2), float(epoch)), np.arange(5)), seed=0, batch_size=2)
    for epoch in range(3):
        batches.turn_to(epoch)
        x, y = (np.concatenate(parts) for parts in zip(*(batches[k] for k in range(len(batches))), strict=True))
        assert (x == epoch).all()
        assert sorted(y) == [0, 1, 2, 3, 4]


def test_the_mark_is_the_corner_of_the_grid_of_regions():
    image = data.marked(np.full((1, 24, 24, 1), 0.5, np.float32), np.array([True]))[0, ..., 0]
    regions = image.reshape(8, 3, 8, 3).mean((1, 3)).ravel()
    assert tuple(np.flatnonzero(regions == 1)) == scenarios.CORNER


def test_wrong_labels_are_those_of_other_classes():
    labels = np.random.default_rng(0).integers(0, 10, 20_000).astype(np.int32)
    wrong = data.relabelled(labels, 0.2, 10, np.random.default_rng(1))
    assert wrong.dtype == labels.dtype
    assert (wrong != labels).mean() == pytest.approx(0.2, abs=0.01)
    assert set(wrong) == set(range(10))
