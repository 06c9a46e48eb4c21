"""How fluent the tab is, in Chromium, through a TensorBoard of its own with the fast loader.

What is looked at: a run of 300 epochs with 256 samples of 28 × 28, beside it 20 runs of as many epochs that differ by their seed and
explain 32 samples each, and for ``/groups`` another log of 100 small runs. All epochs are explained. What is measured:

- *scrubbing*: ms from one frame to the next, in ticks of a 60 Hz display, while the epoch changes; frames with nothing to do are left out.
  *Cold*: the first drag over all epochs in a page that has just been opened. *Warm*: another, once the cursor has rested at every epoch, so
  that the view has asked for all it needs. *Held*: the right arrow key at 30 strokes a second, then. *Work* is what a frame takes from its
  begin until it is painted. Of all, 95 of 100 take no longer. A *long task* holds the page for over 50 ms.
- *play*: steps that 30 a second would have shown from the first epoch to the last, less those that a frame showed.
- *bundle*: what opening the tab fetches: what all views share, and the Overview.
- *tab opened*: from the click on TensorBoard's tab, in a page that never showed it, to the first picture with a curve; the log is loaded.
- *view change*: from the click to the first picture of the view in which nothing says that it is loading. *First*: in this page. *Again*:
  median of later ones.
- *memory*: the page's JavaScript heap and array buffers, after collecting garbage, once the cursor has rested at every epoch and was
  dragged over all of them. TensorBoard's own page, in the same heap, counts.
- *requests*: what the tab asks for while *Time Series* stands before it and TensorBoard's reload button is pressed.
- *server*: from a request to its last byte, by clients on the same machine: one alone, 20 that each ask four times a second as the tab
  does for a hand that rests there, and 20 that each ask again as soon as they have their answer; beside these the smallest route that
  TensorBoard itself has, asked in the same way. Frames that are asked for in turn, or for the first time, are others than anybody asked
  for before.

Usage: ``python -m benchmarks.frontend [--write docs/benchmarks.md] [--only Overview,server]``
"""

from __future__ import annotations

import argparse
import gzip
import random
import statistics
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.frontend import clients, figures, log
from benchmarks.frontend.figures import Figure, at_most, percentile
from benchmarks.frontend.tab import Tab, chromium
from benchmarks.long_run import ask, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from benchmarks.frontend.tab import Recording

RATE = 30
"""Steps a second at which playing is wanted."""
CLIENTS = 20
REST_PERIOD = 0.25
"""Seconds from one epoch at which a hand rests to the next."""
LONE_REQUESTS = 100
"""Of frames by one client; 20 ask for the others, then for all."""
ROUNDS_OF_GROUPS = 5
"""How often each client asks for the groups."""
ROUNDS = 4
"""How often each view is opened, and the tab."""

STATIC = Path("tb_explain_plugin/static")
LATER = ("samples", "features", "layers", "compare", "model")
"""Views whose scripts come when they are opened, or when nothing else is to do."""
FOCUS = f"{log.LONG}/explain"
SCRUBBED = {
    "Overview": {"view": "overview", "focus": FOCUS},
    "Overview of the group": {"view": "overview", "focus": f"{log.GROUP}/seed-00/explain"},
    "Samples": {"view": "samples", "focus": FOCUS},
    "Features": {"view": "features", "focus": FOCUS},
    "Layers": {"view": "layers", "focus": FOCUS},
    "Compare": {"view": "compare", "focus": FOCUS},
}
"""What is scrubbed, and the parts of the tab's address that open it. In the group all runs are drawn."""
OTHERS = ("opening", "views", "hidden", "server")


@contextmanager
def served(logdir: Path, runs: int, last: int) -> Iterator[str]:
    """Serve a log by the fast loader; yield the address once TensorBoard has loaded all of it."""
    with serve(str(logdir), "--load_fast", "true") as (address, _):
        found: list[int] = []
        while found != [last] * runs:
            time.sleep(0.5)
            groups = ask(f"{address}/data/plugin/explain/groups")["groups"]
            of_runs = [run for group in groups for run in group["runs"] if log.TAG in run["tags"]]
            found = [run["step_lists"][run["tags"][log.TAG]["steps"]][-1] for run in of_runs]
        yield address


