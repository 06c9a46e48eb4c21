"""What coalitions of players score: the one evaluator of all methods that perturb.

A method is the coalitions it asks about and what it makes of their scores.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf
from keras import tree

from tb_explain_plugin.callbacks.explainers.attribution import Attribution, completeness_error
from tb_explain_plugin.callbacks.explainers.baselines import background_entries, resolve_baseline
from tb_explain_plugin.callbacks.explainers.batches import in_turns
from tb_explain_plugin.callbacks.explainers.engine import as_scorer
from tb_explain_plugin.callbacks.explainers.players import Players
from tb_explain_plugin.callbacks.explainers.structure import sum_to_elements

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import keras
    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer


_MOST_TURNS = 16
"""Turns that one call takes: more cost no less, and masks are as many."""


class Coalitions:
    """The scores of samples of which only some players are present.

    Present players keep the sample's values where the inputs become floating; absent ones take the baseline's, or, in turn, those of each
    sample of a background, over which the score is averaged. Samples and coalitions meet inside the traced function, in batches that
    memory bounds: their product is never held.

    Args:
        model: a built Keras model, or a `Scorer` made for it.
        inputs: N samples as the model takes them.
        targets: the class or label explained.
        baseline: of absent players, as in `integrated_gradients`.
        background: B samples structured as the inputs, in place of a baseline. Defaults to None.
        players: as `Players.of` takes them.
        score: as in `Scorer`.
        batch_size: rows of a batch; by default as many as memory allows.

    Attributes:
        scorer: of the model.
        players: `Players`.
        samples: N.

    Raises:
        ValueError: players, baseline, background, inputs or targets that do not fit; a scorer at a layer.
    """

    def __init__(
        self,
        model: keras.Model | Scorer,
        inputs: Any,
        targets: Any,
        *,
        baseline: Any = "mean",
        background: Any = None,
        players: Any = None,
        score: Any = "log_odds",
        batch_size: int | None = None,
    ) -> None:
        self.scorer = scorer = as_scorer(model, inputs, targets, score, batch_size)
        if scorer.layer is not None:
            raise ValueError(f"the scorer starts at the layer {scorer.layer!r}; players are of the inputs: pass the model's own scorer")
        self._end = scorer.entry_values(inputs)
        self.samples = len(self._end[0])
        self._targets = scorer.readout.resolve_targets(targets, self.samples)
        self._flat = scorer.network.flatten(inputs)
        self.players = Players.of(scorer, self._end, players)
        self._has_background = background is not None
        if self._has_background:
            self._start = background_entries(scorer, background, inputs)
        else:
            self._start = resolve_baseline(scorer, inputs, self._end, baseline)
        self._labels = [self.players.labels_at(k, end.shape[1:]).reshape(-1, math.prod(end.shape[1:])) for k, end in enumerate(self._end)]

    def scores(self, present: NDArray[Any]) -> NDArray[Any]:
        """Return the score of each sample with each coalition, float32 [N, M].

        Args:
            present: which players are, bool [M, P], or [N, M, P] where each sample is asked about coalitions of its own.
        """
        present = np.asarray(present, bool)
        is_shared = present.ndim == 2 and self.players.are_shared
        masks = present[None] if present.ndim == 2 else present
        masks = np.pad(masks, ((0, 0), (0, 0), (0, 1)), constant_values=True)  # what is nobody's is always there
        count, width = masks.shape[1], len(self._start[0]) if self._has_background else 1
        total = np.zeros((self.samples, count))
        for plays in self._turns(count * width):
            absent = [values[None, plays % width] for values in self._start] if self._has_background else self._start
            scores = self._ask(masks[:, plays // width], absent, is_shared=is_shared)
            coalition = plays.ravel() // width
            last = 1 + int(np.argmax(plays))  # what fills up the last group is no play
            first_of = np.flatnonzero(np.diff(coalition[:last], prepend=-1))
            with np.errstate(invalid="ignore", over="ignore"):  # scores of a diverged model
                total[:, coalition[first_of]] += np.add.reduceat(scores[:, :last], first_of, axis=1, dtype=np.float64)
        return (total / width).astype(np.float32)

    def differing(self) -> NDArray[Any]:
        """Return which players differ from what they are replaced by, bool [N, P]: the presence of the others moves nothing."""
        ends = [self._start] if not self._has_background else [[v.min(axis=0) for v in self._start], [v.max(axis=0) for v in self._start]]
        with np.errstate(invalid="ignore", over="ignore"):
            away = [sum(np.abs(x - start[k]) for start in ends) for k, x in enumerate(self._end)]
            elements = [sum_to_elements(d, own.shape[1:]) for d, own in zip(away, self.players.labels, strict=True)]
            different: NDArray[Any] = self.players.sums(elements) != 0
        return different

    def attribution(self, values: NDArray[Any], score: NDArray[Any], baseline_score: NDArray[Any], *, sums: bool) -> Attribution:
        """Return what players are worth, [N, P], as the attribution of their elements.

        Args:
            values: of the players.
            score: [N] with all players.
            baseline_score: [N] without any.
            sums: whether the values promise to add up to the difference of both.
        """
        shares = self.players.shares(values)
        return Attribution(
            values=tree.pack_sequence_as(self.scorer.network.structure, shares),
            score=score,
            baseline_score=baseline_score,
            completeness_error=completeness_error(shares, score, baseline_score) if sums else None,
        )

    def _turns(self, plays: int) -> Iterator[NDArray[Any]]:
        """Yield the numbers of the plays of some turns, int [T, K]: all of one shape, and so of one trace; the last play again at the end.

        A batch is about as many samples as plays: either are then few to hand over, and their product is made where it is used. Several
        turns are asked for at once, where what they need is no more than masks.
        """
        rows = self.scorer.batch_size
        turns = -(-plays // max(rows // self.samples, math.isqrt(rows)))
        times = -(-turns // (1 if self._has_background else _MOST_TURNS))
        turns = -(-turns // times)
        size = -(-plays // (times * turns))
        for first in range(0, plays, turns * size):
            yield np.minimum(np.arange(first, first + turns * size), plays - 1).reshape(turns, size)

    def _ask(self, masks: NDArray[Any], absent: Sequence[NDArray[Any]], *, is_shared: bool) -> NDArray[Any]:
        """Return the scores [N, T · K] of T turns of K plays, one turn after the other, so that memory holds one.

        Args:
            masks: [1 or N, T, K, P + 1].
            absent: what absent players take, [1, T, K, …] a play or [N, …] a sample.
            is_shared: whether all samples have the same masks, and the same elements in each player.
        """
        scorer = self.scorer
        parts = {
            "masks": [masks],
            "players": self._labels,
            "absent": absent,
            "present": self._end,
            "inputs": self._flat,
            "targets": [self._targets],
        }
        shared = [*(["masks", "players"] if is_shared else []), *(["absent"] if self._has_background else [])]
        if not is_shared:
            for name in ("masks", "players"):
                parts[name] = [np.broadcast_to(values, (self.samples, *values.shape[1:])) for values in parts[name]]
        order = [*shared, *(name for name in parts if name not in shared)]
        counts = {name: len(values) for name, values in parts.items()}

        def play(*arrays: Any) -> list[Any]:
            remaining = iter(arrays)
            given = {name: [next(remaining) for _ in range(counts[name])] for name in order}
            (present,), (targets,) = given["masks"], given["targets"]
            samples, (turns, plays) = targets.shape[0], present.shape[1:3]
            repeated = [tf.repeat(x, plays, axis=0) for x in given["inputs"]]
            labels = tf.repeat(targets, plays, axis=0)

            def turn(k: Any) -> Any:
                mixed = []
                for player, x0, x1 in zip(given["players"], given["absent"], given["present"], strict=True):
                    here = tf.gather(present[:, k], player, axis=2, batch_dims=1)
                    away = tf.reshape(x0[:, k], [1, plays, -1]) if "absent" in shared else tf.reshape(x0, [samples, 1, -1])
                    both = tf.where(here, tf.reshape(x1, [samples, 1, -1]), away)  # over three axes, which is fast
                    mixed.append(tf.reshape(both, [samples * plays, *x1.shape[1:]]))
                outputs = scorer.network.forward(repeated, mixed, at=scorer.entries)
                return tf.reshape(scorer.readout.score_of(outputs, labels), [samples, plays])

            found = in_turns(turn, tf.range(turns))
            return [tf.reshape(tf.transpose(found, [1, 0, 2]), [samples, turns * plays])]

        handed = [[values for name in order if (name in shared) == is_one for values in parts[name]] for is_one in (True, False)]
        return scorer.ask(f"coalitions:{shared}", play, handed[1], shared=handed[0], copies=masks.shape[2])[0]
