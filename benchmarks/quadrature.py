"""Gradients a sample to a relative L1 error of 5, 2 and 1 %, for each way to integrate along a path.

    python -m benchmarks.quadrature [case …]

An error is the largest over the probe, Σ|a − r| / Σ|r| against `benchmarks.reference`. A rule's count is the smallest from which on the
error stays below. Of the adaptive rule it is the mean over the probe, at the tolerance that just does; what a tolerance gives when it is
taken at its word stands beside. What the figures say is in docs/integrated-gradients.md.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import models, reference
from tb_explain_plugin.callbacks.explainers import Scorer, integrated_gradients
from tb_explain_plugin.callbacks.explainers.quadrature import cells, gauss_legendre

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

AIMS = (0.05, 0.02, 0.01)
COUNTS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64)
TOLERANCES = tuple(0.16 * 2 ** (-k / 2) for k in range(12))


def clenshaw_curtis(steps: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return nodes on [0, 1], both ends among them, and the weights that integrate polynomials of degree steps − 1."""
    nodes = -np.cos(np.pi * np.arange(steps) / (steps - 1))
    degrees = np.arange(steps)
    moments = np.where(degrees % 2, 0.0, 2 / (1 - np.where(degrees % 2, 0, degrees) ** 2))
    return (nodes + 1) / 2, np.linalg.solve(np.polynomial.chebyshev.chebvander(nodes, steps - 1).T, moments) / 2


def jittered(steps: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return one node at random in each of equal cells, and their widths."""
    return (np.arange(steps) + np.random.default_rng(steps).random(steps)) / steps, np.full(steps, 1 / steps)


RULES: dict[str, tuple[Callable[[int], tuple[NDArray[Any], NDArray[Any]]], bool]] = {
    "Gauss-Legendre": (gauss_legendre, False),
    "midpoint": (reference.midpoint, False),
    "Clenshaw-Curtis": (clenshaw_curtis, False),
    "jittered": (jittered, False),
    "midpoint, gates averaged": (reference.midpoint, True),
    "Gauss-Legendre, gates averaged": (gauss_legendre, True),
}
"""Nodes and weights, and whether gates are averaged between nodes."""


def main(names: Sequence[str]) -> None:
    """Print a table for each case."""
    for name in names or list(models.CASES):
        problem, exact = models.load(name), reference.reference(name)
        scorer = Scorer(problem.model, problem.x, problem.y, score="logit")
        print(f"\n{name}: gradients a sample to a max error of {', '.join(f'{aim:.0%}' for aim in AIMS)}; max error with 16 and 64")
        for rule in RULES:
            errors = {n: exact.error(fixed(scorer, problem, rule, n)) for n in COUNTS}
            print(f"{rule:32}{needed(errors)} {errors[16]:8.3%} {errors[64]:8.3%}")
        report_adaptive(scorer, problem, exact)


def fixed(scorer: Scorer, problem: models.Problem, rule: str, steps: int) -> NDArray[Any]:
    """Return the attributions of a rule with the same nodes for all samples."""
    nodes_and_weights, is_averaged = RULES[rule]
    nodes, weights = nodes_and_weights(steps)
    targets = scorer.readout.resolve_targets(problem.y, len(problem.x))
    bounds = cells(weights) if is_averaged else None
    sums, *_ = scorer.path_gradients(
        problem.x, targets, [np.zeros_like(problem.x)], [problem.x], nodes, weights[None], bounds, with_ends=False
    )
    return np.asarray(sums[0][:, 0] * problem.x)


def needed(errors: dict[int, float]) -> str:
    """Return the smallest counts from which on errors stay below each aim."""
    counts = [next((n for n in errors if all(e <= aim for m, e in errors.items() if m >= n)), None) for aim in AIMS]
    return " ".join(f"{count or '> 64':>6}" for count in counts)


def report_adaptive(scorer: Scorer, problem: models.Problem, exact: reference.Reference) -> None:
    """Print what tolerances give, and the fewest gradients that reach each aim."""
    results = []
    for tolerance in (*AIMS, *TOLERANCES):
        attribution = integrated_gradients(scorer, problem.x, problem.y, baseline="zero", tolerance=tolerance)
        errors = reference.relative_l1(attribution.values, exact.values)
        results.append((float(np.asarray(attribution.steps).mean()), float(errors.max()), float((errors > tolerance).mean())))
    fewest = [min((steps for steps, error, _ in results if error <= aim), default=np.nan) for aim in AIMS]
    print(f"{'to a tolerance':32}{' '.join(f'{steps:6.1f}' for steps in fewest)}")
    for aim, (steps, error, over) in zip(AIMS, results[: len(AIMS)], strict=True):
        print(f"    tolerance={aim:.2f}: {steps:.1f} gradients, max error {error:.2%}, {over:.1%} of samples over the tolerance")


if __name__ == "__main__":
    main(sys.argv[1:])
