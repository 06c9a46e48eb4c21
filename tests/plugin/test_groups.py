import numpy as np
import pytest
from tensorboard.util import tensor_util

from tb_explain_plugin import groups, summary
from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.errors import NotFoundError
from tests import synthetic_log, synthetic_manifest
from tests.event_files import EventFile, scalar
from tests.plugin.conftest import EPOCHS, SAMPLES, answer_of_groups, open_log

STORIES = {story.name: story for story in synthetic_log.stories(SAMPLES)}


@pytest.mark.parametrize(
    ("run", "group"),
    [
        ("digits/explain", "digits"),
        ("a/b/explain", "a/b"),
        ("explain", ""),
        (".", ""),
        ("run1", "run1"),
        ("explain/train", "explain/train"),
        ("inexplain", "inexplain"),
    ],
)
def test_the_group_of_a_run(run, group):
    assert groups.group_of(run) == group


def test_all_groups_with_their_steps(opened):
    found = answer_of_groups(opened.log, "logs")
    assert found["logdir"] == "logs"
    assert found["skipped"] == []
    assert [group["name"] for group in found["groups"]] == sorted(STORIES)
    for group in found["groups"]:
        (run,) = group["runs"]
        if group["name"] == "digits-batches":
            continue
        assert run["run"] == f"{group['name']}/explain"
        assert run["probe"] == synthetic_manifest.manifest(STORIES[group["name"]]).probe.hash
        assert run["start_time"] == 1.79e9
        assert len(run["manifest"]) == 16
        steps = {tag: run["step_lists"][place["steps"]] for tag, place in run["tags"].items() if "steps" in place}
        last = {tag: place["last"] for tag, place in run["tags"].items() if "steps" not in place}
        assert steps["inputs"] == [-1]
        assert steps["attribution/integrated_gradients"] == list(range(-1, EPOCHS))
        assert last["clock/epoch"] == last["metric/val_loss"] == EPOCHS - 1
        assert (run["step_unit"], run["epoch_lists"]) == ("epoch", [])
        assert "manifest" not in run["tags"]
        assert run["tags"]["predictions"]["kind"] == "frame"
        assert run["tags"]["clock/overhead"]["kind"] == "series"


def test_without_attributions_the_steps_of_all_series_are_listed_and_reasons_told(tmp_path, loader):
    strings = summary.series("metric/strings", 0.0)
    strings.value[0].tensor.CopyFrom(tensor_util.make_tensor_proto(np.array([b"a", b"b"], object)))
    with EventFile(tmp_path / "explain", 0) as file:
        for step in (0, 1, 3):
            file.write(step, summary.series("health/conv", np.zeros(7, np.float32)))
        file.write(3, summary.series("metric/loss", 1.0), strings)
    with open_log(tmp_path, loader) as opened:
        found = answer_of_groups(opened.log)
        (run,) = found["groups"][0]["runs"]
        assert {tag: run["step_lists"][place["steps"]] for tag, place in run["tags"].items()} == {
            "health/conv": [0, 1, 3],
            "metric/loss": [3],
        }
        assert [skipped["run"] for skipped in found["skipped"]] == ["explain"]
        assert "metric/strings" in found["skipped"][0]["reason"]


def test_iterations_lie_on_the_axis_of_epochs(opened):
    """50 batches an epoch, explained every 20: the ends of epochs, where metrics are, lie between two explanations."""
    (run,) = (group["runs"][0] for group in answer_of_groups(opened.log)["groups"] if group["name"] == "digits-batches")
    assert run["step_unit"] == "iteration"
    places = {
        tag: dict(zip(run["step_lists"][place["steps"]], run["epoch_lists"][place["steps"]], strict=True))
        for tag, place in run["tags"].items()
    }
    assert list(places["attribution/lrp"])[:3] == [0, 20, 40]
    assert places["attribution/lrp"][0] == -1
    assert places["attribution/lrp"][140] == pytest.approx(1.8)
    assert places["metric/val_loss"] == pytest.approx({50 * (epoch + 1): epoch for epoch in range(EPOCHS)})


def test_the_hash_of_a_manifest_tells_runs_apart(opened):
    hashes = [run["manifest"] for group in answer_of_groups(opened.log)["groups"] for run in group["runs"]]
    assert len(set(hashes)) == len(STORIES)


