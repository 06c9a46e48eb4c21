"""Callbacks that monitor our figures, and whether they can see them."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import keras

if TYPE_CHECKING:
    from collections.abc import Collection

_PREFIX = "explain_"


def callbacks_of_fit(own: keras.callbacks.Callback) -> list[Any]:
    """Return the callbacks among which ``own`` is being called, in Keras' order; empty where somebody else calls it.

    Keras tells a callback nothing of its siblings, so they are found in the list that is calling.
    """
    frame = inspect.currentframe()
    while frame is not None:
        caller = frame.f_locals.get("self")
        if isinstance(caller, keras.callbacks.CallbackList) and any(callback is own for callback in caller.callbacks):
            return list(caller.callbacks)
        frame = frame.f_back
    return []


def check_monitors(callbacks: list[Any], provider: keras.callbacks.Callback, figures: Collection[str]) -> None:
    """Check that what monitors a figure of ours exists and is told after ``provider`` has said it.

    Raises:
        ValueError: a callback monitors an ``explain_…`` that there is not, or stands before ``provider``.
    """
    place = next((k for k, callback in enumerate(callbacks) if callback is provider), len(callbacks))
    for k, callback in enumerate(callbacks):
        monitor = getattr(callback, "monitor", None)
        if not isinstance(monitor, str) or not monitor.startswith(_PREFIX):
            continue
        name = type(callback).__name__
        if monitor not in figures:
            raise ValueError(f"{name} monitors {monitor!r}, which nothing logs; {type(provider).__name__} logs {sorted(figures)}")
        if k < place:
            raise ValueError(
                f"{name} monitors {monitor!r} but stands before {type(provider).__name__}, and would not see it: Keras calls callbacks in "
                f"their order. Put {type(provider).__name__} first"
            )
