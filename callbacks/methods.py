"""What ``Explain(methods=…)`` takes: names, explainers with options, functions of one's own."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin.callbacks import explainers
from tb_explain_plugin.callbacks.activation_maps import MapFrames
from tb_explain_plugin.callbacks.activation_maximization import MaximizedFrames
from tb_explain_plugin.callbacks.attention_maps import AttentionFrames
from tb_explain_plugin.callbacks.boundaries import Boundaries
from tb_explain_plugin.callbacks.embeddings import Embeddings
from tb_explain_plugin.callbacks.explainers.activation_maximization import check_ascent
from tb_explain_plugin.callbacks.explainers.boundary import check_resolution
from tb_explain_plugin.callbacks.explainers.embedding import check_dimensions
from tb_explain_plugin.callbacks.explainers.gradients import check_options
from tb_explain_plugin.callbacks.explainers.kernel_shap import check_options as check_shap_options
from tb_explain_plugin.callbacks.explainers.lime import check_options as check_lime_options
from tb_explain_plugin.callbacks.explainers.permutation_importance import check_options as check_permutation_options
from tb_explain_plugin.callbacks.explainers.surrogates import check_linear_options, check_tree_options
from tb_explain_plugin.callbacks.feature_importance import PERMUTATION_EVERY
from tb_explain_plugin.callbacks.presets import PRESETS
from tb_explain_plugin.callbacks.surrogates import Surrogates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tb_explain_plugin.callbacks.occasional import Occasional

_OF_THE_RUN = ("score", "batch_size")
"""Options that the run's scorer settles for all its methods."""


@dataclasses.dataclass(frozen=True)
class Kind:
    """What the log says of an explainer's values. ``unit``: ``{unit}`` stands for the score's."""

    signed: bool = True
    unit: str = "{unit}"
    score: str | None = None
    """The score that the method is defined for; None for the run's."""
    check: Callable[..., None] | None = None
    """Raises what is wrong with the options whatever the model."""
    every: int = 1
    """Explained steps from one answer to the next, by default."""
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """What its name stands for in a run, where the explainer's own defaults are for a call by itself."""
    part: type[Occasional] | None = None
    """What logs the answer; None for attributions."""


_PER_INPUT = "{unit} per unit of input"

PERMUTATION = Kind(check=check_permutation_options, every=PERMUTATION_EVERY)
"""What `Explain` runs whether it is named or not; named, it takes options."""

KINDS: Mapping[str, Kind] = {
    "integrated_gradients": Kind(check=check_options),
    "expected_gradients": Kind(),
    "gradient_times_input": Kind(),
    "saliency": Kind(signed=False, unit=_PER_INPUT),
    "smooth_grad": Kind(unit=_PER_INPUT),
    "grad_cam": Kind(signed=False, unit="{unit}, rectified"),
    "lime": Kind(check=check_lime_options, every=10, options={"samples": 500}),  # of 47 superpixels, seeds agree by ρ > 0.93
    "lrp": Kind(score="logit"),
    "decision_boundary": Kind(check=check_resolution, every=5, part=Boundaries),
    "surrogate_linear": Kind(score="centered_logit", check=check_linear_options, every=5, part=Surrogates),
    "surrogate_tree": Kind(score="probability", check=check_tree_options, every=5, part=Surrogates),
    "embedding_projection": Kind(check=check_dimensions, part=Embeddings),
    "attention_maps": Kind(part=AttentionFrames, every=5),
    "activation_maps": Kind(part=MapFrames, every=5),
    "permutation_importance": PERMUTATION,
    "occlusion": Kind(every=5),
    "kernel_shap": Kind(check=check_shap_options, every=10, options={"samples": 512}),  # of 49 regions, within 2 %
    "activation_maximization": Kind(check=check_ascent, part=MaximizedFrames, every=10),
}
"""The explainers that are known by name."""


