"""Slow twins of layer-wise relevance propagation: each rule as its paper writes it, float64, loops."""

from __future__ import annotations

import numpy as np


def away_from_zero(z, epsilon):
    return z + epsilon if z >= 0 else z - epsilon


def divided(numerator, denominator):
    """0/0 is 0, as LRP-0 has it."""
    return 0.0 if denominator == 0 else numerator / denominator


# Rules: shares [J] of one output's relevance, from its inputs x [J], weights w [J] and bias b --------------------------------------------


def zero(x, w, b, **_):
    z = sum(xj * wj for xj, wj in zip(x, w, strict=True)) + b
    return np.array([divided(xj * wj, z) for xj, wj in zip(x, w, strict=True)])


def epsilon(x, w, b, *, epsilon=1e-6, **_):
    z = sum(xj * wj for xj, wj in zip(x, w, strict=True)) + b
    return np.array([xj * wj / away_from_zero(z, epsilon) for xj, wj in zip(x, w, strict=True)])


def alpha_beta(alpha, beta):
    def shares(x, w, b, *, epsilon=1e-6, **_):
        positive = [max(xj * wj, 0.0) for xj, wj in zip(x, w, strict=True)]
        negative = [min(xj * wj, 0.0) for xj, wj in zip(x, w, strict=True)]
        above = away_from_zero(sum(positive) + max(b, 0.0), epsilon)
        below = away_from_zero(sum(negative) + min(b, 0.0), epsilon)
        return np.array([alpha * p / above - beta * n / below for p, n in zip(positive, negative, strict=True)])

    return shares


def gamma(value):
    def shares(x, w, b, *, epsilon=1e-6, **_):
        own = max if sum(xj * wj for xj, wj in zip(x, w, strict=True)) + b >= 0 else min
        parts = [xj * wj + value * own(xj * wj, 0.0) for xj, wj in zip(x, w, strict=True)]
        total = away_from_zero(sum(parts) + b + value * own(b, 0.0), epsilon)
        return np.array([part / total for part in parts])

    return shares


def w_square(x, w, b, *, epsilon=1e-6, **_):
    total = sum(wj**2 for wj in w) + epsilon
    return np.array([wj**2 / total for wj in w])


def flat(x, w, b, *, epsilon=1e-6, **_):
    return np.array([1 / (len(x) + epsilon) for _ in x])


def z_box(x, w, b, *, low, high, epsilon=1e-6, **_):
    parts = [xj * wj - lj * max(wj, 0.0) - hj * min(wj, 0.0) for xj, wj, lj, hj in zip(x, w, low, high, strict=True)]
    total = away_from_zero(sum(parts), epsilon)
    return np.array([part / total for part in parts])


RULES = {
    "zero": zero,
    "epsilon": epsilon,
    "gamma": gamma(0.25),
    "z_plus": alpha_beta(1, 0),
    "alpha1_beta0": alpha_beta(1, 0),
    "alpha2_beta1": alpha_beta(2, 1),
    "w_square": w_square,
    "flat": flat,
    "z_box": z_box,
}


# Layers, one sample ---------------------------------------------------------------------------------------------------------------------


def dense(rule, x, w, b, relevance, low=None, high=None):
    """x [J], w [J, K], b [K], relevance [K] → [J]."""
    total = np.zeros(len(x))
    for k in range(w.shape[1]):
        total += rule(x, w[:, k], b[k], low=low, high=high) * relevance[k]
    return total


def convolution(rule, x, w, b, relevance, low=None, high=None, padding=0):
    """x [H, W, C], w [h, w, C, K], relevance [H', W', K] → [H, W, C]; stride 1; ``padding`` cells on each side take no part."""
    height, width, channels, _ = w.shape
    total = np.zeros_like(x)
    for r, c, k in np.ndindex(*relevance.shape):
        places = [
            (r + i - padding, c + j - padding, m, w[i, j, m, k])
            for i, j, m in np.ndindex(height, width, channels)
            if 0 <= r + i - padding < x.shape[0] and 0 <= c + j - padding < x.shape[1]
        ]
        at = [place[:3] for place in places]
        weights = np.array([place[3] for place in places])
        ends = {} if low is None else {"low": [low[p] for p in at], "high": [high[p] for p in at]}
        for p, share in zip(at, rule(np.array([x[p] for p in at]), weights, b[k], **ends), strict=True):
            total[p] += share * relevance[r, c, k]
    return total


