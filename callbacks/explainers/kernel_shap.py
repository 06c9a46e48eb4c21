"""Kernel SHAP: Shapley values of any model, by what coalitions of players score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin.callbacks.explainers.coalitions import Coalitions
from tb_explain_plugin.callbacks.explainers.shapley_rules import MOST_EXACT, MOST_SAMPLES, rule_for

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.attribution import Attribution
    from tb_explain_plugin.callbacks.explainers.engine import Scorer


def kernel_shap(
    model: keras.Model | Scorer,
    inputs: Any,
    targets: Any = None,
    *,
    baseline: Any = "mean",
    background: Any = None,
    players: Any = None,
    samples: int = 2048,
    seed: int = 0,
    score: Any = "log_odds",
    batch_size: int | None = None,
) -> Attribution:
    """Kernel SHAP: Shapley values φᵢ of the game v(S) = F(x with the players of S, the others replaced), by a sample of coalitions.

    Lundberg and Lee, "A Unified Approach to Interpreting Model Predictions", 2017. They are exact for up to 12 players, and wherever
    ``samples`` suffices for all coalitions. Else coalitions are drawn with their complements (Covert and Lee, "Improving KernelSHAP",
    2021) by leverage scores and without replacement (Musco and Witter, 2025), the most telling of these are asked about, and what the
    weighted linear fit of KernelSHAP would leave is interpolated, too (`shapley_rules.paired`). No player is left out of the fit, and
    values add up to F(x) − F(x′) exactly. Players that equal what they are replaced by have the value 0. The coalitions are the same
    for the same seed, whatever the weights.

    A player's value is shared equally among its elements. Absent players are replaced without a look at those present: of correlated
    columns the model is asked about rows that do not occur.

    Args:
        model: a built Keras model, or a `Scorer` made for it (then ``score`` and ``batch_size`` are the scorer's).
        inputs: N samples as the model takes them: an array, or a list or dict of arrays.
        targets: the class or label explained: int [N], one int, one-hot [N, C], or a dict or list like the outputs. None: regression.
        baseline: what absent players are replaced by, where the inputs become floating; as in `integrated_gradients`, so that tokens
            become the padding.
        background: B samples structured as the inputs, in place of the baseline: absent players take the values of each in turn, and the
            score is the mean, at B times the cost. Defaults to None.
        players: what is present or absent as one; as in `occlusion`. Defaults to None: one a column, sequence step or token, images in at
            most 8 × 8 blocks.
        samples: coalitions asked about beside that of all players and that of none, where more than 12 play: at least twice as many as
            players, at most 16384.
        seed: of the coalitions.
        score: ``"log_odds"``, ``"centered_logit"``, ``"logit"``, ``"probability"`` or a callable ``(outputs, targets) -> [N]``.
        batch_size: rows of a batch; by default as many as memory allows.

    Returns:
        An `Attribution` in units of the score; ``baseline_score`` is the score without any player, of a background the mean.

    Raises:
        ValueError: samples, players, a baseline or background, inputs or targets that do not fit; a scorer at a layer.

    Example:
        >>> attribution = kernel_shap(model, x_val[:64], y_val[:64], background=x[:20], players=[[0, 1, 2], [3, 4]])
    """
    check_options(samples=samples)
    game = Coalitions(model, inputs, targets, baseline=baseline, background=background, players=players, score=score, batch_size=batch_size)
    differing = game.differing()
    plays: NDArray[Any] = np.asarray(differing.any(axis=0))  # the others would but thin out the coalitions
    if not plays.any():
        plays[:1] = True
    count = int(plays.sum())
    if count > MOST_EXACT and samples < 2 * count:
        raise ValueError(
            f"samples is {samples} for {count} players; expected at least twice as many as players: pass samples={2 * count} or more, or "
            "fewer players"
        )
    rule = rule_for(count, samples, seed)
    present = np.ones((len(rule.present), game.players.count), bool)
    present[:, plays] = rule.present
    scores = game.scores(present)
    values = np.zeros((game.samples, game.players.count))
    with np.errstate(invalid="ignore", over="ignore"):  # scores of a diverged model
        values[:, plays] = scores.astype(np.float64) @ rule.weights
    return game.attribution(_without_idle(values, differing), scores[:, 0], scores[:, 1], sums=True)


def check_options(*, samples: int, **_: Any) -> None:
    """Check what can be wrong whatever the model.

    Raises:
        ValueError: ``samples`` out of range.
    """
    if not 2 <= samples <= MOST_SAMPLES:
        raise ValueError(f"samples is {samples}; expected 2 to {MOST_SAMPLES} coalitions")


def _without_idle(values: NDArray[Any], differing: NDArray[Any]) -> NDArray[Any]:
    """Return values [N, P] of 0 for players that change nothing, what was estimated for them dealt out to the others of their sample."""
    with np.errstate(invalid="ignore", over="ignore"):
        spare = np.where(differing, 0, values).sum(axis=1, keepdims=True)
        return np.where(differing, values + spare / np.maximum(differing.sum(axis=1, keepdims=True), 1), 0)
