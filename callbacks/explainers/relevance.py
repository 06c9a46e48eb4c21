"""Layer-wise relevance propagation: the score, handed back from layer to layer until it arrives at the inputs.

`lrp_flow` reads how a traced model's tensors come about, `lrp_backward` walks back along it; `lrp_rules` and `lrp_composites` say in which
shares a linear layer's relevance goes to its inputs, `lrp_operations` what happens at everything else.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from tb_explain_plugin.callbacks.explainers import heads as heads_
from tb_explain_plugin.callbacks.explainers.attribution import Attribution, completeness_error, shaped_as_inputs
from tb_explain_plugin.callbacks.explainers.engine import as_scorer
from tb_explain_plugin.callbacks.explainers.lrp_backward import Backward
from tb_explain_plugin.callbacks.explainers.lrp_calls import Calls, opened
from tb_explain_plugin.callbacks.explainers.lrp_composites import resolve_composite
from tb_explain_plugin.callbacks.explainers.lrp_flow import Flow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer
    from tb_explain_plugin.callbacks.explainers.lrp_composites import Composite
    from tb_explain_plugin.callbacks.explainers.lrp_rules import Rule


def lrp(
    model: keras.Model | Scorer,
    inputs: Any,
    targets: Any = None,
    *,
    composite: str | Mapping[Any, Rule | str] | Composite = "epsilon_plus_flat",
    epsilon: float = 1e-6,
    score: Any = "logit",
    batch_size: int | None = None,
) -> Attribution:
    """Layer-wise relevance propagation (LRP).

    Bach et al., "On Pixel-Wise Explanations for Non-Linear Classifier Decisions by Layer-Wise Relevance Propagation", 2015; attention by
    Achtibat et al., "AttnLRP", 2024; recurrent layers by Arras et al., 2019. Relevance starts as input × gradient of the score at the
    logits, which for ``"logit"`` is the target's logit itself. Linear layers hand it on by the composite's rules, biases taking part in
    the denominators; batch normalization is folded into the linear layer before or after it.

    Args:
        model: a built Keras model, or a `Scorer` made for it (then ``score`` and ``batch_size`` are the scorer's).
        inputs: N samples as the model takes them: an array, or a list or dict of arrays.
        targets: the class or label explained: int [N], one int, one-hot [N, C], or a dict or list like the outputs. None: regression.
        composite: which layer has which rule: a name of `lrp_composites.COMPOSITES`, or a dict of rules (of `lrp_rules`, or their names)
            by kind (``"dense"``, ``"convolution"``, ``"first_dense"``, ``"first_convolution"``), by layer class or by layer name. A layer
            named or given by class may be taken as a whole: ``"pass"`` hands relevance on unchanged, ``"gradient"`` as input × gradient.
        epsilon: added to denominators, away from 0.
        score: ``"logit"``, ``"centered_logit"``, ``"log_odds"``, ``"probability"`` or a callable ``(outputs, targets) -> [N]``.
        batch_size: rows of a batch; from the model's size by default.

    Returns:
        An `Attribution`. ``completeness_error`` is what is not conserved, |Σ values − score| / Σ|values|: what biases take, and
        stabilizers; ``baseline_score`` is None.

    Raises:
        ValueError: an unknown composite, rule or layer; an epsilon not above 0; a layer without a rule, by its name, before anything is
            computed; inputs or targets that do not fit.

    Example:
        >>> attribution = lrp(model, x_val[:64], y_val[:64], composite="alpha1_beta0")
        >>> attribution.values.shape == x_val[:64].shape
    """
    if epsilon <= 0:
        raise ValueError(
            f"epsilon is {epsilon}; expected a number above 0. For LRP-0, pass composite={{'dense': 'zero', 'convolution': 'zero'}}"
        )
    scorer = as_scorer(model, inputs, targets, score, batch_size)
    rules = resolve_composite(composite, scorer.network.leaves)
    entries = scorer.entry_values(inputs)
    flat = scorer.network.flatten(inputs)
    resolved = scorer.readout.resolve_targets(targets, len(flat[0]))
    bounds = _bounds(entries) if rules.bounded else []
    function = functools.partial(_propagate, scorer, rules, epsilon, len(flat), len(entries))
    arrays = [*flat, resolved, *entries, *bounds]
    *values, at_inputs = scorer.ask(f"lrp:{epsilon}:{rules}", function, arrays)
    return Attribution(
        values=shaped_as_inputs(scorer, values),
        score=at_inputs,
        completeness_error=completeness_error(values, at_inputs, 0.0),
    )


def _bounds(entries: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """Return the least, then the greatest values of each entry, by channel, shaped to spread over the entry."""
    ends = []
    for end in (np.min, np.max):
        for values in entries:
            bound = end(values, axis=tuple(range(max(values.ndim - 1, 1))), keepdims=True)
            ends.append(np.broadcast_to(bound, (len(values), *bound.shape[1:])))
    return ends


def _propagate(scorer: Scorer, composite: Composite, epsilon: float, input_count: int, entry_count: int, *arrays: Any) -> list[Any]:
    """Return the relevance of each entry [B, …] and the score [B]."""
    if tf.executing_eagerly():
        return _refuse_to_run_eagerly(functools.partial(_propagate, scorer, composite, epsilon, input_count, entry_count), arrays)
    flat_inputs, targets = arrays[:input_count], arrays[input_count]
    rest = arrays[input_count + 1 :]
    entries, bounds = rest[:entry_count], rest[entry_count:]
    calls = Calls(scorer.network, composite)
    with opened(scorer.model), calls.noted():
        outputs = scorer.network.forward(list(flat_inputs), list(entries), at=scorer.entries)
    operations = tf.compat.v1.get_default_graph().get_operations()
    flow = Flow(operations, entries, calls.made, deep=_deep(scorer, entries))
    score = scorer.readout.score_of(outputs, targets)
    spread = {
        x.ref(): tuple(tf.broadcast_to(end, tf.shape(x)) for end in (bounds[k], bounds[k + entry_count])) if len(bounds) else ()
        for k, x in enumerate(entries)
    }
    positions = {operation.name: k for k, operation in enumerate(operations)}
    walk = Backward(flow, calls, positions, composite, epsilon, spread)
    found = walk.walk(_starts(scorer, flow, outputs, score), entries)
    if all(relevance is None for relevance in found):
        raise ValueError(
            f"no relevance reaches the inputs of {scorer.model.name!r}: somewhere between them and the output lies an operation that "
            "nothing flows through (argmax, stop_gradient, a cast to integers). Use a method that changes the inputs instead"
        )
    return [*(tf.zeros_like(x) if r is None else r for r, x in zip(found, entries, strict=True)), score]


def _refuse_to_run_eagerly(function: Any, arrays: Sequence[Any]) -> list[Any]:
    """Say why a model has no trace: what was refused while it was traced, or that it only runs eagerly."""
    try:
        tf.function(function, autograph=False).get_concrete_function(*arrays)
    except ValueError:
        raise
    except Exception as error:
        raise ValueError(
            f"lrp reads the operations of a traced model, and this one only runs eagerly. Use integrated_gradients. {error}"
        ) from error
    raise AssertionError("traced now, but not before")


def _deep(scorer: Scorer, entries: Sequence[Any]) -> list[int]:
    """Return the ids of entries that are no raw inputs: embeddings, and the outputs of a chosen layer."""
    return [
        id(x)
        for x, entry in zip(entries, scorer.entries, strict=True)
        if scorer.layer is not None or isinstance(entry.operation, keras.layers.Embedding)
    ]


def _starts(scorer: Scorer, flow: Flow, outputs: Sequence[Any], score: Any) -> list[tuple[Any, Any]]:
    """Return where relevance starts: the logits (or the outputs), as logit × gradient of the score."""
    tasks = {head.name: head.task for head in scorer.readout.heads}
    tensors = []
    for name, output in zip(scorer.network.output_names, outputs, strict=True):
        logits = heads_.logits_tag(output)
        tensor = output if logits is None or tasks.get(name) == "regression" else logits
        tensors += [tensor] if flow.is_live(tensor) else []
    gradients = tf.gradients(tf.reduce_sum(score), tensors, stop_gradients=tensors) if tensors else []
    return [(z, tf.cast(z * g, tf.float32)) for z, g in zip(tensors, gradients, strict=True) if g is not None]
