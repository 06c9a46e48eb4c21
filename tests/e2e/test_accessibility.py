"""The tab for those who use it without a mouse, with a screen reader, in high contrast, or without motion."""

from __future__ import annotations

import contextlib

import pytest
from playwright.sync_api import expect

from tests.e2e import extremes
from tests.e2e.looking import HERE, VIEWS, looking

REACHED = (HERE / "reached_by_tab.js").read_text()
NAMED = f"{extremes.RUN_OF_LONG_NAMES}/explain"
OPENED = {"samples": {"sample": 0}}
"""What else is chosen in a view, so that its details are there, too."""
IN_ANY_THEME = pytest.mark.parametrize("tab", [False], ids=["light"], indirect=True)
"""For what does not depend on TensorBoard's mode: once is enough."""


@pytest.fixture(scope="module", params=[False, True], ids=["light", "dark"])
def tab(request, browser, extremes_address):
    with looking(browser, extremes_address, dark=request.param) as tab:
        yield tab


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("run", [NAMED, "four inputs/explain", "not finite/explain"], ids=["named", "four inputs", "not finite"])
def test_axe_finds_nothing_serious(tab, run, view):
    tab.show(1440, 900, view=view, focus=run, **OPENED.get(view, {}))
    assert tab.violations() == []


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_serious_in_a_narrow_window(tab, view):
    tab.show(900, 700, view=view, focus=NAMED, **OPENED.get(view, {}))
    assert tab.violations() == []


def test_a_menu_that_shows_itself_lies_over_no_other_button(tab):
    tab.show(1440, 900, view="features", focus=NAMED)
    tab.elements.locator("explain-feature-table").hover()
    assert tab.violations() == []


@IN_ANY_THEME
def test_axe_looks_into_the_elements(tab):
    tab.show(1440, 900, view="overview", focus=NAMED)
    bar = "document.querySelector('explain-app').shadowRoot.querySelector('explain-top-bar').shadowRoot"
    tab.frame.evaluate(f"{bar}.append(Object.assign(document.createElement('button'), {{ id: 'planted' }}))")
    try:
        assert "button-name" in {found.split(":")[0] for found in tab.violations() if "planted" in found}
    finally:
        tab.frame.evaluate(f"{bar}.getElementById('planted').remove()")


def open_keys(tab):
    tab.elements.get_by_role("button", name="Keys").click()
    return tab.elements.get_by_role("dialog")


def open_method_help(tab):
    tab.elements.get_by_role("button", name="What is").first.click()
    return tab.elements.get_by_role("dialog")


def open_figure_help(tab):
    tab.elements.get_by_title("What this means").first.click()
    return tab.elements.get_by_role("dialog")


def open_figure_menu(tab):
    button = tab.elements.get_by_role("button", name="Menu of").first
    button.focus()
    button.press("Enter")
    return tab.elements.get_by_role("menu").first


@pytest.mark.parametrize("opened", [open_keys, open_method_help, open_figure_help, open_figure_menu])
def test_axe_finds_nothing_serious_in_what_opens(tab, opened):
    tab.show(1440, 900, view="overview", focus=NAMED)
    shown = opened(tab)
    expect(shown).to_be_visible()
    assert tab.violations() == []
    tab.page.keyboard.press("Escape")
    expect(shown).to_have_count(0) if opened is not open_figure_menu else expect(shown).to_be_hidden()


def stops_of_tab(tab, most=400):
    """Press Tab once around; return the stops in order."""
    tab.frame.evaluate("document.activeElement?.blur(); 0")
    tab.elements.get_by_role("tab", name="Overview").focus()
    stops = [tab.frame.evaluate(REACHED, "focused")]
    for _ in range(most):
        tab.page.keyboard.press("Tab")
        stop = tab.frame.evaluate("() => document.hasFocus()") and tab.frame.evaluate(REACHED, "focused")
        if not stop:
            return stops
        stops.append(stop)
    return stops


@IN_ANY_THEME
@pytest.mark.parametrize("view", VIEWS)
def test_all_is_reached_by_tab_and_shows_the_focus(tab, view):
    tab.show(1440, 900, view=view, focus=NAMED, **OPENED.get(view, {}))
    stops = stops_of_tab(tab)
    assert [stop["name"] for stop in stops if not stop["ring"]] == []
    left = tab.frame.evaluate(REACHED, "left")
    assert [name for name in left if not name.startswith("button Epoch")] == []  # alarms beside an axis, which [ and ] go to


@contextlib.contextmanager
def asked_for(tab, **media):
    """What people have set in their system."""
    tab.page.emulate_media(**media)
    try:
        yield
    finally:
        tab.page.emulate_media(**dict.fromkeys(media, "null"))


@pytest.mark.parametrize("view", VIEWS)
def test_more_contrast_breaks_nothing(tab, view):
    with asked_for(tab, contrast="more"):
        tab.show(1440, 900, view=view, focus=NAMED)
        assert tab.violations() == []


def style_of(locator, name):
    return locator.evaluate("(element, name) => getComputedStyle(element)[name]", name)


@IN_ANY_THEME
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_leave_marks_and_choices(tab, scheme):
    with asked_for(tab, forced_colors="active", color_scheme=scheme):
        tab.show(1440, 900, view="overview", focus=NAMED)
        assert ("dark" in tab.frame.evaluate("document.documentElement.className")) == (scheme == "dark")
        tabs = tab.elements.get_by_role("tab")
        assert style_of(tabs.nth(0), "outlineStyle") == "solid"
        assert style_of(tabs.nth(1), "outlineStyle") == "none"
        run = tab.elements.get_by_role("checkbox", name=extremes.RUN_OF_LONG_NAMES)
        assert style_of(run.locator(".swatch"), "backgroundColor") == "rgb(232, 113, 10)"


@IN_ANY_THEME
def test_nothing_moves_by_itself_where_less_motion_is_asked_for(tab):
    with asked_for(tab, reduced_motion="reduce"):
        for view in VIEWS:
            tab.show(1440, 900, view=view, focus=NAMED, epoch=1)
            running = "document.getAnimations().filter(({ effect }) => effect.getComputedTiming().activeDuration > 0)"
            assert (
                tab.frame.evaluate(f"{running}.map(({{ animationName, transitionProperty }}) => animationName ?? transitionProperty)") == []
            )
