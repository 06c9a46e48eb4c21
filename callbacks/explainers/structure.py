"""Several inputs and outputs: their names, and what compile() and fit() take for them, spread over those names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import tree

if TYPE_CHECKING:
    from numpy.typing import NDArray


def symbolic_inputs(model: keras.Model, structure: Any) -> list[Any]:
    """Return the model's symbolic inputs in the order of a flattened structure; none where they do not match (subclassed models)."""
    try:
        found = list(getattr(model, "inputs", None) or [])
    except ValueError:  # a Sequential model that is not built
        return []
    if isinstance(structure, dict):  # flattened by name, which need not be the model's order
        by_name = {i.name: i for i in found}
        return [by_name[name] for name in sorted(structure)] if set(structure) == set(by_name) else []
    return found if len(found) == len(tree.flatten(structure)) else []


def is_floating(symbolic: Any) -> bool:
    """Whether the model takes an input as floats."""
    return "float" in str(symbolic.dtype)


def given_name(name: str) -> str | None:
    """Return the name of an input if somebody gave it; None for Keras' own, whose numbers differ from run to run."""
    return None if re.fullmatch(r"(keras_tensor|input_layer)(_\d+)?", name) else name


def as_taken(values: NDArray[Any], symbolic: Any | None) -> NDArray[Any]:
    """Return values in the dtype and rank in which the model takes them: a cast inside the model would hide where they go."""
    if symbolic is not None and len(symbolic.shape) == values.ndim + 1 and symbolic.shape[-1] == 1:
        values = values[..., None]  # as Keras does for a column
    if values.dtype.kind == "f":
        return values.astype(np.float32, copy=False)
    if symbolic is not None and values.dtype.kind in "biu" and not is_floating(symbolic) and str(symbolic.dtype) != "string":
        return values.astype(symbolic.dtype, copy=False)
    return values


def as_array(values: Any) -> NDArray[Any]:
    """Return values as a dense array; text as an array of Python strings, whose length one long text does not set for all.

    Raises:
        TypeError: ragged or sparse values.
    """
    require_dense("sparse matrix" if hasattr(values, "toarray") else type(values).__name__)
    if isinstance(values, list) and values and isinstance(values[0], (str, bytes)):
        values = np.array(values, dtype=object)
    try:
        array = values.to_numpy() if hasattr(values, "to_numpy") else np.asarray(values)
    except ValueError as error:  # rows of unequal length
        raise TypeError(f"the samples are not of one shape: {error}. Pad them to one length, as for training") from error
    if array.dtype.kind in "OSUT" and array.size and all(isinstance(v, (str, bytes)) for v in array.ravel()):
        text = [v.decode(errors="replace") if isinstance(v, bytes) else str(v) for v in array.ravel()]
        array = np.array(text, dtype=object).reshape(array.shape)
    return array


def check_lengths(flat: list[NDArray[Any]]) -> None:
    """Check that inputs are of as many samples each, and of some.

    Raises:
        ValueError: no samples, or lengths that differ.
    """
    lengths = [len(values) if values.ndim else None for values in flat]
    if None in lengths:
        raise ValueError("inputs hold single numbers; expected arrays whose first axis are the samples: pass np.asarray(x)")
    if len(set(lengths)) > 1:
        raise ValueError(f"inputs have {lengths} samples; pass as many of each")
    if lengths == [] or lengths[0] == 0:
        raise ValueError("inputs are empty; pass at least one sample")


def require_dense(kind: str) -> None:
    """Refuse a kind of tensor that is not dense.

    Raises:
        TypeError: a ragged or sparse kind.
    """
    if any(word in kind.lower() for word in ("ragged", "sparse")):
        raise TypeError(
            f"the samples are a {kind}; ragged and sparse samples are not explained: pass dense arrays, as .toarray() or .to_tensor()"
        )


def sum_to_elements(values: NDArray[Any], elements: tuple[int, ...]) -> NDArray[Any]:
    """Return values at an entry [N, …] as one number an element, [N, *elements]: what the entry added to the elements is summed."""
    if values.shape[1:] == elements:
        return values
    kept = len(elements)
    while kept and elements[kept - 1] == 1:
        kept -= 1
    summed: NDArray[Any] = values.sum(axis=tuple(range(1 + kept, values.ndim)))
    return summed.reshape(len(values), *elements)


def kind_of(shape: tuple[int, ...], *, embedded: bool) -> str:
    """Return what an input usually is whose samples have a shape: "image", "sequence", "text" (of embedded codes) or "tabular"."""
    if len(shape) == 3:
        return "image"
    if len(shape) == 2:
        return "image" if shape[0] == shape[1] else "sequence"
    return "text" if embedded else "tabular"


def or_none(values: Any) -> NDArray[Any] | None:
    """Return values as an array, None as None."""
    return None if values is None else np.asarray(values)


def output_names(model: keras.Model, outputs: Any) -> list[str]:
    """Return the outputs' names in flattened order: a dict's keys, the model's own names, or output_0, output_1 and so on."""
    if isinstance(outputs, dict):
        return sorted(outputs)
    count = len(tree.flatten(outputs))
    names = [model.layers[-1].name] if isinstance(model, keras.Sequential) else list(getattr(model, "output_names", None) or [])
    return names if len(names) == count and len(set(names)) == count else [f"output_{k}" for k in range(count)] if count > 1 else ["output"]


def by_output(values: Any, names: list[str]) -> dict[str, Any]:
    """Spread what compile() takes for several outputs (one for all, a list, a dict) over the outputs' names."""
    if isinstance(values, dict):
        return {name: values.get(name) for name in names}
    if isinstance(values, (list, tuple)):
        return dict(zip(names, values, strict=True))
    return dict.fromkeys(names, values)


def targets_by_output(targets: Any, names: list[str]) -> dict[str, NDArray[Any]]:
    """Return the targets of the outputs they name. One array belongs to the first output.

    Raises:
        ValueError: a name that is no output's, or a list of another length.
    """
    if targets is None:
        return {}
    if isinstance(targets, dict):
        unknown = sorted(set(targets) - set(names))
        if unknown:
            raise ValueError(f"targets name outputs {unknown} that the model does not have; its outputs are {names}")
        return {name: np.asarray(targets[name]) for name in names if targets.get(name) is not None}
    if isinstance(targets, (list, tuple)) and len(names) > 1:
        if len(targets) != len(names):
            raise ValueError(f"targets are a list of {len(targets)} arrays; the model has {len(names)} outputs {names}")
        return {name: np.asarray(values) for name, values in zip(names, targets, strict=True) if values is not None}
    return {names[0]: np.asarray(targets)}


def loss_weights(model: keras.Model, names: list[str]) -> dict[str, float]:
    """Return the weight of each output's loss, as compile() was given them."""
    if len(names) == 1 or not model.compiled:
        return dict.fromkeys(names, 1.0)
    weights = by_output((model.get_compile_config() or {}).get("loss_weights"), names)
    return {name: 1.0 if weight is None else float(weight) for name, weight in weights.items()}
