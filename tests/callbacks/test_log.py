"""What a real fit() leaves in the log, held to what the model itself says."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from tb_explain_plugin import metadata
from tb_explain_plugin.callbacks import ActivationHistograms, Explain, FeatureImportance, IntegratedGradients, Probe
from tb_explain_plugin.callbacks.explainers import integrated_gradients
from tests.callbacks import logs, models

EPOCHS = 7


class Keep(keras.callbacks.Callback):
    """Keeps the weights that were explained at each step."""

    def __init__(self):
        super().__init__()
        self.weights = {}

    def on_epoch_begin(self, epoch, logs=None):
        if not self.weights:
            self.weights[epoch - 1] = self.model.get_weights()

    def on_epoch_end(self, epoch, logs=None):
        self.weights[epoch] = self.model.get_weights()


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run with Explain at its defaults: its log, its model, its probe, the weights of each step, what fit() returned."""
    directory = tmp_path_factory.mktemp("run")
    x, y = models.table()
    names = ["a/b", "<i>c</i>", "d", "e", "f", "g" * 60]
    probe = Probe(x[:60], y[:60], feature_names=names, class_names=["one", "two", "three"])
    model, keep = models.classifier(), Keep()
    callbacks = [Explain(str(directory), probe, on_error="raise"), keep]
    history = models.fit(model, (x, y), callbacks, EPOCHS, validation_data=(x, y))
    return logs.read(directory), model, probe, keep.weights, history


def at(run, step):
    """Return the run's model with the weights of a step."""
    model = run[1]
    model.set_weights(run[3][step])
    return model


def test_every_epoch_and_the_start_are_there(run):
    every = list(range(-1, EPOCHS))
    for tag in (
        "attribution/integrated_gradients",
        "predictions",
        "importance/gradient/table",
        "health/hidden",
        "activation/bent",
        "clock/epoch",
    ):
        assert logs.steps(run[0], tag) == every
    assert logs.steps(run[0], "importance/permutation/table") == [-1, 4, 6]
    assert logs.steps(run[0], "manifest") == logs.steps(run[0], "inputs") == [-1]


def test_metrics_are_what_keras_returned(run):
    for name in set(run[4].history) - {"explain_share_shift"}:
        values = run[4].history[name]
        logged = run[0][metadata.create_tag("metric", name)]
        assert [logged[step] for step in range(EPOCHS)] == pytest.approx(values)
        assert -1 not in logged


@pytest.mark.parametrize("step", [-1, 0, EPOCHS - 1])
def test_attributions_are_those_of_the_step(run, step):
    log, _, probe, *_ = run
    expected = integrated_gradients(at(run, step), probe.inputs, probe.targets)
    frame = log["attribution/integrated_gradients"][step]
    np.testing.assert_allclose(frame["values:table"].astype("f4"), expected.values, rtol=2e-3, atol=1e-4)
    np.testing.assert_allclose(frame["score"], expected.score, atol=1e-4)
    np.testing.assert_allclose(frame["baseline_score"], expected.baseline_score, atol=1e-4)
    np.testing.assert_allclose(frame["completeness_error"], expected.completeness_error, atol=1e-4)
    importance = log["importance/integrated_gradients/table"][step]
    np.testing.assert_allclose(importance[0], np.abs(expected.values).mean(axis=0), atol=1e-4)
    np.testing.assert_allclose(importance[1], np.abs(expected.values).std(axis=0, ddof=1) / np.sqrt(60), atol=1e-4)
    np.testing.assert_allclose(importance[2], expected.values.mean(axis=0), atol=1e-4)


@pytest.mark.parametrize("step", [-1, EPOCHS - 1])
def test_predictions_are_those_of_the_step(run, step):
    log, _, probe, *_ = run
    p = at(run, step).predict(probe.inputs, verbose=0)
    frame = log["predictions"][step]
    np.testing.assert_array_equal(frame["class"][:, 0], p.argmax(axis=1))
    np.testing.assert_allclose(frame["probability"], -np.sort(-p, axis=1), atol=1e-6)
    np.testing.assert_allclose(frame["target_probability"], p[np.arange(60), probe.targets], atol=1e-6)
    np.testing.assert_allclose(frame["loss"], -np.log(p[np.arange(60), probe.targets]), atol=1e-4)


