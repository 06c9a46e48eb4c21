"""The answers of /drift and /compare against the same figures computed from what was logged, in loops."""

import math

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import spearmanr

from tb_explain_plugin import comparison, drift_noise, summary
from tb_explain_plugin.errors import BadRequestError, NotFoundError
from tests.event_files import EventFile
from tests.plugin import two_inputs
from tests.plugin.conftest import open_log
from tests.plugin.test_drift import slow_share_shift, slow_shares
from tests.plugin.two_inputs import ERRORS, SHIFT, STEPS, TAG, logged, slow_drifts, slow_region_shares

RUN = "a/explain"
RNG = np.random.default_rng(12)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("comparison")
    two_inputs.write_log(logdir)
    with open_log(logdir, "python") as opened:
        yield opened.log


def slow_flips(current, reference):
    flipped = [(abs(a), abs(b)) for a, b in zip(current.ravel(), reference.ravel(), strict=True) if a * b < 0]
    return sum(sum(side) / np.abs(whole).sum() for side, whole in zip(zip(*flipped, strict=True), (current, reference), strict=True)) / 2


def slow_top(shares, k):
    return set(sorted(range(len(shares)), key=lambda j: -shares[j])[:k])


def slow_overlap(current, reference, k):
    return len(slow_top(current, k) & slow_top(reference, k)) / k


def slow_biased_overlap(current, reference, p):
    depths = range(1, len(current) + 1)
    return (1 - p) * sum(p ** (k - 1) * slow_overlap(current, reference, k) for k in depths) + p ** len(current)


AVERAGED = {
    "start": [[-1]] * 6,
    "previous": [[], [-1], [0], [1], [2], [4]],
    "trailing:3": [[], [-1], [-1, 0], [-1, 0, 1], [0, 1, 2], [1, 2, 4]],
}


@pytest.mark.parametrize("against", AVERAGED)
def test_drift_is_that_of_the_logged_arrays(log, against):
    found = comparison.drift_of_run(log, RUN, TAG, against)
    assert list(found["steps"]) == STEPS
    assert found["samples"] == 9
    assert found["left_out"] == []
    for i, (step, averaged) in enumerate(zip(STEPS, AVERAGED[against], strict=True)):
        if not averaged:
            continue
        current, reference = logged(step), np.mean([logged(each) for each in averaged], axis=0)
        lower, median, upper = np.quantile(slow_drifts(current, reference), [0.25, 0.5, 0.75])
        assert found["local_drift"]["median"][i] == pytest.approx(median, abs=1e-6)
        assert found["local_drift"]["lower"][i] == pytest.approx(lower, abs=1e-6)
        assert found["local_drift"]["upper"][i] == pytest.approx(upper, abs=1e-6)
        assert found["share_shift"]["value"][i] == pytest.approx(slow_share_shift(current.tolist(), reference.tolist()), abs=1e-6)
        assert found["share_shift"]["standard_error"][i] >= 0
        sampling = drift_noise.share_shift_sampling(current, reference, draws=200)
        for name, value in sampling._asdict().items():
            assert found["share_shift"][name][i] == pytest.approx(value, abs=1e-4)
        divergence = jensenshannon(slow_shares(current.tolist()), slow_shares(reference.tolist()), base=2) ** 2
        assert found["jensen_shannon"][i] == pytest.approx(divergence, abs=1e-6)
        same = averaged == [step]
        assert found["sign_flip_mass"][i] == pytest.approx(0 if same else slow_flips(current, reference), abs=1e-5)
        ranked = slow_region_shares(current), slow_region_shares(reference)
        assert found["rank_correlation"][i] == pytest.approx(spearmanr(*ranked).statistic)
        assert found["top_overlap"]["value"][i] == pytest.approx(slow_overlap(*ranked, 3))
        assert found["rank_biased_overlap"]["value"][i] == pytest.approx(slow_biased_overlap(*ranked, 0.8))


def test_overlaps_come_with_what_chance_would_give_nine_regions(log):
    found = comparison.drift_of_run(log, RUN, TAG, "start")
    assert (found["top_overlap"]["k"], found["top_overlap"]["by_chance"]) == (3, pytest.approx(1 / 3))
    assert found["rank_biased_overlap"]["by_chance"] == pytest.approx((1 - 0.8**9) / (9 * 0.2))
    assert found["rank_biased_overlap"]["persistence"] == 0.8


