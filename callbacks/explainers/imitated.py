"""What a surrogate imitates, one number a sample and class, and how well it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import special

from tb_explain_plugin.callbacks.explainers import heads as heads_

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer

MOST_CLASSES = 32
"""That are imitated together."""


class Fidelity(NamedTuple):
    """R² of a surrogate on samples that it was not fitted on, at most 1, and its standard error over samples."""

    value: float
    standard_error: float


class Imitated(NamedTuple):
    """Scores [N, K] float64, and which class or label they are of; None for all K classes, or where there is nothing to choose."""

    scores: NDArray[Any]
    target: int | None


def imitated(scorer: Scorer, inputs: Any, targets: Any, target: int | None) -> Imitated:
    """Return the score of one class for all samples, or of each class.

    Unlike in attributions the class is not each sample's own label: a simple model could not know it.

    Args:
        scorer: of the model, and of the score.
        inputs: N samples.
        targets: for a callable score.
        target: a class or label. None: all classes; class 1 of a binary output, label 0 of several, the sum of a regression's units.

    Raises:
        ValueError: a class that there is not, or too many of them.
    """
    if not scorer.readout.heads:
        resolved = scorer.readout.resolve_targets(targets, len(scorer.network.flatten(inputs)[0]))
        return Imitated(scorer.scores(inputs, resolved)[:, None].astype(np.float64), None)
    head = scorer.readout.heads[0]
    target = _chosen(head, target)
    index = scorer.network.output_names.index(head.name)

    def ask(*flat: Any) -> list[Any]:
        output = scorer.network.forward(list(flat))[index]
        return [heads_.class_logits(head, output, heads_.logits_tag(output))]

    logits = scorer.ask("class_logits", ask, scorer.network.flatten(inputs))[0].astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):  # weights may have turned to NaN or infinity, and the scores with them
        if head.task == "regression":
            return Imitated(logits.sum(axis=1, keepdims=True), None)
        if head.task == "multiclass":
            scores = _OF_CLASSES[str(scorer.readout.score)](logits)
            return Imitated(scores if target is None else scores[:, [target]], target)
        signed = logits * (2 * (target or 0) - 1) if head.task == "binary" else logits[:, [target or 0]]
        return Imitated(special.expit(signed) if scorer.readout.score == "probability" else signed, target)


def _chosen(head: heads_.Head, target: int | None) -> int | None:
    """Return the class that is meant.

    Raises:
        ValueError: none such.
    """
    classes = 2 if head.task == "binary" else head.units
    if head.task == "regression":
        if target is not None:
            raise ValueError(f"target is {target!r}, but output {head.name!r} is a regression, which has no classes; leave target out")
        return None
    if target is None and head.task == "multiclass":
        if classes > MOST_CLASSES:
            raise ValueError(
                f"output {head.name!r} has {classes} classes, over {MOST_CLASSES}, too many to imitate together; pass target=, one class"
            )
        return None
    chosen = target if target is not None else int(head.task == "binary")
    if isinstance(chosen, bool) or not isinstance(chosen, (int, np.integer)) or not 0 <= chosen < classes:
        raise ValueError(f"target is {target!r}; output {head.name!r} has {classes} classes: expected 0 to {classes - 1}, or None")
    return int(chosen)


def _log_odds(logits: NDArray[Any]) -> NDArray[Any]:
    others = [special.logsumexp(np.delete(logits, k, axis=1), axis=1) for k in range(logits.shape[1])]
    odds: NDArray[Any] = logits - np.stack(others, axis=1)
    return odds


_OF_CLASSES: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "log_odds": _log_odds,
    "centered_logit": lambda logits: logits - logits.mean(axis=1, keepdims=True),
    "logit": lambda logits: logits,
    "probability": lambda logits: special.softmax(logits, axis=1),
}
"""The scores of `heads.SCORES`, of all classes at once."""


def fidelity(
    fit: Callable[[NDArray[Any], NDArray[Any]], Callable[[NDArray[Any]], NDArray[Any]]],
    values: NDArray[Any],
    scores: NDArray[Any],
    *,
    folds: int,
    seed: int,
) -> Fidelity:
    """Return how well a surrogate imitates scores of samples that it has not seen.

    R² = 1 − Σ‖y − ŷ‖² / Σ‖y − ȳ‖² over all samples, each predicted by the surrogate fitted without its fold. The folds are the seed's
    alone. The standard error is that of a ratio of means, by the delta method.

    Args:
        fit: of features [n, F] and scores [n, K], returns what predicts scores of features.
        values: [N, F].
        scores: [N, K]; where they are not finite, or all the same, the fidelity is NaN.
        folds: at least 2.
        seed: of the folds.
    """
    samples = len(values)
    if samples < max(folds, 3) or not np.isfinite(scores).all():
        return Fidelity(np.nan, np.nan)
    predicted = np.empty_like(scores)
    for held_out in np.array_split(np.random.default_rng(seed).permutation(samples), folds):
        kept = np.setdiff1d(np.arange(samples), held_out)
        predicted[held_out] = fit(values[kept], scores[kept])(values[held_out])
    missed = ((scores - predicted) ** 2).sum(axis=1)
    spread = ((scores - scores.mean(axis=0)) ** 2).sum(axis=1)
    if not spread.mean() > 0:
        return Fidelity(np.nan, np.nan)
    value = 1 - missed.mean() / spread.mean()
    influence = ((1 - value) * spread - missed) / spread.mean()
    return Fidelity(float(value), float(influence.std(ddof=1) / np.sqrt(samples)))
