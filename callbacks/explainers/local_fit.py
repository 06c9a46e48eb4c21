"""A linear model fitted to a score around each sample: weighted ridge regression, all samples at once."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclasses.dataclass
class LocalFit:
    """Linear models, one a sample.

    Attributes:
        coefficients: [N, P].
        fit: [N] R² of predictions by leave-one-out; 1 is perfect, 0 no better than a mean, below 0 worse. NaN for a score that is constant.
    """

    coefficients: NDArray[Any]
    fit: NDArray[Any]


def weighted_ridge(design: NDArray[Any], scores: NDArray[Any], weight: NDArray[Any], alpha: float) -> LocalFit:
    """Fit argmin over b, c of Σᵢ wᵢ (yᵢ − b − zᵢ·c)² + α‖c‖² for each sample.

    The R² is of each row's prediction by a model fitted to all others, against their mean as a prediction, rows weighted as in the fit.
    Refitting is not needed: without row i its residual rᵢ is rᵢ / (1 − hᵢ), h the diagonal of the hat matrix (Allen, "The relationship
    between variable selection and data augmentation and a method for prediction", 1974). The plain R² grows with each column, useful or
    not, and is 1 when there are as many as rows.

    Args:
        design: z [N, R, P], or [1, R, P] for all samples. Columns of zeros have the coefficient 0.
        scores: y [N, R]; where they are not finite, so are the answers.
        weight: w [N, R], at least 0, some above it.
        alpha: α, above 0.

    Returns:
        A `LocalFit`, float64.
    """
    total = weight.sum(axis=1, keepdims=True)
    mean = (weight[:, None] @ design)[:, 0] / total
    weighed = design * weight[..., None]  # centred by what is subtracted below: the design is the largest array by far
    gram = weighed.swapaxes(1, 2) @ design - (total * mean)[..., None] * mean[:, None] + alpha * np.eye(design.shape[2])
    inverse = np.linalg.inv(gram)
    along = (inverse @ mean[..., None])[..., 0]
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):  # weights may have turned to NaN or infinity, and scores with them
        deviation = scores - (weight * scores).sum(axis=1, keepdims=True) / total
        coefficients = (inverse @ (weighed.swapaxes(1, 2) @ deviation[..., None]))[..., 0]
        turned = np.matmul(design, inverse, out=weighed)  # whose memory is at hand
        spread = np.einsum("nrp,nrp->nr", turned, design) - 2 * _rows(design, along) + (mean * along).sum(axis=1, keepdims=True)
        residual = deviation - _rows(design, coefficients) + (mean * coefficients).sum(axis=1, keepdims=True)
        others = np.maximum(1 - weight / total, np.finfo(np.float64).eps)
        left_out = residual / np.maximum(others - weight * spread, np.finfo(np.float64).eps)
        variance = (weight * (deviation / others) ** 2).sum(axis=1)
        # Of a constant score rounding is all that varies.
        varies = variance > (np.finfo(np.float32).eps * np.abs(scores).max(axis=1)) ** 2 * total[:, 0]
        fit = np.where(varies, 1 - (weight * left_out**2).sum(axis=1) / variance, np.nan)
    return LocalFit(coefficients, fit)


def _rows(design: NDArray[Any], vector: NDArray[Any]) -> NDArray[Any]:
    """Return each row of a design [n, R, P] times a vector [n, P]."""
    product: NDArray[Any] = (design @ vector[..., None])[..., 0]
    return product


def exponential_kernel(distance: NDArray[Any], width: float) -> NDArray[Any]:
    """Return √exp(−d²/σ²), in (0, 1]: the weight of a point at a distance, as in the ``lime`` package."""
    return np.exp(-0.5 * (distance / width) ** 2)
