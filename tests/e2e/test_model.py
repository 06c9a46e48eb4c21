"""The view *Model* in a real browser: embedding, boundary and surrogates of runs whose truth is known, and what is hard to show of them."""

from __future__ import annotations

import csv
import io
import re
import urllib.request

import numpy as np
import pytest
from playwright.sync_api import expect
from safetensors.numpy import load

from tests import synthetic_models
from tests.e2e import extremes, model_log
from tests.e2e.looking import looking
from tests.e2e.test_curves import downloaded, in_address
from tests.e2e.test_tab import open_tab, quiet, slider
from tests.plugin.test_tensorboard import tensorboard

RUNS = ("cells", "digits", "reviews", "regression", "classes", "one sample", "not finite", extremes.RUN_OF_LONG_NAMES)
SIZES = {900: 2600, 1024: 2400, 1440: 1500, 2560: 1500}
"""Widths of the window with heights that have all in sight."""
WIDE = ("cells", extremes.RUN_OF_LONG_NAMES)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("model") / "logs"
    model_log.write(logdir)
    with tensorboard(logdir) as address:
        yield address


@pytest.fixture(scope="module", params=[False, True], ids=["light", "dark"])
def tab(request, browser, address):
    with looking(browser, address, dark=request.param) as tab:
        yield tab


IN_ANY_THEME = pytest.mark.parametrize("tab", [False], ids=["light"], indirect=True)


def opened(page, address, run="cells", **chosen):
    frame = open_tab(page, address, view="model", focus=f"{run}/explain".replace(" ", "%20"), **chosen)
    frame.locator("explain-model").wait_for()
    quiet(frame)
    return frame


def panel(frame, name):
    return frame.locator(f"explain-{name}")


def place_of(scatter, sample):
    """Where a sample stands, in pixels of its picture."""
    return scatter.evaluate("(s, i) => { const p = s.places(s.clientWidth, s.clientHeight)[i]; return { x: p.x, y: p.y }; }", sample)


# ---------------------------------------------------------------------------- embedding


def test_the_sample_that_went_farthest_stands_first_with_its_distance(page, address):
    frame = opened(page, address, ref=-1, epoch=11)
    with urllib.request.urlopen(f"{address}/data/plugin/explain/embedding?run=cells%2Fexplain", timeout=20) as response:
        answer = load(response.read())
    now, start = (answer["points"][list(answer["steps"]).index(step)].astype(float) for step in (11, -1))
    spread = np.sqrt(now.var(axis=0).sum())
    moved = np.linalg.norm(now - start, axis=1) / spread
    assert moved.argmax() == model_log.TRAVELLER
    first = panel(frame, "embedding").locator(".moved button").first
    expect(first).to_contain_text(f"#{model_log.TRAVELLER}")
    expect(first).to_contain_text(f"{moved.max():.2f}")
    part = answer["explained"][list(answer["steps"]).index(11)]
    expect(panel(frame, "embedding")).to_contain_text(f"axis 1, {100 * part[0]:.1f}\u202f% of the variance")
    panel(frame, "embedding").get_by_role("button", name="2 × 3").click()
    expect(panel(frame, "embedding")).to_contain_text(f"axis 3, {100 * part[2]:.1f}\u202f% of the variance")


def test_a_sample_is_told_chosen_walked_from_and_opened_in_samples(page, address):
    frame = opened(page, address, run="digits", epoch=11)
    scatter = panel(frame, "embedding").locator("explain-sample-scatter")
    at = place_of(scatter, 12)
    scatter.hover(position=at)
    tip = scatter.get_by_role("tooltip")
    expect(tip).to_contain_text(re.compile(r"#12.*is 2, says 2, \d+"))
    expect(tip.get_by_role("img", name="input image")).to_be_visible()
    scatter.click(position=at)
    in_address(page, "p.explain.sample=12")
    card = panel(frame, "embedding").get_by_role("group", name="Sample #12")
    expect(card).to_contain_text("is 2, says 2")
    order = [int(text[1:].split()[0]) for text in panel(frame, "embedding").locator(".moved b").all_inner_texts()]
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    page.keyboard.press("j")
    in_address(page, f"p.explain.sample={order[0]}")
    page.keyboard.press("j")
    in_address(page, f"p.explain.sample={order[1]}")
    frame.get_by_role("button", name="Open in Samples").click()
    in_address(page, "p.explain.view=samples")
    expect(frame.get_by_role("heading", name=f"Sample #{order[1]}")).to_be_visible()


def test_frames_of_the_last_measured_step_are_shown_and_said_to_be(page, address):
    frame = opened(page, address, epoch=10)
    expect(panel(frame, "embedding")).to_contain_text("epoch 9, the last before 10")
    expect(panel(frame, "boundary")).to_contain_text("epoch 9, the last before 10")
    expect(panel(frame, "tree")).to_contain_text("epoch 8, the last before 10")
    slider(frame).press("ArrowRight")
    expect(panel(frame, "embedding").locator(".head")).to_contain_text(re.compile(r"epoch 11\s*$"))