def convolve(x, w, b, padding=0):
    """x [H, W, C], w [h, w, C, K] → [H', W', K], stride 1."""
    x = np.pad(x, ((padding, padding), (padding, padding), (0, 0)))
    height, width, _, count = w.shape
    out = np.zeros((x.shape[0] - height + 1, x.shape[1] - width + 1, count))
    for r, c, k in np.ndindex(*out.shape):
        out[r, c, k] = np.sum(x[r : r + height, c : c + width] * w[..., k]) + b[k]
    return out


def max_pooling(x, relevance, size=2):
    """Winner takes all. x [H, W, C], relevance [H/size, W/size, C]."""
    total = np.zeros_like(x)
    for r, c, k in np.ndindex(*relevance.shape):
        window = x[r * size : (r + 1) * size, c * size : (c + 1) * size, k]
        i, j = np.unravel_index(window.argmax(), window.shape)
        total[r * size + i, c * size + j, k] += relevance[r, c, k]
    return total


def average_pooling(x, relevance, size=2, epsilon=1e-6):
    """Shares as contributed."""
    total = np.zeros_like(x)
    for r, c, k in np.ndindex(*relevance.shape):
        rows, columns = range(r * size, (r + 1) * size), range(c * size, (c + 1) * size)
        mean = np.mean([x[i, j, k] for i in rows for j in columns])
        for i in rows:
            for j in columns:
                total[i, j, k] += x[i, j, k] / size**2 / away_from_zero(mean, epsilon) * relevance[r, c, k]
    return total


def addition(parts, relevance, epsilon=1e-6):
    """Shares as contributed, for arrays of one shape."""
    total = sum(parts)
    return [part / np.vectorize(away_from_zero)(total, epsilon) * relevance for part in parts]


def layer_normalization(x, scale, shift, relevance, stabilizer, epsilon=1e-6):
    """x [D]: the standard deviation held constant, the rest linear, in the steps in which it is computed."""
    mean, deviation = x.mean(), np.sqrt(x.var() + stabilizer)
    total = np.zeros_like(x)
    for i in range(len(x)):
        made = (x[i] - mean) / deviation * scale[i] + shift[i]
        for j in range(len(x)):
            weight = ((i == j) - 1 / len(x)) / deviation * scale[i]
            total[j] += x[j] * weight / away_from_zero(made, epsilon) * relevance[i]
    return total


def softmax(scores):
    e = np.exp(scores - scores.max())
    return e / e.sum()


