"""The figures of declared groups against loops over what was logged."""

import math

import numpy as np
import pytest

from tb_explain_plugin import by_group, group_figures, metadata, summary
from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.errors import BadRequestError
from tests.event_files import EventFile
from tests.plugin.conftest import open_log
from tests.plugin.test_drift import jackknife_error, slow_cosine, slow_regions, slow_shares

TAG = metadata.create_tag("attribution", "integrated_gradients")
RUN = "a/explain"
STEPS = [-1, 0, 3]
GROUPS = ["b", "a", "few", "b", "a", "b"] * 7  # 21 of b, 14 of a, 7 of few
N = len(GROUPS)
_RNG = np.random.default_rng(5)
IMAGES = {step: _RNG.normal(size=(N, 6, 4)) * _RNG.gamma(2, size=(N, 1, 1)) for step in STEPS}
TABLES = {step: _RNG.normal(size=(N, 3)) * 4 for step in STEPS}
LOSSES = {step: _RNG.gamma(1, size=N).astype(np.float32) for step in STEPS}
CLASSES = {step: _RNG.integers(0, 3, size=(N, 2)).astype(np.int32) for step in STEPS}
TARGETS = _RNG.integers(0, 3, size=N)


def manifest(*, groups=GROUPS, task="multiclass"):
    return pb.Manifest(
        probe=pb.Probe(size=N, hash="p", groups=groups, targets=TARGETS.astype(float)),
        outputs=[pb.Output(name="y", task=task, units=3)],
        methods=[pb.Method(name="integrated_gradients", score="log_odds", signed=True)],
        inputs=[
            pb.Input(name="image", kind="image", shape=[12, 8, 3], cells=[6, 4], regions=[3, 2]),
            pb.Input(name="table", kind="tabular", shape=[3], cells=[3], regions=[3]),
        ],
    )


def attribution(step, size=N):
    arrays = {"values:image": IMAGES[step][:size].astype(np.float32), "values:table": TABLES[step][:size].astype(np.float32)}
    return summary.frame(TAG, arrays)


def predictions(step):
    return summary.frame(metadata.PREDICTIONS, {"class": CLASSES[step], "probability": np.ones((N, 2), "f4"), "loss": LOSSES[step]})


def write_run(directory, contents, *frames):
    with EventFile(directory, STEPS[0]) as file:
        file.write(STEPS[0], summary.manifest(contents))
        for step in STEPS:
            file.write(step, *(frame(step) for frame in frames))


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("by_group")
    write_run(logdir / "a" / "explain", manifest(), attribution, predictions)
    write_run(logdir / "unpredicted" / "explain", manifest(), attribution)
    write_run(logdir / "ungrouped" / "explain", manifest(groups=[]), attribution, predictions)
    write_run(logdir / "regression" / "explain", manifest(task="regression"), attribution, predictions)
    with open_log(logdir, "python") as opened:
        yield opened.log


def chosen(name):
    return [i for i, group in enumerate(GROUPS) if name in (group, "all")]


def sizes_by_region(step, samples):
    """|a| of some samples by the image's 3 × 2 regions and the table's columns."""
    rows = []
    for i in samples:
        image = slow_regions(np.abs(IMAGES[step][i].astype(np.float32)).tolist(), 3, 2, 12, 8)
        rows.append([value for line in image for value in line] + np.abs(TABLES[step][i].astype(np.float32)).tolist())
    return rows


def slow_gap(rows, others):
    return sum(abs(a - b) for a, b in zip(slow_shares(rows), slow_shares(others), strict=True)) / 2


def slow_share_errors(rows):
    """The delta method, spelled out."""
    shares, count = slow_shares(rows), len(rows)
    total = sum(map(sum, rows)) / count
    errors = []
    for j, share in enumerate(shares):
        influence = [(row[j] - share * sum(row)) / total for row in rows]
        mean = sum(influence) / count
        errors.append(math.sqrt(sum((value - mean) ** 2 for value in influence) / (count - 1) / count))
    return errors


def slow_mean(values):
    mean = sum(values) / len(values)
    return mean, math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values))


def answered(found, name):
    return found["all"] if name == "all" else next(group for group in found["groups"] if group["name"] == name)


