"""The view *Layers* in a real browser: the model as a graph, each layer's health, histograms by epoch, and what is hard to show of them."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e import layers_log
from tests.e2e.looking import picture_of, redrawn
from tests.e2e.test_curves import downloaded, in_address, not_in_address
from tests.e2e.test_tab import open_tab, painted, quiet, shown_step, slider
from tests.plugin.test_tensorboard import tensorboard

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("layers")
    layers_log.write(logdir)
    with tensorboard(logdir) as address:
        yield address


def opened(page, address, run, **chosen):
    frame = open_tab(page, address, view="layers", focus=f"{run}/explain".replace(" ", "%20"), **chosen)
    frame.get_by_role("listbox", name="Layers").wait_for()
    quiet(frame)
    return frame


def card(frame, name):
    """The card of a layer, by its whole name."""
    inside = frame.owner.page.locator(f'[role=option][title^="{name}: "]')
    return frame.locator("explain-layer-card").filter(has=inside)


def curve(frame, title):
    return frame.get_by_role("img", name=re.compile(f"^{title}"))


def picture(frame):
    """The ridges or the heat map."""
    return frame.locator("explain-layer-epochs")


def boxes(locator):
    return locator.evaluate_all("all => all.map(e => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; })")


def apart(a, b):
    return a[2] <= b[0] + 0.5 or b[2] <= a[0] + 0.5 or a[3] <= b[1] + 0.5 or b[3] <= a[1] + 0.5


def test_branches_lie_in_lanes_and_further_calls_have_cards(page, address):
    frame = opened(page, address, "branches")
    names = {layer.name for layer in layers_log.branches() if layer.silent is not None} | {f"{name}:1" for name in layers_log.TWICE}
    expect(frame.locator("explain-layer-card")).to_have_count(len(names))
    for name in names:
        expect(card(frame, name)).to_have_count(1)
    places = boxes(frame.locator("explain-layer-card, .chip"))
    assert all(apart(a, b) for i, a in enumerate(places) for b in places[:i])
    side, wide = (card(frame, name).bounding_box() for name in ("side", "wide"))
    assert side["x"] == pytest.approx(wide["x"])
    assert wide["y"] > side["y"] + side["height"]
    expect(card(frame, "encoder/second:1")).to_contain_text("call 2")
    card(frame, layers_log.LONG_NAME).get_by_role("option").click()
    expect(frame.get_by_role("heading", name=layers_log.LONG_NAME)).to_be_visible()
    links = frame.locator("explain-layer .links")
    expect(links).to_have_text(re.compile(r"from\s*encoder/second\s*encoder/second:1\s*to\s*kind\s*size"))


def test_a_connection_is_followed_by_a_click_and_by_keys(page, address):
    frame = opened(page, address, "branches", layer="side")
    hit = frame.locator("path.hit")
    expect(hit).to_have_count(frame.locator("svg:has(path.hit) > path:not(.hit)").count())
    middle = "p.getPointAtLength(p.getTotalLength() / 2).matrixTransform(p.getScreenCTM())"
    x, y = hit.first.evaluate(f"p => {{ const q = {middle}; return [q.x, q.y]; }}")
    offset = page.locator("iframe").bounding_box()
    page.mouse.click(offset["x"] + x, offset["y"] + y)
    in_address(page, "p.explain.layer=stem")
    to = frame.locator("explain-layer .links").get_by_role("button", name="wide")
    to.focus()
    page.keyboard.press("Enter")
    in_address(page, "p.explain.layer=wide")
    expect(card(frame, "wide").get_by_role("option")).to_have_attribute("aria-selected", "true")
    page.go_back()
    in_address(page, "p.explain.layer=stem")


def test_a_long_model_folds_its_repeats_and_draws_what_is_in_sight(page, address):
    frame = opened(page, address, "residual")
    cards = frame.locator("explain-layer-card")
    logged = [layer for layer in layers_log.residual() if layer.silent is not None]
    assert 0 < cards.count() < 20 < len(logged)
    told = int(cards.first.get_by_role("option").get_attribute("aria-setsize"))
    assert told < len(logged)
    strip = frame.locator("explain-layer-strip .sight")
    width = strip.evaluate("s => s.scrollWidth")
    folds = frame.get_by_role("button", name=re.compile("Fold repeats"))
    expect(folds).to_have_attribute("aria-pressed", "true")
    fold = frame.get_by_role("option", name=re.compile("× 4 more"))
    strip.evaluate("s => { s.scrollLeft = s.scrollWidth / 2; }")
    for place in range(0, int(width), 600):
        if fold.count():
            break
        strip.evaluate("(s, x) => { s.scrollLeft = x; }", place)
        strip.evaluate("() => new Promise((drawn) => setTimeout(() => requestAnimationFrame(drawn), 50))")
    fold.focus()
    page.keyboard.press("Enter")
    expect(fold).to_have_count(0)
    assert strip.evaluate("s => s.scrollWidth") > width
    folds.click()
    expect(folds).to_have_attribute("aria-pressed", "false")
    expect(cards.first.get_by_role("option")).to_have_attribute("aria-setsize", str(len(logged)))


def test_a_search_goes_to_a_layer_that_is_folded_away(page, address):
    frame = opened(page, address, "residual")
    expect(card(frame, "conv5_block3_2_conv")).to_have_count(0)
    slider(frame).focus()
    page.keyboard.press("/")
    box = frame.get_by_role("searchbox", name="Find a layer")
    expect(box).to_be_focused()
    box.press_sequentially("conv5_block3")
    expect(frame.get_by_text("1 of 10")).to_be_visible()
    found = card(frame, "conv5_block3_1_conv")
    sight = frame.locator("explain-layer-strip .sight").bounding_box()
    place = found.bounding_box()
    assert sight["x"] <= place["x"]
    assert place["x"] + place["width"] <= sight["x"] + sight["width"]
    assert "layer=" not in page.url, "typing chooses nothing"
    page.keyboard.press("Enter")
    in_address(page, "p.explain.layer=conv5_block3_1_conv")
    page.keyboard.press("Enter")
    in_address(page, "p.explain.layer=conv5_block3_1_bn")
    box.fill("no such layer")
    expect(frame.get_by_role("tabpanel").get_by_text("none", exact=True)).to_be_visible()


def test_the_address_holds_layer_histogram_and_picture(page, address):
    frame = opened(page, address, "ill", layer="tanh_layer")
    expect(picture(frame).get_by_role("img", name=re.compile("^Activations of tanh_layer at 13 steps"))).to_be_visible()
    frame.get_by_role("combobox", name="Show").select_option(label="gradients")
    in_address(page, "p.explain.histogram=gradient")
    frame.get_by_role("button", name="Heat map").click()
    in_address(page, "p.explain.picture=map")
    page.reload()
    frame = page.frame_locator("iframe")
    expect(picture(frame).get_by_role("img", name="Gradients of tanh_layer by epoch")).to_be_visible()
    assert painted(picture(frame).locator("canvas").first)
    slider(frame).focus()
    page.keyboard.press("j")
    in_address(page, "p.explain.layer=dying_layer")
    page.keyboard.press("k")
    page.keyboard.press("k")
    in_address(page, "p.explain.layer=relu_layer")
    frame.get_by_role("button", name="Ridges").click()
    frame.get_by_role("combobox", name="Show").select_option(label="activations")
    not_in_address(page, "histogram=")
    not_in_address(page, "picture=")


def test_ridges_set_the_epoch_and_mark_cursor_and_reference(page, address):
    frame = opened(page, address, "ill", layer="relu_layer", ref=2)
    ridges = picture(frame).get_by_role("img")
    marked = picture(frame).locator("canvas").nth(1)
    before = picture_of(marked)
    all_of_them = picture_of(picture(frame).locator("canvas").first)
    box = ridges.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 0.5 * box["height"])
    in_address(page, "p.explain.epoch=")
    epoch = int(re.search(r"epoch=(-?\d+)", page.url)[1])
    assert 3 <= epoch <= 7
    redrawn(marked, before)
    assert picture_of(picture(frame).locator("canvas").first) == all_of_them
    page.keyboard.down("Shift")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 0.9 * box["height"])
    page.keyboard.up("Shift")
    page.wait_for_function("() => /ref=(9|10|11)/.test(location.hash)")
    shown_step(frame, epoch)


def test_what_is_over_its_limit_stands_out(page, address):
    passed = layers_log.LIMIT_PASSED
    frame = opened(page, address, "ill", layer="tanh_layer", epoch=passed - 1)
    sign = card(frame, "tanh_layer").get_by_role("img", name="over a limit")
    expect(card(frame, "tanh_layer").locator(".number.alarm")).to_have_count(0)
    expect(sign).to_have_count(0)
    slider(frame).focus()
    page.keyboard.press("ArrowRight")
    expect(sign).to_have_text("▲")
    over = card(frame, "tanh_layer").locator(".number.alarm")
    expect(over).to_have_text(re.compile(r"36\.0"))
    colours = [e.evaluate("e => getComputedStyle(e).color") for e in (over, card(frame, "tanh_layer").locator(".number").first)]
    assert colours[0] != colours[1]
    expect(card(frame, "dying_layer").locator(".number.alarm")).to_have_text(re.compile(r"90\.0"))
    expect(card(frame, "diverging_layer")).to_contain_text("✕")
    expect(card(frame, "diverging_layer")).to_contain_text("∞")
    expect(curve(frame, "Saturated").get_by_text(re.compile("limit 30"))).to_be_visible()
    expect(curve(frame, "Update ratio").get_by_text("usual range")).to_be_visible()
    card(frame, "relu_layer").get_by_role("option").click()
    expect(curve(frame, "Dead units").get_by_text(f"none since epoch {passed + 1}")).to_be_visible()


def test_a_step_moves_marks_and_draws_no_curve_anew(page, address):
    frame = opened(page, address, "ill", layer="relu_layer", epoch=0)
    slider(frame).focus()
    page.keyboard.press("ArrowRight")
    frame.locator("body").evaluate(
        """() => {
          const { stroke } = CanvasRenderingContext2D.prototype;
          window.strokes = {};
          CanvasRenderingContext2D.prototype.stroke = function (...path) {
            let root = this.canvas.getRootNode();
            while (root.host?.localName === "explain-canvas") root = root.host.getRootNode();
            const name = root.host?.localName ?? "none";
            window.strokes[name] = (window.strokes[name] ?? 0) + 1;
            return stroke.apply(this, path);
          };
        }"""
    )
    frame.locator("explain-layer-strip .sight").evaluate(
        """strip => {
          window.changes = 0;
          const observer = new MutationObserver((list) => { window.changes += list.length; });
          observer.observe(strip, { subtree: true, childList: true, attributes: true });
        }"""
    )
    mark = card(frame, "relu_layer").locator(".curve i").first
    before = mark.bounding_box()["x"]
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    shown_step(frame, 4)
    expect(picture(frame)).to_be_visible()
    assert mark.bounding_box()["x"] > before
    strokes = frame.locator("body").evaluate("() => window.strokes")
    assert "explain-layer-card" not in strokes
    assert "explain-curve-panel" not in strokes
    assert frame.locator("body").evaluate("() => window.changes") == 0, "the graph stays as it is"
    assert strokes["explain-layer-epochs"] <= 3 * 2, "the marked ridges alone"


def test_histograms_tell_their_bins_and_curves_are_smoothed(page, address):
    frame = opened(page, address, "ill", layer="tanh_layer", epoch=8, ref=2)
    weights = frame.get_by_role("img", name=re.compile("^Weights of tanh_layer: 500 values"))
    assert painted(weights)
    box = weights.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(frame.get_by_text(re.compile(r"… .*: \d+, was \d+"))).to_be_visible()
    page.mouse.move(2, 2)
    expect(frame.get_by_text(re.compile(r"^beyond ±\.97 10\.0 → 36\.0"))).to_be_visible()
    frame.get_by_role("slider", name="Smoothing").fill("0.8")
    expect(curve(frame, "Gradient norm")).to_have_attribute("aria-label", re.compile(r"smoothed \.80"))
    in_address(page, "p.explain.smooth=0.8")
    frame.get_by_role("button", name="Menu of Gradient norm of tanh_layer").focus()
    page.keyboard.press("Enter")
    _, content = downloaded(page, frame.get_by_role("menuitem", name="Data (CSV)"))
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert {row["curve"] for row in rows} == {layer.name for layer in layers_log.ill()}
    frame.get_by_role("button", name="Menu of Model", exact=True).focus()
    page.keyboard.press("Enter")
    _, content = downloaded(page, frame.get_by_role("menuitem", name="Data (CSV)"))
    model = {row["layer"]: row for row in csv.DictReader(io.StringIO(content.decode()))}
    assert float(model["tanh_layer"]["saturated"]) == pytest.approx(0.36)
    assert model["dying_layer"]["reads_from"] == "tanh_layer"


def test_each_figure_tells_what_it_means(page, address):
    frame = opened(page, address, "ill", layer="tanh_layer")
    titles = [
        "Model",
        "By epoch",
        "Activations",
        "Gradients",
        "Weights",
        "Saturated",
        "Update ratio",
        "Gradient norm",
        "Distribution shift",
    ]
    for title in titles:
        frame.get_by_role("button", name=title, exact=True).click()
        words = frame.get_by_role("dialog", name=title)
        for part in ("Means", "Formula", "Read", "Mind"):
            expect(words.get_by_text(part, exact=True)).to_be_visible()
        page.keyboard.press("Escape")
        expect(words).to_have_count(0)


@pytest.mark.parametrize(
    ("run", "layer", "shown"),
    [
        ("weightless", "relu", "a layer without weights"),
        ("one step", "softsign", "a layer without weights"),
        ("ill", "unseen_layer", "No activations"),
        ("ill", "empty_layer", "No finite activations"),
        ("ill", "diverging_layer", "no finite values"),
        ("ill", "wandering_layer", "1000 values"),
        ("thousand", "dying_layer", "1000 values"),
    ],
)
def test_extremes_are_shown_or_explained(page, address, run, layer, shown):
    frame = opened(page, address, run, layer=layer)
    expect(frame.get_by_role("heading", name=layer)).to_be_visible()
    expect(frame.get_by_text(shown).first).to_be_visible()
    expect(frame.get_by_role("alert")).to_have_count(0)
    assert painted(frame.locator("explain-layer canvas").first)


def test_a_run_without_health_says_what_to_add(page, address):
    frame = open_tab(page, address, view="layers", focus="no%20health/explain")
    expect(frame.get_by_text(re.compile("Layers shows health, which no health has not logged"))).to_be_visible()
    expect(frame.get_by_text(re.compile(r"ActivationHistograms\("))).to_be_visible()
    expect(frame.get_by_role("button", name="Copy", exact=True)).to_be_visible()


@pytest.mark.parametrize("width", [900, 1024, 2560])
def test_the_layout_holds(page, address, width):
    page.set_viewport_size({"width": width, "height": 900})
    frame = opened(page, address, "branches", layer=layers_log.LONG_NAME)
    assert frame.locator("main").evaluate("m => m.scrollWidth - m.clientWidth") == 0
    places = boxes(frame.locator("explain-layer-epochs, explain-layer-spread, explain-layer explain-curve-panel"))
    assert all(apart(a, b) for i, a in enumerate(places) for b in places[:i])
    expect(picture(frame)).to_have_count(3 if width == 2560 else 1)


@pytest.mark.parametrize("dark", ["false", "true"], ids=["light", "dark"])
@pytest.mark.parametrize("run", ["branches", "residual", "ill"])
def test_axe_finds_nothing_serious(page, address, run, dark):
    page.goto(f"{address}/?darkMode={dark}#explain&p.explain.view=layers&p.explain.focus={run}/explain".replace(" ", "%20"))
    frame = page.frame_locator("iframe")
    slider(frame).wait_for()
    quiet(frame)
    (inside,) = (one for one in page.frames if one is not page.main_frame)
    inside.evaluate(AXE.read_text())
    found = inside.evaluate(
        """async () => (await axe.run(document, { iframes: false, resultTypes: ["violations"] })).violations
            .filter(({ impact }) => ["serious", "critical"].includes(impact))
            .map(({ id, nodes }) => [id, nodes[0].target.flat().join(" "), nodes[0].failureSummary])"""
    )
    assert found == []
