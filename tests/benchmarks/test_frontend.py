"""What the tab is measured on and how: the log, the statistics, the server's clients. The browser itself is for `make bench-frontend`."""

from __future__ import annotations

import http.server
import math
import subprocess
import sys
import threading

import pytest
from safetensors.numpy import load
from tensorboard.compat.proto import event_pb2
from tensorboard.compat.tensorflow_stub import errors
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New
from tensorboard.util import tensor_util

from benchmarks.frontend import clients, figures, log
from benchmarks.frontend.figures import TICK, Frame
from tb_explain_plugin import metadata
from tb_explain_plugin import plugin_data_pb2 as pb

EPOCHS, SAMPLES, SIDE = 3, 5, 14


def events(run):
    """Return the tensors of a run by tag and step. TensorBoard's own loader of events would bring TensorFlow."""
    (path,) = run.iterdir()
    reader, found = PyRecordReader_New(str(path)), {}
    while True:
        try:
            reader.GetNext()  # checks the sums, too
        except errors.OutOfRangeError:
            return found
        event = event_pb2.Event.FromString(reader.record())
        for value in event.summary.value:
            found.setdefault(value.tag, {})[event.step] = tensor_util.make_ndarray(value.tensor)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("log")
    log.write_log(logdir, EPOCHS, SAMPLES, SIDE, runs=2, samples_of_runs=3)
    return logdir


def test_the_long_run_has_every_tag_at_every_step(written):
    found = events(written / "long" / "explain")
    steps = [-1, 0, 1, 2]
    kinds = {metadata.parse_tag(tag).kind for tag in found}
    assert kinds >= {"attribution", "importance", "predictions", "inputs", "health", "activation", "gradient", "weight", "metric", "clock"}
    for tag, of_steps in found.items():
        once, after_training = tag in {"manifest", "inputs"}, tag.startswith("metric/")
        assert list(of_steps) == ([-1] if once else steps[1:] if after_training else steps)
    assert len([tag for tag in found if tag.startswith("health/")]) == 8
    assert list(events(written / "long" / "train")["epoch_loss"]) == steps[1:]


def test_frames_and_series_have_the_shapes_of_the_contract(written):
    found = events(written / "long" / "explain")
    shapes = {
        name: (array.dtype.name, array.shape)
        for tag in (log.TAG, "predictions", "inputs")
        for name, array in load(found[tag][-1][0]).items()
    }
    assert shapes == {
        "values:image": ("float16", (SAMPLES, SIDE, SIDE)),
        "score": ("float32", (SAMPLES,)),
        "baseline_score": ("float32", (SAMPLES,)),
        "completeness_error": ("float32", (SAMPLES,)),
        "class": ("int32", (SAMPLES, 10)),
        "probability": ("float32", (SAMPLES, 10)),
        "target_probability": ("float32", (SAMPLES,)),
        "loss": ("float32", (SAMPLES,)),
        "input:image": ("uint8", (SAMPLES, SIDE, SIDE, 1)),
    }
    assert load(found["predictions"][0][0])["probability"].sum(1) == pytest.approx(1)
    assert found["importance/integrated_gradients/image"][2].shape == (3, 49)
    assert found["health/conv_1"][2].shape == (len(metadata.HEALTH_FIELDS),)
    assert found["activation/conv_1"][2].shape == (2 + metadata.HISTOGRAM_BINS,)


def test_runs_of_the_group_share_a_probe_and_differ(written):
    found = [events(written / "seeds" / f"seed-{seed:02d}" / "explain") for seed in range(2)]
    probes = [pb.Manifest.FromString(each["manifest"][-1].item()).probe for each in found]
    assert probes[0] == probes[1]
    assert probes[0].size == 3
    assert load(found[0]["inputs"][-1][0])["input:image"].tolist() == load(found[1]["inputs"][-1][0])["input:image"].tolist()
    assert found[0][log.TAG][1][0] != found[1][log.TAG][1][0]


def test_many_runs_are_copies(tmp_path):
    log.write_many(tmp_path, runs=3, epochs=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run-000", "run-001", "run-002"]
    assert list(events(tmp_path / "run-002" / "explain")[log.TAG]) == [-1, 0, 1]


def test_writing_and_counting_need_no_tensorflow():
    asked = "import sys, benchmarks.frontend.log, benchmarks.frontend.tab, benchmarks.long_run; print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_percentiles_are_of_nearest_rank():
    values = [float(value) for value in range(20, 0, -1)]
    assert [figures.percentile(values, percent) for percent in (0, 50, 95, 96, 100)] == [1, 10, 19, 20, 20]
    assert figures.percentile([7.0], 95) == 7
    assert math.isnan(figures.percentile([], 95))


def frames(*ticks_and_epochs):
    return [Frame(ticks * TICK, epoch, 5.0) for ticks, epoch in ticks_and_epochs]


def test_frames_with_nothing_to_do_do_not_count():
    # At rest for long; moved at tick 100, drawn late at 103; at rest again from 104.
    seen = frames((0, 1), (50, 1), (100, 2), (103, 2), (104, 2), (150, 2))
    assert figures.frame_times(seen) == pytest.approx([50 * TICK, 3 * TICK])
    assert figures.work(seen) == [5]


def test_the_rounding_of_clocks_makes_no_frame_longer():
    seen = [Frame(0.0, 0, 1), Frame(16.6, 1, 1), Frame(33.4, 2, 1), Frame(50.0, 3, 1), Frame(83.4, 4, 1)]
    assert figures.frame_times(seen) == pytest.approx([TICK, TICK, TICK, 2 * TICK])


def test_playing_that_shows_every_step_in_time_drops_none():
    every = frames(*((2 * step, step) for step in range(10)))
    assert figures.dropped_steps(every, 30) == (0, pytest.approx(30))
    assert figures.dropped_steps(frames((0, 0), (2, 1), (6, 3), (8, 4)), 30) == (1, pytest.approx(20))  # passed over one
    late = frames((0, 0), *((2 * step + 6 * (step > 2), step) for step in range(1, 5)))
    assert figures.dropped_steps(late, 30)[0] == 3
    with pytest.raises(ValueError, match="expected playing to show two steps or more, saw 0"):
        figures.dropped_steps(frames((0, 4), (2, 4)), 30)


def test_a_figure_says_whether_its_goal_is_reached():
    assert figures.at_most("p95", 16.7, 16.7, "ms", ", of 3 steps") == ("p95", "≤ 16.7 ms", "16.7 ms, of 3 steps", True)
    assert not figures.at_most("p95", math.nan, 16.7, "ms").reached


def test_so_many_clients_ask_at_once():
    together, most, lock, full = 0, 0, threading.Lock(), threading.Barrier(3)

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            nonlocal together, most
            with lock:
                together += 1
                most = max(most, together)
            full.wait(5)
            with lock:
                together -= 1
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever).start()
        waited = clients.waits([f"http://127.0.0.1:{server.server_port}/"] * 6, 3)
        server.shutdown()
    assert len(waited) == 6
    assert min(waited) > 0
    assert most == 3
