"""Photographs every view of the tab, in both themes, into docs/screenshots.

    python scripts/take_screenshots.py [log directory]

The log directory defaults to `logs`, where demo_training.py writes.
"""

import re
import sys
from pathlib import Path

from browser import find_browser
from playwright.sync_api import FrameLocator, Page, expect, sync_playwright
from tensorboard import program

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "screenshots"
HEADER = 64  # pixels that TensorBoard takes at the top
SIZE = {"width": 1440, "height": 900 + HEADER}
THEMES = {"light": "false", "dark": "true"}  # the values of TensorBoard's parameter darkMode


def serve(log_dir: Path) -> str:
    """Starts TensorBoard in this process and returns its address."""
    if not any(log_dir.glob("**/explain")):
        raise SystemExit(f"expected explained runs in {log_dir}, found none; run `make demo` first")
    server = program.TensorBoard()
    server.configure(logdir=str(log_dir), port=0)
    return str(server.launch())


def open_tab(page: Page, address: str, theme: str) -> FrameLocator:
    """Opens the tab and waits until its views can be chosen."""
    page.goto(f"{address}?darkMode={THEMES[theme]}#explain")
    tab = page.frame_locator("iframe")
    tab.get_by_role("tab").first.wait_for()
    return tab


def photograph_views(page: Page, tab: FrameLocator, theme: str) -> None:
    """Takes a picture of each view when nothing in it is loading any more."""
    for button in tab.get_by_role("tab").all():
        button.click()
        expect(button).to_have_attribute("aria-selected", "true")
        page.wait_for_load_state("networkidle")
        expect(tab.locator("[aria-busy=true]")).to_have_count(0)
        view = re.sub("^tab-", "", button.get_attribute("id") or "")
        page.mouse.move(0, 0)
        page.screenshot(path=PICTURES / f"{view}-{theme}.png")
        print(PICTURES / f"{view}-{theme}.png")


def take_screenshots(log_dir: Path) -> None:
    """Photographs all views of the runs in `log_dir`."""
    address = serve(log_dir)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        for theme in THEMES:
            page = browser.new_page(viewport=SIZE, device_scale_factor=1)  # type: ignore[arg-type]
            photograph_views(page, open_tab(page, address, theme), theme)
        browser.close()


if __name__ == "__main__":
    take_screenshots(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "logs")
