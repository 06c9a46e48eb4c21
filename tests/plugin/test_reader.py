import numpy as np
import pytest
from tensorboard.compat.proto import summary_pb2
from tensorboard.errors import InvalidArgumentError, PublicError
from tensorboard.util import tensor_util

from tb_explain_plugin import explanation, metadata, reader, summary
from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.cache import Cache
from tb_explain_plugin.errors import BadRequestError, NotFoundError
from tb_explain_plugin.index import read_index
from tests import synthetic_log, synthetic_manifest, synthetic_models
from tests.event_files import START_TIME, EventFile
from tests.plugin.conftest import EPOCHS, SAMPLES, answer_of_groups, open_log

RUN = "digits-clean/explain"
ATTRIBUTION = metadata.create_tag("attribution", "integrated_gradients")
LOSS = metadata.create_tag("metric", "loss")
VALUES = np.random.default_rng(0).normal(size=(6, 5))


def attribution(step, scale=1.0):
    """A frame whose values tell its step."""
    return summary.frame(ATTRIBUTION, {"values:x": ((VALUES + step) * scale).astype(np.float32)})


def everything_at(step, scale=1.0):
    return attribution(step, scale), summary.series(LOSS, np.float64(step * scale))


def foreign(tag, tensor, shape=pb.FRAME):
    """A summary that claims to be ours and holds what it likes."""
    value = summary_pb2.Summary.Value(tag=tag, tensor=tensor, metadata=metadata.create_summary_metadata(shape))
    return summary_pb2.Summary(value=[value])


def steps_of(log, run, tag=ATTRIBUTION):
    return list(reader.read_blobs(log, run, tag))


def check_steps(log, run, steps, scales=None):
    """Every step is there once, in both shapes of data, and holds what was written last."""
    scales = scales or dict.fromkeys(steps, 1.0)
    blobs = reader.read_blobs(log, run, ATTRIBUTION)
    loss = reader.read_series(log, run, LOSS)
    assert list(blobs) == steps
    assert loss.steps.tolist() == steps
    assert loss.values.tolist() == [step * scales[step] for step in steps]
    for step in steps:
        values = explanation.read_explanation(log, run, ATTRIBUTION, blobs[step]).matrix()
        np.testing.assert_array_equal(values, ((VALUES + step) * scales[step]).astype(np.float32))


def test_all_steps_of_a_long_run_come_back(tmp_path, loader):
    with EventFile(tmp_path / "explain", -1) as file:
        for step in range(-1, 300):
            file.write(step, *everything_at(step))
    with open_log(tmp_path, loader) as opened:
        check_steps(opened.log, "explain", list(range(-1, 300)))


def test_the_users_own_number_of_samples_wins(tmp_path, loader):
    with EventFile(tmp_path / "explain", -1) as file:
        for step in range(-1, 300):
            file.write(step, *everything_at(step))
    with open_log(tmp_path, loader, "--samples_per_plugin", "scalars=7,explain=20") as opened:
        assert len(steps_of(opened.log, "explain")) == 20


def test_frames_come_back_as_they_were_logged(opened):
    story = synthetic_models.digits(SAMPLES, shortcut=False)
    blobs = reader.read_blobs(opened.log, RUN, ATTRIBUTION)
    assert list(blobs) == list(range(-1, EPOCHS))
    for step in (-1, 7):
        logged = synthetic_log.explain(story, step)
        frame = reader.read_frame(opened.log, RUN, ATTRIBUTION, blobs[step])
        scale = float(frame.text["scale:image"])
        np.testing.assert_allclose(frame.arrays["values:image"] * scale, logged["values"], rtol=2**-10, atol=1e-7)
        np.testing.assert_array_equal(frame.arrays["score"], logged["score"].astype(np.float32))
        assert not frame.arrays["score"].flags.writeable


def test_the_manifest_comes_back(opened):
    story = synthetic_models.digits(SAMPLES, shortcut=False)
    assert reader.read_manifest(opened.log, RUN).contents == synthetic_manifest.manifest(story)


def test_the_newest_manifest_wins(tmp_path, loader):
    for serial, (name, first) in enumerate([("old", -1), ("new", 3)]):
        with EventFile(tmp_path / "explain", first, serial=serial) as file:
            file.write(first, summary.manifest(pb.Manifest(model_name=name)))
    with open_log(tmp_path, loader) as opened:
        assert reader.read_manifest(opened.log, "explain").contents.model_name == "new"


