"""What a long run leaves, and what TensorBoard makes of it.

Trains 300 epochs with every one explained (``every=1, budget=None``) on the default probe of 256 images of 28 x 28, then opens the log in
TensorBoard with each loader: how many steps come back, how large the log is, and how much memory the processes take.

Usage: ``python -m benchmarks.long_run [--epochs 300]`` (Linux: memory is read from /proc)
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

TAG = "attribution/integrated_gradients"


def train(directory: str, epochs: int) -> None:
    """Log a run of so many epochs."""
    from benchmarks.overhead import build
    from tb_explain_plugin.callbacks import Explain

    generator = np.random.default_rng(0)
    x = generator.random((512, 28, 28, 1), dtype=np.float32)
    y = generator.integers(0, 10, 512)
    explain = Explain(directory, (x, y), every=1, budget=None, on_error="raise")
    build().fit(x, y, epochs=epochs, verbose=0, callbacks=[explain])


def memory(process: int) -> float:
    """Return the resident memory of a process and its children, MiB."""
    total = 0.0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        if status.parent.name == str(process) or re.search(rf"^PPid:\s+{process}$", text, re.MULTILINE):
            found = re.search(r"^VmRSS:\s+(\d+) kB$", text, re.MULTILINE)
            total += int(found[1]) / 1024 if found else 0
    return total


def ask(address: str) -> Any:
    """Return the JSON of an address."""
    with urllib.request.urlopen(address, timeout=60) as response:  # noqa: S310 (our own server)
        return json.load(response)


@contextmanager
def serve(logdir: str, *arguments: str) -> Iterator[tuple[str, int]]:
    """Start TensorBoard as a user does, on a free port; yield its address, without a slash at its end, and its process."""
    program = shutil.which("tensorboard", path=str(Path(sys.executable).parent)) or "tensorboard"
    command = [program, "--logdir", logdir, "--port", "0", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:  # noqa: S603
        try:
            lines = iter(process.stderr or [])
            yield next(found[1] for line in lines if (found := re.search(r"at (http://\S+?)/ \(Press", line))), process.pid
        finally:
            process.terminate()


def look(logdir: str, load_fast: str, expected: int) -> None:
    """Start TensorBoard, wait for all steps, read every frame, and print what it took."""
    with serve(logdir, "--load_fast", load_fast) as (address, process):
        begun = time.perf_counter()
        steps: list[int] = []
        while len(steps) < expected and time.perf_counter() - begun < 120:
            time.sleep(0.5)
            for group in ask(f"{address}/data/plugin/explain/groups")["groups"]:
                run = group["runs"][0]
                steps = run["step_lists"][run["tags"][TAG]["steps"]] if TAG in run["tags"] else []
        loaded = time.perf_counter() - begun
        after_loading = memory(process)
        for step in steps:
            frame = f"{address}/data/plugin/explain/frame?run=explain&tag={TAG}&step={step}"
            with urllib.request.urlopen(frame, timeout=60) as response:  # noqa: S310 (our own server)
                response.read()
        ask(f"{address}/data/plugin/explain/drift?run=explain&tag={TAG}&against=start")
        print(
            f"--load_fast={load_fast:<6} {len(steps)} of {expected} steps, loaded in {loaded:.0f} s; "
            f"memory {after_loading:.0f} MiB, {memory(process):.0f} MiB after reading every frame and the drift"
        )


def main() -> None:
    """Train, then look."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=300)
    epochs = parser.parse_args().epochs
    with tempfile.TemporaryDirectory() as directory:
        train(directory, epochs)
        size = sum(path.stat().st_size for path in Path(directory).rglob("*") if path.is_file())
        print(f"{epochs} epochs: {size / 2**20:.0f} MiB, {size / (epochs + 1) / 2**10:.0f} KiB a step")
        for load_fast in ("true", "false"):
            look(directory, load_fast, epochs + 1)


if __name__ == "__main__":
    main()
