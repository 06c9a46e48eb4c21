"""The Compare view: epoch by epoch, feature by feature, sample by sample, in a real browser."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import expect

from tests import synthetic_log, synthetic_models
from tests.callbacks import logs
from tests.e2e.conftest import EPOCHS
from tests.e2e.test_features import count_drawings, drawings
from tests.e2e.test_tab import open_tab, painted, quiet, served, shown_step, slider
from tests.plugin.test_tensorboard import tensorboard

SAMPLES = 32
LEAK = 3
"""The column that the leaky run reads the label from."""


@pytest.fixture(scope="module")
def address(trained):
    with tensorboard(trained) as address:
        yield address


@pytest.fixture(scope="module")
def siblings(tmp_path_factory):
    """Six runs of one table that differ by their seed alone, and one in which a column gives the label away."""
    directory = tmp_path_factory.mktemp("siblings")
    story = synthetic_models.cells(SAMPLES)
    trained = story.trained.copy()
    trained[:, LEAK] += 2 * np.abs(trained).sum(1)
    stories = [replace(story, name=f"seed-{seed}") for seed in range(6)] + [replace(story, name="leaky", trained=trained)]
    for each in stories:
        synthetic_log.write_group(directory / each.name, each, epochs=6)
    return directory, story.input.feature_names[LEAK]


def matrix(frame):
    return frame.get_by_role("img", name=re.compile("^Similarity of epochs"))


def at(locator, x, y):
    """Return the place in the page of a point of an element, given as parts of its width and height."""
    box = locator.bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def test_a_click_in_the_matrix_sets_the_epoch_and_a_shift_click_the_reference(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="compare")
    quiet(frame)
    assert painted(frame.locator("explain-similarity-matrix canvas").first)
    column = (5 + 1.5) / (EPOCHS + 1)  # the start lies before epoch 0
    page.mouse.click(*at(matrix(frame), column, 0.5))
    shown_step(frame, 5)
    page.keyboard.down("Shift")
    page.mouse.click(*at(matrix(frame), 0.9, (2 + 1.5) / (EPOCHS + 1)))
    page.keyboard.up("Shift")
    shown_step(frame, 5)
    expect(matrix(frame)).to_have_attribute("aria-label", re.compile(r"epoch 5 and epoch 2, cos \.?\d"))
    page.wait_for_function("location.hash.includes('p.explain.ref=2')")
    matrix(frame).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    expect(matrix(frame)).to_have_attribute("aria-label", re.compile("epoch 4 and epoch 3, "))
    page.mouse.move(*at(matrix(frame), 0.02, 0.98))
    expect(frame.get_by_role("tooltip")).to_contain_text(re.compile(rf"start and epoch {EPOCHS - 1}\s*cos "))


def test_two_epochs_differ_where_the_shortcut_is(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="compare", ref=8)
    quiet(frame)
    expect(frame.get_by_text(re.compile(r"% of the attribution lies elsewhere"))).to_be_visible()
    assert painted(frame.get_by_role("img", name=re.compile("^Share of each feature in A and B")).locator("canvas"))
    assert painted(frame.get_by_role("img", name=re.compile("^Change of share by region")))
    expect(frame.get_by_text("Choose another run as B")).to_be_visible()
    expect(frame.locator("explain-share-changes").get_by_role("row")).to_have_count(9)
    figures = frame.locator("explain-compared-figures")
    expect(figures.get_by_role("columnheader", name=re.compile("B, 8"))).to_be_visible()
    expect(figures.get_by_text(re.compile("Bold: over twice its standard error, or what it changes by"))).to_be_visible()
    frame.get_by_role("button", name="Similarity of epochs", exact=True).click()
    expect(frame.get_by_role("dialog", name="Similarity of epochs")).to_be_visible()
    page.keyboard.press("Escape")
    expect(frame.get_by_role("dialog")).to_have_count(0)


def test_two_runs_disagree_on_samples_which_a_click_opens(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="compare")
    quiet(frame)
    frame.get_by_role("combobox", name="Run of B").select_option("digits-clean/explain")
    page.wait_for_function("location.hash.includes('p.explain.ref=run')")
    quiet(frame)
    expect(frame.get_by_role("group", name="Runs").get_by_role("button", name="A × B")).to_have_attribute("aria-pressed", "true")
    expect(frame.get_by_text("too few to tell this difference from that of two seeds")).to_be_visible()
    sample = frame.get_by_role("button", name=re.compile(r"#\d+ is \d")).first
    expect(sample).to_contain_text(re.compile(r"A says \d.*B says \d", re.DOTALL))
    name = re.search(r"#\d+", sample.inner_text())[0]
    sample.click()
    expect(frame.get_by_role("tab", name="Samples")).to_have_attribute("aria-selected", "true")
    expect(frame.get_by_role("heading", name=re.compile(f"^Sample {name}$"))).to_be_visible()
    page.go_back()
    expect(frame.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")
    quiet(frame)
    frame.get_by_role("button", name="Swap A and B").click()
    expect(frame.get_by_role("combobox", name="Run of A")).to_have_value("digits-clean/explain")
    expect(frame.get_by_role("combobox", name="Run of B")).to_have_value("digits-shortcut/explain")


def test_samples_that_disagree_are_one_stop_of_tab_and_keys_go_through_them(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="compare")
    quiet(frame)
    frame.get_by_role("button", name="per class").click()
    rows = frame.locator("explain-disagreement")
    expect(rows.locator("button[tabindex='0']")).to_have_count(1)
    page.keyboard.press("j")
    expect(rows.nth(0).get_by_role("button")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1).get_by_role("button")).to_be_focused()
    focused = rows.locator("button:focus")
    passed = []
    for _ in range(12):  # beyond those in sight at first
        before = focused.get_by_text(re.compile(r"^#\d+$")).inner_text()
        page.keyboard.press("j")
        expect(focused.get_by_text(before, exact=True)).to_have_count(0)
        expect(focused).to_be_in_viewport(ratio=0.9)
        passed.append(before)
    assert len(set(passed)) == len(passed)
    page.keyboard.press("k")
    expect(focused.get_by_text(passed[-1], exact=True)).to_be_visible()
    expect(rows.locator("button[tabindex='0']")).to_have_count(1)
    page.keyboard.press("Shift+Tab")
    expect(focused).to_have_count(0)
    page.keyboard.press("Tab")
    expect(focused.get_by_text(passed[-1], exact=True)).to_be_visible()
    page.keyboard.press("Enter")
    expect(frame.get_by_role("heading", name=re.compile(f"^Sample {passed[-1]}$"))).to_be_visible()


@pytest.mark.parametrize("width", [900, 1024, 1440])
def test_columns_of_figures_stand_apart(page, address, width):
    page.set_viewport_size({"width": width, "height": 964})
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="compare", ref="run:digits-clean/explain")
    quiet(frame)
    between = """table => [...table.rows].flatMap(({ cells }) => [...cells].slice(1).map((cell, i) => {
        const [left, right] = [cells[i], cell].map(each => {
            const words = document.createRange();
            words.selectNodeContents(each);
            return words.getBoundingClientRect();
        });
        return right.left - Math.min(left.right, cells[i].getBoundingClientRect().right);
    }))"""
    apart = frame.locator("explain-compared-figures table").evaluate(between)
    assert len(apart) >= 3 * 7
    assert min(apart) >= 4


def test_figures_of_both_sides_are_bold_beyond_noise(page, address, trained):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="compare", ref="run:digits-clean/explain")
    quiet(frame)
    figures = frame.locator("explain-compared-figures")
    corner = figures.get_by_role("row", name=re.compile("^corner mark"))
    a, b, difference = (
        float(re.match(r"[+\u2212]?[\d.]+", cell)[0].replace("\u2212", "-")) for cell in corner.get_by_role("cell").all_inner_texts()[1:]
    )
    logged = [logs.read(trained / run)["watch/corner%20mark"][EPOCHS - 1][0] for run in ("digits-shortcut", "digits-clean")]
    assert [a, b] == pytest.approx([100 * share for share in logged], abs=0.06)
    assert difference == pytest.approx(a - b, abs=0.11)
    expect(corner.locator("b")).to_have_count(1)
    for title in ("Validation loss", "Validation accuracy", "Share shift", "Effective features", "Completeness p95", "Deletion gap"):
        expect(figures.get_by_role("row", name=re.compile(f"^{title}"))).to_be_visible()
    slider(frame).focus()
    page.keyboard.press("ArrowLeft")
    expect(figures.get_by_role("columnheader", name=f"Epoch {EPOCHS - 2}")).to_be_visible()
    figures.get_by_role("button", name="Menu of Figures of A and B").click()
    with page.expect_download() as download:
        figures.get_by_role("menuitem", name="Data (CSV)").click()
    assert download.value.path().read_text().startswith("figure,a,standard_error_a,b,standard_error_b,difference,noise")


def test_the_matrix_is_drawn_once_and_the_cross_hair_moves_over_it(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="compare", epoch=2, ref=8)
    quiet(frame)
    count_drawings(matrix(frame).locator("canvas"))
    expect(frame.get_by_role("button", name="per class")).to_have_attribute("aria-pressed", "true")
    cursor = frame.locator("explain-similarity-matrix .hair .cursor")
    place = cursor.get_attribute("style")
    slider(frame).focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(matrix(frame)).to_have_attribute("aria-label", re.compile("epoch 6 and epoch 8"))
    assert cursor.get_attribute("style") != place
    assert drawings(matrix(frame).locator("canvas")) == 0


def test_what_cannot_be_compared_says_why(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="compare", ref="start", epoch=-1)
    expect(frame.get_by_text("A and B are the same explanation")).to_be_visible()
    expect(frame.get_by_role("combobox", name="Run of B").locator("option[value='tumours/explain']")).to_be_disabled()


@pytest.fixture
def tolerant_page(browser):
    """A page on which a request may be refused, which browsers write on the console."""
    page = browser.new_page(viewport={"width": 1440, "height": 964})
    page.set_default_timeout(20_000)
    yield page
    page.close()


def test_a_refused_comparison_shows_the_servers_reason(tolerant_page, address):
    told = {"error": {"what": "these cannot be compared", "expected": "equal baselines", "received": "two"}}
    tolerant_page.route("**/data/plugin/explain/compare?*", lambda route: route.fulfill(status=400, json=told))
    frame = open_tab(tolerant_page, address, focus="digits-shortcut/explain", view="compare", ref="run:digits-clean/explain")
    expect(frame.get_by_role("alert").first).to_contain_text("these cannot be compared")
    expect(frame.get_by_role("alert").first).to_contain_text("Expected equal baselines")
    tolerant_page.unroute("**/data/plugin/explain/compare?*")
    frame.get_by_role("button", name="Try again").click()
    expect(frame.get_by_text(re.compile(r"% of the attribution lies elsewhere"))).to_be_visible()


def test_runs_that_explained_other_samples_are_not_compared(page, address):
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/compare?" in request.url else None)
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="compare", ref="run:tumours/explain@-1")
    expect(frame.get_by_text("tumours explained other samples")).to_be_visible()
    quiet(frame)
    expect(frame.get_by_role("alert")).to_have_count(0)
    expect(matrix(frame)).to_be_visible()  # the run's own
    assert asked == []


def test_a_leak_is_named_against_the_null_of_seeds(page, siblings):
    directory, leak = siblings
    with served(page, directory) as address:
        frame = open_tab(page, address, focus="leaky/explain", view="compare", ref="run:seed-0/explain")
        quiet(frame)
        sentence = frame.get_by_text(re.compile(rf"^{re.escape(leak)} carries [\d.]+\s%"))
        expect(sentence).to_contain_text("in 6 sibling runs")
        assert float(re.search(r"z = (\d+(\.\d)?)\.", sentence.inner_text())[1]) > 5
        expect(frame.get_by_text(re.compile(r"; between two seeds of seed-0 it is \d+\.\d.%"))).to_be_visible()
        expect(frame.get_by_text("95\u202f% between two seeds")).to_be_visible()
        expect(frame.get_by_role("img", name=re.compile("^Share shift")).get_by_text("two seeds")).to_be_visible()
        expect(frame.get_by_text(re.compile("Bold: over twice the difference between two seeds"))).to_be_visible()
        first = frame.get_by_role("region", name="Shares against sibling runs").get_by_role("row").nth(1)
        expect(first).to_contain_text(leak)


def test_a_run_that_ended_earlier_leads_to_an_epoch_that_both_have(page, tmp_path):
    story = synthetic_models.cells(8)
    for name, epochs in (("long", 9), ("short", 4)):
        synthetic_log.write_group(tmp_path / name, replace(story, name=name), epochs)
    with served(page, tmp_path) as address:
        frame = open_tab(page, address, focus="long/explain", view="compare", ref="run:short/explain")
        expect(frame.get_by_text("No explanation at this epoch")).to_be_visible()
        frame.get_by_role("button", name="Go to epoch 3").click()
        shown_step(frame, 3)
        expect(frame.get_by_text(re.compile(r"% of the attribution lies elsewhere"))).to_be_visible()


def test_one_run_and_one_epoch_say_what_is_missing(page, tmp_path):
    synthetic_log.write_group(tmp_path / "cells", synthetic_models.cells(8), epochs=0)
    with served(page, tmp_path) as address:
        frame = open_tab(page, address, view="compare")
        expect(frame.get_by_text("One epoch so far")).to_be_visible()
        expect(frame.get_by_text("One explanation so far")).to_be_visible()


def test_a_diverged_run_is_hatched(page, tmp_path):
    synthetic_log.write_group(tmp_path / "diverged", synthetic_models.diverged(8), epochs=10)
    with served(page, tmp_path) as address:
        frame = open_tab(page, address, view="compare", epoch=0)
        quiet(frame)
        expect(frame.get_by_text(re.compile(r"hatched: \d+ not finite or not readable"))).to_be_visible()
