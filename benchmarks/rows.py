"""What a line of a benchmark against other libraries is: two ways to the same figures, and what is promised of their ratio."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclasses.dataclass
class Contest:
    """Calls that are timed in turns, all prepared: traces made, arrays in memory.

    Attributes:
        ours: explains ``samples`` samples.
        samples: of one call of ours.
        peer: the other library's, of ``peer_samples``; None where there is none to compare with.
        peer_samples: of one call of the peer's.
        bare: as many forward passes of ``samples`` samples as ours takes, by the plainest function there is.
    """

    ours: Callable[[], Any]
    samples: int
    peer: Callable[[], Any] | None = None
    peer_samples: int = 1
    bare: Callable[[], Any] | None = None


@dataclasses.dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes:
        name: of the model, the method and what is compared.
        package: that the peer is imported from; "" for none.
        prepare: takes ``with_peer`` by name and returns the `Contest`, with the peer's call where asked for.
        faster: how many times the peer's seconds a sample are promised to be ours; None for no promise.
        over_bare: how many bare forward passes ours are promised to take at most; None for no promise.
    """

    name: str
    package: str
    prepare: Callable[..., Contest]
    faster: float | None = None
    over_bare: float | None = None
