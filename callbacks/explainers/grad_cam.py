"""Grad-CAM: where in the image a late layer sees what speaks for the target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import tree

from tb_explain_plugin.callbacks.explainers.attribution import Attribution, shaped_as_inputs
from tb_explain_plugin.callbacks.explainers.engine import as_scorer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer


def grad_cam(
    model: keras.Model | Scorer,
    inputs: Any,
    targets: Any = None,
    *,
    layer: str | None = None,
    relu: bool = True,
    score: Any = "log_odds",
    batch_size: int | None = None,
) -> Attribution:
    """Grad-CAM: ReLU(Σ_c α_c A_c), α_c the mean over positions of ∂F/∂A_c, of a layer's feature maps A, enlarged to the input's size.

    Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", 2017, equations 1 and 2. For
    images, and for sequences and text likewise along their one axis. The map is as coarse as the layer and is enlarged bilinearly. It
    has one number a position; an input's channels, or a token's embedding, share it equally, so that their sum is the map. Of several
    inputs, those get a map that have the layer's spatial axes and reach it; the values of all others are 0.

    Args:
        model: a built Keras model, or a `Scorer` made for it (then ``score`` and ``batch_size`` are the scorer's).
        inputs: N samples as the model takes them: an array, or a list or dict of arrays.
        targets: the class or label explained: int [N], one int, one-hot [N, C], or a dict or list like the outputs. None: regression.
        layer: whose outputs [N, *positions, channels] are the maps. Defaults to None: the last one with the spatial axes of an input.
        relu: keep only what speaks for the target. False: signed.
        score: ``"log_odds"``, ``"centered_logit"``, ``"logit"`` (the paper's), ``"probability"`` or a callable
            ``(outputs, targets) -> [N]``.
        batch_size: rows of a batch; by default as many as memory allows.

    Returns:
        An `Attribution` in units of the score per position of the layer, without a baseline.

    Raises:
        ValueError: a model without a spatial layer, an unknown layer or one without spatial axes, or one that the score does not read;
            inputs or targets that do not fit.

    Example:
        >>> attribution = grad_cam(model, x_val[:64], y_val[:64])
    """
    scorer = as_scorer(model, inputs, targets, score, batch_size)
    entries = scorer.entry_values(inputs)
    resolved = scorer.readout.resolve_targets(targets, len(entries[0]))
    name, mapped = _layer_and_inputs(scorer, inputs, entries, layer)
    try:
        maps = _maps(scorer.at(name), inputs, resolved)
    except ValueError as error:
        if layer is not None:
            raise
        raise ValueError(f"{error}. grad_cam took {name!r}, the last layer with positions; pass the one to look at as layer=") from error
    if relu:
        maps = np.maximum(maps, 0)
    values = [_enlarged(maps, x) if k in mapped else np.zeros_like(x) for k, x in enumerate(entries)]
    return Attribution(values=shaped_as_inputs(scorer, values), score=scorer.scores(inputs, resolved, entries))


def _maps(at_layer: Scorer, inputs: Any, targets: NDArray[Any]) -> NDArray[Any]:
    """Return Σ_c α_c A_c of a layer's outputs, [N, *positions] float32, a batch of samples at a time: early layers are large."""
    samples = len(targets)
    rows = min(at_layer.batch_size, samples)
    parts = []
    for first in range(0, samples, rows):
        batch = np.arange(first, first + rows) % samples  # filled up from the first samples, so that all batches have one shape
        some = tree.map_structure(lambda v, batch=batch: np.asarray(v)[batch], inputs)
        (features,) = at_layer.entry_values(some)
        (gradients,) = at_layer.gradients(some, targets[batch], [features])
        with np.errstate(invalid="ignore", over="ignore"):  # weights may be NaN or Inf
            alpha = gradients.mean(axis=tuple(range(1, gradients.ndim - 1)), keepdims=True)
            parts.append((alpha * features).sum(axis=-1)[: samples - first])
    return np.concatenate(parts)


def _enlarged(maps: NDArray[Any], entry: NDArray[Any]) -> NDArray[Any]:
    """Return maps [N, *positions] resized bilinearly to the positions of an entry [N, …], shared equally by what each position holds."""
    from scipy import ndimage

    factors = [new / old for new, old in zip(entry.shape[1 : maps.ndim], maps.shape[1:], strict=True)]
    resized = np.stack([ndimage.zoom(one, factors, order=1, mode="nearest", grid_mode=True) for one in maps])
    inner = entry.shape[maps.ndim :]
    shared = resized.reshape(*resized.shape, *[1] * len(inner)) / np.float32(np.prod(inner))
    return np.broadcast_to(shared, entry.shape)


def _layer_and_inputs(scorer: Scorer, inputs: Any, entries: Sequence[NDArray[Any]], layer: str | None) -> tuple[str, list[int]]:
    """Return the layer's name and which inputs its maps lie over.

    Raises:
        ValueError: no layer, or not the one named, has the spatial axes of an input.
    """
    network = scorer.network
    if any(getattr(leaf.layer, "data_format", None) == "channels_first" for leaf in network.leaves):
        raise ValueError(f"the model {network.model.name!r} has its channels first; grad_cam needs data_format='channels_last'")
    shapes = {leaf.name: network.output_shapes[id(leaf.layer)] for leaf in network.watchable if id(leaf.layer) in network.output_shapes}
    if layer is not None:
        network.layer_entry(layer)  # an unknown name raises
    spatial = _from_the_last(scorer, shapes)
    for name in spatial if layer is None else [layer]:
        mapped = _inputs_below(scorer, inputs, entries, name, len(shapes[name]) - 1)
        if mapped:
            return name, mapped
    sizes = {name: values.shape[1:] for name, values in zip(network.input_names, entries, strict=True)}
    raise ValueError(
        (
            f"no layer of the model {network.model.name!r} has"
            if layer is None
            else f"layer {layer!r}, with outputs {shapes[layer]}, has not"
        )
        + f" the spatial axes of an input; the inputs are {sizes}. Grad-CAM needs a layer whose outputs still have positions, as those of "
        f"a convolution or of a recurrent layer that returns sequences have; here {spatial or 'none'}. "
        "Explain such a model by integrated_gradients or saliency, which need no such layer"
    )


def _from_the_last(scorer: Scorer, shapes: dict[str, tuple[int, ...]]) -> list[str]:
    """Return the layers with positions, the last one called first; none of those before the first that has learned anything."""
    network = scorer.network
    called = {layer: k for k, layer in enumerate(network.output_shapes)}
    leaves = sorted((leaf for leaf in network.watchable if leaf.name in shapes), key=lambda leaf: called[id(leaf.layer)])
    spatial = [leaf for leaf in leaves if any(size != 1 for size in shapes[leaf.name][:-1])]
    learned = [leaf.layer.weights and not isinstance(leaf.layer, keras.layers.Normalization) for leaf in spatial]
    first = next((k for k, has_learned in enumerate(learned) if has_learned), len(spatial))
    return [leaf.name for leaf in reversed(spatial[first:])]


def _inputs_below(scorer: Scorer, inputs: Any, entries: Sequence[NDArray[Any]], name: str, axes: int) -> list[int]:
    """Return the inputs that have so many spatial axes, with channels or without, and move the layer's outputs."""
    fitting = [k for k, x in enumerate(entries) if axes > 0 and x.ndim - 1 in (axes, axes + 1) and scorer.entries[k].meaning != "held"]
    if len(entries) == 1 or not fitting:
        return fitting
    at_layer = scorer.at(name)
    before = at_layer.entry_values(inputs, entries)[0]
    moved = [at_layer.entry_values(inputs, [x + 1 if j == k else x for j, x in enumerate(entries)])[0] for k in fitting]
    return [k for k, after in zip(fitting, moved, strict=True) if not np.array_equal(before, after)]