def test_groups_come_with_the_largest_first(log):
    found = by_group.by_group(log, RUN, TAG)
    assert [(group["name"], group["samples"]) for group in found["groups"]] == [("b", 21), ("a", 14), ("few", 7)]
    assert (found["all"]["samples"], found["groups_left_out"], found["left_out"]) == (N, 0, [])
    assert (found["steps"], found["reference_steps"]) == (STEPS, [-1] * 3)


@pytest.mark.parametrize("name", ["all", "a", "b"])
def test_loss_and_accuracy_are_means_over_a_groups_samples(log, name):
    found = answered(by_group.by_group(log, RUN, TAG), name)
    for k, step in enumerate(STEPS):
        right = [float(CLASSES[step][i, 0] == TARGETS[i]) for i in chosen(name)]
        for figure, values in (("loss", [float(LOSSES[step][i]) for i in chosen(name)]), ("accuracy", right)):
            mean, error = slow_mean(values)
            assert found[figure]["value"][k] == pytest.approx(mean, rel=1e-5)
            assert found[figure]["standard_error"][k] == pytest.approx(error, rel=1e-5)


@pytest.mark.parametrize("name", ["all", "a", "b"])
def test_shares_are_parts_of_a_groups_own_attribution(log, name):
    found = by_group.by_group(log, RUN, TAG)
    places = [each["region"] + (6 if each["input"] == "table" else 0) for each in found["regions"]]
    assert sorted(places) == list(range(9))  # all of them, as they are few
    for k, step in enumerate(STEPS):
        rows = sizes_by_region(step, chosen(name))
        shares, errors = slow_shares(rows), slow_share_errors(rows)
        assert errors[0] == pytest.approx(jackknife_error(lambda some: slow_shares(some)[0], np.array(rows)), rel=0.1)
        for place, answer in zip(places, answered(found, name)["shares"], strict=True):
            assert answer["value"][k] == pytest.approx(shares[place], rel=1e-5)
            assert answer["standard_error"][k] == pytest.approx(errors[place], rel=1e-4)
    overall = [shares["value"][-1] for shares in found["all"]["shares"]]
    assert overall == sorted(overall, reverse=True)


@pytest.mark.parametrize("against", ["start", "previous"])
def test_local_drift_is_that_of_a_groups_samples(log, against):
    found = answered(by_group.by_group(log, RUN, TAG, against), "a")["local_drift"]
    for k, step in enumerate(STEPS):
        if against == "previous" and k == 0:
            assert all(math.isnan(found[name][0]) for name in ("median", "lower", "upper"))
            continue
        reference = STEPS[0] if against == "start" else STEPS[k - 1]
        drifts = []
        for i in chosen("a"):
            current, other = ([*IMAGES[s][i].ravel().tolist(), *TABLES[s][i].tolist()] for s in (step, reference))
            drifts.append(1 - slow_cosine(current, other))
        for name, level in (("lower", 0.25), ("median", 0.5), ("upper", 0.75)):
            assert found[name][k] == pytest.approx(np.quantile(drifts, level), rel=1e-5, abs=1e-6)


def test_the_gap_is_to_all_other_samples(log):
    found = by_group.by_group(log, RUN, TAG)
    for k, step in enumerate(STEPS):
        own = chosen("a")
        rows, others = sizes_by_region(step, own), sizes_by_region(step, sorted(set(range(N)) - set(own)))
        gap = answered(found, "a")["share_gap"]
        assert gap["value"][k] == pytest.approx(slow_gap(rows, others), rel=1e-5)
        signs = np.sign(np.subtract(slow_shares(rows), slow_shares(others)))

        def moved(some, signs=signs):
            return sum(sign * share for sign, share in zip(signs, slow_shares(some), strict=True)) / 2

        separate = jackknife_error(moved, np.array(rows)), jackknife_error(moved, np.array(others))
        assert gap["standard_error"][k] == pytest.approx(math.hypot(*separate), rel=0.15)
        errors = zip(slow_share_errors(rows), slow_share_errors(others), strict=True)
        assert gap["by_chance"][k] == pytest.approx(sum(math.hypot(*pair) for pair in errors) / math.sqrt(2 * math.pi), rel=1e-4)


