"""From model.fit to the screen: a real training, the real program, a real browser."""

from __future__ import annotations

import contextlib
import json
import re

import pytest
from playwright.sync_api import expect

from tb_explain_plugin import metadata, summary
from tests import synthetic_log, synthetic_manifest, synthetic_models
from tests.callbacks import logs
from tests.e2e.conftest import EPOCHS
from tests.e2e.looking import comes, picture_of, redrawn
from tests.event_files import EventFile
from tests.plugin.test_tensorboard import tensorboard


@pytest.fixture(scope="module", params=["true", "false"], ids=["fast", "python"])
def address(request, trained):
    with tensorboard(trained, "--load_fast", request.param, "--path_prefix", "/under/this") as address:
        yield address


@contextlib.contextmanager
def served(page, logdir):
    """Serve a log for one test; the page is gone before the server is."""
    with tensorboard(logdir) as address:
        yield address
        page.goto("about:blank")


def open_tab(page, address, **chosen):
    """Open the Explain tab with the given parts of its address; return its frame."""
    parts = "".join(f"&p.explain.{name}={value}" for name, value in chosen.items())
    page.goto(f"{address}/#explain{parts}")
    frame = page.frame_locator("iframe")
    frame.get_by_role("tab", name="Overview").wait_for()
    return frame


def slider(frame):
    return frame.get_by_role("slider", name="Epoch")


def shown_step(frame, step):
    expect(slider(frame)).to_have_attribute("aria-valuenow", str(step))


def quiet(frame):
    """Wait until nothing is loading."""
    expect(frame.locator("[aria-busy=true]")).to_have_count(0)


def painted(canvas):
    """Wait until a canvas holds more than one colour, and say so."""
    colours = """c => { const d = new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer);
                        return d.some(v => v !== d[0]); }"""
    return comes(lambda: canvas.evaluate(colours), bool)


def test_overview_says_what_happened(page, address, trained):
    frame = open_tab(page, address, focus="digits-shortcut/explain")
    expect(slider(frame)).to_have_attribute("aria-valuemin", "-1")
    expect(slider(frame)).to_have_attribute("aria-valuemax", str(EPOCHS - 1))
    expect(frame.get_by_text(re.compile(r"Since the start, .* of the attribution of digits-shortcut has moved"))).to_be_visible()
    accuracy = float(logs.read(trained / "digits-shortcut")["metric/val_accuracy"][EPOCHS - 1])
    row = frame.get_by_role("checkbox", name="digits-shortcut")
    expect(row).to_contain_text(f"{100 * accuracy:.1f}")
    for title in ("Loss", "Accuracy", "Share shift", "Local drift", "Deletion gap", "Completeness error", "Explaining overhead"):
        expect(frame.get_by_role("img", name=re.compile(title)).first).to_be_visible()
    quiet(frame)
    for title in ("Loss", "Share shift"):
        assert painted(frame.get_by_role("img", name=re.compile(title)).first.locator("canvas").first)


def test_one_cursor_moves_by_key_click_and_number(page, address):
    frame = open_tab(page, address, focus="digits-clean/explain")
    shown_step(frame, EPOCHS - 1)
    slider(frame).focus()
    page.keyboard.press("Home")
    shown_step(frame, -1)
    expect(slider(frame)).to_have_attribute("aria-valuetext", re.compile("start"))
    page.keyboard.press("ArrowRight")
    shown_step(frame, 0)
    page.keyboard.press("Shift+ArrowRight")
    shown_step(frame, 10)
    page.keyboard.press("ArrowLeft")
    shown_step(frame, 9)
    quiet(frame)
    curve = frame.get_by_role("img", name=re.compile("Loss")).first
    box = curve.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    expect(slider(frame)).to_have_attribute("aria-valuenow", re.compile("^[456]$"))
    page.keyboard.press("End")
    shown_step(frame, EPOCHS - 1)
    frame.get_by_role("tab", name="Samples").click()
    shown_step(frame, EPOCHS - 1)
    page.keyboard.press("ArrowLeft")
    shown_step(frame, EPOCHS - 2)


