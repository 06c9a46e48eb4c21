"""Slow twins: written straight from the formulas, float64, loops, no cleverness."""

from __future__ import annotations

import math

import numpy as np


def log_odds(logits, target):
    """z_y − log Σ_{k≠y} e^{z_k} of one sample."""
    others = [z for k, z in enumerate(logits) if k != target]
    return logits[target] - np.log(np.sum(np.exp(others)))


def log_odds_gradient(logits, target):
    """∂(z_y − log Σ_{k≠y} e^{z_k})/∂z."""
    gradient = np.zeros(len(logits))
    total = sum(np.exp(z) for k, z in enumerate(logits) if k != target)
    for k, z in enumerate(logits):
        gradient[k] = 1.0 if k == target else -np.exp(z) / total
    return gradient


class DenseTwin:
    """A chain of Dense layers: activations "tanh", "relu" or "linear"; the last layer's output is the logits."""

    def __init__(self, layers):
        """``layers``: (kernel [in, out], bias [out], activation) each."""
        self.layers = [(np.asarray(w, np.float64), np.asarray(b, np.float64), a) for w, b, a in layers]

    @classmethod
    def of(cls, model):
        """The twin of a Keras chain of Dense layers; a final softmax is left off."""
        dense = [layer for layer in model.layers if layer.weights]
        names = [layer.activation.__name__ for layer in dense]
        return cls(
            [
                (*[w.numpy() for w in layer.weights], "linear" if name in ("softmax", "sigmoid") else name)
                for layer, name in zip(dense, names, strict=True)
            ]
        )

    def logits(self, x):
        for kernel, bias, activation in self.layers:
            x = ACTIVATIONS[activation](x @ kernel + bias)
        return x

    def gradient(self, x, target):
        """∂ log-odds / ∂x of one sample, by the chain rule backwards."""
        inputs = []
        for kernel, bias, activation in self.layers:
            before = x @ kernel + bias
            inputs.append(before)
            x = ACTIVATIONS[activation](before)
        gradient = log_odds_gradient(x, target)
        for (kernel, _, activation), before in zip(reversed(self.layers), reversed(inputs), strict=True):
            gradient = (gradient * DERIVATIVES[activation](before)) @ kernel.T
        return gradient


ACTIVATIONS = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0), "linear": lambda z: z}
DERIVATIVES = {"tanh": lambda z: 1 - np.tanh(z) ** 2, "relu": lambda z: (z > 0).astype(float), "linear": np.ones_like}


def integrated_gradients(gradient, x, baseline, nodes, weights):
    """(x − x′) ∘ Σₖ wₖ ∂F(x′ + αₖ (x − x′)) of one sample."""
    total = np.zeros_like(x)
    for alpha, weight in zip(nodes, weights, strict=True):
        total += weight * gradient(baseline + alpha * (x - baseline))
    return (x - baseline) * total


def share_positive(at_low, at_high):
    """Share of a straight line's length on which it is positive."""
    if at_low == at_high:
        return float(at_low > 0)
    crossing = at_low / (at_low - at_high)
    return np.clip(1 - crossing if at_high > at_low else crossing, 0, 1)


def averaged_integrated_gradients(twin, x, baseline, nodes, weights, target):
    """Integrated gradients of a twin with ReLU, each gate averaged over the cell of its node.

    A unit's input is taken for the straight line through the node that fits both neighbours best.
    """
    points = [baseline + alpha * (x - baseline) for alpha in nodes]
    befores = []  # of each node, of each layer
    for point in points:
        befores.append([])
        activations = point
        for kernel, bias, activation in twin.layers:
            befores[-1].append(activations @ kernel + bias)
            activations = ACTIVATIONS[activation](befores[-1][-1])
    total = np.zeros_like(x)
    low = 0.0
    for k, (alpha, weight) in enumerate(zip(nodes, weights, strict=True)):
        neighbours = [j for j in (k - 1, k + 1) if 0 <= j < len(nodes)]
        gradient = log_odds_gradient(befores[k][-1], target)
        for depth in reversed(range(len(twin.layers))):
            kernel, _, activation = twin.layers[depth]
            if activation == "relu":
                for unit, z in enumerate(befores[k][depth]):
                    rises = sum((befores[j][depth][unit] - z) * (nodes[j] - alpha) for j in neighbours)
                    slope = rises / sum((nodes[j] - alpha) ** 2 for j in neighbours)
                    gradient[unit] *= share_positive(z + slope * (low - alpha), z + slope * (low + weight - alpha))
            gradient = gradient @ kernel.T
        total += weight * gradient
        low += weight
    return (x - baseline) * total


def permutation_importance(loss, x, permutations, columns):
    """Mean and standard error over repeats of the loss's increase; ``loss(x) -> number``."""
    before = loss(x)
    means, errors = [], []
    for column in columns:
        increases = []
        for order in permutations:
            changed = x.copy()
            for i, j in enumerate(order):
                changed[i, column] = x[j, column]
            increases.append(loss(changed) - before)
        means.append(np.mean(increases))
        errors.append(np.std(increases, ddof=1) / np.sqrt(len(increases)))
    return np.array(means), np.array(errors)


