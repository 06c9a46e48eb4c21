"""Curves as TensorBoard has them, smoothed, zoomed, on either scale, and taken along as files, in a real browser."""

from __future__ import annotations

import csv
import io
import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.callbacks import logs
from tests.e2e.conftest import EPOCHS
from tests.e2e.test_tab import open_tab, quiet, shown_step, slider
from tests.plugin.test_tensorboard import tensorboard


@pytest.fixture(scope="module")
def address(trained):
    with tensorboard(trained) as address:
        yield address


def curves(frame, title):
    return frame.get_by_role("img", name=re.compile(f"^{title}"))


def menu(frame, title):
    """Open a figure's menu, which is there for the pointer while it is over the figure."""
    curves(frame, title).hover()
    frame.get_by_role("button", name=f"Menu of {title}").click()
    return frame.get_by_role("menu", name=title)


def downloaded(page, item):
    with page.expect_download() as download:
        item.click()
    return download.value.suggested_filename, download.value.path().read_bytes()


def in_address(page, part):
    page.wait_for_function("part => decodeURIComponent(location.hash).includes(part)", arg=part)


def not_in_address(page, part):
    page.wait_for_function("part => !location.hash.includes(part)", arg=part)


def smoothed(values, weight):
    """TensorBoard's formula: a running average from zero, divided by what it lacks for having started there."""
    last, found = 0.0, []
    for count, value in enumerate(values, 1):
        last = last * weight + (1 - weight) * value
        found.append(last / (1 - weight**count))
    return found


def test_smoothing_is_tensorboards_and_says_so(page, address, trained):
    frame = open_tab(page, address, focus="digits-clean/explain")
    quiet(frame)
    values = [step[1] for step in sorted(logs.read(trained / "digits-clean")["metric/val_loss"].items())]
    expect(curves(frame, "Loss")).not_to_have_attribute("aria-label", re.compile("smoothed"))
    frame.get_by_role("slider", name="Smoothing").focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    shown_step(frame, EPOCHS - 1)
    in_address(page, "p.explain.smooth=0.05")
    frame.get_by_role("slider", name="Smoothing").fill("0.8")
    in_address(page, "p.explain.smooth=0.8")
    expect(curves(frame, "Loss")).to_have_attribute("aria-label", re.compile(r"smoothed \.80"))
    expect(curves(frame, "Local drift")).not_to_have_attribute("aria-label", re.compile("smoothed"))
    name, content = downloaded(page, menu(frame, "Loss").get_by_role("menuitem", name="Data (CSV)"))
    assert name == f"digits-clean-Loss-epoch-{EPOCHS - 1}.csv"
    rows = [row for row in csv.DictReader(io.StringIO(content.decode())) if row["curve"] == "validation"]
    found = [row for row in rows if row["run"] == "digits-clean/explain"]
    np.testing.assert_allclose([float(row["value"]) for row in found], values, rtol=1e-6)
    np.testing.assert_allclose([float(row["smoothed"]) for row in found], smoothed(values, 0.8), rtol=1e-6)
    assert found[-1]["smoothed"] != found[-1]["value"]


def test_a_zoom_is_shared_by_all_curves_and_leaves_the_epoch_alone(page, address):
    frame = open_tab(page, address, focus="digits-clean/explain", epoch=2)
    quiet(frame)
    box = curves(frame, "Loss").bounding_box()
    page.keyboard.down("Alt")
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 40, steps=3)
    page.mouse.up()
    page.keyboard.up("Alt")
    in_address(page, "p.explain.zoom=")
    first, last = map(int, re.search(r"zoom=(\d+)\.\.(\d+)", page.url).groups())
    assert 3 <= first <= 6
    assert 8 <= last <= EPOCHS - 1
    shown_step(frame, 2)
    expect(frame.get_by_role("button", name=re.compile(f"curves show {first}.*{last}: all"))).to_be_visible()
    drift = curves(frame, "Local drift").bounding_box()
    page.mouse.click(drift["x"] + 40, drift["y"] + 40)
    shown_step(frame, first)
    page.mouse.dblclick(box["x"] + 0.5 * box["width"], box["y"] + 40)
    not_in_address(page, "zoom")
    below = curves(frame, "Explaining overhead").bounding_box()
    page.mouse.move(below["x"] + 0.3 * below["width"], below["y"] + below["height"] - 6)
    page.mouse.down()
    page.mouse.move(below["x"] + 0.6 * below["width"], below["y"] + below["height"] - 6, steps=3)
    page.mouse.up()
    in_address(page, "p.explain.zoom=")
    frame.get_by_role("button", name=re.compile("curves show .*: all")).click()
    not_in_address(page, "zoom")


def test_the_zoom_has_keys_and_a_wheel_and_comes_back_from_its_address(page, address):
    frame = open_tab(page, address, focus="digits-clean/explain", zoom="2..6", epoch=4)
    quiet(frame)
    expect(frame.get_by_role("button", name=re.compile("curves show 2.*6: all"))).to_be_visible()
    slider(frame).focus()
    page.keyboard.press("-")
    expect(frame.get_by_role("button", name=re.compile("curves show 1.*7: all"))).to_be_visible()
    page.keyboard.press("0")
    expect(frame.get_by_role("button", name=re.compile("curves show .*: all"))).to_have_count(0)
    curves(frame, "Loss").hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    expect(frame.get_by_role("button", name=re.compile("curves show .*: all"))).to_be_visible()
    shown_step(frame, 4)


