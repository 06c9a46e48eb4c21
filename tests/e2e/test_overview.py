"""What the Overview says of many runs, at any epoch, and of figures that are out of order: in a real browser."""

from __future__ import annotations

import csv
import io
import json
import re
import urllib.request

import pytest
from playwright.sync_api import expect

from benchmarks.frontend import log
from tests.e2e import checked_log
from tests.e2e.checked_log import CHECKED_EVERY, EPOCHS
from tests.e2e.test_curves import curves, downloaded, menu
from tests.e2e.test_tab import open_tab, quiet, shown_step, slider
from tests.plugin.test_tensorboard import tensorboard

RUNS = 9
SEED_EPOCHS = 6
SEEDS = [f"seeds/seed-{seed}/explain" for seed in range(RUNS)]
CHECKED = "digits-shortcut/explain"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Two runs with all that is checked, and nine that differ by their seed."""
    logdir = tmp_path_factory.mktemp("overview")
    checked_log.write(logdir)
    for seed in range(RUNS):
        log.write_run(logdir / "seeds" / f"seed-{seed}", seed, SEED_EPOCHS, samples=8, side=14)
    with tensorboard(logdir) as address:
        yield address


def open_seeds(page, address):
    return open_tab(page, address, focus=SEEDS[0], runs="%2C".join(run.replace("/", "%252F") for run in SEEDS))


def ask(address, route):
    with urllib.request.urlopen(f"{address}/data/plugin/explain/{route}", timeout=20) as response:
        return json.load(response)


def changed(page, pattern, change):
    """Answer a JSON route with what `change` makes of its answer."""

    def answer(route):
        response = route.fetch()
        route.fulfill(response=response, json=change(response.json()))

    page.route(pattern, answer)


def number(text):
    return float(text.replace("\u2212", "-"))


def test_values_of_all_runs_are_listed_beside_the_chart_under_the_pointer(page, address):
    frame = open_seeds(page, address)
    quiet(frame)
    panel = frame.locator("explain-curve-panel", has=curves(frame, "Accuracy"))
    shown = panel.locator(".values .figure")
    expect(panel.locator(".values")).to_contain_text(f"+{RUNS - shown.count()}")
    expect(frame.get_by_role("tooltip")).to_have_count(0)
    box = curves(frame, "Accuracy").bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 40)
    rows = frame.get_by_role("tooltip").get_by_role("listitem")
    expect(rows).to_have_count(RUNS)
    values = [number(re.search(r"[\d.]+$", text)[0]) for text in rows.all_inner_texts()]
    assert values == sorted(values, reverse=True)
    assert sorted(re.match(r"\S+", text)[0] for text in rows.all_inner_texts()) == [run.removesuffix("/explain") for run in SEEDS]
    listed = frame.get_by_role("tooltip").bounding_box()
    assert listed["x"] > box["x"] + box["width"], "the list hides the chart"
    before = rows.all_inner_texts()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 40)
    expect(rows.first).not_to_have_text(before[0])
    page.mouse.move(2, 2)
    expect(frame.get_by_role("tooltip")).to_have_count(0)
    slider(frame).focus()
    panel.get_by_role("button", name="Accuracy", exact=True).focus()
    for _ in range(2):  # past the menu
        page.keyboard.press("Tab")
    expect(curves(frame, "Accuracy")).to_be_focused()
    expect(rows).to_have_count(RUNS)


def test_runs_that_have_answered_are_drawn_while_others_are_on_their_way(page, address):
    held, holding = [], [True]

    def hold(route):
        held.append(route) if holding else route.continue_()

    page.route(re.compile(rf"/drift\?.*seed-[{RUNS - 2}{RUNS - 1}]"), hold)  # those asked last: two are asked at a time
    frame = open_seeds(page, address)
    expect(frame.get_by_text(f"{RUNS - 2} of {RUNS} runs")).to_be_visible(timeout=20_000)
    drift = frame.locator("explain-curve-panel", has=curves(frame, "Local drift"))
    expect(drift.locator(".values")).to_contain_text(re.compile(rf"\+{RUNS - 2 - 3}$"))
    expect(frame.get_by_text(re.compile("of the attribution of seeds/seed-0"))).to_be_visible()
    holding.clear()
    for route in held:
        route.continue_()
    expect(frame.get_by_text(re.compile(rf"of {RUNS} runs"))).to_have_count(0)
    expect(drift.locator(".values")).to_contain_text(re.compile(rf"\+{RUNS - 3}$"))


def test_moving_the_cursor_draws_no_curve_again_and_asks_nothing_until_it_rests(page, address):
    frame = open_seeds(page, address)
    quiet(frame)
    page.wait_for_load_state("networkidle")
    tab = next(found for found in page.frames if found is not page.main_frame)
    tab.evaluate(
        """() => { const { stroke } = CanvasRenderingContext2D.prototype; window.strokes = 0;
          CanvasRenderingContext2D.prototype.stroke = function (...path) {
            window.strokes += this.canvas.matches('.curves'); return stroke.apply(this, path); }; }"""
    )
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/plugin/explain/" in request.url else None)
    said = curves(frame, "Accuracy").get_attribute("aria-label")
    box = slider(frame).bounding_box()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 30)
    page.mouse.down()
    for move in range(1, 20):
        page.mouse.move(box["x"] + box["width"] * (1 - move / 20), box["y"] + 30)
    assert [url for url in asked if "/frame" not in url and "/compare" not in url] == []
    expect(curves(frame, "Accuracy")).not_to_have_attribute("aria-label", said)
    page.mouse.up()
    page.mouse.move(2, 2)
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    shown_step(frame, 2)
    assert tab.evaluate("window.strokes") == 0
    dot = curves(frame, "Accuracy").locator(".point.focus").bounding_box()
    line = curves(frame, "Accuracy").locator(".mark.cursor").bounding_box()
    assert abs(dot["x"] + dot["width"] / 2 - line["x"]) < 2, "the dot stands on the cursor"
    curves(frame, "Accuracy").hover(position={"x": 300, "y": 40})
    expect(curves(frame, "Loss").locator(".mark.hover")).to_be_visible()
    assert tab.evaluate("window.strokes") == 0


def test_coloured_is_what_moved_beyond_its_paired_error(page, address):
    step = EPOCHS // 2
    frame = open_tab(page, address, focus=CHECKED, epoch=step)
    quiet(frame)
    where = frame.locator("explain-where")
    compared = ask(address, f"compare?run={CHECKED}&tag=attribution%2Fintegrated_gradients&step={step}&against=step:-1")["inputs"]["image"]
    columns = compared["regions"][1]
    names = [f"{chr(65 + i % columns)}{i // columns + 1}" for i in range(len(compared["share"]))]

    def moved(errors):
        changes = [share - before for share, before in zip(compared["share"], compared["reference_share"], strict=True)]
        return {name for name, change, error in zip(names, changes, errors, strict=True) if abs(change) > 2 * error}

    expect(where.locator(".item")).to_have_count(8)
    listed = set(where.locator(".name").all_inner_texts())
    paired = moved(compared["change_standard_error"])
    expect(where.locator(".item.moved .name")).to_have_text([name for name in where.locator(".name").all_inner_texts() if name in paired])
    added = [(a**2 + b**2) ** 0.5 for a, b in zip(compared["standard_error"], compared["reference_standard_error"], strict=True)]
    assert listed & moved(added) < listed & paired, "the log tells paired errors from others"


def test_a_check_from_before_the_cursor_says_when_it_was(page, address):
    frame = open_tab(page, address, focus=CHECKED, epoch=2 * CHECKED_EVERY)
    badges = frame.get_by_role("group", name=re.compile("^Trust at"))
    expect(badges.get_by_role("button", name=re.compile("Permutation agrees"))).to_be_visible()
    expect(badges).not_to_contain_text("at epoch")
    slider(frame).focus()
    page.keyboard.press("ArrowRight")
    shown_step(frame, 2 * CHECKED_EVERY + 1)
    for words in ("Permutation agrees", "Deletion beats chance"):
        expect(badges.get_by_role("button", name=re.compile(words))).to_contain_text(f"at epoch {2 * CHECKED_EVERY}")
    expect(badges.get_by_role("button", name=re.compile("Completeness"))).not_to_contain_text("at epoch")


@pytest.mark.parametrize("width", [900, 1024, 1440, 2560])
def test_badges_keep_to_one_line_so_that_charts_stay_where_they_are(page, address, width):
    page.set_viewport_size({"width": width, "height": 864})
    frame = open_tab(page, address, focus=CHECKED, epoch=2 * CHECKED_EVERY + 1)
    quiet(frame)
    badges = frame.get_by_role("group", name=re.compile("^Trust at")).get_by_role("button")
    expect(badges).to_have_count(5)
    boxes = [badge.bounding_box() for badge in badges.all()]
    assert len({box["y"] for box in boxes}) == 1
    assert max(box["x"] + box["width"] for box in boxes) <= width
    before = curves(frame, "Loss").bounding_box()
    for key in ("ArrowLeft", "Home"):
        slider(frame).press(key)
        quiet(frame)
        assert curves(frame, "Loss").bounding_box() == before
    assert page.evaluate("document.querySelector('iframe').contentDocument.scrollingElement.scrollWidth") <= width


def test_the_sentence_has_the_second_witness(page, address):
    frame = open_tab(page, address, focus=CHECKED)
    expect(frame.get_by_text(re.compile(r"permutation importance now agrees more \(ρ \.\d+ → \.\d+\)"))).to_be_visible()


def test_settled_alarms_are_hollow_and_told_apart(page, address):
    alarm = {"run": CHECKED, "kind": "dead_layer", "text": "epoch 4: dead", "evidence": {"dead_fraction": 0.9, "limit": 2}}
    settled = alarm | {"step": 4, "subject": "conv_1"}
    lasting = settled | {"step": 9, "text": "epoch 9: dead", "evidence": {"dead_fraction": 0.9, "limit": -1}}
    page.route(re.compile("/alarms.*shortcut"), lambda route: route.fulfill(json={"alarms": [lasting, settled]}))
    frame = open_tab(page, address, focus=CHECKED, epoch=2)
    alarms = frame.locator("explain-alarm-list")
    expect(alarms).to_contain_text("1 open, 1 settled")
    items = alarms.get_by_role("listitem")
    expect(items.nth(0)).to_contain_text(re.compile("◇.*Epoch 4.*settled", re.DOTALL))
    expect(items.nth(1)).to_contain_text(re.compile("◆.*Epoch 9", re.DOTALL))
    expect(items.nth(1)).not_to_contain_text("settled")
    alarms.get_by_role("button", name="Menu of Alarms").click()
    name, content = downloaded(page, alarms.get_by_role("menuitem", name="Data (CSV)"))
    assert name == "digits-shortcut-Alarms-epoch-2.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert [(row["epoch"], row["kind"], row["settled"]) for row in rows] == [("4", "dead_layer", "yes"), ("9", "dead_layer", "no")]
    items.nth(0).get_by_role("button").focus()
    page.keyboard.press("Enter")
    shown_step(frame, 4)


def test_every_figure_tells_what_it_means_how_it_is_made_and_where_it_misleads(page, address):
    frame = open_tab(page, address, focus=CHECKED, more="order%2Ctrust")
    quiet(frame)
    helped = frame.locator("explain-overview").get_by_role("button").and_(frame.get_by_title(re.compile("what this means", re.IGNORECASE)))
    charts = frame.locator("explain-overview explain-curve-panel")
    assert charts.locator(".about").count() == charts.count() > 12
    assert helped.count() > charts.count() + 3, "the panels below and the badges, too"
    for title in helped.all():
        title.evaluate("button => button.click()")
        words = frame.get_by_role("dialog")
        expect(words.locator("dt")).to_have_text(["Means", "Formula", "Read", "Mind"])
        page.keyboard.press("Escape")
        expect(words).to_have_count(0)


def test_a_loss_out_of_order_is_written_as_it_is(page, address):
    def broken(answer):
        for curve in answer["curves"]:
            if curve["name"] == "loss":
                curve["values"] = [1e9, "Infinity", "NaN", *curve["values"][3:]]
        return answer

    changed(page, re.compile("/scalars.*shortcut"), broken)
    frame = open_tab(page, address, focus=CHECKED, epoch=0)
    value = frame.locator("explain-curve-panel", has=curves(frame, "Loss")).locator(".value.focus .figure")
    expect(value).to_have_text("1.00e9")
    slider(frame).focus()
    for text in ("∞", "NaN"):
        page.keyboard.press("ArrowRight")
        expect(value).to_have_text(text)
    page.keyboard.press("ArrowRight")
    expect(value).to_have_text(re.compile(r"^[\d.]+$"))


def test_smoothing_goes_as_far_as_tensorboards(page, address):
    frame = open_tab(page, address, focus=CHECKED)
    quiet(frame)
    smoothing = frame.get_by_role("slider", name="Smoothing")
    expect(smoothing).to_have_attribute("aria-valuetext", "off")
    smoothing.focus()
    page.keyboard.press("End")
    page.wait_for_function("location.hash.includes('smooth=0.999')")
    expect(smoothing).to_have_attribute("aria-valuetext", ".999")
    expect(curves(frame, "Loss")).to_have_attribute("aria-label", re.compile(r"smoothed \.999"))
    shown_step(frame, EPOCHS - 1)
    name, content = downloaded(page, menu(frame, "Loss").get_by_role("menuitem", name="Data (JSON)"))
    assert name.endswith(".json")
    told = json.loads(content)
    assert {"value", "smoothed"} <= set(told["rows"][0])
    assert "parts of 1, not percent" in told["units"]
