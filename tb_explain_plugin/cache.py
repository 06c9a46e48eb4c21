"""Remembers what was dear to read or compute, up to a number of bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")

_ENTRY_BYTES = 500
"""What an entry takes beside its value, about: many small entries count too."""


class Cache:
    """Forgets the least recently used values once all of them together take more than ``capacity`` bytes.

    Threads may share it; two that ask for the same missing key at once both make it. Nobody may change what is inside.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.size = 0
        self._entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int] = lambda _: 0) -> T:
        """Return the value remembered for ``key``; if there is none, make and remember it, as ``size(value)`` bytes."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                value: T = self._entries[key][0]
                return value
        value = make()
        taken = size(value) + _ENTRY_BYTES
        with self._lock:
            self.size += taken - self._entries.pop(key, (None, 0))[1]
            self._entries[key] = (value, taken)
            while self.size > self.capacity:
                self.size -= self._entries.popitem(last=False)[1][1]
        return value
