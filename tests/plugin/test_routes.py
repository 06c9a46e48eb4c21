import json
import re
from pathlib import Path
from urllib.parse import quote, urlencode

import numpy as np
import pytest
from safetensors.numpy import load
from tensorboard.util import tensor_util

from tb_explain_plugin import comparison, metadata, plugin, reader, summary
from tb_explain_plugin import plugin_data_pb2 as pb
from tests import synthetic_log, synthetic_models
from tests.event_files import EventFile
from tests.plugin.conftest import EPOCHS, SAMPLES, open_log
from tests.plugin.test_reader import FOREIGN, foreign

PREFIX = "/data/plugin/explain"
RUN = "digits-shortcut/explain"
TAG = "attribution/integrated_gradients"
ROUTES = {
    "groups": {},
    "manifest": {"run": RUN},
    "series": {"run": RUN, "tag": "metric/loss"},
    "frame": {"run": RUN, "tag": TAG, "step": "3"},
    "scalars": {"group": "digits-shortcut"},
    "drift": {"run": RUN, "tag": TAG, "against": "start"},
    "drift_matrix": {"run": RUN, "tag": TAG, "against_run": "digits-clean/explain"},
    "compare": {"run": RUN, "tag": TAG, "step": "3", "against": "previous"},
    "by_group": {"run": RUN, "tag": TAG, "against": "previous"},
    "alarms": {"group": "digits-shortcut"},
}
OPTIONAL = {("drift_matrix", "against_run"), ("by_group", "against")}


TAG_OF_A_FRAME = "attribution/flat"
WANTED = {"manifest", TAG, "metric/loss", "health/narrow"}


@pytest.fixture(scope="session")
def client(opened):
    return opened.client()


def ask(client, route, **parameters):
    return client.get(f"{PREFIX}/{route}?{urlencode(parameters)}")


def check_error(response, code=None):
    """Every error is small JSON of one form, and no browser takes it for a page."""
    assert 400 <= response.status_code < 500, response.data[:500]
    assert code is None or response.status_code == code, response.data
    assert response.mimetype == "application/json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    error = json.loads(response.data)["error"]
    assert error.keys() == {"what", "expected", "received"}
    assert all(isinstance(part, str) for part in error.values())
    assert error["what"]
    assert len(response.data) < 4000
    return error


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_answers(client, route):
    response = ask(client, route, **ROUTES[route])
    assert response.status_code == 200
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-cache, must-revalidate"
    expected = "application/octet-stream" if route in {"series", "frame", "drift_matrix"} else "application/json"
    assert response.mimetype == expected


@pytest.mark.parametrize("route", [name for name, parameters in ROUTES.items() if parameters])
def test_every_missing_or_doubled_parameter_is_named(client, route):
    required = {name: value for name, value in ROUTES[route].items() if (route, name) not in OPTIONAL}
    for name in required:
        error = check_error(ask(client, route, **{other: value for other, value in required.items() if other != name}), 400)
        assert name in error["what"]
        if (route, name) == ("series", "tag"):
            continue
        error = check_error(client.get(f"{PREFIX}/{route}?{urlencode([*required.items(), (name, 'x')])}"), 400)
        assert f"{name!r} is given 2 times" in error["what"]


HOSTILE = [
    "",
    "x",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "\x00",
    "%00",
    "é" * 50,
    "a" * 20000,
    "'\"--",
    "digits-shortcut/explain/",
    "{}",
    "-1",
]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value[:20]))
@pytest.mark.parametrize("route", [name for name, parameters in ROUTES.items() if parameters])
def test_absurd_parameters_are_answered_by_errors(client, route, value):
    for name in ROUTES[route]:
        if (name, value) == ("step", "-1"):
            continue
        check_error(ask(client, route, **(ROUTES[route] | {name: value})))


@pytest.mark.parametrize("step", ["", "1.5", "1e3", "NaN", "inf", "0x1", "1_0", " 1", "٣", "9" * 5000, "--1", "99999999999", "-99", "5000"])
def test_an_absurd_step_is_answered_by_an_error(client, step):
    for route in ("frame", "compare"):
        check_error(ask(client, route, **(ROUTES[route] | {"step": step})))