def test_the_address_says_what_is_shown(page, address):
    frame = open_tab(page, address, focus="digits-clean/explain", view="features", epoch=3)
    shown_step(frame, 3)
    expect(frame.get_by_role("tab", name="Features")).to_have_attribute("aria-selected", "true")
    slider(frame).focus()
    page.keyboard.press("ArrowRight")
    shown_step(frame, 4)
    page.wait_for_function("location.hash.includes('p.explain.epoch=4')")
    page.reload()
    frame = page.frame_locator("iframe")
    shown_step(frame, 4)


def test_samples_show_input_and_attribution(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="samples")
    expect(frame.get_by_text(re.compile(r"is \d")).first).to_be_visible()
    quiet(frame)
    canvases = frame.locator("main canvas")
    assert canvases.count() >= 9
    assert painted(canvases.first)
    before = picture_of(canvases.nth(1))
    slider(frame).focus()
    page.keyboard.press("Home")
    shown_step(frame, -1)
    redrawn(frame.locator("main canvas").nth(1), before)
    quiet(frame)


def test_a_table_shows_its_columns(page, address):
    frame = open_tab(page, address, focus="tumours/explain", view="features")
    for name in ("worst concave points", "mean perimeter"):
        expect(frame.get_by_text(name).first).to_be_visible()
    quiet(frame)
    assert painted(frame.locator("main canvas").first)
    frame.get_by_role("searchbox", name="Find a feature").fill("perimeter")
    expect(frame.get_by_role("option", name="mean perimeter")).to_be_visible()
    expect(frame.get_by_role("option", name="worst texture")).to_have_count(0)


def test_layers_show_their_health(page, address):
    frame = open_tab(page, address, focus="digits-clean/explain", view="layers")
    layers = frame.get_by_role("listbox", name="Layers").get_by_role("option")
    for name in ("conv_1", "conv_2", "dense_1", "digit"):
        expect(layers.filter(has_text=name).first).to_be_visible()
    layers.filter(has_text="conv_2").click()
    expect(frame.get_by_text("By epoch")).to_be_visible()
    quiet(frame)
    assert painted(frame.locator("main canvas").first)


def test_it_follows_tensorboards_dark_mode(page, address):
    frame = open_tab(page, address)
    page.evaluate("document.body.classList.remove('dark-mode')")
    light = frame.locator("main").evaluate("e => getComputedStyle(e).color")
    page.evaluate("document.body.classList.add('dark-mode')")
    expect(frame.locator("main")).not_to_have_css("color", light)


def test_a_directory_without_explanations_says_what_to_add(page, tmp_path):
    (tmp_path / "empty").mkdir()
    with served(page, tmp_path) as address:
        frame = open_tab(page, address) if has_tab(page, address) else None
        if frame is None:
            pytest.fail("the tab is not offered for a directory without data")
        expect(frame.get_by_text("No explanations in this log directory yet")).to_be_visible()
        expect(frame.get_by_text("Explain(").first).to_be_visible()


def has_tab(page, address):
    """Whether TensorBoard lists the plugin."""
    return "explain" in json.loads(page.request.get(f"{address}/data/plugins_listing").text())


def test_a_newer_contract_is_named_and_left_out(page, tmp_path, monkeypatch):
    synthetic_log.write_log(tmp_path / "logs", epochs=2, samples=8)
    with monkeypatch.context() as newer:
        newer.setattr(metadata, "VERSION", metadata.VERSION + 1)
        synthetic_log.write_log(tmp_path / "newer", epochs=2, samples=8)
    (tmp_path / "newer" / "cells").rename(tmp_path / "logs" / "from-the-future")
    with served(page, tmp_path / "logs") as address:
        frame = open_tab(page, address)
        frame.get_by_text("1 not shown").click()
        expect(frame.get_by_text("from-the-future").first).to_be_visible()
        expect(frame.get_by_text(re.compile("written by contract version 2")).first).to_be_visible()
        expect(frame.get_by_role("checkbox", name="cells", exact=True)).to_be_visible()


