"""Photographs every view of the tab into docs/screenshots, from what demo_training.py has logged."""

import os
from pathlib import Path
from urllib.parse import quote

from browser import find_browser
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright
from tensorboard import program

ROOT = Path(__file__).parent.parent
LOG_DIR = "logs/demo"
PICTURES = ROOT / "docs" / "screenshots"
HEADER = 64  # pixels that TensorBoard takes at the top
SIZE: ViewportSize = {"width": 1440, "height": 900 + HEADER}

# Ending of the pictures' names, run in focus, theme. Images are shown in both themes, a table in one.
SERIES = [
    ("light", "digits-shortcut/explain", "light"),
    ("dark", "digits-shortcut/explain", "dark"),
    ("table", "tumours/explain", "light"),
]


def serve() -> str:
    """Starts TensorBoard in this process and returns its address."""
    os.chdir(ROOT)  # the tab shows the log directory as it was given
    runs = {run for _, run, _ in SERIES}
    if missing := sorted(run for run in runs if not Path(LOG_DIR, run).is_dir()):
        raise SystemExit(f"expected the runs {', '.join(missing)} in {LOG_DIR}, found none; run `make demo` first")
    server = program.TensorBoard()
    server.configure(logdir=LOG_DIR, port=0)
    return str(server.launch())


def photograph_views(page: Page, address: str, ending: str) -> None:
    """Takes a picture of each view when nothing in it is loading any more."""
    page.goto(address)
    tab = page.frame_locator("iframe")
    tab.get_by_role("tab").first.wait_for()
    for button in tab.get_by_role("tab").all():
        button.click()
        expect(button).to_have_attribute("aria-selected", "true")
        page.mouse.move(0, 0)
        page.wait_for_load_state("networkidle")
        expect(tab.locator("[aria-busy=true]")).to_have_count(0)
        picture = PICTURES / f"{(button.get_attribute('id') or '').removeprefix('tab-')}-{ending}.png"
        page.screenshot(path=picture)
        print(picture.relative_to(ROOT))


def take_screenshots() -> None:
    """Photographs all views of the runs in `SERIES`."""
    address = serve()
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        for ending, run, theme in SERIES:
            dark = "true" if theme == "dark" else "false"
            page = browser.new_page(viewport=SIZE)
            photograph_views(page, f"{address}?darkMode={dark}#explain&p.explain.focus={quote(run, safe='')}", ending)
            page.close()
        browser.close()


if __name__ == "__main__":
    take_screenshots()
