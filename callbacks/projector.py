"""Embeddings for TensorBoard's own Projector, which has t-SNE, UMAP and PCA: files of the run's directory that it looks for.

A tensor each as tab-separated numbers, what is known of each sample beside it, and of images one picture with all of them.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

FOLDER = "projector"
CONFIG = "projector_config.pbtxt"
"""What the Projector looks for in each run's directory."""

_SPRITE_PIXELS = 4096
"""A side of the picture of all samples; browsers draw twice as much."""
_MOST_PIXELS = 64
"""A side of one sample in it."""


def write_projector(
    directory: str, tensors: Mapping[str, NDArray[Any]], columns: Mapping[str, Sequence[Any]], images: NDArray[Any] | None = None
) -> None:
    """Write what the Projector shows of a run, in place of what was there.

    Args:
        directory: the run's.
        tensors: by name, points [N, D]; the first one is shown first.
        columns: by name, what is known of each sample, [N].
        images: uint8 [N, H, W, 1 or 3], of the samples; None for none.

    Raises:
        tf.errors.OpError: the directory cannot be written.
    """
    from google.protobuf import text_format
    from tensorboard.plugins.projector import ProjectorConfig

    folder = os.path.join(directory, FOLDER)  # noqa: PTH118 (gs:// and the like are no paths)
    tf.io.gfile.makedirs(folder)
    _write(directory, f"{FOLDER}/metadata.tsv", _rows([list(columns), *zip(*columns.values(), strict=True)]))
    sprite = None if images is None else _sprite(images)
    if sprite is not None:
        _write(directory, f"{FOLDER}/sprite.png", tf.io.encode_png(sprite[0]).numpy())
    config = ProjectorConfig()
    for number, (name, points) in enumerate(tensors.items()):
        path = f"{FOLDER}/{number}.tsv"
        _write(directory, path, _rows([f"{value:.6g}" for value in point] for point in points.tolist()))
        shown = config.embeddings.add(tensor_name=name, tensor_path=path, tensor_shape=points.shape, metadata_path=f"{FOLDER}/metadata.tsv")
        if sprite is not None:
            shown.sprite.image_path = f"{FOLDER}/sprite.png"
            shown.sprite.single_image_dim.extend(sprite[1])
    _write(directory, CONFIG, text_format.MessageToString(config).encode())


def _rows(rows: Any) -> bytes:
    return "".join("\t".join(" ".join(str(cell).split()) for cell in row) + "\n" for row in rows).encode()


def _write(directory: str, path: str, content: bytes) -> None:
    with tf.io.gfile.GFile(os.path.join(directory, path), "wb") as file:  # noqa: PTH118
        file.write(content)


def _sprite(images: NDArray[Any]) -> tuple[NDArray[Any], tuple[int, int]]:
    """Return all images in one, row by row in a square of places, and a place's width and height."""
    places = int(np.ceil(np.sqrt(len(images))))
    most = max(1, min(_MOST_PIXELS, _SPRITE_PIXELS // places))
    stride = -(-max(images.shape[1:3]) // most)
    small = images[:, ::stride, ::stride]
    height, width, channels = small.shape[1:]
    filled = np.zeros((places * places, height, width, channels), np.uint8)
    filled[: len(small)] = small
    sprite = filled.reshape(places, places, height, width, channels).transpose(0, 2, 1, 3, 4)
    return sprite.reshape(places * height, places * width, channels), (width, height)