def test_names_with_markup_stay_text(page, tmp_path):
    synthetic_log.write_log(tmp_path, epochs=3, samples=8)
    with served(page, tmp_path) as address:
        frame = open_tab(page, address, focus="cells/explain", view="features")
        frame.get_by_role("searchbox", name="Find a feature").fill("x/y")
        expect(frame.get_by_text('<b>"x/y"</b>', exact=True).first).to_be_visible()


def focused(page):
    """What has the focus in the tab: the element at the end of all shadow roots."""
    return (
        page.frames[1]
        .evaluate_handle(
            "() => { let e = document.activeElement; while (e.shadowRoot?.activeElement) e = e.shadowRoot.activeElement; return e; }"
        )
        .as_element()
    )


def test_the_keyboard_passes_lists_and_moves_within_them(page, address):
    frame = open_tab(page, address, focus="digits-clean/explain", view="samples")
    quiet(frame)
    frame.get_by_role("button", name="Menu of Samples").focus()
    page.keyboard.press("Tab")
    first = focused(page).inner_text()
    assert re.search(r"is \d", first)
    page.keyboard.press("Enter")
    expect(frame.get_by_role("heading", name=re.compile("^Sample #"))).to_be_visible()
    page.keyboard.press("j")
    page.wait_for_function("() => location.hash.includes('p.explain.sample=')")
    comes(lambda: focused(page).inner_text(), lambda second: second != first and re.search(r"is \d", second))
    page.keyboard.press("Tab")
    assert focused(page).get_attribute("aria-label").startswith("Menu of Sample")
    for name in ("Pin", "Close"):
        page.keyboard.press("Tab")
        assert focused(page).inner_text() == name
    frame.get_by_role("tab", name="Layers").click()
    layers = frame.get_by_role("listbox", name="Layers").get_by_role("option")
    expect(layers).to_have_count(4)
    expect(layers.and_(frame.locator("[tabindex='0']"))).to_have_accessible_name(re.compile("conv_1"))


def test_names_stand_off_the_cursor(page, address):
    frame = open_tab(page, address, focus="tumours/explain")
    quiet(frame)
    loss = frame.get_by_role("img", name=re.compile("Loss")).first
    label, cursor = loss.locator(".label.name", has_text="validation"), loss.locator(".mark.cursor")
    slider(frame).focus()
    for _ in range(EPOCHS):
        page.keyboard.press("ArrowLeft")
        name, line = label.bounding_box(), cursor.bounding_box()
        assert line["x"] < name["x"] or line["x"] > name["x"] + name["width"]


def test_a_resumed_run_shows_its_new_frames(page, tmp_path):
    """A resumed run writes steps anew under its old name: what was read of them before no longer holds."""
    synthetic_log.write_log(tmp_path, epochs=3, samples=8)
    story = synthetic_models.cells(8)
    with served(page, tmp_path) as address:
        frame = open_tab(page, address, focus="cells/explain", view="samples", epoch=1)
        quiet(frame)
        bars = frame.locator("main canvas").nth(1)
        before = picture_of(bars)
        resumed = synthetic_manifest.manifest(story)
        resumed.start_time += 60
        with EventFile(tmp_path / "cells" / "explain", 1, start_time=resumed.start_time) as log:
            log.write(1, summary.manifest(resumed))
            for step in (1, 2):
                log.write(step, *synthetic_log.summaries(story, step + 40, 3))
        with page.expect_request(re.compile(r"/frame\?run=cells.*step=1$"), timeout=40_000):
            pass
        quiet(frame)
        shown_step(frame, 1)
        redrawn(bars, before)
