"""Permutation importance: how much worse the model does when one feature's values are dealt out anew among the samples."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin.callbacks.explainers import dealing
from tb_explain_plugin.callbacks.explainers.clusters import Cluster, find_clusters
from tb_explain_plugin.callbacks.explainers.engine import Scorer
from tb_explain_plugin.callbacks.explainers.regions import grid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import keras
    from numpy.typing import NDArray

IMAGE_GRID = 4
"""Regions of an image that are permuted as a whole, a side."""

_NONE = np.array(-1, np.int32)
"""The part of an input that is left as it is."""


@dataclasses.dataclass
class Importance:
    """How much each feature matters over all samples.

    Attributes:
        mean: by input, [F]: mean over samples and repeats of the metric's increase. Around 0 for a feature the model does not use.
        standard_error: by input, [F]: of that mean, over repeats; with one repeat, over samples (NaN with one sample).
        regions: by input, the shape that F unrolls: [F], [rows, columns] or [T].
        clusters: by input, what its F features are made of where they are clusters of columns; no others.
    """

    mean: dict[str, NDArray[Any]]
    standard_error: dict[str, NDArray[Any]]
    regions: dict[str, tuple[int, ...]]
    clusters: dict[str, list[Cluster]] = dataclasses.field(default_factory=dict)


def permutation_importance(
    model: keras.Model | Scorer,
    inputs: Any,
    targets: Any,
    *,
    repeats: int = 5,
    seed: int = 0,
    metric: str | Callable[[Any], NDArray[Any]] = "loss",
    regions: Mapping[str, Sequence[int]] | None = None,
    clusters: Any = None,
    feature_names: Any = None,
    sample_weight: NDArray[Any] | None = None,
) -> Importance:
    """Permutation importance of each feature, by the model's loss.

    Breiman, "Random Forests", 2001, section 10; Fisher, Rudin and Dominici, "All Models are Wrong, but Many are Useful", 2019, by the
    difference. By loss it ranks features far more steadily than by accuracy. Correlated features share the credit: permuting one of
    them alone costs little, because the others still tell. ``clusters`` permutes them together.

    It costs a forward pass of all samples for each feature and repeat, and one more; small models have several in a batch.

    Args:
        model: a compiled Keras model, or a `Scorer` made for it.
        inputs: N samples as the model takes them.
        targets: as for ``fit``.
        repeats: permutations a feature.
        seed: of the permutations, which are the same for every feature, model and epoch: what moves is the model.
        metric: ``"loss"``, the compiled one, or a callable ``inputs -> [N]``, larger being worse.
        regions: by input name, into how many blocks along each axis its elements are permuted together. Defaults to one a column or
            position, and 4 × 4 for images (inputs of rank 3 and 4).
        clusters: columns of tables that are permuted together, in place of single ones: ``"correlated"`` finds them (mean |Spearman's ρ|
            of 0.7 and more, see `find_clusters`), a mapping of names to features says them, features it does not name staying alone; or
            what `find_clusters` has found. Inputs that are no tables are then left out. Defaults to None.
        feature_names: names of a table's columns, or by input; what ``clusters`` are said in and called by.
        sample_weight: [N], of the mean.

    Returns:
        An `Importance`, in units of the metric.

    Raises:
        ValueError: a model without a compiled loss, fewer than one repeat, or regions or clusters that do not fit.

    Example:
        >>> importance = permutation_importance(model, x_val, y_val)
        >>> importance.mean["input"].argsort()[::-1][:5]
        >>> together = permutation_importance(model, x_val, y_val, clusters="correlated", feature_names=names)
        >>> [cluster.name for cluster in together.clusters["input"]]
    """
    if repeats < 1:
        raise ValueError(f"repeats is {repeats}; expected at least 1")
    scorer = model if isinstance(model, Scorer) else Scorer(model, inputs, targets)
    flat = scorer.network.flatten(inputs)
    samples = len(flat[0])
    weight = np.ones(samples) if sample_weight is None else np.asarray(sample_weight, np.float64)
    names = scorer.network.input_names
    found = {} if clusters is None else _clusters(clusters, names, flat, feature_names)
    parts = {name: _parts(name, values, found, regions or {}) for name, values in zip(names, flat, strict=True) if name in (found or names)}
    ends = dict(zip(parts, np.cumsum([part.count for part in parts.values()]).tolist(), strict=True))
    labels = [parts[name].labels + np.int32(ends[name] - parts[name].count) if name in parts else _NONE for name in names]
    features = max(ends.values())
    orders = frozen_permutations(samples, repeats, seed)
    if callable(metric):
        before, dealt = metric(inputs), dealing.figures(scorer, metric, inputs, labels, orders)
    else:
        before, dealt = scorer.losses_of(inputs, targets), dealing.losses(scorer, inputs, targets, labels, orders)
    mean, error = _summarise(dealt, np.asarray(before, np.float64), weight / weight.sum(), (repeats, features))
    result = Importance({}, {}, {}, found)
    for name, part in parts.items():
        own = slice(ends[name] - part.count, ends[name])
        result.mean[name], result.standard_error[name], result.regions[name] = mean[own], error[own], part.shape
    return result


def check_options(*, repeats: int, clusters: Any, **settled: Any) -> None:
    """Check what `Explain` is given of `permutation_importance`, whatever the model.

    Raises:
        ValueError: fewer than one repeat, or what the run settles: ``settled`` are not what they are by default.
        TypeError: clusters that are neither ``"correlated"`` nor a mapping.
    """
    if repeats < 1:
        raise ValueError(f"repeats is {repeats}; expected at least 1")
    if clusters is not None and clusters != "correlated" and not isinstance(clusters, dict):
        raise TypeError(f"clusters is {clusters!r}; expected 'correlated', or a mapping of names to features")
    given = sorted(name for name, value in settled.items() if name != "seed" and value is not None and (name, value) != ("metric", "loss"))
    if given:
        raise ValueError(f"the options {given} of permutation_importance are the run's: expected repeats, seed and clusters")


def frozen_permutations(samples: int, repeats: int, seed: int) -> NDArray[Any]:
    """Return ``repeats`` permutations of the samples, int [repeats, samples], from a generator of their own."""
    generator = np.random.default_rng(seed)
    return np.stack([generator.permutation(samples) for _ in range(repeats)])


def default_regions(values: NDArray[Any]) -> tuple[int, ...]:
    """Return one region a column or position, 4 × 4 for images."""
    return grid(values.shape[1:3], IMAGE_GRID) if values.ndim == 4 else (tuple(values.shape[1:2]) or (1,))


def _parts(
    name: str, values: NDArray[Any], clusters: Mapping[str, Sequence[Cluster]], regions: Mapping[str, Sequence[int]]
) -> dealing.Parts:
    """Return what of an input is permuted as a whole."""
    if clusters:
        return dealing.Parts.of_clusters(clusters[name])
    return dealing.Parts.of_blocks(name, values.shape[1:], tuple(regions.get(name, default_regions(values))))


def _clusters(how: Any, names: Sequence[str], flat: Sequence[NDArray[Any]], feature_names: Any) -> dict[str, list[Cluster]]:
    """Return clusters by input: as they were found before, or as they are found now."""
    if isinstance(how, dict) and how and all(isinstance(v, list) and v and isinstance(v[0], Cluster) for v in how.values()):
        return how
    called = feature_names if isinstance(feature_names, dict) else dict.fromkeys(names if len(names) == 1 else [], feature_names)
    columns = {name: list(given) for name, given in called.items() if given is not None}
    return find_clusters(how, dict(zip(names, flat, strict=True)), columns)


def _summarise(
    dealt: Iterator[dealing.Dealt], before: NDArray[Any], share: NDArray[Any], shape: tuple[int, int]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return mean and standard error [F] of the increases, from what the samples were before and each one's weight; shape: [repeats, F]."""
    increase, squared = np.empty(shape), np.empty(shape)
    with np.errstate(invalid="ignore", over="ignore"):  # a diverged model's
        for repeat, after in dealt:
            by_sample = after - before[:, None, None]
            some = slice(repeat, repeat + after.shape[1])
            increase[some] = np.einsum("n,nrf->rf", share, by_sample)
            if shape[0] == 1:
                squared[some] = np.einsum("n,nrf->rf", share**2, (by_sample - increase[some]) ** 2)
        repeats, samples = shape[0], len(share)
        if repeats > 1:
            return increase.mean(axis=0), increase.std(axis=0, ddof=1) / np.sqrt(repeats)
        error = np.sqrt(squared[0] * samples / (samples - 1)) if samples > 1 else np.full(shape[1], np.nan)
    return increase[0], error
