"""Events that the world has raised, kept until their moment on the bus and until somebody comes.

Nobody need watch calls or statuses to tell of them, and nothing is lost while nobody looks.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import with_config

from localcloud.world.moments import Seconds, after
from localcloud.world.objects import STRICT

MOST_KEPT = 100_000

Event = dict[str, Any]


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Raised:
    """An event of the fleet file, on the bus in `after_s` seconds from now."""

    after_s: Seconds
    event: Event


class Outbox:
    """Raised events by the moment at which they are on the bus, equal moments in order.

    Where nobody ever takes them the earliest go once there are more than `most_kept`; `dropped`
    counts those.
    """

    def __init__(self, raised: Iterable[Raised], now: float, most_kept: int = MOST_KEPT) -> None:
        self.dropped = 0
        self._most_kept = most_kept
        self._put = 0
        self._waiting: list[tuple[float, int, Event]] = []
        for one in raised:
            self.put(one.event, after(now, one.after_s))

    def put(self, event: Event, due: float) -> None:
        """Keep an event until the moment `due`."""
        self._put += 1
        heapq.heappush(self._waiting, (due, self._put, event))
        if len(self._waiting) > self._most_kept:
            heapq.heappop(self._waiting)
            self.dropped += 1

    def next(self) -> float | None:
        """The moment of the earliest event."""
        return self._waiting[0][0] if self._waiting else None

    def take(self, now: float) -> list[Event]:
        """Every event that is due by now, earliest first, each handed out once."""
        taken = []
        while self._waiting and self._waiting[0][0] <= now:
            taken.append(heapq.heappop(self._waiting)[2])
        return taken

    def records(self, now: float) -> tuple[Raised, ...]:
        """What nobody has taken yet, for the fleet file."""
        waiting = sorted(self._waiting, key=lambda one: one[:2])
        return tuple(Raised(max(0.0, due - now), event) for due, _, event in waiting)
