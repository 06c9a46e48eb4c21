"""Pictures of layers in a real browser: where heads look, what channels see, what units look for."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests import synthetic_models
from tests.e2e import pictures_log
from tests.e2e.looking import looking, picture_of, redrawn
from tests.e2e.test_curves import downloaded, in_address
from tests.e2e.test_tab import open_tab, painted, quiet, slider
from tests.plugin.test_tensorboard import tensorboard

CURSOR = 17
KNOWN = 14
"""The last epoch up to the cursor at which there are pictures."""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("pictures")
    pictures_log.write(logdir)
    with tensorboard(logdir) as address:
        yield address


def opened(page, address, run, layer, **chosen):
    """Open a layer of a run, its pictures in sight."""
    page.set_viewport_size({"width": 1440, "height": 1900})
    frame = open_tab(page, address, view="layers", focus=f"{run}/explain", layer=layer, **chosen)
    frame.get_by_role("listbox", name="Layers").wait_for()
    quiet(frame)
    return frame


def table(page, frame, name):
    """What a figure's menu saves as CSV."""
    frame.get_by_role("button", name=f"Menu of {name}", exact=True).click()
    _, content = downloaded(page, frame.get_by_role("menuitem", name="Data (CSV)"))
    return list(csv.DictReader(io.StringIO(content.decode())))


def words(frame, moment):
    """The shaded words at a moment: each with its value, as its title has it."""
    spans = frame.locator(f".look:has(> .{moment}) .words span")
    return [text.rsplit(" ", 1) for text in spans.evaluate_all("all => all.map(e => e.title)")]


def test_words_are_shaded_by_what_looks_at_them(page, address):
    frame = opened(page, address, pictures_log.TEXT, "attention", epoch=CURSOR)
    pane = frame.locator("explain-layer-attention")
    expect(pane.locator(".when").first).to_have_text(re.compile(rf"epoch {KNOWN}\s*computed each 5th step\s*against start"))
    story = synthetic_models.reviews(12)
    weights = pictures_log.text_attention(story, 0, KNOWN)[0]
    ids = story.samples[pictures_log.SHOWN[0]]
    shown = np.flatnonzero(ids)
    said = words(pane, "now")
    assert [word for word, _ in said] == [story.input.vocabulary[ids[i]] for i in shown]
    received = weights.mean(0)[shown].mean(0)[shown]
    assert [float(value) for _, value in said] == pytest.approx(received, abs=0.006)
    pane.get_by_label("Show").select_option(label="head 3")
    pane.get_by_label("From").select_option(index=3)
    looks = [float(value) for _, value in words(pane, "now")]
    assert looks == pytest.approx(weights[2, shown[2], shown], abs=0.006)
    changes = [float(value.replace("−", "-")) for _, value in words(pane, "change")]
    before = pictures_log.text_attention(story, 0, -1)[0, 2, shown[2], shown]
    assert changes == pytest.approx(weights[2, shown[2], shown] - before, abs=0.006)
    expect(pane.get_by_text(re.compile(r"goes to padding, which is not drawn"))).to_be_visible()
    rows = table(page, frame, "Attention of attention")
    assert len(rows) == 4 * len(shown) ** 2
    assert float(rows[-1]["attention"]) == pytest.approx(weights[3, shown[-1], shown[-1]], abs=1e-3)


