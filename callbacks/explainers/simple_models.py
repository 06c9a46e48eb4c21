"""The simple models that imitate others, a tree and a sparse linear one, and how scikit-learn fits them."""

from __future__ import annotations

import dataclasses
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_GAIN = 1e-3
"""Part of the scores' variance that a split explains at least."""


@dataclasses.dataclass
class Tree:
    """A decision tree of M nodes, the root first.

    Attributes:
        feature: [M] int32, of what a node asks; −1 at leaves.
        threshold: [M] float32: at most this goes left.
        left: [M] int32, the node there; −1 at leaves.
        right: likewise.
        value: [M, K] float32, mean scores.
        count: [M] int32, samples.
        gain: [M] float32, the part of the scores' variance that the split explains; 0 at leaves.
        spread: [M] float32, standard deviation of the feature over all samples; 0 at leaves.
    """

    feature: NDArray[Any]
    threshold: NDArray[Any]
    left: NDArray[Any]
    right: NDArray[Any]
    value: NDArray[Any]
    count: NDArray[Any]
    gain: NDArray[Any]
    spread: NDArray[Any]

    def predict(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the scores [N, K] of features [N, F]."""
        node = np.zeros(len(values), np.int32)
        while (self.feature[node] >= 0).any():
            goes_left = values[np.arange(len(values)), self.feature[node]] <= self.threshold[node]
            below = np.where(goes_left, self.left[node], self.right[node])
            node = np.where(self.feature[node] >= 0, below, node)
        return self.value[node]


@dataclasses.dataclass
class Linear:
    """intercept + coefficient · (features − center) / scale.

    Attributes:
        coefficient: [K, F] float32; 0 of features that are left out.
        intercept: [K] float32.
        center: [F] float32.
        scale: [F] float32, standard deviations; 1 of features that never differ.
    """

    coefficient: NDArray[Any]
    intercept: NDArray[Any]
    center: NDArray[Any]
    scale: NDArray[Any]

    def predict(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the scores [N, K] of features [N, F]."""
        scores: NDArray[Any] = self.intercept + (values - self.center) / self.scale @ self.coefficient.T
        return scores


def scikit_learn() -> tuple[Any, Any]:
    """Return scikit-learn's trees and linear models.

    Raises:
        ImportError: it is not installed.
    """
    try:
        from sklearn import linear_model, tree
    except ImportError as error:
        raise ImportError(
            'surrogates need scikit-learn, which is not installed. Install it with: pip install "tb-explain-plugin[surrogates]"'
        ) from error
    return tree, linear_model


def grow(values: NDArray[Any], scores: NDArray[Any], *, max_depth: int, min_samples_leaf: int, seed: int) -> Tree:
    """Return the tree of features [N, F] that imitates scores [N, K]; one leaf where nothing can be split, NaN of what is not finite."""
    samples = len(values)
    if not np.isfinite(scores).all() or values.shape[1] == 0:
        mean = scores.mean(axis=0) if np.isfinite(scores).all() else np.full(scores.shape[1], np.nan)
        one, none = np.full(1, -1, np.int32), np.zeros(1, np.float32)
        return Tree(one, none, one, one, mean[None].astype(np.float32), np.array([samples], np.int32), none, none)
    trees, _ = scikit_learn()
    grown = trees.DecisionTreeRegressor(
        max_depth=max_depth,
        min_samples_leaf=min_samples_leaf,
        min_impurity_decrease=LEAST_GAIN * scores.var(axis=0).mean(),
        random_state=seed,
    )
    nodes = grown.fit(values, scores).tree_
    splits = nodes.children_left >= 0
    missed = nodes.impurity * nodes.weighted_n_node_samples
    below = np.where(splits, missed[nodes.children_left] + missed[nodes.children_right], missed)
    threshold = np.where(splits, nodes.threshold, 0.0)
    rounded = threshold.astype(np.float32)
    return Tree(
        feature=np.where(splits, nodes.feature, -1).astype(np.int32),
        threshold=np.where(rounded > threshold, np.nextafter(rounded, np.float32(-np.inf)), rounded),  # or the next larger would go left
        left=nodes.children_left.astype(np.int32),
        right=nodes.children_right.astype(np.int32),
        value=nodes.value[:, :, 0].astype(np.float32),
        count=nodes.n_node_samples.astype(np.int32),
        gain=((missed - below) / max(missed[0], np.finfo(float).tiny)).astype(np.float32),
        spread=np.where(splits, values.std(axis=0)[np.maximum(nodes.feature, 0)], 0).astype(np.float32),
    )


_PENALTIES = np.geomspace(1, 1e-3, 60).reshape(10, 6)
"""Along the Lasso's path, in parts of the one at which no feature is in; so many of them at a time."""


def select(values: NDArray[Any], scores: NDArray[Any], terms: int) -> Linear:
    """Return the linear model of at most ``terms`` of the features [N, F] that imitates scores [N, K]; NaN of what is not finite."""
    center, scale = values.mean(axis=0, dtype=np.float64), values.std(axis=0, dtype=np.float64)
    scale[scale == 0] = 1
    intercept = scores.mean(axis=0) if np.isfinite(scores).all() else np.full(scores.shape[1], np.nan)
    coefficient = np.full((scores.shape[1], values.shape[1]), 0.0) + 0 * intercept[:, None]
    standardized, wanted = (values - center) / scale, scores - intercept
    strongest = np.linalg.norm(standardized.T @ wanted, axis=1).max(initial=0) / len(values)
    if strongest > 0:
        chosen = _first_on_path(standardized, wanted, strongest, terms)
        coefficient[:, chosen] = np.linalg.lstsq(standardized[:, chosen], wanted, rcond=None)[0].T
    return Linear(*(v.astype(np.float32) for v in (coefficient, intercept, center, scale)))


def _first_on_path(standardized: NDArray[Any], wanted: NDArray[Any], strongest: float, terms: int) -> NDArray[Any]:
    """Return the features that the Lasso takes in before there are more than ``terms``; ``strongest``: the penalty at which none is in."""
    _, linear = scikit_learn()
    y = wanted[:, 0] if wanted.shape[1] == 1 else wanted
    chosen = np.empty(0, np.intp)
    coefficients = None
    with warnings.catch_warnings():  # a path that has not fully converged will do to choose features
        warnings.simplefilter("ignore")
        for penalties in strongest * _PENALTIES:
            # its generator, which a path in order does not read, would be NumPy's global one
            path = linear.lasso_path(standardized, y, alphas=penalties, coef_init=coefficients, random_state=0)[1]
            coefficients = np.asfortranarray(path[..., -1])
            for inside in (path != 0).reshape(-1, *path.shape[-2:]).any(axis=0).T:
                if inside.sum() > terms:
                    return chosen
                chosen = np.flatnonzero(inside)
    return chosen
