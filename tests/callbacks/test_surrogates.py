"""Surrogates as they are logged: what the functions answer for the model of each step."""

from __future__ import annotations

import functools
import json

import keras
import numpy as np
import pytest

from tb_explain_plugin.callbacks import AlarmWarning, Explain, Probe
from tb_explain_plugin.callbacks.explainers import surrogate_linear, surrogate_tree
from tests.callbacks import logs, models

BOTH = ["surrogate_tree", "surrogate_linear"]


def trained(directory, methods=BOTH, model=None, probe=None, data=None, epochs=3, callbacks=(), **options):
    model = model or models.classifier()
    explain = Explain(str(directory), probe or Probe(*models.table(60)), methods=list(methods), on_error="raise", **options)
    models.fit(model, data or models.table(), [*callbacks, explain], epochs)
    return model, logs.read(directory)


def test_each_step_has_the_tree_and_the_line_that_imitate_its_model(tmp_path):
    model, log = trained(tmp_path, method_every={"surrogate_tree": 1}, epochs=7)
    assert logs.steps(log, "surrogate/tree") == logs.steps(log, "fidelity/tree") == list(range(-1, 7))
    assert logs.steps(log, "surrogate/linear") == logs.steps(log, "fidelity/linear") == [-1, 4, 6]
    x, y = models.table(60)
    tree, line = surrogate_tree(model, x, y), surrogate_linear(model, x, y)
    frame = log["surrogate/tree"][6]
    for name in ("feature", "threshold", "left", "right", "count", "gain", "spread"):
        np.testing.assert_array_equal(frame[name], getattr(tree.model, name))
    np.testing.assert_array_equal(frame["class"], tree.model.value.argmax(axis=1))
    np.testing.assert_array_equal(frame["value"], tree.model.value.max(axis=1))
    frame = log["surrogate/linear"][6]
    for name in ("coefficient", "intercept", "center", "scale"):
        np.testing.assert_array_equal(frame[name], getattr(line.model, name))
    assert frame["coefficient"].shape == (3, 6)
    for name, surrogate in (("tree", tree), ("linear", line)):
        np.testing.assert_allclose(log[f"fidelity/{name}"][6], surrogate.fidelity, rtol=1e-5)
        assert surrogate.fidelity.standard_error > 0
    assert logs.texts(tmp_path, "surrogate/tree")[6] == {"score": "probability", "unit": "probability", "target": "", "tokens": "{}"}
    assert logs.texts(tmp_path, "surrogate/linear")[6] == {"score": "centered_logit", "unit": "logit", "target": "", "tokens": "{}"}


def test_one_class_is_imitated_alone_under_a_name_of_its_own(tmp_path):
    second = functools.partial(surrogate_tree, target=1, max_depth=1)
    second.__name__ = "surrogate_stump"
    model, log = trained(tmp_path, [second], epochs=1)
    frame = log["surrogate/stump"][0]
    assert "class" not in frame
    p = model.predict(models.table(60)[0], verbose=0)[:, 1]
    np.testing.assert_allclose(frame["value"][0], p.mean(), rtol=1e-5)
    assert logs.texts(tmp_path, "surrogate/stump")[0]["target"] == "1"


def test_features_are_the_manifests_regions(tmp_path):
    """An image whose sides are equal is one of 8 × 8 regions; as a sequence it has one a step."""
    keras.utils.set_random_seed(1)
    x = np.random.default_rng(0).normal(size=(60, 12, 12)).astype("f4")
    y = (x[:, :4].mean(axis=(1, 2)) > 0).astype(int)
    for kind, regions in (("image", (6, 6)), ("sequence", (12,))):
        model = keras.Sequential([keras.Input((12, 12), name="x"), keras.layers.Flatten(), keras.layers.Dense(1, "sigmoid")])
        model.compile("sgd", "binary_crossentropy")
        _, log = trained(tmp_path / kind, BOTH, model, Probe(x, y, kinds=kind), (x, y), epochs=1)
        (described,) = logs.manifest(log).inputs
        assert tuple(described.regions) == regions
        frame = log["surrogate/linear"][0]
        assert frame["coefficient"].shape == (1, np.prod(regions))
        cells = x.reshape(60, 6, 2, 6, 2).mean(axis=(2, 4)) if kind == "image" else x.mean(axis=2)
        np.testing.assert_allclose(frame["center"], cells.reshape(60, -1).mean(axis=0), atol=1e-6)
        assert logs.texts(tmp_path / kind, "surrogate/tree")[0]["target"] == "1"


def test_words_are_logged_with_their_tokens(tmp_path):
    keras.utils.set_random_seed(1)
    lookup = keras.layers.TextVectorization(output_sequence_length=3)
    reviews = np.array([f"{of} {was}" for of in ("plot", "score", "cast") for was in ("fine", "drôle", "dull")] * 10, object)
    lookup.adapt(reviews)
    text = keras.Input((), dtype="string", name="review")
    seen = keras.layers.Flatten()(keras.layers.Embedding(9, 2)(lookup(text)))
    model = keras.Model(text, keras.layers.Dense(1, "sigmoid")(seen))
    model.compile("sgd", "binary_crossentropy")
    y = np.array(["fine" in review for review in reviews]).astype(int)
    _, log = trained(tmp_path, BOTH, model, Probe(reviews, y), (keras.ops.convert_to_tensor(reviews), y), epochs=1)
    tokens = json.loads(logs.texts(tmp_path, "surrogate/tree")[0]["tokens"])
    vocabulary = list(logs.manifest(log).inputs[0].vocabulary)
    assert {word for _, word in tokens["review"]} == {"plot", "score", "cast", "fine", "drôle", "dull"}
    assert all(vocabulary[token] == word for token, word in tokens["review"])
    assert log["surrogate/linear"][0]["center"].tolist() == pytest.approx([1 / 3] * 6)


def test_a_diverged_model_is_logged(tmp_path):
    model = models.classifier()
    spoil = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: model.get_layer("bent").kernel.assign(np.full((8, 5), np.nan)))
    with pytest.warns(AlarmWarning):
        _, log = trained(tmp_path, model=model, epochs=1, callbacks=[spoil])
    assert log["surrogate/tree"][0]["feature"].tolist() == [-1]
    assert np.isnan(log["surrogate/tree"][0]["value"]).all()
    assert np.isnan(log["surrogate/linear"][0]["coefficient"]).all()
    assert np.isnan(log["fidelity/tree"][0]).all()
    assert np.isfinite(log["fidelity/tree"][-1]).all()


@pytest.mark.parametrize(
    ("method", "message"),
    [
        (functools.partial(surrogate_tree, max_depth=9), "max_depth is 9; expected"),
        (functools.partial(surrogate_tree, target=3), "target is 3; output 'head' has 3 classes"),
        (functools.partial(surrogate_linear, terms=0), "terms is 0; expected"),
        (functools.partial(surrogate_linear, depth=3), "surrogate_linear has no option depth"),
    ],
)
def test_what_does_not_fit_raises_before_the_first_batch(tmp_path, method, message):
    model = models.classifier()
    weights = model.get_weights()
    with pytest.raises(ValueError, match=message):
        trained(tmp_path, [method], model)
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_a_run_by_a_score_of_ones_own_has_surrogates_too(tmp_path):
    _, log = trained(tmp_path, epochs=1, score=lambda outputs, targets: outputs[:, 0], deletion_every=None)
    assert "class" in log["surrogate/tree"][0]
