"""How long the tab waits: the routes about drift over a long run, and the memory that they take.

The log is written by the callbacks' own writer and read by TensorBoard's data server, as usual. *Cold*: nothing is remembered.
*CPU* is what that takes of all cores, which other load does not change much. *Next*: the frames are, as after the first route that a tab
asks. *Warm*: the answer is.

Usage: ``python -m benchmarks.server [--steps 300 --samples 256 --side 28]``
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np

from benchmarks import memory, report, timing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tb_explain_plugin.index import Log

TAG = "attribution/integrated_gradients"
SEEDS = 3
"""Runs that are equal but for their seed."""

_GRID = 7


def write_run(logdir: Path, seed: int, steps: int, samples: int, side: int) -> None:
    """Write one run of images whose explanation settles while it is trained; its steps are epochs."""
    from tb_explain_plugin import plugin_data_pb2 as pb
    from tb_explain_plugin import summary
    from tb_explain_plugin.callbacks.writer import EventWriter

    generator = np.random.default_rng(seed)
    grid = pb.Input(name="image", kind="image", shape=[side, side, 1], cells=[side, side], regions=[_GRID, _GRID])
    regions = [pb.Regions(input="image", shape=[_GRID, _GRID])]
    method = pb.Method(name="integrated_gradients", signed=True, score="log_odds", baseline_hash="b", regions=regions)
    layers = [pb.Layer(name="dense", class_name="Dense", output_shape=[10], parameters=7850, logged=True)]
    manifest = pb.Manifest(inputs=[grid], methods=[method], layers=layers, probe=pb.Probe(size=samples, hash="p"), step_unit="epoch")
    first, last = generator.standard_normal((2, samples, side * side), np.float32)
    writer = EventWriter(str(logdir / f"seed-{seed}" / "explain"), -1)
    writer.write(-1, [summary.manifest(manifest)])
    for step in range(-1, steps - 1):
        settled = np.float32(1 - np.exp(-(step + 1) / 20))
        values = (1 - settled) * first + settled * last + np.float32(0.3) * generator.standard_normal(first.shape, np.float32)
        error = generator.random(samples, np.float32) / 100
        sizes = np.abs(values).mean(0).reshape(_GRID, side // _GRID, _GRID, side // _GRID).sum((1, 3)).ravel()
        frame = {"values:image": values.astype(np.float16).reshape(samples, side, side), "completeness_error": error}
        writer.write(
            step,
            [
                summary.frame(TAG, frame),
                summary.series("importance/integrated_gradients/image", np.stack([sizes, sizes / 20, sizes / 10])),
                summary.series("health/dense", generator.random(7) / 10),
                summary.series("metric/loss", 1 / (step + 2)),
                summary.series("clock/epoch", float(step)),
            ],
        )
    writer.close()


def routes(last: int) -> dict[str, Callable[[Log], Any]]:
    """Return what answers each route that is measured, of a run whose last step is given."""
    from tb_explain_plugin import comparison, plugin

    run, other = "seed-0/explain", "seed-1/explain"
    against = ("previous", "start", "trailing:5", "trailing:50", "best:loss", f"run:{other}")
    asked: dict[str, Callable[[Log], Any]] = {
        f"/drift, {reference}": partial(comparison.drift_of_run, run=run, tag=TAG, against=reference) for reference in against
    }
    return asked | {
        "/drift_matrix": partial(plugin.drift_matrix_impl, run=run, tag=TAG),
        "/drift_matrix of two runs": partial(plugin.drift_matrix_impl, run=run, tag=TAG, against_run=other),
        "/compare, previous": partial(plugin.compare_impl, run=run, tag=TAG, step=str(last), against="previous"),
        f"/compare, run, {SEEDS - 1} siblings": partial(plugin.compare_impl, run=run, tag=TAG, step=str(last), against=f"run:{other}"),
        "/alarms of a group": partial(plugin.alarms_impl, group="seed-0"),
    }


@contextmanager
def open_log(logdir: Path, steps: int) -> Iterator[Log]:
    """Yield a log as the plugin gets it, once the data server has loaded all of it."""
    from tensorboard import context
    from tensorboard.data import server_ingester
    from tensorboard.util import grpc_util

    from tb_explain_plugin import reader
    from tb_explain_plugin.cache import Cache
    from tb_explain_plugin.index import Log

    ingester = server_ingester.SubprocessServerDataIngester(
        server_binary=server_ingester.get_server_binary(),
        logdir=str(logdir),
        reload_interval=1,
        channel_creds_type=grpc_util.ChannelCredsType.LOCAL,
        samples_per_plugin={"explain": 0},
    )
    ingester.start()
    log = Log(ingester.data_provider, context.RequestContext(), "", Cache(0))
    try:
        runs = [f"seed-{seed}/explain" for seed in range(SEEDS)]
        while [len(tags.get(TAG, [])) for tags in reader.read_frame_steps(log, runs).values()] != [steps] * SEEDS:
            time.sleep(0.1)
        yield log
    finally:
        ingester._stdin_handle.close()  # noqa: SLF001 (the server ends with its standard input)


def measure(log: Log, steps: int) -> list[list[str]]:
    """Return a line for each route: seconds cold, of CPU, with the frames known and warm; bytes added at most when cold, and remembered."""
    from tb_explain_plugin import explanation, plugin, reader
    from tb_explain_plugin.cache import Cache

    def timed(answer: Callable[[Log], Any], at: Log, into: list[float]) -> None:
        into.append(timing.stopwatch(partial(answer, at)))

    rows = []
    for name, answer in routes(steps - 2).items():
        fresh, known = (log._replace(cache=Cache(plugin.CACHE_BYTES)) for _ in range(2))
        taken: list[float] = []
        busy = time.process_time()
        before, most = memory.peak(partial(timed, answer, fresh, taken))
        taken.append(time.process_time() - busy)
        blobs = reader.read_blobs(known, "seed-0/explain", TAG).values()
        reader.in_parallel(partial(explanation.read_explanation, known, "seed-0/explain", TAG), blobs)
        timed(answer, known, taken)
        timed(answer, fresh, taken)
        held = fresh.cache.size
        rows.append([name, *(f"{seconds:.2f} s" for seconds in taken), f"{(most - before) / 1e6:.0f} MB", f"{held / 1e6:.0f} MB"])
        print(*rows[-1], sep="   ", flush=True)
    return rows


def main() -> None:
    """Write the log, read it, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--samples", type=int, default=256)
    parser.add_argument("--side", type=int, default=28, help=f"of the images, a multiple of {_GRID}")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        for seed in range(SEEDS):
            write_run(Path(directory), seed, arguments.steps, arguments.samples, arguments.side)
        with open_log(Path(directory), arguments.steps) as log:
            rows = measure(log, arguments.steps)
    text = report.markdown(["route", "cold", "CPU", "next", "warm", "added at most", "remembered"], rows)
    print(f"\n{report.machine({})}\n\n{arguments.steps} steps of {arguments.samples} samples of {arguments.side}² cells.\n\n{text}")


if __name__ == "__main__":
    main()
