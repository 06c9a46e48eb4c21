"""The Features view: which matter, and since when, in a real browser."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass

import numpy as np
import pytest
from playwright.sync_api import expect

from tb_explain_plugin import metadata, summary
from tb_explain_plugin import plugin_data_pb2 as pb
from tests.e2e import checked_log
from tests.e2e.test_tab import open_tab, painted, quiet, shown_step, slider
from tests.event_files import EventFile
from tests.plugin.test_tensorboard import tensorboard

MANY = 400
LONG = "a column whose name goes on for quite a while, number"
PICTURE = "explain-feature-table explain-epoch-map canvas"


@dataclass(frozen=True)
class Table:
    """A run that logged importances of tables, and one explanation so that it has a cursor.

    Attributes:
        inputs: names of the columns by input.
        epochs: steps are -1 … epochs - 1.
        broken: the steps at which no importance is finite.
    """

    inputs: dict[str, list[str]]
    epochs: int
    broken: range = range(0)

    def write(self, directory):
        rng = np.random.default_rng(0)
        size = {name: rng.gamma(1, 1, len(columns)) for name, columns in self.inputs.items()}
        slope = {name: rng.normal(0, 0.05, len(columns)) for name, columns in self.inputs.items()}
        with EventFile(directory / "explain", -1) as file:
            file.write(-1, summary.manifest(self.manifest()))
            for step in range(-1, self.epochs):
                values = {name: size[name] * np.exp(slope[name] * step) for name in self.inputs}
                if step in self.broken:
                    values = {name: np.full(len(columns), np.nan) for name, columns in self.inputs.items()}
                frame = {f"values:{name}": value[None].astype(np.float32) for name, value in values.items()}
                file.write(step, summary.frame(metadata.create_tag("attribution", "saliency"), frame | {"score": np.ones(1, np.float32)}))
                for name, value in values.items():
                    importance = np.stack([value, value / 20, value]).astype(np.float32)
                    file.write(step, summary.series(metadata.create_tag("importance", "saliency", name), importance))

    def manifest(self):
        inputs = [
            pb.Input(name=name, kind="tabular", shape=[len(columns)], dtype="float32", feature_names=columns, cells=[len(columns)])
            for name, columns in self.inputs.items()
        ]
        for each in inputs:
            each.regions.extend(each.cells)
        return pb.Manifest(
            inputs=inputs,
            outputs=[pb.Output(name="y", task="binary", units=1)],
            probe=pb.Probe(size=1, hash="one", targets=[1.0]),
            methods=[pb.Method(name="saliency", score="log_odds")],
            start_time=1.79e9,
            step_unit=metadata.EPOCH,
            model_name="table",
        )


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    directory = tmp_path_factory.mktemp("features")
    checked_log.write(directory, epochs=20, samples=20)
    Table({"table": [f"{LONG} {index:03d}" for index in range(MANY)]}, epochs=12).write(directory / "many")
    Table({"before": ["age", "weight"], "after": ["age", "height"]}, epochs=4, broken=range(1, 2)).write(directory / "twins")
    Table({"pair": ["first", "second"]}, epochs=0).write(directory / "once")
    with tensorboard(directory) as address:
        yield address


def features(frame):
    return frame.get_by_role("listbox", name="Features").get_by_role("option")


def chosen_feature(frame):
    return frame.get_by_role("listbox", name="Features").get_by_role("option", selected=True)


def names(frame):
    return features(frame).evaluate_all("options => options.map(({ title }) => title)")


def picture(frame):
    return frame.get_by_role("img", name=re.compile("by epoch of \\d+ features"))


def numbers(frame):
    return frame.locator("explain-feature-table .numbers").first.inner_text()


def count_drawings(canvas):
    """Count from now on how often a canvas is given a picture."""
    canvas.evaluate(
        """c => { const pen = c.getContext('2d'), put = pen.putImageData; c.drawn = 0;
                  pen.putImageData = (...all) => { c.drawn += 1; return put.apply(pen, all); }; }"""
    )


def drawings(canvas):
    return canvas.evaluate("c => c.drawn")


def test_the_picture_is_drawn_once_and_the_cursor_moves_over_it(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="features", epoch=3)
    quiet(frame)
    count_drawings(picture(frame).locator("canvas"))
    cursor = frame.locator("explain-feature-table explain-epoch-marks .cursor")
    before, place = numbers(frame), cursor.evaluate("line => line.style.left")
    slider(frame).focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    shown_step(frame, 13)
    expect(frame.get_by_role("button", name="Epoch 13", exact=True)).to_be_visible()
    expect(cursor).not_to_have_attribute("style", re.compile(re.escape(place)))
    assert numbers(frame) != before
    assert drawings(picture(frame).locator("canvas")) == 0


def test_rows_keep_their_order_until_they_are_sorted_again(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="features", epoch=2)
    quiet(frame)
    order = names(frame)
    again = frame.get_by_role("button", name=re.compile("Sort again"))
    expect(again).to_have_count(0)  # nothing to sort again: hidden
    slider(frame).focus()
    page.keyboard.press("End")
    shown_step(frame, 19)
    assert names(frame) == order
    again.click()
    expect(features(frame).first).to_have_attribute("title", re.compile("[AB][12]"))
    assert names(frame) != order
    page.wait_for_function("location.hash.includes('p.explain.sort=share%4019')")
    expect(frame.get_by_role("combobox", name="Sort").locator("option:checked")).to_have_text("share at 19")
    page.go_back()
    expect(features(frame).first).to_have_attribute("title", order[0])


def test_every_order_holds_while_the_cursor_moves(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="features", epoch=12, ref=4)
    quiet(frame)
    for order in ("change", "rank", "training", "seen", "name"):
        frame.get_by_role("combobox", name="Sort").select_option(order)
        before = names(frame)
        if order in {"change", "training"}:
            assert before[0] == "A1"  # the corner
        slider(frame).focus()
        page.keyboard.press("Home")
        shown_step(frame, -1)
        assert names(frame) == before
        page.keyboard.press("Shift+ArrowRight")
        shown_step(frame, 9)
        assert names(frame) == before
        page.keyboard.press("End")


def test_an_alarm_above_the_picture_leads_to_its_epoch_and_feature(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="features", epoch=1)
    quiet(frame)
    sign = frame.locator("explain-feature-table .signs button").first
    told = sign.get_attribute("title")
    step = re.match(r"Epoch (\d+): ", told)[1]
    expect(frame.locator("explain-feature-table explain-epoch-marks .alarm").first).to_be_attached()
    sign.click()
    shown_step(frame, step)
    expect(frame.get_by_text(f"Alarm at epoch {step}: ").first).to_be_visible()


def test_a_cell_tells_its_share_its_error_and_its_rank(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="features")
    quiet(frame)
    box = picture(frame).bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 12)
    tip = frame.get_by_role("tooltip")
    expect(tip).to_contain_text(re.compile(r"at epoch (9|10)\s*\d+\.\d ± \d+\.\d.%, rank \d+ of 64"))
    expect(frame.locator("explain-epoch-map .hit")).to_be_visible()
    below = frame.locator("explain-feature-table .axes").bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], below["y"] - 4)
    expect(tip).to_contain_text("rank")
    assert tip.evaluate("tip => { const { bottom } = tip.getBoundingClientRect(); return bottom <= innerHeight; }")


def test_declared_regions_choose_the_features_in_them(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="features")
    quiet(frame)
    frame.get_by_role("combobox", name="In", exact=True).select_option("corner")
    expect(features(frame)).to_have_count(1)
    expect(features(frame).first).to_have_attribute("title", "A1")  # four pixels, which make one cell of the grid
    expect(frame.get_by_text(re.compile(r"^corner holds \d+\.\d ± \d+\.\d.%$"))).to_be_visible()


def test_what_is_shown_of_features_stands_in_the_address(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="features")
    quiet(frame)
    frame.get_by_role("combobox", name="Top").select_option("10")
    frame.get_by_role("group", name="Show").get_by_role("button", name="Rank").click()
    frame.get_by_role("searchbox", name="Find a feature").fill("b")
    expect(features(frame)).to_have_count(8)
    page.wait_for_function("decodeURIComponent(location.hash).includes('top=10,show=rank,find=b')")
    page.reload()
    frame = page.frame_locator("iframe")
    expect(features(frame)).to_have_count(8)
    expect(frame.get_by_role("group", name="Show").get_by_role("button", name="Rank")).to_have_attribute("aria-pressed", "true")
    expect(frame.get_by_role("searchbox", name="Find a feature")).to_have_value("b")
    frame.get_by_role("searchbox", name="Find a feature").fill("nothing")
    expect(frame.get_by_text("No feature is called that")).to_be_visible()


def test_of_many_rows_only_those_in_sight_exist(page, address):
    frame = open_tab(page, address, focus="many/explain", view="features")
    quiet(frame)
    expect(frame.get_by_text(re.compile(r"^375 more hold \d+\.\d.%$"))).to_be_visible()
    frame.get_by_role("combobox", name="Top").select_option("all")
    assert 20 < features(frame).count() < 80
    expect(features(frame).first).to_have_attribute("aria-setsize", str(MANY))
    first, last = names(frame)[0], frame.locator("explain-feature-table .table")
    last.evaluate("table => { table.scrollTop = table.scrollHeight; }")
    expect(features(frame).last).to_have_attribute("aria-posinset", str(MANY))
    assert features(frame).count() < 80
    assert painted(picture(frame).locator("canvas"))
    frame.locator("explain-feature-table .table").evaluate("table => { table.scrollTop = 0; }")
    expect(features(frame).first).to_have_attribute("aria-posinset", "1")  # the rows follow in the next frame
    features(frame).first.click()
    for _ in range(40):
        page.keyboard.press("ArrowDown")
    chosen = chosen_feature(frame)
    expect(chosen).to_have_attribute("aria-posinset", "41")
    expect(chosen).to_be_focused()
    expect(chosen).to_be_in_viewport()
    page.keyboard.press("k")
    expect(chosen).to_have_attribute("aria-posinset", "40")
    assert chosen.get_attribute("title") != first


def test_long_names_are_clipped_in_their_middle(page, address):
    frame = open_tab(page, address, focus="many/explain", view="features")
    quiet(frame)
    name = features(frame).first
    expect(name).to_have_text(re.compile(rf"^{LONG} \d\d\d$"))
    clipped, kept = name.locator(".name-start"), name.locator(".name-end")
    assert clipped.evaluate("text => text.scrollWidth > text.clientWidth")
    assert kept.evaluate("text => text.scrollWidth <= text.clientWidth + 1")
    assert re.search(r"\d\d\d$", kept.inner_text())
    boxes = [name.bounding_box(), picture(frame).bounding_box()]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]


def test_features_of_equal_names_are_told_apart(page, address):
    frame = open_tab(page, address, focus="twins/explain", view="features")
    quiet(frame)
    assert sorted(names(frame)) == ["after age", "before age", "height", "weight"]
    features(frame).filter(has_text="after age").click()
    expect(chosen_feature(frame)).to_have_text("after age")
    expect(frame.get_by_role("heading", name="after age")).to_be_visible()


def test_shares_that_are_not_finite_are_said_to_be(page, address):
    frame = open_tab(page, address, focus="twins/explain", view="features", epoch=1)
    quiet(frame)
    expect(frame.get_by_text("shares not finite")).to_be_visible()
    assert set(numbers(frame).split()) == {"–"}
    box = picture(frame).bounding_box()
    page.mouse.move(box["x"] + 2.5 / 5 * box["width"], box["y"] + 12)
    expect(frame.get_by_role("tooltip")).to_contain_text("not finite")


def test_two_features_at_one_epoch_are_drawn(page, address):
    frame = open_tab(page, address, focus="once/explain", view="features")
    quiet(frame)
    expect(features(frame)).to_have_count(2)
    assert sum(float(number) for number in numbers(frame).split()) == pytest.approx(100, abs=0.2)
    expect(frame.get_by_text("Rank of the 2 strongest")).to_be_visible()


def test_the_ranks_are_of_those_strongest_at_the_end(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="features", epoch=2)
    quiet(frame)
    ranks = frame.locator("explain-feature-ranks")
    ends = ranks.locator(".ranks button").evaluate_all("buttons => buttons.map(({ title }) => title)")
    assert len(ends) == 10
    assert ends[0] == "A1"
    ranks.get_by_role("button", name="A1").click()
    page.wait_for_function("location.hash.includes('p.explain.feature=A1')")
    expect(frame.get_by_role("heading", name="A1")).to_be_visible()
    plot = ranks.locator(".plot").bounding_box()
    page.mouse.click(plot["x"] + 0.5 * plot["width"], plot["y"] + 40)
    expect(slider(frame)).to_have_attribute("aria-valuenow", re.compile("^(8|9|10)$"))
    assert ranks.locator(".ranks button").evaluate_all("buttons => buttons.map(({ title }) => title)") == ends


def test_every_two_methods_are_held_against_each_other(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="features")
    quiet(frame)
    methods = frame.locator("explain-feature-table .marks span").count()
    assert methods > 2
    agreement = frame.get_by_role("img", name=re.compile("^Agreement of methods"))
    expect(agreement.locator(".label.name")).to_have_count(methods * (methods - 1) // 2)
    expect(frame.get_by_text(re.compile("Correlated features share the credit in"))).to_be_visible()


def test_every_figure_says_what_it_means(page, address):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="features")
    quiet(frame)
    for title in ("Share by epoch", "Epoch 19", "Methods agree?", "Share", "Rank of the 10 strongest", "Agreement of methods"):
        button = frame.get_by_role("button", name=title, exact=True)
        (button.last if title == "Share" else button).click()  # the first shows shares
        dialog = frame.get_by_role("dialog", name=title)
        for part in ("Means", "Formula", "Read", "Mind"):
            expect(dialog.get_by_text(part, exact=True)).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


@pytest.mark.parametrize(
    ("figure", "columns"),
    [("Methods agree", ["method", "feature", "step", "share"]), ("Rank of the 10 strongest", ["feature", "epoch", "rank"])],
)
def test_figures_can_be_taken_along(page, address, figure, columns):
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="features")
    quiet(frame)
    button = frame.get_by_role("button", name=f"Menu of {figure}", exact=True)
    for item in ("Data (CSV)", "Data (JSON)"):
        button.focus()
        page.keyboard.press("Enter")
        with page.expect_download() as download:
            frame.get_by_role("menuitem", name=item).click()
        text = download.value.path().read_text()
        read = list(json.loads(text)["rows"][0]) if "JSON" in item else next(csv.reader(io.StringIO(text)))
        assert read[: len(columns)] == columns


def test_a_narrow_window_keeps_all_within_reach(page, address):
    page.set_viewport_size({"width": 900, "height": 764})
    frame = open_tab(page, address, focus="digits-shortcut/explain", view="features", feature="A1")
    quiet(frame)
    expect(frame.locator("explain-feature-detail")).to_be_visible()
    frame.get_by_role("button", name="Close", exact=True).click()
    expect(frame.locator("explain-feature-detail")).to_have_count(0)
    wide = frame.locator("explain-features .main").evaluate("main => main.scrollWidth <= main.clientWidth")
    assert wide
    assert painted(frame.locator(PICTURE).first)
