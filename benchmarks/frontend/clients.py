"""How long the server lets its clients wait."""

from __future__ import annotations

import http.client
import multiprocessing
import time
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.synchronize import Barrier

_LONGEST = 600
"""Seconds after which an answer is given up: a slow one is to be seen as such."""


def waits(addresses: Sequence[str], clients: int, period: float = 0) -> list[float]:
    """Return the ms from each request to the last byte of its answer, asked of one server by so many clients at once.

    Each client is a process with a connection of its own, and has its next request under way as soon as it has an answer: clients that
    are threads of one process wait for each other. As browsers do, they accept compressed answers, and do not spend time on unpacking
    them here: the machine that measures is the one that answers.

    Args:
        addresses: what they ask for, in turn.
        clients: how many.
        period: seconds from one request of a client to its next, if it has its answer by then; 0: as soon as it has.
    """
    context = multiprocessing.get_context("spawn")  # a copy of this process would hold its TensorBoard's pipes
    ready = context.Barrier(clients)
    with context.Pool(clients, _take_barrier, (ready,)) as pool:
        mine = [(addresses[first::clients], period, period * first / clients) for first in range(clients)]
        return list(chain(*pool.starmap(_waits, mine, chunksize=1)))


_barrier: Barrier


def _take_barrier(ready: Barrier) -> None:
    global _barrier  # noqa: PLW0603 (how a pool hands it to its processes)
    _barrier = ready


def _waits(addresses: Sequence[str], period: float, delay: float) -> list[float]:
    connection = http.client.HTTPConnection(urlsplit(addresses[0]).netloc, timeout=_LONGEST)
    connection.connect()
    _barrier.wait()
    due = time.perf_counter() + delay
    taken = []
    for address in addresses:
        time.sleep(max(due - time.perf_counter(), 0))
        due += period
        parts = urlsplit(address)
        begun = time.perf_counter()
        connection.request("GET", f"{parts.path}?{parts.query}", headers={"Accept-Encoding": "gzip"})
        response = connection.getresponse()
        response.read()
        taken.append(1000 * (time.perf_counter() - begun))
        if response.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{address} was answered by {response.status}, expected 200")
    return taken
