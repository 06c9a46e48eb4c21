"""Photographs the tab for docs/gallery.md: every view of what demo_training.py has logged, and what a late shortcut looks like.

Images, a table and texts, each in light and dark and in two sizes of the window; `docs/screenshots/<input>/<view>-<theme>-<width>.webp`.
For docs/explainers.md single figures, light; `docs/screenshots/explainers/<name>.webp`.
"""

import io
import itertools
import os
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright
from tensorboard import program

from scripts.browser import find_browser

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "screenshots"
HEADER = 64
"""Pixels that TensorBoard takes at the top; the sizes are the tab's own."""
SIZES = ((1440, 900), (1024, 700))
THEMES = ("light", "dark")


class Series(NamedTuple):
    """Pictures of one run: of all views, or of those named.

    Attributes:
        directory: of the pictures.
        log: directory that TensorBoard shows.
        run: the one in focus.
        chosen: further parts of the address.
        views: by name; empty for all.
        sizes: of the tab.
        themes: of TensorBoard.
    """

    directory: str
    log: str
    run: str
    chosen: str = ""
    views: tuple[str, ...] = ()
    sizes: tuple[tuple[int, int], ...] = SIZES
    themes: tuple[str, ...] = THEMES


class Figure(NamedTuple):
    """A picture of one figure: the parts of its address, the element that draws it, and a window as long as it needs."""

    name: str
    run: str
    chosen: str
    element: str
    height: int = 2400


DEMO, SHORTCUT = "logs/demo", "logs/late-shortcut"
AT = "&p.explain.epoch=23&p.explain.ref=20"
EACH = "&p.explain.filter=scale%3Deach"
"""Disliked reviews have dozens of times the attributions of liked ones."""
SERIES = [
    Series("image", DEMO, "digits-shortcut/explain"),
    Series("table", DEMO, "tumours/explain"),
    Series("text", DEMO, "reviews/explain", EACH),
    Series("late-shortcut", SHORTCUT, "late/seed-0/explain", AT, ("overview", "samples"), SIZES[:1], THEMES[:1]),
]
FIGURES = [
    Figure("kernel_shap", "tumours", "view=samples&p.explain.method=kernel_shap&p.explain.sample=5", "explain-sample-detail", 1200),
    Figure("lime", "reviews", f"view=samples&p.explain.method=lime&p.explain.sample=5{EACH}", "explain-sample-detail", 1200),
    Figure("attention_maps", "reviews", "view=layers&p.explain.layer=attention", "explain-layer-attention"),
    Figure("activation_maps", "digits-clean", "view=layers&p.explain.layer=conv_2", "explain-layer-maps"),
    Figure("activation_maximization", "digits-clean", "view=layers&p.explain.layer=digit", "explain-layer-units"),
    Figure("embedding_projection", "digits-clean", "view=model", "explain-embedding"),
    Figure("decision_boundary", "tumours", "view=model", "explain-boundary"),
    Figure("surrogate_tree", "tumours", "view=model", "explain-tree"),
    Figure("surrogate_linear", "tumours", "view=model", "explain-linear"),
    Figure("words", "reviews", "view=features&p.explain.filter=by%3Dclass", "explain-feature-classes", 780),
    Figure("groups", "tumours", "view=features&p.explain.filter=by%3Dgroup", "explain-feature-groups", 900),
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


def photograph_views(browser: Browser, address: str, series: Series, theme: str, size: tuple[int, int]) -> None:
    """Takes a picture of each view when nothing in it is loading any more."""
    width, height = size
    page = browser.new_page(viewport={"width": width, "height": height + HEADER})
    dark = "true" if theme == "dark" else "false"
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
        save(page.screenshot(), PICTURES / series.directory / f"{name}-{theme}-{width}.webp")
    page.close()


def photograph_figure(browser: Browser, address: str, figure: Figure) -> None:
    """Takes a picture of one figure."""
    page = browser.new_page(viewport={"width": 1440, "height": figure.height})
    page.goto(f"{address}?darkMode=false#explain&p.explain.focus={quote(figure.run, safe='')}%2Fexplain&p.explain.{figure.chosen}")
    element = page.frame_locator("iframe").locator(figure.element).first
    element.wait_for()
    page.wait_for_load_state("networkidle")
    expect(page.frame_locator("iframe").locator("[aria-busy=true]")).to_have_count(0)
    save(element.screenshot(), PICTURES / "explainers" / f"{figure.name}.webp")
    page.close()


def save(picture: bytes, path: Path) -> None:
    """Writes the picture as it is, as WebP: less than half of the bytes of a PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.open(io.BytesIO(picture)).convert("RGB").save(path, lossless=True, method=6)
    print(path.relative_to(ROOT))


def take_screenshots() -> None:
    """Photographs what `SERIES` and `FIGURES` list."""
    addresses = {log: serve(log) for log in MADE_BY}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        for series in SERIES:
            for theme, size in itertools.product(series.themes, series.sizes):
                photograph_views(browser, addresses[series.log], series, theme, size)
        for figure in FIGURES:
            photograph_figure(browser, addresses[DEMO], figure)
        browser.close()


if __name__ == "__main__":
    take_screenshots()
