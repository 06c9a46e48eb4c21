"""One attribution frame as an explanation: the matrix [N, D] that `drift` compares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tb_explain_plugin import drift, drift_noise, reader
from tb_explain_plugin.errors import BadRequestError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tb_explain_plugin.index import Log
    from tb_explain_plugin.reader import Blob, Frame


class Explanation(NamedTuple):
    """The values of one attribution frame.

    Attributes:
        values: [N, D], the cells of all inputs side by side, inputs in the order of their names. As logged, often
            float16, where there is one input; float32 where there are several.
        scale: what the values are to be multiplied by.
        cells: shape of a sample's values, by input.
        completeness_error: [N]; empty if it was not logged.
    """

    values: NDArray[Any]
    scale: float
    cells: dict[str, tuple[int, ...]]
    completeness_error: NDArray[Any]

    def matrix(self) -> NDArray[Any]:
        """Return the values at their true scale, float32 [N, D]; infinite where float32 cannot hold them."""
        return scaled(self.values, self.scale)


class Total(NamedTuple):
    """Mean over samples of Σ|a|, in the score's unit, and its standard error."""

    value: float
    standard_error: float


class Figures(NamedTuple):
    """What one explanation says by itself; ``finite`` is the part of its values that are."""

    samples: int
    cells: dict[str, tuple[int, ...]]
    effective_features: float
    total_attribution: Total
    completeness_p50: float
    completeness_p95: float
    finite: float


def read_explanation(log: Log, run: str, tag: str, blob: Blob) -> Explanation:
    """Return one explanation; remembered, because it is compared with many others.

    Raises:
        BadRequestError: the frame is not that of an attribution.
    """

    def make() -> Explanation:
        frame = reader.read_frame(log, run, tag, blob)
        try:
            return _explanation(frame)
        except (ValueError, KeyError) as error:
            received = {name: f"{array.dtype} {list(array.shape)}" for name, array in frame.arrays.items()}
            expected = f"floats values:<input> [N, cells…] and completeness_error [N] ({error})"
            raise BadRequestError(f"{tag!r} of {run!r} at step {blob.step} is not an attribution", expected, received) from error

    return log.cache.get(("explanation", log.experiment, run, tag, blob), make, lambda explanation: explanation.values.nbytes)


def read_figures(log: Log, run: str, tag: str, blob: Blob) -> Figures:
    """Return what one explanation says by itself; remembered."""

    def make() -> Figures:
        explanation = read_explanation(log, run, tag, blob)
        matrix = explanation.matrix()
        errors = explanation.completeness_error[np.isfinite(explanation.completeness_error)]
        total = drift_noise.total_attribution(matrix)
        middle, high = drift.quantiles(errors, (0.5, 0.95)) if errors.size else (float("nan"),) * 2
        return Figures(
            samples=len(explanation.values),
            cells=explanation.cells,
            effective_features=drift.effective_features(drift.shares(matrix)),
            total_attribution=Total(float(total.value), float(total.standard_error)),
            completeness_p50=middle,
            completeness_p95=high,
            finite=float(np.isfinite(explanation.values).mean()),
        )

    return log.cache.get(("figures", log.experiment, run, tag, blob), make)


def alike(one: Explanation, other: Explanation) -> bool:
    """Whether two explanations are of as many samples and the same cells.

    A lone input may have another name: Keras numbers the inputs that nobody named, by how many the process has seen.
    """
    if len(one.values) != len(other.values) or list(one.cells.values()) != list(other.cells.values()):
        return False
    return len(one.cells) == 1 or list(one.cells) == list(other.cells)


def _explanation(frame: Frame) -> Explanation:
    """Return a frame's explanation, or raise ValueError with what is wrong."""
    values = {name.removeprefix("values:"): a for name, a in sorted(frame.arrays.items()) if name.startswith("values:")}
    errors = frame.arrays.get("completeness_error", np.empty(0, np.float32))
    if not values:
        raise ValueError("it holds no values")
    if any(array.ndim < 2 or array.size == 0 or array.dtype.kind != "f" for array in values.values()):
        raise ValueError("values are not floats of two or more axes")
    if len({len(array) for array in values.values()}) > 1:
        raise ValueError("inputs differ in their number of samples")
    if errors.ndim != 1 or errors.dtype.kind != "f":
        raise ValueError("completeness_error is not a vector of floats")
    scales = [float(frame.text.get(f"scale:{name}", "1")) for name in values]
    if not all(np.isfinite(scale) and scale > 0 for scale in scales):
        raise ValueError("a scale is not a positive number")
    flat = [array.reshape(len(array), -1) for array in values.values()]
    cells = {name: array.shape[1:] for name, array in values.items()}
    if len(flat) == 1:
        return Explanation(flat[0], scales[0], cells, errors)
    joined = np.concatenate([scaled(array, scale) for array, scale in zip(flat, scales, strict=True)], axis=1)
    joined.setflags(write=False)
    return Explanation(joined, 1.0, cells, errors)


def scaled(values: NDArray[Any], scale: float) -> NDArray[Any]:
    """Return what `summary.compress` was given, float32, to float16's 11 bits; infinite where float32 cannot hold it."""
    with np.errstate(over="ignore", invalid="ignore"):
        return values.astype(np.float32) * np.float32(scale)
