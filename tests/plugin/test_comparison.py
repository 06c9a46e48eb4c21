"""The answers of /drift, /drift_matrix and /compare against the same figures computed from what was logged, in loops."""

import math

import numpy as np
import pytest

from tb_explain_plugin import comparison, metadata, reader, summary
from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.errors import BadRequestError, NotFoundError
from tests.event_files import EventFile
from tests.plugin.conftest import open_log
from tests.plugin.test_drift import slow_cosine, slow_regions, slow_share_shift, slow_shares

TAG = metadata.create_tag("attribution", "integrated_gradients")
RNG = np.random.default_rng(11)
STEPS = [-1, 0, 1, 2, 4, 6]
# Two inputs of different size and scale: a 6 × 4 image and a table of 3 columns.
IMAGES = {step: RNG.normal(size=(9, 6, 4)) for step in STEPS}
TABLES = {step: RNG.normal(size=(9, 3)) * 1e4 for step in STEPS}
ERRORS = {step: RNG.random(9).astype(np.float32) for step in STEPS}
VAL_LOSS = {0: 0.9, 1: 0.4, 2: 0.2, 3: 0.1, 4: np.nan, 6: 0.2}
ACCURACY = {0: 0.1, 1: 0.8, 2: 0.7, 4: 0.8, 6: 0.6}


def manifest(**changes):
    method = pb.Method(name="integrated_gradients", score=changes.get("score", "log_odds"), baseline_hash=changes.get("baseline", "b"))
    return pb.Manifest(
        probe=pb.Probe(size=9, hash=changes.get("probe", "p")),
        methods=[method],
        inputs=[
            pb.Input(name="image", shape=[12, 8, 3], cells=[6, 4], regions=[3, 2]),
            pb.Input(name="table", shape=[3], cells=[3], regions=[3]),
        ],
    )


def frame(step, shift=0.0):
    arrays, scales = {"completeness_error": ERRORS[step]}, {}
    for name, values in (("image", IMAGES[step] + shift), ("table", TABLES[step])):
        arrays[f"values:{name}"], scale = summary.compress(values)
        scales[f"scale:{name}"] = repr(scale)
    return summary.frame(TAG, arrays, scales)


def write_run(directory, steps, shift=0.0, **changes):
    with EventFile(directory, steps[0]) as file:
        file.write(steps[0], summary.manifest(manifest(**changes)))
        for step in steps:
            file.write(step, frame(step, shift))
        for name, values in {"val_loss": VAL_LOSS, "accuracy": ACCURACY}.items():
            for step, value in values.items():
                file.write(step, summary.series(metadata.create_tag("metric", name), value))


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("comparison")
    write_run(logdir / "a" / "explain", STEPS)
    write_run(logdir / "b@2" / "explain", STEPS[1:], shift=0.5)
    for name, change in {"probe": "q", "score": "logit", "baseline": "c"}.items():
        write_run(logdir / f"other_{name}" / "explain", STEPS[:2], **{name: change})
    with open_log(logdir, "python") as opened:
        yield opened.log


def logged(step, shift=0.0):
    """What a reader gets of a step, to float16: [9, 24 + 3], inputs in the order of their names."""
    parts = []
    for values in (IMAGES[step] + shift, TABLES[step]):
        array, scale = summary.compress(values)
        parts.append((array.astype(np.float64) * scale).reshape(9, -1))
    return np.concatenate(parts, axis=1)


def mean_of(*steps):
    return np.mean([logged(step) for step in steps], axis=0)


def slow_drifts(current, reference):
    return [1 - slow_cosine(a, b) for a, b in zip(current.tolist(), reference.tolist(), strict=True)]


REFERENCES = {
    "start": [-1] * 6,
    "last": [6] * 6,
    "step:2": [2] * 6,
    "previous": [None, -1, 0, 1, 2, 4],
    "trailing:1": [None, -1, 0, 1, 2, 4],
    "trailing:3": [None, -1, -1, -1, 0, 1],
    "trailing:50": [None, -1, -1, -1, -1, -1],
    "best:val_loss": [2] * 6,  # step 3 has no explanation, 4 is NaN, 6 ties and comes later
    "best:accuracy": [1] * 6,
}
AVERAGED = {"trailing:3": [[], [-1], [-1, 0], [-1, 0, 1], [0, 1, 2], [1, 2, 4]], "trailing:50": [STEPS[:i] for i in range(6)]}