def test_the_projector_has_the_same_activations(page, address):
    frame = opened(page, address)
    frame.get_by_role("button", name="tab Projector").click()
    page.wait_for_function("location.hash.startsWith('#projector')")
    page.goto("about:blank")
    frame = opened(page, address, run="digits")
    expect(frame.get_by_role("button", name="tab Projector")).to_have_count(0)


def test_one_class_is_looked_at_alone(page, address):
    frame = opened(page, address, run="digits", epoch=11)
    panel(frame, "embedding").get_by_label("Class").select_option("3")
    expect(panel(frame, "embedding").locator(".moved button")).to_have_count(10)
    assert all("is 3" in text for text in panel(frame, "embedding").locator(".moved button").all_inner_texts())


# ---------------------------------------------------------------------------- boundary


def test_the_boundary_says_what_the_model_says_there(page, address):
    frame = opened(page, address, epoch=11, ref=-1)
    story = synthetic_models.cells(120)
    arrays, text = model_log.plane(story, 11)
    scatter = panel(frame, "boundary").locator("explain-sample-scatter")
    width, height = scatter.evaluate("s => [s.clientWidth, s.clientHeight]")
    left, top, wide, high = 40, 1, width - 41, height - 21  # the plot within the picture
    for across, up in ((0.03, 0.5), (0.97, 0.5)):
        cell = int(up * model_log.GRID), int(across * model_log.GRID)
        of, sure = story.class_names[arrays["class"][cell]], 100 * float(arrays["probability"][cell])
        scatter.hover(position={"x": left + across * wide, "y": top + (1 - up) * high})
        expect(scatter.get_by_role("tooltip")).to_have_text(re.compile(rf"here it says {of}, {sure:.1f}"))
    expect(panel(frame, "boundary")).to_contain_text(text["x"])
    expect(panel(frame, "boundary")).to_contain_text("boundary at start")
    share = 100 * (arrays["class"] == 1).mean()
    expect(scatter.get_by_role("img")).to_have_attribute("aria-label", re.compile(rf"malignant {share:.1f}"))


def test_the_strip_sets_the_epoch_and_the_reference(page, address):
    frame = opened(page, address)
    strip = frame.get_by_role("group", name="Decision boundary across the epochs")
    expect(strip.get_by_role("button")).to_have_count(7)
    strip.get_by_role("button", name="go to epoch 3").click()
    in_address(page, "p.explain.epoch=3")
    expect(strip.get_by_role("button", name="go to epoch 3")).to_have_attribute("aria-current", "step")
    strip.get_by_role("button", name="go to epoch 7").click(modifiers=["Shift"])
    in_address(page, "p.explain.ref=7")
    expect(panel(frame, "boundary")).to_contain_text("boundary at epoch 7")


def test_samples_of_a_plane_without_an_embedding_are_walked_through(page, address):
    frame = opened(page, address, run="plane alone")
    expect(panel(frame, "embedding")).to_have_count(0)
    slider(frame).press("j")
    slider(frame).press("j")
    in_address(page, "p.explain.sample=1")
    expect(panel(frame, "boundary").get_by_role("group", name="Sample #1")).to_contain_text("is malignant")


def test_moving_the_cursor_draws_from_memory(page, address):
    frame = opened(page, address, epoch=-1)
    page.wait_for_timeout(500)  # frames over the whole run follow those in sight
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for _ in range(12):
        slider(frame).press("ArrowRight")
    expect(panel(frame, "boundary").locator(".head")).to_contain_text("epoch 11")
    quiet(frame)
    assert [url for url in asked if re.search("boundary|surrogate|embedding|predictions", url)] == []


def test_a_frame_that_cannot_be_read_says_so_in_its_panel(browser, address):
    page = browser.new_page(viewport={"width": 1440, "height": 964})  # one on which a refused request may be written on the console
    page.route(re.compile(r"frame\?.*tag=boundary"), lambda route: route.fulfill(status=200, body=b"nothing"))
    frame = opened(page, address)
    expect(panel(frame, "boundary").get_by_role("alert")).to_contain_text("The file cannot be read")
    expect(panel(frame, "tree")).to_contain_text("worst area")
    page.unroute(re.compile(r"frame\?.*tag=boundary"))
    panel(frame, "boundary").get_by_role("button", name="Try again").click()
    expect(panel(frame, "boundary").locator("explain-sample-scatter")).to_be_visible()
    page.close()


# ---------------------------------------------------------------------------- surrogates


def test_the_tree_is_drawn_with_what_it_was_at_the_reference(page, address):
    frame = opened(page, address, epoch=8, ref=5)
    tree = panel(frame, "tree")
    root = tree.locator(".split").first
    expect(root).to_have_text(re.compile(r"worst area\s*≤ \.875\s*was mean radius ≤ \.45"))
    expect(root).to_have_class(re.compile("changed"))
    expect(tree.locator(".changes li")).to_have_text(["The root: worst area ≤ .875, was mean radius ≤ .45"], ignore_case=True)
    expect(tree.locator(".leaf")).to_have_count(6)
    total = 45 + 17 + 22 + 16
    expect(tree.locator(".leaf").first).to_have_text(re.compile(rf"\u22123\.10\s*{45 * 100 // total}"))
    rule = r"worst area ≤ \.875 and mean texture ≤ \u2212\.25: \u22123\.10, 45\.0"
    expect(tree.locator("ul.unseen li").first).to_have_text(re.compile(rule))


