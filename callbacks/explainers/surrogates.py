"""Surrogates: a simple model that imitates a complex one, and says how well it does."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from tb_explain_plugin.callbacks.explainers.engine import as_scorer
from tb_explain_plugin.callbacks.explainers.imitated import Fidelity, fidelity, imitated
from tb_explain_plugin.callbacks.explainers.interpretable import Interpretable, interpretable
from tb_explain_plugin.callbacks.explainers.simple_models import Linear, Tree, grow, scikit_learn, select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import keras
    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer

FOLDS = 5


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
        return grow(values, wanted, max_depth=max_depth, min_samples_leaf=min_samples_leaf, seed=seed)

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
        return select(values, wanted, terms)

    quality = fidelity(lambda *data: fit(*data).predict, features.values, scores, folds=FOLDS, seed=seed)
    return Surrogate(fit(features.values, scores), quality, features, scores, resolved)


def check_tree_options(*, max_depth: int, min_samples_leaf: int, words: int, **_: Any) -> None:
    """Raise a ValueError unless a tree can be grown so."""
    if not isinstance(max_depth, int) or not 1 <= max_depth <= 8:
        raise ValueError(f"max_depth is {max_depth!r}; expected a whole number from 1 to 8: nobody reads a deeper tree")
    _check_count("min_samples_leaf", min_samples_leaf)
    _check_count("words", words)
    scikit_learn()


def check_linear_options(*, terms: int, words: int, **_: Any) -> None:
    """Raise a ValueError unless a linear model can be fitted so."""
    _check_count("terms", terms)
    _check_count("words", words)
    scikit_learn()


def _check_count(name: str, value: Any) -> None:
    if not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} is {value!r}; expected a whole number of at least 1")
