"""Has TensorBoard's data server answer at once.

It holds back the last, small packet of an answer until those before it are acknowledged (Nagle's algorithm), and TCP puts that off for
40 ms unless there is something to send along with it. So while an answer is awaited and nothing else is asked, something small is.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tensorboard.context import RequestContext
from tensorboard.data.grpc_provider import GrpcDataProvider

if TYPE_CHECKING:
    from collections.abc import Callable

_FIRST, _LONGEST = 0.002, 0.016
"""Seconds without a question after which a small one is asked: most answers are there before; and at most, of an answer that takes long."""

_TICK = 0.001
"""Seconds from one look at the time to the next, while an answer is awaited."""


def prompt(provider: Any) -> Any:
    """Return a data provider that answers as another does, without waiting for acknowledgements; one in memory as it is."""
    return PromptProvider(provider) if isinstance(provider, GrpcDataProvider) else provider


class PromptProvider:
    """Passes all questions on to the data server's provider."""

    def __init__(self, provider: GrpcDataProvider) -> None:
        self._provider = provider
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="prompt")
        self._lock = threading.Lock()
        self._awaited = 0
        self._asked_at = 0.0
        self._watched = False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return a method of the provider."""
        method = getattr(self._provider, name)

        def ask(*args: Any, **kwargs: Any) -> Any:
            with self._lock:
                self._awaited += 1
                self._asked_at = time.monotonic()
                already, self._watched = self._watched, True
            if not already:
                self._threads.submit(self._watch)
            try:
                return method(*args, **kwargs)
            finally:
                with self._lock:
                    self._awaited -= 1

        return ask

    def _watch(self) -> None:
        """Look at what is awaited until nothing is."""
        wait = _FIRST
        last = self._asked_at
        while True:
            time.sleep(_TICK)
            with self._lock:
                self._watched = self._awaited > 0
                if not self._watched:
                    return
                if self._asked_at > last:
                    wait, last = _FIRST, self._asked_at
            if time.monotonic() - last >= wait:
                wait, last = min(2 * wait, _LONGEST), time.monotonic()
                self._threads.submit(self._ask_something)

    def _ask_something(self) -> None:
        with suppress(Exception):  # if the server is gone, the question that is awaited says so
            self._provider.experiment_metadata(RequestContext(), experiment_id="")
