"""What Explain(methods=…) takes, and how each method is logged."""

from __future__ import annotations

import functools

import keras
import numpy as np
import pytest
from tensorboard.util import tensor_util

from tb_explain_plugin.callbacks import Explain, IntegratedGradients, Probe, explainers
from tb_explain_plugin.callbacks.attributions import fit_series
from tb_explain_plugin.callbacks.explainers import Attribution, grad_cam, integrated_gradients, lime
from tb_explain_plugin.callbacks.methods import KINDS, PERMUTATION
from tests.callbacks import logs, models


def explained(directory, methods, model=None, data=models.table):
    model = model or models.classifier()
    explain = Explain(str(directory), Probe(*data(24)), methods=methods, on_error="raise")
    models.fit(model, data(), [explain], 1)
    log = logs.read(directory)
    return model, log, {m.name: m for m in logs.manifest(log).methods}


def images(samples=90):
    generator = np.random.default_rng(0)
    return generator.uniform(size=(samples, 8, 8, 1)).astype("f4"), generator.integers(0, 3, samples)


def convolutional():
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Conv2D(4, 3, activation="relu"), keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax")]
    model = keras.Sequential([keras.Input((8, 8, 1), name="image"), *layers])
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def half_the_input(model, inputs, targets):
    """A user's own function: half of x is its attribution, x² its score."""
    assert len(inputs) == len(targets)
    assert model.model.name
    return Attribution(values=np.asarray(inputs) / 2, score=(np.asarray(inputs) ** 2).sum(axis=1))


@pytest.mark.parametrize("name", sorted(name for name, kind in KINDS.items() if kind.part is None and kind is not PERMUTATION))
def test_every_method_is_known_by_name(tmp_path, name):
    """Its frame is what the function answers for the trained model; its manifest says how to draw it."""
    model, log, methods = explained(tmp_path, [name], convolutional(), images)
    x, y = images(24)
    frame = log[f"attribution/{name}"][0]
    expected = getattr(explainers, name)(model, x, y, **KINDS[name].options)
    values = frame["values:image"]
    np.testing.assert_allclose(values, expected.values[..., 0], rtol=2e-3, atol=1e-4)
    np.testing.assert_allclose(frame["score"], expected.score, atol=1e-4)
    for figure in ("baseline_score", "completeness_error", "fit"):
        assert (figure in frame) == (getattr(expected, figure) is not None)
    assert methods[name].signed == KINDS[name].signed
    assert methods[name].score == ("logit" if name == "lrp" else "log_odds")
    if not methods[name].signed:
        assert values.min() >= 0
    importance = log[f"importance/{name}/image"][0]
    np.testing.assert_allclose(importance[0], np.abs(expected.values[..., 0]).mean(axis=0).ravel(), rtol=1e-3, atol=1e-5)
    assert np.isnan(importance[2]).all() == (not methods[name].signed)


def test_how_well_local_models_fit_is_logged_by_sample_and_over_all(tmp_path):
    model, log, methods = explained(tmp_path, [functools.partial(lime, samples=50)])
    expected = lime(model, *models.table(24), samples=50).fit
    np.testing.assert_allclose(log["attribution/lime"][0]["fit"], expected, atol=1e-3)
    np.testing.assert_allclose(log["trust/local_fit/lime"][0], np.quantile(expected, [0.5, 0.25]), atol=1e-3)
    assert methods["lime"].baseline_hash == ""


def test_local_models_of_a_diverged_model_have_no_fit():
    summary = fit_series("lime", np.full(4, np.nan, np.float32))
    assert np.isnan(tensor_util.make_ndarray(summary.value[0].tensor)).all()


def test_options_and_functions_of_ones_own(tmp_path):
    zero = functools.partial(integrated_gradients, baseline="zero", steps=5)
    model, log, methods = explained(tmp_path, [zero, half_the_input])
    x, y = models.table(24)
    assert methods["integrated_gradients"].parameters["steps"] == "5"
    assert methods["integrated_gradients"].baseline_hash == "zero"
    expected = integrated_gradients(model, x, y, baseline="zero", steps=5)
    np.testing.assert_allclose(log["attribution/integrated_gradients"][0]["values:table"], expected.values, rtol=2e-3, atol=1e-4)
    np.testing.assert_allclose(log["attribution/half_the_input"][0]["values:table"], x / 2, rtol=2e-3)
    assert "completeness_error" not in log["attribution/half_the_input"][0]


def test_integrated_gradients_to_a_tolerance(tmp_path):
    """Logged as the function answers, with what was asked for in the manifest."""
    to = {"steps": 8, "tolerance": 0.01}
    models.fit(model := convolutional(), images(), [IntegratedGradients(str(tmp_path), Probe(*images(24)), on_error="raise", **to)], 1)
    log = logs.read(tmp_path)
    expected = integrated_gradients(model, *images(24), **to)
    values = log["attribution/integrated_gradients"][0]["values:image"]
    np.testing.assert_allclose(values, expected.values[..., 0], rtol=2e-3, atol=1e-4)
    (method,) = logs.manifest(log).methods
    assert method.parameters["tolerance"] == "0.01"


def test_a_map_that_is_not_rectified_is_signed(tmp_path):
    _, log, methods = explained(tmp_path, [functools.partial(grad_cam, relu=False)], convolutional(), images)
    assert methods["grad_cam"].signed
    assert log["attribution/grad_cam"][0]["values:image"].min() < 0
    assert np.isfinite(log["importance/grad_cam/image"][0]).all()


def test_one_explainer_twice_needs_a_second_name(tmp_path):
    few = functools.partial(integrated_gradients, steps=4)
    with pytest.raises(ValueError, match="two methods are called integrated_gradients"):
        Explain(str(tmp_path), models.table(), methods=["integrated_gradients", few])
    few.__name__ = "coarse"
    _, log, methods = explained(tmp_path, ["integrated_gradients", few])
    assert set(methods) >= {"integrated_gradients", "coarse"}
    assert logs.steps(log, "attribution/coarse") == [-1, 0]


@pytest.mark.parametrize(
    ("methods", "message"),
    [
        (["integrated_gradient"], r"unknown method 'integrated_gradient'; expected one of \[.*'expected_gradients'"),
        ([3], "a method is 3; expected a name, or a function"),
        ([lambda model, inputs, targets: None], "lambda, which has no name"),
        (
            [functools.partial(integrated_gradients, nodes=3)],
            r"integrated_gradients has no option nodes; its options are \['baseline', 'steps'",
        ),
        ([functools.partial(integrated_gradients, score="logit")], r"the options \['score'\] of integrated_gradients are settled"),
    ],
)
def test_what_is_no_method_raises_in_the_constructor(tmp_path, methods, message):
    with pytest.raises((ValueError, TypeError), match=message):
        Explain(str(tmp_path), models.table(), methods=methods)


def a_layer(model, inputs, targets):
    return integrated_gradients(model, inputs, targets, layer="hidden")


def just_an_array(model, inputs, targets):
    return np.zeros_like(inputs)


@pytest.mark.parametrize("method", [a_layer, just_an_array])
def test_what_is_no_attribution_to_the_inputs_raises_before_the_first_batch(tmp_path, method):
    seen = []
    watch = keras.callbacks.LambdaCallback(on_train_batch_begin=lambda batch, logs: seen.append(batch))
    explain = Explain(str(tmp_path), models.table(24), methods=[method])
    with pytest.raises(
        ValueError, match=rf"the method '{method.__name__}' answered .*expected an Attribution with values shaped as the inputs"
    ):
        models.fit(models.classifier(), models.table(), [explain, watch], 1)
    assert not seen
