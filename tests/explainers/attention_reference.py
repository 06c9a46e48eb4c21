"""Slow twins of attention: weights, entropy and rollout, float64, a query and a head at a time, from the layer's variables."""

from __future__ import annotations

import numpy as np


def softmax(scores, allowed):
    """Over the allowed keys; all 0 where there are none."""
    weights = np.zeros(len(scores))
    if any(allowed):
        largest = max(s for s, a in zip(scores, allowed, strict=True) if a)
        for k, (score, a) in enumerate(zip(scores, allowed, strict=True)):
            weights[k] = np.exp(score - largest) if a else 0
        weights /= weights.sum()
    return weights


def of_heads(layer, query, key, allowed):
    """[heads, Q, K] of one sample: softmax over keys of (query Wq + bq) · (key Wk + bk) / √d, of as many key heads as there are."""
    (wq, bq), (wk, bk) = ([np.asarray(w, np.float64) for w in d.get_weights()] for d in (layer._query_dense, layer._key_dense))
    heads, size = bq.shape
    group = heads // len(bk)
    weights = np.zeros((heads, len(query), len(key)))
    for h in range(heads):
        for q, x in enumerate(query):
            asked = x @ wq[:, h] + bq[h]
            told = [y @ wk[:, h // group] + bk[h // group] for y in key]
            weights[h, q] = softmax([asked @ t / np.sqrt(size) for t in told], allowed[q])
    return weights


def entropy(weights, allowed):
    """[heads]: mean over samples and those queries that have a choice of −Σ p log p / log n.

    ``weights`` [N, H, Q, K], ``allowed`` [N, Q, K].
    """
    found = []
    for head in range(weights.shape[1]):
        figures = []
        for sample, may in zip(weights[:, head], allowed, strict=True):
            for p, a in zip(sample, may, strict=True):
                if a.sum() > 1:
                    figures.append(-sum(v * np.log(v) for v in p if v > 0) / np.log(a.sum()))
        found.append(np.mean(figures))
    return np.array(found)


def rollout(layers):
    """[Q, K] of one sample's layers [H, T, T], the first one called first."""
    total = np.eye(layers[0].shape[-1])
    for weights in layers:
        mixed = 0.5 * np.mean(weights, axis=0) + 0.5 * np.eye(weights.shape[-1])
        total = (mixed / mixed.sum(axis=1, keepdims=True)) @ total
    return total


def pooled(weights, queries, keys):
    """[Q′, K′]: mean over the queries of a block of the sum over the keys of a block; blocks are lists of indices."""
    return np.array([[np.mean([sum(weights[q, k] for k in to) for q in of]) for to in keys] for of in queries])