def test_each_chart_has_either_scale(page, address):
    frame = open_tab(page, address, focus="digits-clean/explain")
    quiet(frame)
    item = menu(frame, "Share shift").get_by_role("menuitemcheckbox", name="Log scale")
    expect(item).to_have_attribute("aria-checked", "false")
    item.click()
    expect(curves(frame, "Share shift")).to_have_attribute("aria-label", re.compile(", log:"))
    in_address(page, "scales=log:Share shift")
    page.reload()
    frame = page.frame_locator("iframe")
    expect(curves(frame, "Share shift")).to_have_attribute("aria-label", re.compile(", log:"))
    menu(frame, "Share shift").get_by_role("menuitemcheckbox", name="Log scale", checked=True).click()
    not_in_address(page, "scales")


def test_a_closed_menu_takes_no_key(page, address):
    frame = open_tab(page, address, focus="digits-clean/explain")
    quiet(frame)
    button = frame.get_by_role("button", name="Menu of Accuracy")
    button.focus()
    page.keyboard.press("Enter")
    expect(frame.get_by_role("menuitemcheckbox", name="Log scale")).to_be_focused()
    # Before the browser has drawn anything again.
    focused = frame.get_by_role("menu", name="Accuracy").evaluate(
        "menu => (menu.hidePopover(), menu.getRootNode().activeElement.ariaLabel)"
    )
    assert focused == "Menu of Accuracy"
    expect(button).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(frame.get_by_role("menuitemcheckbox", name="Log scale")).to_be_focused()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(frame.get_by_role("menuitem")).to_have_count(0)


def test_a_menu_is_used_by_keys_and_saves_a_picture_with_its_background(page, address):
    frame = open_tab(page, address, focus="digits-clean/explain", epoch=-1)
    quiet(frame)
    button = frame.get_by_role("button", name="Menu of Accuracy")
    button.focus()
    page.keyboard.press("Enter")
    expect(frame.get_by_role("menuitemcheckbox", name="Log scale")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(frame.get_by_role("menuitem", name="Data (JSON)")).to_be_focused()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == "digits-clean-Accuracy-start.json"
    told = json.loads(download.value.path().read_text())
    assert (told["figure"], told["run"], told["epoch"]) == ("Accuracy", "digits-clean/explain", "start")
    assert {row["run"] for row in told["rows"]} == {"digits-clean/explain", "digits-shortcut/explain"}
    expect(frame.get_by_role("menu")).to_have_count(0)
    expect(button).to_be_focused()
    shown_step(frame, -1)
    name, content = downloaded(page, menu(frame, "Accuracy").get_by_role("menuitem", name="Picture (PNG)"))
    assert name == "digits-clean-Accuracy-start.png"
    size, corner, colours = page.evaluate(
        """async bytes => {
          const picture = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: 'image/png' }));
          const canvas = new OffscreenCanvas(picture.width, picture.height);
          const pen = canvas.getContext('2d', { willReadFrequently: true });
          pen.drawImage(picture, 0, 0);
          const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
          const title = pen.getImageData(32, 32, 120, 32).data;
          return [[canvas.width, canvas.height], [...data.slice(0, 4)], new Set(new Uint32Array(title.buffer)).size];
        }""",
        list(content),
    )
    box = curves(frame, "Accuracy").bounding_box()
    assert size[0] > 2 * box["width"]
    assert size[1] > 2 * box["height"]
    assert corner == [255, 255, 255, 255]
    assert colours > 2, "the title is written above the curves"


@pytest.mark.parametrize(
    ("view", "title", "columns"),
    [
        ("overview", "Where it looks", ["input", "feature", "share"]),
        ("samples", "Samples", ["sample", "name", "label"]),
        ("features", "Share by epoch", ["input", "feature", "epoch", "share"]),
        ("layers", "Activations by epoch of conv_1", ["epoch", "lower", "upper", "count"]),
        ("compare", "Similarity of epochs", ["run", "epoch", "other_run", "other_epoch", "cosine"]),
        ("compare", "Share of each region", ["input", "feature", "share_a"]),
    ],
)
def test_figures_of_all_views_are_taken_along(page, address, view, title, columns):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view=view, ref=2)
    quiet(frame)
    button = frame.get_by_role("button", name=f"Menu of {title}", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    name, content = downloaded(page, frame.get_by_role("menuitem", name="Data (CSV)"))
    assert re.fullmatch(rf"digits-shortcut-[\w-]+-epoch-{EPOCHS - 1}\.csv", name)
    rows = list(csv.reader(io.StringIO(content.decode())))
    assert rows[0][: len(columns)] == columns
    assert len(rows) > EPOCHS
    assert {len(row) for row in rows} == {len(rows[0])}
    page.keyboard.press("Enter")
    _, picture = downloaded(page, frame.get_by_role("menuitem", name="Picture (PNG)"))
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 5_000


def test_the_crosshair_stands_in_all_charts_with_their_values(page, address):
    frame = open_tab(page, address, focus="digits-clean/explain")
    quiet(frame)
    said = curves(frame, "Share shift").get_attribute("aria-label")
    box = curves(frame, "Loss").bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 40)
    expect(curves(frame, "Share shift")).not_to_have_attribute("aria-label", said)
    shown_step(frame, EPOCHS - 1)
    page.mouse.move(2, 2)
    expect(curves(frame, "Share shift")).to_have_attribute("aria-label", said)
    frame.get_by_role("tab", name="Features").click()
    quiet(frame)
    expect(frame.locator("explain-hover-line i")).to_have_count(0)
    share = curves(frame, "Share %").bounding_box()
    page.mouse.move(share["x"] + 0.3 * share["width"], share["y"] + 40)
    expect(frame.locator("explain-epoch-map explain-hover-line i")).to_be_visible()
    expect(frame.locator(".ranks explain-hover-line i")).to_be_visible()