def test_curves_are_keras_own(opened):
    found = groups.learning_curves(opened.log, "cells")
    assert [(curve["name"], curve["split"], curve["run"]) for curve in found] == [
        ("accuracy", "training", "cells/train"),
        ("accuracy", "validation", "cells/validation"),
        ("loss", "training", "cells/train"),
        ("loss", "validation", "cells/validation"),
    ]
    expected = [synthetic_log.learning(STORIES["cells"], step) for step in range(EPOCHS)]
    for curve, name in zip(found, ("accuracy", "val_accuracy", "loss", "val_loss"), strict=True):
        assert curve["steps"] == curve["epochs"] == list(range(EPOCHS))
        np.testing.assert_allclose(curve["values"], [figures[name] for figures in expected], rtol=1e-6)


def test_our_metrics_stand_in_where_keras_wrote_none(tmp_path, loader):
    with EventFile(tmp_path / "explain", 0) as file, EventFile(tmp_path / "train", 0) as keras:
        for step in range(3):
            file.write(
                step, *(summary.series(f"metric/{name}", value + step) for name, value in {"loss": 1, "val_loss": 2, "auc": 3}.items())
            )
            keras.write(step, scalar("epoch_loss", 10.0 + step), scalar("batch_loss", 5.0), scalar("epoch_learning_rate", 0.1))
    with open_log(tmp_path, loader) as opened:
        found = {(curve["name"], curve["split"]): curve for curve in groups.learning_curves(opened.log, "")}
        assert {key: (curve["run"], curve["values"]) for key, curve in found.items()} == {
            ("auc", "training"): ("explain", [3, 4, 5]),
            ("loss", "training"): ("train", [10, 11, 12]),
            ("loss", "validation"): ("explain", [2, 3, 4]),
            ("learning_rate", "training"): ("train", pytest.approx([0.1] * 3)),
        }


def test_figures_of_drift_are_no_curves_of_learning(tmp_path, loader):
    with EventFile(tmp_path / "explain", 0) as file, EventFile(tmp_path / "train", 0) as keras:
        file.write(0, summary.series("metric/loss", 1.0), summary.series("metric/explain_share_shift", 0.1))
        keras.write(0, scalar("epoch_accuracy", 0.9), scalar("epoch_explain_share_shift", 0.1))
    with open_log(tmp_path, loader) as opened:
        assert [curve["name"] for curve in groups.learning_curves(opened.log, "")] == ["accuracy", "loss"]


def test_our_metrics_at_iterations_lie_where_keras_epochs_do(tmp_path, loader):
    manifest = pb.Manifest(step_unit="iteration")
    with EventFile(tmp_path / "explain", 0) as file:
        file.write(0, summary.manifest(manifest), summary.series("clock/epoch", -1.0))
        for step in (8, 16, 40):  # ten batches an epoch
            file.write(step, summary.series("clock/epoch", step / 10 - 1), summary.series("metric/loss", 1.0))
            file.write(step + 2, summary.series("metric/val_loss", 2.0))
    with open_log(tmp_path, loader) as opened:
        found = {curve["split"]: curve for curve in groups.learning_curves(opened.log, "")}
    assert found["training"]["epochs"] == pytest.approx([-0.2, 0.6, 3.0])
    assert found["validation"]["steps"] == [10, 18, 42]
    assert found["validation"]["epochs"] == pytest.approx([0.0, 0.8, 3.2])


def test_a_group_that_is_not_there_is_not_found(opened_once):
    with pytest.raises(NotFoundError, match="'cells', 'cells-diverged'"):
        groups.learning_curves(opened_once.log, "nowhere")


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", 'it\'s "quoted"', "日本語 run", "a&b=c#d?e", "%2e%2e"])
def test_directories_may_be_called_anything(tmp_path, loader, name):
    with EventFile(tmp_path / name / "explain", 0) as file:
        file.write(0, summary.series("metric/loss", 1.0))
    with open_log(tmp_path, loader) as opened:
        assert [group["name"] for group in answer_of_groups(opened.log)["groups"]] == [name]
        (curve,) = groups.learning_curves(opened.log, name)
        assert curve["values"] == [1.0]
