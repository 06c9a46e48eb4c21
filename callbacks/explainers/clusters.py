"""Features that tell the same, as clusters that are permuted, or left out, as one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_CORRELATION = 0.7
"""The mean |Spearman's ρ| between two clusters from which they are one."""


MOST_COLUMNS = 4096
"""Of a table whose columns are held against each other: beyond, all pairs would take hundreds of megabytes."""


@dataclasses.dataclass(frozen=True)
class Cluster:
    """Columns of one input that are taken together, and what they are called."""

    name: str
    columns: tuple[int, ...]


def find_clusters(how: Any, values: Mapping[str, NDArray[Any]], names: Mapping[str, Sequence[str]]) -> dict[str, list[Cluster]]:
    """Return the clusters of each input that is a table, so that every column is in exactly one.

    Args:
        how: ``"correlated"``, or a mapping of clusters' names to their features (a name, a position, or a list of these); a feature that
            none names is a cluster of its own.
        values: by input, its samples, [N, F]; others have no clusters.
        names: by input, one a column; empty: columns are called ``feature 0`` and so on.

    Raises:
        TypeError: neither; a feature that is neither a name nor a position.
        ValueError: no table; a feature that no table has, or that is in two clusters; a cluster of features of several inputs.
    """
    tables = {name: np.asarray(v) for name, v in values.items() if np.ndim(v) == 2 and np.asarray(v).dtype.kind in "biuf"}
    if not tables:
        raise ValueError(
            f"clusters are of columns, and no input is a table [N, F] of numbers: {[(k, np.shape(v)) for k, v in values.items()]}"
        )
    called = {name: column_names(names.get(name, ()), table.shape[1]) for name, table in tables.items()}
    if isinstance(how, str) and how == "correlated":
        return {name: _named(correlated_columns(table), called[name], table) for name, table in tables.items()}
    if not isinstance(how, Mapping):
        raise TypeError(f"clusters is {how!r}; expected 'correlated', or a mapping of names to features, as {{'size': ['radius', 'area']}}")
    chosen: dict[str, list[Cluster]] = {name: [] for name in tables}
    for cluster, features in how.items():
        listed = [features] if isinstance(features, (str, int, np.integer)) else list(features)
        places = [_place(cluster, feature, called) for feature in listed]
        inputs = {name for name, _ in places}
        if len(inputs) != 1:
            raise ValueError(f"the cluster {cluster!r} has features of {sorted(inputs) or 'no input'}; expected one or more of one input")
        chosen[inputs.pop()].append(Cluster(str(cluster), tuple(sorted(column for _, column in places))))
    return {name: _completed(clusters, called[name]) for name, clusters in chosen.items()}


def column_names(names: Sequence[str], columns: int) -> list[str]:
    """Return what columns are called: as they are named, or by their index."""
    return [str(name) for name in names] if len(names) == columns else [f"feature {k}" for k in range(columns)]


def correlated_columns(values: NDArray[Any], least: float = LEAST_CORRELATION) -> list[tuple[int, ...]]:
    """Return the columns of a table [N, F] in clusters: those whose mean |Spearman's ρ| is at least ``least``.

    Hierarchical clustering with average linkage of the distances 1 − |ρ|, cut at 1 − ``least`` (Sokal and Michener, 1958). Constant
    columns, and those that are not finite, correlate with nothing.

    Raises:
        ValueError: more than `MOST_COLUMNS` columns.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform
    from scipy.stats import rankdata

    columns = values.shape[1]
    if columns > MOST_COLUMNS:
        raise ValueError(
            f"a table of {columns} columns is too wide to hold all pairs against each other (at most {MOST_COLUMNS}); name clusters"
        )
    if columns < 2 or len(values) < 2:
        return [(column,) for column in range(columns)]
    numbers = values.astype(np.float64)
    known = np.asarray(np.isfinite(numbers).all(axis=0))
    correlation = absolute_correlations(rankdata(np.where(known, numbers, 0), axis=0), known)
    labels = fcluster(linkage(squareform(1 - correlation, checks=False), "average"), 1 - least, "distance")
    members = [tuple(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)]
    return sorted(members)


def absolute_correlations(ranks: NDArray[Any], known: NDArray[Any]) -> NDArray[Any]:
    """Return |ρ| of every pair of columns [N, F] of ranks, [F, F], 1 on the diagonal; 0 of columns that are constant or not ``known``."""
    centered = np.where(known, ranks - ranks.mean(axis=0), 0.0)
    lengths = np.linalg.norm(centered, axis=0)
    unit = centered / np.where(lengths > 0, lengths, 1)
    correlation = np.clip(np.abs(unit.T @ unit), 0, 1)
    np.fill_diagonal(correlation, 1)
    return np.asarray((correlation + correlation.T) / 2)


def _named(members: Sequence[tuple[int, ...]], names: Sequence[str], values: NDArray[Any]) -> list[Cluster]:
    """Return clusters, each called by the column that correlates most with its others, the first of equal ones."""
    from scipy.stats import rankdata

    clusters = []
    for columns in members:
        if len(columns) == 1:
            clusters.append(Cluster(names[columns[0]], columns))
            continue
        inside = absolute_correlations(rankdata(values[:, columns].astype(np.float64), axis=0), np.ones(len(columns), bool))
        closeness = np.round(inside.sum(axis=0), 9)  # of two columns both are equal
        leader = columns[int(closeness.argmax())]
        clusters.append(Cluster(f"{names[leader]} + {len(columns) - 1} correlated", columns))
    return clusters


def _place(cluster: Any, feature: Any, called: Mapping[str, Sequence[str]]) -> tuple[str, int]:
    """Return the input and the column of a feature that a cluster names."""
    if isinstance(feature, str):
        holders = [name for name, columns in called.items() if feature in columns]
        if len(holders) == 1:
            return holders[0], list(called[holders[0]]).index(feature)
        known = [column for columns in called.values() for column in columns]
        problem = (
            f"which {holders} have" if holders else f"which no input has; features are {known if len(known) <= 50 else [*known[:50], '…']}"
        )
        raise ValueError(f"the cluster {cluster!r} holds {feature!r}, {problem}")
    if isinstance(feature, bool) or not isinstance(feature, (int, np.integer)):
        raise TypeError(f"the cluster {cluster!r} holds {feature!r}; expected names of features, or their positions")
    if len(called) != 1:
        raise ValueError(f"the cluster {cluster!r} holds the position {feature}, and the tables are {list(called)}; name features instead")
    [(name, columns)] = called.items()
    if not 0 <= feature < len(columns):
        raise ValueError(f"the cluster {cluster!r} holds the position {feature}; input {name!r} has columns 0 to {len(columns) - 1}")
    return name, int(feature)


def _completed(clusters: Sequence[Cluster], names: Sequence[str]) -> list[Cluster]:
    """Return clusters with those of single columns that none names, in the order of their first columns."""
    taken = [column for cluster in clusters for column in cluster.columns]
    twice = sorted({names[column] for column in taken if taken.count(column) > 1})
    if twice:
        raise ValueError(f"the features {twice} are in more than one cluster, or twice in one; permuted together, each has one")
    alone = [Cluster(name, (column,)) for column, name in enumerate(names) if column not in taken]
    complete = sorted([*clusters, *alone], key=lambda cluster: cluster.columns[0])
    called = [cluster.name for cluster in complete]
    double = sorted({name for name in called if called.count(name) > 1 and name in [c.name for c in clusters]})
    if double:
        raise ValueError(f"clusters are called {double}, as other features are; give them names of their own")
    return complete
