"""What the tab says of logs at the edge of what people train: see extremes.py. How it looks then is test_layout.py's."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e import extremes
from tests.e2e.looking import looking


@pytest.fixture(scope="module")
def tab(browser, extremes_address):
    with looking(browser, extremes_address) as tab:
        yield tab


def slider(tab):
    return tab.elements.get_by_role("slider", name="Epoch")


def press(tab, key):
    slider(tab).focus()
    tab.page.keyboard.press(key)
    tab.settle()


def test_a_thousand_epochs_are_walked_from_end_to_end(tab):
    tab.show(1440, 900, view="overview", focus="long/seed 2/explain", epoch=500)
    press(tab, "End")
    expect(slider(tab)).to_have_attribute("aria-valuenow", "999")
    press(tab, "Shift+ArrowLeft")
    expect(slider(tab)).to_have_attribute("aria-valuenow", "989")
    press(tab, "Home")
    expect(slider(tab)).to_have_attribute("aria-valuenow", "-1")
    for seed in extremes.SEEDS:
        expect(tab.elements.get_by_role("checkbox", name=seed)).to_be_checked()


def test_one_explanation_says_that_drift_needs_a_second(tab):
    tab.show(1440, 900, view="overview", focus="only the start/explain")
    expect(tab.elements.get_by_text("Drift needs a second one")).to_be_visible()
    expect(tab.elements.get_by_role("button", name="Play")).to_be_disabled()
    tab.show(view="compare", focus="only the start/explain")
    expect(tab.elements.get_by_text("One explanation so far")).to_be_visible()


def test_what_is_not_finite_is_called_so(tab):
    tab.show(1440, 900, view="samples", focus="not finite/explain", epoch=11)
    expect(tab.elements.get_by_text("not finite", exact=True).first).to_be_visible()
    tab.show(view="overview", focus="not finite/explain", epoch=8)
    expect(tab.elements.get_by_text(re.compile(r"Since the start, \d+\.\d .* of the attribution of not finite has moved"))).to_be_visible()
    expect(tab.elements.get_by_text(re.compile("Loss is not finite")).first).to_be_visible()
    assert "NaN" not in tab.elements.locator("main").inner_text()


def test_markup_is_shown_as_it_was_written(tab):
    tab.show(1440, 900, view="samples", focus=f"{extremes.MARKUP_GROUP}/explain", sample=1)
    expect(tab.elements.get_by_text("<script>alert(1)</script>").first).to_be_visible()
    expect(tab.elements.get_by_role("checkbox", name=extremes.MARKUP_GROUP)).to_be_checked()


def test_a_regression_has_outputs_but_no_classes(tab):
    tab.show(1440, 900, view="samples", focus="regression/explain")
    expect(tab.elements.get_by_role("combobox", name="Sort")).to_be_attached()
    expect(tab.elements.get_by_role("combobox", name="Class", exact=True)).to_have_count(0)


def test_the_cursor_stops_where_there_are_explanations(tab):
    tab.show(1440, 900, view="overview", focus="gaps/explain", epoch=1)
    press(tab, "ArrowRight")
    expect(slider(tab)).to_have_attribute("aria-valuenow", "5")
    press(tab, "End")
    expect(slider(tab)).to_have_attribute("aria-valuenow", "11")


def test_a_name_that_is_cut_is_whole_under_the_pointer(tab):
    tab.show(1024, 700, view="compare", focus="classes/explain")
    name = tab.elements.get_by_text(re.compile(r"^patient \d")).first
    name.scroll_into_view_if_needed()
    assert name.evaluate("element => element.scrollWidth > element.clientWidth")
    name.hover()
    assert len(name.get_attribute("title")) == extremes.LENGTH
