"""Surrogates: a simple model that imitates a complex one, and says how well it does."""

from __future__ import annotations

import dataclasses
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin.callbacks.explainers.engine import as_scorer
from tb_explain_plugin.callbacks.explainers.imitated import Fidelity, fidelity, imitated
from tb_explain_plugin.callbacks.explainers.interpretable import Interpretable, interpretable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import keras
    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer

FOLDS = 5
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


@dataclasses.dataclass
class Surrogate:
    """A simple model, and how well it imitates.

    Attributes:
        model: a `Tree` or a `Linear`.
        fidelity: R² on samples that it was not fitted on, and its standard error.
        features: what it was given to see of the samples.
        scores: [N, K] float64, what it imitates.
        target: the class or label that the scores are of; None for all classes, or where there is nothing to choose.
    """

    model: Tree | Linear
    fidelity: Fidelity
    features: Interpretable
    scores: NDArray[Any]
    target: int | None


def surrogate_tree(
    model: keras.Model | Scorer,
    inputs: Any,
    targets: Any = None,
    *,
    max_depth: int = 4,
    min_samples_leaf: int = 5,
    target: int | None = None,
    words: int = 100,
    regions: Mapping[str, Sequence[int]] | None = None,
    seed: int = 0,
    score: Any = "probability",
    batch_size: int | None = None,
) -> Surrogate:
    """A decision tree that imitates a model.

    Breiman et al., "Classification and Regression Trees", 1984, fitted by scikit-learn to the model's scores; Craven and Shavlik,
    "Extracting tree-structured representations of trained networks", 1996, for the idea. It sees what people name: columns of tables,
    means of image regions, which words a text holds. Its fidelity is measured by five folds that are the seed's alone. It costs one
    forward pass, and six fits.

    Args:
        model: a built Keras model, or a `Scorer` made for it (then ``score`` and ``batch_size`` are the scorer's).
        inputs: N samples as the model takes them: an array, or a list or dict of arrays.
        targets: for what they say of the outputs' meaning, as in `integrated_gradients`.
        max_depth: questions from the root to a leaf, 1 to 8.
        min_samples_leaf: samples that a leaf has at least.
        target: the class or label whose score is imitated. Defaults to None: all classes at once; class 1 of a binary output, label 0 of
            several, the sum of a regression's outputs.
        words: of a text, how many of the commonest tokens the tree may ask for.
        regions: by input name, into how many blocks along each of its leading axes it is averaged. Defaults to one a column or step, and
            8 × 8 for images.
        seed: of the folds and of ties.
        score: of the target, ``"probability"``, ``"log_odds"``, ``"centered_logit"``, ``"logit"``, or a callable
            ``(outputs, targets) -> [N]``, imitated as it is. Means of probabilities are probabilities: what a leaf holds can be read.
        batch_size: rows of a batch; by default as many as memory allows.

    Returns:
        A `Surrogate` with a `Tree`. Of scores that are not finite it is one leaf, NaN.

    Raises:
        ValueError: an option out of range, a target that there is not, more than 32 classes without one, inputs that do not fit.
        ImportError: scikit-learn is not installed.

    Example:
        >>> surrogate = surrogate_tree(model, x_val, y_val)
        >>> surrogate.fidelity.value  # 0.9: the tree tells nine tenths of the story
    """
    check_tree_options(max_depth=max_depth, min_samples_leaf=min_samples_leaf, words=words)
    scorer = as_scorer(model, inputs, targets, score, batch_size)
    features = interpretable(scorer, inputs, regions or {}, words)
    scores, resolved = imitated(scorer, inputs, targets, target)

    def fit(values: NDArray[Any], wanted: NDArray[Any]) -> Tree:
        return _grow(values, wanted, max_depth=max_depth, min_samples_leaf=min_samples_leaf, seed=seed)

    quality = fidelity(lambda *data: fit(*data).predict, features.values, scores, folds=FOLDS, seed=seed)
    return Surrogate(fit(features.values, scores), quality, features, scores, resolved)


