"""Explain: all of it behind one argument list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tb_explain_plugin.callbacks.activation_histograms import ActivationHistograms
from tb_explain_plugin.callbacks.attributions import Attributions
from tb_explain_plugin.callbacks.base import ExplainCallback
from tb_explain_plugin.callbacks.feature_importance import PERMUTATION_EVERY, FeatureImportance
from tb_explain_plugin.callbacks.methods import choose

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorboard.compat.proto import summary_pb2

    from tb_explain_plugin.callbacks.run import Run


class Explain(ExplainCallback):
    """Explain a model while it trains: integrated gradients, feature importance, and what happens inside its layers.

    Runs the attribution methods it is given (integrated gradients by default), `FeatureImportance` and `ActivationHistograms` on one
    probe, into one file, with one pass over the model for what they share. Stands first among the callbacks, beside Keras' own TensorBoard
    callback.

    Example:
        >>> model.fit(x, y, validation_data=(x_val, y_val), callbacks=[
        ...     Explain("logs/run1", probe=(x_val, y_val)),
        ...     keras.callbacks.TensorBoard("logs/run1"),
        ... ])  # then: tensorboard --logdir logs
        >>> Explain("logs/run1", probe, methods=["integrated_gradients", "lrp", partial(smooth_grad, samples=32), my_function])

    Args:
        log_dir: as in `ExplainCallback`, like ``probe`` and ``**options``.
        probe: the samples.
        methods: what is attributed: names of explainers, explainers (with options: a ``functools.partial``), or functions of their shape,
            ``(model, inputs, targets) -> Attribution``. Defaults to ("integrated_gradients",).
        layers: of `ActivationHistograms`. Defaults to None.
        permutation_every: of `FeatureImportance`. Defaults to 5.
        repeats: of `FeatureImportance`. Defaults to None.
        seed: of `FeatureImportance`. Defaults to 0.
        **options: ``every``, ``budget``, ``on_error``, ``score``.

    Raises:
        ValueError: an unknown method, two of one name; as `FeatureImportance` and `ActivationHistograms`.
    """

    def __init__(
        self,
        log_dir: str,
        probe: Any,
        *,
        methods: Sequence[str | Callable[..., Any]] = ("integrated_gradients",),
        layers: Sequence[str] | None = None,
        permutation_every: int = PERMUTATION_EVERY,
        repeats: int | None = None,
        seed: int = 0,
        **options: Any,
    ) -> None:
        super().__init__(log_dir, probe, **options)
        self._parts: list[ExplainCallback] = [
            *(Attributions(log_dir, self.probe, method, **options) for method in choose(methods)),
            FeatureImportance(log_dir, self.probe, permutation_every=permutation_every, repeats=repeats, seed=seed, **options),
            ActivationHistograms(log_dir, self.probe, layers=layers, **options),
        ]

    @property
    def parts(self) -> Sequence[ExplainCallback]:
        """One a method, and the two others."""
        return self._parts

    def prepare(self, run: Run) -> None:
        """Prepare all parts."""
        for part in self._parts:
            part.prepare(run)

    def compute(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return what all parts log at a step."""
        return [s for part in self._parts for s in part.compute(run, step)]
