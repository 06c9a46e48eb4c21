"""Gradient ascent inside one trace: many inputs climb at once, in parts of the range that they may move in.

An input is a tensor x = low + range · t, with t in [0, 1]. What climbs is t itself (``"pixels"``), kept in its box after each step, or
the spectrum of an image whose logistic function is t (``"fourier"``).
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

PARAMETERIZATIONS = ("pixels", "fourier")
_NOISE = {"pixels": 0.1, "fourier": 0.01}
_FIRST, _SECOND, _TINY = 0.9, 0.999, 1e-8
"""Adam's decay rates, and what keeps its denominator from 0."""


@dataclasses.dataclass(frozen=True)
class Ascent:
    """How inputs climb.

    Attributes:
        steps: of Adam (Kingma and Ba, 2015), whose rate falls linearly to 0.
        rate: of the first step, in parts of the range.
        smoothness: weight of the prior, which is of n elements 1/√n times the sum of squared differences between neighbours of an image, in
            parts of the range, or of squared distances from the center of anything else, in standard deviations.
        jitter: pixels by which images are shifted at each step, at most, over their edges.
        parameterization: ``"pixels"`` or ``"fourier"``.
        seed: of the noise that all start from, and of the shifts.
    """

    steps: int
    rate: float
    smoothness: float
    jitter: int
    parameterization: str
    seed: int

    def start(self, centers: Sequence[NDArray[Any]]) -> list[NDArray[np.float32]]:
        """Return where one climber starts, for each input whose center in [0, 1] is given: there, or in a flat spectrum, with noise."""
        generator = np.random.default_rng(self.seed)
        noise = _NOISE[self.parameterization]
        if self.parameterization == "pixels":
            return [np.clip(c + noise * generator.normal(size=c.shape), 0, 1).astype(np.float32) for c in centers]
        spectra = [(*c.shape[2:], c.shape[0], c.shape[1] // 2 + 1, 2) for c in centers]
        return [(noise * generator.normal(size=shape)).astype(np.float32) for shape in spectra]

    def shifts(self) -> NDArray[np.int32]:
        """Return by how many rows and columns images are shifted at each step, [steps, 2]."""
        generator = np.random.default_rng([self.seed, 1])
        return generator.integers(-self.jitter, self.jitter + 1, (self.steps, 2)).astype(np.int32)

    def inputs(self, climbers: Sequence[Any], lows: Sequence[Any], ranges: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """Return t and x of climbers."""
        decode = _from_spectrum if self.parameterization == "fourier" else lambda climber, _: climber
        t = [decode(climber, low.shape) for climber, low in zip(climbers, lows, strict=True)]
        return t, [low + wide * part for low, wide, part in zip(lows, ranges, t, strict=True)]

    def climb(
        self,
        activation: Callable[[list[Any]], Any],
        climbers: Sequence[Any],
        lows: Sequence[Any],
        ranges: Sequence[Any],
        centers: Sequence[Any],
        deviations: Sequence[Any],
        are_images: Sequence[bool],
    ) -> list[Any]:
        """Return where climbers [B, …] get to.

        Args:
            activation: of inputs, [B]; each climber's own is what it climbs.
            climbers: where each starts, a tensor for each input.
            lows: shaped as the inputs, [B, …].
            ranges: likewise.
            centers: likewise, of t.
            deviations: likewise: how many the range is.
            are_images: of which inputs the prior is that of an image, and which are shifted.

        Raises:
            ValueError: no gradient reaches any of the inputs.
        """
        shifts = tf.constant(self.shifts())

        def gradients(k: Any, at: Sequence[Any]) -> list[Any]:
            with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
                tape.watch(at)
                t, x = self.inputs(at, lows, ranges)
                if self.jitter:
                    x = [tf.roll(v, shifts[k], axis=[1, 2]) if image else v for v, image in zip(x, are_images, strict=True)]
                height, prior = tf.reduce_sum(activation(x)), tf.constant(0.0)
                for part, center, wide, image in zip(t, centers, deviations, are_images, strict=True):
                    prior += tf.reduce_sum(_roughness(part) if image else _length(wide * (part - center)))
            uphill = tape.gradient(height, at)
            if all(g is None for g in uphill):
                raise ValueError(
                    "no gradient of the units reaches the inputs: nothing of them does, or an operation without one lies between "
                    "(argmax, rounding, a cast to integers). Name another layer"
                )
            smoother = tape.gradient(prior, at)
            return [-self.smoothness * s if u is None else u - self.smoothness * s for u, s in zip(uphill, smoother, strict=True)]

        def step(k: Any, at: Sequence[Any], mean: Sequence[Any], square: Sequence[Any]) -> tuple[Any, list[Any], list[Any], list[Any]]:
            slopes = gradients(k, at)
            done = tf.cast(k, tf.float32)
            mean = [_FIRST * m + (1 - _FIRST) * g for m, g in zip(mean, slopes, strict=True)]
            square = [_SECOND * s + (1 - _SECOND) * g**2 for s, g in zip(square, slopes, strict=True)]
            rate = self.rate * (1 - done / self.steps)
            length = rate * tf.sqrt(1 - _SECOND ** (done + 1)) / (1 - _FIRST ** (done + 1))
            at = [a + length * m / (tf.sqrt(s) + _TINY) for a, m, s in zip(at, mean, square, strict=True)]
            if self.parameterization == "pixels":
                at = [tf.clip_by_value(a, 0.0, 1.0) for a in at]
            return k + 1, at, mean, square

        zeros = [tf.zeros_like(c) for c in climbers]
        loop = (tf.constant(0), list(climbers), zeros, zeros)
        _, reached, _, _ = tf.while_loop(lambda k, *_: k < self.steps, step, loop, parallel_iterations=1)
        return list(reached)


def _roughness(t: Any) -> Any:
    """Return Σ of squared differences between neighbours of images [B, H, W, …], over √n, by image."""
    n = math.prod(t.shape[1:])
    rows, columns = t[:, 1:] - t[:, :-1], t[:, :, 1:] - t[:, :, :-1]
    axes = list(range(1, len(t.shape)))
    return (tf.reduce_sum(rows**2, axis=axes) + tf.reduce_sum(columns**2, axis=axes)) / math.sqrt(n)


def _length(distance: Any) -> Any:
    """Return Σ of squared distances over √n, by climber."""
    return tf.reduce_sum(distance**2, axis=list(range(1, len(distance.shape)))) / math.sqrt(math.prod(distance.shape[1:]))


def _from_spectrum(spectrum: Any, shape: Sequence[int]) -> Any:
    """Return images [B, H, W(, C)] in (0, 1) of spectra [B(, C), H, W // 2 + 1, 2]: low frequencies weigh more, by one over their own.

    Olah, Mordvintsev and Schubert, "Feature Visualization", 2017, section "Preconditioning and Parameterization".
    """
    height, width = shape[1:3]
    across, down = np.fft.rfftfreq(width)[None, :], np.fft.fftfreq(height)[:, None]
    frequency = np.sqrt(across**2 + down**2)
    weight = (math.sqrt(height * width) / np.maximum(frequency, 1 / max(height, width))).astype(np.float32)
    waves = tf.complex(spectrum[..., 0] * weight, spectrum[..., 1] * weight)
    images = tf.sigmoid(tf.signal.irfft2d(waves, [height, width]))
    return tf.transpose(images, [0, 2, 3, 1]) if len(shape) == 4 else images
