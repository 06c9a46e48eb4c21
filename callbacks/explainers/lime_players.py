"""How everything but tables is perturbed for LIME: players (superpixels, tokens, steps) are hidden, the same ones of all samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from keras import tree

from tb_explain_plugin.callbacks.explainers import superpixels
from tb_explain_plugin.callbacks.explainers.coalitions import Coalitions
from tb_explain_plugin.callbacks.explainers.players import Players

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer


class Hidden:
    """N samples of which some players are hidden in each of D draws.

    Players that a sample does not have, or that equal what they would be hidden by (the padding of a text), are none of its own: its local
    model is not told of them.

    Args:
        scorer: of the model.
        inputs: N samples.
        targets: the class or label explained.
        entries: the values at the inputs' entries.
        players: as in `lime`.
        baseline: as in `lime`.
        draws: D.
        seed: of the draws, and of the superpixels.
    """

    def __init__(
        self,
        scorer: Scorer,
        inputs: Any,
        targets: Any,
        entries: Sequence[NDArray[Any]],
        players: Any,
        baseline: Any,
        draws: int,
        seed: int,
    ) -> None:
        by_name = _with_superpixels(scorer, entries, players, seed)
        own = Players.of(scorer, entries, by_name)
        absent = _usual_baseline(scorer, entries, own) if baseline is None else baseline
        self._coalitions = Coalitions(scorer, inputs, targets, baseline=absent, players=by_name)
        self._present = _draw(scorer, own, draws, seed)
        is_own = self._coalitions.differing()
        self.width = max(1, int(is_own.sum(axis=1).max()))
        """Players of the sample that has most."""
        self._order = np.argsort(~is_own, axis=1, kind="stable")[:, : self.width]
        self._is_own = np.take_along_axis(is_own, self._order, axis=1)

    def scores(self) -> NDArray[Any]:
        """Return the score of each sample at each draw, [N, D]."""
        return self._coalitions.scores(self._present)

    def design(self, rows: slice) -> NDArray[Any]:
        """Return which of their own players some samples have, [n, 1 + D, P], the sample itself first."""
        present = np.pad(self._present, ((1, 0), (0, 0)), constant_values=True)
        own = present[:, self._order[rows]].swapaxes(0, 1) & self._is_own[rows, None]
        return np.asarray(own, np.float64)

    def shaped(self, coefficients: NDArray[Any]) -> Any:
        """Return what each element contributes, by coefficients of the samples' own players [N, P], structured as the inputs."""
        players = self._coalitions.players
        worth = np.zeros((len(coefficients), players.count))
        np.put_along_axis(worth, self._order, np.where(self._is_own, coefficients, 0), axis=1)
        return tree.pack_sequence_as(self._coalitions.scorer.network.structure, players.shares(worth))


def _is_image(entry: Any, values: NDArray[Any]) -> bool:
    height, width = (*values.shape[1:3], 0, 0)[:2]
    return entry.meaning == "values" and (values.ndim == 4 or (values.ndim == 3 and height == width))


def _with_superpixels(scorer: Scorer, entries: Sequence[NDArray[Any]], players: Any, seed: int) -> Any:
    """Return players with the superpixels that are asked for by name, or by nothing, as labels."""
    images = {
        name: values
        for name, entry, values in zip(scorer.network.input_names, scorer.entries, entries, strict=True)
        if _is_image(entry, values)
    }
    usual: dict[str, Any] = {
        name: "slic" if superpixels.are_available() else superpixels.usual_grid(*v.shape[1:3]) for name, v in images.items()
    }
    if isinstance(players, str):
        if not images:
            raise ValueError(f"players are {players!r}, superpixels; the model has no image among its inputs {scorer.network.input_names}")
        chosen = dict.fromkeys(images, players)
    elif players is None or isinstance(players, dict):
        chosen = usual | (players or {})
    else:
        return players
    found = {}
    for name, choice in chosen.items():
        if isinstance(choice, str):
            if name not in images:
                raise ValueError(
                    f"players of input {name!r} are {choice!r}, superpixels; expected that of images, which are {list(images)}"
                )
            found[name] = superpixels.segment(scorer, images[name], choice, seed)
        else:
            found[name] = choice
    return found or None


def _usual_baseline(scorer: Scorer, entries: Sequence[NDArray[Any]], players: Players) -> dict[str, Any]:
    """Return what hides players: an image's superpixels the mean of their colours, others as ``"mean"`` does."""
    hidden: dict[str, Any] = {}
    for k, (name, entry, values) in enumerate(zip(scorer.network.input_names, scorer.entries, entries, strict=True)):
        hidden[name] = "mean"
        if _is_image(entry, values):
            with_channels = values[..., None] if values.ndim == 3 else values
            labels = players.labels_at(k, values.shape[1:]).reshape(-1, *with_channels.shape[1:])
            hidden[name] = superpixels.mean_colours(with_channels, labels).reshape(values.shape)
    return hidden


def _draw(scorer: Scorer, players: Players, draws: int, seed: int) -> NDArray[Any]:
    """Return which players are there, bool [D, P], each input's by a generator of its own.

    Of tokens and counted words a share u is there, u uniform: of any m of them, 0, 1, … or m are hidden with equal probability. It is
    stratified, one u in each of D equal parts. All others are there by halves.
    """
    present = np.empty((draws, players.count), bool)
    for k, (entry, labels) in enumerate(zip(scorer.entries, players.labels, strict=True)):
        own = np.unique(labels[labels < players.count])
        generator = np.random.default_rng([seed, k])
        share = (generator.permutation(draws) + generator.random(draws)) / draws if entry.meaning in ("embedding", "encoding") else 0.5
        present[:, own] = generator.random((draws, len(own))) < np.reshape(share, (-1, 1))
    return present
