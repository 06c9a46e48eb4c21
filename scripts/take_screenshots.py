"""Photographs the tab into docs/screenshots: every view of what demo_training.py has logged, and what a late shortcut looks like."""

import os
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from playwright.sync_api import Page, ViewportSize, expect, sync_playwright
from tensorboard import program

from scripts.browser import find_browser

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "screenshots"
HEADER = 64  # pixels that TensorBoard takes at the top
SIZE: ViewportSize = {"width": 1440, "height": 900 + HEADER}


class Series(NamedTuple):
    """Pictures of one run: of all views, or of those named.

    Attributes:
        ending: of the pictures' names.
        log: directory that TensorBoard shows.
        run: the one in focus.
        theme: "light" or "dark".
        chosen: further parts of the address.
        views: by name; empty for all.
    """

    ending: str
    log: str
    run: str
    theme: str
    chosen: str = ""
    views: tuple[str, ...] = ()


# Images are shown in both themes, a table in one.
DEMO, SHORTCUT = "logs/demo", "logs/late-shortcut"
SERIES = [
    Series("light", DEMO, "digits-shortcut/explain", "light"),
    Series("dark", DEMO, "digits-shortcut/explain", "dark"),
    Series("table", DEMO, "tumours/explain", "light"),
    Series("late-shortcut", SHORTCUT, "late/seed-0/explain", "light", "&p.explain.epoch=23&p.explain.ref=20", ("overview", "samples")),
]
MADE_BY = {
    DEMO: "make demo ARGS=--no-serve",
    SHORTCUT: f'make bench-drift ARGS="--only late_shortcut --seeds 0 --log {SHORTCUT}"',
}


def serve(log: str) -> str:
    """Starts TensorBoard in this process and returns its address."""
    os.chdir(ROOT)  # the tab shows the log directory as it was given
    if missing := sorted(series.run for series in SERIES if series.log == log and not Path(log, series.run).is_dir()):
        raise SystemExit(f"expected the runs {', '.join(missing)} in {log}, found none; run `{MADE_BY[log]}` first")
    server = program.TensorBoard()
    server.configure(logdir=log, port=0)
    return str(server.launch())


def photograph_views(page: Page, address: str, series: Series) -> None:
    """Takes a picture of each view when nothing in it is loading any more."""
    dark = "true" if series.theme == "dark" else "false"
    page.goto(f"{address}?darkMode={dark}#explain&p.explain.focus={quote(series.run, safe='')}{series.chosen}")
    tab = page.frame_locator("iframe")
    tab.get_by_role("tab").first.wait_for()
    for button in tab.get_by_role("tab").all():
        name = (button.get_attribute("id") or "").removeprefix("tab-")
        if series.views and name not in series.views:
            continue
        button.click()
        expect(button).to_have_attribute("aria-selected", "true")
        page.mouse.move(0, 0)
        page.wait_for_load_state("networkidle")
        expect(tab.locator("[aria-busy=true]")).to_have_count(0)
        picture = PICTURES / f"{name}-{series.ending}.png"
        page.screenshot(path=picture)
        print(picture.relative_to(ROOT))


def take_screenshots() -> None:
    """Photographs what `SERIES` lists."""
    addresses = {log: serve(log) for log in MADE_BY}
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        for series in SERIES:
            page = browser.new_page(viewport=SIZE)
            photograph_views(page, addresses[series.log], series)
            page.close()
        browser.close()


if __name__ == "__main__":
    take_screenshots()
