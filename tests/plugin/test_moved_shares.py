"""A planted jump of one feature, or of neighbouring regions, is told once, by name, at its step."""

import numpy as np
import pytest

from tb_explain_plugin import alarms, metadata, summary
from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.index import read_index
from tests.event_files import EventFile
from tests.plugin.conftest import open_log

TABLE = pb.Input(name="table", kind="tabular", shape=[6], cells=[6], regions=[6], feature_names=["age", "patient_id", "c", "d", "e", "f"])
IMAGE = pb.Input(name="image", kind="image", shape=[24, 24, 1], cells=[24, 24], regions=[6, 6])
JUMP = 14


def alarms_of(directory, declared, raised, *, jump=JUMP, method="integrated_gradients"):
    """Log thirty steps, some regions six times as important from ``jump`` on; return the alarms."""
    generator = np.random.default_rng(0)
    cells = int(np.prod(declared.regions))
    usual = generator.uniform(0.5, 1.5, cells)
    ones = np.ones((2, *declared.cells), np.float32)
    manifest = pb.Manifest(inputs=[declared], methods=[pb.Method(name="gradient"), pb.Method(name=method), pb.Method(name="saliency")])
    with EventFile(directory / "explain", -1) as file:
        file.write(-1, summary.manifest(manifest))
        for step in range(-1, 29):
            importance = usual * generator.normal(1, 0.03, cells)
            importance[raised] *= 6 if step >= jump else 1
            rows = np.stack([importance, importance / 10, importance]).astype(np.float32)
            for name in (method, "saliency"):
                file.write(
                    step,
                    summary.frame(metadata.create_tag("attribution", name), {f"values:{declared.name}": ones}),
                    summary.series(metadata.create_tag("importance", name, declared.name), rows),
                )
    with open_log(directory, "python") as opened:
        return alarms.alarms_of_run(opened.log, "explain", read_index(opened.log).runs["explain"])


def test_a_column_that_leaks_is_told_by_its_name(tmp_path):
    (alarm,) = alarms_of(tmp_path, TABLE, [1])
    assert (alarm["step"], alarm["kind"], alarm["subject"]) == (JUMP, "share_jump", "patient_id")
    assert alarm["text"].startswith(f"epoch {JUMP}: patient_id rose from ")
    assert alarm["evidence"]["after"] > 2 * alarm["evidence"]["before"]


def test_neighbouring_regions_of_an_image_are_one(tmp_path):
    (alarm,) = alarms_of(tmp_path, IMAGE, [0, 1, 6, 7])
    assert (alarm["step"], alarm["subject"]) == (JUMP, "region (rows 1 to 2, columns 1 to 2)")


@pytest.mark.parametrize("declared", [TABLE, IMAGE], ids=["table", "image"])
def test_a_quiet_run_has_no_alarm(tmp_path, declared):
    assert alarms_of(tmp_path, declared, [0], jump=99) == []


def test_shares_of_another_shape_than_declared_are_passed_over(tmp_path):
    odd = pb.Input(name="table", kind="tabular", shape=[6], cells=[6], regions=[6])
    with EventFile(tmp_path / "explain", 0) as file:
        file.write(0, summary.manifest(pb.Manifest(inputs=[odd], methods=[pb.Method(name="lrp")])))
        for step in range(30):
            frame = summary.frame("attribution/lrp", {"values:table": np.ones((2, 6), "f4")})
            file.write(step, frame, summary.series("importance/lrp/table", np.ones((3, 5), "f4") * (1 + step)))
    with open_log(tmp_path, "python") as opened:
        assert alarms.alarms_of_run(opened.log, "explain", read_index(opened.log).runs["explain"]) == []
