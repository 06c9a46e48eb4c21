"""Attributions of every kind of model: one matrix, each cell held to the same.

{fresh, reloaded} × how it is built × what it predicts × what it takes. A gradient that is None, cut or of another tensor passes no cell:
completeness and finite differences see it.
"""

from __future__ import annotations

import functools
import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import tree

from tb_explain_plugin.callbacks.explainers import Scorer, integrated_gradients, network
from tb_explain_plugin.callbacks.explainers.baselines import resolve_baseline
from tests.explainers import model_zoo as zoo

ORIGINS = ("fresh", "reloaded")
STEPS = 32


def exclusion(build, predicts, takes):
    """Return why there is no such model; "" if there is."""
    if build == "sequential" and takes in ("several", "dict"):
        return "a Sequential model takes one input"
    if build == "sequential" and predicts.startswith("outputs"):
        return "a Sequential model has one output"
    return ""


EVERY = list(itertools.product(ORIGINS, zoo.BUILDS, zoo.HEADS, zoo.INPUTS))
CELLS = [cell for cell in EVERY if not exclusion(*cell[1:])]


@pytest.fixture(scope="module", autouse=True)
def graphs_as_traced():
    """Optimizing and compiling some seven hundred graphs that run once, and shortening their tracebacks, takes longer than they do."""
    before = tf.config.optimizer.get_experimental_options().get("disable_meta_optimizer", False)
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    keras.config.disable_traceback_filtering()
    tf.debugging.disable_traceback_filtering()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network, "_POORLY_COMPILED", ("",), raising=False)
        yield
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": before})
    keras.config.enable_traceback_filtering()
    tf.debugging.enable_traceback_filtering()


@functools.cache
def explained_fresh(build, predicts, takes):
    """Return the scorer and the attribution of a new model, made once for the two cells that need it."""
    return explained(zoo.make(build, predicts, takes), zoo.inputs_of(build, takes), zoo.targets_of(predicts))


def explained(model, inputs, targets):
    """Return the scorer and the attribution, having seen that the model is as it was."""
    before = [np.array(v) for v in model.variables]
    scorer = Scorer(model, inputs, targets)
    attribution = integrated_gradients(scorer, inputs, targets, steps=STEPS)
    for value, variable in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(value, np.array(variable))
    return scorer, attribution


def assert_well_formed(attribution, inputs):
    tree.assert_same_structure(attribution.values, inputs)
    for values, given in zip(tree.flatten(attribution.values), tree.flatten(inputs), strict=True):
        assert values.shape == given.shape
        assert values.dtype == np.float32
        assert np.isfinite(values).all()
        assert np.abs(values).max() > 1e-5
    for figure in (attribution.score, attribution.baseline_score, attribution.completeness_error):
        assert figure.shape == (zoo.SAMPLES,)
        assert figure.dtype == np.float32


def assert_scores_are_the_outputs(attribution, scorer, predicts, targets):
    outputs = [output.astype(np.float64) for output, _ in scorer.network.examples]
    labels = [np.asarray(y) for y in tree.flatten(targets)]
    expected = 0.0
    if predicts == "sigmoid":
        expected = (2 * labels[0] - 1) * np.log(outputs[0] / (1 - outputs[0]))[:, 0]
    elif predicts == "regression":
        expected = outputs[0].sum(axis=1)
    else:
        p = outputs[0] if predicts != "logits" else np.exp(outputs[0]) / np.exp(outputs[0]).sum(axis=1, keepdims=True)
        of_label = p[np.arange(zoo.SAMPLES), labels[0]]
        expected = np.log(of_label / (1 - of_label)) + (outputs[1][:, 0] if len(outputs) > 1 else 0)
    np.testing.assert_allclose(attribution.score, expected, rtol=1e-3, atol=1e-4)


