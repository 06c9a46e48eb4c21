"""Watches: cells that should, or should not, matter, as the user names them. Where they lie is settled in `watched`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclasses.dataclass(frozen=True, eq=False)
class Watch:
    """Cells of an input whose share of the attribution is followed while a model trains.

    Exactly one of ``features``, ``box`` and ``mask`` says which cells.

    Example:
        >>> Watch("identity", features=["patient_id", "ward"], at_most=0.05)
        >>> Watch("scanner mark", box=(0, 0, 16, 40))
        >>> Watch("lesion", mask=segmentation > 0, at_least=0.3)
        >>> Watch("sex", features="sex", protected=True)

    Args:
        name: of its curve.
        features: one or several columns of a table, by name or position; or positions of a text's tokens or a sequence's steps.
        box: (top, left, bottom, right) of an image, in pixels, bottom and right excluded.
        mask: bool [H, W] of an image, or one each column, token or step.
        input: name of the input. Defaults to None: the model's only one, or the one that has features of these names.
        at_most: an alarm tells where the share, 0 … 1, rises above it. Defaults to None.
        at_least: an alarm tells where the share falls below it. Defaults to None.
        protected: an alarm tells where the share grows, over all samples or within one of the probe's ``groups``: for attributes that a
            model must not come to use. Defaults to False.

    Raises:
        ValueError: not exactly one of features, box and mask; an empty one; limits outside 0 … 1, or that leave nothing between them.
        TypeError: features that are neither names nor positions, a box that is not four whole numbers, a mask that is not bool.
    """

    name: str
    _: dataclasses.KW_ONLY
    features: str | int | Sequence[str | int] | None = None
    box: Sequence[int] | None = None
    mask: Any = None
    input: str | None = None
    at_most: float | None = None
    at_least: float | None = None
    protected: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise ValueError(f"a watch is called {self.name!r}; expected a name for its curve")
        given = [field for field in ("features", "box", "mask") if getattr(self, field) is not None]
        if len(given) != 1:
            raise ValueError(f"the watch {self.name!r} has {' and '.join(given) or 'no cells'}; pass one of features=, box= and mask=")
        self._check_limits()
        if not isinstance(self.protected, bool):
            raise TypeError(f"protected of the watch {self.name!r} is {self.protected!r}; expected True or False")
        if self.features is not None:
            self._check_features(self.feature_list)
        elif self.box is not None:
            self._check_box(self.box)
        else:
            self._check_mask(np.asarray(self.mask))

    @classmethod
    def choose(cls, watch: Any) -> list[Watch]:
        """Return what ``Explain(watch=…)`` means.

        Args:
            watch: a feature's name, a `Watch`, or a list of these; or a mapping of names to features (a name, a position, a list of
                these), a box (a *tuple* of four whole numbers) or a mask (bool). None: nothing.

        Raises:
            ValueError: two of one name; as `Watch`.
            TypeError: something else.
        """
        if watch is None:
            return []
        if isinstance(watch, Mapping):
            chosen = [cls(name, **{_field(value): value}) for name, value in watch.items()]
        else:
            chosen = [cls._of(one) for one in ([watch] if isinstance(watch, (str, cls)) else _listed(watch))]
        names = [one.name for one in chosen]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two watches are called {', '.join(twice)}, and so would be one curve; give each a name of its own")
        return chosen

    @classmethod
    def _of(cls, one: Any) -> Watch:
        if isinstance(one, cls):
            return one
        if isinstance(one, str):
            return cls(one, features=one)
        raise TypeError(
            f"watch holds {one!r}; expected names of features and Watch objects. A position, a box or a mask needs a name: "
            f"watch={{'mark': {one!r}}}, or Watch('mark', …)"
        )

    @property
    def feature_list(self) -> list[str | int]:
        """The features, one or several; empty where a box or a mask says which cells."""
        several: Any = self.features
        if several is None:
            return []
        return list(several) if isinstance(several, (Sequence, np.ndarray)) and not isinstance(several, str) else [several]

    def _check_limits(self) -> None:
        for field in ("at_most", "at_least"):
            limit = getattr(self, field)
            if limit is None:
                continue
            if isinstance(limit, bool) or not isinstance(limit, (int, float, np.integer, np.floating)) or not 0 <= limit <= 1:
                raise ValueError(f"{field} of the watch {self.name!r} is {limit!r}; expected a share of the attribution, 0 to 1, as 0.05")
        if self.at_most is not None and self.at_least is not None and not self.at_least < self.at_most:
            raise ValueError(
                f"the watch {self.name!r} is to have at least {self.at_least} and at most {self.at_most}; expected at_least < at_most"
            )

    def _check_features(self, features: Sequence[Any]) -> None:
        if not features:
            raise ValueError(f"features of the watch {self.name!r} is empty; name at least one")
        for feature in features:
            if isinstance(feature, (bool, np.bool_)) or not isinstance(feature, (str, int, np.integer)):
                raise TypeError(
                    f"features of the watch {self.name!r} hold {feature!r}; expected names or positions (a bool array is a mask=)"
                )
            if not isinstance(feature, str) and feature < 0:
                raise ValueError(f"features of the watch {self.name!r} hold {feature}; positions are counted from 0")

    def _check_box(self, box: Any) -> None:
        numbers = list(box) if isinstance(box, (Sequence, np.ndarray)) and not isinstance(box, str) else []
        if len(numbers) != 4 or any(isinstance(v, bool) or not isinstance(v, (int, np.integer)) for v in numbers):
            raise TypeError(f"box of the watch {self.name!r} is {box!r}; expected (top, left, bottom, right) in whole pixels")
        top, left, bottom, right = numbers
        if not (0 <= top < bottom and 0 <= left < right):
            raise ValueError(
                f"box of the watch {self.name!r} is {tuple(numbers)}; expected (top, left, bottom, right) with 0 ≤ top < bottom and "
                "0 ≤ left < right, bottom and right excluded"
            )

    def _check_mask(self, mask: NDArray[Any]) -> None:
        if mask.dtype != bool:
            raise TypeError(f"mask of the watch {self.name!r} has dtype {mask.dtype}; expected bool: pass mask > 0")
        if not mask.any():
            raise ValueError(f"mask of the watch {self.name!r} is False everywhere; expected True for the cells to be watched")


def _field(value: Any) -> str:
    """Return which of a watch's fields a mapping's value is meant for."""
    if isinstance(value, tuple) and len(value) == 4 and all(isinstance(v, (int, np.integer)) and not isinstance(v, bool) for v in value):
        return "box"
    if isinstance(value, (str, int, np.integer)):
        return "features"
    return "mask" if np.asarray(value).dtype == bool else "features"


def _listed(watch: Any) -> list[Any]:
    if not isinstance(watch, Sequence):
        raise TypeError(f"watch is {watch!r}; expected names of features, Watch objects, or a mapping of names to features, boxes or masks")
    return list(watch)