def test_a_head_is_chosen_by_its_map_and_a_query_by_a_word(page, address):
    frame = opened(page, address, pictures_log.TEXT, "attention", epoch=CURSOR)
    pane = frame.locator("explain-layer-attention")
    large = pane.get_by_role("img", name=re.compile("^Attention of mean of heads"))
    assert painted(large.locator("canvas"))
    pane.get_by_role("button", name="head 2").click()
    expect(pane.get_by_role("img", name=re.compile("^Attention of head 2"))).to_be_visible()
    expect(pane.get_by_label("Show")).to_have_value("1")
    pane.locator(".words").nth(1).locator("span").nth(3).click()
    expect(pane.get_by_label("From")).to_have_value("3")
    expect(pane.locator("explain-named-map .chosen")).to_have_count(1)
    box = pane.locator("explain-named-map .picture").bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    expect(pane.get_by_role("tooltip")).to_have_text(re.compile(r"the looks at the.*head 2"))
    page.mouse.move(2, 2)
    now = picture_of(pane.locator("explain-named-map canvas"))
    pane.get_by_role("group", name="Moment").get_by_role("button", name="Change").click()
    expect(pane.locator("explain-named-map explain-canvas")).to_be_visible()
    redrawn(pane.locator("explain-named-map canvas"), now)
    pane.get_by_label("Show").select_option(label="all layers, rolled out")
    expect(pane.get_by_text("rolled out over attention, encoder/attention")).to_be_visible()
    rolled = pictures_log.rollout([pictures_log.text_attention(synthetic_models.reviews(12), at, KNOWN) for at in (0, 1)])
    looks = [float(value) for _, value in words(pane, "now")]
    assert looks == pytest.approx(rolled[0, 3, : len(looks)], abs=0.006)


def test_the_sample_is_chosen_by_keys_and_shared_by_the_address(page, address):
    frame = opened(page, address, pictures_log.TEXT, "attention", sample=pictures_log.SHOWN[2])
    samples = frame.get_by_role("listbox", name="Sample", exact=True)
    chosen = samples.get_by_role("option", selected=True)
    expect(chosen).to_have_attribute("aria-posinset", "3")
    chosen.focus()
    page.keyboard.press("j")
    in_address(page, f"p.explain.sample={pictures_log.SHOWN[3]}")
    expect(chosen).to_have_attribute("aria-posinset", "4")
    expect(chosen).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    in_address(page, f"p.explain.sample={pictures_log.SHOWN[1]}")
    in_address(page, "p.explain.layer=attention")
    slider(frame).focus()
    page.keyboard.press("j")
    in_address(page, "p.explain.layer=encoder/attention")


def test_the_cursor_brings_the_picture_that_was_known_then(page, address):
    frame = opened(page, address, pictures_log.TEXT, "attention", epoch=KNOWN, ref=9)
    pane = frame.locator("explain-layer-attention")
    when = pane.locator(".when").first
    expect(when).to_have_text(re.compile(r"epoch 14.*against epoch 9", re.DOTALL))
    drawn = picture_of(pane.locator("explain-named-map canvas"))
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/frame?" in request.url else None)
    slider(frame).focus()
    page.keyboard.press("ArrowLeft")
    expect(when).to_have_text(re.compile(r"epoch 9.*the reference is the same picture", re.DOTALL))
    quiet(frame)
    redrawn(pane.locator("explain-named-map canvas"), drawn)
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(300)
    assert not [url for url in asked if "attention%2F" in url and "step=13" in url], "no frame is asked for where there is none"
    page.keyboard.press("Home")
    expect(when).to_have_text(re.compile("start"))


def test_patches_are_shaded_over_the_image_from_the_class_token(page, address):
    frame = opened(page, address, pictures_log.IMAGE, "attention", epoch=CURSOR)
    pane = frame.locator("explain-layer-attention")
    expect(pane.get_by_label("From")).to_have_value("0")
    expect(pane.get_by_text("goes to the class token")).to_be_visible()
    maps = pane.locator(".patch canvas")
    expect(maps).to_have_count(3)
    assert all(painted(maps.nth(i)) for i in range(3))
    box = pane.locator(".patch").nth(1).bounding_box()
    page.mouse.click(box["x"] + 0.5 / pictures_log.PATCHES * box["width"], box["y"] + 2.5 / pictures_log.PATCHES * box["height"])
    expect(pane.get_by_label("From").locator("option:checked")).to_have_text("A3")
    expect(pane.locator(".patch i")).to_have_count(3)
    curves = pane.get_by_role("img", name=re.compile("^Entropy of heads"))
    expect(curves.get_by_text(re.compile("^head 8"))).to_be_visible()


