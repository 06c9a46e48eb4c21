"""The tab's script comes in parts: what is needed first, and each view by itself."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e import checked_log
from tests.plugin.test_tensorboard import tensorboard

VIEWS = {"overview", "samples", "features", "layers", "compare", "model"}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    directory = tmp_path_factory.mktemp("scripts")
    checked_log.write(directory, epochs=3)
    with tensorboard(directory, "--path_prefix", "/under/this") as address:
        yield address


def script(url):
    """Return which view's script is asked for, if one is."""
    found = re.search(r"/plugin/explain/(\w+)-[\w-]+\.js", url)
    return found[1] if found and found[1] in VIEWS else None


def test_the_open_views_script_comes_first_and_the_others_one_by_one(page, address):
    events = []
    page.on("request", lambda request: events.append((script(request.url), "asked")))
    page.on("requestfinished", lambda request: events.append((script(request.url), "here")))
    with page.expect_event("requestfinished", lambda request: script(request.url) == "model"):
        page.goto(f"{address}/#explain&p.explain.view=samples")
    order = ["samples", "overview", "features", "layers", "compare", "model"]
    assert [event for event in events if event[0]] == [(view, what) for view in order for what in ("asked", "here")]


def test_a_view_whose_script_does_not_come_says_so_and_tries_again(browser, address):
    page, refused = browser.new_page(), []  # one on which a refused request may be written on the console

    def refuse(route):
        refused.append(route.request.url)
        route.abort() if len(refused) == 1 else route.continue_()

    page.route("**/layers-*.js", refuse)
    page.goto(f"{address}/#explain&p.explain.view=layers")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("Failed to fetch dynamically imported module")).to_be_visible()
    expect(frame.get_by_role("slider", name="Epoch")).to_be_visible()
    frame.get_by_role("button", name="Try again").click()
    expect(frame.locator("explain-layers")).to_be_visible()
    assert len(refused) == 2
    page.close()
