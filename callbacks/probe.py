"""The samples that are explained. Chosen once and fixed for a run: a probe that changed would hide all drift behind its own noise."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import tree

from tb_explain_plugin.callbacks.explainers import structure
from tb_explain_plugin.callbacks.explainers.heads import TASKS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

KINDS = ("tabular", "image", "text", "sequence")
DEFAULT_SIZE = 256
MOST_READ = 50_000
MOST_BYTES = 2**30
"""Samples, and bytes, of a Dataset from which a probe is drawn."""


class Probe:
    """A fixed set of samples with their targets.

    Example:
        >>> Explain("logs/run1", probe=Probe(x_val[:256], y_val[:256], class_names=["benign", "malignant"]))
        >>> Explain("logs/run1", probe=Probe.stratified(x_val, y_val, size=512))

    Args:
        x: all the samples, numbers or text: an array, a pandas frame, a dict or list of arrays for several inputs, or a
            ``tf.data.Dataset`` of batches as for ``fit`` (then ``y`` and ``sample_weight`` come from it; it is read once, here: not the
            one that ``fit`` shuffles).
        y: targets as for ``fit``: indices, one-hot, multi-hot, numbers, or a dict or list like the outputs. Defaults to None.
        sample_weight: [N], of the mean loss. Defaults to None.
        task: what the outputs mean, where the loss does not tell: "multiclass", "binary", "multilabel" or "regression", or a dict by
            output name. Defaults to None.
        kinds: what the inputs are, where the shape does not tell: "tabular", "image", "text" or "sequence", or a dict by input name.
            Defaults to None: rank 4 is an image; rank 3 an image if its two axes are equal, else a sequence; rank 2 a table, or text if
            it feeds an Embedding.
        feature_names: of a table's columns; a dict by input name for several inputs. Defaults to the columns of a pandas frame.
        class_names: one a class. Defaults to None: classes are called by their index.
        sample_names: one a sample. Defaults to None: samples are called by their position.
        groups: one a sample: to which declared group it belongs. Defaults to None.
        vocabulary: the token of each id of a text input. Defaults to None: that of the model's own lookup, as TextVectorization.
        log_inputs: whether the log keeps what the samples look like. False keeps names and hashes only. Defaults to True.

    Raises:
        ValueError: no samples, unequal lengths, NaN or infinite values, an unknown kind or task, names of another number.
        TypeError: samples that are no numbers.
    """

    def __init__(
        self,
        x: Any,
        y: Any = None,
        *,
        sample_weight: Any = None,
        task: str | Mapping[str, str] | None = None,
        kinds: str | Mapping[str, str] | None = None,
        feature_names: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
        class_names: Sequence[str] | None = None,
        sample_names: Sequence[str] | None = None,
        groups: Sequence[str] | None = None,
        vocabulary: Sequence[str] | None = None,
        log_inputs: bool = True,
    ) -> None:
        if _is_dataset(x):
            x, y, sample_weight = _read_dataset(x, y)
        if feature_names is None:
            feature_names = _column_names(x)
        self.inputs = tree.map_structure(_as_array, _plain(x))
        self.targets = None if y is None else tree.map_structure(_as_array, _plain(y))
        self.sample_weight = None if sample_weight is None else np.asarray(sample_weight, np.float32)
        self.size = len(tree.flatten(self.inputs)[0])
        self.task = task
        self.kinds = kinds
        self.feature_names = feature_names
        self.class_names = _names(class_names)
        self.sample_names = _names(sample_names)
        self.groups = _names(groups)
        self.vocabulary = _names(vocabulary)
        self.log_inputs = log_inputs
        self.seed = 0
        self._check()
        self.hash = self._content_hash()

    @classmethod
    def stratified(cls, x: Any, y: Any = None, *, size: int = DEFAULT_SIZE, seed: int = 0, **options: Any) -> Probe:
        """Return a class-balanced probe of at most ``size`` samples, drawn once by a generator of its own.

        Each class gets an equal share, as far as it has samples; what is left over is drawn from the other samples. Without classes (no
        targets, a regression) the draw is uniform. Samples are called by their position in ``x`` and keep its order.

        Args:
            x: as for `Probe`; of a Dataset, the first 50,000 samples or 1 GiB.
            y: likewise.
            size: number of samples; at least 64 for global figures that mean something.
            seed: of the draw.
            **options: passed on to `Probe`; ``sample_weight``, ``sample_names`` and ``groups`` are those of all of ``x``.

        Raises:
            ValueError: as `Probe`, or a size under 1.
        """
        if size < 1:
            raise ValueError(f"size is {size}; expected at least 1 sample")
        if not 0 <= seed < 2**32:
            raise ValueError(f"seed is {seed}; expected 0 to 2³² − 1")
        if _is_dataset(x):
            x, y, options["sample_weight"] = _read_dataset(x, y)
        options.setdefault("feature_names", _column_names(x))
        x = _plain(x)
        y = None if y is None else _plain(y)
        lengths = {len(values) for values in tree.flatten(x) if values.ndim}
        if len(lengths) != 1 or lengths == {0}:
            return cls(x, y, **options)  # which says what is wrong
        samples = lengths.pop()
        labels = tree.flatten(y)[0] if y is not None else None
        if labels is not None and len(labels) != samples:
            return cls(x, y, **options)
        chosen = _draw(classes_of(labels), samples, size, np.random.default_rng(seed))
        names = options.pop("sample_names", None)
        options["sample_names"] = [f"#{k}" if names is None else names[k] for k in chosen]
        for option in ("sample_weight", "groups"):
            if options.get(option) is not None:
                options[option] = [options[option][k] for k in chosen]
        picked = tree.map_structure(lambda values: values[chosen], x)
        probe = cls(picked, None if y is None else tree.map_structure(lambda values: values[chosen], y), **options)
        probe.seed = seed
        return probe

    @classmethod
    def of(cls, probe: Any) -> Probe:
        """Return what a callback was given as a probe: a `Probe` itself, or a class-balanced draw of a tuple, Dataset or array.

        Raises:
            ValueError: as `Probe`.
        """
        if isinstance(probe, cls):
            return probe
        if isinstance(probe, tuple):
            if not 1 <= len(probe) <= 3:
                raise ValueError(f"probe is a tuple of {len(probe)}; expected (x,), (x, y) or (x, y, sample_weight)")
            x, y, weight = (*probe, None, None)[:3]
            return cls.stratified(x, y, sample_weight=weight)
        return cls.stratified(probe)

    def _check(self) -> None:
        for what, arrays in (("x", self.inputs), ("y", self.targets)):
            for values in tree.flatten(arrays) if arrays is not None else []:
                if values.ndim == 0 or len(values) == 0:
                    raise ValueError(f"the probe's {what} is empty; pass at least one sample, and 64 or more for global figures")
                if len(values) != self.size:
                    raise ValueError(f"the probe's {what} has {len(values)} samples, its first input has {self.size}; pass as many of each")
                if values.dtype.kind == "f" and not np.isfinite(values).all():
                    bad = np.flatnonzero(~np.isfinite(values).reshape(self.size, -1).all(axis=1))
                    raise ValueError(
                        f"the probe's {what} has NaN or infinite values in {len(bad)} of {self.size} samples, "
                        f"the first is sample {bad[0]}; fill or drop them, as for training"
                    )
        for what, names in (
            ("sample_weight", self.sample_weight),
            ("sample_names", self.sample_names),
            ("groups", self.groups),
        ):
            if names is not None and len(names) not in (0, self.size):
                raise ValueError(f"{what} has {len(names)} entries, the probe has {self.size} samples; pass one a sample")
        for what, given, known in (("kind", self.kinds, KINDS), ("task", self.task, TASKS)):
            for value in given.values() if isinstance(given, dict) else [given]:
                if value is not None and value not in known:
                    raise ValueError(f"unknown {what} {value!r}; expected one of {known}")

    def _content_hash(self) -> str:
        digest = hashlib.sha256()
        weights = [] if self.sample_weight is None else [self.sample_weight]
        for values in [
            *tree.flatten(self.inputs),
            *([] if self.targets is None else tree.flatten(self.targets)),
            *weights,
        ]:
            digest.update(f"{values.dtype.str}{values.shape}".encode())
            digest.update(
                "\x00".join(map(str, values.ravel())).encode() if values.dtype.kind in "OSU" else np.ascontiguousarray(values).tobytes()
            )
        return digest.hexdigest()[:16]


def classes_of(labels: NDArray[Any] | None) -> NDArray[Any] | None:
    """Return the class of each sample, int [N]; None where the targets are no classes.

    One-hot rows name their class, multi-hot rows their first positive label. Whole numbers are classes while they repeat: fewer than half
    as many values as samples.
    """
    if labels is None or labels.dtype.kind not in "biuf":
        return None
    if labels.ndim == 2 and labels.shape[1] > 1:
        return labels.argmax(axis=1) if np.isin(labels, (0, 1)).all() else None
    flat = labels.reshape(len(labels), -1)
    if flat.shape[1] != 1 or not np.array_equal(flat, np.round(flat)):
        return None
    values, index = np.unique(flat[:, 0], return_inverse=True)
    return index.reshape(-1) if len(values) <= max(2, len(flat) // 2) else None


def _draw(classes: NDArray[Any] | None, samples: int, size: int, generator: np.random.Generator) -> NDArray[Any]:
    order = generator.permutation(samples)
    if samples <= size:
        return np.arange(samples)
    if classes is None:
        return np.sort(order[:size])
    labels = np.unique(classes)
    share = size // len(labels)
    chosen = np.concatenate([order[classes[order] == label][:share] for label in labels])
    rest = order[~np.isin(order, chosen)]
    return np.sort(np.concatenate([chosen, rest[: size - len(chosen)]]))


def _is_dataset(x: Any) -> bool:
    return hasattr(x, "element_spec") and hasattr(x, "as_numpy_iterator")


def _read_dataset(dataset: Any, y: Any) -> tuple[Any, Any, Any]:
    if y is not None:
        raise ValueError("y was passed beside a Dataset; the Dataset yields its own (x, y)")
    for spec in tree.flatten(dataset.element_spec):
        structure.require_dense(type(spec).__name__)
    batches, samples, size = [], 0, 0
    for batch in dataset.as_numpy_iterator():
        batches.append(batch if isinstance(batch, tuple) else (batch,))
        if any(np.ndim(values) == 0 for values in tree.flatten(batches[-1])):
            raise ValueError("the probe's Dataset yields single samples; batch it as for fit: dataset.batch(64)")
        samples += len(tree.flatten(batches[-1])[0])
        size += sum(values.nbytes for values in tree.flatten(batches[-1]))
        if samples >= MOST_READ or size >= MOST_BYTES:
            break
    if not batches:
        raise ValueError("the probe's Dataset is empty; pass at least one batch")
    joined = tuple(tree.map_structure(lambda *parts: np.concatenate(parts), *(b[k] for b in batches)) for k in range(len(batches[0])))
    x, targets, weight = (*joined, None, None)[:3]
    return x, targets, weight


def _plain(x: Any) -> Any:
    """Turn what tree does not know as a leaf (pandas frames and series) into arrays, and lists of numbers into one."""
    if isinstance(x, dict):
        return {str(name): _plain(values) for name, values in x.items()}
    if isinstance(x, (list, tuple)):
        several = len(x) > 0 and not isinstance(x[0], (list, str, bytes)) and np.ndim(x[0]) > 0
        return [_plain(values) for values in x] if several else structure.as_array(list(x))
    return structure.as_array(x)


def _as_array(values: Any) -> NDArray[Any]:
    array = structure.as_array(values)
    if array.dtype.kind == "O" and array.size and not all(isinstance(v, (str, bytes)) for v in array.ravel()):
        raise TypeError(
            "the probe holds columns that are no numbers (dtype object); "
            "encode categories as numbers first, with the same code as for training"
        )
    if array.dtype.kind not in "biufOSU":
        raise TypeError(f"the probe holds {array.dtype} values; expected numbers or strings")
    return array


def _column_names(x: Any) -> list[str] | None:
    columns = getattr(x, "columns", None)
    return [str(name) for name in columns] if columns is not None else None


def _names(names: Any) -> list[str]:
    return [] if names is None else [str(name) for name in names]
