"""Attention maps: how much each head of a model's attention layers lets each position look at each other one."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from tb_explain_plugin.callbacks.explainers.attention import attended
from tb_explain_plugin.callbacks.explainers.attention_layout import attention_layout, choose_attention
from tb_explain_plugin.callbacks.explainers.engine import as_looker
from tb_explain_plugin.callbacks.explainers.feature_maps import chosen_samples

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import keras
    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.attention import Attended
    from tb_explain_plugin.callbacks.explainers.engine import Scorer
    from tb_explain_plugin.callbacks.explainers.positions import Positions


@dataclasses.dataclass
class LayerAttention:
    """What one layer's heads look at.

    Attributes:
        weights: [S, heads, queries, keys] float32: rows sum to 1; those of queries that are masked are as the layer makes them (Keras: 0).
            Where positions are pooled, summed over keys and averaged over queries.
        entropy: [heads] float32: that of a query's weights over that of even ones, mean over all inputs and queries; 0 (all on one key) to
            1 (even). Queries that are masked, or have one key to look at, are left out; NaN where all are.
        queries: what the queries are.
        keys: what the keys are.
    """

    weights: NDArray[Any]
    entropy: NDArray[Any]
    queries: Positions
    keys: Positions


@dataclasses.dataclass
class AttentionMaps:
    """What a model's attention layers look at.

    Attributes:
        layers: by name, in the order in which they are called; a second call of a layer is ``name:1``.
        samples: [S] int32: which inputs the maps are of.
        rollout: [S, queries, keys] float32: attention rolled out over ``rolled``; None where no layer is a self-attention.
        rolled: names of the layers that it is the product of, the first one called first.
        positions: what its queries and keys are; None without it.
    """

    layers: dict[str, LayerAttention]
    samples: NDArray[Any]
    rollout: NDArray[Any] | None
    rolled: list[str]
    positions: Positions | None


def attention_maps(
    model: keras.Model | Scorer,
    inputs: Any,
    *,
    layers: Sequence[str] | None = None,
    samples: Sequence[int] | NDArray[Any] | None = None,
    most: int | None = None,
    kinds: Mapping[str, str] | None = None,
    batch_size: int | None = None,
) -> AttentionMaps:
    """Attention of every head, its entropy, and attention rollout.

    Weights are those that the layer computes, masks and causality respected: softmax(QKᵀ/√d) of `keras.layers.MultiHeadAttention` and
    `GroupQueryAttention` (Vaswani et al., "Attention Is All You Need", 2017, equation 1), likewise of `Attention`, `AdditiveAttention` and
    of any layer whose call takes ``return_attention_scores``; at any depth, called by the model itself (not inside a loop). Attention over
    several axes is taken as over one of their product; positions along axes that are not attended over are averaged.

    Entropy is −Σ p log p / log n of a query's weights p over the n keys that it may look at.

    Rollout: Π (½ A + ½ I), A the mean over heads, over layers that attend to themselves, the later one on the left (Abnar and Zuidema,
    "Quantifying Attention Flow in Transformers", 2020, section 3): the longest line of layers of one length each of which reads the one
    before. It takes the residual connections for half of what flows, and values, MLPs and the heads' own weights for nothing.

    It costs a forward pass over the inputs, and one over ``samples``. Weights say where a layer looked, not why the model decided so.

    Args:
        model: a built Keras model, or a `Scorer` made for it.
        inputs: N samples as the model takes them, over which entropy is averaged.
        layers: names of attention layers. Defaults to None: all.
        samples: which inputs maps are wanted of. Defaults to None: all.
        most: positions a side that are not exceeded: neighbouring keys are summed, queries averaged, patches of images pooled in squares.
            Defaults to None: as many as there are.
        kinds: by input name: ``"text"``, ``"image"``, ``"sequence"`` or ``"tabular"``, where the shape does not tell.
        batch_size: rows of a batch; by default as many as memory allows.

    Returns:
        An `AttentionMaps`.

    Raises:
        ValueError: a model without attention layers, an unknown name, samples that are none, or ``most`` below 2.

    Example:
        >>> maps = attention_maps(model, x_val, samples=range(8))
        >>> maps.layers["attention"].weights.shape, maps.layers["attention"].entropy
    """
    scorer = as_looker(model, inputs, batch_size)
    if most is not None and most < 2:
        raise ValueError(f"most is {most}; expected at least 2 positions a side, or None for all")
    flat = scorer.network.flatten(inputs)
    chosen = chosen_samples(samples, len(flat[0]))
    found = attention_layout(scorer, inputs, kinds or {})
    names = choose_attention(scorer, found, layers)
    pooled = {name: (found.queries[name].pooling(most), found.keys[name].pooling(most)) for name in {*names, *found.line}}

    def look(*tensors: Any) -> list[Any]:
        seen = attended(scorer.network, tensors)
        weights = {name: tf.reduce_mean(tf.cast(seen[name].weights, tf.float32), axis=1) for name in pooled}
        maps = [_pool(weights[name], *(belongs for _, belongs in pooled[name])) for name in names]
        if found.line:
            rolled = _roll([weights[name] for name in found.line])
            maps.append(_pool(rolled, *(belongs for _, belongs in pooled[found.line[-1]])))
        return maps

    def spread(*tensors: Any) -> list[Any]:
        seen = attended(scorer.network, tensors)
        return [figure for name in names for figure in _entropy(seen[name])]

    key = f"{'|'.join(names)}:{most}"
    maps = scorer.ask(f"attention:{key}", look, [v[chosen] for v in flat])
    figures = scorer.ask(f"attention_entropy:{key}", spread, flat)
    with np.errstate(invalid="ignore", divide="ignore"):  # no query to average over, or weights that are NaN
        entropies = [
            (s.sum(axis=0, dtype=np.float64) / n.sum(axis=0, dtype=np.float64)).astype(np.float32)
            for s, n in zip(figures[::2], figures[1::2], strict=True)
        ]
    looked = {
        name: LayerAttention(weights, entropy, pooled[name][0][0], pooled[name][1][0])
        for name, weights, entropy in zip(names, maps[: len(names)], entropies, strict=True)
    }
    if not found.line:
        return AttentionMaps(looked, chosen, None, [], None)
    return AttentionMaps(looked, chosen, maps[-1], list(found.line), pooled[found.line[0]][1][0])


def _pool(weights: Any, queries: NDArray[Any], keys: NDArray[Any]) -> Any:
    """Return weights [B, …, Q, K] with keys summed and queries averaged by membership [Q, Q′] and [K, K′]."""
    if keys.shape[0] != keys.shape[1]:
        weights = tf.matmul(weights, tf.constant(keys))
    if queries.shape[0] != queries.shape[1]:
        weights = tf.matmul(tf.constant((queries / queries.sum(axis=0)).T), weights)
    return weights


def _roll(weights: Sequence[Any]) -> Any:
    """Return the product of ½ A + ½ I, each row divided by its sum, of layers [B, H, T, T] in the order of their calls."""
    total = None
    for one in weights:
        mean = tf.reduce_mean(one, axis=1)
        mixed = 0.5 * mean + 0.5 * tf.eye(mean.shape[-1])
        mixed /= tf.reduce_sum(mixed, axis=-1, keepdims=True)
        total = mixed if total is None else tf.matmul(mixed, total)
    return total


def _entropy(seen: Attended) -> tuple[Any, Any]:
    """Return each sample's sum of the queries' normalized entropies, and the number of these, [B, H] both."""
    p = tf.cast(seen.weights, tf.float32)
    keys = (
        tf.reduce_sum(tf.cast(seen.mask, tf.float32), axis=-1) if seen.mask is not None else tf.fill(tf.shape(p)[:-1], float(p.shape[-1]))
    )
    counted = keys > 1
    entropy = -tf.reduce_sum(tf.where(p > 0, p * tf.math.log(tf.where(p > 0, p, 1.0)), p), axis=-1)
    relative = entropy / tf.math.log(tf.maximum(keys, 2.0))
    return tf.reduce_sum(tf.where(counted, relative, 0.0), axis=[1, 3]), tf.reduce_sum(tf.cast(counted, tf.float32), axis=[1, 3])
