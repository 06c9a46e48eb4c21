"""What attributions are measured against: 2000 nodes in float64.

The nodes are those of 500 equal panels with four Gauss–Legendre nodes each. Where gradients jump (ReLU), a panel errs by a fraction of
its width, as any rule of 2000 nodes does; where they are smooth, it has order 8, which a plain midpoint rule has not. The midpoint rule
of as many nodes is the second witness on a few samples: how far the two are apart is about what the reference itself gets wrong.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from benchmarks import models

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

NODES = 2000
_ROWS = 500
_WITNESSED = 32


@dataclasses.dataclass
class Reference:
    """The values that a method should give.

    Attributes:
        values: [N, …] float64.
        difference: [N] F(x) − F(x′), what the values of a sample sum up to.
        uncertainty: the largest relative L1 distance to the midpoint rule of as many nodes, over a few samples.
    """

    values: NDArray[Any]
    difference: NDArray[Any]
    uncertainty: float

    def error(self, values: NDArray[Any]) -> float:
        """Return the largest relative L1 error over the samples: max Σ|a − r| / Σ|r|."""
        return float(relative_l1(values, self.values).max())

    def completeness_error(self, values: NDArray[Any]) -> float:
        """Return the largest |Σ a − (F(x) − F(x′))| / Σ|a| over the samples."""
        flat = values.reshape(len(values), -1).astype(np.float64)
        return float((np.abs(flat.sum(axis=1) - self.difference) / np.abs(flat).sum(axis=1)).max())


def relative_l1(values: NDArray[Any], reference: NDArray[Any]) -> NDArray[Any]:
    """Return Σ|a − r| / Σ|r| of each sample [N]."""
    a, r = (v.reshape(len(v), -1).astype(np.float64) for v in (values, reference))
    return np.asarray(np.abs(a - r).sum(axis=1) / np.abs(r).sum(axis=1))


def panels(nodes: int = NODES, order: int = 4) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return nodes in (0, 1) and weights that sum to 1: equal panels of ``order`` Gauss–Legendre nodes."""
    one, weight = np.polynomial.legendre.leggauss(order)
    count = nodes // order
    starts = np.arange(count)[:, None]
    return ((starts + (one + 1) / 2) / count).ravel(), np.tile(weight / 2 / count, count)


def midpoint(nodes: int = NODES) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the midpoints of equal cells, and their widths."""
    return (np.arange(nodes) + 0.5) / nodes, np.full(nodes, 1 / nodes)


def reference(name: str) -> Reference:
    """Return the reference of a case, from the cache where it has been computed before."""
    stored = models.CACHE / f"{name}-{models.version()}-reference-{NODES}.npz"
    problem = models.load(name, "float64")
    if not stored.exists():
        values = integrate(problem, *panels())
        few = models.Problem(name, problem.model, problem.x[:_WITNESSED], problem.y[:_WITNESSED])
        witness = integrate(few, *midpoint())
        ends = [np.asarray(problem.model(x, training=False)) for x in (problem.x, np.zeros_like(problem.x))]
        difference = np.take_along_axis(ends[0] - ends[1], problem.y[:, None], axis=1)[:, 0]
        np.savez(stored, values=values, witness=witness, difference=difference)
    with np.load(stored) as kept:
        return Reference(kept["values"], kept["difference"], float(relative_l1(kept["witness"], kept["values"][:_WITNESSED]).max()))


def integrate(problem: models.Problem, nodes: NDArray[Any], weights: NDArray[Any]) -> NDArray[Any]:
    """Return x ∘ Σₖ wₖ ∂F/∂x (αₖ x), sample by sample, in the precision of the model, [N, …]."""
    gradient = gradient_of(problem.model)
    labels = np.eye(problem.classes, dtype=problem.x.dtype)[problem.y]
    shape = (-1, *[1] * (problem.x.ndim - 1))
    values = np.zeros_like(problem.x)
    for sample, (x, label) in enumerate(zip(problem.x, labels, strict=True)):
        for first in range(0, len(nodes), _ROWS):
            alpha, weight = nodes[first : first + _ROWS], weights[first : first + _ROWS]
            points = tf.constant(alpha.reshape(shape) * x)
            gradients = gradient(points, tf.constant(np.tile(label, (len(alpha), 1)))).numpy()
            values[sample] += x * np.tensordot(weight, gradients, axes=1)
    return values


def gradient_of(model: Any) -> Callable[[Any, Any], Any]:
    """Return the plainest function of points [B, …] and one-hot labels [B, C] that gives ∂(logit)/∂x at each point."""

    def gradient(points: Any, labels: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(points)
            score = tf.reduce_sum(model(points, training=False) * labels)
        return tape.gradient(score, points)

    traced: Callable[[Any, Any], Any] = tf.function(gradient, autograph=False)
    return traced