def test_groups_drawn_from_one_population_have_the_gap_of_chance():
    rng = np.random.default_rng(0)
    member = np.arange(200) < 80
    gaps = [group_figures.gap(rng.gamma(1, size=(200, 12)), member) for _ in range(200)]
    assert np.mean([gap.value for gap in gaps]) == pytest.approx(np.mean([gap.by_chance for gap in gaps]), rel=0.05)
    planted = rng.gamma(1, size=(200, 12)) + 2 * np.outer(member, np.arange(12) == 3)
    gap = group_figures.gap(planted, member)
    assert gap.value > gap.by_chance + 3 * gap.standard_error


def test_a_group_of_too_few_samples_has_no_figures(log):
    found = by_group.by_group(log, RUN, TAG)
    few = answered(found, "few")
    assert few["samples"] == 7 < found["fewest"]
    lists = [*few["loss"].values(), *few["accuracy"].values(), *few["local_drift"].values(), *few["share_gap"].values()]
    lists += [values for shares in few["shares"] for values in shares.values()]
    assert np.isnan(lists).all()
    assert np.isnan(list(found["all"]["share_gap"].values())).all()


def test_what_was_not_logged_is_nan_and_the_rest_stands(log):
    found = by_group.by_group(log, "unpredicted/explain", TAG)["all"]
    assert np.isnan([*found["loss"].values(), *found["accuracy"].values()]).all()
    assert np.isfinite(found["shares"][0]["value"]).all()
    found = by_group.by_group(log, "regression/explain", TAG)["all"]
    assert np.isnan(list(found["accuracy"].values())).all()
    assert np.isfinite(list(found["loss"].values())).all()


def test_a_probe_without_groups_is_an_error_that_says_what_to_pass(log):
    with pytest.raises(BadRequestError, match=r"declares no groups.*expected Probe\(…, groups="):
        by_group.by_group(log, "ungrouped/explain", TAG)
    with pytest.raises(BadRequestError, match="only attributions"):
        by_group.by_group(log, RUN, "predictions")


def test_steps_of_other_samples_are_left_out_and_said(tmp_path):
    write_run(tmp_path / "explain", manifest(), lambda step: attribution(step, 5 if step == 0 else N))
    with open_log(tmp_path, "python") as opened:
        found = by_group.by_group(opened.log, "explain", TAG, "last")
    assert found["steps"] == [-1, 3]
    assert found["left_out"][0]["step"] == 0
    assert "has other samples" in found["left_out"][0]["reason"]


def test_an_explanation_that_is_not_finite_has_no_shares_and_its_other_groups_do(tmp_path):
    lost = chosen("a")[0]
    images = {step: values.copy() for step, values in IMAGES.items()}
    images[3][lost, 0, 0] = np.nan

    def frame(step):
        arrays = {"values:image": images[step].astype(np.float32), "values:table": TABLES[step].astype(np.float32)}
        return summary.frame(TAG, arrays)

    write_run(tmp_path / "explain", manifest(), frame)
    with open_log(tmp_path, "python") as opened:
        found = by_group.by_group(opened.log, "explain", TAG)
    assert math.isnan(answered(found, "a")["shares"][0]["value"][2])
    assert math.isfinite(answered(found, "b")["shares"][0]["value"][2])
    assert math.isnan(answered(found, "b")["share_gap"]["value"][2])
    assert math.isfinite(answered(found, "a")["local_drift"]["median"][2])


def test_of_many_groups_and_regions_the_largest_are_answered(tmp_path):
    groups = [f"g{sample % 14}" for sample in range(N)]
    wide = np.abs(_RNG.normal(size=(N, 30))) * np.arange(30)
    contents = manifest(groups=groups)
    del contents.inputs[:]
    contents.inputs.append(pb.Input(name="table", kind="tabular", shape=[30], cells=[30], regions=[30]))
    write_run(tmp_path / "explain", contents, lambda _: summary.frame(TAG, {"values:table": wide.astype(np.float32)}))
    with open_log(tmp_path, "python") as opened:
        found = by_group.by_group(opened.log, "explain", TAG)
    assert (len(found["groups"]), found["groups_left_out"]) == (12, 2)
    shares = slow_shares(wide.tolist())
    assert [each["region"] for each in found["regions"]] == sorted(range(30), key=lambda j: -shares[j])[:10]
