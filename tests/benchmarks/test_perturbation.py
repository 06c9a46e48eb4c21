"""The table of methods that perturb, and what it promises."""

import numpy as np
import pytest

from benchmarks import perturbation, shapley
from benchmarks.rows import Contest, Row


def test_a_row_is_timed_by_the_sample_and_judged_by_its_promises(monkeypatch):
    calls = {"ours": 0, "peer": 0, "bare": 0}
    seconds = {"ours": 8.0, "peer": 30.0, "bare": 10.0}

    def called(side):
        calls[side] += 1
        return side

    def prepare(*, with_peer):
        sides = {side: lambda side=side: called(side) for side in seconds}
        return Contest(sides["ours"], 4, sides["peer"] if with_peer else None, 1, sides["bare"])

    monkeypatch.setattr(perturbation.timing, "stopwatch", lambda call: seconds[call()])
    one = perturbation.measure(Row("mlp, method", "numpy", prepare, faster=10, over_bare=0.5))
    assert all(calls.values())
    assert (one.ours, one.peer, one.faster, one.over_bare) == (2.0, 30.0, 15.0, 0.8)
    text = perturbation.section([one], [])
    assert "| mlp, method, against numpy" in text
    assert "reached" in text.split("mlp, method, against numpy")[1].splitlines()[0]
    assert "missed" in text.split("over bare forward passes")[1].splitlines()[0]
    alone = perturbation.measure(Row("mlp, method", "no_such_package", prepare, faster=10))
    assert alone.peer is None
    assert "against" not in perturbation.section([alone], [])


def test_errors_are_promised_to_be_half():
    text = perturbation.section([], [shapley.Judged("cnn", 16, 512, 0.01, 0.03, 0.1), shapley.Judged("mlp", 15, 512, 0.02, 0.03, 0.1)])
    verdicts = [line.split("|")[-2].strip() for line in text.splitlines() if "error over shap's" in line]
    assert verdicts == ["reached", "missed"]


@pytest.mark.parametrize("blocks", [4, 7])
def test_regions_of_the_benchmark_are_equal_blocks(blocks):
    cells = shapley.cells_of(blocks)
    assert set(np.bincount(cells.ravel())) == {(28 // blocks) ** 2}
    assert cells[0, 0] == 0
    assert cells[27, 27] == blocks**2 - 1


def test_names_of_rows_are_their_own():
    names = [row.name for row in perturbation.ROWS]
    assert len(set(names)) == len(names)
