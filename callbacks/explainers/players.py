"""Who plays: how the elements of all inputs are grouped into players, which are present in a coalition or absent from it as one."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin.callbacks.explainers.regions import MOST_REGIONS, grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer


@dataclasses.dataclass(frozen=True)
class Players:
    """The players of a model's inputs, numbered through.

    Attributes:
        count: P.
        labels: for each input the player of each element, int32 [1, *elements], or [N, *elements] where each sample has its own;
            P for elements that are always present, as masks are.
    """

    count: int
    labels: tuple[NDArray[Any], ...]

    @classmethod
    def of(cls, scorer: Scorer, entries: Sequence[NDArray[Any]], players: Any = None) -> Players:
        """Return the players of inputs.

        Args:
            scorer: of the model.
            entries: values at the inputs' entries, [N, …] each.
            players: of an input, or by input name; inputs without any have the usual ones. Either numbers of equal blocks along the
                leading axes (the last block may be smaller), as ``(8, 8)``; or an integer array that labels the elements 0, 1, …, of
                their leading axes (one for all samples) or [N, …], as superpixels are; or, of a table, a list of groups of columns by
                position, columns in no group being players by themselves. Defaults to None: one a column, sequence step or token,
                images in at most 8 × 8 blocks.

        Raises:
            ValueError: players of an unknown input, or such that do not fit the elements.
        """
        names = scorer.network.input_names
        by_name = players if isinstance(players, dict) else dict.fromkeys(names if len(names) == 1 else [], players)
        if players is not None and not by_name:
            raise ValueError(f"players are {players!r}; the model has inputs {names}: pass a dict by input name")
        unknown = sorted(set(by_name) - set(names))
        if unknown:
            raise ValueError(f"players name inputs {unknown} that the model does not have; its inputs are {names}")
        labels, count = [], 0
        for name, entry, values in zip(names, scorer.entries, entries, strict=True):
            elements = values.shape[1:] if entry.elements is None else entry.elements
            if entry.meaning == "held":
                labels.append(np.full((1, *elements), -1, np.int32))
                continue
            given = by_name.get(name)
            own = _labels(name, elements, len(values), _usual_blocks(elements) if given is None else given)
            labels.append(own + np.int32(count))
            count += int(own.max()) + 1
        return cls(count, tuple(np.where(own < 0, np.int32(count), own) for own in labels))

    @property
    def are_shared(self) -> bool:
        """Whether all samples have the same players."""
        return all(len(own) == 1 for own in self.labels)

    def labels_at(self, k: int, shape: Sequence[int]) -> NDArray[Any]:
        """Return the players of the values at an input's entry, of one sample of a shape: elements may have several values each."""
        own = self.labels[k]
        elements = own.shape[1:]
        kept = len(elements)
        while kept and elements[kept - 1] == 1:  # an axis that the entry does without, or has made longer
            kept -= 1
        own = own.reshape(len(own), *elements[:kept], *[1] * (len(shape) - kept))
        return np.broadcast_to(own, (len(own), *shape))

    def sums(self, values: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """Return values an element, [N, *elements] of each input, summed by player: float64 [N, P]."""
        samples = len(values[0])
        total = np.zeros((samples, self.count + 1))
        for own, numbers in zip(self.labels, values, strict=True):
            flat = np.broadcast_to(own.reshape(len(own), -1), (samples, own[0].size))
            cells = flat + (self.count + 1) * np.arange(samples)[:, None]
            weights = numbers.reshape(samples, -1).astype(np.float64)
            total += np.bincount(cells.ravel(), weights.ravel(), total.size).reshape(total.shape)
        return total[:, :-1]

    def shares(self, values: NDArray[Any]) -> list[NDArray[Any]]:
        """Return what each player is worth, [N, P], in equal shares of its elements: float32 [N, *elements] of each input."""
        sizes = self.sums([np.ones(own.shape) for own in self._of_as_many(1 if self.are_shared else len(values))])
        with np.errstate(invalid="ignore", over="ignore"):  # the worth of a diverged model's players
            worth = np.pad(values / np.maximum(sizes, 1), ((0, 0), (0, 1))).astype(np.float32)
        rows = np.arange(len(values)).reshape(-1, 1)
        return [
            worth[rows, np.broadcast_to(own.reshape(len(own), -1), (len(values), own[0].size))].reshape(len(values), *own.shape[1:])
            for own in self.labels
        ]

    def _of_as_many(self, samples: int) -> list[NDArray[Any]]:
        return [np.broadcast_to(own, (samples, *own.shape[1:])) for own in self.labels]


def _usual_blocks(elements: tuple[int, ...]) -> tuple[int, ...]:
    is_image = len(elements) >= 3 or (len(elements) == 2 and elements[0] == elements[1])
    return grid(elements[:2], MOST_REGIONS) if is_image else elements[:1]


def _labels(name: str, elements: tuple[int, ...], samples: int, given: Any) -> NDArray[Any]:
    """Return an input's players, numbered from 0, [1 or N, *elements].

    Raises:
        ValueError: players that do not fit.
    """
    if isinstance(given, np.ndarray):
        return _of_map(name, elements, samples, given)
    chosen = [given] if isinstance(given, (int, np.integer)) else list(given)
    if all(isinstance(part, (int, np.integer)) for part in chosen):
        return _of_blocks(name, elements, tuple(int(part) for part in chosen))
    return _of_groups(name, elements, chosen)


def _of_map(name: str, elements: tuple[int, ...], samples: int, labels: NDArray[Any]) -> NDArray[Any]:
    shapes = [elements[:rank] for rank in range(len(elements), 0, -1)]
    if labels.shape not in [*shapes, *((samples, *shape) for shape in shapes)] or labels.dtype.kind not in "iu" or labels.min() < 0:
        raise ValueError(
            f"players of input {name!r} are an array {labels.dtype} of shape {labels.shape}; its samples have shape {elements}: expected "
            f"whole numbers from 0, of shape {' or '.join(map(str, shapes))}, or as many for each of the {samples} samples"
        )
    own = labels.astype(np.int32)
    own = own[None] if labels.shape in shapes else own
    own = own.reshape(*own.shape, *[1] * (len(elements) + 1 - own.ndim))
    return np.broadcast_to(own, (len(own), *elements))


def _of_blocks(name: str, elements: tuple[int, ...], blocks: tuple[int, ...]) -> NDArray[Any]:
    lengths = elements[: len(blocks)]
    if len(lengths) != len(blocks) or any(b < 1 or b != -(-n // -(-n // b)) for b, n in zip(blocks, lengths, strict=True)):
        raise ValueError(
            f"players of input {name!r} are {blocks}; its samples have shape {elements}: expected numbers of equal blocks, the last of "
            f"which may be smaller, along its leading axes, as {_usual_blocks(elements)}"
        )
    places = [np.arange(length) // -(-length // count) for length, count in zip(lengths, blocks, strict=True)]
    own = np.ravel_multi_index(np.ix_(*places), blocks) if blocks else np.zeros((), int)
    return np.broadcast_to(own.reshape(1, *lengths, *[1] * (len(elements) - len(blocks))), (1, *elements)).astype(np.int32)


def _of_groups(name: str, elements: tuple[int, ...], groups: list[Any]) -> NDArray[Any]:
    named = [int(column) for group in groups for column in np.ravel(group)]
    if len(elements) != 1 or len(set(named)) != len(named) or not all(0 <= column < elements[0] for column in named):
        raise ValueError(
            f"players of input {name!r} are groups {groups}; its samples have shape {elements}: expected lists of columns by position, "
            f"each in one group at most, of a table"
        )
    own = np.full(elements, -1, np.int32)
    for k, group in enumerate(groups):
        own[np.ravel(group).astype(int)] = k
    alone = own < 0
    own[alone] = len(groups) + np.arange(int(alone.sum()))
    return own[None]
