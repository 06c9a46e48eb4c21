"""Drives the tab in Chromium as a hand does, and reads what `observer.js` saw from inside the page."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import quote

from playwright.sync_api import sync_playwright

from benchmarks.frontend.figures import Frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import Browser, FrameLocator, Locator, Page
    from playwright.sync_api import Frame as PageFrame

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run")
SIZE = (1440, 964)
"""Pixels of the window: 1440 × 900 are the tab's."""

KEY_PERIOD = 1 / 30
"""Seconds between the strokes of a key that is held, as keyboards repeat it."""
REST = 0.15
"""Seconds at an epoch after which what a view asks for it is there: it asks after 80 ms."""

_OBSERVER = Path(__file__).with_name("observer.js")
_ROUTES = "/data/plugin/explain/"
_WAIT = 300_000


class Recording(NamedTuple):
    """What was seen of a gesture: its frames, and the ms of the tasks that were longer than 50."""

    frames: list[Frame]
    long_tasks: list[float]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a browser that the machine has.

    Raises:
        RuntimeError: it has none.
    """
    from scripts.browser import find_browser

    path = find_browser()
    if path is None:
        raise RuntimeError("expected Chromium or Chrome on PATH, found none; `make browser` installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


class Tab:
    """The Explain tab in a page of its own, with nothing in its memory yet.

    Args:
        browser: which shows it.
        address: of TensorBoard.
        chosen: parts of the tab's address: ``view``, ``focus``, ``runs`` …; None leaves it unopened, behind *Time Series*.
    """

    def __init__(self, browser: Browser, address: str, chosen: Mapping[str, str] | None) -> None:
        self.page: Page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
        self.page.set_default_timeout(_WAIT)
        self.page.add_init_script(path=_OBSERVER)
        self.requests: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url) if _ROUTES in request.url else None)
        parts = "".join(f"&p.explain.{name}={quote(value, safe='')}" for name, value in (chosen or {}).items())
        self.page.goto(f"{address}/#timeseries" if chosen is None else f"{address}/#explain{parts}")
        self.inside: FrameLocator = self.page.frame_locator("iframe")
        if chosen is not None:
            self.settle()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close its page."""
        self.page.close()

    @property
    def frame(self) -> PageFrame:
        """Of the tab, within TensorBoard's page."""
        return next(frame for frame in self.page.frames if frame is not self.page.main_frame)

    @property
    def slider(self) -> Locator:
        """Over the epochs."""
        return self.inside.get_by_role("slider", name="Epoch")

    def settle(self) -> None:
        """Wait until nothing is loading."""
        self.slider.wait_for()
        self.frame.wait_for_function("() => !watched.busy() && Number.isFinite(watched.epoch())")
        self.page.wait_for_load_state("networkidle")

    def epoch(self) -> float:
        """Return where the slider stands."""
        return float(self.slider.get_attribute("aria-valuenow") or "nan")

    @contextmanager
    def recorded(self) -> Iterator[Recording]:
        """Yield what is filled, at the end, with the frames of the gestures within."""
        recording = Recording([], [])
        self.frame.evaluate("watched.record()")
        yield recording
        time.sleep(0.1)  # the last frame
        seen = self.frame.evaluate("watched.stop()")
        recording.frames.extend(Frame(*frame) for frame in seen["frames"])
        recording.long_tasks.extend(seen["longTasks"])

    def drag(self, moves: int) -> Recording:
        """Drag the track's cursor from its first epoch to its last: the browser takes so many moves one by one, at most one a frame."""
        box = self.slider.bounding_box()
        if box is None:
            raise RuntimeError("the track over the epochs cannot be seen")
        middle = box["y"] + box["height"] / 2
        mouse = self.page.mouse
        mouse.move(box["x"] + 1, middle)
        mouse.down()
        time.sleep(0.5)
        with self.recorded() as recording:
            for move in range(1, moves + 1):
                mouse.move(box["x"] + 1 + (box["width"] - 2) * move / moves, middle)
        mouse.up()
        return recording

    def hold_arrow(self, strokes: int) -> Recording:
        """Hold the right arrow key from the first epoch on."""
        self.go_home()
        with self.recorded() as recording:
            for _ in range(strokes):
                due = time.perf_counter() + KEY_PERIOD
                self.page.keyboard.down("ArrowRight")
                time.sleep(max(due - time.perf_counter(), 0))
            self.page.keyboard.up("ArrowRight")
        return recording

    def visit_all(self, strokes: int) -> None:
        """Rest at every epoch, so that whatever the view asks for it has been asked."""
        self.go_home()
        for _ in range(strokes):
            self.page.keyboard.press("ArrowRight")
            time.sleep(REST)
        self.page.wait_for_load_state("networkidle")

    def play(self, rate: int) -> Recording:
        """Play from the first epoch to the last, at ``rate`` epochs a second where the tab lets one choose a speed."""
        speed = self.inside.get_by_label(re.compile("speed", re.IGNORECASE))
        if speed.count():
            speed.first.select_option(label=[text for text in speed.first.locator("option").all_inner_texts() if str(rate) in text])
        self.go_home()
        last = float(self.slider.get_attribute("aria-valuemax") or "nan")
        with self.recorded() as recording:
            self.page.keyboard.press("Space")
            self.frame.wait_for_function("last => watched.epoch() === last", arg=last, polling=250)
        return recording

    def go_home(self) -> None:
        """Put the cursor at the first epoch, and let the view follow."""
        self.slider.focus()
        self.page.keyboard.press("Home")
        time.sleep(0.5)
        self.page.wait_for_load_state("networkidle")

    def open(self) -> float:
        """Select the tab; return the ms from the click to the first picture with a curve."""
        self.page.get_by_role("tab", name="Explain").click()
        self.inside.get_by_role("tab").first.wait_for()
        self.frame.wait_for_function("watched.firstCurve > 0")
        return float(self.frame.evaluate("watched.firstCurve")) - float(self.page.evaluate("watched.clicked"))

    def titles(self) -> list[str]:
        """Return the views' titles, in the order of their tabs."""
        return [re.sub(r"\d$", "", text).strip() for text in self.inside.get_by_role("tab").all_inner_texts()]

    def change_view(self, title: str) -> tuple[float, float]:
        """Open a view; return the ms from the click to its first picture, and to the first in which it does not say that it is loading."""
        self.frame.evaluate("watched.awaitView()")
        self.inside.get_by_role("tab", name=title).click()
        self.frame.wait_for_function("watched.viewReady > 0")
        shown, ready, clicked = self.frame.evaluate("[watched.viewShown, watched.viewReady, watched.clicked]")
        return shown - clicked, ready - clicked

    def memory(self) -> float:
        """Return the MB of the page after collecting garbage: its JavaScript heap and the arrays beside it, TensorBoard's own included."""
        session: Any = self.page.context.new_cdp_session(self.page)
        session.send("HeapProfiler.enable")
        session.send("HeapProfiler.collectGarbage")
        usage = session.send("Runtime.getHeapUsage")
        session.detach()
        return float(usage["usedSize"] + usage.get("backingStorageSize", 0)) / 1e6

    def requests_while_hidden(self, seconds: float) -> list[str]:
        """Open *Time Series* in front of the tab, press TensorBoard's reload button, and return what the tab then asked for."""
        self.page.get_by_role("tab", name="Time Series").click()
        time.sleep(2)  # what was under way when the tab vanished
        before = len(self.requests)
        self.page.locator("app-header-reload button").click()
        time.sleep(seconds)
        return self.requests[before:]
