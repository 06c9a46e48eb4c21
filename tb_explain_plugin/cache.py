"""Remembers what was dear to read or compute, up to a number of bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")

_ENTRY_BYTES = 500
"""What an entry takes beside its value, about: many small entries count too."""


class Cache:
    """Forgets the least recently used values once all of them together take more than ``capacity`` bytes.

    Threads may share it: what several ask for at once is made once. Nobody may change what is inside.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.size = 0
        self._entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._being_made: dict[Hashable, Future[Any]] = {}
        self._lock = threading.Lock()

    def __contains__(self, key: Hashable) -> bool:
        with self._lock:
            return key in self._entries

    def get(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int] = lambda _: 0) -> T:
        """Return the value remembered for ``key``; if there is none, make and remember it, as ``size(value)`` bytes.

        An error of ``make`` goes to all who wait for the value, and is not remembered.
        """
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                remembered: T = self._entries[key][0]
                return remembered
            others = self._being_made.get(key)
            own: Future[T] = Future()
            if others is None:
                self._being_made[key] = own
        if others is not None:
            made: T = others.result()
            return made
        try:
            value = make()
        except BaseException as error:
            own.set_exception(error)
            raise
        else:
            self._remember(key, value, size(value) + _ENTRY_BYTES)
            own.set_result(value)
            return value
        finally:
            with self._lock:
                del self._being_made[key]

    def _remember(self, key: Hashable, value: object, size: int) -> None:
        with self._lock:
            self._entries[key] = (value, size)
            self.size += size
            while self.size > self.capacity:
                self.size -= self._entries.popitem(last=False)[1][1]
