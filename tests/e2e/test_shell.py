"""The frame around the views: playing, the address, the list of runs, and following a log that grows, vanishes or is written anew."""

from __future__ import annotations

import contextlib
import itertools
import re
import shutil
import socket
import time
from urllib.parse import quote, unquote

import pytest
from playwright.sync_api import expect

from tb_explain_plugin import summary
from tests import synthetic_log, synthetic_manifest, synthetic_models
from tests.e2e import checked_log
from tests.e2e.looking import comes, picture_of, redrawn
from tests.e2e.test_tab import focused, open_tab, quiet, shown_step, slider
from tests.event_files import EventFile, scalar
from tests.plugin.test_tensorboard import get, tensorboard

EPOCHS = checked_log.EPOCHS
CLEAN, SHORTCUT = "digits-clean/explain", "digits-shortcut/explain"
LIGHT = ["rgb(66, 80, 102)", "rgb(18, 181, 203)"]
DARK = ["rgb(142, 152, 163)", "rgb(18, 181, 203)"]
"""TensorBoard's colours of the first two runs."""
SETTLED = 250
"""Milliseconds after which a place is written into the address."""
LOADERS = pytest.mark.parametrize("load_fast", ["true", "false"], ids=["fast", "python"])


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    directory = tmp_path_factory.mktemp("checked")
    checked_log.write(directory)
    return directory


@pytest.fixture(scope="module")
def address(checked):
    with tensorboard(checked) as address:
        yield address


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """165 runs, most of which have long names that differ at their ends."""
    directory = tmp_path_factory.mktemp("many")
    story = synthetic_models.cells(8)
    synthetic_log.write_group(directory / "a-first-run", story, 2)
    for number in range(164):
        shutil.copytree(
            directory / "a-first-run", directory / f"{'experiment-of-november-with-resnet50-seed' if number % 2 else 'cnn'}-{number:03d}"
        )
    with tensorboard(directory) as address:
        deadline = time.monotonic() + 60
        while sum(run["probe"] != "" for group in get(f"{address}/data/plugin/explain/groups")["groups"] for run in group["runs"]) < 165:
            assert time.monotonic() < deadline, "TensorBoard has not read all runs"
            time.sleep(0.5)
        yield address


def inside(page):
    """Return the tab's own frame, in which scripts run."""
    return page.frames[1]


def chosen(page):
    """Return what the address chooses, by name."""
    parts = (part.partition("=") for part in unquote(page.evaluate("location.hash")).split("&"))
    return {name.removeprefix("p.explain."): value for name, _, value in parts if name.startswith("p.explain.")}


def runs(frame):
    return frame.get_by_role("group", name="Runs").get_by_role("checkbox")


def shown_of(frame, count, of):
    expect(frame.get_by_text(f"{count} of {of} shown", exact=True)).to_be_visible()


# ----------------------------------------------------------------------------------------------- playing


def play_from_start(page, frame, speed):
    """Play to the end; return the steps that the frames showed."""
    frame.get_by_label("Playing speed").select_option(label=f"{speed}/s")
    slider(frame).focus()
    page.keyboard.press("Home")
    shown_step(frame, -1)
    inside(page).evaluate(
        """() => {
            const find = (root) => root.querySelector("[role=slider][aria-label=Epoch]")
                ?? [...root.querySelectorAll("*")].reduce((found, e) => found ?? (e.shadowRoot && find(e.shadowRoot)), null);
            const track = find(document);
            const look = () => {
                const step = Number(track.ariaValueNow ?? track.getAttribute("aria-valuenow"));
                if (step !== window.steps.at(-1)) window.steps.push(step);
                requestAnimationFrame(look);
            };
            window.steps = [];
            look();
        }"""
    )
    page.keyboard.press("Space")
    shown_step(frame, EPOCHS - 1)
    return inside(page).evaluate("window.steps")


@pytest.mark.parametrize("view", ["overview", "samples", "features", "layers", "compare"])
def test_playing_thirty_steps_a_second_shows_every_step_and_stops_at_the_last(page, address, view):
    frame = open_tab(page, address, focus=CLEAN, view=view)
    quiet(frame)
    assert play_from_start(page, frame, 30) == list(range(-1, EPOCHS))
    expect(frame.get_by_role("button", name="Play", exact=True)).to_be_enabled()


