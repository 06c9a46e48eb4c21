"""A slow twin of gradient ascent: NumPy, float64, one climber, gradients written out."""

from __future__ import annotations

import numpy as np


def climbed(start, slope, *, steps, rate, in_box):
    """Adam with a rate that falls linearly to 0. ``slope``: ``(k, where) -> gradient``."""
    at, mean, square = np.array(start, np.float64), np.zeros(start.shape), np.zeros(start.shape)
    for k in range(steps):
        gradient = slope(k, at)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        ahead = (mean / (1 - 0.9 ** (k + 1))) / (np.sqrt(square / (1 - 0.999 ** (k + 1))) + 1e-8 / np.sqrt(1 - 0.999 ** (k + 1)))
        at += rate * (1 - k / steps) * ahead
        if in_box:
            at = np.minimum(np.maximum(at, 0), 1)
    return at


def roughness_slope(t):
    """∇ of Σ (squared differences between neighbours) / √n, of an image [H, W, C]."""
    slope = np.zeros_like(t)
    for i, j in np.ndindex(*t.shape[:2]):
        for a, b in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
            if 0 <= a < t.shape[0] and 0 <= b < t.shape[1]:
                slope[i, j] += 2 * (t[i, j] - t[a, b])
    return slope / np.sqrt(t.size)


def spectrum_basis(height, width):
    """What each number of a spectrum [H, W // 2 + 1, 2] adds to the image before its logistic function, [H · W, numbers]."""
    columns = []
    for row in range(height):
        for column in range(width // 2 + 1):
            down = (row if row < (height + 1) // 2 else row - height) / height
            frequency = np.hypot(down, column / width)
            weight = np.sqrt(height * width) / max(frequency, 1 / max(height, width))
            for unit in (1, 1j):
                spectrum = np.zeros((height, width // 2 + 1), complex)
                spectrum[row, column] = unit * weight
                columns.append(np.fft.irfft2(spectrum, (height, width)).ravel())
    return np.stack(columns, axis=1)
