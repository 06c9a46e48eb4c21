"""The answers of /drift_matrix against cosines computed from what was logged, in loops; and the phases beside them."""

import json
import sys

import numpy as np
import pytest
from safetensors.numpy import load

from tb_explain_plugin import drift_matrix, metadata, plugin, summary
from tests.event_files import EventFile
from tests.plugin import two_inputs
from tests.plugin.conftest import open_log
from tests.plugin.two_inputs import SHIFT, STEPS, TAG, logged, slow_drifts

RUN = "a/explain"


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("matrix")
    two_inputs.write_log(logdir)
    with open_log(logdir, "python") as opened:
        yield opened.log


@pytest.mark.parametrize("tile", [1, 10**9])
def test_the_matrix_holds_every_pair_of_steps(log, monkeypatch, tile):
    monkeypatch.setattr(drift_matrix, "_TILE_BYTES", tile)
    log = log._replace(cache=type(log.cache)(10**8))
    found = drift_matrix.drift_matrix(log, RUN, TAG, RUN).arrays
    assert found["steps"].tolist() == found["against_steps"].tolist() == STEPS
    expected = [[1 - np.mean(slow_drifts(logged(s), logged(r))) for r in STEPS] for s in STEPS]
    np.testing.assert_allclose(found["similarity"], expected, atol=1e-5)
    found = drift_matrix.drift_matrix(log, RUN, TAG, "b@2/explain").arrays
    assert found["against_steps"].tolist() == STEPS[1:]
    expected = [[1 - np.mean(slow_drifts(logged(s), logged(r, shift=SHIFT))) for r in STEPS[1:]] for s in STEPS]
    np.testing.assert_allclose(found["similarity"], expected, atol=1e-5)


def write_two_phases(directory, damaged=()):
    """Every second epoch is explained; from epoch 20 on the second of three features takes over."""
    rng = np.random.default_rng(0)
    with EventFile(directory, 0) as file:
        for step in range(0, 40, 2):
            values = rng.normal(size=(30, 3)) * ([4, 1, 1] if step < 20 else [1, 4, 1])
            file.write(step, summary.frame(TAG, {"values:x": np.zeros(3, np.float32) if step in damaged else values}))


def header(blob):
    return json.loads(blob[8 : 8 + int.from_bytes(blob[:8], "little")])["__metadata__"]


@pytest.mark.parametrize("damaged", [(), (2, 38), (20,)])
def test_the_step_at_which_a_phase_begins_is_named(tmp_path, damaged):
    write_two_phases(tmp_path / "explain", damaged)
    with open_log(tmp_path, "python") as opened:
        blob = plugin.drift_matrix_impl(opened.log, "explain", TAG)
    assert header(blob) == {"phases": "[22]" if 20 in damaged else "[20]"}
    assert load(blob)["similarity"].shape == (20, 20)


def test_too_few_steps_have_no_phases(log):
    assert drift_matrix.drift_matrix(log, RUN, TAG, "b@2/explain").text == {"phases": "[]"}


def test_without_ruptures_the_matrix_says_what_to_install(tmp_path, monkeypatch):
    write_two_phases(tmp_path / "explain")
    monkeypatch.setitem(sys.modules, "ruptures", None)
    with open_log(tmp_path, "python") as opened:
        blob = plugin.drift_matrix_impl(opened.log, "explain", TAG)
        assert header(blob).keys() == {"phases_absent"}
        assert "install tb-explain-plugin[phases]" in header(blob)["phases_absent"]
        assert np.isfinite(load(blob)["similarity"]).all()
        monkeypatch.delitem(sys.modules, "ruptures")
        assert header(plugin.drift_matrix_impl(opened.log, "explain", TAG)) == {"phases": "[20]"}


def test_nothing_else_of_the_plugin_loads_ruptures(log):
    monkeypatched = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "ruptures"}
    for name in monkeypatched:
        del sys.modules[name]
    try:
        plugin.compare_impl(log, RUN, TAG, "4", "start")
        assert "ruptures" not in sys.modules
    finally:
        sys.modules.update(monkeypatched)


def test_steps_that_cannot_be_read_are_nan(tmp_path, loader):
    two_inputs.write_damaged_run(tmp_path / "explain")
    with open_log(tmp_path, loader) as opened:
        similarity = drift_matrix.drift_matrix(opened.log, "explain", TAG, "explain").arrays["similarity"]
    lost = np.array([False, True, False, True, False])
    np.testing.assert_array_equal(np.isnan(similarity), lost[:, None] | lost)


@pytest.mark.parametrize("extreme", [1e300, -1e300, np.inf, np.nan, 1e-300])
def test_a_sample_that_is_not_finite_leaves_the_others(tmp_path, extreme):
    values = np.ones((4, 3))
    with EventFile(tmp_path / "explain", 0) as file:
        for step in range(3):
            values[0, 0] = extreme if step == 1 else 1.0
            file.write(step, summary.frame(metadata.create_tag("attribution", "x"), {"values:x": values}))
    with open_log(tmp_path, "python") as opened:
        found = drift_matrix.drift_matrix(opened.log, "explain", "attribution/x", "explain")
    assert np.isfinite(found.arrays["similarity"]).all()