def test_tags_may_have_different_steps(opened):
    tags = read_index(opened.log).runs[RUN]
    assert len(tags) > 20
    permutation = metadata.create_tag("importance", "permutation", "image")
    assert reader.read_series(opened.log, RUN, permutation).steps.tolist() == [-1, 0, 5, 10, 13]
    assert reader.read_series(opened.log, RUN, LOSS).steps.tolist() == list(range(EPOCHS))
    assert steps_of(opened.log, RUN, metadata.INPUTS) == [-1]


def test_steps_of_many_series_are_those_of_each(opened):
    index = read_index(opened.log)
    steps, reasons = reader.read_steps(opened.log, RUN, index.runs[RUN], reader.read_frame_steps(opened.log, [RUN])[RUN])
    assert not reasons
    series = [tag for tag, entry in index.runs[RUN].items() if entry.kind == pb.SERIES]
    assert {tag: steps[tag] for tag in series} == {tag: reader.read_series(opened.log, RUN, tag).steps.tolist() for tag in series}


def test_a_newer_contract_is_skipped_and_said(tmp_path, loader):
    newer = attribution(-1)
    newer.value[0].metadata.plugin_data.content = pb.PluginData(version=7, kind=pb.FRAME).SerializeToString()
    with EventFile(tmp_path / "explain", -1) as file:
        file.write(-1, newer)
    with open_log(tmp_path, loader) as opened:
        index = read_index(opened.log)
        assert index.runs == {}
        ((run, reason),) = index.skipped
        assert run == "explain"
        assert "version 7" in reason
        assert "upgrade tb-explain-plugin" in reason
        with pytest.raises(BadRequestError, match="version 7"):
            reader.read_blobs(opened.log, "explain", ATTRIBUTION)


def test_what_is_not_there_is_named(opened_once):
    with pytest.raises(NotFoundError, match="no such run"):
        reader.read_series(opened_once.log, "nowhere/explain", LOSS)
    with pytest.raises(NotFoundError, match="metric/accuracy"):
        reader.read_series(opened_once.log, RUN, "metric/nothing")
    with pytest.raises(BadRequestError, match="expected a tag of kind series, received frame"):
        reader.read_series(opened_once.log, RUN, ATTRIBUTION)
    blobs = reader.read_blobs(opened_once.log, RUN, ATTRIBUTION)
    with pytest.raises(NotFoundError, match="10, 11, 12, 13"):
        reader.find_step(blobs, RUN, ATTRIBUTION, 99)


FOREIGN = {
    "attribution/numbers": foreign("attribution/numbers", tensor_util.make_tensor_proto(np.arange(4.0))),
    "attribution/one_number": foreign("attribution/one_number", tensor_util.make_tensor_proto(np.float32(4.0))),
    "attribution/one_string": foreign("attribution/one_string", tensor_util.make_tensor_proto(np.array(b"x", object))),
    "attribution/garbage": foreign("attribution/garbage", tensor_util.make_tensor_proto(np.array([b"\xff" * 64], object))),
    "attribution/no_header": foreign("attribution/no_header", tensor_util.make_tensor_proto(np.array([b""], object))),
    "attribution/endless_header": foreign(
        "attribution/endless_header", tensor_util.make_tensor_proto(np.array([b"\xff\xff\xff\xff\xff\xff\xff\x7f{}"], object))
    ),
    "attribution/bfloat16": foreign(
        "attribution/bfloat16",
        tensor_util.make_tensor_proto(
            np.array([(60).to_bytes(8, "little") + b'{"a":{"dtype":"F4","shape":[1],"data_offsets":[0,1]}}       ' + b"\0"], object)
        ),
    ),
    "attribution/no_values": summary.frame("attribution/no_values", {"score": np.zeros(3, np.float32)}),
    "attribution/flat": summary.frame("attribution/flat", {"values:x": np.zeros(3, np.float32)}),
    "attribution/integers": summary.frame("attribution/integers", {"values:x": np.zeros((3, 2), np.int32)}),
    "attribution/empty": summary.frame("attribution/empty", {"values:x": np.zeros((0, 2), np.float32)}),
    "attribution/uneven": summary.frame("attribution/uneven", {"values:x": np.zeros((3, 2)), "values:y": np.zeros((4, 2))}),
    "attribution/scale": summary.frame("attribution/scale", {"values:x": np.zeros((3, 2))}, {"scale:x": "<script>"}),
}


