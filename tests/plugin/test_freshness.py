"""What is remembered of a log is as new as is promised, asked for once, and bounded."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tb_explain_plugin import groups, index, plugin, reader, summary
from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.cache import Cache
from tests.event_files import START_TIME, EventFile
from tests.plugin.conftest import answer_of_groups, open_log

TAG = "attribution/integrated_gradients"
RUN = "a/explain"


def attribution(value):
    return summary.frame(TAG, {"values:x": np.full((3, 2), value, np.float32)})


def steps_told(log):
    """The steps that /groups lists, by run."""
    found = answer_of_groups(log)
    return {run["run"]: run["step_lists"][run["tags"][TAG]["steps"]] for group in found["groups"] for run in group["runs"]}


def counted(monkeypatch, provider, name):
    """The filters with which a method of the provider is called from now on."""
    calls, method = [], getattr(provider, name)
    monkeypatch.setattr(provider, name, lambda *args, **kwargs: calls.append(kwargs.get("run_tag_filter")) or method(*args, **kwargs))
    return calls


@pytest.fixture
def two_runs(tmp_path):
    """Two runs of three steps, and the open file of the first."""
    with EventFile(tmp_path / "a" / "explain", 0) as first, EventFile(tmp_path / "b" / "explain", 0) as second:
        for step in range(3):
            for file in (first, second):
                file.write(step, attribution(step), summary.series("metric/loss", float(step)))
        yield tmp_path, first


def test_a_new_step_is_told_and_can_be_asked_for_at_once(two_runs, loader, monkeypatch):
    logdir, file = two_runs
    monkeypatch.setattr(index, "FRESH_SECONDS", 30)  # /groups has its own
    with open_log(logdir, loader) as opened:
        assert list(reader.read_blobs(opened.log, RUN, TAG)) == [0, 1, 2]
        file.write(3, attribution(3), summary.series("metric/loss", 3.0))
        opened.reload()
        assert list(reader.read_blobs(opened.log, RUN, TAG)) == [0, 1, 2]
        assert steps_told(opened.log)[RUN] == [0, 1, 2, 3]
        assert list(reader.read_blobs(opened.log, RUN, TAG)) == [0, 1, 2, 3]
        assert reader.read_series(opened.log, RUN, "metric/loss").steps.tolist() == [0, 1, 2, 3]


def test_only_what_has_news_is_read_again(two_runs, loader, monkeypatch):
    logdir, file = two_runs
    with open_log(logdir, loader) as opened:
        assert steps_told(opened.log) == {RUN: [0, 1, 2], "b/explain": [0, 1, 2]}
        frames = counted(monkeypatch, opened.provider, "read_blob_sequences")
        tensors = counted(monkeypatch, opened.provider, "read_tensors")
        opened.reload()
        frames.clear()  # the fixture looks whether the data server has loaded all
        assert steps_told(opened.log) == {RUN: [0, 1, 2], "b/explain": [0, 1, 2]}
        assert frames == tensors == []
        file.write(5, attribution(5))
        opened.reload()
        frames.clear()
        assert steps_told(opened.log) == {RUN: [0, 1, 2, 5], "b/explain": [0, 1, 2]}
        assert [list(asked.runs) for asked in frames] == [[RUN]]
        assert tensors == []


def test_a_metric_alone_is_news(two_runs, loader):
    """The tab asks again for what it shows only if the answer differs."""
    logdir, file = two_runs
    with open_log(logdir, loader) as opened:
        before = groups.list_groups(opened.log, "")
        file.write(3, summary.series("metric/loss", 3.0))
        opened.reload()
        assert groups.list_groups(opened.log, "") != before


def test_a_frame_that_is_written_again_is_served_anew(two_runs, loader):
    logdir, _ = two_runs
    with open_log(logdir, loader) as opened:
        client = opened.client()
        asked = f"/data/plugin/explain/frame?run={RUN}&tag={TAG}&step=2"
        (first,) = attribution(2).value
        assert client.get(asked).data == first.tensor.string_val[0]
        with EventFile(logdir / "a" / "explain", 2, start_time=START_TIME + 1000, serial=1) as resumed:
            resumed.write(2, attribution(7))
        opened.reload()
        (second,) = attribution(7).value
        assert client.get(asked).data == second.tensor.string_val[0]


def test_a_frame_is_read_once_for_all_who_ask(two_runs, loader, monkeypatch):
    logdir, _ = two_runs
    with open_log(logdir, loader) as opened:
        calls, read = [], opened.provider.read_blob
        monkeypatch.setattr(opened.provider, "read_blob", lambda *args, **kwargs: calls.append(args) or read(*args, **kwargs))
        with ThreadPoolExecutor(20) as clients:
            answers = set(clients.map(lambda _: plugin.frame_impl(opened.log, RUN, TAG, "1"), range(60)))
        assert [len(answers), len(calls)] == [1, 1]
        blobs = reader.read_blobs(opened.log, RUN, TAG)
        assert reader.read_frame(opened.log, RUN, TAG, blobs[1]).blob in answers
        assert len(calls) == 1


def test_frames_are_remembered_within_bounds(two_runs):
    logdir, _ = two_runs
    with open_log(logdir, "python") as opened:
        log = opened.log._replace(cache=Cache(2500))
        for step in (0, 1, 2, 0, 1, 2):
            plugin.frame_impl(log, RUN, TAG, str(step))
            assert log.cache.size <= 2500


def test_many_at_once_have_one_answer(two_runs, loader, monkeypatch):
    logdir, _ = two_runs
    with open_log(logdir, loader) as opened:
        listings = counted(monkeypatch, opened.provider, "list_tensors")
        frames = counted(monkeypatch, opened.provider, "read_blob_sequences")
        with ThreadPoolExecutor(20) as clients:
            answers = set(clients.map(lambda _: groups.list_groups(opened.log, ""), range(60)))
        assert len(answers) == 1
        assert (len(listings), len(frames)) == (1, 1)


def test_many_frames_at_once_are_one_look_at_the_log(two_runs, loader, monkeypatch):
    logdir, _ = two_runs
    with open_log(logdir, loader) as opened:
        listings = counted(monkeypatch, opened.provider, "list_blob_sequences")
        with ThreadPoolExecutor(20) as clients:
            list(clients.map(lambda i: plugin.frame_impl(opened.log, RUN, TAG, str(i % 3)), range(60)))
        assert len(listings) == 1


def test_what_could_not_be_read_is_tried_again(two_runs, loader, monkeypatch):
    logdir, file = two_runs
    file.write(2, summary.manifest(pb.Manifest(start_time=5.0)))
    with open_log(logdir, loader) as opened:
        read = opened.provider.read_tensors
        monkeypatch.setattr(opened.provider, "read_tensors", None)
        assert [skipped["run"] for skipped in answer_of_groups(opened.log)["skipped"]] == [RUN]
        monkeypatch.setattr(opened.provider, "read_tensors", read)
        assert answer_of_groups(opened.log, "asked anew")["skipped"] == []


def test_polling_for_long_takes_no_memory(two_runs, monkeypatch):
    logdir, _ = two_runs
    monkeypatch.setattr(index, "FRESH_SECONDS", 0)
    monkeypatch.setattr(groups, "FRESH_SECONDS", 0)
    with open_log(logdir, "python") as opened:
        log = opened.log._replace(cache=Cache(1 << 20))
        sizes = set()
        for _ in range(50):
            json.dumps(answer_of_groups(log))
            sizes.add(log.cache.size)
        assert len(sizes) == 1