@pytest.mark.parametrize("tag", ["predictions", "inputs", "manifest", "metric/loss", "attribution", "attribution/", "attribution/a/b"])
def test_only_attributions_are_compared(client, tag):
    for route in ("drift", "drift_matrix", "compare", "by_group"):
        check_error(ask(client, route, **(ROUTES[route] | {"tag": tag})))
    check_error(ask(client, "drift", run=RUN, tag=tag, against="run:digits-clean/explain"))


def test_bytes_that_are_no_text_are_answered_by_an_error(client):
    check_error(client.get(f"{PREFIX}/manifest?run=%ff%fe"), 404)


def test_an_error_says_what_was_expected_and_received(client):
    error = check_error(ask(client, "frame", run=RUN, tag=TAG, step="99"), 404)
    assert error == {
        "what": f"'{TAG}' of '{RUN}' has no such step",
        "expected": "a step such as 10, 11, 12, 13",
        "received": "99",
    }
    assert len(check_error(ask(client, "manifest", run="x" * 20000), 404)["received"]) == 201


def test_nothing_can_be_changed(client):
    for method in (client.post, client.put, client.delete):
        check_error(method(f"{PREFIX}/groups"), 400)
    assert client.head(f"{PREFIX}/groups").status_code == 200


def test_the_manifest_has_every_field_in_snake_case(client):
    found = json.loads(ask(client, "manifest", run=RUN).data)
    assert found["step_unit"] == "epoch"
    assert found["parameters"] == "18000"  # 64 bits: a string
    assert found["probe"]["sample_names"] == []  # present though empty
    assert found["inputs"][0]["cells"] == [16, 16]
    table = json.loads(ask(client, "manifest", run="cells/explain").data)
    assert table["inputs"][0]["feature_names"][-1] == '<b>"x/y"</b>'


def test_a_series_is_all_of_its_steps(client):
    story = synthetic_models.digits(SAMPLES, shortcut=True)
    found = load(ask(client, "series", run=RUN, tag="metric/val_accuracy").data)
    assert (found["steps"].dtype, found["wall_times"].dtype) == (np.int32, np.float64)
    assert found["steps"].tolist() == list(range(EPOCHS))
    assert found["values"].tolist() == [synthetic_log.learning(story, step)["val_accuracy"] for step in range(EPOCHS)]
    assert (np.diff(found["wall_times"]) > 0).all()
    histogram = load(ask(client, "series", run=RUN, tag=metadata.create_tag("activation", "backbone/conv_2")).data)
    assert histogram["values"].shape == (EPOCHS + 1, 2 + metadata.HISTOGRAM_BINS)


def ask_for_series(client, run, *tags):
    return client.get(f"{PREFIX}/series?{urlencode([('run', run), *(('tag', tag) for tag in tags)])}")


def header(blob):
    return json.loads(blob[8 : 8 + int.from_bytes(blob[:8], "little")])


def test_several_series_are_those_of_each(client):
    tags = ["metric/loss", metadata.create_tag("activation", "backbone/conv_2"), metadata.create_tag("health", "backbone/conv_2")]
    several = load(ask_for_series(client, RUN, *tags, tags[0]).data)
    assert len(several) == 3 * len(tags)
    for tag in tags:
        for name, array in load(ask_for_series(client, RUN, tag).data).items():
            found = several[f"{name}:{tag}"]
            assert found.dtype == array.dtype
            np.testing.assert_array_equal(found, array)