@pytest.mark.parametrize("step", [-1, 3])
def test_histograms_are_those_of_the_layers(run, step):
    log, _, probe, *_ = run
    model = at(run, step)
    hidden = np.asarray(model.layers[0](probe.inputs))
    for tag, values in (
        ("activation/hidden", hidden),
        ("weight/hidden", np.concatenate([w.numpy().ravel() for w in model.layers[0].weights])),
    ):
        lower, width, *counts = log[tag][step]
        edges = lower + width * np.arange(len(counts) + 1)
        assert np.log2(width) == np.round(np.log2(width))
        assert sum(counts) == values.size
        np.testing.assert_allclose(counts, np.histogram(values, edges)[0], atol=2)  # another batch shape rounds a value across an edge


@pytest.mark.parametrize("step", [0, 5])
def test_health_by_hand(run, step):
    log, _, probe, weights, _ = run
    model = at(run, step)
    hidden = np.asarray(model.layers[0](probe.inputs))
    bent = np.asarray(model.layers[1](hidden))
    health = {name: dict(zip(metadata.HEALTH_FIELDS, log[f"health/{name}"][step], strict=True)) for name in ("hidden", "bent", "head")}
    assert health["hidden"]["dead_fraction"] == pytest.approx(np.mean((hidden <= 0).all(axis=0)))
    assert np.isnan(health["bent"]["dead_fraction"])
    assert health["bent"]["saturated_fraction"] == pytest.approx(np.mean(np.abs(bent) > 0.97), abs=0.01)
    assert np.isnan(health["head"]["saturated_fraction"])
    now, before = (np.concatenate([w.ravel() for w in weights[s][:2]]) for s in (step, step - 1))
    assert health["hidden"]["update_ratio"] == pytest.approx(np.linalg.norm(now - before) / np.linalg.norm(before), rel=1e-4)
    assert health["hidden"]["weight_norm"] == pytest.approx(np.linalg.norm(now), rel=1e-5)
    assert health["hidden"]["non_finite_fraction"] == 0
    start = np.asarray(at(run, -1).layers[0](probe.inputs))
    shift = wasserstein_distance(hidden.ravel(), start.ravel()) / start.std()
    assert health["hidden"]["distribution_shift"] == pytest.approx(shift, abs=0.1)  # a bin is a tenth of the deviation


def test_the_manifest_says_what_was_explained(run):
    log, _, probe, *_ = run
    contents = logs.manifest(log)
    (table,) = contents.inputs
    assert (table.name, table.kind, list(table.shape), list(table.cells)) == ("table", "tabular", [6], [6])
    assert list(table.feature_names) == list(probe.feature_names)
    assert (contents.outputs[0].task, list(contents.outputs[0].class_names)) == ("multiclass", ["one", "two", "three"])
    assert (contents.probe.size, contents.probe.hash) == (60, probe.hash)
    assert list(contents.probe.targets) == list(probe.targets)
    assert [m.name for m in contents.methods] == ["integrated_gradients", "gradient", "permutation"]
    assert contents.methods[0].parameters["steps"] == "16"
    layers = {layer.name: layer for layer in contents.layers}
    assert list(layers["bent"].inbound) == ["hidden"]
    assert (layers["hidden"].activation, list(layers["hidden"].output_shape), layers["hidden"].parameters) == ("relu", [8], 56)
    assert contents.parameters == 56 + 45 + 18
    np.testing.assert_array_equal(log["inputs"][-1]["input:table"], probe.inputs)


def test_the_clock_counts(run):
    log = run[0]
    assert [float(log["clock/epoch"][s]) for s in (-1, 0, 6)] == [-1, 0, 6]
    assert np.isnan(log["clock/overhead"][-1])
    explaining = [float(log["clock/explain_seconds"][s]) for s in range(EPOCHS)]
    training = [float(log["clock/train_seconds"][s]) for s in range(EPOCHS)]
    assert min(explaining) > 0
    assert min(training) > 0
    assert log["clock/overhead"][6] == pytest.approx(sum(explaining) / sum(training), rel=1e-6)


def test_three_callbacks_log_what_explain_does(run, tmp_path):
    log, _, probe, *_ = run
    x, y = models.table()
    options = {"log_dir": str(tmp_path), "probe": probe, "on_error": "raise"}
    callbacks = [IntegratedGradients(**options), FeatureImportance(**options), ActivationHistograms(**options)]
    models.fit(models.classifier(), (x, y), callbacks, EPOCHS, validation_data=(x, y))
    apart = logs.read(tmp_path)
    assert set(log) - set(apart) == {"trust/deletion_gap/integrated_gradients"}
    for tag in set(apart) - {"manifest"}:
        assert logs.steps(apart, tag) == logs.steps(log, tag)
        if tag.startswith(("activation", "gradient", "weight", "health", "importance")):
            for step in logs.steps(log, tag):
                np.testing.assert_array_equal(apart[tag][step], log[tag][step])
    assert len(list((tmp_path / "explain").iterdir())) == 1


