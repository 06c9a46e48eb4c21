"""Which samples of the probe are shown where not all can be: a few of each class, the same over the whole run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from keras import tree

from tb_explain_plugin.callbacks.explainers.feature_maps import chosen_samples
from tb_explain_plugin.callbacks.probe import classes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.probe import Probe

MOST_SHOWN = 8


def shown_samples(probe: Probe, chosen: Any) -> NDArray[np.int32]:
    """Return the indices of the samples that a method shows, int32 [S]: those that its options choose, else a few of each class.

    Raises:
        ValueError: chosen ones that the probe does not have.
    """
    return display_samples(probe) if chosen is None else chosen_samples(chosen, probe.size)


def display_samples(probe: Probe, most: int = MOST_SHOWN) -> NDArray[np.int32]:
    """Return the indices of the samples to show, int32 [S], in ascending order: the first of each class, then the second, and so on."""
    classes = None if probe.targets is None else classes_of(np.asarray(tree.flatten(probe.targets)[0]))
    if classes is None:
        return np.arange(min(most, probe.size), dtype=np.int32)
    turn = np.zeros(probe.size, np.int64)  # which of its class a sample is
    for label in np.unique(classes):
        mine = classes == label
        turn[mine] = np.arange(mine.sum())
    return np.sort(np.lexsort((classes, turn))[:most]).astype(np.int32)
