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

_LARGE = 64 << 10
"""Bytes of an entry that goes before smaller ones. Frames are read again in milliseconds; figures are what was made of many frames."""


class Cache:
    """Forgets the least recently used values once all of them together take more than ``capacity`` bytes, large ones before small ones.

    Threads may share it: what several ask for at once is made once. Nobody may change what is inside.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.size = 0
        self._small: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._large: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._being_made: dict[Hashable, Future[Any]] = {}
        self._lock = threading.Lock()

    def __contains__(self, key: Hashable) -> bool:
        with self._lock:
            return key in self._small or key in self._large

    def get(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int] = lambda _: 0) -> T:
        """Return the value remembered for ``key``; if there is none, make and remember it, as ``size(value)`` bytes.

        An error of ``make`` goes to all who wait for the value, and is not remembered.
        """
        with self._lock:
            entries = self._small if key in self._small else self._large
            if key in entries:
                entries.move_to_end(key)
                remembered: T = entries[key][0]
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
            (self._large if size >= _LARGE else self._small)[key] = (value, size)
            self.size += size
            while self.size > self.capacity:
                self.size -= (self._large or self._small).popitem(last=False)[1][1]