def test_playing_stops_at_a_seek_and_when_the_tab_is_hidden(page, address):
    frame = open_tab(page, address, focus=CLEAN, epoch=0)
    stop = frame.get_by_role("button", name="Stop", exact=True)
    page.keyboard.press("<")
    slider(frame).focus()
    page.keyboard.press("Space")
    expect(stop).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(stop).to_have_count(0)
    page.keyboard.press("Space")
    expect(stop).to_be_visible()
    page.get_by_role("tab", name="Time Series").click()
    page.get_by_role("tab", name="Explain").click()
    expect(stop).to_have_count(0)


def test_the_speed_is_kept_and_changes_by_key(page, address):
    frame = open_tab(page, address, focus=CLEAN)
    speed = frame.get_by_label("Playing speed")
    expect(speed).to_have_value("8")
    slider(frame).focus()
    page.keyboard.press(">")
    expect(speed).to_have_value("15")
    page.reload()
    expect(frame.get_by_label("Playing speed")).to_have_value("15")
    slider(frame).focus()
    page.keyboard.press("<")
    page.keyboard.press("<")
    expect(speed).to_have_value("4")


def test_without_motion_playing_steps_and_nothing_is_animated(page, address):
    page.emulate_media(reduced_motion="reduce")
    frame = open_tab(page, address, focus=CLEAN, epoch=EPOCHS - 5)
    quiet(frame)
    frame.get_by_label("Playing speed").select_option(label="4/s")
    slider(frame).focus()
    page.keyboard.press("Space")
    expect(frame.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    assert inside(page).evaluate("document.getAnimations().length") == 0
    shown_step(frame, EPOCHS - 1)


# ----------------------------------------------------------------------------------------------- the address

EVERYTHING = {
    "view": "samples",
    "focus": SHORTCUT,
    "method": "integrated_gradients",
    "feature": "A1",
    "layer": "conv_2",
    "sort": "loss",
    "filter": "flipped",
    "runfilter": "digits|cnn",
    "epoch": "7",
    "sample": "3",
    "smooth": "0.4",
    "zoom": "2..15",
    "ref": "4",
    "runs": quote(SHORTCUT, safe=""),
}


def test_a_link_shows_exactly_this(page, address):
    frame = open_tab(page, address, **{name: quote(value, safe="") for name, value in EVERYTHING.items()})
    shown_step(frame, 7)
    shown_of(frame, 1, 2)
    expect(frame.get_by_role("searchbox", name="Filter runs")).to_have_value(EVERYTHING["runfilter"])
    expect(frame.get_by_role("tab", name="Samples")).to_have_attribute("aria-selected", "true")
    assert chosen(page) == EVERYTHING
    frame.get_by_role("tab", name="Layers").click()
    assert chosen(page) == EVERYTHING | {"view": "layers"}
    page.go_back()
    expect(frame.get_by_role("tab", name="Samples")).to_have_attribute("aria-selected", "true")
    assert chosen(page) == EVERYTHING


def test_a_click_can_be_taken_back_and_a_drag_is_one_place(page, address):
    page.add_init_script(
        """for (const name of ["pushState", "replaceState"]) {
            const call = history[name].bind(history);
            history[name] = (...args) => { (window.written ??= []).push(name); call(...args); };
        }"""
    )
    frame = open_tab(page, address, focus=CLEAN)
    quiet(frame)
    page.wait_for_timeout(400)
    page.evaluate("window.written = []")
    box = slider(frame).bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 30, middle)
    page.mouse.down()
    times, written = slider(frame).evaluate(
        """track => new Promise((done) => {
            const { left, width, top } = track.getBoundingClientRect();
            const times = [];
            const move = (frames) => {
                const clientX = left + width * (0.2 + 0.6 * (frames % 30) / 30);  // to and fro: another epoch in most frames
                track.dispatchEvent(new PointerEvent("pointermove", { clientX, clientY: top + 30, buttons: 1, bubbles: true }));
                times.push(performance.now());
                frames ? requestAnimationFrame(() => move(frames - 1)) : done([times, [...parent.written]]);
            };
            move(75);
        })"""
    )
    # Where a busy machine draws no frame for so long, the hand has stood still for all that the tab can know.
    pauses = sum(later - earlier > SETTLED for earlier, later in zip(times, times[3:], strict=False))
    assert written[0] == "pushState"
    assert written[1:] == ["replaceState"] * len(written[1:])
    assert len(written[1:]) <= pauses
    page.mouse.up()
    page.wait_for_timeout(2 * SETTLED)
    written = page.evaluate("window.written")
    assert written[1:] == ["replaceState"] * len(written[1:])
    assert 1 <= len(written[1:]) <= pauses + 1
    dragged_to = chosen(page)["epoch"]
    page.keyboard.press("End")
    page.keyboard.press("Home")
    shown_step(frame, -1)
    page.go_back()
    shown_step(frame, EPOCHS - 1)
    page.go_back()
    shown_step(frame, dragged_to)


