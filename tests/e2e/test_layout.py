"""Whatever is logged, and however wide the window: nothing is clipped without a way to read it, nothing overlaps, nothing is blank."""

from __future__ import annotations

import contextlib
import re

import pytest
from playwright.sync_api import expect

from tests.e2e import extremes
from tests.e2e.looking import VIEWS, looking

SIZES = {900: 1900, 1024: 700, 1440: 900, 2560: 1300}
"""Widths of the window, in CSS pixels, with its height; once all is in sight that is else scrolled to."""
USUAL = (900, 1440)
WIDE = (extremes.RUN_OF_LONG_NAMES, "classes", "four inputs")
"""The runs that are looked at in all widths; the others in each of the usual ones, but every state in one of them."""
RUNS = [extreme.story.name for extreme in extremes.extremes() if extreme.story.name not in extremes.SEEDS[1:]]
STATES = {view: {"view": view} for view in VIEWS} | {"one sample": {"view": "samples", "sample": 0}, "early": {"epoch": 3}}
SCROLLED = "explain-layers explain-layer-strip div.sight"
"""What is meant to be scrolled sideways: the layers of a deep model."""


@pytest.fixture(scope="module")
def tab(browser, extremes_address):
    with looking(browser, extremes_address) as tab:
        yield tab


def defects(tab):
    return [
        f"{kind}: {text!r} in {where}"
        for kind, text, where in (each.values() for each in tab.layout_defects())
        if not (kind == "scrolls sideways" and where.endswith(SCROLLED))
    ]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("run", RUNS)
def test_all_can_be_read(tab, run, state):
    found = []
    turn = (RUNS.index(run) + list(STATES).index(state)) % len(USUAL)
    for width in SIZES if run in WIDE else USUAL[turn : turn + 1]:
        tab.show(width, SIZES[width], focus=f"{run}/explain", **STATES[state])
        found += [f"at {width}: {defect}" for defect in defects(tab)]
    assert found == []


def test_a_figure_is_not_cut_off_for_the_name_beside_it(tab):
    tab.show(1440, 900, view="compare", focus=f"{extremes.MARKUP_GROUP}/explain")
    said = tab.elements.locator("explain-disagreement .says")
    expect(said).to_have_count(12)  # three samples of each of two classes, on two sides
    beyond = said.evaluate_all("""lines => lines.map((line) => {
        const [figure, room] = [line.lastElementChild, line.parentElement].map((each) => each.getBoundingClientRect().right);
        return figure - room;
    })""")
    assert max(beyond) <= 1
    assert all(re.search(r", \d+\s%$", text) for text in said.all_inner_texts())


def test_all_can_be_read_in_the_dark(browser, extremes_address):
    with looking(browser, extremes_address, dark=True) as tab:
        for view in VIEWS:
            tab.show(1440, 900, view=view, focus="four inputs/explain")
            assert defects(tab) == []


PLANTED = {
    "clipped": '<p title="something else" style="width: 40px; overflow: hidden; white-space: nowrap">cut off in the midst</p>',
    "overlap": '<b style="position: absolute">one over</b><b style="position: absolute">the other</b>',
    "beyond the page": '<p style="position: fixed; left: -30px; top: 100px">half of it is seen</p>',
    "scrolls sideways": '<div style="width: 100px; overflow: auto"><div style="width: 200px; height: 9px"></div></div>',
    "covered": """<button style="position: fixed; left: 300px; top: 300px">x</button>
        <div style="position: fixed; left: 200px; top: 200px; width: 300px; height: 300px"></div>""",
    "blank": '<canvas style="position: fixed; left: 9px; top: 9px" width=50 height=50></canvas>',
    "page scrolls": '<style>#garden { position: static !important }</style><p style="width: 4000px"></p>',
}


@contextlib.contextmanager
def planted(tab, html):
    """Put something wrong onto an otherwise empty page."""
    tab.show(1440, 900, view="overview", focus="gaps/explain")
    tab.frame.evaluate(
        """html => {
            document.querySelector("explain-app").style.display = "none";
            document.body.insertAdjacentHTML("beforeend", `<div id=garden style="position: fixed; inset: 100px">${html}</div>`);
        }""",
        html,
    )
    try:
        yield
    finally:
        tab.frame.evaluate("document.getElementById('garden').remove(); document.querySelector('explain-app').style.display = ''")


def kinds(tab):
    return {found["kind"] for found in tab.layout_defects()}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_defect_is_found(tab, kind):
    with planted(tab, PLANTED[kind]):
        assert kinds(tab) == {kind}


@pytest.mark.parametrize(("kind", "x", "y"), [("clipped", 190, 35), ("overlap", 20, 22)])
def test_words_on_a_canvas_are_seen(tab, kind, x, y):
    canvas = '<canvas style="position: fixed; left: 500px; top: 500px; background: white" width=200 height=40></canvas>'
    with planted(tab, canvas):
        tab.frame.evaluate(
            """([x, y]) => {
                const context = document.querySelector("#garden canvas").getContext("2d");
                context.fillText("written over", 9, 9);
                context.clearRect(0, 0, 200, 40);
                context.fillText("one of two", 10, 20);
                context.fillText("the other", x, y);
            }""",
            [x, y],
        )
        assert kinds(tab) == {kind}