def test_channels_are_a_grid_that_tells_its_cells(page, address):
    frame = opened(page, address, pictures_log.IMAGE, "patches", epoch=CURSOR)
    pane = frame.locator("explain-layer-maps")
    grid = pane.get_by_role("img", name=re.compile("^Activation maps of patches: 6 of 16 channels on 6 samples"))
    now = picture_of(grid.locator("canvas"))
    expect(pane.locator(".heads explain-canvas")).to_have_count(6)
    rows = table(page, frame, "Channels of patches")
    assert len(rows) == 6 * 6 * 256
    cell = next(row for row in rows if row["channel"] == "4" and row["sample"] == "#5" and (row["row"], row["column"]) == ("3", "4"))
    box = grid.bounding_box()
    each = box["width"] / 6
    x, y = box["x"] + 2 * each + 4.5 / 16 * (each - 4), box["y"] + 2 * each + 3.5 / 16 * (each - 4)
    page.mouse.move(x, y)
    expect(pane.get_by_role("tooltip")).to_contain_text("channel 4, #5")
    expect(pane.get_by_role("tooltip")).to_contain_text("at row 4, column 5")
    told = float(re.search(r"(\S+) at row", pane.get_by_role("tooltip").inner_text())[1])
    assert told == pytest.approx(float(cell["activation"]), rel=0.006)
    pane.get_by_role("button", name="Start", exact=True).click()
    redrawn(grid.locator("canvas"), now)
    expect(pane.get_by_text(re.compile("99th percentile"))).to_be_visible()


def test_units_have_filmstrips_that_lead_to_their_epochs(page, address):
    frame = opened(page, address, pictures_log.IMAGE, "digit", epoch=CURSOR)
    pane = frame.locator("explain-layer-units")
    expect(pane.locator(".names b")).to_have_text([str(digit) for digit in range(10)])
    grid = pane.get_by_role("img", name=re.compile("10 units of digit answer most strongly to, at 6 steps"))
    assert painted(grid.locator("canvas"))
    expect(pane.locator(".heads .cursor")).to_have_text(str(KNOWN))
    pane.get_by_role("button", name="go to epoch 9").click()
    in_address(page, "p.explain.epoch=9")
    expect(pane.locator(".heads .cursor")).to_have_text("9")
    box = grid.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 6 * 1.4, box["y"] + 10)
    in_address(page, "p.explain.epoch=4")
    expect(pane.get_by_role("tooltip")).to_contain_text(re.compile(r"0, epoch 4.*the probe’s largest", re.DOTALL))
    rows = table(page, frame, "Units of digit")
    assert len(rows) == 10 * 6
    assert float(rows[-1]["activation"]) == pytest.approx(12 * pictures_log.learned(20), rel=1e-5)


def test_a_tables_units_are_bars_by_feature(page, address):
    frame = opened(page, address, pictures_log.TABLE, "hidden", epoch=CURSOR)
    pane = frame.locator("explain-layer-units")
    expect(pane.get_by_text("the 12 of 30 that were ever farthest")).to_be_visible()
    expect(pane.locator(".rows > .clip")).to_have_count(12)
    wanted = np.random.default_rng(3).normal(0, 1, (4, 30)) * 3 * pictures_log.learned(KNOWN)
    figures = [float(text.replace("−", "-")) for text in pane.locator(".rows > .number").all_inner_texts()]
    strongest = wanted[0][np.argsort(-np.abs(wanted[0]))[:12]]
    assert figures == pytest.approx(strongest, abs=0.01)
    pane.get_by_label("Unit", exact=True).select_option(label="unit 30")
    expect(pane.get_by_text(re.compile("reaches 7.07: 1.77"))).to_be_visible()
    assert painted(pane.get_by_role("img", name=re.compile("by epoch")).locator("canvas"))