@pytest.mark.parametrize(
    ("named", "said", "corrected"),
    [
        ({"view": "nothing"}, "There is no view “nothing”; this is Overview.", {}),
        ({"focus": "gone/explain"}, "Run gone/explain is not in this log directory; details are of digits-clean.", {"focus": CLEAN}),
        ({"runs": "gone"}, "Chosen, but not in this log directory: gone.", {"runs": ""}),
        ({"method": "magic"}, "No run here is explained by magic; this is Integrated gradients.", {}),
        ({"epoch": "99"}, "digits-clean has no explanation of epoch 99; this is epoch 19, the nearest.", {}),
        ({"sample": "999"}, "There is no sample #999; the probe has #0 to #29.", {}),
    ],
    ids=lambda value: next(iter(value), "none") if isinstance(value, dict) else "",
)
def test_a_link_to_what_is_not_there_says_so_and_shows_something_else(page, address, named, said, corrected):
    frame = open_tab(page, address, **named)
    shown_step(frame, EPOCHS - 1)
    expect(frame.get_by_text(said)).to_be_visible()
    quiet(frame)
    expect(frame.get_by_role("alert")).to_have_count(0)
    frame.get_by_role("button", name="Close").click()
    expect(frame.get_by_text(said)).to_have_count(0)
    comes(lambda: chosen(page), lambda now: now == corrected)


# ----------------------------------------------------------------------------------------------- the list of runs


@pytest.mark.parametrize(("dark", "colours"), [("false", LIGHT), ("true", DARK)], ids=["light", "dark"])
def test_runs_have_tensorboards_colours(page, address, dark, colours):
    page.goto(f"{address}/?darkMode={dark}#explain")
    frame = page.frame_locator("iframe")
    swatches = runs(frame).locator(".swatch")
    expect(swatches).to_have_count(2)
    assert swatches.evaluate_all("all => all.map(e => getComputedStyle(e).borderTopColor)") == colours
    assert swatches.evaluate_all("all => all.map(e => getComputedStyle(e).backgroundColor)") == colours


def test_the_filter_of_runs_is_a_regular_expression_as_in_tensorboard(page, address):
    frame = open_tab(page, address, focus=CLEAN)
    find = frame.get_by_role("searchbox", name="Filter runs")
    shown_of(frame, 2, 2)
    find.fill("SHORT.*/explain$")
    expect(runs(frame)).to_have_count(2)  # the focus run stays
    find.fill("nothing like this")
    expect(runs(frame)).to_have_count(1)
    shown_of(frame, 1, 2)
    find.fill("short(")
    expect(frame.get_by_text(re.compile("Not a regular expression: unterminated group"))).to_be_visible()
    expect(find).to_have_attribute("aria-invalid", "true")
    find.fill("^digits-(clean|shortcut)$")
    shown_of(frame, 2, 2)
    page.wait_for_function("decodeURIComponent(location.hash).includes('runfilter=^digits-(clean|shortcut)$')")


