"""The rules of layer-wise relevance propagation, as data.

A linear layer makes each output k from contributions z_jk = x_j w_jk of its inputs j, and a bias b_k. A rule says in which shares the
relevance of k is handed to the inputs: it mixes some *kinds* of contributions (`CONTRIBUTIONS`) and divides by their sum,

    R_j = Σ_parts share · Σ_k c_jk / (Σ_j c_jk + c_bk) · R_k,    c_jk = Σ_kinds coefficient · contribution of that kind.

`lrp_linear` is what reads it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CONTRIBUTIONS: dict[str, tuple[tuple[str, str, float], ...]] = {
    "all": (("x", "w", 1.0),),
    "positive": (("x+", "w+", 1.0), ("x-", "w-", 1.0)),
    "negative": (("x+", "w-", 1.0), ("x-", "w+", 1.0)),
    "count": (("1", "1", 1.0),),
    "squares": (("1", "w²", 1.0),),
    "bounds": (("low", "w+", -1.0), ("high", "w-", -1.0)),
}
"""Kinds of contributions: what stands in for the inputs, what for the weights, and a factor. ``w+`` is max(w, 0), ``x-`` is min(x, 0);
``low`` and ``high`` are the bounds of the samples."""

BIASES = {"all": "b", "positive": "b+", "negative": "b-"}
"""The bias that belongs to a kind of contributions; the other kinds have none."""


@dataclasses.dataclass(frozen=True)
class Part:
    """One fraction of a rule.

    Attributes:
        kinds: (kind of `CONTRIBUTIONS`, coefficient) pairs.
        share: of the relevance; the shares of a rule's parts sum to 1, or tell outputs apart.
        outputs: "all"; or only the "positive" or the "negative" outputs.
        bias: whether the bias takes part in the denominator.
    """

    kinds: tuple[tuple[str, float], ...]
    share: float = 1.0
    outputs: str = "all"
    bias: bool = True


@dataclasses.dataclass(frozen=True)
class Rule:
    """How a linear layer hands relevance from its outputs to its inputs.

    Attributes:
        name: of the rule.
        parts: what is summed.
        epsilon: added to the denominators, away from 0; None: what `lrp` was given.
        bounds: (low, high) of the inputs, each a number or one a channel; None: those of the samples.
    """

    name: str
    parts: tuple[Part, ...]
    epsilon: float | None = None
    bounds: tuple[tuple[float, ...] | None, tuple[float, ...] | None] = (None, None)

    def needs(self, kind: str) -> bool:
        """Whether a kind of contributions takes part."""
        return any(kind == name for part in self.parts for name, _ in part.kinds)


def zero() -> Rule:
    """LRP-0: shares as contributed, 0/0 being 0. Bach et al. 2015, equation 56."""
    return Rule("zero", (Part((("all", 1.0),)),), epsilon=0.0)


def epsilon(value: float | None = None) -> Rule:
    """LRP-ε: shares as contributed, with ε added to the denominator, away from 0. Bach et al. 2015, equation 58.

    Args:
        value: ε, above 0; None: that of `lrp`.
    """
    if value is not None and value <= 0:
        raise ValueError(f"epsilon is {value}; expected a number above 0, or the rule zero()")
    return Rule("epsilon", (Part((("all", 1.0),)),), epsilon=value)


def gamma(value: float = 0.25) -> Rule:
    """LRP-γ: contributions of the output's own sign count 1 + γ times.

    For outputs above 0 and inputs of at least 0 this is w + γw⁺ of Montavon et al. 2019, section 10.2; the form for any sign is that of
    Andéol et al. 2021.
    """
    if value < 0:
        raise ValueError(f"gamma is {value}; expected at least 0")
    signs = ("positive", "negative")
    return Rule("gamma", tuple(Part((("all", 1.0), (sign, value)), outputs=sign) for sign in signs))


def alpha_beta(alpha: float, beta: float) -> Rule:
    """LRP-αβ: α of the relevance to the positive contributions, −β to the negative ones. Bach et al. 2015, equation 60.

    Raises:
        ValueError: alpha − beta is not 1, or beta is below 0.
    """
    if beta < 0 or abs(alpha - beta - 1) > 1e-6:
        raise ValueError(
            f"alpha is {alpha} and beta {beta}; expected beta of at least 0 and alpha − beta = 1, for relevance to be conserved"
        )
    parts = (Part((("positive", 1.0),), share=alpha), Part((("negative", 1.0),), share=-beta))
    return Rule("alpha_beta", parts[:1] if beta == 0 else parts)


def z_plus() -> Rule:
    """z⁺: the positive contributions alone. Montavon et al. 2017, section 4, with x⁻w⁻ counted for inputs below 0."""
    return dataclasses.replace(alpha_beta(1, 0), name="z_plus")


def w_square() -> Rule:
    """w²: shares by the squared weights, whatever the inputs are. Montavon et al. 2017, section 4."""
    return Rule("w_square", (Part((("squares", 1.0),), bias=False),))


def flat() -> Rule:
    """Equal shares for all inputs of an output. Lapuschkin et al. 2019 (supplement)."""
    return Rule("flat", (Part((("count", 1.0),), bias=False),))


def z_box(low: float | Sequence[float] | None = None, high: float | Sequence[float] | None = None) -> Rule:
    """zᴮ: x w − low w⁺ − high w⁻, for inputs between bounds. Montavon et al. 2017, section 4.

    Args:
        low: the least value of the model's inputs: a number, or one a channel (last axis). None: that of the samples, by channel.
        high: likewise, the greatest.
    """
    bounds = tuple(None if b is None else tuple(float(v) for v in ([b] if isinstance(b, (int, float)) else b)) for b in (low, high))
    return Rule("z_box", (Part((("all", 1.0), ("bounds", 1.0)), bias=False),), bounds=(bounds[0], bounds[1]))


RULES: dict[str, Callable[[], Rule]] = {
    "zero": zero,
    "epsilon": epsilon,
    "gamma": gamma,
    "z_plus": z_plus,
    "alpha1_beta0": lambda: alpha_beta(1, 0),
    "alpha2_beta1": lambda: alpha_beta(2, 1),
    "w_square": w_square,
    "flat": flat,
    "z_box": z_box,
}
"""The rules of linear layers, by name."""