def test_cards_say_what_there_is_to_see_and_how_large_layers_are(page, address):
    frame = opened(page, address, pictures_log.TEXT, "encoder/unlogged")
    signs = frame.get_by_role("listbox", name="Layers").get_by_role("img", name="pictures: attention")
    expect(signs).to_have_count(2)
    option = frame.get_by_role("option", name=re.compile("encoder.attention"))
    expect(option).to_contain_text("24 × 16, 4352 parameters")
    lack = frame.locator("explain-layer-pictures .card")
    expect(lack.locator("code")).to_have_text(re.compile(r'methods=\["integrated_gradients", "attention_maps"\]'))
    lack.get_by_role("button", name="Copy").click()
    expect(lack.get_by_text("Copied")).to_be_visible()
    expect(frame.locator("explain-layer-attention")).to_have_count(0)
    option.click()
    expect(lack).to_have_count(0)
    expect(frame.locator("explain-layer-attention")).to_have_count(1)


def test_a_picture_out_of_sight_is_fetched_when_its_link_is_pressed(page, address):
    page.set_viewport_size({"width": 1440, "height": 800})
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/frame?" in request.url and "maximized" in request.url else None)
    frame = open_tab(page, address, view="layers", focus=f"{pictures_log.TABLE}/explain", layer="hidden")
    link = frame.locator("explain-layer .links").get_by_role("button", name="what units look for")
    link.wait_for()
    quiet(frame)
    if frame.locator("explain-layer-units").count() == 0:
        assert asked == []
    link.click()
    expect(frame.get_by_role("button", name="What units look for", exact=True)).to_be_in_viewport()
    expect(frame.locator("explain-unit-values")).to_be_visible()
    assert asked


def test_each_picture_tells_what_it_means(page, address):
    for run, layer, titles in (
        (pictures_log.TEXT, "attention", ("Attention", "Heads", "Entropy of heads")),
        (pictures_log.IMAGE, "edges", ("What channels see",)),
        (pictures_log.IMAGE, "digit", ("What units look for",)),
    ):
        frame = opened(page, address, run, layer)
        for title in titles:
            frame.get_by_role("button", name=title, exact=True).click()
            help_of = frame.get_by_role("dialog", name=title)
            for part in ("Means", "Formula", "Read", "Mind"):
                expect(help_of.get_by_text(part, exact=True)).to_be_visible()
            if title == "Attention":
                expect(help_of.get_by_text("Attention is not explanation (Jain & Wallace 2019")).to_be_visible()
            page.keyboard.press("Escape")


EXTREMES = [
    (pictures_log.TEXT, "attention"),
    (pictures_log.IMAGE, "attention"),
    (pictures_log.IMAGE, "edges"),
    (pictures_log.IMAGE, "digit"),
    (pictures_log.TABLE, "hidden"),
    (pictures_log.LARGE, "attention"),
    (pictures_log.LARGE, "positive"),
    (pictures_log.TEXT, "encoder/unlogged"),
]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pictures_are_whole_and_axe_finds_nothing_serious(browser, address, dark):
    """In one page: what is shown goes from state to state, as it does for people, too."""
    with looking(browser, address, dark=dark) as tab:
        found = []
        for (run, layer), width in zip(EXTREMES, (1440, 900, 1024, 2560, 900, 1440, 900, 1024), strict=True):
            tab.show(width, 2200, view="layers", focus=f"{run}/explain", layer=layer, epoch=CURSOR)
            kept = [defect for defect in tab.layout_defects() if "div.sight" not in defect["where"]]
            found += [(run, layer, width, *defect.values()) for defect in kept]
            found += [(run, layer, width, violation) for violation in tab.violations()]
            assert tab.elements.get_by_role("alert").count() == 0
        assert found == []


def test_what_has_diverged_is_hatched_and_said(page, address):
    frame = opened(page, address, pictures_log.LARGE, "attention", epoch=pictures_log.DIVERGES)
    pane = frame.locator("explain-layer-attention")
    expect(pane.locator(".look .words span.hatched")).to_have_count(2 * 64)
    assert all(value == "finite" for _, value in words(pane, "now"))
    expect(pane.locator("explain-layer-heads .heads button")).to_have_count(16)
    expect(pane.get_by_role("img", name=re.compile("^Entropy of heads"))).to_be_visible()
