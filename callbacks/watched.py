"""Where watched cells lie in a model's inputs, and the share of the attribution that they carry."""

from __future__ import annotations

import dataclasses
import difflib
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.callbacks.explainers.regions import block_sum
from tb_explain_plugin.drift import share_errors, shares

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from tb_explain_plugin.callbacks.manifest import InputInfo
    from tb_explain_plugin.callbacks.watch import Watch


@dataclasses.dataclass(frozen=True, eq=False)
class Watched:
    """A watch, settled on a model's inputs.

    Attributes:
        watch: as it was asked for.
        input: name of its input.
        mask: bool [H, W] of an image's pixels, or one each column, token or step.
        cells: those of the logged attribution that it touches, row by row. Where images are logged in blocks that its edges cut, they
            hold more than the mask, whose share is that of its pixels alone.
    """

    watch: Watch
    input: str
    mask: NDArray[Any]
    cells: list[int]

    def contrast(self, by_element: Mapping[str, NDArray[Any]]) -> float:
        """Return its part of Σ|x − x′|, of `contrast.contrast_by_element`."""
        return float(by_element[self.input][self.mask].sum())

    def described(self, contrast: float = float("nan")) -> pb.Watch:
        """Return it as the manifest lists it; the contrast is NaN for methods without a baseline."""
        at_most, at_least = (float("nan") if limit is None else limit for limit in (self.watch.at_most, self.watch.at_least))
        return pb.Watch(
            name=self.watch.name,
            input=self.input,
            cells=self.cells,
            contrast=contrast,
            at_most=at_most,
            at_least=at_least,
            protected=self.watch.protected,
        )


def resolve(watches: Sequence[Watch], inputs: Sequence[InputInfo]) -> list[Watched]:
    """Settle which cells of a model's inputs are meant.

    Raises:
        ValueError: an unknown feature or input, with the closest names; a position or box outside the input; a box of what is no image; a
            mask of another shape; no ``input`` where several are possible.
    """
    resolved = []
    for watch in watches:
        info, places = _input_and_places(watch, inputs)
        mask = _mask(watch, info, places)
        touched = block_sum(mask[None].astype(np.int64), info.cells) if info.kind == "image" else mask
        resolved.append(Watched(watch, info.name, mask, np.flatnonzero(touched).tolist()))
    return resolved


def shares_of(watched: Sequence[Watched], values: Mapping[str, NDArray[Any]]) -> list[tuple[float, float]]:
    """Return the share of the attribution that each watch carries, 0 … 1, and its standard error over samples.

    Σ mean|a| over its mask by Σ mean|a| over all inputs. The error is that of a ratio of means, by the delta method
    (`drift.share_errors`); NaN for a single sample. Both are NaN where all is zero or something is not finite.

    Args:
        watched: of `resolve`.
        values: by input, one number each pixel (channels summed), column, token or step, [N, …].
    """
    sizes = {name: np.abs(v.reshape(len(v), -1)) for name, v in values.items()}
    total = np.sum([size.sum(axis=1, dtype=np.float64) for size in sizes.values()], axis=0)
    figures = []
    for one in watched:
        inside = sizes[one.input][:, one.mask.ravel()].sum(axis=1, dtype=np.float64)
        with np.errstate(invalid="ignore"):  # infinite values
            parts = np.stack([inside, np.maximum(total - inside, 0)], axis=1)
            figures.append((float(shares(parts)[0]), float(share_errors(parts)[0])))
    return figures


def _input_and_places(watch: Watch, inputs: Sequence[InputInfo]) -> tuple[InputInfo, list[int]]:
    """Return the input that a watch is of, and the positions of its features there."""
    named = {info.name: info for info in inputs}
    if watch.input is not None and watch.input not in named:
        raise ValueError(
            f"the watch {watch.name!r} is of the input {watch.input!r}, which the model does not have{_closest(watch.input, named)}"
            f"Its inputs are {list(named)}"
        )
    candidates = list(inputs) if watch.input is None else [named[watch.input]]
    wanted = watch.feature_list
    if len(candidates) > 1 and not (wanted and all(isinstance(f, str) for f in wanted)):
        raise ValueError(f"the watch {watch.name!r} does not say of which input; pass input= with one of {list(named)}")
    tables = [info for info in candidates if all(f in _names(info) for f in wanted if isinstance(f, str))]
    if len(tables) == 1:
        return tables[0], [_names(tables[0]).index(f) if isinstance(f, str) else int(f) for f in wanted]
    if tables:
        raise ValueError(
            f"the watch {watch.name!r} is of features {wanted}, which several inputs have: pass input= with one of "
            f"{[info.name for info in tables]}"
        )
    known = [name for info in candidates for name in _names(info)]
    unknown = [f for f in wanted if isinstance(f, str) and f not in known]
    if not unknown:
        raise ValueError(f"the watch {watch.name!r} is of features {wanted}, which lie in different inputs; make it a watch for each input")
    if not known:
        raise ValueError(
            f"the watch {watch.name!r} names features {unknown}, and the features of {[info.name for info in candidates]} have no names; "
            "pass Probe(feature_names=…), or their positions"
        )
    raise ValueError(
        f"the watch {watch.name!r} names features {unknown} that the model does not have{_closest(unknown[0], known)}"
        f"Its features are {known if len(known) <= 50 else [*known[:50], '…']}"
    )


def _mask(watch: Watch, info: InputInfo, places: Sequence[int]) -> NDArray[Any]:
    """Return which pixels, columns, tokens or steps of an input are watched, bool."""
    axes = info.shape[: len(info.cells)] or (1,)
    mask = np.zeros(axes, bool)
    where = f"the watch {watch.name!r} of input {info.name!r}"
    if watch.mask is not None:
        given = np.asarray(watch.mask)
        if given.shape != axes:
            raise ValueError(f"the mask of {where} has shape {given.shape}; expected {axes}, the shape of one sample ({info.kind})")
        return given
    if watch.box is not None:
        top, left, bottom, right = watch.box
        if info.kind != "image":
            raise ValueError(f"{where} has a box, and the input is no image ({info.kind}, {axes}); pass features= or mask=")
        if bottom > axes[0] or right > axes[1]:
            raise ValueError(f"the box {(top, left, bottom, right)} of {where} leaves the image, which has {axes[0]} × {axes[1]} pixels")
        mask[top:bottom, left:right] = True
        return mask
    if info.kind == "image":
        raise ValueError(f"{where} has features, and the input is an image; pass box=(top, left, bottom, right) or mask=")
    outside = [place for place in places if place >= len(mask)]
    if outside:
        raise ValueError(f"the features {outside} of {where} do not exist; positions are 0 to {len(mask) - 1}")
    mask[list(places)] = True
    return mask


def _names(info: InputInfo) -> list[str]:
    """Return the names of an input's features; an input of one number is itself a feature."""
    is_one = info.kind == "tabular" and int(np.prod(info.shape)) == 1
    return info.feature_names or ([info.name] if is_one else [])


def _closest(name: str, known: Iterable[str]) -> str:
    closest = difflib.get_close_matches(name, list(known), n=3, cutoff=0.4)
    return f"; did you mean {' or '.join(map(repr, closest))}? " if closest else ". "