@dataclasses.dataclass(frozen=True)
class Method:
    """An explainer as a run logs it.

    Attributes:
        name: in its tags.
        explain: ``(scorer, inputs, targets) -> Attribution``.
        kind: of its values.
        options: what it is called with, beside the run's own.
        every: explained steps from one answer to the next.
    """

    name: str
    explain: Callable[..., Any]
    kind: Kind
    options: Mapping[str, Any]
    every: int = 1

    @classmethod
    def of(cls, method: str | Callable[..., Any]) -> Method:
        """Return what is meant by a name, an explainer, a ``functools.partial`` of one, or a function of the same shape.

        Raises:
            ValueError: an unknown name, a function without a name, or an option that the explainer does not have.
            TypeError: neither a name nor a function.
        """
        if isinstance(method, str):
            if method not in KINDS:
                raise ValueError(
                    f"unknown method {method!r}; expected one of {sorted(KINDS)}, or a function (model, inputs, targets), "
                    f"or alone one of the presets {sorted(PRESETS)}"
                )
            method = functools.partial(getattr(explainers, method), **KINDS[method].options)
        if not callable(method):
            raise TypeError(f"a method is {method!r}; expected a name, or a function (model, inputs, targets) -> Attribution")
        function = method.func if isinstance(method, functools.partial) else method
        name = str(getattr(method, "__name__", None) or getattr(function, "__name__", type(function).__name__))
        if name == "<lambda>":
            raise ValueError("a method is a lambda, which has no name to log it under; define it with def, or set its __name__")
        known = KINDS.get(function.__name__) if function is getattr(explainers, getattr(function, "__name__", ""), None) else None
        options = dict(method.keywords) if isinstance(method, functools.partial) else {}
        if known is not None:
            parameters = inspect.signature(function).parameters
            unknown = sorted(set(options) - set(parameters))
            settled = sorted(set(options) & set(_OF_THE_RUN))
            allowed = [p for p, v in parameters.items() if v.kind is inspect.Parameter.KEYWORD_ONLY and p not in _OF_THE_RUN]
            if unknown:
                raise ValueError(f"{name} has no option {', '.join(unknown)}; its options are {allowed}")
            if settled:
                raise ValueError(f"the options {settled} of {name} are settled for all methods of a run: pass them to the callback")
            defaults = {p: parameters[p].default for p in allowed}
            options = defaults | options
            if known.check is not None:
                known.check(**options)
        kind = known or Kind(signed=getattr(function, "signed", True))
        return cls(name, method, kind, options, kind.every)

    @property
    def signed(self) -> bool:
        """Whether its values have a sign: those of a method that rectifies them do where that is switched off."""
        return self.kind.signed or self.options.get("relu") is False

    @property
    def is_for_or_against(self) -> bool:
        """Whether values above 0 speak for the score and those below against it. A sensitivity has a sign, and does not tell."""
        return self.signed and self.kind.unit != _PER_INPUT

    @property
    def described(self) -> dict[str, str]:
        """The options as the manifest lists them."""
        return {name: _describe(value) for name, value in self.options.items() if value is not None}


def choose(methods: str | Sequence[Any], every: Mapping[str, int] | None = None) -> list[Method]:
    """Return the methods of a run.

    Args:
        methods: as `Method.of` takes each, or a preset's name. Of a preset, what lacks a library is left out with a warning.
        every: explained steps from one answer to the next, by method; others keep their default.

    Raises:
        ValueError: as `Method.of`; two of one name; ``every`` of a method that is not chosen, or under 1.
    """
    if isinstance(methods, str) and methods in PRESETS:
        methods = [name for name in PRESETS[methods] if _is_installed(name)]
    elif isinstance(methods, str) or callable(methods):
        methods = [methods]
    chosen = [Method.of(method) for method in methods]
    names = [method.name for method in chosen]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            f"two methods are called {', '.join(twice)}, and so would be logged in one place. Give one of them a name of its own: "
            "gamma = functools.partial(lrp, composite=…); gamma.__name__ = 'lrp_gamma'"
        )
    for name, steps in (every or {}).items():
        if name not in names:
            raise ValueError(f"method_every names {name!r}, which is none of the methods {names}")
        if not isinstance(steps, int) or steps < 1:
            raise ValueError(f"method_every of {name!r} is {steps!r}; expected a number of explained steps, at least 1")
    return [dataclasses.replace(method, every=(every or {}).get(method.name, method.every)) for method in chosen]


def _is_installed(name: str) -> bool:
    try:
        Method.of(name)
    except ImportError as error:
        warnings.warn(f"{name} is left out: {error}", stacklevel=4)
        return False
    return True


def _describe(value: Any) -> str:
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    if isinstance(value, dict):
        return ", ".join(f"{_describe(key)}: {_describe(part)}" for key, part in value.items())
    return str(value) if np.ndim(value) == 0 else "array"
