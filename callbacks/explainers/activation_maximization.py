"""Activation maximization: an input that a class, a channel or a unit answers to most strongly."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from tb_explain_plugin.callbacks.explainers.ascent import PARAMETERIZATIONS, Ascent
from tb_explain_plugin.callbacks.explainers.boxes import Box, boxes_of
from tb_explain_plugin.callbacks.explainers.engine import Scorer, as_looker
from tb_explain_plugin.callbacks.explainers.units import POSITIONS, Units

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import keras
    from numpy.typing import NDArray

_JITTER = 16
"""Of an image's shorter side, the part by which it is shifted at most."""


@dataclasses.dataclass
class Maximized:
    """What units answer most strongly to.

    Attributes:
        inputs: by name, [U, …] float32, where the input becomes floating (after ``Rescaling``, say).
        activation: [U] float32: the unit's there.
        reference: [U] float32: its largest over the samples.
        units: [U] int32: which.
        layer: whose units they are: its name; of classes that of the layer that makes the output.
        unit: ``"class"``, ``"channel"`` (of a layer with positions) or ``"unit"``.
    """

    inputs: dict[str, NDArray[Any]]
    activation: NDArray[Any]
    reference: NDArray[Any]
    units: NDArray[Any]
    layer: str
    unit: str


def activation_maximization(
    model: keras.Model | Scorer,
    inputs: Any,
    *,
    layer: str | None = None,
    units: Sequence[int] | None = None,
    steps: int = 128,
    rate: float = 0.05,
    smoothness: float = 1.0,
    jitter: int | None = None,
    parameterization: str = "pixels",
    position: str = "mean",
    kinds: Mapping[str, str] | None = None,
    seed: int = 0,
    batch_size: int | None = None,
) -> Maximized:
    """Inputs that units answer most strongly to, by gradient ascent.

    Erhan et al., "Visualizing Higher-Layer Features of a Deep Network", 2009; Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional
    Networks", 2014, section 2; jitter, smoothness and Fourier basis as in Olah, Mordvintsev and Schubert, "Feature Visualization", 2017.

    Climbed is a(x) / s − smoothness · P(x), s being the standard deviation of the unit's activation over the samples, so that the prior
    weighs as much at every epoch. Inputs stay within the samples' range: an image within their smallest and largest value, a column (of a
    table) or a channel (of a sequence) within its own. Of an image P is the sum of squared differences between neighbours, in parts of the
    range; of anything else that of squared distances from the samples' mean, in standard deviations; both over √n, n its elements.

    All units climb together, for ``steps`` forward and backward passes of as many rows; and the samples are passed through once. Tokens and
    categories have no gradient and cannot climb.

    Args:
        model: a built Keras model, or a `Scorer` made for it.
        inputs: N samples as the model takes them: they say how far inputs may go, and what is a strong activation.
        layer: whose units climb. Defaults to None: the model's first output: logits of classes (of one sigmoid unit ∓ its logit), or the
            numbers of a regression.
        units: which. Defaults to None: the first 10 classes, or the 6 units of a layer whose activations vary most over the samples.
        steps: of the ascent.
        rate: of Adam at the first step, in parts of the range; it falls linearly to 0.
        smoothness: weight of the prior. 0 for none.
        jitter: pixels by which an image is shifted at each step, over its edges, at most. Defaults to None: a sixteenth of its shorter
            side.
        parameterization: ``"pixels"``, or ``"fourier"`` for images: their spectrum climbs, low frequencies fastest.
        position: ``"mean"``: of a channel over its positions, or ``"center"``: at the middle one.
        kinds: by input name: ``"image"``, ``"sequence"`` or ``"tabular"``, where the shape does not tell.
        seed: of the noise that all units start from, and of the shifts; the same for every model and epoch.
        batch_size: rows of a batch; by default as many as memory allows.

    Returns:
        A `Maximized`.

    Raises:
        ValueError: an input of tokens or categories, an unknown layer or unit, one that no gradient reaches the inputs from, ``"fourier"``
            without an image, or an option out of its range.

    Example:
        >>> found = activation_maximization(model, x_val, layer="conv_2", units=[0, 1], parameterization="fourier")
        >>> found.inputs["image"].shape, found.activation / found.reference
    """
    check_ascent(steps=steps, rate=rate, smoothness=smoothness, jitter=jitter, parameterization=parameterization, position=position)
    scorer = climber(model, inputs, layer, batch_size)
    boxes = boxes_of(scorer, inputs, kinds or {})
    moving = [box for box in boxes if box.moves]
    of = Units.of(scorer, layer, position)
    ascent = Ascent(steps, rate, smoothness, _shift(moving, jitter), parameterization, seed)
    _check_spectra(moving, parameterization)

    flat = scorer.network.flatten(inputs)
    (values,) = scorer.ask(f"units:{of.key}", lambda *tensors: [of.values(tensors)], flat)
    chosen = of.choose(units, values)
    with np.errstate(invalid="ignore", over="ignore"):  # weights may be NaN or Inf
        spread = values[:, chosen].std(axis=0, dtype=np.float64).astype(np.float32)
    spread[spread == 0] = 1  # a unit that does not move has no scale

    def climb(unit: Any, spread: Any, *tensors: Any) -> list[Any]:
        given, rest = tensors[: len(flat)], tensors[len(flat) :]
        starts, lows, ranges, centers, deviations = (rest[k : k + len(moving)] for k in range(0, 5 * len(moving), len(moving)))

        def activation(x: Sequence[Any]) -> Any:
            at = iter(x)
            return tf.gather(of.values(given, [next(at) if box.moves else None for box in boxes]), unit, axis=1, batch_dims=1)

        reached = ascent.climb(
            lambda x: activation(x) / spread, starts, lows, ranges, centers, deviations, [box.is_image for box in moving]
        )
        _, x = ascent.inputs(reached, lows, ranges)
        return [*x, activation(x)]

    spans = [getattr(box, name) for name in ("low", "range", "center", "deviations") for box in moving]
    each = [np.stack([v] * len(chosen)) for v in (*(v[0] for v in flat), *ascent.start([box.center for box in moving]), *spans)]
    *x, activation = scorer.ask(f"maximize:{of.key}:{ascent}", climb, [chosen, spread, *each], is_hot=True)
    found = {box.name: v for box, v in zip(moving, x, strict=True)}
    return Maximized(found, activation, values[:, chosen].max(axis=0), chosen, of.layer, of.kind)


