"""Embeddings as they are logged, and as TensorBoard's own Projector finds them when training has ended."""

from __future__ import annotations

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from tensorboard.plugins.projector import ProjectorConfig

from tb_explain_plugin.callbacks import AlarmWarning, Explain, Probe
from tb_explain_plugin.callbacks.explainers import embedding_projection
from tests.callbacks import logs, models


def trained(directory, methods=("embedding_projection",), model=None, data=models.table, epochs=3, callbacks=(), **options):
    model = model or models.classifier()
    probe = Probe(*data(24), class_names=["a", "b c", "d"], **options)
    explain = Explain(str(directory), probe, methods=list(methods), deletion_every=None, on_error="raise")
    models.fit(model, data(), [explain, *callbacks], epochs)
    return model


def tensor(path):
    return np.array([[float(cell) for cell in line.split("\t")] for line in path.read_text().splitlines()])


def config(directory):
    return text_format.Parse((directory / "explain" / "projector_config.pbtxt").read_text(), ProjectorConfig())


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    directory = tmp_path_factory.mktemp("table")
    return trained(directory), directory


def test_each_step_has_what_the_head_reads(table):
    model, directory = table
    log = logs.read(directory)
    assert logs.steps(log, "embedding") == [-1, 0, 1, 2]
    expected = embedding_projection(model, models.table(24)[0]).points
    assert expected.shape == (24, 5)
    np.testing.assert_allclose(log["embedding"][2]["points"], expected, atol=1e-3)
    assert not np.allclose(log["embedding"][-1]["points"], expected, atol=0.01)


def test_the_projector_has_the_last_step_and_the_start(table):
    model, directory = table
    log = logs.read(directory)
    last, start = config(directory).embeddings
    assert (last.tensor_name, start.tensor_name) == ("bent, epoch 2", "bent, start")
    for shown, step in ((last, 2), (start, -1)):
        points = tensor(directory / "explain" / shown.tensor_path)
        assert list(shown.tensor_shape) == [24, 5]
        np.testing.assert_allclose(points, log["embedding"][step]["points"], atol=1e-3)
    x, y = models.table(24)
    header, *rows = [line.split("\t") for line in (directory / "explain" / last.metadata_path).read_text().splitlines()]
    assert header == ["sample", "label", "prediction", "probability", "right"]
    names = np.array(["a", "b c", "d"])
    p = model.predict(x, verbose=0)
    assert [row[0] for row in rows] == [f"#{k}" for k in range(24)]
    assert [row[1] for row in rows] == names[y].tolist()
    assert [row[2] for row in rows] == names[p.argmax(axis=1)].tolist()
    np.testing.assert_allclose([float(row[3]) for row in rows], p.max(axis=1), atol=1e-3)
    assert [row[4] == "yes" for row in rows] == (p.argmax(axis=1) == y).tolist()


def images(samples=90):
    x = np.random.default_rng(0).integers(0, 256, size=(samples, 6, 8, 3), dtype=np.uint8)
    return x, np.arange(samples) % 3


def convolutional():
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Rescaling(1 / 255), keras.layers.Conv2D(4, 3), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")]
    model = keras.Sequential([keras.Input((6, 8, 3), name="image", dtype="uint8"), *layers])
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def test_images_are_shown_in_one(tmp_path):
    trained(tmp_path, model=convolutional(), data=images, epochs=1)
    for shown in config(tmp_path).embeddings:
        assert list(shown.sprite.single_image_dim) == [8, 6]
        assert list(shown.tensor_shape) == [24, 64]
        sprite = tf.io.decode_png((tmp_path / "explain" / shown.sprite.image_path).read_bytes()).numpy()
        assert sprite.shape == (5 * 6, 5 * 8, 3)
        x = images(24)[0]
        for k in range(25):
            place = sprite[6 * (k // 5) :, 8 * (k % 5) :][:6, :8]
            np.testing.assert_array_equal(place, x[k] if k < 24 else 0)


def test_samples_that_may_not_be_logged_are_not_shown(tmp_path):
    trained(tmp_path, model=convolutional(), data=images, epochs=1, log_inputs=False)
    assert not config(tmp_path).embeddings[0].HasField("sprite")
    assert {path.name for path in (tmp_path / "explain" / "projector").iterdir()} == {"0.tsv", "1.tsv", "metadata.tsv"}


def test_regressions_have_outputs_for_labels(tmp_path):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4, "tanh"), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = models.table(24)[0]
    probe = Probe(x, x[:, 0], sample_names=[f"row\t{k}\n" for k in range(24)], groups=["g"] * 24)
    models.fit(model, (x, x[:, 0]), [Explain(str(tmp_path), probe, methods=["embedding_projection"], on_error="raise")], 1)
    header, *rows = [line.split("\t") for line in (tmp_path / "explain/projector/metadata.tsv").read_text().splitlines()]
    assert header == ["sample", "output", "group"]
    assert rows[3][0] == "row 3"
    np.testing.assert_allclose([float(row[1]) for row in rows], model.predict(x, verbose=0)[:, 0], rtol=1e-4)


def test_a_diverged_model_is_logged_and_not_projected(tmp_path):
    model = models.classifier()
    explain = Explain(str(tmp_path), Probe(*models.table(24)), methods=["embedding_projection"], layers=[], on_error="raise")
    model.get_layer("bent").kernel.assign(np.full((8, 5), np.nan))
    with pytest.warns(AlarmWarning):
        models.fit(model, models.table(), [explain], 1)
    log = logs.read(tmp_path)
    assert np.isnan(log["embedding"][0]["points"]).all()
    assert not (tmp_path / "explain" / "projector_config.pbtxt").exists()


def test_a_run_that_stops_early_is_handed_over_too(tmp_path):
    stop = keras.callbacks.EarlyStopping(monitor="loss", mode="max", patience=0, restore_best_weights=True)
    trained(tmp_path, epochs=9, callbacks=[stop])
    steps = logs.steps(logs.read(tmp_path), "embedding")
    assert len(steps) < 9
    assert config(tmp_path).embeddings[0].tensor_name == f"bent, epoch {steps[-1]}"


def test_an_unknown_layer_raises_before_the_first_batch(tmp_path):
    with pytest.raises(ValueError, match=r"has no layer 'bend' whose output can be watched\. Did you mean 'bent'"):
        trained(tmp_path, [functools.partial(embedding_projection, layer="bend")])
    with pytest.raises(ValueError, match="dimensions is 0; expected"):
        trained(tmp_path, [functools.partial(embedding_projection, dimensions=0)])
    assert not (tmp_path / "explain" / "projector_config.pbtxt").exists()
