"""Other libraries' integrated gradients, each called as its own source says it does best.

An adapter takes a `Problem` and returns ``attribute(steps, rows) -> values [N, …]``: from a baseline of zeros to x, of the logit of the
true class; ``rows`` is how many gradients the library may take at once. What is prepared once (traces, one-hot labels, tensors) is
prepared before, so that only explaining is timed.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.util
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from benchmarks.models import Problem

    Attribute = Callable[[int, int], NDArray[Any]]


def xplique(problem: Problem) -> Attribute:
    """Trapezoidal rule; its gradient is a ``tf.function``. It takes ``rows // steps`` samples at a time, at least one."""
    import tensorflow as tf
    from xplique.attributions import IntegratedGradients

    x, labels = tf.constant(problem.x), tf.one_hot(problem.y, problem.classes)

    def attribute(steps: int, rows: int) -> NDArray[Any]:
        explainer = IntegratedGradients(problem.model, batch_size=rows, reducer=None, steps=steps, baseline_value=0.0)
        return np.asarray(explainer(x, labels))

    return attribute


def alibi(problem: Problem, rule: str) -> Attribute:
    """Any rule of Captum's; the model is called eagerly, ``rows`` gradients at a time."""
    from alibi.explainers import IntegratedGradients

    def attribute(steps: int, rows: int) -> NDArray[Any]:
        explainer = IntegratedGradients(problem.model, method=rule, n_steps=steps, internal_batch_size=rows)
        return np.asarray(explainer.explain(problem.x, target=problem.y).attributions[0])

    return attribute


def saliency(problem: Problem) -> Attribute:
    """Left and right ends counted in full, one sample at a time; the gradient that it asks for is ours to write: a ``tf.function``."""
    import tensorflow as tf
    from saliency.core import INPUT_OUTPUT_GRADIENTS, IntegratedGradients

    from benchmarks.reference import gradient_of

    gradient = gradient_of(problem.model)
    labels = np.eye(problem.classes, dtype=np.float32)[problem.y]
    explainer = IntegratedGradients()

    def call_model(points: NDArray[Any], call_model_args: Any, expected_keys: Any) -> dict[str, NDArray[Any]]:
        del expected_keys
        along = tf.constant(points, tf.float32)
        return {INPUT_OUTPUT_GRADIENTS: gradient(along, tf.repeat(call_model_args[None], len(points), axis=0)).numpy()}

    def attribute(steps: int, rows: int) -> NDArray[Any]:
        pairs = zip(problem.x, labels, strict=True)
        return np.stack([explainer.GetMask(x, call_model, label, x_steps=steps, batch_size=min(rows, steps)) for x, label in pairs])

    return attribute


def tf_explain(problem: Problem) -> Attribute:
    """Mean gradient along the path, never multiplied by x − x′, one class a call and all its rows in one batch."""
    from tf_explain.core.integrated_gradients import IntegratedGradients

    explainer = IntegratedGradients()
    by_class = [np.flatnonzero(problem.y == label) for label in range(problem.classes)]

    def attribute(steps: int, rows: int) -> NDArray[Any]:
        del rows
        values = np.zeros_like(problem.x)
        for label, chosen in enumerate(by_class):
            points = explainer.generate_interpolations(problem.x[chosen], steps)
            values[chosen] = explainer.get_integrated_gradients(points, problem.model, label, steps)
        return values

    return attribute


def captum(problem: Problem, rule: str) -> Attribute:
    """Any rule, ``rows`` gradients at a time; the model computes in Keras' PyTorch backend, its weights frozen."""
    import torch
    from captum.attr import IntegratedGradients

    problem.model.trainable = False
    explainer = IntegratedGradients(functools.partial(problem.model, training=False))
    x, labels = torch.from_numpy(problem.x), torch.from_numpy(problem.y.astype(np.int64))

    def attribute(steps: int, rows: int) -> NDArray[Any]:
        values = explainer.attribute(x, target=labels, n_steps=steps, method=rule, internal_batch_size=max(rows, len(x)))
        return np.asarray(values.detach())

    return attribute


@dataclasses.dataclass(frozen=True)
class Peer:
    """A library, and how it is called.

    Attributes:
        package: what is imported.
        distribution: what is installed.
        adapt: the adapter, its rule chosen.
        rows: batch sizes to choose the fastest of.
        backend: Keras' backend that it needs.
        wrong: why its values are no integrated gradients; then only its time is shown.
    """

    package: str
    distribution: str
    adapt: Callable[[Problem], Attribute]
    rows: tuple[int, ...] = (256, 1024, 4096, 16384)
    backend: str = "tensorflow"
    wrong: str = ""

    @property
    def installed(self) -> bool:
        """Whether the package can be found."""
        return importlib.util.find_spec(self.package) is not None


PEERS = {
    "xplique": Peer("xplique", "xplique", xplique),
    "alibi, gausslegendre": Peer("alibi", "alibi", functools.partial(alibi, rule="gausslegendre")),
    "alibi, riemann_middle": Peer("alibi", "alibi", functools.partial(alibi, rule="riemann_middle")),
    "captum, gausslegendre": Peer("captum", "captum", functools.partial(captum, rule="gausslegendre"), backend="torch"),
    "captum, riemann_middle": Peer("captum", "captum", functools.partial(captum, rule="riemann_middle"), backend="torch"),
    "saliency": Peer("saliency", "saliency", saliency, rows=(64, 256, 2048)),
    "tf-explain": Peer("tf_explain", "tf-explain", tf_explain, rows=(0,), wrong="never multiplies by x − x′"),
}


def adapt(name: str, problem: Problem) -> Attribute:
    """Return a peer's function for a problem, what it warns of on newer libraries than its own pins silenced."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return PEERS[name].adapt(problem)