def test_a_threshold_that_moved_and_a_leaf_that_grew_are_told(page, address):
    tree = panel(opened(page, address, epoch=5, ref=2), "tree")
    expect(tree.locator(".changes li")).to_have_text(
        ["The root: mean radius ≤ .45, was ≤ .3", "Left: mean texture ≤ \u2212.25, was a leaf", "Right: worst area ≤ 1.25, was a leaf"],
        ignore_case=True,
    )
    tree = panel(opened(page, address, epoch=11, ref=8), "tree")
    expect(tree).to_contain_text("The same splits as at epoch 8.")


def test_the_line_has_its_terms_now_and_before(page, address):
    frame = opened(page, address, epoch=8, ref=5)
    terms = panel(frame, "linear").locator(".terms")
    now, before = (1 - np.exp(-(step + 1) / 4) for step in (8, 5))
    area, radius = 0.25 * now, 1.5 * now
    said = terms.inner_text().replace("\u2212", "-").split()
    for value in (area, area - 2 * before, radius, radius - 1.5 * before):
        assert f"{value:+.3g}".replace("0.", ".") in [text[:5] if text[1] == "." else text for text in said]
    expect(panel(frame, "fidelity")).to_contain_text("The line speaks for little of the model: R² .4")
    slider(frame).press("Home")
    expect(panel(frame, "fidelity")).to_contain_text("The tree says no more of the model than its mean would.")
    expect(panel(frame, "tree")).to_contain_text("The tree has no split")


def test_features_are_called_as_elsewhere(page, address):
    tree = panel(opened(page, address, run="digits", epoch=8), "tree")
    expect(tree.locator(".split").first).to_contain_text("B3")  # region 17 of 8 × 8
    word = synthetic_models.reviews(40).input.vocabulary[2 + model_log.AREA]
    tree = panel(opened(page, address, run="reviews", epoch=8), "tree")
    expect(tree.locator(".split").first).to_contain_text(f"“{word}”")
    expect(tree.locator(".split").first).to_contain_text("is absent")


# ---------------------------------------------------------------------------- all of it


def test_a_run_without_any_of_it_says_what_to_add(page, address):
    frame = open_tab(page, address, focus="nothing%2Fexplain")
    slider(frame).press("6")
    expect(frame.get_by_role("tab", name="Model")).to_have_attribute("aria-selected", "true")
    for method in ("embedding_projection", "decision_boundary", "surrogate_tree", "surrogate_linear"):
        expect(frame.locator("pre")).to_contain_text(f'"{method}"')
    expect(frame.get_by_role("button", name="Copy", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("title", "columns", "rows"),
    [
        ("Embedding", ["step", "sample", "name", "label", "axis_1"], 7 * 120),
        ("Decision boundary", ["mean radius", "worst area", "class", "probability"], model_log.GRID**2),
        ("Surrogate tree", ["node", "feature", "at_most", "left", "right", "value", "samples"], 11),
        ("Linear surrogate", ["feature", "coefficient", "reference"], 30),
    ],
)
def test_figures_are_taken_along(page, address, title, columns, rows):
    frame = opened(page, address)
    button = frame.get_by_role("button", name=f"Menu of {title}", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    _, content = downloaded(page, frame.get_by_role("menuitem", name="Data (CSV)"))
    table = list(csv.reader(io.StringIO(content.decode())))
    assert table[0][: len(columns)] == columns
    assert len(table) == rows + 1
    page.keyboard.press("Enter")
    _, picture = downloaded(page, frame.get_by_role("menuitem", name="Picture (PNG)"))
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 10_000
    page.keyboard.press("Escape")
    frame.get_by_role("button", name=f"{title}", exact=True).click()
    expect(frame.get_by_role("dialog", name=title)).to_contain_text("Formula")


@pytest.mark.parametrize("run", RUNS)
def test_all_can_be_read_by_everybody(tab, run):
    for width in SIZES if run in WIDE and not tab.dark else (1440,):
        tab.show(width, SIZES[width], view="model", focus=f"{run}/explain", sample=0, epoch=4, ref=-1)
        assert [list(each.values()) for each in tab.layout_defects()] == []
    assert tab.violations() == []
    tab.show(view="model", focus=f"{run}/explain")
    assert tab.violations() == []
    assert "NaN" not in tab.elements.locator("main").inner_text()


@IN_ANY_THEME
def test_a_diverged_model_is_hatched_and_said_to_be(tab):
    tab.show(1440, 900, view="model", focus="not finite/explain", epoch=11)
    expect(tab.elements.locator("explain-embedding")).to_contain_text("24 of 24 samples are not finite")
    expect(tab.elements.locator("explain-tree")).to_contain_text("The model says nothing finite")
    expect(tab.elements.locator("explain-linear")).to_contain_text("nothing finite")
