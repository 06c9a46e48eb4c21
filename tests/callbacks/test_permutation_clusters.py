"""Clusters of columns as a run logs them, and permutation importance among the methods of `Explain`."""

from __future__ import annotations

from functools import partial

import keras
import numpy as np
import pytest

from tb_explain_plugin import metadata
from tb_explain_plugin.callbacks import Explain, FeatureImportance, Probe
from tb_explain_plugin.callbacks.explainers import permutation_importance
from tests.callbacks.logs import manifest, read

NAMES = ["radius", "area", "age"]


def table(samples=120):
    rng = np.random.default_rng(0)
    size = rng.normal(size=samples)
    x = np.column_stack([size, size + 0.1 * rng.normal(size=samples), rng.normal(size=samples)]).astype("f4")
    return x, (size + 0.3 * x[:, 2] > 0).astype("i4")


def trained(log_dir, *, features=("radius", "area", "age"), **options):
    x, y = table()
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,), name="table"), keras.layers.Dense(4, "relu"), keras.layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy")
    probe = Probe(x, y, feature_names=list(features))
    model.fit(x, y, epochs=2, verbose=0, callbacks=[options.pop("callback", Explain)(str(log_dir), probe, **options)])
    return model, x, y, read(log_dir)


@pytest.fixture(scope="module")
def logged(tmp_path_factory):
    return trained(
        tmp_path_factory.mktemp("clusters"), methods=["integrated_gradients", partial(permutation_importance, clusters="correlated")]
    )


def method_of(events, name):
    return next((method for method in manifest(events).methods if method.name == name), None)


def test_clusters_are_in_the_manifest_by_name(logged):
    method = method_of(logged[-1], "permutation_clusters")
    [regions] = method.regions
    assert (regions.input, list(regions.shape)) == ("table", [2])
    assert [(cluster.name, list(cluster.columns)) for cluster in regions.clusters] == [("radius + 1 correlated", [0, 1]), ("age", [2])]
    assert method.parameters["clusters"] == "correlated"
    assert method_of(logged[-1], "permutation").parameters["repeats"] == method.parameters["repeats"] == "5"


def test_their_importance_is_that_of_the_explainer(logged):
    model, x, y, events = logged
    values = events[metadata.create_tag("importance", "permutation_clusters", "table")]
    assert sorted(values) == [-1, 1]
    expected = permutation_importance(model, x, y, repeats=5, clusters={"size": [0, 1]})
    np.testing.assert_allclose(values[1][0], expected.mean["table"], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(values[1][1], expected.standard_error["table"], rtol=1e-3, atol=1e-6)
    alone = events[metadata.create_tag("importance", "permutation", "table")][1]
    np.testing.assert_allclose(alone[:, 2], values[1][:, 1], rtol=1e-5)  # a cluster of one column is that column


def test_the_name_alone_changes_nothing(tmp_path):
    *_, events = trained(tmp_path / "named", methods=["permutation_importance"])
    *_, plain = trained(tmp_path / "plain", methods=[], deletion_every=None)
    assert method_of(events, "permutation_clusters") is None
    for step, values in plain[metadata.create_tag("importance", "permutation", "table")].items():
        np.testing.assert_allclose(events[metadata.create_tag("importance", "permutation", "table")][step], values, atol=1e-6)


def test_a_partial_and_method_every_set_its_options(tmp_path):
    method = partial(permutation_importance, repeats=2, seed=7, clusters={"size": ["radius", "area"]})
    *_, events = trained(tmp_path, methods=[method], method_every={"permutation_importance": 1})
    described = method_of(events, "permutation_clusters")
    assert dict(described.parameters) == {"repeats": "2", "seed": "7", "every": "1", "clusters": "named"}
    assert [cluster.name for cluster in described.regions[0].clusters] == ["size", "age"]
    assert sorted(events[metadata.create_tag("importance", "permutation_clusters", "table")]) == [-1, 0, 1]


def test_the_callback_by_itself_takes_clusters(tmp_path):
    *_, events = trained(tmp_path, callback=FeatureImportance, clusters={"size": ["radius", "area"]})
    assert method_of(events, "permutation_clusters") is not None


def test_what_is_refused_is_so_before_training(tmp_path):
    with pytest.raises(ValueError, match=r"options \['metric', 'regions'\] of permutation_importance are the run's"):
        trained(tmp_path, methods=[partial(permutation_importance, metric=len, regions={})])
    with pytest.raises(TypeError, match="clusters is 3; expected 'correlated', or a mapping"):
        trained(tmp_path, callback=FeatureImportance, clusters=3)
    with pytest.raises(ValueError, match="holds 'volume', which no input has"):
        trained(tmp_path, callback=FeatureImportance, clusters={"size": ["radius", "volume"]})
    with pytest.raises(ValueError, match="repeats is 0"):
        trained(tmp_path, methods=[partial(permutation_importance, repeats=0)])