@pytest.mark.parametrize("against", REFERENCES)
def test_drift_is_that_of_the_logged_arrays(log, against):
    found = comparison.drift_of_run(log, "a/explain", TAG, against)
    assert list(found["steps"]) == STEPS
    assert list(found["reference_steps"]) == REFERENCES[against]
    assert found["samples"] == 9
    assert found["left_out"] == []
    averaged = AVERAGED.get(against, [[] if step is None else [step] for step in REFERENCES[against]])
    for i, step in enumerate(STEPS):
        if not averaged[i]:
            assert all(math.isnan(values[i]) for part in ("local_drift", "share_shift") for values in found[part].values())
            continue
        current, reference = logged(step), mean_of(*averaged[i])
        lower, median, upper = np.quantile(slow_drifts(current, reference), [0.25, 0.5, 0.75])
        assert found["local_drift"]["median"][i] == pytest.approx(median, abs=1e-6)
        assert found["local_drift"]["lower"][i] == pytest.approx(lower, abs=1e-6)
        assert found["local_drift"]["upper"][i] == pytest.approx(upper, abs=1e-6)
        assert found["share_shift"]["value"][i] == pytest.approx(slow_share_shift(current.tolist(), reference.tolist()), abs=1e-6)
        assert found["share_shift"]["standard_error"][i] >= 0


def test_drift_carries_each_steps_own_figures(log):
    found = comparison.drift_of_run(log, "a/explain", TAG, "previous")
    for i, step in enumerate(STEPS):
        shares = slow_shares(logged(step).tolist())
        assert found["effective_features"][i] == pytest.approx(math.exp(-sum(s * math.log(s) for s in shares)), rel=1e-5)
        assert found["completeness_p95"][i] == pytest.approx(np.quantile(ERRORS[step], 0.95), rel=1e-6)


