"""Composites of layer-wise relevance propagation: which layer has which rule."""

from __future__ import annotations

import dataclasses
import difflib
from typing import TYPE_CHECKING, Any

from tb_explain_plugin.callbacks.explainers import lrp_rules as rules
from tb_explain_plugin.callbacks.explainers.lrp_rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KINDS = ("dense", "convolution", "first_dense", "first_convolution")
WHOLE_LAYER = ("pass", "gradient")
"""Rules of a layer of any kind: ``pass`` hands relevance on unchanged, ``gradient`` as input × gradient / output."""

COMPOSITES: dict[str, dict[str, Rule]] = {
    "epsilon": {"dense": rules.epsilon(), "convolution": rules.epsilon()},
    "epsilon_plus": {"dense": rules.epsilon(), "convolution": rules.z_plus()},
    "epsilon_plus_flat": {"dense": rules.epsilon(), "convolution": rules.z_plus(), "first_convolution": rules.flat()},
    "epsilon_gamma_box": {
        "dense": rules.epsilon(),
        "convolution": rules.gamma(0.25),
        "first_dense": rules.z_box(),
        "first_convolution": rules.z_box(),
    },
    "alpha1_beta0": {"dense": rules.alpha_beta(1, 0), "convolution": rules.alpha_beta(1, 0)},
    "alpha2_beta1": {"dense": rules.alpha_beta(2, 1), "convolution": rules.alpha_beta(2, 1)},
    "alpha2_beta1_flat": {
        "dense": rules.alpha_beta(2, 1),
        "convolution": rules.alpha_beta(2, 1),
        "first_convolution": rules.flat(),
    },
}
"""By name. The flat rule is for pixels: a first Dense layer would give all its features the same."""


@dataclasses.dataclass(frozen=True)
class Composite:
    """Which rule a layer has.

    Attributes:
        rules: (key, rule) pairs. A key is a layer's name (its path below the model), a layer class, or a kind of `KINDS`; "first" kinds
            are of layers that read the model's inputs, embeddings apart. A name goes before a class, a class before a kind.
    """

    rules: tuple[tuple[Any, Rule | str], ...]

    def of_layer(self, name: str, layer: Any) -> Rule | str | None:
        """Return the rule that a layer has by its name or class, or None."""
        named: dict[Any, Rule | str] = dict(self.rules)
        if name in named:
            return named[name]
        for ancestor in type(layer).__mro__:
            if ancestor in named:
                return named[ancestor]
        return None

    def of_kind(self, kind: str, *, first: bool) -> Rule:
        """Return the rule of linear layers of a kind, "dense" or "convolution"."""
        named = dict(self.rules)
        found = named.get(f"first_{kind}", named.get(kind)) if first else named.get(kind)
        return found if isinstance(found, Rule) else rules.epsilon()

    @property
    def bounded(self) -> bool:
        """Whether a rule asks for the bounds of the inputs."""
        return any(isinstance(rule, Rule) and rule.needs("bounds") for _, rule in self.rules)


def resolve_composite(composite: str | Mapping[Any, Rule | str] | Composite, layers: Sequence[Any]) -> Composite:
    """Return a composite from its name, or from a dict as `lrp` takes it.

    Args:
        composite: what the user gave.
        layers: the model's leaves.

    Raises:
        ValueError: an unknown name of a composite, a rule or a layer.
    """
    if isinstance(composite, Composite):
        return composite
    if isinstance(composite, str):
        if composite not in COMPOSITES:
            raise ValueError(
                f"composite is {composite!r}; expected one of {sorted(COMPOSITES)}, or a dict of rules by kind, layer or class"
            )
        return Composite(tuple(COMPOSITES[composite].items()))
    names = [leaf.name for leaf in layers]
    for key in composite:
        if isinstance(key, str) and key not in (*KINDS, *names):
            closest = difflib.get_close_matches(key, [*KINDS, *names], n=3, cutoff=0.4)
            raise ValueError(
                f"composite names {key!r}, which is neither a kind {KINDS} nor a layer of the model. "
                + (f"Did you mean {' or '.join(map(repr, closest))}? " if closest else "")
                + f"Its layers are {names}"
            )
    return Composite(tuple((key, _resolve_rule(key, rule)) for key, rule in composite.items()))


def _resolve_rule(key: Any, rule: Rule | str) -> Rule | str:
    if isinstance(rule, Rule):
        return rule
    if rule in WHOLE_LAYER and key not in KINDS:
        return rule
    if rule not in rules.RULES:
        raise ValueError(
            f"the rule for {key!r} is {rule!r}; expected a Rule of lrp_rules, one of {sorted(rules.RULES)}, or {WHOLE_LAYER} for a layer"
        )
    return rules.RULES[rule]()
