"""Explain: all of it behind one argument list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tb_explain_plugin.callbacks.activation_histograms import ActivationHistograms
from tb_explain_plugin.callbacks.attributions import Attributions
from tb_explain_plugin.callbacks.base import ExplainCallback
from tb_explain_plugin.callbacks.feature_importance import PERMUTATION_EVERY, FeatureImportance
from tb_explain_plugin.callbacks.methods import PERMUTATION, choose
from tb_explain_plugin.callbacks.presets import PRESETS, IfItFits
from tb_explain_plugin.callbacks.trust import DELETION_EVERY, DeletionGaps, TrainingGap
from tb_explain_plugin.callbacks.watching import Watching

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
        >>> Explain("logs/run1", probe, watch={"scanner mark": (0, 0, 16, 40)}, on_alarm=print)
        >>> Explain("logs/run1", probe, methods=["integrated_gradients", "lrp", partial(smooth_grad, samples=32), my_function])

    Args:
        log_dir: as in `ExplainCallback`, like ``probe`` and ``**options``.
        probe: the samples.
        methods: how the model is explained: names of explainers, explainers (with options: a ``functools.partial``), or functions of the
            shape of those that attribute, ``(model, inputs, targets) -> Attribution``; or a preset: "economy" (gradient × input),
            "standard" (integrated gradients), or "full": all that fit the model. ``permutation_importance`` runs anyway; a partial of it
            sets its ``repeats``, ``seed`` and ``clusters``. Defaults to "standard".
        method_every: explained steps from one answer of a method to the next, by its name; the first and the last always have one.
            Defaults to None: 1 for methods that take gradients, more for dearer ones (docs/explainers.md).
        layers: of `ActivationHistograms`. Defaults to None.
        watch: cells that should, or should not, matter: names of features, or a mapping of names to features, a box ``(top, left,
            bottom, right)`` or a mask, or `Watch` objects. Each gets a curve, ``explain_<name>`` in Keras' logs, and an alarm. By the first
            method that attributes, of those that answer most often. Defaults to None.
        training_probe: samples of the training set, as ``probe``: the first method explains them, too, for the gap between both.
            Defaults to None.
        deletion_every: explained steps between deletion gaps (see `deletion_gap`), which take 20 forward passes over the probe; the first
            and the last always have one. None for none. Defaults to 10.
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
        methods: str | Sequence[str | Callable[..., Any]] = "standard",
        method_every: Mapping[str, int] | None = None,
        watch: Any = None,
        training_probe: Any = None,
        deletion_every: int | None = DELETION_EVERY,
        layers: Sequence[str] | None = None,
        permutation_every: int = PERMUTATION_EVERY,
        repeats: int | None = None,
        seed: int = 0,
        **options: Any,
    ) -> None:
        super().__init__(log_dir, probe, **options)
        if deletion_every is not None and (not isinstance(deletion_every, int) or deletion_every < 1):
            raise ValueError(f"deletion_every is {deletion_every!r}; expected a whole number of at least 1, or None")
        preset = isinstance(methods, str) and methods in PRESETS
        chosen = sorted(choose(methods, method_every), key=lambda method: method.every)  # what is followed closest leads the run
        permuting: dict[str, Any] = {"permutation_every": permutation_every, "repeats": repeats, "seed": seed}
        for method in [method for method in chosen if method.kind is PERMUTATION]:
            chosen.remove(method)
            permuting |= getattr(method.explain, "keywords", {})
            permuting["permutation_every"] = (method_every or {}).get(method.name, permutation_every)
        attributions = [Attributions(log_dir, self.probe, method, **options) for method in chosen if method.kind.part is None]
        if not attributions and (watch is not None or training_probe is not None):
            raise ValueError(
                "watch and training_probe follow the first method that attributes, and methods has none; pass one, or leave them out"
            )
        others = [method.kind.part(log_dir, self.probe, method, **options) for method in chosen if method.kind.part is not None]
        fitting = (lambda part: IfItFits(part, **options)) if preset else (lambda part: part)
        self._parts: list[ExplainCallback] = [*attributions[:1], *(fitting(part) for part in attributions[1:])]  # the first must fit
        if watch is not None:
            self._parts.append(Watching(log_dir, self.probe, watch, attributions[0].method, **options))
        if training_probe is not None:
            self._parts.append(TrainingGap(log_dir, self.probe, training_probe, attributions[0], **options))
        if deletion_every is not None:
            self._parts.append(DeletionGaps(log_dir, self.probe, attributions, deletion_every, seed, **options))
        self._parts += [
            *(fitting(part) for part in others),
            FeatureImportance(log_dir, self.probe, **permuting, **options),
            ActivationHistograms(log_dir, self.probe, layers=layers, **options),
        ]

    @property
    def parts(self) -> Sequence[ExplainCallback]:
        """In the order in which they compute: methods first, then what builds on them."""
        return self._parts

    def prepare(self, run: Run) -> None:
        """Prepare all parts."""
        for part in self._parts:
            part.prepare(run)

    def compute(self, run: Run, step: int) -> list[summary_pb2.Summary]:
        """Return what all parts log at a step."""
        return [s for part in self._parts for s in part.compute(run, step)]
