"""What the rules for alarms take: a run of 1,000 steps, told step by step as in training.

Usage: ``python -m benchmarks.alarm_rules`` prints seconds. Half of the runs are quiet, in half a cell jumps every hundred steps.
"""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import timing
from tb_explain_plugin import metadata
from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.run_watch import Moved, RunWatch

if TYPE_CHECKING:
    from numpy.typing import NDArray

INPUTS = {
    "a table of 1,000 columns": pb.Input(name="input", kind="tabular", shape=[1000], cells=[1000], regions=[1000]),
    "an image of 8 x 8 regions": pb.Input(name="input", kind="image", shape=[32, 32, 1], cells=[32, 32], regions=[8, 8]),
    "a text of 1,000 tokens": pb.Input(name="input", kind="text", shape=[1000], cells=[1000], regions=[1000]),
}
LAYERS = 50
SAMPLES = 256


def figures(cells: int, steps: int, *, eventful: bool) -> list[dict[str, NDArray[Any] | Moved]]:
    """Return what a run of such an input logs, step by step."""
    rng = np.random.default_rng(0)
    importance = np.exp(0.7 * rng.normal(size=cells) + 0.05 * rng.normal(size=(steps, cells)))
    if eventful:
        for first in range(50, steps, 100):
            importance[first : first + 50, first * cells // steps] = 0.2 * importance.sum(1).mean()
    health = rng.uniform(0, 0.1, (steps, LAYERS, len(metadata.HEALTH_FIELDS))) * [1, 1, 1, 1, 1, 1, 0]
    drift, change = rng.uniform(0, 0.2, (2, steps, SAMPLES))
    return [
        {
            "importance/ig/input": np.stack([row, row / 10, row]).astype(np.float32),
            "attribution/ig": Moved(1.0, drift[step], change[step]),
            "metric/loss": np.asarray(1.0),
            **{f"health/layer_{k}": values for k, values in enumerate(health[step])},
        }
        for step, row in enumerate(importance)
    ]


def follow(declared: pb.Input, run: list[dict[str, NDArray[Any] | Moved]]) -> int:
    """Return how many alarms a run has."""
    cells = int(np.prod(declared.regions))
    regions = pb.Regions(input="input", shape=declared.regions, contrast=[1 / cells] * cells)
    manifest = pb.Manifest(inputs=[declared], methods=[pb.Method(name="ig", regions=[regions])])
    watch = RunWatch(manifest, "epoch {}".format)
    return sum(len(watch.update(step, found)) for step, found in enumerate(run))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=1000)
    steps = parser.parse_args().steps
    print(f"{steps} steps, {LAYERS} layers, {SAMPLES} samples")
    for name, declared in INPUTS.items():
        for eventful in (False, True):
            run = figures(int(np.prod(declared.regions)), steps, eventful=eventful)
            seconds = timing.quietest({name: partial(timing.stopwatch, partial(follow, declared, run))})[name]
            print(f"{name}, {'eventful' if eventful else 'quiet'}: {follow(declared, run)} alarms, {seconds:.2f} s")


if __name__ == "__main__":
    main()
