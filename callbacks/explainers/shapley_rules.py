"""Shapley values as a weighted sum of scores: which coalitions are asked about, and what each counts for.

Both are of the number of players, of coalitions and of the seed alone: all samples and all epochs share one rule, and what moves is the
model.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_EXACT = 12
"""Players up to which every coalition is asked about."""
MOST_SAMPLES = 2**14
"""Coalitions of a rule: its equations are half as many, and take memory with the square of that, 1 GB at most."""
_LINEAR, _DECAY, _HIGHEST_DEGREE = 1e4, 0.1, 21
"""Variance of all terms of one player together, over that of three; what each odd degree has of the one before; the last to count."""
_ROUNDING = 1e-7
"""Variance of what scores are rounded by, likewise."""
_CHOOSING, _MOST_CHOICE = 2**31, 8
"""Products that choosing coalitions may cost; how many times as many are drawn at most. Of more there is hardly better to choose."""


@dataclasses.dataclass(frozen=True)
class Rule:
    """Shapley values are ``scores @ weights``.

    Attributes:
        present: bool [M, P], the coalitions: the first has all players, the second none.
        weights: [M, P].
    """

    present: NDArray[Any]
    weights: NDArray[Any]


@functools.lru_cache(maxsize=8)
def rule_for(players: int, samples: int, seed: int) -> Rule:
    """Return the rule of so many players, by at most ``samples`` coalitions beside that of all and that of none where it is not exact."""
    return exact(players) if players <= MOST_EXACT or 2**players - 2 <= samples else paired(players, samples, seed)


def exact(players: int) -> Rule:
    """Return the rule that asks about every coalition: φᵢ = Σ_S |S|! (P − |S| − 1)! / P! (v(S ∪ i) − v(S))."""
    codes = np.arange(2**players)[::-1]
    codes[1:] = np.roll(codes[1:], 1)  # the empty one comes second
    present = (codes[:, None] >> np.arange(players) & 1).astype(bool)
    size = present.sum(axis=1, keepdims=True)
    share = np.array([1 / (players * math.comb(players - 1, k)) for k in range(players)])
    joined, left = share[np.maximum(size - 1, 0)], -share[np.minimum(size, players - 1)]
    return Rule(present, np.where(present, joined, left))


def paired(players: int, samples: int, seed: int) -> Rule:
    """Return the rule that asks about chosen coalitions and their complements, and interpolates the rest.

    Shapley values depend on the odd part of a game alone, g(S) = ½ (v(S) − v(Sᶜ)), which is why complements are asked about together
    (Fumagalli et al., "An Odd Estimator for Shapley Values", 2026). Of ∏_{i∈T} sᵢ, with sᵢ = 1 for those present and −1 for the absent,
    each of an odd number |T| of players has the Shapley value 2 / |T|. KernelSHAP fits the terms of one player alone. Here g is a
    Gaussian process whose terms of each degree share a variance: what one player does is all but free, and each further degree has a
    tenth of that two below, as networks were seen to have. The Shapley values of its posterior mean are linear in the scores asked for.
    They add up to v(all) − v(none), which is one of these; games of players that interact in twos at most have their exact values.

    Coalitions are drawn by leverage scores, several times as many as are asked about, and of these the most telling are chosen.
    """
    pairs = samples // 2
    pool = leverage_sample(players, min(pairs * _choice(pairs), 2 ** (players - 1) - 1), np.random.default_rng(seed))
    signs = np.concatenate([np.ones((1, players)), np.where(pool, 1.0, -1.0)])
    by_distance, with_values = covariances(signs)
    chosen = most_telling(signs, by_distance, with_values, pairs)
    signs, with_values = signs[chosen], with_values[chosen]
    covariance = by_distance[_distances(signs, signs)]
    rounding = np.full(len(signs), _ROUNDING)
    rounding[0] = 0  # additivity is exact
    np.einsum("kk->k", covariance)[:] += rounding
    half = np.linalg.solve(covariance, with_values) / 2
    here = signs > 0
    present = np.concatenate([here[:1], ~here[:1], here[1:], ~here[1:]])
    return Rule(present, np.concatenate([half[:1], -half[:1], half[1:], -half[1:]]))


def _choice(pairs: int) -> int:
    """Return how many times as many pairs are drawn as are asked about: as many as a second serves to choose among."""
    return int(np.clip(_CHOOSING / pairs**3, 1, _MOST_CHOICE))


def _distances(signs: NDArray[Any], others: NDArray[Any]) -> NDArray[Any]:
    """Return in how many players coalitions differ, [K, L]."""
    same = signs.astype(np.float32) @ others.T.astype(np.float32)  # whole numbers in float32, too
    return np.asarray((signs.shape[1] - same) / 2, np.int16)


def covariances(signs: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return what g has in common at coalitions that differ in 0, 1, … players, [P + 1]; and with the Shapley values, [K, P]."""
    players = signs.shape[1]
    absent = (signs < 0).sum(axis=1, keepdims=True) - (signs < 0)  # among the others
    degrees = range(1, min(players, _HIGHEST_DEGREE) + 1, 2)
    variance = {d: _LINEAR if d == 1 else _DECAY ** ((d - 3) // 2) for d in degrees}
    by_distance = np.sum([variance[d] * krawtchouk(players, d) for d in degrees], axis=0)
    return by_distance, np.sum([variance[d] * krawtchouk(players - 1, d - 1) for d in degrees], axis=0)[absent] * signs * 2 / players


def most_telling(signs: NDArray[Any], by_distance: NDArray[Any], with_values: NDArray[Any], pairs: int) -> NDArray[Any]:
    """Return which coalitions to ask about, int [1 + pairs]: the first, then each time the one that leaves the values the least variance.

    Points of Bayesian quadrature are so chosen one by one (Huszár and Duvenaud, "Optimally-Weighted Herding is Bayesian Quadrature",
    2012); here by a Cholesky decomposition of the covariances whose pivots they are.

    Args:
        signs: of the coalitions to choose among, ±1 [K, P].
        by_distance: variance and covariance of g, from `covariances`.
        with_values: its covariance with the Shapley values, likewise.
        pairs: how many to choose.
    """
    if pairs + 1 == len(signs):
        return np.arange(len(signs))
    factor = np.zeros((len(signs), pairs + 1))
    variance = np.full(len(signs), by_distance[0] + _ROUNDING)
    shared = with_values.copy()
    chosen = np.zeros(pairs + 1, int)
    for k in range(pairs + 1):
        if k:
            gain = np.square(shared).sum(axis=1) / variance
            gain[chosen[:k]] = 0
            chosen[k] = np.argmax(np.round(gain / gain.max(), 9))  # the first of those alike, whatever the last digits
        pivot = chosen[k]
        column = by_distance[_distances(signs, signs[pivot : pivot + 1])[:, 0]] - factor[:, :k] @ factor[pivot, :k]
        factor[:, k] = column / np.sqrt(variance[pivot])
        shared -= np.outer(factor[:, k], shared[pivot] / np.sqrt(variance[pivot]))
        variance = np.maximum(variance - factor[:, k] ** 2, _ROUNDING)
    return chosen


def krawtchouk(players: int, degree: int) -> NDArray[Any]:
    """Return the mean of ∏_{i∈T} sᵢ over all T of a degree, where 0, 1, …, ``players`` of the signs are −1."""
    sums = [
        sum((-1) ** j * math.comb(minus, j) * math.comb(players - minus, degree - j) for j in range(degree + 1))
        for minus in range(players + 1)
    ]
    return np.array([total / math.comb(players, degree) for total in sums])


def leverage_sample(players: int, pairs: int, generator: np.random.Generator) -> NDArray[Any]:
    """Return coalitions, one of each pair of complements, drawn without replacement: bool [pairs, P].

    Each size has as many, as leverage scores want it (Musco and Witter, "Provably Accurate Shapley Value Estimation via Leverage Score
    Sampling", 2025); sizes with fewer coalitions than their part are exhausted, and leave the rest to the others.
    """
    sizes = np.arange(1, players // 2 + 1)
    own = np.where(2 * sizes < players, 2, 1)  # sizes that pairs of this size belong to
    existing = [math.comb(players, int(size)) * int(k) // 2 for size, k in zip(sizes, own, strict=True)]
    taken = [0] * len(sizes)
    remaining = pairs
    for k in np.argsort([count / part for count, part in zip(existing, own, strict=True)], kind="stable"):  # the scarcest first
        open_ = [j for j in range(len(sizes)) if not taken[j]]
        taken[k] = min(existing[k], round(remaining * own[k] / own[open_].sum()))
        remaining -= taken[k]
    drawn = [_draw(players, int(size), count, all_, generator) for size, count, all_ in zip(sizes, taken, existing, strict=True)]
    return np.concatenate(drawn)


def _draw(players: int, size: int, count: int, existing: int, generator: np.random.Generator) -> NDArray[Any]:
    """Return so many coalitions of a size, bool [count, P], no two of them equal or complements, of as many as exist."""
    is_middle = 2 * size == players  # of which the complement is of the same size: only those with the first player
    if existing <= 8 * count:
        members = [c for c in itertools.combinations(range(players), size) if not is_middle or c[0] == 0]
        chosen = np.array(members)[generator.permutation(existing)[:count]]
        return _with_members(chosen, players)
    found = np.zeros((0, players), bool)
    while len(found) < count:
        more = _with_members(generator.random((count, players)).argsort(axis=1)[:, :size], players)
        more[is_middle & ~more[:, 0]] ^= True
        together = np.concatenate([found, more])
        found = together[np.sort(np.unique(together, axis=0, return_index=True)[1])]
    return found[:count]


def _with_members(members: NDArray[Any], players: int) -> NDArray[Any]:
    present = np.zeros((len(members), players), bool)
    np.put_along_axis(present, members, True, axis=1)
    return present