def test_series_that_cannot_be_read_are_named_beside_the_others(tmp_path, loader):
    text = tensor_util.make_tensor_proto(np.array([b"a", b"b"], object))
    run = 'so "called"/explain'
    with EventFile(tmp_path / run, 0) as file:
        file.write(0, summary.series("metric/loss", [1.0, 2.0]), foreign("metric/text", text, pb.SERIES), FOREIGN[TAG_OF_A_FRAME])
        file.write(1, summary.series("metric/loss", 1.0), summary.series("metric/accuracy", 0.5))
    with open_log(tmp_path, loader) as opened:
        client = opened.client()
        tags = ["metric/loss", "metric/nothing", "metric/text", "metric/accuracy", TAG_OF_A_FRAME]
        answer = ask_for_series(client, run, *tags)
        assert answer.status_code == 200
        found, text = load(answer.data), header(answer.data)["__metadata__"]
        assert {name.partition(":")[2] for name in found} == {"metric/loss", "metric/accuracy"}
        assert found["steps:metric/loss"].tolist() == [1]
        assert text.keys() == {"left_out:metric/loss", "error:metric/nothing", "error:metric/text", f"error:{TAG_OF_A_FRAME}"}
        assert text["left_out:metric/loss"].startswith("steps 0:")
        for tag in ("metric/nothing", "metric/text", TAG_OF_A_FRAME):
            assert json.loads(text[f"error:{tag}"]) == check_error(ask_for_series(client, run, tag))
        nothing = ask_for_series(client, "nowhere/explain", *tags[:2])
        assert load(nothing.data) == {}
        assert {json.loads(error)["received"] for error in header(nothing.data)["__metadata__"].values()} == {"nowhere/explain"}


def test_a_series_says_what_it_left_out(tmp_path):
    with EventFile(tmp_path / "explain", 0) as file:
        file.write(0, summary.series("metric/loss", [1.0, 2.0]))
        file.write(1, summary.series("metric/loss", 1.0))
    with open_log(tmp_path, "python") as opened:
        blob = ask(opened.client(), "series", run="explain", tag="metric/loss").data
    header = json.loads(blob[8 : 8 + int.from_bytes(blob[:8], "little")])
    assert header["__metadata__"]["left_out"].startswith("steps 0:")
    assert load(blob)["values"].tolist() == [1.0]


def test_a_frame_is_exactly_what_was_logged(client, opened):
    (value,) = next(
        made for made in synthetic_log.summaries(synthetic_models.digits(SAMPLES, shortcut=True), 3, EPOCHS) if made.value[0].tag == TAG
    ).value
    assert ask(client, "frame", run=RUN, tag=TAG, step="3").data == value.tensor.string_val[0]


def test_not_finite_numbers_are_strings_in_json(client):
    found = json.loads(ask(client, "drift", run=RUN, tag=TAG, against="previous").data, parse_constant=pytest.fail)
    assert found["local_drift"]["median"][0] == "NaN"
    assert found["reference_steps"][0] is None
    assert found["steps"] == list(range(-1, EPOCHS))


def documented(route):
    """The example of a route's answer in http_api.md."""
    section = (Path(plugin.__file__).parent / "http_api.md").read_text().partition(f"## `/{route}?")[2]
    return json.loads(re.search(r"```json\n(.*?)```", section, re.DOTALL)[1])


def names(answer):
    """The names in an answer, those of inputs aside."""
    if not isinstance(answer, dict):
        return None
    return {name: names(next(iter(part.values())) if name == "inputs" else part) for name, part in answer.items()}


def test_drift_and_compare_answer_as_documented(client):
    found = json.loads(ask(client, "drift", **ROUTES["drift"]).data)
    assert names(found) == names(documented("drift"))
    found = json.loads(ask(client, "compare", **ROUTES["compare"]).data)
    expected = names(documented("compare"))
    for name in ("seed_center", "seed_spread", "z"):
        del expected["inputs"][name]
    assert names(found) == expected


def test_the_matrix_carries_the_phases(client):
    blob = ask(client, "drift_matrix", run=RUN, tag=TAG).data
    header = json.loads(blob[8 : 8 + int.from_bytes(blob[:8], "little")])
    assert set(json.loads(header["__metadata__"]["phases"])) <= set(range(EPOCHS))


def test_the_shortcut_shows(client):
    """The corner of digits-shortcut takes over from epoch 10 on."""
    found = json.loads(ask(client, "compare", run=RUN, tag=TAG, step=EPOCHS - 1, against="step:9").data)["inputs"]["image"]
    rise = np.array(found["share"]) - np.array(found["reference_share"])
    assert rise.argmax() == 0  # region A1
    assert rise[0] > 4 * np.hypot(found["standard_error"][0], found["reference_standard_error"][0])


def test_alarms_are_those_of_the_group(client, tmp_path):
    with EventFile(tmp_path / "explain", 0) as file:
        file.write(0, summary.series("metric/loss", 1.0))
        file.write(1, summary.series("metric/loss", np.inf))
    with open_log(tmp_path, "python") as opened:
        (alarm,) = json.loads(ask(opened.client(), "alarms", group="").data)["alarms"]
    assert (alarm["kind"], alarm["step"], alarm["subject"]) == ("non_finite", 1, "loss")
    assert json.loads(ask(client, "alarms", group="cells").data) == {"alarms": []}


