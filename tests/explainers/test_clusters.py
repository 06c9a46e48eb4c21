"""Clusters of correlated columns, held to a clustering spelled out and to tables whose factors are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from tb_explain_plugin.callbacks.explainers import find_clusters
from tb_explain_plugin.callbacks.explainers.clusters import LEAST_CORRELATION, correlated_columns


def slow_clusters(values, least):
    """Average linkage, spelled out: the two clusters whose columns correlate most on average are joined, as long as that is enough."""
    clusters = [[column] for column in range(values.shape[1])]

    def correlation(one, other):
        return np.mean([abs(spearmanr(values[:, a], values[:, b]).statistic) for a in one for b in other])

    while len(clusters) > 1:
        best, i, j = max((correlation(a, b), i, j) for i, a in enumerate(clusters) for j, b in enumerate(clusters) if i < j)
        if best < least:
            break
        clusters[i] += clusters.pop(j)
    return sorted(tuple(sorted(cluster)) for cluster in clusters)


def planted(seed, samples=200):
    """Nine columns of three factors, some of them bent or turned, and two that are alone."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(samples, 3))
    columns = [factors[:, k % 3] + 0.2 * rng.normal(size=samples) for k in range(9)]
    columns[3], columns[4] = np.exp(columns[3]), -columns[4]
    return np.column_stack([*columns, rng.normal(size=(samples, 2))])


@pytest.mark.parametrize("seed", range(3))
def test_columns_of_one_factor_are_one_cluster(seed):
    assert correlated_columns(planted(seed)) == [(0, 3, 6), (1, 4, 7), (2, 5, 8), (9,), (10,)]


@pytest.mark.parametrize("least", [0.2, 0.4, 0.6, LEAST_CORRELATION])
def test_they_are_those_of_a_clustering_spelled_out(least):
    rng = np.random.default_rng(4)
    values = rng.normal(size=(60, 4)) @ rng.normal(size=(4, 7)) + rng.normal(size=(60, 7))
    assert correlated_columns(values, least) == slow_clusters(values, least)


def test_what_does_not_vary_or_is_not_finite_is_alone():
    values = planted(0)
    values[:, 3] = 1.0
    values[0, 6] = np.nan
    assert correlated_columns(values) == [(0,), (1, 4, 7), (2, 5, 8), (3,), (6,), (9,), (10,)]
    assert correlated_columns(np.ones((5, 1))) == [(0,)]
    assert correlated_columns(np.ones((1, 2))) == [(0,), (1,)]


def test_a_cluster_is_called_by_the_column_in_its_middle():
    rng = np.random.default_rng(1)
    factor = rng.normal(size=300)
    values = np.column_stack([factor + noise * rng.normal(size=300) for noise in (0.5, 0.1, 0.5)] + [rng.normal(size=300)])
    found = find_clusters("correlated", {"x": values}, {"x": ["radius", "area", "rim", "age"]})["x"]
    assert [(cluster.name, cluster.columns) for cluster in found] == [("area + 2 correlated", (0, 1, 2)), ("age", (3,))]


def test_named_clusters_leave_other_columns_alone():
    names = {"x": ["age", "weight", "height", "sex"]}
    found = find_clusters({"body": ["height", "weight"], "sex": 3}, {"x": np.ones((5, 4)), "image": np.ones((5, 2, 2))}, names)
    assert [(cluster.name, cluster.columns) for cluster in found.pop("x")] == [("age", (0,)), ("body", (1, 2)), ("sex", (3,))]
    assert not found


REFUSED = {
    "neither": (TypeError, "clusters is 3; expected 'correlated', or a mapping", 3),
    "unknown": (ValueError, "holds 'hight', which no input has; features are", {"body": ["hight"]}),
    "beyond": (ValueError, "holds the position 4; input 'x' has columns 0 to 3", {"body": [0, 4]}),
    "twice": (ValueError, r"features \['age'\] are in more than one cluster", {"one": ["age", "sex"], "two": "age"}),
    "taken name": (ValueError, r"clusters are called \['sex'\], as other features are", {"sex": ["age", "weight"]}),
    "empty": (ValueError, "'body' has features of no input", {"body": []}),
    "odd": (TypeError, "holds 1.5; expected names of features, or their positions", {"body": [1.5]}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case):
    kind, message, how = REFUSED[case]
    with pytest.raises(kind, match=message):
        find_clusters(how, {"x": np.ones((5, 4))}, {"x": ["age", "weight", "height", "sex"]})


def test_only_tables_have_clusters():
    with pytest.raises(ValueError, match="no input is a table"):
        find_clusters("correlated", {"image": np.ones((5, 4, 4))}, {})
    tables = {"one": np.ones((5, 2)), "two": np.ones((5, 2))}
    with pytest.raises(ValueError, match="the tables are"):
        find_clusters({"a": 1}, tables, {})
    with pytest.raises(ValueError, match=r"has features of \['one', 'two'\]"):
        find_clusters({"a": ["b", "c"]}, tables, {"one": ["a", "b"], "two": ["c", "d"]})
    with pytest.raises(ValueError, match=r"holds 'feature 0', which \['one', 'two'\] have"):
        find_clusters({"a": ["feature 0"]}, tables, {})