def assert_complete(attribution, scorer, inputs, resolved, *, kinks):
    """Hold the completeness error to 1e-3; where ReLU and max pooling kink, to what the quadrature can do.

    There the score's derivative along the path is a function of bounded variation V, whose integral Gauss–Legendre nodes miss by at most
    their largest weight times V (by the separation theorem of Chebyshev, Markov and Stieltjes, at each jump by less than one weight). V is
    read off the second differences of the score on a grid.
    """
    if not kinks:
        assert attribution.completeness_error.max() < 1e-3
        return
    end = scorer.entry_values(inputs)
    start = resolve_baseline(scorer, inputs, end, "mean")
    grid = np.linspace(0, 1, 65)
    along = np.array([scorer.scores(inputs, resolved, [a + t * (b - a) for a, b in zip(start, end, strict=True)]) for t in grid])
    variation = np.abs(np.diff(along, 2, axis=0)).sum(axis=0) * 64
    total = sum(np.abs(v).reshape(zoo.SAMPLES, -1).sum(axis=1) for v in tree.flatten(attribution.values))
    largest = np.polynomial.legendre.leggauss(STEPS)[1].max() / 2
    assert (attribution.completeness_error * total < largest * variation + 1e-4).all()
    assert attribution.completeness_error.max() < 0.05


def assert_gradients_are_differences(scorer, inputs, resolved, *, kinks):
    """Hold gradients at random points to central differences of the score along random directions."""
    generator = np.random.default_rng(3)
    step = 1e-3 if kinks else 1e-2
    points = [(e + 0.1 * generator.normal(size=e.shape)).astype(np.float32) for e in scorer.entry_values(inputs)]
    gradients = scorer.gradients(inputs, resolved, points)
    for k, point in enumerate(points):  # an input at a time: one must not cover for another
        direction = generator.normal(size=point.shape)
        direction /= np.sqrt((direction**2).sum(axis=tuple(range(1, point.ndim)), keepdims=True))
        ahead, behind = (
            scorer.scores(inputs, resolved, [*points[:k], (point + sign * step * direction).astype(np.float32), *points[k + 1 :]])
            for sign in (1, -1)
        )
        slope = (gradients[k] * direction).reshape(zoo.SAMPLES, -1).sum(axis=1)
        np.testing.assert_allclose((ahead - behind) / (2 * step), slope, rtol=1e-2, atol=2e-3 if kinks else 1e-3)
        assert np.abs(slope).max() > 1e-2


@pytest.mark.parametrize(("origin", "build", "predicts", "takes"), CELLS, ids=["-".join(cell) for cell in CELLS])
def test_every_model(tmp_path, origin, build, predicts, takes):
    inputs, targets = zoo.inputs_of(build, takes), zoo.targets_of(predicts)
    scorer, attribution = explained_fresh(build, predicts, takes)
    kinks = takes == "image"
    if origin == "reloaded":  # its gradients are the fresh model's if its attributions are, element by element
        scorer.model.save(tmp_path / "model.keras")
        reloaded_scorer, reloaded = explained(keras.models.load_model(tmp_path / "model.keras"), inputs, targets)
        for values, expected in zip(tree.flatten(reloaded.values), tree.flatten(attribution.values), strict=True):
            np.testing.assert_allclose(values, expected, atol=1e-5)
        scorer, attribution = reloaded_scorer, reloaded
    assert_well_formed(attribution, inputs)
    assert_scores_are_the_outputs(attribution, scorer, predicts, targets)
    resolved = scorer.readout.resolve_targets(targets, zoo.SAMPLES)
    assert_complete(attribution, scorer, inputs, resolved, kinks=kinks)
    if origin == "fresh":
        assert_gradients_are_differences(scorer, inputs, resolved, kinks=kinks)


def test_no_cell_is_missing():
    """The matrix is the full product, less the models that there are not."""
    excluded = [cell for cell in EVERY if exclusion(*cell[1:])]
    assert len(EVERY) == len(ORIGINS) * len(zoo.BUILDS) * len(zoo.HEADS) * len(zoo.INPUTS) == 288
    assert len(excluded) == 40
    assert len(CELLS) == len(set(CELLS)) == 248
    for _, build, predicts, takes in excluded:  # Keras has none of them either
        source, head = zoo.sources(takes, "functional"), zoo.heads(predicts)
        assert build == "sequential"
        assert len(source) > 1 or len(head) > 1