@pytest.mark.parametrize("tag", FOREIGN)
def test_foreign_frames_never_end_in_a_server_error(tmp_path, tag):
    with EventFile(tmp_path / "explain", 0) as file:
        file.write(0, FOREIGN[tag])
    with open_log(tmp_path, "python") as opened:
        client = opened.client()
        for route in ("frame", "drift", "drift_matrix", "compare"):
            response = ask(client, route, run="explain", tag=tag, step="0", against="start")
            assert response.status_code < 500
            if route != "frame":
                check_error(response)
        assert ask(client, "groups").status_code == 200
        assert json.loads(ask(client, "alarms", group="").data) == {"alarms": []}


def mutated(contents, rng):
    """Bytes with one changed, some lost, or some more."""
    place = int(rng.integers(0, len(contents) + 1))
    return contents[:place] + [rng.bytes(1) + contents[place + 1 :], b"", rng.bytes(4) + contents[place:]][rng.integers(0, 3)]


def mutate(made, rng):
    """Change a summary as a broken writer might."""
    value = made.value[0]
    match rng.integers(0, 5):
        case 0 if value.tensor.string_val:
            value.tensor.string_val[0] = mutated(value.tensor.string_val[0], rng)
        case 1:
            value.tensor.dtype = int(rng.integers(0, 30))
        case 2:
            value.tensor.tensor_shape.dim.add(size=int(rng.integers(-2, 4)))
        case 3:
            value.metadata.plugin_data.content = mutated(value.metadata.plugin_data.content, rng)
        case _:
            value.tag = mutated(value.tag.encode(), rng).decode("latin-1")


def test_broken_writers_never_end_in_a_server_error(tmp_path, loader):
    rng = np.random.default_rng(0)
    table = synthetic_models.cells(4)
    runs = range(60 if loader == "python" else 8)  # the data server takes 40 ms a request
    for run in runs:
        with EventFile(tmp_path / str(run) / "explain", -1) as file:
            for step in (-1, 0):
                made = [each for each in synthetic_log.summaries(table, step, 2) if each.value[0].tag in WANTED]
                for each in made:
                    if rng.random() < 0.4:
                        mutate(each, rng)
                file.write(step, *made)
    with open_log(tmp_path, loader) as opened:
        client = opened.client()
        assert ask(client, "groups").status_code == 200
        answered = set()
        for run in runs:
            for route, parameters in ROUTES.items():
                changed = {"run": f"{run}/explain", "group": str(run), "step": "0", "against_run": f"{run}/explain"}
                response = ask(client, route, **{name: changed.get(name, value) for name, value in parameters.items()})
                answered.add(response.status_code)
                if response.status_code != 200:
                    check_error(response)
        assert 200 in answered
        assert 400 in answered


def test_a_provider_that_fails_is_answered_by_an_error(opened_once, monkeypatch):
    """The data server may be gone, or a response too large for it."""

    def fail(*_, **__):
        raise RuntimeError("gone")

    client = opened_once.client()
    for name in ("list_tensors", "list_blob_sequences", "read_tensors", "read_blob_sequences", "read_blob", "list_scalars", "read_scalars"):
        monkeypatch.setattr(opened_once.provider, name, fail)
    for route, parameters in ROUTES.items():
        error = check_error(ask(client, route, **parameters), 400)
        assert "gone" in error["received"]


def test_wrong_routes_are_json_too(client):
    for path in ("nothing", "", "frame/x", "__init__.py", "plugin.py"):
        check_error(client.get(f"{PREFIX}/{path}") if path else client.get(f"{PREFIX}/%20"), 404)


@pytest.fixture
def static(tmp_path, monkeypatch):
    directory = tmp_path / "static"
    (directory / "assets").mkdir(parents=True)
    (directory / "index.js").write_text("export function render() {}")
    (directory / "assets" / "view-1a2b.js").write_text("1")
    (directory / "style.css").write_text("p {}")
    (directory / "secret.py").write_text("secret")
    (tmp_path / "secret.js").write_text("secret")
    (tmp_path / "static_too").mkdir()
    (tmp_path / "static_too" / "secret.js").write_text("secret")
    monkeypatch.setattr(plugin, "STATIC", directory)
    return directory