def test_hundreds_of_runs_are_rows_in_sight_with_the_focus_run_among_them(page, many):
    focus = "experiment-of-november-with-resnet50-seed-151"
    frame = open_tab(page, many, focus=f"{focus}/explain")
    row = runs(frame).and_(frame.locator("[aria-current=true]"))
    expect(row).to_be_in_viewport()
    assert runs(frame).count() < 40
    assert focus in row.get_attribute("title")
    end = row.locator(".end")
    assert end.inner_text().endswith("seed-151")
    assert end.evaluate("e => e.scrollWidth <= e.clientWidth")
    find = frame.get_by_role("searchbox", name="Filter runs")
    find.fill("seed-01")
    expect(runs(frame)).to_have_count(6)
    frame.get_by_role("button", name="all", exact=True).click()
    find.fill("")
    shown_of(frame, 6, 165)
    frame.get_by_role("button", name="none", exact=True).click()
    shown_of(frame, 1, 165)
    find.fill("cnn-002")
    other = runs(frame).nth(1)
    other.hover()
    frame.get_by_role("button", name="Only cnn-002").click()
    shown_of(frame, 1, 165)
    expect(frame.get_by_role("checkbox", name="cnn-002")).to_have_attribute("aria-current", "true")


def test_runs_are_chosen_by_keyboard(page, address):
    frame = open_tab(page, address, focus=CLEAN)
    shown_of(frame, 2, 2)
    frame.get_by_role("searchbox", name="Filter runs").focus()
    page.keyboard.press("Tab")
    assert focused(page).get_attribute("aria-label") == "digits-clean"
    page.keyboard.press("ArrowDown")
    assert focused(page).get_attribute("aria-label") == "digits-shortcut"
    page.keyboard.press("Space")
    shown_of(frame, 1, 2)
    page.keyboard.press("Enter")
    shown_of(frame, 2, 2)
    expect(frame.get_by_role("checkbox", name="digits-shortcut")).to_have_attribute("aria-current", "true")
    page.keyboard.press("Tab")
    assert focused(page).get_attribute("aria-label") == "Only digits-shortcut"
    page.keyboard.press("Enter")
    shown_of(frame, 1, 2)


def test_the_folded_list_opens_where_it_is_pointed_at_or_has_the_focus(page, address):
    page.set_viewport_size({"width": 1024, "height": 764})
    frame = open_tab(page, address, focus=CLEAN)
    panel, name = frame.locator("explain-rail .panel"), runs(frame).nth(1).locator(".name")
    page.mouse.move(700, 400)
    expect(panel).to_have_css("width", "56px")
    expect(name).to_be_hidden()
    runs(frame).first.hover()
    expect(name).to_be_visible()
    page.mouse.move(700, 400)
    expect(name).to_be_hidden()
    slider(frame).focus()
    page.keyboard.press("/")
    expect(frame.get_by_role("searchbox", name="Filter runs")).to_be_focused()
    expect(panel).to_have_css("width", "224px")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(name).to_be_visible()
    slider(frame).focus()
    expect(panel).to_have_css("width", "56px")
    runs(frame).nth(1).click()
    page.mouse.move(700, 400)
    expect(panel).to_have_css("width", "56px")


def test_the_top_bar_has_room_for_all_of_it(page, many):
    frame = open_tab(page, many, focus="experiment-of-november-with-resnet50-seed-151/explain")
    bar = frame.locator("explain-top-bar")
    for width in (900, 1024, 1440, 2560):
        page.set_viewport_size({"width": width, "height": 864})
        expect(frame.get_by_label("Drift against")).to_be_visible()
        assert bar.locator("nav").evaluate("e => e.scrollWidth - e.clientWidth") <= 0
        boxes = [item.bounding_box() for item in bar.locator("button, select").all()]
        boxes = sorted((box for box in boxes if box and box["width"] > 1), key=lambda box: box["x"])
        assert boxes[-1]["x"] + boxes[-1]["width"] <= width
        assert all(left["x"] + left["width"] <= right["x"] + 1 for left, right in itertools.pairwise(boxes))
        tabs = [tab.bounding_box() for tab in frame.get_by_role("tab").all()]
        assert len({(tab["y"], tab["height"]) for tab in tabs}) == 1


# ----------------------------------------------------------------------------------------------- keys