def scrubbing(name: str, recording: Recording, how: str, limit: float) -> list[Figure]:
    """Return the figures of a gesture."""
    times, work = figures.frame_times(recording.frames), figures.work(recording.frames)
    longest = max(recording.long_tasks, default=0)
    note = f", work {percentile(work, 95):.1f} ms, {len(recording.long_tasks)} long tasks, longest {longest:.0f} ms, of {len(work)} steps"
    # A tick is 16.67 ms; the limit's last digit is rounded.
    return [at_most(f"{name}, {how}, p95", round(percentile(times, 95), 1), limit, "ms", note)]


def scrub(browser: Browser, address: str, name: str, chosen: dict[str, str], epochs: int) -> Iterator[Figure]:
    """Yield the figures of scrubbing and playing in one view."""
    with Tab(browser, address, chosen) as tab:
        yield from scrubbing(name, tab.drag(epochs), "dragged cold", 50)
        tab.visit_all(epochs)
        yield from scrubbing(name, tab.drag(epochs), "dragged warm", 16.7)
        yield from scrubbing(name, tab.hold_arrow(epochs), "arrow held, warm", 16.7)
        dropped, rate = figures.dropped_steps(tab.play(RATE).frames, RATE)
        yield Figure(f"{name}, play at {RATE} a second, dropped steps", "0", f"{dropped}, played {rate:.1f} a second", dropped == 0)
        yield at_most(f"{name}, memory after all epochs", tab.memory(), 150, "MB")


def opening(browser: Browser, address: str) -> Iterator[Figure]:
    """Yield the figure of the tab when it is opened: the first, for which the server has nothing ready, and others."""
    taken = []
    for _ in range(ROUNDS):
        with Tab(browser, address, None) as tab:
            tab.page.wait_for_load_state("networkidle")
            taken.append(tab.open())
    yield at_most("tab opened to first curves, first time", taken[0], 1000, "ms")
    yield at_most("tab opened to first curves, again", statistics.median(taken[1:]), 1000, "ms")


def views(browser: Browser, address: str) -> Iterator[Figure]:
    """Yield the figures of changing to each view, in a page that was opened at the last of them."""
    with Tab(browser, address, {"focus": FOCUS, "view": "compare"}) as tab:
        titles = tab.titles()
        taken: dict[str, list[tuple[float, float]]] = {title: [] for title in titles}
        for _ in range(ROUNDS):
            for title in titles:
                taken[title].append(tab.change_view(title))
                tab.settle()
    for title, rounds in taken.items():
        for when, some in (("first", rounds[:1]), ("again", rounds[1:])):
            if (title, when) != (titles[-1], "first"):
                shown, ready = (statistics.median(column) for column in zip(*some, strict=True))
                yield at_most(f"view change to {title}, {when}", ready, 150, "ms", f", first picture {shown:.0f} ms")


def hidden(browser: Browser, address: str, seconds: float) -> Iterator[Figure]:
    """Yield how much the tab asks for while it is hidden."""
    with Tab(browser, address, {"focus": FOCUS}) as tab:
        asked = tab.requests_while_hidden(seconds)
    routes = ", ".join(sorted({url.partition("/explain/")[2].partition("?")[0] for url in asked}))
    yield Figure(f"requests within {seconds:.0f} s while hidden", "0", f"{len(asked)} {routes}".strip(), not asked)


