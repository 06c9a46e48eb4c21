"""How long the server lets its clients wait."""

from __future__ import annotations

import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 600
"""Seconds after which an answer is given up: a slow one is to be seen as such."""


def waits(addresses: Sequence[str], clients: int) -> list[float]:
    """Return the ms from each request to the last byte of its answer, asked by so many clients at once.

    Each client has its next request under way as soon as it has an answer. As browsers do, they accept compressed answers, and do not
    spend time on unpacking them here: the machine that measures is the one that answers.
    """

    def wait(address: str) -> float:
        begun = time.perf_counter()
        request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})  # noqa: S310 (our own server)
        with urllib.request.urlopen(request, timeout=_LONGEST) as response:  # noqa: S310
            response.read()
        return 1000 * (time.perf_counter() - begun)

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(wait, addresses))