def test_every_key_does_what_the_list_says(page, address):
    frame = open_tab(page, address, focus=SHORTCUT, epoch=5)
    quiet(frame)
    slider(frame).focus()
    press = page.keyboard.press
    for key, step in (("ArrowRight", 6), ("Shift+ArrowRight", 16), ("Shift+ArrowLeft", 6), ("Home", -1), ("End", EPOCHS - 1)):
        press(key)
        shown_step(frame, step)
    press("[")
    expect(slider(frame)).not_to_have_attribute("aria-valuenow", str(EPOCHS - 1))
    alarm = slider(frame).get_attribute("aria-valuenow")
    press("Home")
    for _ in range(20):
        press("]")
    expect(slider(frame)).to_have_attribute("aria-valuenow", alarm)
    press("r")
    page.wait_for_function(f"location.hash.includes('ref={alarm}')")
    for key, view in zip("12345", ("Overview", "Samples", "Features", "Layers", "Compare"), strict=True):
        press(key)
        expect(frame.get_by_role("tab", name=view)).to_have_attribute("aria-selected", "true")
    press("3")
    quiet(frame)
    press("j")
    page.wait_for_function("location.hash.includes('feature=')")
    press("?")
    keys = frame.get_by_role("dialog", name="Keys")
    for name in ("← →", "Home End", "Space", "< >", "[ ]", "R", "/", "J K", "?", "1", "2", "3", "4", "5"):
        expect(keys.get_by_text(name, exact=True)).to_be_visible()
    press("1")
    expect(frame.get_by_role("tab", name="Features")).to_have_attribute("aria-selected", "true")
    press("Escape")
    expect(keys).to_have_count(0)
    press("/")
    page.keyboard.type("r12<[? j")
    assert focused(page).evaluate("e => e.value") == "r12<[? j"
    expect(frame.get_by_role("tab", name="Features")).to_have_attribute("aria-selected", "true")
    expect(slider(frame)).to_have_attribute("aria-valuenow", alarm)


def test_what_has_the_focus_is_ringed(page, address):
    frame = open_tab(page, address, focus=CLEAN)
    quiet(frame)
    frame.get_by_role("tab", name="Overview").focus()
    for _ in range(14):
        page.keyboard.press("Tab")
        ring = focused(page).evaluate("e => { const s = getComputedStyle(e); return [s.outlineStyle, parseFloat(s.outlineWidth)]; }")
        assert ring == ["solid", 2], focused(page).evaluate("e => e.outerHTML")


# ----------------------------------------------------------------------------------------------- a log that changes


class Growing:
    """A run of the table's story, whose epochs are written one by one."""

    def __init__(self, logdir, name="cells"):
        self.story = synthetic_models.cells(8)
        self.explain = EventFile(logdir / name / "explain", -1)
        self.train = EventFile(logdir / name / "train", 0)
        self.explain.write(-1, summary.manifest(synthetic_manifest.manifest(self.story)))

    def close(self):
        self.explain.close()
        self.train.close()

    def curves(self, *steps):
        for step in steps:
            self.train.write(step, scalar("epoch_loss", 1 / (step + 2)))

    def explanations(self, *steps):
        for step in steps:
            self.explain.write(step, *synthetic_log.summaries(self.story, step, 40))


@pytest.fixture
def growing(tmp_path):
    with contextlib.closing(Growing(tmp_path)) as growing:
        yield growing


def last_is(frame, step):
    expect(slider(frame)).to_have_attribute("aria-valuemax", str(step), timeout=40_000)


def reload_until(page, met):
    """Press TensorBoard's reload button until the locator is there: the server reads its log in its own time."""
    deadline = time.monotonic() + 60
    while not met.count():
        assert time.monotonic() < deadline, f"never came: {met}"
        page.locator("app-header-reload button").click()
        page.wait_for_timeout(500)


def with_last(frame, step):
    return frame.locator(f"[role=slider][aria-valuemax='{step}']")


@LOADERS
def test_new_epochs_appear_and_a_cursor_at_the_end_follows(page, tmp_path, growing, load_fast):
    growing.curves(0, 1)
    growing.explanations(-1, 0, 1)
    with tensorboard(tmp_path, "--load_fast", load_fast, "--reload_interval", "1") as address:
        frame = open_tab(page, address, view="samples")
        last_is(frame, 1)
        shown_step(frame, 1)
        growing.explanations(2)
        reload_until(page, with_last(frame, 2))
        shown_step(frame, 2)
        slider(frame).focus()
        page.keyboard.press("ArrowLeft")
        cursor = slider(frame).get_attribute("aria-valuenow")
        growing.explanations(3)
        last_is(frame, 3)  # without any button, too
        shown_step(frame, cursor)
        page.goto("about:blank")


