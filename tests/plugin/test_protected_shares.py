"""The rule for protected attributes: planted growth is told, noise is not."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.protected_shares import FALSE_ALARMS, Growth, ProtectedShare
from tb_explain_plugin.run_watch import RunWatch
from tests.plugin.planted_run import NAN, PlantedRun

ERROR = 0.004
QUIET = [0.1, 0.06, 0.03, 0.02, 0.02, 0.02, 0.02, 0.02]


def told(shares, errors=ERROR, expected=0.1, series=1):
    """At which places growth is told, and what is said."""
    growth = Growth(expected, series)
    found = [growth.update(share, error) for share, error in zip(shares, np.broadcast_to(errors, len(shares)), strict=True)]
    return {place: grown for place, grown in enumerate(found) if grown is not None}


def test_a_share_that_grows_since_it_was_lowest_is_told_once():
    found = told([*QUIET, *[0.15] * 10])
    assert list(found) == [9]  # the median of three needs two steps
    z, before, after = found[9]
    assert (before, after) == (0.02, 0.15)
    assert z == pytest.approx(0.13 / math.hypot(ERROR, ERROR))


def test_slow_growth_is_told_though_each_step_is_small():
    shares = [*QUIET, *np.linspace(0.02, 0.12, 60)]
    [place] = told(shares)
    assert shares[place] < 0.06


def test_one_step_is_noise():
    assert told([*QUIET, 0.3, 0.02, 0.02, 0.3, 0.02, 0.02]) == {}


def test_growth_within_its_error_is_none():
    assert told([*QUIET, *[0.08] * 10], errors=0.02) == {}
    assert list(told([*QUIET, *[0.08] * 10], errors=0.005)) == [9]


def test_little_growth_is_none_however_sure():
    assert told([*QUIET, *[0.045] * 10], errors=1e-5) == {}
    assert told([*[0.4] * 8, *[0.5] * 10], errors=1e-5) == {}  # by less than half as much again


def test_what_an_untrained_model_does_not_look_at_may_come_to_what_the_data_offer():
    assert told([0.01, 0.08, 0.12, 0.12, 0.12], expected=0.1) == {}
    assert list(told([0.01, 0.2, 0.3, 0.3], expected=0.1)) == [3]


def test_it_is_told_again_after_it_has_come_back():
    found = told([*QUIET, *[0.2] * 6, *[0.02] * 6, *[0.2] * 6])
    assert list(found) == [9, 21]


def test_steps_without_a_share_are_passed_over():
    shares = [*QUIET, NAN, NAN, *[0.15] * 3]
    assert list(told(shares)) == [11]
    assert told([NAN] * 5) == {}


def test_the_limit_spends_a_hundredth_of_the_runs_over_all_steps_and_series():
    growth = Growth(0.1, 5)
    spent = 0.0
    for _ in range(2000):
        growth._steps += 1
        spent += 5 * NormalDist().cdf(-growth._limit)
    assert spent == pytest.approx(FALSE_ALARMS, rel=1e-3)


@pytest.mark.parametrize("noise", [0.003, 0.01])
def test_noise_of_the_probe_seldom_goes_off(noise):
    rng = np.random.default_rng(0)
    runs = [told(np.abs(0.1 + noise * rng.normal(size=60)), errors=noise, expected=0.1) for _ in range(300)]
    assert sum(map(bool, runs)) <= 3


def test_a_group_is_told_of_where_all_samples_are_not():
    rule = ProtectedShare(NAN, 10, (4,), ["north", "south"])
    found = []
    for step in range(20):
        north = 0.02 if step < 10 else 0.3
        found += rule.update(0.02 if step < 10 else 0.04, ERROR, [[north, 0.02], [0.02, ERROR]], step)
    [(group, event)] = found
    assert (group, event.kind, event.step_index, event.cells, event.before, event.after) == (
        "north",
        "protected_share",
        11,
        (4,),
        0.02,
        0.3,
    )


def test_what_is_told_of_all_is_not_told_of_groups():
    rule = ProtectedShare(NAN, 10, (), ["north", "south"])
    found = []
    for step in range(20):
        share = 0.02 if step < 10 else 0.3
        found += rule.update(share, ERROR, [[share, ERROR]] * 2, step)
    assert [group for group, _ in found] == [""]


PROTECTED = pb.Watch(name="patient", input="table", cells=[1], contrast=NAN, at_most=NAN, at_least=NAN, protected=True)


def alarms_of(run, by_group=None, groups=()):
    contents = run.manifest()
    contents.probe.groups.extend(groups)
    watch = RunWatch(contents, lambda step: f"epoch {step}")
    found = []
    for step in run.all_steps():
        figures = run.series(step) | {"attribution/integrated_gradients": np.nan}
        if by_group:
            figures["watch_by_group/patient"] = np.array(by_group(step))
        found += watch.update(step, figures)
    return found


def test_a_run_says_it_of_its_protected_watch_in_place_of_its_column():
    growing = {"share": lambda step: 0.05 + 0.03 * max(0, step - 12), "cells": (1,)}
    plain = pb.Watch()
    plain.CopyFrom(PROTECTED)
    plain.protected = False
    assert "protected_share" not in {alarm.kind for alarm in alarms_of(PlantedRun(watches=(plain,), **growing))}
    [alarm] = [a for a in alarms_of(PlantedRun(watches=(PROTECTED,), **growing)) if a.kind == "protected_share"]
    assert alarm.subject == "patient"
    assert alarm.text.startswith(f"epoch {alarm.step}: patient, which is protected, has grown from 5.0 % to ")
    assert "group" not in alarm.evidence


def test_a_run_names_the_groups_in_which_it_grew():
    grown = {"north": lambda step: 0.3 if step > 12 else 0.05, "south": lambda step: 0.2 if step > 12 else 0.05, "west": lambda _: 0.05}
    groups = ["north"] * 14 + ["south"] * 13 + ["west"] * 13
    run = PlantedRun(watches=(PROTECTED,), share=lambda _: 0.05, cells=(1,))
    [alarm] = alarms_of(run, lambda step: [[share(step), 0.01] for share in grown.values()], groups)
    assert (alarm.kind, alarm.subject, alarm.step) == ("protected_share", "patient among north", 14)
    assert alarm.text.startswith("epoch 14: patient among north, which is protected, has grown from 5.0 % to 30.0 % of the attribution")
    assert alarm.text.endswith("; likewise patient among south")
    assert alarm.evidence["group"] == "north"