def surrogate_linear(
    model: keras.Model | Scorer,
    inputs: Any,
    targets: Any = None,
    *,
    terms: int = 10,
    target: int | None = None,
    words: int = 100,
    regions: Mapping[str, Sequence[int]] | None = None,
    seed: int = 0,
    score: Any = "centered_logit",
    batch_size: int | None = None,
) -> Surrogate:
    """A sparse linear model that imitates a model.

    The Lasso (Tibshirani, "Regression shrinkage and selection via the lasso", 1996; of several classes the group lasso, which chooses
    features for all of them) chooses at most ``terms`` of the standardized features: its penalty is lowered until one more would come in.
    Least squares on those give the coefficients, which the penalty would have shrunk. The number of terms stays from epoch to epoch, as a
    penalty would not: scores grow while a model gets sure. It costs one forward pass, and six paths.

    Args:
        model: a built Keras model, or a `Scorer` made for it (then ``score`` and ``batch_size`` are the scorer's).
        inputs: N samples as the model takes them: an array, or a list or dict of arrays.
        targets: for what they say of the outputs' meaning, as in `integrated_gradients`.
        terms: features that it may use, at least 1.
        target: as in `surrogate_tree`.
        words: likewise.
        regions: likewise.
        seed: of the folds.
        score: likewise; of logits a linear classifier is linear, of probabilities none is.
        batch_size: rows of a batch; by default as many as memory allows.

    Returns:
        A `Surrogate` with a `Linear`. Of scores that are not finite all is NaN.

    Raises:
        ValueError: an option out of range, a target that there is not, more than 32 classes without one, inputs that do not fit.
        ImportError: scikit-learn is not installed.

    Example:
        >>> surrogate = surrogate_linear(model, x_val, y_val)
        >>> np.flatnonzero(surrogate.model.coefficient.any(axis=0))  # the features that matter
    """
    check_linear_options(terms=terms, words=words)
    scorer = as_scorer(model, inputs, targets, score, batch_size)
    features = interpretable(scorer, inputs, regions or {}, words)
    scores, resolved = imitated(scorer, inputs, targets, target)

    def fit(values: NDArray[Any], wanted: NDArray[Any]) -> Linear:
        return _select(values, wanted, terms)

    quality = fidelity(lambda *data: fit(*data).predict, features.values, scores, folds=FOLDS, seed=seed)
    return Surrogate(fit(features.values, scores), quality, features, scores, resolved)


def check_tree_options(*, max_depth: int, min_samples_leaf: int, words: int, **_: Any) -> None:
    """Raise a ValueError unless a tree can be grown so."""
    if not isinstance(max_depth, int) or not 1 <= max_depth <= 8:
        raise ValueError(f"max_depth is {max_depth!r}; expected a whole number from 1 to 8: nobody reads a deeper tree")
    _check_count("min_samples_leaf", min_samples_leaf)
    _check_count("words", words)
    _scikit_learn()


def check_linear_options(*, terms: int, words: int, **_: Any) -> None:
    """Raise a ValueError unless a linear model can be fitted so."""
    _check_count("terms", terms)
    _check_count("words", words)
    _scikit_learn()


def _check_count(name: str, value: Any) -> None:
    if not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} is {value!r}; expected a whole number of at least 1")


def _scikit_learn() -> tuple[Any, Any]:
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


def _grow(values: NDArray[Any], scores: NDArray[Any], *, max_depth: int, min_samples_leaf: int, seed: int) -> Tree:
    samples = len(values)
    if not np.isfinite(scores).all() or values.shape[1] == 0:
        mean = scores.mean(axis=0) if np.isfinite(scores).all() else np.full(scores.shape[1], np.nan)
        one, none = np.full(1, -1, np.int32), np.zeros(1, np.float32)
        return Tree(one, none, one, one, mean[None].astype(np.float32), np.array([samples], np.int32), none, none)
    trees, _ = _scikit_learn()
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


def _select(values: NDArray[Any], scores: NDArray[Any], terms: int) -> Linear:
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
    _, linear = _scikit_learn()
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