def test_the_frontend_is_served_by_name(static, opened_once):
    client = opened_once.client()
    for name, mimetype in {"index.js": "text/javascript", "assets/view-1a2b.js": "text/javascript", "style.css": "text/css"}.items():
        response = client.get(f"{PREFIX}/{name}")
        assert (response.status_code, response.mimetype) == (200, mimetype)
        assert response.data == (static / name).read_bytes()


@pytest.mark.parametrize(
    "path",
    ["../secret.js", "..%2fsecret.js", "%2e%2e/secret.js", "..\\secret.js", "assets/../../secret.js", "secret.py", "assets", "assets/", ".",
     "//secret.js", "/etc/passwd", "%2fetc%2fpasswd", "../static_too/secret.js", "index.js%00.py", "INDEX.JS", "explain/../../secret.js"],
)  # fmt: skip
def test_nothing_else_is_served(static, opened_once, path):
    response = opened_once.client().get(f"{PREFIX}/{path}")
    assert 400 <= response.status_code < 500
    assert response.data != b"secret"


def test_without_a_built_frontend_the_tab_says_so(tmp_path, monkeypatch, opened_once):
    monkeypatch.setattr(plugin, "STATIC", tmp_path / "missing")
    response = opened_once.client().get(f"{PREFIX}/index.js")
    assert (response.status_code, response.mimetype) == (200, "text/javascript")
    assert re.search(rb"export function render\(\).*pip install", response.data, re.DOTALL)


def test_the_tab_is_listed_and_active(client):
    listing = json.loads(client.get("/data/plugins_listing").data)["explain"]
    assert listing["enabled"] is True
    assert listing["tab_name"] == "Explain"
    assert listing["loading_mechanism"] == {"type": "IFRAME", "module_path": f"{PREFIX}/index.js"}


def test_the_tab_is_not_active_without_our_data(tmp_path, loader):
    with EventFile(tmp_path / "train", 0) as file:
        file.write(0)
    with open_log(tmp_path, loader) as opened:
        client = opened.client()
        assert json.loads(client.get("/data/plugins_listing").data)["explain"]["enabled"] is False
        assert json.loads(ask(client, "groups").data)["groups"] == []


def test_routes_lie_behind_the_path_prefix(synthetic):
    with open_log(synthetic, "python", "--path_prefix", "/some/where/") as opened:
        client = opened.client()
        assert client.get(f"/some/where{PREFIX}/groups").status_code == 200
        assert client.get(f"/some/where{PREFIX}/style.css").status_code == 404
        listing = json.loads(client.get("/some/where/data/plugins_listing").data)["explain"]
        assert listing["loading_mechanism"]["module_path"] == f"/some/where{PREFIX}/index.js"


def test_tags_and_runs_with_markup_and_slashes_are_found(tmp_path, loader):
    layer, directory = '<b>"x/y"</b>', "it's <i>"
    tag = metadata.create_tag("health", layer)
    with EventFile(tmp_path / directory / "explain", 0) as file:
        file.write(0, summary.series(tag, np.zeros(7, np.float32)))
    with open_log(tmp_path, loader) as opened:
        client = opened.client()
        (group,) = json.loads(ask(client, "groups").data)["groups"]
        (run,) = group["runs"]
        assert list(run["tags"]) == [tag]
        assert metadata.parse_tag(tag).names == (layer,)
        response = client.get(f"{PREFIX}/series?run={quote(run['run'], safe='')}&tag={quote(tag, safe='')}")
        assert load(response.data)["values"].shape == (1, 7)


def test_a_hang_is_impossible_by_a_long_trail(client, monkeypatch):
    """Reading is bounded: each frame once, however long the trail."""
    read, reading = [], reader.read_frame
    monkeypatch.setattr(comparison.reader, "read_frame", lambda *args: read.append(args) or reading(*args))
    assert ask(client, "drift", run="reviews/explain", tag=TAG, against="trailing:50").status_code == 200
    assert len(read) <= EPOCHS + 1