def server(address: str, many: str, epochs: int) -> Iterator[Figure]:
    """Yield the figures of the routes."""
    steps = random.Random(0).sample(range(-1, epochs), k=epochs + 1)  # noqa: S311 (in which order they are asked for)
    frames = [f"{address}/data/plugin/explain/frame?run={FOCUS}&tag={log.TAG}&step={step}" for step in steps]
    lone = min(LONE_REQUESTS, epochs // 3)
    groups = [f"{many}/data/plugin/explain/groups"] * ROUNDS_OF_GROUPS
    alone, others = frames[:lone], frames[lone:]
    half = len(others) // 2
    asked = {
        "/frame, alone, p95": (alone, 1, 0, 20),
        f"/frame, {CLIENTS} clients, each {1 / REST_PERIOD:g} a second, p95": (others[:half], CLIENTS, REST_PERIOD, 20),
        f"/frame, {CLIENTS} at once, first time, p95": (others[half:], CLIENTS, 0, 20),
        f"/frame, {CLIENTS} at once, again, p95": (frames, CLIENTS, 0, 20),
        "/groups of 100 runs, alone, p95": (groups, 1, 0, 300),
        f"/groups of 100 runs, {CLIENTS} at once, p95": (groups * CLIENTS, CLIENTS, 0, 300),
    }
    least = percentile(clients.waits([f"{address}/data/environment"] * len(frames), CLIENTS), 95)
    for what, (addresses, number, period, limit) in asked.items():
        note = f"; TensorBoard's own /data/environment {least:.1f} ms" if what.startswith("/frame") and number > 1 and not period else ""
        yield at_most(what, percentile(clients.waits(addresses, number, period), 95), limit, "ms", note)


def measure(arguments: argparse.Namespace, directory: Path) -> Iterator[Figure]:
    """Write the logs, and yield the figures one by one."""
    wanted, epochs = arguments.only, arguments.epochs
    sizes = {path.name: len(gzip.compress(path.read_bytes())) / 1000 for path in STATIC.glob("*.js")}
    first = sum(size for name, size in sizes.items() if not name.startswith(LATER))
    yield at_most("bundle, gzipped", first, 120, "kB", f", with the views that come later {sum(sizes.values()):.0f} kB")
    log.write_log(directory / "log", epochs, arguments.samples, 28, arguments.runs, arguments.samples_of_runs)
    with served(directory / "log", 1 + arguments.runs, epochs - 1) as address:
        if "server" in wanted:
            log.write_many(directory / "many", 100, epochs)
            with served(directory / "many", 100, epochs - 1) as many:
                yield from server(address, many, epochs)
        with chromium() as browser:
            if "opening" in wanted:
                yield from opening(browser, address)
            if "views" in wanted:
                yield from views(browser, address)
            if "hidden" in wanted:
                yield from hidden(browser, address, arguments.hidden_seconds)
            for name, chosen in SCRUBBED.items():
                if name in wanted:
                    drawn = {} if chosen["focus"] == FOCUS else {"runs": _all_of_group(arguments.runs)}
                    yield from scrub(browser, address, name, chosen | drawn, epochs)


def _all_of_group(runs: int) -> str:
    return ",".join(f"{log.GROUP}%2Fseed-{seed:02d}%2Fexplain" for seed in range(runs))


def main() -> None:
    """Measure, print what is known as it comes, then the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=300)
    parser.add_argument("--samples", type=int, default=256, help="of the long run")
    parser.add_argument("--runs", type=int, default=20, help="of the group beside it")
    parser.add_argument("--samples-of-runs", type=int, default=32)
    parser.add_argument("--hidden-seconds", type=float, default=40, help="longer than the tab looks for news: every 30 s at most")
    parts = [*SCRUBBED, *OTHERS]
    parser.add_argument("--only", type=lambda text: text.split(","), default=parts, help=f"of {', '.join(parts)}")
    parser.add_argument("--write", type=Path, help="the page whose section 'frontend' is replaced")
    arguments = parser.parse_args()
    if unknown := set(arguments.only) - set(parts):
        parser.error(f"--only takes {', '.join(parts)}; received {', '.join(sorted(unknown))}")
    seen = []
    with tempfile.TemporaryDirectory() as directory:
        for figure in measure(arguments, Path(directory)):
            seen.append(figure)
            print(figure.what, figure.wanted, figure.seen, sep="   ", flush=True)

    from benchmarks import report  # brings TensorFlow, which would have run beside what is measured

    table = report.markdown(
        ["figure", "wanted", "seen", ""], [(f.what, f.wanted, f.seen, "reached" if f.reached else "missed") for f in seen]
    )
    beside = f"{arguments.runs} runs of {arguments.samples_of_runs} samples"
    section = f"{report.machine({})}\n\n{arguments.epochs} epochs, {arguments.samples} samples of 28², beside {beside}.\n\n{table}"
    print(f"\n{section}")
    if arguments.write:
        report.replace(arguments.write, "frontend", section)


if __name__ == "__main__":
    main()