def attention(x, weights, relevance, epsilon=1e-6):
    """One head of self-attention by AttnLRP, one sample.

    Args:
        x: [T, D].
        weights: (kernel, bias) of query, key, value [D, H], and of the output [H, D].
        relevance: [T, D] of the output.
        epsilon: of the denominators.

    Returns:
        (output [T, D], relevance [T, D] of x).
    """
    (wq, bq), (wk, bk), (wv, bv), (wo, bo) = weights
    steps, size = len(x), wq.shape[1]
    q, k, v = x @ wq + bq, x @ wk + bk, x @ wv + bv
    scores = np.array([[q[i] @ k[j] / np.sqrt(size) for j in range(steps)] for i in range(steps)])
    attended = np.array([softmax(row) for row in scores])
    mixed = attended @ v
    output = mixed @ wo + bo
    on_mixed = np.array([dense(RULES["epsilon"], mixed[i], wo, bo, relevance[i]) for i in range(steps)])
    on_attended, on_value = np.zeros_like(attended), np.zeros_like(v)
    for i in range(steps):
        for j in range(steps):
            for h in range(size):
                share = attended[i, j] * v[j, h] / away_from_zero(mixed[i, h], epsilon) * on_mixed[i, h] / 2
                on_attended[i, j] += share
                on_value[j, h] += share
    on_scores = np.zeros_like(scores)
    for i in range(steps):
        for j in range(steps):
            on_scores[i, j] = scores[i, j] * (on_attended[i, j] - attended[i, j] * on_attended[i].sum())
    on_query, on_key = np.zeros_like(q), np.zeros_like(k)
    for i in range(steps):
        for j in range(steps):
            for h in range(size):
                share = q[i, h] * k[j, h] / np.sqrt(size) / away_from_zero(scores[i, j], epsilon) * on_scores[i, j] / 2
                on_query[i, h] += share
                on_key[j, h] += share
    total = np.zeros_like(x)
    for amount, w, b in ((on_query, wq, bq), (on_key, wk, bk), (on_value, wv, bv)):
        for i in range(steps):
            total[i] += dense(RULES["epsilon"], x[i], w, b, amount[i])
    return output, total


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def lstm(x, kernel, recurrent, bias, relevance, epsilon=1e-6):
    """x [T, D], Keras' gates i, f, c, o; relevance [U] of the last state. Arras et al. 2017: the signal takes all."""
    steps, units = len(x), recurrent.shape[0]
    h, c = [np.zeros(units)], [np.zeros(units)]
    kept = []
    for t in range(steps):
        z = x[t] @ kernel + h[-1] @ recurrent + bias
        i, f, candidate, o = np.split(z, 4)
        kept.append((sigmoid(i), sigmoid(f), candidate))
        c.append(sigmoid(f) * c[-1] + sigmoid(i) * np.tanh(candidate))
        h.append(sigmoid(o) * np.tanh(c[-1]))
    part = slice(2 * units, 3 * units)
    total = np.zeros_like(x)
    on_state, on_cell = np.array(relevance, float), np.zeros(units)
    for t in reversed(range(steps)):
        on_cell = on_cell + on_state  # through o · tanh(c)
        i, f, candidate = kept[t]
        earlier, on_candidate = np.zeros(units), np.zeros(units)
        for u in range(units):
            below = away_from_zero(c[t + 1][u], 0)
            earlier[u] = divided(f[u] * c[t][u], below) * on_cell[u]
            on_candidate[u] = divided(i[u] * np.tanh(candidate[u]), below) * on_cell[u]
        on_state = np.zeros(units)
        for u in range(units):
            below = away_from_zero(candidate[u], epsilon)
            for d in range(x.shape[1]):
                total[t, d] += x[t, d] * kernel[:, part][d, u] / below * on_candidate[u]
            for d in range(units):
                on_state[d] += h[t][d] * recurrent[:, part][d, u] / below * on_candidate[u]
        on_cell = earlier
    return h[-1], total


def gru(x, kernel, recurrent, bias, relevance, epsilon=1e-6):
    """x [T, D], Keras' gates z, r, h with ``reset_after``; relevance [U] of the last state."""
    steps, units = len(x), recurrent.shape[0]
    states, kept = [np.zeros(units)], []
    part = slice(2 * units, 3 * units)
    for t in range(steps):
        outer, inner = x[t] @ kernel + bias[0], states[-1] @ recurrent + bias[1]
        z, r = (sigmoid(outer[s] + inner[s]) for s in (slice(0, units), slice(units, 2 * units)))
        candidate = outer[part] + r * inner[part]
        kept.append((z, r, candidate))
        states.append(z * states[-1] + (1 - z) * np.tanh(candidate))
    total = np.zeros_like(x)
    on_state = np.array(relevance, float)
    for t in reversed(range(steps)):
        z, r, candidate = kept[t]
        earlier = np.zeros(units)
        for u in range(units):
            new = states[t + 1][u]
            earlier[u] += divided(z[u] * states[t][u], new) * on_state[u]
            on_candidate = divided((1 - z[u]) * np.tanh(candidate[u]), new) * on_state[u]
            below = away_from_zero(candidate[u], epsilon)
            for d in range(x.shape[1]):
                total[t, d] += x[t, d] * kernel[:, part][d, u] / below * on_candidate
            for d in range(units):
                earlier[d] += r[u] * states[t][d] * recurrent[:, part][d, u] / below * on_candidate
        on_state = earlier
    return states[-1], total