def test_drift_against_another_run_is_step_by_step_or_against_one_step(log):
    found = comparison.drift_of_run(log, "a/explain", TAG, "run:b@2/explain")
    assert list(found["reference_steps"]) == [None, *STEPS[1:]]
    expected = np.median(slow_drifts(logged(4), logged(4, shift=0.5)))
    assert found["local_drift"]["median"][STEPS.index(4)] == pytest.approx(expected, abs=1e-6)
    found = comparison.drift_of_run(log, "a/explain", TAG, "run:b@2/explain@6")
    assert list(found["reference_steps"]) == [6] * 6
    expected = np.median(slow_drifts(logged(-1), logged(6, shift=0.5)))
    assert found["local_drift"]["median"][0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("what", ["probe", "score", "baseline"])
def test_what_is_not_comparable_is_not_compared(log, what):
    for ask in (
        lambda: comparison.drift_of_run(log, "a/explain", TAG, f"run:other_{what}/explain"),
        lambda: comparison.drift_of_run(log, "a/explain", TAG, f"run:other_{what}/explain@0"),
        lambda: comparison.drift_matrix(log, "a/explain", TAG, f"other_{what}/explain"),
        lambda: comparison.compare(log, "a/explain", TAG, 0, f"run:other_{what}/explain"),
    ):
        with pytest.raises(BadRequestError, match=f"cannot be compared: their {what}s differ"):
            ask()


# fmt: off
ABSURD = ["", "start:", "previous:1", "trailing", "trailing:", "trailing:0", "trailing:51", "trailing:-1", "trailing:1e3", "step:",
          "step:x", "step:1.5", "step:٣", "step:" + "9" * 400, "best", "nothing", "Start", "run", "start\x00", "<script>"]
# fmt: on


@pytest.mark.parametrize("against", ABSURD)
def test_an_absurd_reference_is_a_bad_request(log, against):
    with pytest.raises(BadRequestError, match="expected"):
        comparison.drift_of_run(log, "a/explain", TAG, against)


def test_a_reference_that_is_not_there_is_not_found(log):
    with pytest.raises(NotFoundError, match="2, 4, 6, received 5"):
        comparison.drift_of_run(log, "a/explain", TAG, "step:5")
    with pytest.raises(NotFoundError, match="accuracy, val_loss, received loss"):
        comparison.drift_of_run(log, "a/explain", TAG, "best:loss")
    with pytest.raises(NotFoundError, match="no such run"):
        comparison.drift_of_run(log, "a/explain", TAG, "run:nowhere")
    with pytest.raises(NotFoundError, match="received 77"):
        comparison.drift_of_run(log, "a/explain", TAG, "run:b@2/explain@77")


@pytest.mark.parametrize("tile", [1, 10**9])
def test_the_matrix_holds_every_pair_of_steps(log, monkeypatch, tile):
    monkeypatch.setattr(comparison, "_TILE_BYTES", tile)
    log = log._replace(cache=type(log.cache)(10**8))
    found = comparison.drift_matrix(log, "a/explain", TAG, "a/explain")
    assert found["steps"].tolist() == found["against_steps"].tolist() == STEPS
    expected = [[1 - np.mean(slow_drifts(logged(s), logged(r))) for r in STEPS] for s in STEPS]
    np.testing.assert_allclose(found["similarity"], expected, atol=1e-5)
    found = comparison.drift_matrix(log, "a/explain", TAG, "b@2/explain")
    assert found["against_steps"].tolist() == STEPS[1:]
    expected = [[1 - np.mean(slow_drifts(logged(s), logged(r, shift=0.5))) for r in STEPS[1:]] for s in STEPS]
    np.testing.assert_allclose(found["similarity"], expected, atol=1e-5)


def slow_region_shares(step):
    rows = []
    for sample in logged(step):
        image = np.abs(sample[:24]).reshape(6, 4).tolist()
        rows.append([value for line in slow_regions(image, 3, 2, 12, 8) for value in line] + np.abs(sample[24:]).tolist())
    return slow_shares(rows)


def test_two_explanations_in_detail(log):
    found = comparison.compare(log, "a/explain", TAG, 4, "start")
    assert (found["step"], found["reference_run"], found["reference_step"]) == (4, "a/explain", -1)
    np.testing.assert_allclose(found["samples"]["drift"], slow_drifts(logged(4), logged(-1)), atol=1e-6)
    assert {name: part["regions"] for name, part in found["inputs"].items()} == {"image": (3, 2), "table": (3,)}
    for key, step in (("share", 4), ("reference_share", -1)):
        shares = [*found["inputs"]["image"][key], *found["inputs"]["table"][key]]
        np.testing.assert_allclose(shares, slow_region_shares(step), rtol=1e-5)
        assert sum(shares) == pytest.approx(1)
    assert all(error > 0 for error in found["inputs"]["image"]["standard_error"])


def test_the_first_step_has_nothing_before_it(log):
    with pytest.raises(NotFoundError, match="nothing to be compared with"):
        comparison.compare(log, "a/explain", TAG, -1, "previous")


def test_regions_that_do_not_fit_the_cells_give_way_to_the_cells(tmp_path):
    contents = manifest()
    contents.inputs[0].regions[:] = [3, 2, 1]
    contents.inputs[1].regions[:] = [5]
    with EventFile(tmp_path / "explain", 0) as file:
        file.write(0, summary.manifest(contents), frame(0))
    with open_log(tmp_path, "python") as opened:
        found = comparison.compare(opened.log, "explain", TAG, 0, "start")
    assert {name: part["regions"] for name, part in found["inputs"].items()} == {"image": (6, 4), "table": (3,)}


def test_steps_that_cannot_be_read_are_left_out_and_said(tmp_path, loader):
    with EventFile(tmp_path / "explain", 0) as file:
        file.write(0, summary.manifest(manifest()), frame(0))
        file.write(1, summary.frame(TAG, {"values:image": np.zeros(3, np.float32)}))
        file.write(2, frame(2))
        file.write(4, summary.frame(TAG, {"values:image": np.ones((2, 3), np.float32)}))
        file.write(6, frame(6))
    with open_log(tmp_path, loader) as opened:
        found = comparison.drift_of_run(opened.log, "explain", TAG, "start")
        assert list(found["steps"]) == [0, 2, 6]
        assert [left["step"] for left in found["left_out"]] == [1, 4]
        assert "not an attribution" in found["left_out"][0]["reason"]
        assert "cannot be compared" in found["left_out"][1]["reason"]
        similarity = comparison.drift_matrix(opened.log, "explain", TAG, "explain")["similarity"]
        lost = np.array([False, True, False, True, False])
        np.testing.assert_array_equal(np.isnan(similarity), lost[:, None] | lost)


def test_what_is_remembered_is_bounded_and_answers_the_same(log):
    small = log._replace(cache=type(log.cache)(3000))
    for against in ("trailing:3", "start"):
        np.testing.assert_equal(
            comparison.drift_of_run(small, "a/explain", TAG, against), comparison.drift_of_run(log, "a/explain", TAG, against)
        )
    assert small.cache.size <= 3000


def test_a_frame_is_read_once_however_often_it_is_compared(log, monkeypatch):
    counted = log._replace(cache=type(log.cache)(10**8))
    read, reading = [], reader.read_frame
    monkeypatch.setattr(reader, "read_frame", lambda *args: read.append(args[-1].step) or reading(*args))
    for against in ("start", "previous", "trailing:3"):
        comparison.drift_of_run(counted, "a/explain", TAG, against)
    comparison.drift_matrix(counted, "a/explain", TAG, "a/explain")
    assert sorted(read) == STEPS


@pytest.mark.parametrize("extreme", [1e300, -1e300, np.inf, np.nan, 1e-300])
@pytest.mark.parametrize("several_inputs", [False, True])
def test_extreme_values_are_answered(tmp_path, extreme, several_inputs):
    """A diverged model: its samples are NaN, the others' figures stand, and the server says nothing alarming in its log."""
    values = np.ones((4, 3))
    with EventFile(tmp_path / "explain", 0) as file:
        for step in range(3):
            values[0, 0] = extreme if step == 1 else 1.0
            arrays = {"values:x": values} | ({"values:y": np.ones((4, 2))} if several_inputs else {})
            file.write(step, summary.frame(TAG, arrays))
    with open_log(tmp_path, "python") as opened:
        found = comparison.drift_of_run(opened.log, "explain", TAG, "previous")
        similarity = comparison.drift_matrix(opened.log, "explain", TAG, "explain")["similarity"]
    assert found["local_drift"]["median"][1] == pytest.approx(0, abs=1e-7)
    assert math.isnan(found["share_shift"]["value"][1]) == (extreme != 1e-300)
    assert np.isfinite(similarity).all()


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