def test_drift_carries_each_steps_own_figures(log):
    found = comparison.drift_of_run(log, RUN, TAG, "previous")
    for i, step in enumerate(STEPS):
        shares = slow_shares(logged(step).tolist())
        assert found["effective_features"][i] == pytest.approx(math.exp(-sum(s * math.log(s) for s in shares)), rel=1e-5)
        totals = np.abs(logged(step)).sum(1)
        assert found["total_attribution"]["value"][i] == pytest.approx(totals.mean(), rel=1e-5)
        assert found["total_attribution"]["standard_error"][i] == pytest.approx(totals.std(ddof=1) / 3, rel=1e-5)
        assert found["completeness_p50"][i] == pytest.approx(np.quantile(ERRORS[step], 0.5), rel=1e-6)
        assert found["completeness_p95"][i] == pytest.approx(np.quantile(ERRORS[step], 0.95), rel=1e-6)


def test_methods_without_a_sign_have_no_sign_flips(log):
    found = comparison.drift_of_run(log, "unsigned/explain", TAG, "start")
    assert np.isnan(found["sign_flip_mass"]).all()
    assert np.isfinite(found["jensen_shannon"]).all()


def test_drift_against_another_run_is_step_by_step_or_against_one_step(log):
    found = comparison.drift_of_run(log, RUN, TAG, "run:b@2/explain")
    expected = np.median(slow_drifts(logged(4), logged(4, shift=SHIFT)))
    assert found["local_drift"]["median"][STEPS.index(4)] == pytest.approx(expected, abs=1e-6)
    found = comparison.drift_of_run(log, RUN, TAG, "run:b@2/explain@6")
    expected = np.median(slow_drifts(logged(-1), logged(6, shift=SHIFT)))
    assert found["local_drift"]["median"][0] == pytest.approx(expected, abs=1e-6)


def test_two_explanations_in_detail(log):
    found = comparison.compare(log, RUN, TAG, 4, "start")
    assert (found["step"], found["reference_run"], found["reference_step"]) == (4, RUN, -1)
    np.testing.assert_allclose(found["samples"]["drift"], slow_drifts(logged(4), logged(-1)), atol=1e-6)
    assert {name: part["regions"] for name, part in found["inputs"].items()} == {"image": (3, 2), "table": (3,)}
    for key, step in (("share", 4), ("reference_share", -1)):
        shares = [*found["inputs"]["image"][key], *found["inputs"]["table"][key]]
        np.testing.assert_allclose(shares, slow_region_shares(logged(step)), rtol=1e-5)
        assert sum(shares) == pytest.approx(1)
    assert all(error > 0 for error in found["inputs"]["image"]["standard_error"])


def test_the_detail_repeats_what_drift_says_of_the_step(log):
    drifts = comparison.drift_of_run(log, RUN, TAG, "previous")
    found = comparison.compare(log, RUN, TAG, 4, "previous")
    i = STEPS.index(4)
    assert found["share_shift"] == {name: values[i] for name, values in drifts["share_shift"].items()}
    assert found["rank_correlation"] == drifts["rank_correlation"][i]
    assert found["top_overlap"] == drifts["top_overlap"] | {"value": drifts["top_overlap"]["value"][i]}


def test_the_first_step_has_nothing_before_it(log):
    with pytest.raises(NotFoundError, match="nothing to be compared with"):
        comparison.compare(log, RUN, TAG, -1, "previous")


def test_regions_that_do_not_fit_the_cells_give_way_to_the_cells(tmp_path):
    contents = two_inputs.manifest()
    contents.inputs[0].regions[:] = [3, 2, 1]
    contents.inputs[1].regions[:] = [5]
    with EventFile(tmp_path / "explain", 0) as file:
        file.write(0, summary.manifest(contents), two_inputs.frame(0))
    with open_log(tmp_path, "python") as opened:
        found = comparison.compare(opened.log, "explain", TAG, 0, "start")
        assert comparison.drift_of_run(opened.log, "explain", TAG, "start")["top_overlap"]["k"] == 5
    assert {name: part["regions"] for name, part in found["inputs"].items()} == {"image": (6, 4), "table": (3,)}


