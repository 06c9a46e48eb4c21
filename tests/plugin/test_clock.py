import numpy as np
import pytest

from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin import summary
from tb_explain_plugin.clock import Clock, read_clock
from tests.event_files import EventFile
from tests.plugin.conftest import open_log

# A hundred batches in the first epoch, a hundred in the second; then the data set grew to two hundred.
ITERATIONS = Clock("iteration", np.array([0, 100, 200, 400], np.int32), np.array([-1.0, 0.0, 1.0, 2.0]))


@pytest.mark.parametrize(
    ("step", "epoch"),
    [(0, -1), (100, 0), (150, 0.5), (300, 1.5), (400, 2), (500, 2.5), (-50, -1.5)],
)
def test_iterations_between_and_beyond_those_of_the_clock(step, epoch):
    assert ITERATIONS.epochs_at([step]) == [epoch]


def test_epochs_are_their_own_place():
    clock = Clock("epoch", np.array([-1, 4], np.int32), np.array([-1.0, 4.0]))
    assert clock.epochs_at([-1, 2, 9]) == [-1, 2, 9]


def test_a_clock_of_one_step_knows_that_one():
    clock = Clock("iteration", np.array([7], np.int32), np.array([-1.0]))
    np.testing.assert_equal(clock.epochs_at([7, 8]), [-1, np.nan])
    np.testing.assert_equal(Clock("iteration", np.empty(0, np.int32), np.empty(0)).epochs_at([7]), [np.nan])


def test_names_of_steps():
    assert [ITERATIONS.name(step) for step in (0, 100, 335)] == ["start", "epoch 0.00, batch 100", "epoch 1.68, batch 335"]
    epochs = Clock("epoch", np.array([4, 5], np.int32), np.array([4.0, 5.0]))
    assert [epochs.name(step) for step in (4, 5)] == ["start", "epoch 5"]
    unread = Clock("epoch", np.empty(0, np.int32), np.empty(0))
    assert [unread.name(step) for step in (-1, 0)] == ["start", "epoch 0"]


def test_the_clock_as_logged(tmp_path, loader):
    with EventFile(tmp_path / "a" / "explain", 0) as file:
        file.write(0, summary.manifest(pb.Manifest(step_unit="iteration")), summary.series("clock/epoch", -1.0))
        file.write(5, summary.series("clock/epoch", float("nan")))
        file.write(10, summary.series("clock/epoch", 0.0))
    with EventFile(tmp_path / "b" / "explain", 0) as file:
        file.write(0, summary.series("metric/loss", 1.0))
    with open_log(tmp_path, loader) as opened:
        clock = read_clock(opened.log, "a/explain")
        assert (clock.unit, clock.steps.tolist(), clock.epochs.tolist()) == ("iteration", [0, 10], [-1, 0])
        assert read_clock(opened.log, "b/explain").unit == "epoch"