def test_images_are_logged_as_pixels_cells_and_regions(tmp_path):
    generator = np.random.default_rng(0)
    x, y = generator.random((24, 40, 20, 3), dtype=np.float32), generator.integers(0, 2, 24)
    model = keras.Sequential(
        [keras.layers.Input((40, 20, 3), name="photo"), keras.layers.Conv2D(2, 3), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    model.compile("sgd", keras.losses.BinaryCrossentropy(from_logits=True))
    models.fit(model, (x, y), [Explain(str(tmp_path), Probe(x, y), on_error="raise")], 1)
    log = logs.read(tmp_path)
    (photo,) = logs.manifest(log).inputs
    assert (photo.kind, list(photo.cells), list(photo.regions)) == ("image", [20, 20], [8, 7])
    np.testing.assert_array_equal(log["inputs"][-1]["input:photo"], np.round(x * 255).astype(np.uint8))
    frame = log["attribution/integrated_gradients"][0]
    expected = integrated_gradients(model, x, y).values.sum(axis=3).reshape(24, 20, 2, 20).sum(axis=2)
    np.testing.assert_allclose(frame["values:photo"].astype("f4"), expected, rtol=2e-3, atol=1e-4)
    assert log["importance/integrated_gradients/photo"][0].shape == (3, 56)
    assert log["importance/permutation/photo"][0].shape == (3, 16)


def test_text_and_a_table_side_by_side(tmp_path):
    generator = np.random.default_rng(0)
    words, numbers = keras.Input((7,), dtype="int32", name="words"), keras.Input((3,), name="numbers")
    read = keras.layers.LSTM(4)(keras.layers.Embedding(30, 5, mask_zero=True)(words))
    model = keras.Model([words, numbers], keras.layers.Dense(1, activation="sigmoid")(keras.layers.Concatenate()([read, numbers])))
    model.compile("sgd", "binary_crossentropy")
    x = [generator.integers(1, 30, (20, 7)), generator.normal(size=(20, 3)).astype("f4")]
    y = generator.integers(0, 2, 20)
    vocabulary = [f"word{k}" for k in range(30)]
    probe = Probe(x, y, vocabulary=vocabulary, feature_names={"numbers": ["u", "v", "w"]})
    models.fit(model, (x, y), [Explain(str(tmp_path), probe, on_error="raise")], 1)
    log = logs.read(tmp_path)
    inputs = {i.name: i for i in logs.manifest(log).inputs}
    assert {name: i.kind for name, i in inputs.items()} == {"words": "text", "numbers": "tabular"}
    assert list(inputs["words"].vocabulary) == vocabulary
    assert list(inputs["numbers"].feature_names) == ["u", "v", "w"]
    frame = log["attribution/integrated_gradients"][0]
    assert (frame["values:words"].shape, frame["values:numbers"].shape) == ((20, 7), (20, 3))
    np.testing.assert_array_equal(log["inputs"][-1]["input:words"], x[0])
    assert set(log) >= {"importance/permutation/words", "importance/gradient/numbers"}


def test_inputs_can_be_kept_out_of_the_log(tmp_path):
    x, y = models.table()
    models.fit(models.classifier(), (x, y), [Explain(str(tmp_path), Probe(x, y, log_inputs=False))], 1)
    log = logs.read(tmp_path)
    assert "inputs" not in log
    assert not logs.manifest(log).probe.inputs_logged


def test_a_model_without_a_loss_leaves_out_what_needs_one(tmp_path):
    class Custom(keras.Sequential):
        def train_step(self, data):
            return {"loss": 0.0}

    x, y = models.table()
    model = Custom([keras.layers.Input((6,)), keras.layers.Dense(3, activation="softmax", name="head")])
    model.compile("sgd")
    with pytest.warns(UserWarning, match="no permutation importance without a compiled loss"):
        models.fit(model, (x, y), [Explain(str(tmp_path), (x, y), on_error="raise")], 1)
    log = logs.read(tmp_path)
    assert "attribution/integrated_gradients" in log
    assert "importance/permutation/input" not in log
    assert "loss" not in log["predictions"][0]
    assert np.isnan(log["health/head"][0][metadata.HEALTH_FIELDS.index("gradient_norm")])
