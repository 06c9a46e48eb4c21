"""Two runs held against each other before what other seeds give: the feature that leaks is named, and no other."""

import numpy as np
import pytest

from tb_explain_plugin import comparison, metadata, summary
from tb_explain_plugin import plugin_data_pb2 as pb
from tests.event_files import EventFile
from tests.plugin.conftest import open_log
from tests.plugin.test_routes import documented, names

FEATURES = 30
LEAK = 4
TAG = metadata.create_tag("attribution", "integrated_gradients")
SHARES = np.random.default_rng(0).dirichlet(np.full(FEATURES, 20))


def manifest(*, layers=("dense", "dense_1"), units=16, unit="epoch", **changes):
    described = {"name": "integrated_gradients", "score": "log_odds", "baseline_hash": "b", "signed": True} | changes
    widths = (units, 2)
    return pb.Manifest(
        probe=pb.Probe(size=64, hash="p"),
        methods=[pb.Method(**described)],
        inputs=[pb.Input(name="x", kind="tabular", shape=[FEATURES], cells=[FEATURES], regions=[FEATURES])],
        layers=[pb.Layer(name=name, class_name="Dense", output_shape=[width]) for name, width in zip(layers, widths, strict=True)],
        step_unit=unit,
    )


def explanation(seed, leak=0.0):
    """64 samples whose mean sizes are the shares of all seeds, times what this seed makes of each."""
    rng = np.random.default_rng(seed)
    sizes = SHARES * np.exp(0.1 * rng.normal(size=FEATURES))
    sizes = (1 - leak) * sizes / sizes.sum() + leak * np.eye(FEATURES)[LEAK]
    return rng.choice([-1, 1], size=(64, FEATURES)) * rng.exponential(size=(64, 1)) * sizes


def write(logdir, name, seed, leak=0.0, steps=(0, 1), epochs=None, **changes):
    with EventFile(logdir / name / "explain", steps[0]) as file:
        file.write(steps[0], summary.manifest(manifest(**changes)))
        for i, step in enumerate(steps):
            file.write(step, summary.frame(TAG, {"values:x": explanation(seed, leak)}))
            if epochs:
                file.write(step, summary.series(metadata.create_tag("clock", "epoch"), epochs[i]))


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("siblings")
    write(logdir, "leak", 1, leak=0.3)
    for seed in range(2, 7):
        write(logdir, f"seed_{seed}", seed)
    write(logdir, "numbered", 7, layers=("dense_2", "dense_3"))
    write(logdir, "wider", 8, units=32)
    write(logdir, "other_score", 9, score="logit")
    write(logdir, "stopped_early", 10, steps=(0,))
    with open_log(logdir, "python") as opened:
        yield opened.log


SIBLINGS = [f"{name}/explain" for name in ("numbered", "seed_2", "seed_3", "seed_4", "seed_5", "seed_6")]


def test_the_feature_that_leaks_is_named(log):
    found = comparison.compare(log, "leak/explain", TAG, 1, "run:seed_2/explain")
    assert found["siblings"] == SIBLINGS
    z = np.array(found["inputs"]["x"]["z"])
    assert z.argmax() == LEAK
    assert z[LEAK] > 5
    assert np.delete(z, LEAK).max() < 5


def test_a_run_without_a_leak_lies_among_its_siblings(log):
    found = comparison.compare(log, "seed_2/explain", TAG, 1, "run:seed_3/explain")
    assert found["siblings"] == ["leak/explain", *(name for name in SIBLINGS if "seed_2" not in name)]
    assert np.abs(found["inputs"]["x"]["z"]).max() < 5


def test_the_null_is_the_median_and_the_scatter_of_the_siblings(log):
    found = comparison.compare(log, "leak/explain", TAG, 1, "run:seed_2/explain")["inputs"]["x"]
    sizes = [np.abs(explanation(seed)).mean(0) for seed in (7, 2, 3, 4, 5, 6)]
    shares = np.array([size / size.sum() for size in sizes])
    center = np.median(shares, 0)
    spread = np.maximum(1.4826 * 1.2 * np.median(np.abs(shares - center), 0), 0.005)
    np.testing.assert_allclose(found["seed_center"], center, atol=1e-6)
    np.testing.assert_allclose(found["seed_spread"], spread, atol=1e-6)
    np.testing.assert_allclose(found["z"], (np.array(found["share"]) - center) / spread, rtol=1e-4)


def test_only_what_has_the_step_is_a_sibling(log):
    found = comparison.compare(log, "leak/explain", TAG, 0, "run:seed_2/explain")
    assert found["siblings"] == sorted([*SIBLINGS, "stopped_early/explain"])


def test_another_step_of_another_run_has_the_siblings_of_its_own_epoch(log):
    found = comparison.compare(log, "leak/explain", TAG, 1, "run:seed_2/explain@0")
    assert (found["reference_step"], found["siblings"]) == (0, SIBLINGS)


def test_only_runs_are_compared_with_siblings(log):
    found = comparison.compare(log, "leak/explain", TAG, 1, "start")
    assert found["siblings"] == []
    assert "z" not in found["inputs"]["x"]


def test_one_sibling_makes_no_null(log):
    found = comparison.compare(log, "wider/explain", TAG, 1, "run:seed_2/explain")
    assert found["siblings"] == []
    assert found["inputs"]["x"].keys() == {
        "regions",
        "share",
        "standard_error",
        "reference_share",
        "reference_standard_error",
        "change_standard_error",
    }


def test_the_fields_are_those_that_are_documented(log):
    found = comparison.compare(log, "leak/explain", TAG, 1, "run:seed_2/explain")
    assert names(found) == names(documented("compare"))


def test_siblings_that_are_not_finite_or_cannot_be_read_are_left_out(tmp_path, loader):
    for seed in range(4):
        write(tmp_path, f"seed_{seed}", seed)
    for name, values in {"nan": np.full((64, FEATURES), np.nan), "zero": np.zeros((64, FEATURES)), "flat": np.ones(3)}.items():
        with EventFile(tmp_path / name / "explain", 1) as file:
            file.write(1, summary.manifest(manifest()), summary.frame(TAG, {"values:x": values}))
    with EventFile(tmp_path / "bare" / "explain", 1) as file:
        file.write(1, summary.frame(TAG, {"values:x": explanation(3)}))
    with open_log(tmp_path, loader) as opened:
        found = comparison.compare(opened.log, "seed_0/explain", TAG, 1, "run:seed_1/explain")
    assert found["siblings"] == ["seed_1/explain", "seed_2/explain", "seed_3/explain"]
    assert np.isfinite(found["inputs"]["x"]["z"]).all()


def test_siblings_that_count_iterations_are_taken_at_the_same_epoch(tmp_path):
    for seed, pace in enumerate((10, 20, 25)):
        write(tmp_path, f"seed_{seed}", seed, steps=(0, pace, 2 * pace), epochs=(-1.0, 0.0, 1.0), unit="iteration")
    write(tmp_path, "elsewhere", 4, steps=(0, 10), epochs=(-1.0, 3.0), unit="iteration")
    with open_log(tmp_path, "python") as opened:
        found = comparison.compare(opened.log, "seed_0/explain", TAG, 20, "run:seed_1/explain")
    assert found["reference_step"] == 40
    assert found["siblings"] == ["seed_1/explain", "seed_2/explain"]