def climber(model: keras.Model | Scorer, inputs: Any, layer: str | None, batch_size: int | None) -> Scorer:
    """Return a scorer of the model; one that knows what the outputs mean, where they climb."""
    outputs_climb = layer is None and not isinstance(model, Scorer)
    return Scorer(model, inputs, score="logit", batch_size=batch_size) if outputs_climb else as_looker(model, inputs, batch_size)


def check_climb(
    scorer: Scorer,
    inputs: Any,
    *,
    layer: str | None,
    units: Sequence[int] | None,
    parameterization: str,
    position: str,
    kinds: Mapping[str, str] | None,
    **_: Any,
) -> None:
    """Check options against the model, for a call to come.

    Raises:
        ValueError: as `activation_maximization`, but for a gradient that does not arrive.
    """
    _check_spectra([box for box in boxes_of(scorer, inputs, kinds or {}) if box.moves], parameterization)
    of = Units.of(scorer, layer, position)
    few = [v[:2] for v in scorer.network.flatten(inputs)]
    of.choose(units, scorer.network.traced(lambda *tensors: of.values(tensors))(*map(tf.constant, few)).numpy())


def _shift(boxes: Sequence[Box], jitter: int | None) -> int:
    """Return by how many pixels images are shifted, at most; less than the shortest side of them."""
    sides = [min(box.low.shape[:2]) for box in boxes if box.is_image]
    if not sides:
        return 0
    shortest: int = min(sides)
    return shortest // _JITTER if jitter is None else min(jitter, shortest - 1)


def _check_spectra(boxes: Sequence[Box], parameterization: str) -> None:
    flat = [box.name for box in boxes if not box.is_image]
    if parameterization == "fourier" and flat:
        raise ValueError(f"parameterization is 'fourier', but {flat} are no images; expected 'pixels' for tables and sequences")


def check_ascent(*, steps: int, rate: float, smoothness: float, jitter: int | None, parameterization: str, position: str, **_: Any) -> None:
    """Check what is wrong with the options whatever the model.

    Raises:
        ValueError: one out of its range.
    """
    if steps < 1:
        raise ValueError(f"steps is {steps}; expected at least 1")
    if not rate > 0:
        raise ValueError(f"rate is {rate}; expected a part of the inputs' range above 0")
    if not smoothness >= 0:
        raise ValueError(f"smoothness is {smoothness}; expected at least 0, which is none")
    if jitter is not None and jitter < 0:
        raise ValueError(f"jitter is {jitter}; expected a number of pixels, at least 0, which is none")
    if parameterization not in PARAMETERIZATIONS:
        raise ValueError(f"parameterization is {parameterization!r}; expected one of {PARAMETERIZATIONS}")
    if position not in POSITIONS:
        raise ValueError(f"position is {position!r}; expected one of {POSITIONS}: of a channel over its positions, or at the middle one")
