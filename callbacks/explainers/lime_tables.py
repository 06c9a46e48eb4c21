"""How a table's rows are perturbed for LIME: draws around the data's mean, or of the data's own values, the same for all samples.

An input is described by a `Columns`: what the model gets at each draw, and what the local model is told of it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import tree

from tb_explain_plugin.callbacks.explainers.baselines import background_entries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.explainers.engine import Scorer


@dataclasses.dataclass
class Columns:
    """One input's columns, at N samples and D draws.

    Attributes:
        inputs: what the model is given at each draw, [D, …] as the input; None where values at the entry are replaced instead.
        entries: the values at the entry at each draw, [D, F]; None where the input itself is drawn.
        offsets: whether ``entries`` are added to the sample's own values.
        own: what the local model is told of each sample, [N, F]: standardised values, or keys of which equal ones are alike.
        drawn: the same of each draw, [D, F].
        are_keys: which of the two.
    """

    inputs: NDArray[Any] | None
    entries: NDArray[Any] | None
    offsets: bool
    own: NDArray[Any]
    drawn: NDArray[Any]
    are_keys: bool

    def tell(self, rows: slice, design: NDArray[Any]) -> None:
        """Write what the local models of some samples are told, the sample itself first, into a design [n, 1 + D, F]."""
        own = self.own[rows, None]
        design[:, :1] = 1 if self.are_keys else own
        design[:, 1:] = self.drawn == own if self.are_keys else self.drawn + own if self.offsets else self.drawn

    @property
    def contrast(self) -> NDArray[Any]:
        """What distinguishes each sample from the reference, [N, F]: from the mean in standard deviations, or 1, "as the sample"."""
        return np.ones(self.own.shape) if self.are_keys else self.own


def is_table(scorer: Scorer, flat: Sequence[NDArray[Any]], entries: Sequence[NDArray[Any]]) -> bool:
    """Whether all inputs are columns: of magnitudes, or of codes of which each is a category by itself."""
    return all(
        (entry.meaning == "values" and values.ndim == 2) or _is_category(entry, given, values)
        for entry, given, values in zip(scorer.entries, flat, entries, strict=True)
    )


def _is_category(entry: Any, given: NDArray[Any], values: NDArray[Any]) -> bool:
    codes = int(np.prod(given.shape[1:]))
    if entry.meaning == "embedding":  # several are a text, also where the model makes them of one string
        return codes == int(np.prod(entry.elements)) == 1
    is_counted = entry.elements == values.shape[1:]
    return entry.meaning == "encoding" and not is_counted and int(np.prod(entry.elements)) == codes


class Table:
    """N samples of a table and the D draws that all are compared with.

    Each input draws from a generator of its own. Columns that do not vary in the background are left as they are.

    Args:
        scorer: of the model.
        inputs: N samples.
        targets: from `Readout.resolve_targets`.
        background: M samples; None: the inputs.
        draws: D.
        seed: of the draws.
        around_sample: whether magnitudes are drawn around each sample, else around the background's mean.
        discretize: whether magnitudes are drawn from the background's, and compared by quartile.
    """

    def __init__(
        self,
        scorer: Scorer,
        inputs: Any,
        targets: NDArray[Any],
        background: Any,
        draws: int,
        seed: int,
        *,
        around_sample: bool,
        discretize: bool,
    ) -> None:
        self._scorer, self._inputs, self._targets, self._draws = scorer, inputs, targets, draws
        self._entries = scorer.entry_values(inputs)
        data = self._entries if background is None else background_entries(scorer, background, inputs)
        keys = keys_of_data = _categories(scorer, inputs, self._entries)
        if background is not None:
            keys_of_data = _categories(scorer, background, data)
        given = scorer.network.flatten(inputs if background is None else background)
        self._columns = []
        for k, entry in enumerate(scorer.entries):
            generator = np.random.default_rng([seed, k])
            if entry.meaning != "values":
                self._columns.append(_of_categories(given[k], keys[k], keys_of_data[k], generator, draws))
            elif discretize:
                self._columns.append(_of_quartiles(self._entries[k], data[k], generator, draws))
            else:
                self._columns.append(_of_magnitudes(self._entries[k], data[k], generator, draws, around_sample=around_sample))

    @property
    def width(self) -> int:
        """Number of columns of all inputs."""
        return sum(columns.own.shape[1] for columns in self._columns)

    def design(self, rows: slice) -> NDArray[Any]:
        """Return what the local models of some samples are told, [n, 1 + D, F], the sample itself first."""
        design = np.empty((len(self._targets[rows]), 1 + self._draws, self.width))
        ends = np.cumsum([columns.own.shape[1] for columns in self._columns])
        for columns, end in zip(self._columns, ends, strict=True):
            columns.tell(rows, design[..., end - columns.own.shape[1] : end])
        return design

    def shaped(self, coefficients: NDArray[Any]) -> Any:
        """Return what each column contributes, by coefficients [N, F], structured as the inputs."""
        parts = np.split(coefficients, np.cumsum([columns.own.shape[1] for columns in self._columns])[:-1], axis=1)
        worth = [(part * columns.contrast).astype(np.float32) for part, columns in zip(parts, self._columns, strict=True)]
        shaped = [part.reshape(len(part), *(entry.elements or ())) for part, entry in zip(worth, self._scorer.entries, strict=True)]
        return tree.pack_sequence_as(self._scorer.network.structure, shaped)

    def scores(self) -> NDArray[Any]:
        """Return the score of each sample's target at each draw, [N, D].

        Where the draws replace all that the model is given, it is asked about them once for each target, not for each sample.
        """
        scorer, targets = self._scorer, self._targets
        replaced = [
            c.inputs is not None or (e.operation is None and not c.offsets) for c, e in zip(self._columns, scorer.entries, strict=True)
        ]
        every = np.arange(len(targets))
        asked, who = np.unique(targets, axis=0, return_index=True, return_inverse=True)[1:] if all(replaced) else (every, every)
        at_once = min(self._draws, max(1, scorer.batch_size // len(asked)))
        wanted = _tiled(targets[asked], at_once)
        scores = np.empty((self._draws, len(asked)), np.float32)
        for first in range(0, self._draws, at_once):
            chosen = np.minimum(np.arange(first, first + at_once), self._draws - 1)  # groups of one size, and so one trace
            answered = scorer.scores(*self._points(asked, chosen, wanted)).reshape(at_once, len(asked))
            scores[first : first + at_once] = answered[: self._draws - first]
        return scores.T[who.ravel()]

    def _points(self, asked: NDArray[Any], chosen: NDArray[Any], targets: NDArray[Any]) -> tuple[Any, NDArray[Any], list[NDArray[Any]]]:
        """Return inputs, targets and values at the entries of chosen draws by the samples that are asked about."""
        flat = self._scorer.network.flatten(self._inputs)
        given = [
            _tiled(values[asked], len(chosen)) if columns.inputs is None else np.repeat(columns.inputs[chosen], len(asked), axis=0)
            for values, columns in zip(flat, self._columns, strict=True)
        ]
        inputs = tree.pack_sequence_as(self._scorer.network.structure, given)
        entries = self._scorer.entry_values(inputs)
        for k, columns in enumerate(self._columns):
            if columns.entries is not None:
                center = self._entries[k][asked] if columns.offsets else np.zeros_like(self._entries[k][asked])
                entries[k] = (columns.entries[chosen, None] + center).reshape(entries[k].shape)
        return inputs, targets, entries


def _of_magnitudes(own: NDArray[Any], data: NDArray[Any], generator: np.random.Generator, draws: int, *, around_sample: bool) -> Columns:
    mean, scale = data.mean(axis=0, dtype=np.float64), data.std(axis=0, dtype=np.float64)
    varies = scale > 0
    noise = generator.standard_normal((draws, data.shape[1])) * varies
    entries = (noise * scale + (0 if around_sample else mean)).astype(np.float32)
    standard = (own - mean) / np.where(varies, scale, 1) * varies
    return Columns(None, entries, offsets=around_sample, own=standard, drawn=noise, are_keys=False)


def _of_quartiles(own: NDArray[Any], data: NDArray[Any], generator: np.random.Generator, draws: int) -> Columns:
    quartiles = np.quantile(data, [0.25, 0.5, 0.75], axis=0)
    entries = np.take_along_axis(data, generator.integers(len(data), size=(draws, data.shape[1])), axis=0)
    keys = [(values[:, None] > quartiles).sum(axis=1) for values in (own, entries)]
    return Columns(None, entries, offsets=False, own=keys[0], drawn=keys[1], are_keys=True)


def _of_categories(given: NDArray[Any], own: NDArray[Any], keys: NDArray[Any], generator: np.random.Generator, draws: int) -> Columns:
    chosen = generator.integers(len(keys), size=(draws, keys.shape[1]))
    inputs = np.take_along_axis(given.reshape(keys.shape), chosen, axis=0).reshape(draws, *given.shape[1:])
    return Columns(inputs, None, offsets=False, own=own, drawn=np.take_along_axis(keys, chosen, axis=0), are_keys=True)


def _categories(scorer: Scorer, inputs: Any, entries: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """Return a number for each category of each input, [N, F]; empty for magnitudes."""
    by_input = {"embedding": scorer.codes(inputs), "encoding": [values.argmax(axis=-1) for values in entries]}
    found = [
        by_input[entry.meaning][k] if entry.meaning in by_input else np.empty((len(entries[k]), 0))
        for k, entry in enumerate(scorer.entries)
    ]
    return [np.asarray(keys).reshape(len(keys), -1) for keys in found]


def _tiled(values: NDArray[Any], times: int) -> NDArray[Any]:
    return np.concatenate([values] * times) if times > 1 else values