@pytest.fixture(scope="module")
def foreign_log(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("foreign")
    with EventFile(logdir / "explain", 0) as file:
        file.write(0, *everything_at(0), *FOREIGN.values())
    return logdir


@pytest.fixture(scope="module", params=["python", "fast"])
def opened_foreign(request, foreign_log):
    with open_log(foreign_log, request.param) as opened:
        yield opened


@pytest.mark.parametrize("tag", FOREIGN)
def test_a_frame_that_is_not_ours_is_a_public_error(opened_foreign, tag):
    def read():
        blobs = reader.read_blobs(opened_foreign.log, "explain", tag)
        return explanation.read_explanation(opened_foreign.log, "explain", tag, blobs[0])

    with pytest.raises(PublicError) as raised:
        read()
    assert 400 <= raised.value.http_code < 500


def test_the_rest_of_a_run_with_foreign_frames_is_readable(opened_foreign):
    check_steps(opened_foreign.log, "explain", [0])


def test_foreign_series_and_manifests_are_left_out_and_said(tmp_path, loader):
    strings = tensor_util.make_tensor_proto(np.array([b"a", b"b"], object))
    with EventFile(tmp_path / "explain", 0) as file:
        file.write(0, *everything_at(0), foreign("metric/strings", strings, pb.SERIES), foreign("metric/frame", strings, pb.FRAME))
        file.write(0, foreign("not/of/this/grammar", strings, pb.SERIES), foreign("unknown/kind", strings, pb.SERIES))
        file.write(0, foreign("manifest", tensor_util.make_tensor_proto(np.array(b"\xff\xff", object)), pb.MANIFEST))
    with open_log(tmp_path, loader) as opened:
        found = answer_of_groups(opened.log)
        (run,) = found["groups"][0]["runs"]
        assert run["tags"].keys() == {ATTRIBUTION, LOSS, "metric/strings"}
        assert (run["manifest"], run["probe"]) == ("", "")
        reasons = " ".join(skipped["reason"] for skipped in found["skipped"])
        for name in ("metric/frame", "not/of/this/grammar", "unknown/kind", "manifest"):
            assert name in reasons, name
        with pytest.raises(BadRequestError, match="float32 or float64"):
            reader.read_series(opened.log, "explain", "metric/strings")


def test_a_series_that_changed_its_shape_keeps_the_last_and_says_so(tmp_path, loader):
    with EventFile(tmp_path / "explain", 0) as file:
        for step, size in enumerate((3, 3, 4, 4)):
            file.write(step, summary.series("importance/gradient/x", np.full((3, size), step, np.float32)))
    with open_log(tmp_path, loader) as opened:
        series = reader.read_series(opened.log, "explain", "importance/gradient/x")
        assert series.steps.tolist() == [2, 3]
        assert series.values.shape == (2, 3, 4)
        assert series.left_out.startswith("steps 0, 1:")


class Counting:
    """A provider that notes which tags it was asked for at a time, and answers as many at most."""

    def __init__(self, provider, most):
        self.provider, self.most, self.asked = provider, most, []

    def __getattr__(self, name):
        return getattr(self.provider, name)

    def read_tensors(self, *args, run_tag_filter, **kwargs):
        tags = sorted(run_tag_filter.tags)
        self.asked.append(tags)
        if len(tags) > self.most:
            raise InvalidArgumentError("the answer is too large")
        return self.provider.read_tensors(*args, run_tag_filter=run_tag_filter, **kwargs)


def test_many_series_are_read_together_and_once(opened):
    series = sorted(tag for tag, entry in read_index(opened.log).runs[RUN].items() if entry.kind == pb.SERIES)
    provider = Counting(opened.provider, most=100)
    log = opened.log._replace(provider=provider, cache=Cache(64 << 20))
    first = reader.read_series(log, RUN, series[0])
    found, errors = reader.read_many_series(log, RUN, series)
    assert (found.keys(), errors) == (set(series), {})
    assert found[series[0]] is first
    assert provider.asked == [series[:1], series[1:64], *([series[64:]] if series[64:] else [])]
    asked = len(provider.asked)
    assert reader.read_many_series(log, RUN, series)[0].keys() == set(series)
    assert len(provider.asked) == asked
    for tag in series:
        np.testing.assert_array_equal(found[tag].values, reader.read_series(opened.log, RUN, tag).values)


def test_series_too_large_to_be_read_together_are_read_one_by_one(opened_once):
    tags = [LOSS, metadata.create_tag("health", "backbone/conv_2")]
    provider = Counting(opened_once.provider, most=1)
    found, errors = reader.read_many_series(opened_once.log._replace(provider=provider, cache=Cache(64 << 20)), RUN, tags)
    assert (found.keys(), errors) == (set(tags), {})
    assert provider.asked == [sorted(tags), [tags[0]], [tags[1]]]


def test_a_log_cut_anywhere_keeps_every_finished_step(tmp_path, loader):
    """A killed process leaves a file that ends at any byte: what was flushed before is there."""
    ends = {}
    with EventFile(tmp_path / "whole", -1) as file:
        for step in range(-1, 4):
            file.write(step, *everything_at(step))
            ends[step] = file.path.stat().st_size
    whole = file.path.read_bytes()
    cuts = sorted({*range(0, len(whole), 23), *(end + near for end in ends.values() for near in (-1, 0, 1))} - {len(whole) + 1})
    for cut in cuts:
        directory = tmp_path / "cut" / str(cut) / "explain"
        directory.mkdir(parents=True)
        (directory / file.path.name).write_bytes(whole[:cut])
    with open_log(tmp_path / "cut", loader) as opened:
        index = read_index(opened.log)
        assert not index.skipped
        for cut in cuts:
            finished = [step for step, end in ends.items() if end <= cut]
            run = f"{cut}/explain"
            if not finished:
                continue
            blobs = reader.read_blobs(opened.log, run, ATTRIBUTION)
            # A step is finished once it is flushed; a part of the next one may be there as well.
            assert list(blobs) in (finished, [*finished, finished[-1] + 1]), cut
            assert reader.read_series(opened.log, run, LOSS).steps.tolist() == finished, cut
            for step in finished:
                values = explanation.read_explanation(opened.log, run, ATTRIBUTION, blobs[step]).values
                np.testing.assert_array_equal(values, (VALUES + step).astype(np.float32))


@pytest.mark.parametrize("resumed_at", [3, 6])
def test_a_resumed_run_has_no_gap_and_no_duplicate(tmp_path, loader, resumed_at):
    with EventFile(tmp_path / "explain", -1) as file:
        for step in range(-1, 6):
            file.write(step, *everything_at(step))
        file.write(6, attribution(6))  # killed in the middle of a step
    with EventFile(tmp_path / "explain", resumed_at, start_time=START_TIME + 1000, serial=1) as file:
        for step in range(resumed_at, 10):
            file.write(step, *everything_at(step, scale=2.0))
    with open_log(tmp_path, loader) as opened:
        check_steps(opened.log, "explain", list(range(-1, 10)), {step: 2.0 if step >= resumed_at else 1.0 for step in range(-1, 10)})


def test_what_is_written_later_is_read_and_what_is_written_again_is_read_again(tmp_path, loader):
    with EventFile(tmp_path / "explain", -1) as file:
        for step in range(-1, 3):
            file.write(step, *everything_at(step))
        with open_log(tmp_path, loader) as opened:
            check_steps(opened.log, "explain", [-1, 0, 1, 2])
            file.write(3, *everything_at(3))
            opened.reload()
            check_steps(opened.log, "explain", [-1, 0, 1, 2, 3])
            with EventFile(tmp_path / "explain", 2, start_time=START_TIME + 1000, serial=1) as resumed:
                for step in (2, 3):
                    resumed.write(step, *everything_at(step, scale=3.0))
            opened.reload()
            check_steps(opened.log, "explain", [-1, 0, 1, 2, 3], {-1: 1.0, 0: 1.0, 1: 1.0, 2: 3.0, 3: 3.0})


def test_a_directory_without_our_data_is_empty(tmp_path, loader):
    with EventFile(tmp_path / "train", 0) as file:
        file.write(0)
    with open_log(tmp_path, loader) as opened:
        assert answer_of_groups(opened.log, "here") == {"logdir": "here", "groups": [], "skipped": []}


@pytest.mark.parametrize("damage", ["flipped", "random", "empty", "text"])
def test_a_damaged_event_file_harms_only_itself(tmp_path, loader, damage):
    with EventFile(tmp_path / "good" / "explain", 0) as file:
        file.write(0, *everything_at(0))
        file.write(1, *everything_at(1))
    contents = bytearray(file.path.read_bytes())
    contents[len(contents) // 2] ^= 0xFF
    bad = tmp_path / "bad" / "explain" / file.path.name
    bad.parent.mkdir(parents=True)
    bad.write_bytes(
        {
            "flipped": bytes(contents),
            "random": np.random.default_rng(1).bytes(5000),
            "empty": b"",
            "text": b"not an event file\n" * 100,
        }[damage]
    )
    with open_log(tmp_path, loader) as opened:
        check_steps(opened.log, "good/explain", [0, 1])
        found = answer_of_groups(opened.log)
        assert "good" in {group["name"] for group in found["groups"]}
        client = opened.client()
        for route in ("series", "frame", "drift", "drift_matrix"):
            for tag in (ATTRIBUTION, LOSS):
                asked = {"run": "bad/explain", "tag": tag, "step": "0", "against": "start"}
                assert client.get(f"/data/plugin/explain/{route}", query_string=asked).status_code < 500
