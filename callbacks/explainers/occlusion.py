"""Occlusion: what the score loses when one player is taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin.callbacks.explainers.coalitions import Coalitions

if TYPE_CHECKING:
    import keras

    from tb_explain_plugin.callbacks.explainers.attribution import Attribution
    from tb_explain_plugin.callbacks.explainers.engine import Scorer


def occlusion(
    model: keras.Model | Scorer,
    inputs: Any,
    targets: Any = None,
    *,
    baseline: Any = "mean",
    players: Any = None,
    score: Any = "log_odds",
    batch_size: int | None = None,
) -> Attribution:
    """Occlusion: F(x) − F(x without the player), of each player by itself.

    Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2014, section 4.2; for columns and words it is known as
    leave-one-out. The values add up to nothing in particular: of two players that do the same, each can be spared, and both get 0. A
    player's value is shared equally among its elements. It costs P + 2 forward passes.

    Args:
        model: a built Keras model, or a `Scorer` made for it (then ``score`` and ``batch_size`` are the scorer's).
        inputs: N samples as the model takes them: an array, or a list or dict of arrays.
        targets: the class or label explained: int [N], one int, one-hot [N, C], or a dict or list like the outputs. None: regression.
        baseline: what an absent player is replaced by, where the inputs become floating; as in `integrated_gradients`, so that tokens
            become the padding.
        players: what is taken away as one; of an input, or by input name. Numbers of equal blocks along the leading axes, as ``(8, 8)``;
            an integer array that labels the elements, one for all samples or [N, …] (superpixels); or a list of groups of a table's
            columns. Defaults to None: one a column, sequence step or token, images in at most 8 × 8 blocks.
        score: ``"log_odds"``, ``"centered_logit"``, ``"logit"``, ``"probability"`` or a callable ``(outputs, targets) -> [N]``.
        batch_size: rows of a batch; by default as many as memory allows.

    Returns:
        An `Attribution` in units of the score; ``baseline_score`` is the score without any player.

    Raises:
        ValueError: a baseline, players, inputs or targets that do not fit; a scorer at a layer.

    Example:
        >>> attribution = occlusion(model, x_val[:64], y_val[:64], players=(7, 7))
    """
    game = Coalitions(model, inputs, targets, baseline=baseline, players=players, score=score, batch_size=batch_size)
    all_and_none = np.stack([np.ones(game.players.count, bool), np.zeros(game.players.count, bool)])
    scores = game.scores(np.concatenate([all_and_none, ~np.eye(game.players.count, dtype=bool)]))
    with np.errstate(invalid="ignore", over="ignore"):  # scores of a diverged model
        drops = scores[:, :1] - scores[:, 2:]
    return game.attribution(drops, scores[:, 0], scores[:, 1], sums=False)
