"""The Samples view in a real browser: what is drawn while the cursor moves, order and filters, the detail, and samples of every kind."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests import synthetic_log, synthetic_models
from tests.e2e import odd_samples
from tests.e2e.looking import looking, picture_of, redrawn
from tests.e2e.test_tab import open_tab, painted, quiet, shown_step, slider
from tests.plugin.test_tensorboard import tensorboard

EPOCHS = 20
SAMPLES = 40
STORY = synthetic_models.digits(SAMPLES, shortcut=True)
RUN = f"{STORY.name}/explain"
EARLY, LATE = 8, 16


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("samples")
    odd_samples.write(logdir)
    synthetic_log.write_group(logdir / STORY.name, STORY, EPOCHS)
    with tensorboard(logdir) as address:
        yield address


@pytest.fixture(scope="module", params=[False, True], ids=["light", "dark"])
def tab(request, browser, address):
    with looking(browser, address, dark=request.param) as tab:
        yield tab


@pytest.fixture(scope="module")
def light_tab(browser, address):
    with looking(browser, address) as tab:
        yield tab


def cards(frame):
    return frame.locator("explain-sample-card")


def names(frame):
    """Names of the samples in sight, in their order."""
    return cards(frame).locator("b.text, .who b").all_inner_texts()


def detail(frame):
    return frame.locator("explain-sample-detail")


def verdicts(step):
    """What was logged of the predictions at a step, and the labels."""
    return synthetic_log.predictions(STORY, synthetic_log.explain(STORY, step)["score"])


def by(figures):
    """Names of samples, the largest figure first."""
    return [f"#{index}" for index in np.argsort(-figures, kind="stable")]


def press(page, key, times=1):
    for _ in range(times):
        page.keyboard.press(key)


# ------------------------------------------------------------------------------------ scrubbing


def test_scrubbing_draws_from_memory(page, address):
    frame = open_tab(page, address, view="samples", focus=RUN, epoch=EARLY)
    expect(frame.get_by_text(f"{EPOCHS + 1} of {EPOCHS + 1} epochs loaded")).to_be_visible()
    quiet(frame)
    canvas = cards(frame).first.locator("canvas")
    drawn = [picture_of(canvas)]
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    slider(frame).focus()
    for step in range(EARLY + 1, EARLY + 7):
        page.keyboard.press("ArrowRight")
        expect(frame.locator(".heads b").first).to_have_text(f"epoch {step}")
        redrawn(canvas, drawn[-1])
        drawn.append(picture_of(canvas))
    assert len(set(drawn)) == 7
    quiet(frame)
    assert [url for url in asked if "/frame?" in url] == []


def test_captions_follow_the_cursor_before_it_rests(page, address):
    frame = open_tab(page, address, view="samples", focus=RUN, epoch=LATE, ref=EARLY, sort="index")
    expect(frame.get_by_text(f"{EPOCHS + 1} of {EPOCHS + 1} epochs loaded")).to_be_visible()
    quiet(frame)
    drifts = cards(frame).first.locator(".drift")
    rested = drifts.inner_text()
    page.route("**/compare?**", lambda _: None)  # no answer while the test lasts
    slider(frame).focus()
    press(page, "Home")
    expect(drifts).not_to_have_text(rested)
    now, then = (synthetic_log.explain(STORY, step)["values"][0].ravel() for step in (-1, EARLY))
    drift = 1 - now @ then / np.linalg.norm(now) / np.linalg.norm(then)
    expect(drifts).to_have_text(re.compile(re.escape(f"{drift:.2f}".lstrip("0")) + "$"))


def test_the_order_holds_until_it_is_asked_for(page, address):
    frame = open_tab(page, address, view="samples", focus=RUN, epoch=EARLY, sort="loss")
    quiet(frame)
    early, late = by(verdicts(EARLY)["loss"]), by(verdicts(LATE)["loss"])
    expect(cards(frame).first).to_contain_text(early[0])
    seen = len(names(frame))
    assert names(frame) == early[:seen] != late[:seen]
    slider(frame).focus()
    press(page, "ArrowRight", LATE - EARLY)
    shown_step(frame, LATE)
    expect(frame.get_by_text(f"in the order of epoch {EARLY}")).to_be_visible()
    quiet(frame)
    assert names(frame) == early[:seen]
    frame.get_by_role("button", name="sort again").click()
    expect(cards(frame).first).to_contain_text(late[0])
    assert names(frame) == late[:seen]
    expect(frame.get_by_text("in the order of")).to_have_count(0)


# ---------------------------------------------------------------------------- order and filters


@pytest.mark.parametrize("sort", ["drift", "loss", "confidence", "completeness", "index"])
def test_samples_are_sorted(page, address, sort):
    frame = open_tab(page, address, view="samples", focus=RUN, epoch=LATE, ref=EARLY, sort=sort)
    quiet(frame)
    explained, before = synthetic_log.explain(STORY, LATE), synthetic_log.explain(STORY, EARLY)["values"].reshape(SAMPLES, -1)
    now = explained["values"].reshape(SAMPLES, -1)
    figures = {
        "drift": 1 - (now * before).sum(1) / np.linalg.norm(now, axis=1) / np.linalg.norm(before, axis=1),
        "loss": verdicts(LATE)["loss"],
        "confidence": -verdicts(LATE)["probability"][:, 0],
        "completeness": explained["completeness_error"],
        "index": -np.arange(SAMPLES),
    }
    wanted = by(figures[sort])
    expect(cards(frame).first).to_contain_text(wanted[0])
    found = names(frame)
    assert len(found) >= 12
    # Logged as half floats: neighbours may change places.
    assert [abs(wanted.index(name) - place) <= 1 for place, name in enumerate(found)] == [True] * len(found)


def test_samples_are_filtered(page, address):
    said, before = verdicts(0), verdicts(-1)
    wrong = [i for i in range(SAMPLES) if said["class"][i, 0] != STORY.targets[i]]
    flipped = [i for i in range(SAMPLES) if said["class"][i, 0] != before["class"][i, 0]]
    assert len(wrong) > 0
    frame = open_tab(page, address, view="samples", focus=RUN, epoch=0, sort="index")
    quiet(frame)
    expect(frame.get_by_role("button", name=re.compile("^Flipped"))).to_contain_text(str(len(flipped)))
    button = frame.get_by_role("button", name=re.compile("^Wrong"))
    expect(button).to_contain_text(str(len(wrong)))
    button.click()
    expect(frame.get_by_text(f"{len(wrong)} of {SAMPLES}")).to_be_visible()
    assert names(frame) == [f"#{index}" for index in wrong][: len(names(frame))]
    button.click()
    frame.get_by_role("combobox", name="Class", exact=True).select_option(label="3")
    expect(frame.get_by_text(f"{sum(STORY.targets == 3)} of {SAMPLES}")).to_be_visible()
    assert names(frame) == [f"#{index}" for index in np.flatnonzero(STORY.targets == 3)]
    frame.get_by_role("combobox", name="Class", exact=True).select_option(label="any")
    frame.get_by_role("combobox", name="Per class").select_option(label="1")
    expect(frame.get_by_text(f"10 of {SAMPLES}")).to_be_visible()
    assert names(frame) == [f"#{index}" for index in range(10)]


def test_texts_are_searched(page, address):
    frame = open_tab(page, address, view="samples", focus="letters/explain", sort="index")
    quiet(frame)
    frame.get_by_role("searchbox", name="Find", exact=True).fill("עולם")
    expect(frame.get_by_text(f"12 of {odd_samples.SAMPLES}")).to_be_visible()
    assert set(names(frame)) <= {f"#{index}" for index in range(1, odd_samples.SAMPLES, 2)}
    frame.get_by_role("button", name="Now", exact=True).click()
    page.wait_for_function("decodeURIComponent(decodeURIComponent(location.hash)).includes('maps=now,text=עולם')")
    frame.get_by_role("searchbox", name="Find", exact=True).fill("no such word")
    expect(frame.get_by_text("No sample passes")).to_be_visible()


def test_arrows_walk_the_grid(page, address):
    frame = open_tab(page, address, view="samples", focus=RUN, sort="index", sample=0)
    quiet(frame)
    columns = frame.locator(".heads > div").count()
    assert columns > 1
    cards(frame).first.locator("button").focus()
    press(page, "ArrowDown", 2)
    expect(detail(frame).get_by_role("heading", name=f"Sample #{2 * columns}")).to_be_visible()
    expect(cards(frame).locator("button[aria-pressed=true]")).to_be_focused()
    press(page, "ArrowUp")
    press(page, "k")
    expect(detail(frame).get_by_role("heading", name=f"Sample #{columns - 1}")).to_be_visible()
    press(page, "ArrowLeft")
    shown_step(frame, EPOCHS - 2)


def end_of_scale(samples):
    """The 99th percentile of what is not zero, now and at the reference."""
    values = np.abs([synthetic_log.explain(STORY, step)["values"][samples] for step in (EARLY, LATE)])
    return np.percentile(values[values > 0], 99, method="inverted_cdf")


def test_a_scale_for_all_or_for_each(page, address):
    faint = min(range(SAMPLES), key=end_of_scale)
    frame = open_tab(page, address, view="samples", focus=RUN, epoch=LATE, ref=EARLY, sort="index", sample=faint)
    quiet(frame)
    maps = detail(frame).locator(".maps explain-sample-thumb")
    ends = "maps => maps.map((map) => map.limit)"
    foot = frame.locator("explain-samples .foot")
    expect(foot).to_contain_text("one scale for all, clipped at p99")
    assert maps.evaluate_all(ends) == pytest.approx(2 * [end_of_scale(slice(None))], rel=1e-3)
    order = names(frame)
    card = cards(frame).filter(has_text=f"#{faint}").first
    before = card.screenshot()
    frame.get_by_role("button", name="Menu of Samples", exact=True).click()
    frame.get_by_role("menuitemcheckbox", name="A scale for each sample").click()
    expect(foot).to_contain_text("a scale for each, clipped at p99")
    quiet(frame)
    assert maps.evaluate_all(ends) == pytest.approx(2 * [end_of_scale(faint)], rel=1e-3)
    assert end_of_scale(faint) < 0.8 * end_of_scale(slice(None))
    assert names(frame) == order
    assert card.screenshot() != before
    page.reload()
    frame = page.frame_locator("iframe")
    expect(frame.locator("explain-samples .foot")).to_contain_text("a scale for each, clipped at p99")
    frame.get_by_role("button", name="Menu of Samples", exact=True).click()
    frame.get_by_role("menuitemcheckbox", name="A scale for each sample", checked=True).click()
    page.wait_for_function("() => !location.hash.includes('scale')")


def test_a_pinned_sample_stands_first(page, address):
    frame = open_tab(page, address, view="samples", focus=RUN, sort="index", sample=23, filter="class=0")
    quiet(frame)
    assert "#23" not in names(frame)
    detail(frame).get_by_role("button", name="Pin").click()
    expect(cards(frame).first).to_contain_text("#23")
    page.wait_for_function("location.hash.includes('pin%3D23') || location.hash.includes('pin=23')")
    page.reload()
    frame = page.frame_locator("iframe")
    expect(cards(frame).first).to_contain_text("#23")
    detail(frame).get_by_role("button", name="Unpin").click()
    expect(cards(frame).first).to_contain_text("#0")
    for shown in ("All", "Now"):
        frame.get_by_role("button", name=shown, exact=True).click()
        said = cards(frame).first.locator(".said .name")
        expect(said.first).to_have_text(re.compile(r"^\d$"))
        assert all(said.evaluate_all("names => names.map((e) => e.scrollWidth <= e.clientWidth + 1 && e.clientWidth > 0)"))


# ----------------------------------------------------------------------------------- the detail


def test_the_detail_says_what_moved(page, address):
    frame = open_tab(page, address, view="samples", focus=RUN, epoch=LATE, ref=EARLY, sample=7)
    quiet(frame)
    pane = detail(frame)
    explained = synthetic_log.explain(STORY, LATE)
    sentence = re.compile(r"The attribution sums to \+(\d+\.\d\d) nats of log-odds; F\(x\) − F\(x′\) is")
    expect(pane.get_by_text(sentence)).to_be_visible()
    said = float(sentence.search(pane.get_by_text(sentence).inner_text()).group(1))
    assert said == pytest.approx(explained["values"][7].sum(), abs=0.02)
    expect(pane.get_by_text(f"14 of {EPOCHS + 1} steps")).to_be_visible()
    moved = (explained["values"] - synthetic_log.explain(STORY, EARLY)["values"])[7].reshape(8, 2, 8, 2).sum((1, 3))
    row, column = np.unravel_index(np.abs(moved).argmax(), moved.shape)
    expect(pane.locator(".moved > .clip[title]").first).to_have_text(f"{'ABCDEFGH'[column]}{row + 1}")
    for title in ("Prediction", "Local drift"):
        expect(pane.get_by_role("img", name=re.compile(title))).to_be_visible()


def test_the_filmstrip_moves_cursor_and_reference(page, address):
    frame = open_tab(page, address, view="samples", focus=RUN, epoch=LATE, sample=7)
    quiet(frame)
    film = detail(frame).locator(".film button")
    expect(film).to_have_count(14)
    steps = [text.strip() for text in film.all_inner_texts()]
    assert steps[0] == "start"
    assert steps[-1] == str(EPOCHS - 1)
    early = next(text for text in steps if text.isdigit() and int(text) <= EARLY)
    film.filter(has_text=re.compile(rf"^\s*{early}\s*$")).click()
    shown_step(frame, int(early))
    film.filter(has_text=re.compile(rf"^\s*{steps[-3]}\s*$")).click(modifiers=["Shift"])
    expect(frame.locator(".heads span").first).to_have_text(f"epoch {steps[-3]}")


# ------------------------------------------------------------------------- kinds and extremes

KINDS = {
    "wide": "Cells that moved most",
    "tall": "Cells that moved most",
    "walks": "From the top: forward, sideways, upward.",
    "beats": "Across the epochs",
    "letters": "the 40 of 500 that ever weighed most",
    "prices": "Strongest features",
    "labels": "Strongest features",
    "lonely": "Strongest features",
    "values": "Cells that moved most",
    "many": "Strongest features",
    "mixed": "From the top: forward, sideways, upward.",
}


@pytest.mark.parametrize("run", KINDS)
def test_every_kind_is_drawn(page, address, run):
    frame = open_tab(page, address, view="samples", focus=f"{run}/explain", sort="index", sample=0)
    quiet(frame)
    expect(detail(frame).get_by_text(KINDS[run]).first).to_be_visible()
    expect(frame.get_by_role("alert")).to_have_count(0)
    expect(frame.get_by_text(re.compile(r"\b(NaN|undefined|Infinity)\b"))).to_have_count(0)
    if run != "letters":
        assert painted(cards(frame).first.locator("canvas").first)
    press(page, "Home")
    quiet(frame)
    for shown in ("Now", "Change"):
        if frame.get_by_role("button", name=shown, exact=True).count():
            frame.get_by_role("button", name=shown, exact=True).click()
            expect(cards(frame).first).to_be_visible()


@pytest.mark.parametrize("width", [900, 1024, 1440, 2560])
def test_every_kind_has_room(light_tab, width):
    for run in ("wide", "letters", "mixed", "prices"):
        light_tab.show(width, 900, view="samples", focus=f"{run}/explain", sort="index", sample=3)
        assert light_tab.layout_defects() == [], run
    position = light_tab.frame.evaluate(
        """() => { const find = (root, name) => root.querySelector(name)
                     ?? [...root.querySelectorAll('*')].map((e) => e.shadowRoot && find(e.shadowRoot, name)).find(Boolean);
                   return getComputedStyle(find(document, 'explain-sample-detail')).position; }"""
    )
    assert (position == "absolute") == (width < 1440), "the detail is a drawer where there is no room beside the samples"


@pytest.mark.parametrize("run", ["wide", "letters", "mixed", "values"])
def test_axe_finds_nothing_serious(tab, run):
    tab.show(1440, 900, view="samples", focus=f"{run}/explain", sort="index", sample=1, filter="pin=2")
    assert tab.violations() == []


def test_long_names_can_be_read(page, address):
    frame = open_tab(page, address, view="samples", focus="wide/explain", sort="index", sample=3)
    quiet(frame)
    name = odd_samples.CLASSES[3]
    assert len(name) == 60
    expect(cards(frame).nth(3).locator("b.text")).to_have_text("#3")
    assert name in cards(frame).nth(3).locator("b.text").get_attribute("title")
    expect(detail(frame).locator(".verdict")).to_contain_text(f"is {name}")
    inside = """e => { const [own, around] = [e, e.closest('.says') ?? e.getRootNode().host].map((of) => of.getBoundingClientRect());
                      return own.left >= around.left && own.right <= around.right && own.bottom <= around.bottom + 1; }"""
    figures = detail(frame).locator(".named .figure")
    expect(figures).to_have_count(3)
    assert all(part.evaluate(inside) for part in [detail(frame).locator(".verdict"), *figures.all()])
    told = cards(frame).nth(3).locator(".says > .faint, .says .said, .drift")
    for shown in ("All", "Now"):
        frame.get_by_role("button", name=shown, exact=True).click()
        expect(told).to_have_count(3)
        assert [part.inner_text() for part in told.all() if not part.evaluate(inside)] == []
    assert frame.get_by_role("combobox", name="Class", exact=True).locator("option").count() == 1 + odd_samples.SAMPLES


def test_texts_run_in_their_direction_and_show_their_breaks(page, address):
    frame = open_tab(page, address, view="samples", focus="letters/explain", sort="index")
    quiet(frame)
    left, right = (cards(frame).nth(place).locator(".tokens").first for place in (0, 1))
    assert left.evaluate("e => getComputedStyle(e).direction") == "ltr"
    assert right.evaluate("e => getComputedStyle(e).direction") == "rtl"
    for sign in ("↵", "⇥"):
        expect(left.locator("span", has_text=sign).first).to_be_attached()
    heights = left.locator("span").evaluate_all("spans => [...new Set(spans.map((e) => Math.round(e.getBoundingClientRect().height)))]")
    assert heights == [20]
    page.emulate_media(forced_colors="active")
    shades = left.locator("span[style*=background]")
    assert shades.count() > 0
    assert shades.first.evaluate("e => getComputedStyle(e).backgroundColor === e.style.backgroundColor"), (
        "the system's colours hide the shade"
    )


def test_of_many_samples_only_those_in_sight_exist(page, address):
    frame = open_tab(page, address, view="samples", focus="many/explain", sort="index")
    quiet(frame)
    expect(frame.get_by_text(f"{odd_samples.MANY} of {odd_samples.MANY}")).to_be_visible()
    assert cards(frame).count() < 40
    frame.locator("explain-sample-cards explain-window").evaluate("e => { e.scrollTop = e.scrollHeight }")
    expect(cards(frame).last).to_contain_text(f"#{odd_samples.MANY - 1}")
    assert cards(frame).count() < 40


def test_values_that_are_not_numbers_are_told(page, address):
    frame = open_tab(page, address, view="samples", focus="values/explain", sort="index", sample=2)
    quiet(frame)
    expect(detail(frame).get_by_text("32 values of the attribution are not finite")).to_be_visible()
    cards(frame).first.locator("button").click()
    expect(detail(frame).get_by_text(re.compile(r"The attribution sums to \+0\.00"))).to_be_visible()


def test_a_frame_that_cannot_be_read_is_told_and_tried_again(page, address):
    damaged = re.compile(rf"/frame\?run=.*attribution.*step={LATE}$")

    def cut_off(route):
        whole = route.fetch().body()
        route.fulfill(status=200, content_type="application/octet-stream", body=whole[: len(whole) // 2])

    page.route(damaged, cut_off)
    frame = open_tab(page, address, view="samples", focus=RUN, epoch=LATE - 1, sample=3)
    quiet(frame)
    slider(frame).focus()
    page.keyboard.press("ArrowRight")
    shown_step(frame, LATE)
    alert = frame.get_by_role("alert").first
    expect(alert).to_contain_text(f"The frame of epoch {LATE} cannot be read")
    expect(alert).to_contain_text("the file was cut off")
    expect(frame.get_by_text(re.compile(rf"Shown instead: epoch ({LATE - 1}|{LATE + 1})\."))).to_be_visible()
    assert painted(cards(frame).first.locator("canvas").first)
    page.unroute(damaged)
    alert.get_by_role("button", name="Try again").click()
    expect(frame.get_by_role("alert")).to_have_count(0)
    expect(frame.locator(".heads b").first).to_have_text(f"epoch {LATE}")
