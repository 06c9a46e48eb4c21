"""Deletion gap: does the score fall faster when what was attributed most is taken away first, than by a random order?"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import tree

from tb_explain_plugin.callbacks.explainers.baselines import resolve_baseline
from tb_explain_plugin.callbacks.explainers.engine import as_scorer
from tb_explain_plugin.callbacks.explainers.gradients import integrated_gradients
from tb_explain_plugin.callbacks.explainers.regions import MOST_CELLS, block_sum, grid
from tb_explain_plugin.callbacks.explainers.structure import sum_to_elements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import keras
    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.attribution import Attribution
    from tb_explain_plugin.callbacks.explainers.engine import Scorer


@dataclasses.dataclass
class DeletionGap:
    """How much lower the score lies when cells are deleted by an attribution's order, than by a random one.

    Attributes:
        mean: over samples, as a part of mean |F(x) − F(x′)|. 0: no better than chance; above 0: faithful; below: worse than chance. It
            has no bound where parts of a score cancel, and stays below 1 where none do. NaN where nothing is to be lost.
        standard_error: of the mean over samples, their random orders among it; NaN for a single sample.
        per_sample: [N], as a part of the same mean; NaN for samples with fewer than two cells to delete, which have no order.
        attribution_curve: [stages + 1] mean score over samples after each stage of deletion by attribution, from F(x) to F(x′).
        random_curve: likewise by the random order.
    """

    mean: float
    standard_error: float
    per_sample: NDArray[Any]
    attribution_curve: NDArray[Any]
    random_curve: NDArray[Any]


def deletion_gap(
    model: keras.Model | Scorer,
    inputs: Any,
    targets: Any = None,
    attribution: Attribution | None = None,
    *,
    baseline: Any = "mean",
    signed: bool = True,
    stages: int = 10,
    seed: int = 0,
    cells: Mapping[str, Sequence[int]] | None = None,
    score: Any = "log_odds",
    batch_size: int | None = None,
) -> DeletionGap:
    """Faithfulness by deletion, against a random order.

    Cells of each sample are replaced by the baseline, a tenth at each stage: once in the order of their attribution, the largest first,
    once in a random order. Of M = mean |F(x) − F(x′)| the gap of a sample is mean_k(F_random,k − F_attribution,k) / M, over the stages
    k = 1 … S: the area between both curves. Samek et al., "Evaluating the Visualization of What a Deep Neural Network Has Learned",
    2017, section III; the deletion curve is that of Petsiuk, Das and Saenko, "RISE", 2018. Scores grow while a model gets sure: in parts
    of M epochs and models can be compared. Samples are divided by the mean, not each by its own, which may be 0.

    All inputs' cells are in one order, by what each adds to the score. Cells that equal the baseline cannot be deleted and are in
    neither order, else any method that gives them 0 would beat chance. Ties are ordered as in the random order. The random orders are of
    the seed alone: what moves from epoch to epoch is the model. It costs 2 · stages forward passes.

    Args:
        model: a built Keras model, or a `Scorer` made for it (then ``score`` and ``batch_size`` are the scorer's).
        inputs: N samples as the model takes them: an array, or a list or dict of arrays.
        targets: the class or label explained: int [N], one int, one-hot [N, C], or a dict or list like the outputs. None: regression.
        attribution: of these samples to the inputs. Defaults to None: integrated gradients from the same baseline.
        baseline: what deleted cells are replaced by, where the inputs become floating; as in `integrated_gradients`, so that tokens become
            the padding.
        signed: whether values above 0 speak for the score and those below against it. False: cells are deleted by magnitude, as for
            sensitivities (saliency, SmoothGrad), which do not tell.
        stages: of deletion, at least 2; fewer where no sample has as many cells to delete.
        seed: of the random orders.
        cells: by input name, how many blocks along each of its leading axes are deleted as one. Defaults to one a column, position or
            pixel with all its channels; images in at most 32 × 32 blocks.
        score: ``"log_odds"``, ``"centered_logit"``, ``"logit"``, ``"probability"`` or a callable ``(outputs, targets) -> [N]``.
        batch_size: rows of a batch; by default as many as memory allows.

    Returns:
        A `DeletionGap`.

    Raises:
        ValueError: stages below 2, an attribution or cells of another shape than the inputs, a scorer at a layer; a baseline, inputs or
            targets that do not fit.
        TypeError: an attribution that is none.

    Example:
        >>> gap = deletion_gap(model, x_val[:64], y_val[:64], lrp(model, x_val[:64], y_val[:64]), baseline="zero")
        >>> gap.mean > 3 * gap.standard_error
    """
    if stages < 2:
        raise ValueError(f"stages is {stages}; expected at least 2: after the last one all is deleted, whatever the order")
    scorer = as_scorer(model, inputs, targets, score, batch_size)
    if scorer.layer is not None:
        raise ValueError(f"the scorer starts at the layer {scorer.layer!r}; cells of the inputs are deleted: pass the model's own scorer")
    if attribution is None:
        attribution = integrated_gradients(scorer, inputs, targets, baseline=baseline)
    end = scorer.entry_values(inputs)
    start = resolve_baseline(scorer, inputs, end, baseline)
    resolved = scorer.readout.resolve_targets(targets, len(end[0]))
    blocks = [_Blocks.of(scorer, k, values, cells or {}) for k, values in enumerate(end)]

    attributed = _checked(scorer, attribution, end, blocks)
    with np.errstate(invalid="ignore", over="ignore"):  # weights may have turned to NaN or infinity, and the gap with them
        strength = np.concatenate([b.sum(v if signed else np.abs(v)) for b, v in zip(blocks, attributed, strict=True)], axis=1)
        distance = [sum_to_elements(np.abs(x - x0), b.elements) for b, x, x0 in zip(blocks, end, start, strict=True)]
        can_go = np.concatenate([b.sum(d) for b, d in zip(blocks, distance, strict=True)], axis=1) != 0
    count = can_go.sum(axis=1)
    stages = min(stages, max(int(count.max()), 1))
    edges = np.cumsum([b.size for b in blocks])[:-1]
    random = np.random.default_rng(seed).random(strength.shape)

    def scores_along(rank: NDArray[Any], last: int) -> list[NDArray[Any]]:
        """Return the scores after each stage of deletion in an order, up to the last one."""
        mixed = [x.copy() for x in end]
        scores, gone = [], np.zeros_like(count)
        for stage in range(1, last + 1):
            until = (2 * stage * count + stages) // (2 * stages)  # cells of each sample, to the nearest whole number
            going = (gone[:, None] <= rank) & (rank < until[:, None])
            parts = np.split(going, edges, axis=1)
            for b, part, values, x0 in zip(blocks, parts, mixed, start, strict=True):
                chosen = b.spread(part)
                values[chosen] = x0[chosen]
            gone = until
            scores.append(scorer.scores(inputs, resolved, mixed))
        return scores

    at_sample = scorer.scores(inputs, resolved, end)
    along = scores_along(_ranks(~can_go, -strength, random), stages)
    by_attribution = np.stack([at_sample, *along]).astype(np.float64)
    by_chance = np.stack([at_sample, *scores_along(_ranks(~can_go, random), stages - 1), along[-1]]).astype(np.float64)
    by_attribution[:, ~np.isfinite(strength).all(axis=1)] = np.nan  # values that are not finite are in no order
    with np.errstate(invalid="ignore", over="ignore"):
        return _summarise(by_attribution, by_chance, count > 1)


@dataclasses.dataclass
class _Blocks:
    """How one input's elements are cut into cells that are deleted as one. ``elements``: the shape of what has one attribution each."""

    cells: tuple[int, ...]
    elements: tuple[int, ...]

    @classmethod
    def of(cls, scorer: Scorer, k: int, entry: NDArray[Any], cells: Mapping[str, Sequence[int]]) -> _Blocks:
        """Return those of an input: as asked for, or as its shape suggests.

        Raises:
            ValueError: cells of an unknown input, or such that do not cover it.
        """
        names = scorer.network.input_names
        unknown = sorted(set(cells) - set(names))
        if unknown:
            raise ValueError(f"cells name inputs {unknown} that the model does not have; its inputs are {names}")
        given = scorer.network.entries[k].elements
        elements = entry.shape[1:] if given is None else given
        chosen = tuple(cells.get(names[k], _usual_cells(elements)))
        lengths = elements[: len(chosen)] or (1,)
        if len(chosen) != len(lengths) or any(c < 1 or c != -(-n // -(-n // c)) for c, n in zip(chosen, lengths, strict=True)):
            raise ValueError(
                f"cells of input {names[k]!r} are {chosen}; its samples have shape {elements}: expected numbers of equal blocks, the last "
                f"of which may be smaller, along its leading axes, as {_usual_cells(elements)}"
            )
        return cls(chosen, elements)

    @property
    def size(self) -> int:
        """Number of cells."""
        return int(np.prod(self.cells))

    def sum(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return values an element [N, *elements] summed by cell, float64 [N, size]."""
        kept = values.reshape(len(values), *(self.elements[: len(self.cells)] or (1,)), -1).sum(axis=-1, dtype=np.float64)
        return block_sum(kept, self.cells).reshape(len(values), -1)

    def spread(self, chosen: NDArray[Any]) -> NDArray[Any]:
        """Return where chosen cells [N, size] lie in the values at the entry: an index of their leading axes, bool."""
        wide = chosen.reshape(len(chosen), *self.cells)
        for axis, (count, length) in enumerate(zip(self.cells, self.elements[: len(self.cells)] or (1,), strict=True), start=1):
            wide = wide.take(np.arange(length) // -(-length // count), axis=axis)
        while wide.ndim > 1 and wide.shape[-1] == 1:  # axes that the entry may have made longer
            wide = wide[..., 0]
        return wide


def _usual_cells(elements: tuple[int, ...]) -> tuple[int, ...]:
    is_image = len(elements) >= 3 or (len(elements) == 2 and elements[0] == elements[1])
    return grid(elements[:2], MOST_CELLS) if is_image else elements[:1] or (1,)


def _checked(scorer: Scorer, attribution: Any, end: list[NDArray[Any]], blocks: list[_Blocks]) -> list[NDArray[Any]]:
    """Return an attribution's values, an array [N, *elements] each input.

    Raises:
        TypeError: no `Attribution`.
        ValueError: values that are not one number an element.
    """
    if not (hasattr(attribution, "values") and hasattr(attribution, "score")):
        raise TypeError(f"attribution is {type(attribution).__name__}; expected an Attribution, what an explainer answers for these inputs")
    values = [np.asarray(v) for v in tree.flatten(attribution.values)]
    expected = [(len(x), *b.elements) for x, b in zip(end, blocks, strict=True)]
    if [v.shape for v in values] != expected:
        raise ValueError(
            f"the attribution has values of shape {[v.shape for v in values]}; expected {expected}, one number an element of the inputs "
            f"{scorer.network.input_names} of these samples (attributions to a layer cannot be deleted)"
        )
    return values


def _ranks(*keys: NDArray[Any]) -> NDArray[Any]:
    """Return each cell's place [N, D] in its sample's order by the first key, then by the next."""
    order = np.lexsort(keys[::-1], axis=-1)
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(order.shape[1])[None], axis=1)
    return rank


def _summarise(by_attribution: NDArray[Any], by_chance: NDArray[Any], ordered: NDArray[Any]) -> DeletionGap:
    """Return the gap between scores [stages + 1, N], over the samples that have an order."""
    gap = (by_chance - by_attribution)[1:].mean(axis=0)
    loss = np.abs(by_chance[0] - by_chance[-1])
    samples = int(ordered.sum())
    total = loss[ordered].mean() if samples else np.nan
    scale = total if total > 0 else np.nan
    mean = gap[ordered].mean() / scale if samples else np.nan
    influence = (gap - mean * loss)[ordered] / scale  # of a ratio of means
    return DeletionGap(
        mean=float(mean),
        standard_error=float(influence.std(ddof=1) / np.sqrt(samples)) if samples > 1 else float("nan"),
        per_sample=np.where(ordered, gap / scale, np.nan),
        attribution_curve=by_attribution[:, ordered].mean(axis=1) if samples else np.full(len(by_chance), np.nan),
        random_curve=by_chance[:, ordered].mean(axis=1) if samples else np.full(len(by_chance), np.nan),
    )
