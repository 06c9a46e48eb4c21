"""Methods in a process of their own: Keras knows one backend a process, and PyTorch beside TensorFlow may not even start.

The parent writes a request a line, the worker answers with a line: ``{"method", "effort", "rows"}`` → ``{"seconds"}``, with ``"path"`` also
the values as an ``.npy`` file there. Seconds are taken in the worker, so that nothing of the exchange counts.
"""

from __future__ import annotations

import argparse
import functools
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from benchmarks.models import Problem

FLOOR = "bare gradient"


class Worker:
    """The parent's end.

    Args:
        python: the interpreter whose environment has PyTorch.
        case: what the worker loads.

    Raises:
        RuntimeError: the worker could not start; its last line says why.
    """

    def __init__(self, python: str, case: str) -> None:
        environment = os.environ | {"KERAS_BACKEND": "torch"}
        command = [python, "-m", "benchmarks.worker", case]
        with tempfile.TemporaryFile("w+") as errors:
            self._process = subprocess.Popen(  # noqa: S603 (our own module)
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
            )
            self._errors = os.fdopen(os.dup(errors.fileno()), "r+")  # read when the worker ends
        answer = self._answer()
        self.methods: list[str] = answer["methods"]
        self.versions: dict[str, str] = answer["versions"]

    def seconds(self, method: str, effort: int, rows: int) -> float:
        """Return how long the worker took."""
        return float(self._ask(method=method, effort=effort, rows=rows)["seconds"])

    def values(self, method: str, effort: int, rows: int) -> NDArray[Any]:
        """Return what the worker computed."""
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "values.npy"
            self._ask(method=method, effort=effort, rows=rows, path=str(path))
            return np.asarray(np.load(path))

    def close(self) -> None:
        """End the worker."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process.wait()
        self._errors.close()

    def _ask(self, **request: Any) -> dict[str, Any]:
        assert self._process.stdin  # noqa: S101 (it was opened as a pipe)
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout  # noqa: S101 (likewise)
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._errors.seek(0)
            last = (self._errors.read().strip() or "it said nothing").splitlines()[-1]
            self.close()
            raise RuntimeError(last)
        answer: dict[str, Any] = json.loads(line)
        return answer


def torch_gradients(problem: Problem) -> Callable[[int, int], None]:
    """Return the plainest function that takes so many gradients a sample, so many rows at once, in PyTorch."""
    import torch

    problem.model.trainable = False

    def take(gradients: int, rows: int) -> None:
        tiled = np.resize(np.arange(len(problem.x)), max(rows, len(problem.x)))
        points, labels = torch.from_numpy(problem.x[tiled]), torch.from_numpy(problem.y[tiled].astype(np.int64))
        for first in range(0, gradients * len(problem.x), rows):
            at = slice(first % len(tiled), first % len(tiled) + rows)
            x = points[at].requires_grad_()
            score = problem.model(x, training=False).gather(1, labels[at, None]).sum()
            torch.autograd.grad(score, x)

    return take


def main() -> None:
    """Answer requests until there are no more."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case")
    case = parser.parse_args().case
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # libraries print; answers stand alone

    import captum  # noqa: F401 (absent, the worker ends here and the parent says so)

    from benchmarks import models, peers

    problem = models.load(case)
    functions: dict[str, Callable[[int, int], Any]] = {
        name: peers.adapt(name, problem) for name, p in peers.PEERS.items() if p.backend == "torch"
    }
    names = list(functions)
    functions[FLOOR] = torch_gradients(problem)
    versions = {name: importlib.metadata.version(name) for name in ("captum", "torch")}
    say(answers, methods=names, versions=versions)
    for line in sys.stdin:
        request = json.loads(line)
        run = functools.partial(functions[request["method"]], request["effort"], request["rows"])
        begun = time.perf_counter()
        values = run()
        seconds = time.perf_counter() - begun
        if "path" in request:
            np.save(request["path"], values)
        say(answers, seconds=seconds)


def say(to: TextIO, **answer: Any) -> None:
    """Write a line of JSON."""
    to.write(json.dumps(answer) + "\n")
    to.flush()


if __name__ == "__main__":
    main()
