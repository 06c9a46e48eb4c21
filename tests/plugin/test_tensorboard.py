"""The real program, started as a user starts it."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests import synthetic_log
from tests.plugin.conftest import EPOCHS


@contextlib.contextmanager
def tensorboard(logdir, *arguments):
    """Start TensorBoard on a free port; yield its address."""
    program = shutil.which("tensorboard", path=str(Path(sys.executable).parent))
    process = subprocess.Popen(
        [program, "--logdir", str(logdir), "--port", "0", "--host", "localhost", *arguments],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        said = ""
        for line in process.stderr:
            said += line
            if found := re.search(r"at (http://\S+) \(Press", line):
                yield found[1].rstrip("/")
                return
        pytest.fail(f"TensorBoard did not start: {said}")
    finally:
        process.terminate()
        process.wait()
        process.stderr.close()


def get(address):
    with urllib.request.urlopen(address, timeout=20) as response:
        return json.load(response)


def groups_with_all_steps(address):
    """Ask until TensorBoard has read the log; return the groups whose attributions have every step."""
    groups = len(synthetic_log.stories(10))
    for _ in range(100):
        found = get(f"{address}/data/plugin/explain/groups")
        complete = [
            group["name"]
            for group in found["groups"]
            for run in group["runs"]
            if run["step_lists"][run["tags"].get("attribution/integrated_gradients", {"steps": 0})["steps"]][-1]
            in {EPOCHS - 1, 50 * EPOCHS}
        ]
        if len(complete) == groups:
            return complete
        time.sleep(0.2)
    return pytest.fail(f"not all steps came back: {found}")


@pytest.mark.parametrize("load_fast", ["true", "false"])
def test_the_installed_program_serves_the_tab_under_a_path_prefix(synthetic, load_fast):
    with tensorboard(synthetic, "--load_fast", load_fast, "--path_prefix", "/a/prefix") as address:
        assert address.endswith("/a/prefix")
        assert groups_with_all_steps(address) == sorted(story.name for story in synthetic_log.stories(10))
        listing = get(f"{address}/data/plugins_listing")["explain"]
        assert listing["enabled"] is True
        assert listing["loading_mechanism"]["module_path"] == "/a/prefix/data/plugin/explain/index.js"
        with pytest.raises(urllib.error.HTTPError) as raised:
            get(f"{address}/data/plugin/explain/frame?run=x&tag=y&step=z")
        assert raised.value.code == 400
        assert json.load(raised.value)["error"]["expected"]
        raised.value.close()


@pytest.mark.parametrize("load_fast", ["true", "false"])
def test_a_quote_in_the_name_of_a_run_is_named_where_the_loader_stumbles_over_it(tmp_path, load_fast):
    story = synthetic_log.stories(10)[0]
    synthetic_log.write_group(tmp_path / 'so "called"', story, 1)
    with tensorboard(tmp_path, "--load_fast", load_fast) as address:
        frame = f"{address}/data/plugin/explain/frame?run=so%20%22called%22/explain&tag=attribution/integrated_gradients&step=0"
        for _ in range(100):
            with contextlib.suppress(KeyError, IndexError):
                if get(f"{address}/data/plugin/explain/groups")["groups"][0]["runs"][0]["step_lists"][-1][-1] == 0:
                    break
            time.sleep(0.2)
        if load_fast == "false":
            with urllib.request.urlopen(frame, timeout=20) as response:
                assert len(response.read()) > 0
            return
        with pytest.raises(urllib.error.HTTPError) as raised:
            get(frame)
        assert "--load_fast=false" in json.load(raised.value)["error"]["expected"]
        raised.value.close()