def test_steps_that_cannot_be_read_are_left_out_and_said(tmp_path, loader):
    two_inputs.write_damaged_run(tmp_path / "explain")
    with open_log(tmp_path, loader) as opened:
        found = comparison.drift_of_run(opened.log, "explain", TAG, "start")
    assert list(found["steps"]) == [0, 2, 6]
    assert [left["step"] for left in found["left_out"]] == [1, 4]
    assert "not an attribution" in found["left_out"][0]["reason"]
    assert "cannot be compared" in found["left_out"][1]["reason"]
    assert len(found["rank_correlation"]) == len(found["share_shift"]["noise"]) == 3


@pytest.mark.parametrize("extreme", [1e300, -1e300, np.inf, np.nan, 1e-300])
@pytest.mark.parametrize("several_inputs", [False, True])
def test_extreme_values_are_answered(tmp_path, extreme, several_inputs):
    """A diverged model: its samples are NaN, the others' figures stand, and the server says nothing alarming in its log."""
    values = RNG.normal(size=(4, 3))
    kept = values[0, 0]
    with EventFile(tmp_path / "explain", 0) as file:
        for step in range(3):
            values[0, 0] = extreme if step == 1 else kept
            arrays = {"values:x": values} | ({"values:y": np.ones((4, 2))} if several_inputs else {})
            file.write(step, summary.frame(TAG, arrays))
    with open_log(tmp_path, "python") as opened:
        found = comparison.drift_of_run(opened.log, "explain", TAG, "previous")
    assert found["local_drift"]["median"][1] == pytest.approx(0, abs=1e-7)
    lost = extreme != 1e-300
    for part in (*found["share_shift"].values(), found["jensen_shannon"], found["rank_correlation"], found["top_overlap"]["value"]):
        assert math.isnan(part[1]) == lost
    assert math.isnan(found["rank_biased_overlap"]["value"][1]) == lost
    assert np.isfinite(found["total_attribution"]["value"][1]) == (not lost)


def test_explanations_that_are_all_zero_have_no_shares(tmp_path):
    with EventFile(tmp_path / "explain", 0) as file:
        for step, size in enumerate((0.0, 0.0, 1.0)):
            file.write(step, summary.manifest(two_inputs.manifest()), summary.frame(TAG, {"values:x": np.full((4, 3), size)}))
    with open_log(tmp_path, "python") as opened:
        found = comparison.drift_of_run(opened.log, "explain", TAG, "start")
    assert found["total_attribution"]["value"] == [0, 0, 3]
    assert found["local_drift"]["median"] == [0, 0, 1]
    for part in (*found["share_shift"].values(), found["jensen_shannon"], found["rank_correlation"], found["top_overlap"]["value"]):
        assert np.isnan(part).all()


def test_steps_of_different_scale_are_averaged_at_their_true_scale(tmp_path):
    values = {step: RNG.normal(size=(9, 5)) * 300.0**step for step in range(4)}
    with EventFile(tmp_path / "explain", 0) as file:
        for step, true in values.items():
            array, scale = summary.compress(true)
            file.write(step, summary.frame(TAG, {"values:x": array}, {"scale:x": repr(scale)}))
    with open_log(tmp_path, "python") as opened:
        found = comparison.drift_of_run(opened.log, "explain", TAG, "trailing:3")
    expected = np.median(slow_drifts(values[3], np.mean([values[0], values[1], values[2]], axis=0)))
    assert found["local_drift"]["median"][3] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("inputs", [1, 2])
def test_a_lone_input_may_have_another_name(tmp_path, inputs):
    """Keras numbers the inputs that nobody named: the same model built twice in a process calls its input otherwise."""
    for run, names in {"a": ("input_1", "other"), "b": ("input_7", "other")}.items():
        with EventFile(tmp_path / run / "explain", 0) as file:
            contents = two_inputs.manifest()
            file.write(0, summary.manifest(contents), summary.frame(TAG, {f"values:{name}": np.eye(3) for name in names[:inputs]}))
    with open_log(tmp_path, "python") as opened:
        if inputs == 1:
            found = comparison.compare(opened.log, "a/explain", TAG, 0, "run:b/explain")
            assert found["samples"]["drift"] == [0, 0, 0]
            assert list(found["inputs"]) == ["input_1"]
        else:
            with pytest.raises(BadRequestError, match=r"samples of 'input_1' \[3\]"):
                comparison.compare(opened.log, "a/explain", TAG, 0, "run:b/explain")
