"""Remembers what was dear to read or compute, up to a number of bytes."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")

_ENTRY_BYTES = 500
"""What an entry takes beside its value, about: many small entries count too."""

_LARGE = 64 << 10
"""Bytes of an entry that goes before smaller ones. Frames are read again in milliseconds; figures are what was made of many frames."""


class _Entry(NamedTuple):
    value: Any
    size: int
    begun: float
    """When it began to be made, by the monotonic clock."""


class Cache:
    """Forgets the least recently used values once all of them together take more than ``capacity`` bytes, large ones before small ones.

    Threads may share it: what several ask for at once is made once. Nobody may change what is inside.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.size = 0
        self._small: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._large: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._being_made: dict[Hashable, Future[Any]] = {}
        self._lock = threading.Lock()

    def __contains__(self, key: Hashable) -> bool:
        with self._lock:
            return key in self._small or key in self._large

    def get(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int] = lambda _: 0, seconds: float = math.inf) -> T:
        """Return the value remembered for ``key``; if there is none, make and remember it, as ``size(value)`` bytes.

        One that began to be made more than ``seconds`` ago is made again. An error of ``make`` goes to all who wait for the value, and is
        not remembered.
        """
        begun = time.monotonic()
        with self._lock:
            known = self._find(key, begun - seconds)
            if known is not None:
                remembered: T = known.value
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
            self._remember(key, _Entry(value, size(value) + _ENTRY_BYTES, begun))
            own.set_result(value)
            return value
        finally:
            with self._lock:
                del self._being_made[key]

    def recent(self, key: Hashable, seconds: float = math.inf) -> Any:
        """Return the value remembered for ``key`` if it began to be made within the last ``seconds``, else None."""
        with self._lock:
            known = self._find(key, time.monotonic() - seconds)
            return None if known is None else known.value

    def _find(self, key: Hashable, begun_after: float) -> _Entry | None:
        entries = self._small if key in self._small else self._large
        if key not in entries or entries[key].begun < begun_after:
            return None
        entries.move_to_end(key)
        return entries[key]

    def _remember(self, key: Hashable, entry: _Entry) -> None:
        with self._lock:
            for entries in (self._small, self._large):
                if key in entries:
                    self.size -= entries.pop(key).size
            (self._large if entry.size >= _LARGE else self._small)[key] = entry
            self.size += entry.size
            while self.size > self.capacity:
                self.size -= (self._large or self._small).popitem(last=False)[1].size
