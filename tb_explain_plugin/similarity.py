"""How much two explanations, two distributions or two layers resemble each other. Arrays in, one number out, in float64."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin.rows import rows

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def sign_flip_mass(current: ArrayLike, reference: ArrayLike) -> float:
    """Return which part of the attribution changed sides, 0 … 1, for signed explanations [N, D].

    ½ (Σ_flipped |a_t| / Σ|a_t| + Σ_flipped |a_r| / Σ|a_r|) over samples and cells; flipped are those that are above 0 in one
    and below 0 in the other. It does not depend on either side's scale. 0 has no sign and does not flip: where one side is
    all zero, nothing did, 0. NaN if something is not finite. Unsigned methods (saliency, Grad-CAM) always have 0.
    """
    moved, whole = np.zeros(2), np.zeros(2)
    for a, b in rows(current, reference):
        flipped = ((a > 0) & (b < 0)) | ((a < 0) & (b > 0))
        sizes = np.abs(a), np.abs(b)
        with np.errstate(invalid="ignore"):
            moved += [(size * flipped).sum() for size in sizes]
        whole += [size.sum() for size in sizes]
    if not np.isfinite(whole).all():
        return float("nan")
    return float(np.mean(moved / whole)) if whole.all() else 0.0


def jensen_shannon(current: ArrayLike, reference: ArrayLike) -> NDArray[Any]:
    """Return the Jensen–Shannon divergence of distributions over the last axis, in bits: 0 … 1.

    H(m) − ½H(p) − ½H(q), m = ½(p + q), H with logarithms of base 2: 0 if both are equal, 1 if nothing has a part in both.
    Arrays [..., D] of shares or of counts (each is divided by its sum) give [...]. NaN where a side is all zero, below 0
    somewhere, or not finite. Source: Lin, "Divergence Measures Based on the Shannon Entropy", 1991.
    """
    p, q = (_distributions(side) for side in (current, reference))
    m = (p + q) / 2
    divergence = (_bits(p, m) + _bits(q, m)) / 2
    return np.asarray(np.clip(divergence, 0, 1))


def linear_cka(current: ArrayLike, reference: ArrayLike) -> float:
    """Return the linear centred kernel alignment of two layers' activations on the same samples, [N, …] and [N, …]; 0 … 1.

    ‖XᵀY‖² / (‖XᵀX‖ ‖YᵀY‖) of columns less their means (Frobenius norms); computed from the Gram matrices [N, N], so wide
    layers cost little. Rotations, scales and shifts of a layer change nothing; layers may differ in width. NaN where a layer
    says the same of all samples (one sample, dead layer), or something is not finite.
    With fewer samples than units it is high for unrelated layers too: compare with `debiased_cka`.
    Source: Kornblith et al., "Similarity of Neural Network Representations Revisited", 2019, section 3.
    """
    grams = [_centred_gram(side) for side in (current, reference)]
    _check_samples(*grams)
    return float(np.clip(_alignment(*grams), 0, 1)) if all(np.isfinite(gram).all() for gram in grams) else float("nan")


def debiased_cka(current: ArrayLike, reference: ArrayLike) -> float:
    """Return linear CKA from unbiased estimates of its three HSIC terms, about 0 for unrelated layers however wide; at most 1.

    A probe of 256 samples is narrower than many layers, where `linear_cka` of two independent ones nears 1. May fall a little below
    0. NaN as there, and with fewer than four samples. Source: Song et al., "Feature Selection via Dependence Maximization", 2012,
    equation 5; Nguyen, Raghu and Kornblith, "Do Wide and Deep Networks Learn the Same Things?", 2021.
    """
    grams = [_centred_gram(side) for side in (current, reference)]
    _check_samples(*grams)
    if len(grams[0]) < 4 or not all(np.isfinite(gram).all() for gram in grams):
        return float("nan")
    return float(np.clip(_alignment(*(_unbiased(gram) for gram in grams)), -1, 1))


def _distributions(values: ArrayLike) -> NDArray[Any]:
    parts = np.asarray(values, np.float64)
    total = parts.sum(-1, keepdims=True)
    known = np.isfinite(total) & (total > 0) & (parts >= 0).all(-1, keepdims=True)
    return np.asarray(np.where(known, parts, np.nan) / np.where(known, total, 1))


def _bits(p: NDArray[Any], m: NDArray[Any]) -> NDArray[Any]:
    """Return Σ p log₂(p/m) over the last axis, 0 log 0 being 0."""
    ratio = np.where(p == 0, 1, p) / np.where(p == 0, 1, m)
    return np.asarray((p * np.log2(ratio)).sum(-1))


def _centred_gram(activations: ArrayLike) -> NDArray[Any]:
    """Return the inner products [N, N] of samples less their mean, divided by the greatest; NaN if all are equal or one is not finite."""
    values = np.asarray(activations)
    rows = values.reshape(len(values), -1).astype(np.float64)
    if not np.isfinite(rows).all() or (rows == rows[:1]).all():
        return np.full((len(rows), len(rows)), np.nan)
    rows = rows / np.abs(rows).max()
    rows -= rows.mean(0)
    gram = rows @ rows.T
    return np.asarray(gram / gram.max())


def _unbiased(gram: NDArray[Any]) -> NDArray[Any]:
    """Return the matrix whose inner products are unbiased HSIC: the diagonal left out, rows and columns centred without it."""
    samples = len(gram)
    off = gram - np.diag(np.diag(gram))
    means = off.sum(0) / (samples - 2)
    centred = off - means[:, None] - means + means.sum() / (samples - 1)
    return np.asarray(centred - np.diag(np.diag(centred)))


def _alignment(k: NDArray[Any], m: NDArray[Any]) -> float:
    lengths = np.linalg.norm(k) * np.linalg.norm(m)
    return float((k * m).sum() / lengths) if lengths > 0 else float("nan")


def _check_samples(k: NDArray[Any], m: NDArray[Any]) -> None:
    if len(k) != len(m):
        raise ValueError(f"the layers saw {len(k)} and {len(m)} samples; pass the activations of the same samples, in the same order")
