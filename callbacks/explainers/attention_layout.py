"""Which attention layers a model has, what their positions are, and which of them read each other."""

from __future__ import annotations

import dataclasses
import difflib
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from tb_explain_plugin.callbacks.explainers import structure
from tb_explain_plugin.callbacks.explainers.attention import Attended, attended
from tb_explain_plugin.callbacks.explainers.passes import reads
from tb_explain_plugin.callbacks.explainers.positions import Positions, positions_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tb_explain_plugin.callbacks.explainers.engine import Scorer

_FEW = 2
"""Samples of the pass that finds the layers."""


@dataclasses.dataclass
class AttentionLayout:
    """The attention layers of a model, by name.

    Attributes:
        heads: how many each has.
        queries: what its queries are.
        keys: what its keys are.
        line: those that are rolled out, the first one called first.
    """

    heads: dict[str, int]
    queries: dict[str, Positions]
    keys: dict[str, Positions]
    line: list[str]


def attention_layout(scorer: Scorer, inputs: Any, kinds: Mapping[str, str]) -> AttentionLayout:
    """Return the attention layers of a scorer's model, learned from one pass of a few samples.

    ``kinds``: of inputs, by name, where the shape does not tell.
    """
    found: AttentionLayout = scorer.known(f"attention:{sorted(kinds.items())}", lambda: _find_out(scorer, inputs, kinds))
    return found


def _find_out(scorer: Scorer, inputs: Any, kinds: Mapping[str, str]) -> AttentionLayout:
    network = scorer.network
    names = network.input_names
    shapes = [entry.elements or () for entry in network.entries]
    usual = [structure.kind_of(shape, embedded=e.meaning == "embedding") for shape, e in zip(shapes, network.entries, strict=True)]
    described = {name: (kinds.get(name, kind), shape) for name, kind, shape in zip(names, usual, shapes, strict=True)}
    grids = [shape[:2] for shape in network.output_shapes.values() if len(shape) == 3 and None not in shape]
    found = AttentionLayout({}, {}, {}, [])

    def look(*tensors: Any) -> list[Any]:
        seen = attended(network, tensors)

        def describe(of: Any, count: int) -> Positions:
            below = [name for name, given in zip(names, tensors, strict=True) if reads(of, given)]
            return positions_of(count, {name: described[name] for name in below}, grids)

        for name, one in seen.items():
            found.heads[name] = one.weights.shape[2]
            found.keys[name] = describe(one.key, one.weights.shape[-1])
            asking = describe(one.query, one.weights.shape[-2])
            same = asking.input == found.keys[name].input
            found.queries[name] = asking if same else Positions("positions", asking.count)
        found.line = _longest_line(seen)
        return [one.weights for one in seen.values()]

    network.traced(look)(*[tf.constant(v[:_FEW]) for v in network.flatten(inputs)])
    return found


def _longest_line(seen: Mapping[str, Attended]) -> list[str]:
    """Return the longest line of self-attentions of one length, each reading what the one before made; the first of equal ones."""
    lines: dict[str, list[str]] = {}
    for name, one in seen.items():
        if one.is_self_attention:
            before = [
                line
                for other, line in lines.items()
                if seen[other].weights.shape[-1] == one.weights.shape[-1] and reads(one.query, seen[other].output)
            ]
            lines[name] = [*max(before, key=len, default=[]), name]
    return max(lines.values(), key=len, default=[])


def choose_attention(scorer: Scorer, layout: AttentionLayout, layers: Sequence[str] | None) -> list[str]:
    """Return the names of the attention layers, or those of them that are asked for.

    Raises:
        ValueError: there are none, or not the ones named.
    """
    known = list(layout.keys)
    if not known:
        kept = sorted({type(leaf.layer).__name__ for leaf in scorer.network.leaves})
        raise ValueError(
            f"the model {scorer.model.name!r} has no attention layer: attention_maps reads MultiHeadAttention, GroupQueryAttention, "
            "Attention, AdditiveAttention and layers whose call takes return_attention_scores, called by the model itself; its layers are "
            f"{kept}. "
            "Leave attention_maps out for this model, or let your own layer return its weights when it is asked to"
        )
    unknown = [name for name in layers or () if name not in known]
    if unknown:
        closest = [match for name in unknown for match in difflib.get_close_matches(name, known, n=1)]
        hint = f"did you mean {closest}? Its" if closest else "its"
        raise ValueError(f"the model {scorer.model.name!r} has no attention layers {unknown}; {hint} attention layers are {known}")
    return known if layers is None else [name for name in known if name in layers]