def smooth_grad(gradient, x, noises):
    """Mean over noises of ∂F/∂x(x + ε) of one sample."""
    total = np.zeros_like(x)
    for noise in noises:
        total += gradient(x + noise)
    return total / len(noises)


def expected_gradients(gradient, x, baselines, nodes, weights):
    """Mean over baselines of integrated gradients of one sample."""
    return np.mean([integrated_gradients(gradient, x, baseline, nodes, weights) for baseline in baselines], axis=0)


def convolution(x, kernel, bias):
    """Cross-correlation without padding of one image [H, W, C] by a kernel [h, w, C, K]."""
    rows, columns = x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1
    result = np.zeros((rows, columns, kernel.shape[3]))
    for i in range(rows):
        for j in range(columns):
            for k in range(kernel.shape[3]):
                result[i, j, k] = np.sum(x[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel[..., k]) + bias[k]
    return result


def grad_cam(features, gradients, size, *, relu=True):
    """ReLU(Σ_c α_c A_c) of one sample, α_c the mean of ∂F/∂A_c over positions; resized to a number of rows and columns."""
    cam = np.zeros(features.shape[:-1])
    for channel in range(features.shape[-1]):
        cam += gradients[..., channel].mean() * features[..., channel]
    if relu:
        cam = np.maximum(cam, 0)
    return bilinear(cam, *size)


def bilinear(image, rows, columns):
    """An image [h, w] resized; the centers of its pixels lie at half integers, and beyond the outermost it is constant."""
    result = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            y = np.clip((i + 0.5) * image.shape[0] / rows - 0.5, 0, image.shape[0] - 1)
            x = np.clip((j + 0.5) * image.shape[1] / columns - 0.5, 0, image.shape[1] - 1)
            top, left = int(y), int(x)
            bottom, right = min(top + 1, image.shape[0] - 1), min(left + 1, image.shape[1] - 1)
            dy, dx = y - top, x - left
            above = (1 - dx) * image[top, left] + dx * image[top, right]
            below = (1 - dx) * image[bottom, left] + dx * image[bottom, right]
            result[i, j] = (1 - dy) * above + dy * below
    return result


def coalition_score(score, x, background, labels, present):
    """Mean score over a background of one sample of which the absent players' elements are the background's."""
    total = 0.0
    for other in background:
        mixed = x.copy()
        for place in np.ndindex(labels.shape):
            if not present[labels[place]]:
                mixed[place] = other[place]
        total += score(mixed)
    return total / len(background)


def occlusion(score, x, baseline):
    """F(x) − F(x without it), of each element of one sample."""
    drops = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        without = x.copy()
        without[place] = baseline[place]
        drops[place] = score(x) - score(without)
    return drops


def local_model(told, scores, weights, alpha):
    """Intercept and coefficients of the ridge regression of one sample, by least squares with a row a penalised coefficient."""
    rows = [np.sqrt(w) * np.array([1.0, *z]) for z, w in zip(told, weights, strict=True)]
    wanted = [np.sqrt(w) * y for y, w in zip(scores, weights, strict=True)]
    for k in range(len(told[0])):
        rows.append(np.sqrt(alpha) * np.eye(1 + len(told[0]))[1 + k])
        wanted.append(0.0)
    solution = np.linalg.lstsq(np.array(rows), np.array(wanted), rcond=None)[0]
    return solution[0], solution[1:]


def local_fit(told, scores, weights, alpha):
    """R² of each row's prediction by a model of all other rows, against their mean as a prediction."""
    missed = spread = 0.0
    for i in range(len(told)):
        others = [j for j in range(len(told)) if j != i]
        w = np.array([weights[j] for j in others])
        y = np.array([scores[j] for j in others])
        intercept, coefficients = local_model([told[j] for j in others], y, w, alpha)
        missed += weights[i] * (scores[i] - intercept - np.dot(coefficients, told[i])) ** 2
        spread += weights[i] * (scores[i] - np.sum(w * y) / np.sum(w)) ** 2
    return 1 - missed / spread


def lime(told, scores, alpha, width, distance):
    """Coefficients and fit of one sample, which is the first row."""
    weights = [np.sqrt(np.exp(-(distance(z, told[0]) ** 2) / width**2)) for z in told]
    return local_model(told, scores, weights, alpha)[1], local_fit(told, scores, weights, alpha)


def euclidean(z, other):
    return np.sqrt(sum((a - b) ** 2 for a, b in zip(z, other, strict=True)))


def cosine(z, other):
    lengths = np.sqrt(np.dot(z, z) * np.dot(other, other))
    return 1 - np.dot(z, other) / lengths if lengths else 1.0


def shapley_values(score, players):
    """Σ_S |S|! (P − |S| − 1)! / P! (v(S ∪ i) − v(S)) of each player; ``score(present) -> number``."""
    values = np.zeros(players)
    for code in range(2**players):
        present = np.array([(code >> i) & 1 for i in range(players)], bool)
        size = present.sum()
        for i in range(players):
            if not present[i]:
                joined = present.copy()
                joined[i] = True
                weight = math.factorial(size) * math.factorial(players - size - 1) / math.factorial(players)
                values[i] += weight * (score(joined) - score(present))
    return values
