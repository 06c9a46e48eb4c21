"""What can be wrong with a request, in the three parts that the tab shows: what, expected, received."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorboard import errors

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_ECHO = 200


class BadRequestError(errors.InvalidArgumentError):
    """A parameter, or the data it points to, cannot be used: 400."""

    def __init__(self, what: str, expected: str, received: object) -> None:
        super().__init__(_sentence(what, expected, received))
        self.parts = _parts(what, expected, received)


class NotFoundError(errors.NotFoundError):
    """No such run, tag or step: 404."""

    def __init__(self, what: str, expected: str, received: object) -> None:
        super().__init__(_sentence(what, expected, received))
        self.parts = _parts(what, expected, received)


def parts(error: errors.PublicError) -> dict[str, str]:
    """Return the three parts of any public error; TensorBoard's own have only the first."""
    own: dict[str, str] | None = getattr(error, "parts", None)
    return own if own is not None else _parts(str(error), "", "")


def listing(names: Iterable[object], most: int = 12) -> str:
    """Return the first of some names for a message, and how many more there are."""
    every = [str(name) for name in names]
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return (", ".join(every[:most]) or "none") + more


def _parts(what: str, expected: str, received: object) -> dict[str, str]:
    text = str(received)
    return {
        "what": what,
        "expected": expected,
        "received": text if len(text) <= _LONGEST_ECHO else text[:_LONGEST_ECHO] + "…",
    }


def _sentence(what: str, expected: str, received: object) -> str:
    shown = _parts(what, expected, received)
    return f"{shown['what']}: expected {shown['expected']}, received {shown['received']}"
