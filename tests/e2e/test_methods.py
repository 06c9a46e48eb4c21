"""The methods and the steps that a run may have, in a real browser over the synthetic log."""

import re

import pytest
from playwright.sync_api import expect

from tests import synthetic_log
from tests.e2e.test_tab import focused, open_tab, painted, quiet, shown_step, slider
from tests.plugin.test_tensorboard import tensorboard


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("methods")
    synthetic_log.write_log(logdir, epochs=8, samples=20)
    with tensorboard(logdir) as address:
        yield address


def picker(frame):
    return frame.get_by_role("combobox", name="Explained by")


def test_a_method_is_chosen_once_for_all_views(page, address):
    frame = open_tab(page, address, focus="digits-clean/explain")
    expect(picker(frame)).to_have_value("integrated_gradients")
    quiet(frame)
    expect(frame.get_by_role("img", name=re.compile("Completeness error"))).to_be_visible()
    picker(frame).select_option(label="Saliency")
    page.wait_for_function("location.hash.includes('p.explain.method=saliency')")
    expect(frame.get_by_text("Completeness error: not defined for Saliency")).to_be_visible()
    expect(frame.get_by_text("against the label")).to_have_count(0)
    frame.get_by_role("tab", name="Samples").click()
    quiet(frame)
    expect(frame.get_by_text("strong")).to_be_visible()
    expect(frame.get_by_text("against the label")).to_have_count(0)
    assert painted(frame.locator("main canvas").nth(1))
    frame.get_by_role("tab", name="Features").click()
    expect(frame.get_by_role("combobox", name="By", exact=True)).to_have_value("saliency")
    page.go_back()
    page.go_back()
    page.go_back()
    expect(picker(frame)).to_have_value("integrated_gradients")


def test_two_of_a_kind_are_told_apart_and_name_their_error(page, address):
    frame = open_tab(page, address, focus="digits-clean/explain", method="lrp_2")
    expect(picker(frame).locator("option:checked")).to_have_text("LRP 2 · alpha2 beta1")
    expect(picker(frame).get_by_role("option", name="LRP · epsilon plus flat")).to_have_count(1)
    expect(frame.get_by_role("img", name=re.compile("Conservation error"))).to_be_visible()


def test_help_says_what_a_method_is(page, address):
    frame = open_tab(page, address, focus="digits-clean/explain", method="lrp")
    quiet(frame)
    picker(frame).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    dialog = frame.get_by_role("dialog", name="LRP · epsilon plus flat")
    for text in ("back to the inputs?", "Rⱼ", "Bach et al. 2015", "epsilon_plus_flat"):
        expect(dialog).to_contain_text(text)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(frame.get_by_role("button", name="What is LRP · epsilon plus flat?")).to_be_focused()


@pytest.mark.parametrize("width", [1024, 900])
def test_the_picker_fits_where_the_rail_is_folded(page, address, width):
    page.set_viewport_size({"width": width, "height": 764})
    frame = open_tab(page, address, focus="digits-clean/explain")
    picker(frame).select_option(label="Grad-CAM")
    page.wait_for_function("location.hash.includes('p.explain.method=grad_cam')")
    for control in (picker(frame), frame.get_by_role("combobox", name="Drift against"), frame.get_by_role("button", name="Keys")):
        box = control.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    tabs = frame.get_by_role("tab", name="Layers").bounding_box()
    assert tabs["x"] + tabs["width"] <= picker(frame).bounding_box()["x"]


def test_a_run_without_the_method_offers_those_it_has(page, address):
    frame = open_tab(page, address, focus="cells/explain", view="samples", method="lrp")
    expect(frame.get_by_role("heading", name="cells is not explained by LRP")).to_be_visible()
    frame.get_by_role("button", name="what_the_neighbours say").click()
    expect(frame.get_by_role("heading", name="cells is not explained by LRP")).to_have_count(0)
    expect(picker(frame)).to_have_value("what_the_neighbours say")
    quiet(frame)
    assert painted(frame.locator("main canvas").first)


def test_an_input_that_a_method_says_nothing_of_is_named(page, address):
    frame = open_tab(page, address, focus="scans/explain", view="samples", method="grad_cam", sample=2)
    expect(frame.get_by_text("Grad-CAM says nothing of patient.")).to_be_visible()
    quiet(frame)
    picker(frame).select_option(label="SmoothGrad")
    expect(frame.get_by_text("says nothing of")).to_have_count(0)
    quiet(frame)


def test_iterations_move_the_cursor_on_the_axis_of_epochs(page, address):
    frame = open_tab(page, address, focus="digits-batches/explain")
    expect(slider(frame)).to_have_attribute("aria-valuemin", "-1")
    expect(slider(frame)).to_have_attribute("aria-valuemax", "7")
    slider(frame).focus()
    page.keyboard.press("Home")
    expect(slider(frame)).to_have_attribute("aria-valuetext", "start")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    shown_step(frame, 1.4)
    expect(slider(frame)).to_have_attribute("aria-valuetext", "epoch 1.4 · batch 120")
    expect(frame.get_by_text("batch 120 of 400")).to_be_visible()
    expect(frame.get_by_text(re.compile("Since the start, .* of the attribution of digits-batches has moved"))).to_be_visible()
    page.wait_for_function("location.hash.includes('p.explain.epoch=120')")
    quiet(frame)
    loss = frame.get_by_role("img", name=re.compile("Loss")).first
    plot = loss.locator(".over").bounding_box()
    page.mouse.click(plot["x"] + plot["width"] * (5.05 + 1) / 8, plot["y"] + 20)
    shown_step(frame, 5)
    number = frame.get_by_role("textbox", name="Epoch")
    number.fill("2.5")
    number.press("Enter")
    shown_step(frame, 2.6)
    expect(number).to_have_value("2.6")


def test_runs_in_other_units_share_the_epoch(page, address):
    frame = open_tab(page, address, focus="digits-batches/explain", epoch=200, ref=40)
    shown_step(frame, 3)
    expect(frame.get_by_text(re.compile("Since epoch −0.2, "))).to_be_visible()
    quiet(frame)
    frame.get_by_role("checkbox", name="digits-clean").dblclick()
    shown_step(frame, 3)
    expect(slider(frame)).to_have_attribute("aria-valuetext", "epoch 3")
    expect(frame.get_by_text(re.compile("Since epoch 0, "))).to_be_visible()
    slider(frame).focus()
    page.keyboard.press("ArrowRight")
    shown_step(frame, 4)


def test_weights_that_overflow_are_shown_as_such(page, address):
    frame = open_tab(page, address, focus="cells-diverged/explain", epoch=6)
    expect(frame.get_by_text(re.compile("Nothing to compare at epoch 6.*not finite"))).to_be_visible()
    expect(frame.get_by_text(re.compile("% of the attributions by Integrated gradients are not finite; likewise Saliency"))).to_be_visible()
    for view in ("Samples", "Features", "Layers"):
        frame.get_by_role("tab", name=view).click()
        quiet(frame)
        expect(frame.get_by_role("alert")).to_have_count(0)
        expect(frame.get_by_text(re.compile(r"\bNaN\b"))).to_have_count(0)
        if view == "Samples":
            expect(frame.get_by_text("not finite", exact=True).first).to_be_visible()
    assert focused(page) is not None


def test_padding_is_hidden_and_rare_words_are_named(page, address):
    frame = open_tab(page, address, focus="reviews/explain", view="samples", sort="index")
    quiet(frame)
    first = frame.locator("explain-sample-card").first.locator(".tokens").first
    expect(first).to_contain_text("[UNK]")
    assert first.locator("span").count() == 16
