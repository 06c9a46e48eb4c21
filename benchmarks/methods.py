"""All that is compared, behind one shape: ``attribute(effort, rows) -> values``, timed by itself, with what an effort costs in gradients.

The effort of a fixed rule is its number of steps; of the adaptive one it is how many quarter octaves its tolerance lies below ½.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import peers, timing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from benchmarks.models import Problem
    from benchmarks.worker import Worker

FIXED, ADAPTIVE = "ours, fixed steps", "ours, tolerance"
OURS = (FIXED, ADAPTIVE)
_MOST_STEPS, _LEAST_TOLERANCE = 2048, 36


@dataclasses.dataclass
class Method:
    """Something to compare.

    Attributes:
        attribute: takes an effort and a batch size, returns values [N, …].
        seconds: runs the same, returns what it took.
        rows: batch sizes to choose from.
        gradients: the gradients a sample that an effort costs.
        most: the largest effort tried.
        wrong: why its values are none of integrated gradients; "" where they are.
        remote: whether it runs in a worker.
    """

    attribute: Callable[[int, int], NDArray[Any]]
    seconds: Callable[[int, int], float]
    rows: tuple[int, ...] = (0,)
    gradients: Callable[[int], float] = float
    most: int = _MOST_STEPS
    wrong: str = ""
    remote: bool = False


def tolerance_of(effort: int) -> float:
    """Return the tolerance that an effort stands for."""
    return float(2 ** (-1 - effort / 4))


def local(name: str, problem: Problem) -> Callable[[int, int], NDArray[Any]]:
    """Return a method of this process, ready to be asked.

    Raises:
        ImportError: a peer that is not installed, or does not import here.
    """
    if name not in OURS:
        return peers.adapt(name, problem)
    from tb_explain_plugin.callbacks.explainers import Scorer, integrated_gradients

    scorer = Scorer(problem.model, problem.x, problem.y, score="logit")
    explain = functools.partial(integrated_gradients, scorer, problem.x, problem.y, baseline="zero")

    def attribute(effort: int, rows: int) -> NDArray[Any]:
        del rows  # it chooses for itself
        return np.asarray(explain(**options(name, effort)).values)

    return attribute


def counted(name: str, problem: Problem, effort: int) -> float:
    """Return the gradients a sample that one of our own takes at an effort: those that it asks its scorer for."""
    from tb_explain_plugin.callbacks.explainers import Scorer, integrated_gradients

    asked = 0

    class Counting(Scorer):
        def path_gradients(self, *arguments: Any, **options: Any) -> Any:
            nonlocal asked
            of_path = inspect.signature(super().path_gradients).bind(*arguments, **options).arguments
            asked += len(of_path["end"][0]) * np.shape(of_path["nodes"])[-1]
            return super().path_gradients(*arguments, **options)

        def gradients(self, inputs: Any, targets: NDArray[Any], entries: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
            nonlocal asked
            asked += len(entries[0])
            return super().gradients(inputs, targets, entries)

    scorer = Counting(problem.model, problem.x, problem.y, score="logit")
    integrated_gradients(scorer, problem.x, problem.y, baseline="zero", **options(name, effort))
    return asked / len(problem.x)


def options(name: str, effort: int) -> dict[str, Any]:
    """Return what an effort means to one of our own."""
    return {"steps": effort} if name == FIXED else {"tolerance": tolerance_of(effort)}


def has_tolerance() -> bool:
    """Whether integrated gradients refine sample by sample."""
    from tb_explain_plugin.callbacks.explainers import integrated_gradients

    return "tolerance" in inspect.signature(integrated_gradients).parameters


def available(problem: Problem, worker: Worker | None) -> tuple[dict[str, Method], list[str]]:
    """Return the methods that can run here, and a line for each that cannot."""
    found: dict[str, Method] = {FIXED: here(local(FIXED, problem))}
    absent = []
    if has_tolerance():
        found[ADAPTIVE] = here(local(ADAPTIVE, problem), gradients=functools.partial(counted, ADAPTIVE, problem), most=_LEAST_TOLERANCE)
    for name, peer in peers.PEERS.items():
        if peer.backend == "torch":
            if worker and name in worker.methods:
                there = functools.partial(worker.values, name)
                found[name] = Method(there, functools.partial(worker.seconds, name), peer.rows, remote=True)
            continue
        if not peer.installed:
            absent.append(f"{name}: skipped, {peer.distribution} is not installed")
            continue
        try:
            found[name] = here(local(name, problem), rows=peer.rows, wrong=peer.wrong)
        except ImportError as error:
            absent.append(f"{name}: skipped, {peer.distribution} does not import: {error}")
    return found, absent


def here(attribute: Callable[[int, int], NDArray[Any]], **known: Any) -> Method:
    """Return a method of this process."""
    return Method(attribute, lambda effort, rows: timing.stopwatch(lambda: attribute(effort, rows)), **known)
