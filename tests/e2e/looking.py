"""The real tab, going from state to state without being loaded again, and what is wrong with what it shows."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).parent
AXE = HERE.parents[1] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
VIEWS = ("overview", "samples", "features", "layers", "compare", "model")
HEADER = 64
"""Height of TensorBoard's own bar above the tab."""

_DEFECTS = (HERE / "layout_defects.js").read_text()
_SETTLED = """() => new Promise((done) => {
    const look = (left) => {
        const busy = (root) => [...root.querySelectorAll("*")].some((e) => e.ariaBusy === "true" || (e.shadowRoot && busy(e.shadowRoot)));
        if (busy(document)) left = 3;
        left ? requestAnimationFrame(() => look(left - 1)) : setTimeout(done, 60);
    };
    look(3);
})"""


def picture_of(canvas):
    """Return what a canvas shows, to be compared."""
    return canvas.evaluate("c => c.toDataURL()")


def comes(read, wanted):
    """Read until it is as wanted, and return it: for what the browser has nothing to wait by."""
    deadline = time.monotonic() + 20
    while not wanted(value := read()):
        assert time.monotonic() < deadline, f"still {str(value)[:200]}"
        time.sleep(0.05)
    return value


def redrawn(canvas, before):
    """Wait until a canvas shows something else than `before`."""
    comes(lambda: picture_of(canvas), lambda now: now != before)


class Tab:
    """The tab in a browser.

    Args:
        browser: of Playwright.
        address: of a TensorBoard.
        dark: TensorBoard's mode.
    """

    def __init__(self, browser, address, dark=False, **media):
        self.page = browser.new_page(viewport={"width": 1440, "height": 900 + HEADER}, **media)
        self.page.set_default_timeout(20_000)
        self.dark = dark
        self.asked = 0
        self.said = []
        self.page.on("request", lambda _: self._count(1))
        self.page.on("requestfinished", lambda _: self._count(-1))
        self.page.on("requestfailed", lambda _: self._count(-1))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.add_init_script(path=HERE / "drawn_texts.js")
        self.page.goto(f"{address}/?darkMode={str(dark).lower()}#explain")
        self.elements = self.page.frame_locator("iframe")
        self.elements.get_by_role("tab", name="Overview").wait_for()
        (self.frame,) = (frame for frame in self.page.frames if frame.parent_frame)
        self.settle()

    def _count(self, by):
        self.asked += by

    def show(self, width=None, height=900, **chosen):
        """Show what an address says, in a window of the given size."""
        if width:
            self.page.set_viewport_size({"width": width, "height": height + HEADER})
        parts = "".join(f"&p.explain.{name}={quote(str(value), safe='')}" for name, value in chosen.items())
        self.page.evaluate("hash => { location.hash = hash }", f"explain{parts}")
        self.settle()

    def settle(self):
        """Wait until nothing is asked for and nothing is on its way to the screen."""
        quiet, deadline = 0, time.monotonic() + 60
        while quiet < 2:
            assert time.monotonic() < deadline, f"{self.asked} requests have had no answer for a minute"
            self.page.wait_for_timeout(40)
            quiet = quiet + 1 if self.asked == 0 else 0
        self.frame.evaluate(_SETTLED)

    def layout_defects(self):
        return self.frame.evaluate(_DEFECTS)

    def violations(self, impacts=("serious", "critical")):
        """What axe-core objects to, a text each; sizes of what is pressed are looked at, too."""
        if not self.frame.evaluate("'axe' in window"):
            self.frame.evaluate(f"{AXE.read_text()};0")
        options = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
        found = self.frame.evaluate("options => axe.run(document, options)", options)["violations"]
        return [
            f"{rule['id']}: {node['target']} {node['html'][:200]} {node['failureSummary']}"
            for rule in found
            if rule["impact"] in impacts
            for node in rule["nodes"]
        ]

    def close(self):
        self.page.close()


@contextlib.contextmanager
def looking(browser, address, **how):
    tab = Tab(browser, address, **how)
    try:
        yield tab
    finally:
        tab.close()
    assert tab.said == []
