"""What was done to the world, in order, so that whoever tells of it (the bus) need not watch calls.

Every write call that succeeded is one happening; reads, refusals, dry runs and answers repeated
for a client token are none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from localcloud.credentials import OUTSIDE, Caller

MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Happening:
    """A write call that succeeded at the moment `at` (seconds since the epoch).

    `product` is as in the journal (`Vpc`, `Ecs`), `parameters` as they were sent, `answer` the
    answer's body without its RequestId. `caller` holds the key that signed it.
    """

    at: float
    product: str
    action: str
    parameters: Mapping[str, str]
    request_id: str
    answer: Mapping[str, object]
    caller: Caller = OUTSIDE


class Happenings:
    """The happenings nobody has taken yet, oldest first; the oldest go when nobody takes them."""

    def __init__(self) -> None:
        self._waiting: deque[Happening] = deque(maxlen=MOST_KEPT)

    def note(self, happening: Happening) -> None:
        self._waiting.append(happening)

    def take(self) -> tuple[Happening, ...]:
        """Every happening since the last time, each handed out once."""
        taken = tuple(self._waiting)
        self._waiting.clear()
        return taken
