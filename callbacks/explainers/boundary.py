"""Decision boundary: what the model says all over a plane through its inputs, and where it changes its mind."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin.callbacks.explainers import planes
from tb_explain_plugin.callbacks.explainers.engine import as_scorer

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras
    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer
    from tb_explain_plugin.callbacks.explainers.planes import Plane

MOST_CELLS = 512
"""Of a plane, a side: more than a screen shows of it."""


@dataclasses.dataclass
class Boundary:
    """What a model says on a grid of cells over a plane, asked at the middle of each. Row 0 is the lowest, column 0 the leftmost.

    Attributes:
        plane: where the cells lie.
        classes: [G, G] int32, the class; −1 where the model says no number. None of a regression or of labels.
        probability: [G, G] float32, of that class; None likewise.
        value: [G, G] float32, the output of a regression or a label's probability; None of classes.
    """

    plane: Plane
    classes: NDArray[Any] | None
    probability: NDArray[Any] | None
    value: NDArray[Any] | None


def decision_boundary(
    model: keras.Model | Scorer,
    inputs: Any,
    targets: Any = None,
    *,
    features: Sequence[str | int] | None = None,
    resolution: int = 64,
    unit: int = 0,
    feature_names: Sequence[str] | None = None,
    plane: Plane | None = None,
    score: Any = "log_odds",
    batch_size: int | None = None,
) -> Boundary:
    """Class regions on a plane through the inputs.

    The plane is that of two features, all others being held at the samples' medians; or of the first two principal components of the
    samples (Pearson, "On lines and planes of closest fit to systems of points in space", 1901), all others being 0. It depends on the
    samples alone: what moves from epoch to epoch is the model. It costs one forward pass of resolution² samples, in batches.

    Args:
        model: a built Keras model, or a `Scorer` made for it.
        inputs: N samples as the model takes them: an array, or a list or dict of arrays; numbers, not tokens or categories.
        targets: for what they say of the outputs' meaning, as in `integrated_gradients`; the regions do not depend on them.
        features: two columns of tables, by position (counted over all tables) or by name. Defaults to None: principal components, of
            columns divided by their standard deviations, and of other inputs as they are.
        resolution: cells a side, 2 to 512.
        unit: which output of a regression, or which label of several, is looked at; classes are looked at together.
        feature_names: one a column of all tables. Defaults to None: "feature 0", "feature 1" and so on.
        plane: from an earlier answer, in place of ``features``. Defaults to None: laid through ``inputs``.
        score: not read.
        batch_size: rows of a batch; by default as many as memory allows.

    Returns:
        A `Boundary`, of the model's first output.

    Raises:
        ValueError: inputs of tokens, categories or masks; features that are not two columns; samples that span no plane; a resolution
            or a unit out of range.

    Example:
        >>> boundary = decision_boundary(model, x_val, y_val, features=(0, 3))
        >>> (boundary.classes == 1).mean()  # the part of the plane in which the model says class 1
    """
    check_resolution(resolution=resolution)
    scorer = as_scorer(model, inputs, targets, score, batch_size)
    if scorer.layer is not None:
        raise ValueError(f"the scorer starts at the layer {scorer.layer!r}; a plane goes through the inputs: pass the model's own scorer")
    if not scorer.readout.heads:  # a callable score
        scorer = scorer.scored("log_odds")
    if plane is None:
        plane = lay_plane(scorer, inputs, features, feature_names)
    head = scorer.readout.heads[0]
    is_class = head.task in ("multiclass", "binary")
    if not is_class and not 0 <= unit < head.units:
        raise ValueError(f"unit is {unit!r}; output {head.name!r} has {head.units} unit(s): expected 0 to {head.units - 1}")
    said = _outputs(scorer, inputs, plane, resolution).reshape(resolution, resolution, -1)
    if not is_class:
        return Boundary(plane, None, None, said[..., unit])
    is_number = np.isfinite(said).all(axis=-1)
    classes = np.where(is_number, said.argmax(axis=-1), -1).astype(np.int32)
    return Boundary(plane, classes, np.where(is_number, said.max(axis=-1), np.nan).astype(np.float32), None)


def check_resolution(*, resolution: int, **_: Any) -> None:
    """Raise a ValueError unless a plane can be cut into so many cells."""
    if not isinstance(resolution, int) or not 2 <= resolution <= MOST_CELLS:
        raise ValueError(f"resolution is {resolution!r}; expected a whole number from 2 to {MOST_CELLS}")


def lay_plane(scorer: Scorer, inputs: Any, features: Sequence[str | int] | None, feature_names: Sequence[str] | None) -> Plane:
    """Return the plane that samples settle.

    Raises:
        ValueError: as in `decision_boundary`.
    """
    network = scorer.network
    named = list(zip(network.input_names, network.entries, strict=True))
    others = [name for name, entry in named if entry.meaning != "values"]
    if others:
        raise ValueError(
            f"no plane goes through {others}: tokens, categories and masks have nothing between them. decision_boundary is for inputs "
            "that are numbers; embedding_projection shows samples of any kind"
        )
    values = scorer.entry_values(inputs)
    tables = [v.ndim <= 2 for v in values]
    if features is None:
        return planes.of_components(values, tables)
    columns = [(k, place) for k, v in enumerate(values) if tables[k] for place in range(int(np.prod(v.shape[1:])))]
    names = _numbered(columns, network.input_names) if feature_names is None else [str(name) for name in feature_names]
    if len(names) != len(columns):
        raise ValueError(f"feature_names has {len(names)} names, the tables have {len(columns)} columns; pass one a column")
    return planes.of_features(values, features, columns, names)


def _numbered(columns: Sequence[tuple[int, int]], input_names: Sequence[str]) -> list[str]:
    several = len({k for k, _ in columns}) > 1
    return [f"{input_names[k]}: feature {place}" if several else f"feature {place}" for k, place in columns]


def _outputs(scorer: Scorer, inputs: Any, plane: Plane, resolution: int) -> NDArray[Any]:
    """Return what the first output predicts at the middles of all cells, [resolution², units], row by row.

    A batch of points is made at a time: all of them would be as many images as the plane has cells.
    """
    network = scorer.network
    flat = network.flatten(inputs)
    middles = (np.arange(resolution) + 0.5) / resolution
    left, right, low, high = plane.bounds
    y, x = (grid.ravel() for grid in np.meshgrid(low + middles * (high - low), left + middles * (right - left), indexing="ij"))
    rows = min(scorer.batch_size, len(x))

    def say(*arrays: Any) -> list[Any]:
        outputs = network.forward(list(arrays[: len(flat)]), arrays[len(flat) :], at=network.entries)
        return [scorer.readout.predictions(outputs)[0]]

    said = []
    held = [np.repeat(values[:1], rows, axis=0) for values in flat]  # replaced where they become floating
    for first in range(0, len(x), rows):
        here = np.resize(np.arange(first, min(first + rows, len(x))), rows)  # the last batch is filled up
        said.append(scorer.ask("plane", say, [*held, *plane.at(x[here], y[here])])[0])
    return np.concatenate(said)[: len(x)]
