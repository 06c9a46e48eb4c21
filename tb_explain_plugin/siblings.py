"""Runs that are equal but for their seed: what shares they have says how far a share lies from there by the seed alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from tensorboard import errors as tensorboard_errors

from tb_explain_plugin import drift_noise, reader, references
from tb_explain_plugin.explanation import alike, read_explanation
from tb_explain_plugin.index import read_index
from tb_explain_plugin.regions import regions_of, shares_by_region

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin import plugin_data_pb2 as pb
    from tb_explain_plugin.explanation import Explanation
    from tb_explain_plugin.index import Log
    from tb_explain_plugin.reader import Blob

FEWEST = 2
"""Siblings that it takes to say how far shares scatter."""

_NUMBER = re.compile(r"_[0-9]+(?=/|$)")
"""What Keras appends to names of layers that nobody gave: the second model of a process has ``dense_3`` where the first has ``dense``."""


def shares_of_siblings(log: Log, run: str, tag: str, blob: Blob, explanation: Explanation) -> dict[str, NDArray[Any]]:
    """Return the shares by region, [F], of the runs that differ from a run by no more than their seed, at the same epoch.

    Those are comparable runs (`references.check_comparable`) with the same layers. A run whose explanation cannot be read, is not
    finite or all zero, or is of another epoch is none.
    """
    names = sorted(name for name, tags in read_index(log).runs.items() if name != run and tag in tags)

    def shares(name: str) -> NDArray[Any]:
        try:
            return _shares(log, (run, name), tag, blob, explanation)
        except tensorboard_errors.PublicError:
            return np.empty(0)

    found = dict(zip(names, reader.in_parallel(shares, names), strict=True))
    return {name: share for name, share in found.items() if len(share) and np.isfinite(share).all()}


def noise_of_the_seed(share: NDArray[Any], of_siblings: Sequence[NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return where shares of siblings lie, how far they scatter, and how many such spreads a run's shares [F] lie from there; each [F]."""
    null = drift_noise.seed_null(of_siblings)
    return {"seed_center": null.center, "seed_spread": null.spread, "z": drift_noise.seed_scores(share, of_siblings)}


def _shares(log: Log, runs: tuple[str, str], tag: str, blob: Blob, like: Explanation) -> NDArray[Any]:
    """Return the shares of one other run, none if it is no sibling."""
    own, theirs = (reader.read_manifest(log, name).contents for name in runs)
    references.check_comparable(log, *runs, tag)
    if _layers(own) != _layers(theirs):
        return np.empty(0)
    at = references.at_the_same_epoch(log, runs, {blob.step: blob}, reader.read_blobs(log, runs[1], tag))[blob.step]
    explanation = read_explanation(log, runs[1], tag, at[0]) if at else None
    if explanation is None or not alike(explanation, like):
        return np.empty(0)
    return shares_by_region(explanation.matrix(), like.cells, regions_of(own, like.cells))


def _layers(manifest: pb.Manifest) -> list[tuple[object, ...]]:
    return [(_NUMBER.sub("", x.name), x.class_name, tuple(x.output_shape), x.parameters, x.activation) for x in manifest.layers]