@LOADERS
def test_it_says_how_much_of_a_run_is_loaded(page, tmp_path, growing, load_fast):
    growing.curves(*range(12))
    growing.explanations(-1, 0, 1, 2)
    with tensorboard(tmp_path, "--load_fast", load_fast, "--reload_interval", "1") as address:
        frame = open_tab(page, address)
        reload_until(page, frame.get_by_text("4 of 13 epochs loaded"))
        growing.explanations(*range(3, 12))
        reload_until(page, with_last(frame, 11))
        expect(frame.get_by_text("epochs loaded")).to_have_count(0)
        page.goto("about:blank")


def asked_of(page):
    """Return a list that all requests of the tab are added to."""
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/data/plugin/explain/" in request.url else None)
    return asked


def test_the_tab_asks_nothing_while_it_is_hidden_and_at_once_when_it_is_shown(page, address):
    frame = open_tab(page, address)
    last_is(frame, EPOCHS - 1)
    quiet(frame)
    page.wait_for_load_state("networkidle")
    asked = asked_of(page)
    with page.expect_request(re.compile("/groups$")):
        page.locator("app-header-reload button").click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("tab", name="Time Series").click()
    page.wait_for_timeout(500)
    asked.clear()
    page.locator("app-header-reload button").click()
    page.wait_for_timeout(11_000)  # longer than between two looks for new data
    assert asked == []
    with page.expect_request(re.compile("/groups$"), timeout=2000):
        page.get_by_role("tab", name="Explain").click()


@pytest.fixture
def failing_page(browser):
    """A page whose console may tell of requests that failed."""
    page = browser.new_page(viewport={"width": 1440, "height": 964})
    page.set_default_timeout(20_000)
    yield page
    page.close()


def test_the_tab_outlives_its_server(failing_page, checked):
    page = failing_page
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = str(free.getsockname()[1])
    with tensorboard(checked, "--port", port) as address:
        frame = open_tab(page, address, focus=CLEAN, epoch=7)
        last_is(frame, EPOCHS - 1)
        shown_step(frame, 7)
    silent = frame.locator("explain-freshness").get_by_text("TensorBoard does not answer")
    expect(silent).to_be_visible(timeout=40_000)
    page.keyboard.press("4")
    with tensorboard(checked, "--port", port):
        expect(silent).to_have_count(0, timeout=40_000)
        last_is(frame, EPOCHS - 1)
        shown_step(frame, 7)
        quiet(frame)
        expect(frame.get_by_role("alert")).to_have_count(0)
        page.goto("about:blank")


def test_a_run_that_is_deleted_is_missed_and_another_shown(failing_page, tmp_path, checked):
    page = failing_page
    shutil.copytree(checked, tmp_path / "logs")
    with tensorboard(tmp_path / "logs", "--load_fast", "true", "--reload_interval", "1") as address:
        frame = open_tab(page, address, focus=SHORTCUT)
        last_is(frame, EPOCHS - 1)
        shutil.rmtree(tmp_path / "logs" / "digits-shortcut")
        reload_until(page, frame.get_by_text("Run digits-shortcut/explain is not in this log directory; details are of digits-clean."))
        expect(runs(frame)).to_have_count(1)
        quiet(frame)
        expect(frame.get_by_role("alert")).to_have_count(0)
        page.goto("about:blank")


def test_dark_mode_is_followed_at_once_and_nothing_is_asked(page, address):
    frame = open_tab(page, address, focus=CLEAN)
    quiet(frame)
    page.wait_for_load_state("networkidle")
    chart = frame.get_by_role("img", name=re.compile("Share shift")).first.locator("canvas").first
    page.evaluate("document.body.classList.remove('dark-mode')")
    expect(frame.locator("explain-rail .panel")).to_have_css("background-color", "rgb(247, 248, 250)")
    light = picture_of(chart)
    asked = asked_of(page)
    page.evaluate("document.body.classList.add('dark-mode')")
    expect(frame.locator("explain-rail .panel")).to_have_css("background-color", "rgb(27, 31, 38)", timeout=1000)
    redrawn(chart, light)
    assert asked == []
