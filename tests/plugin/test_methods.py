"""What the server makes of methods without completeness or without some of the inputs, and of steps that are iterations."""

import numpy as np
import pytest

from tb_explain_plugin import alarms, comparison, drift_matrix, metadata, reader, references, summary
from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.errors import BadRequestError
from tb_explain_plugin.index import read_index
from tests.event_files import EventFile
from tests.plugin.conftest import EPOCHS, open_log


def tag(method):
    return metadata.create_tag("attribution", method)


@pytest.mark.parametrize("method", ["saliency", "smooth_grad", "grad_cam"])
def test_methods_without_completeness_have_none(opened_once, method):
    found = comparison.drift_of_run(opened_once.log, "digits-clean/explain", tag(method), "start")
    assert np.isnan(found["completeness_p95"]).all()
    assert np.isfinite(found["local_drift"]["median"]).all()
    assert 0 < found["share_shift"]["value"][-1] < 1


def test_relevance_has_its_conservation_error(opened_once):
    found = comparison.drift_of_run(opened_once.log, "digits-clean/explain", tag("lrp"), "start")
    assert np.isfinite(found["completeness_p95"]).all()


def test_an_input_that_a_method_says_nothing_of_is_left_out(opened_once):
    for method, inputs in {"grad_cam": {"image"}, "integrated_gradients": {"image", "patient"}}.items():
        found = comparison.compare(opened_once.log, "scans/explain", tag(method), 5, "start")
        assert set(found["inputs"]) == inputs
        assert sum(sum(each["share"]) for each in found["inputs"].values()) == pytest.approx(1)


def test_methods_without_completeness_raise_no_alarm(opened_once):
    tags = read_index(opened_once.log).runs["digits-clean/explain"]
    attributions = {name: entry for name, entry in tags.items() if name.startswith("attribution/")}
    assert alarms.alarms_of_run(opened_once.log, "digits-clean/explain", attributions) == []


def test_weights_that_overflow_leave_gaps_and_an_alarm(opened_once):
    log, run = opened_once.log, "cells-diverged/explain"
    found = comparison.drift_of_run(log, run, tag("integrated_gradients"), "start")
    after = np.array(found["steps"]) >= 5
    for figures in (found["share_shift"]["value"], found["local_drift"]["median"], found["effective_features"]):
        np.testing.assert_array_equal(np.isnan(figures)[~after][:5], False)
        assert np.isnan(figures)[after].all()
    assert np.isnan(drift_matrix.drift_matrix(log, run, tag("integrated_gradients"), run).arrays["similarity"][-1]).all()
    texts = [alarm["text"] for alarm in alarms.alarms_of_run(log, run, read_index(log).runs[run])]
    assert any(text.startswith("epoch 4: 5.8 % of the attributions by integrated_gradients are not finite; likewise ") for text in texts)
    assert "epoch 5: 100.0 % of the activations of hidden_1 are not finite; likewise hidden_2, narrow and malignant" in texts


def test_the_best_epoch_is_where_an_iteration_near_it_was_explained(opened_once):
    """Metrics come at 50, 100, …; explained are 0, 20, 40, …: the best epoch's end lies between two."""
    reference = references.resolve(opened_once.log, "digits-batches/explain", tag("lrp"), "best:val_loss")
    metric = dict(zip(*_metric(opened_once.log, "digits-batches/explain", "metric/val_loss"), strict=True))
    (blob,) = reference.blobs[0]
    assert abs(blob.step - min(metric, key=metric.get)) <= 10
    reference = references.resolve(opened_once.log, "digits-clean/explain", tag("lrp"), "best:val_loss")
    assert reference.blobs[-1][0].step == EPOCHS - 1


def _metric(log, run, name):
    series = reader.read_series(log, run, name)
    return series.steps.tolist(), series.values.tolist()


def test_the_same_step_of_a_run_in_other_units_is_the_same_epoch(opened_once):
    log = opened_once.log
    reference = references.resolve(log, "digits-batches/explain", tag("saliency"), "run:digits-clean/explain")
    assert {step: [blob.step for blob in reference.blobs[step]] for step in (0, 20, 100, 160)} == {0: [-1], 20: [-1], 100: [1], 160: [2]}
    reference = references.resolve(log, "digits-clean/explain", tag("saliency"), "run:digits-batches/explain")
    assert [blob.step for blob in reference.blobs[1]] == [100]


def test_alarms_of_iterations_say_the_epoch(tmp_path):
    with EventFile(tmp_path / "explain", 0) as file:
        for step in (0, 10, 20, 25):
            constant = [summary.manifest(pb.Manifest(step_unit="iteration"))] if step == 0 else []
            loss = summary.series("metric/loss", np.nan if step == 25 else 1.0)
            file.write(step, *constant, summary.series("clock/epoch", step / 10 - 1), loss)
    with open_log(tmp_path, "python") as opened:
        (alarm,) = alarms.alarms_of_run(opened.log, "explain", read_index(opened.log).runs["explain"])
    assert (alarm["step"], alarm["text"]) == (25, "epoch 1.50, batch 25: loss is not finite")


def write_relevance(directory, composite, cells):
    method = pb.Method(name="lrp", score="logit", parameters={"composite": composite})
    with EventFile(directory, 0) as file:
        file.write(0, summary.manifest(pb.Manifest(probe=pb.Probe(hash="p"), methods=[method])))
        arrays = {f"values:{name}": np.ones((3, count), np.float32) for name, count in cells.items()}
        file.write(0, summary.frame(tag("lrp"), arrays))


def test_runs_explained_by_another_composite_do_not_compare(tmp_path):
    for name, composite in {"a": "epsilon", "b": "gamma", "c": "epsilon"}.items():
        write_relevance(tmp_path / name / "explain", composite, {"x": 4, "y": 2} if name == "a" else {"x": 2, "y": 4})
    with open_log(tmp_path, "python") as opened:
        with pytest.raises(BadRequestError, match="their composites differ"):
            comparison.compare(opened.log, "a/explain", tag("lrp"), 0, "run:b/explain")
        with pytest.raises(BadRequestError, match=r"3 samples of 'x' \[4\] and 'y' \[2\]"):
            comparison.compare(opened.log, "a/explain", tag("lrp"), 0, "run:c/explain")
