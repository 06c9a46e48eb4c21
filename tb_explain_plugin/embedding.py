"""Embeddings of all steps seen from one side: what ``/embedding`` answers. NumPy alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from tensorboard import errors as tensorboard_errors

from tb_explain_plugin import metadata, reader
from tb_explain_plugin.errors import BadRequestError, listing
from tb_explain_plugin.explanation import scaled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.index import Log
    from tb_explain_plugin.reader import Blob, Frame

AXES = 3


class View(NamedTuple):
    """The arrays and the strings of ``/embedding``."""

    arrays: dict[str, NDArray[Any]]
    text: dict[str, str]


def embedding_of_run(log: Log, run: str) -> View:
    """Return where the probe lies at each step, on axes that all steps share.

    Raises:
        NotFoundError: a run without embeddings.
        BadRequestError: no step that can be read.
    """
    blobs = list(reader.read_blobs(log, run, metadata.EMBEDDING).values())
    return log.cache.get(
        ("embedding", log.experiment, run, tuple(blobs)),
        lambda: _view(log, run, blobs),
        lambda view: view.arrays["points"].nbytes,
    )


def _view(log: Log, run: str, blobs: list[Blob]) -> View:
    def read(blob: Blob) -> Frame | None:
        try:
            frame = reader.read_frame(log, run, metadata.EMBEDDING, blob)
        except tensorboard_errors.PublicError:
            return None
        return frame if _is_embedding(frame) else None

    found = reader.in_parallel(read, blobs)
    last = next((frame for frame in reversed(found) if frame is not None), None)
    if last is None:
        raise BadRequestError(f"no embedding of {run!r} can be read", "frames with points [N, D]", f"{len(blobs)} others")
    shape = last.arrays["points"].shape
    kept = [(b, f) for b, f in zip(blobs, found, strict=True) if f is not None and f.arrays["points"].shape == shape]
    lost = sorted({blob.step for blob in blobs} - {blob.step for blob, _ in kept})
    clouds = [scaled(frame.arrays["points"], float(frame.text.get("scale", "1"))) for _, frame in kept]
    points, explained = project(clouds)
    text = {name: last.text.get(name, "") for name in ("layer", "units")} | {"dimensions": str(shape[1])}
    if lost:
        text["left_out"] = f"steps {listing(lost)}: not points of shape {list(shape)}, as the last step has"
    return View({"steps": np.array([blob.step for blob, _ in kept], np.int32), "points": points, "explained": explained}, text)


def _is_embedding(frame: Frame) -> bool:
    points = frame.arrays.get("points")
    return points is not None and points.ndim == 2 and points.size > 0 and points.dtype.kind == "f"


def project(clouds: Sequence[NDArray[Any]]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return clouds of points on the principal axes that they share.

    Each cloud is centered, and divided by its own size where the axes are settled: else the last epochs, whose activations are largest,
    would settle them alone. The sign of an axis is that which makes its largest coefficient positive.

    Args:
        clouds: S arrays [N, D].

    Returns:
        points [S, N, 3] float32, on the axes, at their own size; NaN of clouds that are not finite.
        explained [S, 3] float32: each axis' part of a cloud's variance; NaN where it has none.
    """
    dimensions = clouds[0].shape[1]
    centered, spreads = [], []
    covariance = np.zeros((dimensions, dimensions))
    for cloud in clouds:
        is_finite = bool(np.isfinite(cloud).all())
        values = cloud.astype(np.float64) if is_finite else np.full(cloud.shape, np.nan)
        values = values - values.mean(axis=0)
        spread = float((values**2).sum())
        centered.append(values)
        spreads.append(spread if spread > 0 else np.nan)
        if spread > 0:
            covariance += values.T @ values / spread
    axes = np.linalg.eigh(covariance)[1][:, ::-1][:, :AXES]
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.sign(axes[largest, np.arange(axes.shape[1])])
    axes = np.pad(axes, ((0, 0), (0, AXES - axes.shape[1])))
    points = np.stack([values @ axes for values in centered])
    explained = (points**2).sum(axis=1) / np.array(spreads)[:, None]
    return points.astype(np.float32), explained.astype(np.float32)
