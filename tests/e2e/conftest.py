"""A trained log, a real TensorBoard and a real browser."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tb_explain_plugin import metadata
from tests.e2e import extremes
from tests.plugin.test_tensorboard import get, tensorboard

ROOT = Path(__file__).parents[2]
EPOCHS = 12
OTHERS = ("Three.js", "/font-roboto/")
"""What TensorBoard's own page says on the console: it asks for its fonts without the path prefix."""


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """The demo, as a user starts it, but shorter."""
    directory = tmp_path_factory.mktemp("demo") / "logs"
    command = [sys.executable, "demo_training.py", "--no-serve", "--epochs", str(EPOCHS), "--logdir", str(directory)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Warning" not in done.stderr
    return directory


@pytest.fixture(scope="session")
def extremes_address(tmp_path_factory):
    """A TensorBoard that has loaded all of the extremes."""
    directory = tmp_path_factory.mktemp("extremes") / "logs"
    extremes.write(directory)
    with tensorboard(directory) as address:
        waiting = {f"{extreme.story.name}/{metadata.RUN_NAME}": extreme.epochs - 1 for extreme in extremes.extremes()}
        deadline = time.monotonic() + 60
        while waiting:
            assert time.monotonic() < deadline, f"TensorBoard has not loaded all steps of {list(waiting)}"
            time.sleep(0.2)
            runs = [run for group in get(f"{address}/data/plugin/explain/groups")["groups"] for run in group["runs"]]
            waiting = {run: step for run, step in waiting.items() if step not in _last_steps(runs, run)}
        yield address


def _last_steps(runs, name):
    return {steps[-1] for run in runs if run["run"] == name for steps in run["step_lists"] if steps}


@pytest.fixture(scope="session")
def browser():
    from scripts.browser import find_browser

    path = find_browser()
    if path is None:
        pytest.fail("no Chromium or Chrome was found: run `make browser`, or put one on PATH")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    """A page that fails the test if anything went wrong on its console: an error, or a violation of the content security policy."""
    page = browser.new_page(viewport={"width": 1440, "height": 964})
    page.set_default_timeout(20_000)
    said = []
    page.on("console", lambda m: said.append(f"{m.text} {m.location.get('url')}") if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    page.close()
    assert [text for text in said if not any(other in text for other in OTHERS)] == []


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
