"""Finds a browser for the tests and the screenshots, and as a program installs one where none is found."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """The path of a Chromium or Chrome: the machine's own, else the one that Playwright installed, else None."""
    on_path = next(filter(None, map(shutil.which, NAMES)), None)
    return on_path or playwright_browser()


def playwright_browser() -> str | None:
    """The path of the Chromium that `playwright install chromium` brings, if it is there."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install_browser() -> None:
    """Tries what this machine offers. Debian's package first, as it brings the libraries that a browser needs."""
    if is_debian() and os.geteuid() == 0:
        unattended = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "--quiet"], check=False)
        subprocess.run(["apt-get", "install", "--quiet", "--yes", "chromium"], check=False, env=unattended)
    if not find_browser():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def is_debian() -> bool:
    """Not Ubuntu, whose package of that name only points to a snap."""
    release = Path("/etc/os-release")
    return release.exists() and "ID=debian" in release.read_text().splitlines()


if __name__ == "__main__":
    if not find_browser():
        install_browser()
    if not find_browser():
        sys.exit(
            f"expected one of {', '.join(NAMES)} on PATH, found none, and none could be installed (see above); "
            "the tests open the tab in a real browser: install Chromium or Chrome and start again"
        )
