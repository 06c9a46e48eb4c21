"""Superpixels: the regions of an image that look alike, as players that are hidden as a whole."""

from __future__ import annotations

import hashlib
import importlib.util
import math
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin.callbacks.explainers.regions import grid

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer

SEGMENTATIONS = ("slic", "quickshift")
_SIDE = 8

_found: MutableMapping[Scorer, dict[bytes, NDArray[Any]]] = weakref.WeakKeyDictionary()
"""What was found for a run's images, which are the same at every step: segmenting one of 224 × 224 takes a tenth of a second."""


def usual_grid(height: int, width: int) -> tuple[int, int]:
    """Return how many superpixels an image has a side where they are a grid: 8, or fewer, so that none is a single pixel."""
    rows, columns = (grid((length,), max(1, min(_SIDE, length // 2)))[0] for length in (height, width))
    return rows, columns


def are_available() -> bool:
    """Whether scikit-image is installed."""
    return importlib.util.find_spec("skimage") is not None


def segment(scorer: Scorer, images: NDArray[Any], how: str, seed: int) -> NDArray[Any]:
    """Return the superpixels of images.

    Args:
        scorer: for whose life the answer is remembered.
        images: [N, H, W, C] or [N, H, W], in any range.
        how: one of `SEGMENTATIONS`.
        seed: of quickshift, which breaks ties at random.

    Returns:
        int32 [N, H, W], each image's numbered from 0.

    Raises:
        ValueError: another way to segment, or scikit-image is not installed.
    """
    if how not in SEGMENTATIONS:
        raise ValueError(f"players are {how!r}; expected one of {SEGMENTATIONS}, numbers of blocks such as (8, 8), or an array of labels")
    if not are_available():
        raise ValueError(
            f"players are {how!r}, which takes scikit-image: pip install 'tb-explain-plugin[superpixels]', or pass numbers of blocks such "
            "as (8, 8)"
        )
    key = hashlib.blake2b(images.tobytes() + f"{images.shape} {how} {seed}".encode()).digest()
    remembered = _found.setdefault(scorer, {})
    if key not in remembered:
        remembered[key] = np.stack([_segment_one(_in_unit_range(image), how, seed) for image in images])
    return remembered[key]


def mean_colours(images: NDArray[Any], labels: NDArray[Any]) -> NDArray[Any]:
    """Return images [N, …, C] with each superpixel of labels [1 or N, …, C] in the mean of its colour, channel by channel, float32."""
    channel = np.arange(images.shape[-1])
    count = (int(labels.max()) + 1) * len(channel)
    cell = (labels * len(channel) + channel + count * np.arange(len(images)).reshape(-1, *[1] * (images.ndim - 1))).ravel()
    total = np.bincount(cell, images.ravel(), len(images) * count)
    means = total / np.maximum(np.bincount(cell, minlength=len(total)), 1)
    coloured: NDArray[Any] = means[cell].reshape(images.shape).astype(np.float32)
    return coloured


def _segment_one(image: NDArray[Any], how: str, seed: int) -> NDArray[Any]:
    from skimage import segmentation

    is_colour = image.shape[-1] == 3  # then as the eye sees distances between colours
    options: dict[str, Any] = {
        "quickshift": {"kernel_size": 4, "max_dist": 200, "ratio": 0.2, "convert2lab": is_colour, "rng": seed},  # as the lime package
        "slic": {
            "n_segments": math.prod(usual_grid(*image.shape[:2])),
            "compactness": 10.0 if is_colour else 0.1,  # colours in Lab range over a hundred, others over one
            "start_label": 0,
        },
    }[how]
    return np.asarray(getattr(segmentation, how)(image, channel_axis=-1, **options), np.int32)


def _in_unit_range(image: NDArray[Any]) -> NDArray[Any]:
    finite = np.nan_to_num(image.reshape(*image.shape[:2], -1).astype(np.float64), posinf=0, neginf=0)
    low, high = finite.min(), finite.max()
    unit: NDArray[Any] = (finite - low) / (high - low or 1)
    return unit
