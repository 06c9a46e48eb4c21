"""What a model's output means: its task, its logits, and the score that is explained.

A *head* is one output of a model. What it means is settled once, from the output itself, the compiled loss and the targets; after that a
score is a row of the table `SCORES`, and targets are one integer a sample (a class, a label) or nothing (regression).
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops
from scipy import special

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

TASKS = ("multiclass", "binary", "multilabel", "regression")

_LOSS_TASKS = {
    "sparse_categorical_crossentropy": "multiclass",
    "categorical_crossentropy": "multiclass",
    "categorical_focal_crossentropy": "multiclass",
    "categorical_hinge": "multiclass",
    "kl_divergence": "multiclass",
    "kldivergence": "multiclass",
    "binary_crossentropy": "binary",
    "binary_focal_crossentropy": "binary",
    "hinge": "binary",
    "squared_hinge": "binary",
    "mean_squared_error": "regression",
    "mean_absolute_error": "regression",
    "mean_absolute_percentage_error": "regression",
    "mean_squared_logarithmic_error": "regression",
    "huber": "regression",
    "log_cosh": "regression",
    "poisson": "regression",
}
_MARGIN_LOSSES = ("hinge", "squared_hinge", "categorical_hinge")


class BatchLossError(ValueError):
    """A loss has no value for a single sample."""


@dataclasses.dataclass(frozen=True)
class Head:
    """One output: ``task`` of `TASKS`, number of units, and whether a plain output (without Keras' logits tag) holds probabilities."""

    name: str
    task: str
    units: int
    probabilities: bool


def logits_tag(output: Any) -> Any | None:
    """Return the logits that Keras' softmax and sigmoid leave on their output, or None."""
    return getattr(output, "_keras_logits", None)


def resolve_head(
    name: str, output: NDArray[Any], logits: NDArray[Any] | None, loss: Any, targets: NDArray[Any] | None, task: str | None
) -> Head:
    """Settle what an output means.

    In this order: ``task`` if given; softmax, where the output carries its logits; the compiled loss where it is a classification loss;
    sigmoid; a regression loss; integer targets (classification), else regression.

    Args:
        name: of the output.
        output: [n, units], of a few samples.
        logits: [n, units], what softmax or sigmoid was applied to; None for a plain output.
        loss: the compiled loss of this output, or None.
        targets: [N] or [N, units] as the user gave them, or None.
        task: the caller's word, or None.

    Raises:
        ValueError: an unknown task, or an output that is not [n, units].
    """
    if task is not None and task not in TASKS:
        raise ValueError(f"task is {task!r}; expected one of {TASKS}")
    if output.ndim != 2:
        raise ValueError(
            f"output {name!r} has shape {(None, *output.shape[1:])}; scores are known for outputs of shape (None, units). "
            "Pass score= as a callable (outputs, targets) -> [N]"
        )
    units = output.shape[1]
    loss_task = _LOSS_TASKS.get(loss_name(loss))
    whole = targets is not None and _whole(targets)
    integers = targets is not None and targets.dtype.kind in "biu"
    softmax = logits is not None and units > 1 and np.allclose(output, special.softmax(logits.astype(np.float64), axis=-1), atol=1e-2)
    if task is None and softmax:
        task = "multiclass"
    elif task is None:
        if loss_task == "multiclass" and logits is not None:
            task = "binary"  # many sigmoids under a loss for one softmax
        elif loss_task in ("multiclass", "binary"):
            task = loss_task
        elif logits is not None:
            task = "binary" if whole or loss_task is None else "regression"
        elif loss_task == "regression" or not integers:
            task = "regression"
        else:
            task = "multiclass" if units > 1 else ("binary" if np.isin(np.asarray(targets), (0, 1)).all() else "regression")
    if task == "binary" and units > 1:
        task = "multilabel"
    classifies = loss_task in ("multiclass", "binary") and loss_name(loss) not in _MARGIN_LOSSES
    return Head(name, task, units, probabilities=classifies and not getattr(loss, "from_logits", False))


def loss_name(loss: Any) -> str:
    """Return the snake-case name of a Keras loss (an instance, a function, None)."""
    name = getattr(loss, "__name__", None) or type(loss).__name__
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def resolve_targets(head: Head, targets: NDArray[Any] | None, samples: int) -> NDArray[Any]:
    """Return the index of the class or label to explain, int32 [N]; −1 for every sample of a regression.

    Multi-hot targets name each sample's first positive label, label 0 where it has none; a binary target may be −1 or 1, as hinge losses
    take it, or a probability, cut at ½. Regression explains the sum of its units.

    Raises:
        ValueError: no targets for a classification, a wrong length or shape, or a label outside the output's units.
    """
    if head.task == "regression":
        return np.full(samples, -1, np.int32)
    if targets is None:
        raise ValueError(f"output {head.name!r} is a {head.task} classification: pass targets, one class a sample, received None")
    y = np.asarray(targets)
    if y.dtype.kind not in "biuf":
        raise ValueError(
            f"targets of output {head.name!r} are {y.dtype}, such as {y.reshape(-1)[:3].tolist()}; expected class indices or one-hot rows: "
            "number the classes as for training"
        )
    if y.ndim == 0:
        y = np.full(samples, y)
    if len(y) != samples:
        raise ValueError(f"targets of output {head.name!r} have {len(y)} entries, inputs have {samples} samples")
    if y.ndim == 2 and y.shape[1] == head.units and head.units > 1:
        y = y.argmax(axis=1)
    elif y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        raise ValueError(f"targets of output {head.name!r} have shape {y.shape}; expected ({samples},) or ({samples}, {head.units})")
    if head.task == "binary" and np.isin(y, (-1, 1)).all():
        y = (y + 1) // 2
    elif head.task == "binary" and y.dtype.kind == "f" and y.min() >= 0 and y.max() <= 1:
        y = (y >= 0.5).astype(np.int32)
    if not _whole(y):
        raise ValueError(
            f"targets of output {head.name!r} must be class indices or one-hot rows, received values such as {y[y != np.round(y)][:3]}; "
            "if the output is a number, not a class, pass Probe(task='regression')"
        )
    classes = 2 if head.task == "binary" else head.units
    if y.min() < 0 or y.max() >= classes:
        raise ValueError(
            f"targets of output {head.name!r} lie in [{y.min():g}, {y.max():g}]; the output has {head.units} unit(s), "
            f"so expected [0, {classes - 1}]. Check the labels' encoding or the last layer's units; "
            "if the output is a number, not a class, pass Probe(task='regression')"
        )
    return y.astype(np.int32)


def class_logits(head: Head, output: Any, logits: Any | None) -> Any:
    """Return float32 logits [B, units] whose softmax (or sigmoid) is the prediction; the output itself for a regression."""
    if logits is not None and head.task != "regression":
        return ops.cast(logits, "float32")
    output = ops.cast(output, "float32")
    if not head.probabilities or head.task == "regression":
        return output
    tiny = float(np.finfo(np.float32).tiny)
    log_p = ops.log(ops.maximum(output, tiny))
    return log_p if head.task == "multiclass" else log_p - ops.log(ops.maximum(1.0 - output, tiny))


def probabilities(head: Head, logits: Any) -> Any:
    """Return the predicted probability of each class [B, classes]; a binary unit gives two columns."""
    if head.task == "multiclass":
        return ops.softmax(logits, axis=-1)
    p = ops.sigmoid(logits)
    return ops.concatenate([1.0 - p, p], axis=-1) if head.task == "binary" else p


def _log_odds(head: Head, z: Any, target: Any) -> Any:
    """Log-odds of the target: z_y − logsumexp(z_¬y); ± the logit of one sigmoid unit; the logit of a label."""
    if head.task != "multiclass":
        return _logit(head, z, target)
    is_target = ops.one_hot(target, head.units, dtype="bool")
    others = ops.where(is_target, ops.cast(np.finfo(np.float32).min / 2, z.dtype), z)
    return _pick(z, target, head.units) - ops.logsumexp(others, axis=-1)


def _centered_logit(head: Head, z: Any, target: Any) -> Any:
    """z_y minus the mean of all logits: unmoved by a shift common to all classes."""
    return _log_odds(head, z, target) if head.task != "multiclass" else _pick(z, target, head.units) - ops.mean(z, axis=-1)


def _logit(head: Head, z: Any, target: Any) -> Any:
    if head.task == "binary":
        return z[:, 0] * ops.cast(2 * target - 1, z.dtype)
    return _pick(z, target, head.units)


def _probability(head: Head, z: Any, target: Any) -> Any:
    p = probabilities(head, z)
    return _pick(p, target, p.shape[-1])


SCORES: dict[str, Callable[[Head, Any, Any], Any]] = {
    "log_odds": _log_odds,
    "centered_logit": _centered_logit,
    "logit": _logit,
    "probability": _probability,
}
SCORE_UNITS = {
    "log_odds": "nats of log-odds",
    "centered_logit": "logit",
    "logit": "logit",
    "probability": "probability",
}


def score(name: str, head: Head, z: Any, target: Any) -> Any:
    """Return the named score of the targets, float32 [B]. A regression's score is its output, summed over units."""
    return ops.sum(z, axis=-1) if head.task == "regression" else SCORES[name](head, z, target)


def sample_loss(loss: Any, target: Any, output: Any) -> Any:
    """Return the loss of each sample, float32 [B], before any reduction or weight.

    The tensor must be the model's own output: Keras' losses read the logits it carries.

    Raises:
        BatchLossError: a loss that reduces over the batch by itself, so that no sample has a loss of its own.
    """
    output = output if str(output.dtype) == "float32" else ops.cast(output, "float32")  # as Keras does, which drops the logits too
    target = ops.convert_to_tensor(target)
    if len(target.shape) == len(output.shape) - 1 and output.shape[-1] == 1:
        target = ops.expand_dims(target, -1)
    if not loss_name(loss).startswith("sparse"):
        target = ops.cast(target, "float32")
    values = loss.call(target, output) if isinstance(loss, keras.losses.Loss) else loss(target, output)
    if len(values.shape) == 0:
        raise BatchLossError(
            f"the loss {loss_name(loss)} returns one number a batch; return one a sample, shape (batch,), to have figures based on loss"
        )
    values = ops.cast(values, "float32")
    return ops.mean(ops.reshape(values, (ops.shape(values)[0], -1)), axis=-1)


def _pick(values: Any, index: Any, size: int) -> Any:
    return ops.sum(values * ops.one_hot(index, size, dtype=values.dtype), axis=-1)


def _whole(values: NDArray[Any]) -> bool:
    return values.dtype.kind in "biu" or (values.dtype.kind == "f" and bool(np.all(values == np.round(values))))
