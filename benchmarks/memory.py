"""Peak memory: what explaining adds to the resident memory of a process that has the model loaded and has used it once.

Each measurement has a process of its own, because memory once taken is seldom given back. The peak is Linux' own (``VmHWM``), reset
before explaining begins, so that importing and building count in neither figure.

Usage: ``python -m benchmarks.memory`` explains 224 x 224 x 3 images with a ResNet-18 and shows that neither samples nor steps add memory,
then images of 112 x 112 x 3 by each method that asks in another way.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np

from benchmarks import report

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

SIZES = ((8, 8), (64, 8), (64, 64))
"""Samples and steps."""
OTHERS: dict[str, dict[str, Any]] = {
    "saliency": {},
    "grad_cam": {},
    "lrp": {},
    "occlusion": {},
    "kernel_shap": {"samples": 130},
    "lime": {"samples": 130, "players": (8, 8)},
    "permutation_importance": {"repeats": 1},
    "activation_maps": {"samples": list(range(8)), "most": 32},
    "activation_maximization": {"layer": "last", "units": [0, 1, 2, 3], "steps": 16},
    "embedding_projection": {},
}
"""Methods, and what they are asked with: as many passes as show how memory goes."""
WITHOUT_TARGETS = ("activation_maps", "activation_maximization", "embedding_projection")
FEW, MANY = 8, 32
"""Images that each of them explains."""


def resident(name: str) -> int:
    """Return the bytes that /proc says of this process: ``VmRSS`` now, ``VmHWM`` at most."""
    found = re.search(rf"^{name}:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    if found is None:
        raise RuntimeError(f"/proc/self/status has no {name}; memory is measured on Linux")
    return int(found[1]) * 1024


def peak(run: Callable[[], Any]) -> tuple[int, int]:
    """Return the bytes resident before a call, and the most while it ran."""
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    run()
    return before, resident("VmHWM")


def measured(arguments: list[str], python: str = sys.executable, **environment: str) -> dict[str, Any] | None:
    """Return what a process of its own measured, or None where it failed."""
    command = [python, "-m", "benchmarks.memory", *arguments]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)  # noqa: S603 (our own module)
    if done.returncode:
        print((done.stderr.strip() or f"ended with {done.returncode}").splitlines()[-1], file=sys.stderr)
        return None
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def resnet18(side: int) -> keras.Model:
    """Return ResNet-18 for images of three colours and 1000 classes, untrained: memory does not know what was learned."""
    import keras

    layers = keras.layers

    def convolved(x: Any, filters: int, size: int, strides: int) -> Any:
        return layers.BatchNormalization()(layers.Conv2D(filters, size, strides, padding="same", use_bias=False)(x))

    inputs = keras.Input((side, side, 3))
    x = layers.MaxPooling2D(3, 2, padding="same")(layers.ReLU()(convolved(inputs, 64, 7, 2)))
    for filters, strides in ((64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)):
        shortcut = x if strides == 1 else convolved(x, filters, 1, strides)
        inner = convolved(layers.ReLU()(convolved(x, filters, 3, strides)), filters, 3, 1)
        x = layers.ReLU()(layers.Add()([shortcut, inner]))
    return keras.Model(inputs, layers.Dense(1000, name="last")(layers.GlobalAveragePooling2D()(x)))


def used_once(samples: int, side: int) -> tuple[keras.Model, Any, Any]:
    """Return the model, so many random images and labels; it has seen one of them."""
    model = resnet18(side)
    generator = np.random.default_rng(0)
    x = generator.random((samples, side, side, 3), dtype=np.float32)
    y = generator.integers(0, 1000, samples)
    np.asarray(model(x[:1], training=False))
    return model, x, y


def explain_resnet(samples: int, steps: int) -> dict[str, Any]:
    """Explain so many images, and say what it took."""
    from tb_explain_plugin.callbacks.explainers import integrated_gradients

    model, x, y = used_once(samples, 224)
    begun = time.perf_counter()
    before, most = peak(lambda: integrated_gradients(model, x, y, steps=steps, baseline="zero"))
    return {"before": before, "peak": most, "seconds": time.perf_counter() - begun}


def explain_otherwise(method: str, samples: int) -> dict[str, Any]:
    """Explain so many smaller images by one of the other methods, and say what it took."""
    import keras

    from tb_explain_plugin.callbacks import explainers

    model, x, y = used_once(samples, 112)
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    explain = getattr(explainers, method)
    given = (x,) if method in WITHOUT_TARGETS else (x, y)
    before, most = peak(lambda: explain(model, *given, **OTHERS[method]))
    return {"before": before, "peak": most}


def explain_case(case: str, method: str, effort: int, rows: int) -> dict[str, Any]:
    """Explain a case's probes, and say what it took."""
    from benchmarks import methods, models

    problem = models.load(case)
    attribute = methods.local(method, problem)
    attribute(1 if method in methods.OURS else 2, rows)  # its trace is part of the model's memory, not of explaining
    before, most = peak(lambda: attribute(effort, rows))
    return {"before": before, "peak": most}


def by_samples_and_steps() -> str:
    """Return the table of integrated gradients."""
    rows = []
    for samples, steps in SIZES:
        taken = measured(["--resnet", str(samples), str(steps)])
        if taken:
            before, most = taken["before"] / 1e9, taken["peak"] / 1e9
            sizes = [f"{size:.2f} GB" for size in (before, most, most - before)]
            rows.append([f"{samples}, {steps}", *sizes, f"{taken['seconds']:.0f} s"])
            print(*rows[-1], sep="   ", flush=True)
    return report.markdown(["samples, steps", "loaded", "peak", "added", "time"], rows)


def by_method() -> str:
    """Return the table of the other methods: what each adds for a few images, and for many."""
    rows = []
    for method in OTHERS:
        taken = [measured(["--method", method, str(samples)]) for samples in (FEW, MANY)]
        rows.append([f"`{method}`", *(f"{(one['peak'] - one['before']) / 1e9:.2f} GB" if one else "—" for one in taken)])
        print(*rows[-1], sep="   ", flush=True)
    return report.markdown(["method", f"added, {FEW} images", f"{MANY} images"], rows)


def main() -> None:
    """Measure one thing where told which, else the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resnet", nargs=2, type=int, metavar=("SAMPLES", "STEPS"))
    parser.add_argument("--method", nargs=2, metavar=("NAME", "SAMPLES"))
    parser.add_argument("--case", nargs=4, metavar=("CASE", "METHOD", "EFFORT", "ROWS"))
    parser.add_argument("--write", type=Path, metavar="PAGE", help="replace the results in this page")
    arguments = parser.parse_args()
    if arguments.resnet:
        print(json.dumps(explain_resnet(*arguments.resnet)))
    elif arguments.case:
        case, method, effort, rows = arguments.case
        print(json.dumps(explain_case(case, method, int(effort), int(rows))))
    elif arguments.method:
        name, samples = arguments.method
        print(json.dumps(explain_otherwise(name, int(samples))))
    else:
        text = f"{report.machine({})}\n\n{by_samples_and_steps()}\n\n{by_method()}"
        print(text)
        if arguments.write:
            report.replace(arguments.write, "memory", text)


if __name__ == "__main__":
    main()
