"""The answers of /embedding against scikit-learn's principal components of all steps together."""

import json

import numpy as np
import pytest
from safetensors.numpy import load
from sklearn.decomposition import PCA
from tensorboard import errors as tensorboard_errors

from tb_explain_plugin import plugin, summary
from tb_explain_plugin.embedding import project
from tests.event_files import EventFile
from tests.plugin.conftest import open_log

SIZES = np.array([0.1, 2.0, 30.0])


@pytest.fixture(scope="module")
def clouds():
    """Three steps of 40 samples on five axes, whose size grows and whose place moves."""
    generator = np.random.default_rng(2)
    spread = np.array([5.0, 3.0, 2.0, 0.5, 0.1]) @ np.linalg.qr(generator.normal(size=(5, 5)))[0]
    return [(size * (generator.normal(size=(40, 5)) * spread + step)).astype("f4") for step, size in enumerate(SIZES)]


def test_axes_are_principal_components_of_all_steps_alike(clouds):
    centered = [c.astype("f8") - c.mean(axis=0, dtype="f8") for c in clouds]
    pca = PCA(3).fit(np.concatenate([c / np.linalg.norm(c) for c in centered]))
    points, explained = project(clouds)
    for found, part, cloud in zip(points, explained, centered, strict=True):
        expected = cloud @ pca.components_.T
        signs = np.sign((found * expected).sum(axis=0))
        np.testing.assert_allclose(found, expected * signs, atol=1e-3 * np.abs(cloud).max())
        np.testing.assert_allclose(part, expected.var(axis=0) / cloud.var(axis=0).sum(), rtol=1e-3)


def test_one_step_has_its_own_components(clouds):
    points, explained = project(clouds[:1])
    pca = PCA(3).fit(clouds[0])
    np.testing.assert_allclose(np.abs(points[0]), np.abs(pca.transform(clouds[0])), atol=1e-5)
    np.testing.assert_allclose(explained[0], pca.explained_variance_ratio_, rtol=1e-4)


def test_axes_do_not_flip(clouds):
    np.testing.assert_allclose(project(clouds)[0], project([c + 1e-6 for c in clouds])[0], atol=1e-3)
    forth = np.outer(np.arange(40.0), [0.1, -3, 0.2, 0, 0])
    assert (np.diff(project([forth])[0][0, :, 0]) < 0).all()
    assert (np.diff(project([-forth])[0][0, :, 0]) > 0).all()


def test_two_dimensions_have_an_empty_third(clouds):
    points, explained = project([c[:, :2] for c in clouds])
    assert points.shape == (3, 40, 3)
    assert (points[..., 2] == 0).all()
    np.testing.assert_allclose(explained[:, :2].sum(axis=1), 1, rtol=1e-5)


def test_steps_that_are_not_finite_settle_nothing(clouds):
    lost = np.where(np.arange(40)[:, None] == 7, np.inf, clouds[1])
    points, explained = project([clouds[0], lost, clouds[2]])
    np.testing.assert_allclose(points[[0, 2]], project([clouds[0], clouds[2]])[0], rtol=1e-6)
    assert np.isnan(points[1]).all()
    assert np.isnan(explained[1]).all()


def test_samples_in_one_place_have_no_variance_to_explain(clouds):
    points, explained = project([np.ones((4, 5), "f4")])
    assert (points == 0).all()
    assert np.isnan(explained).all()


def write(directory, clouds, others=()):
    with EventFile(directory / "explain", -1) as file:
        for step, cloud in enumerate(clouds, start=-1):
            points, scale = summary.compress(cloud)
            text = {"scale": repr(scale), "layer": "dense", "units": "5"}
            file.write(step, summary.frame("embedding", {"points": dict(others).get(step, points)}, text))


def test_the_route_answers_what_was_logged(clouds, tmp_path, loader):
    write(tmp_path, clouds)
    with open_log(tmp_path, loader) as opened:
        blob = plugin.embedding_impl(opened.log, "explain")
        answered = load(opened.client().get("/data/plugin/explain/embedding?run=explain").data)
    found = load(blob)
    np.testing.assert_array_equal(answered["points"], found["points"])
    assert found["steps"].tolist() == [-1, 0, 1]
    assert found["points"].dtype == found["explained"].dtype == np.float32
    np.testing.assert_allclose(found["points"], project(clouds)[0], atol=0.2)
    header = json.loads(blob[8 : 8 + int.from_bytes(blob[:8], "little")])["__metadata__"]
    assert header == {"layer": "dense", "units": "5", "dimensions": "5"}


def test_steps_of_another_shape_are_left_out_and_said(clouds, tmp_path):
    write(tmp_path, clouds, others={0: np.zeros((40, 4), np.float16)})
    with open_log(tmp_path, "python") as opened:
        blob = plugin.embedding_impl(opened.log, "explain")
    assert load(blob)["steps"].tolist() == [-1, 1]
    header = json.loads(blob[8 : 8 + int.from_bytes(blob[:8], "little")])["__metadata__"]
    assert header["left_out"] == "steps 0: not points of shape [40, 5], as the last step has"


def test_runs_without_embeddings_say_so(tmp_path):
    with EventFile(tmp_path / "explain", 0) as file:
        file.write(0, summary.frame("attribution/x", {"values:a": np.zeros((3, 2), np.float16)}))
    with open_log(tmp_path, "python") as opened, pytest.raises(tensorboard_errors.NotFoundError, match="no such tag in 'explain'"):
        plugin.embedding_impl(opened.log, "explain")


def test_frames_that_hold_no_points_say_so(tmp_path):
    with EventFile(tmp_path / "explain", 0) as file:
        file.write(0, summary.frame("embedding", {"x": np.zeros((3, 2), np.float16)}))
    with open_log(tmp_path, "python") as opened:
        answer = opened.client().get("/data/plugin/explain/embedding?run=explain")
    assert answer.status_code == 400
    assert json.loads(answer.data)["error"]["what"] == "no embedding of 'explain' can be read"
