"""Puts what the world raises on the bus, each event at its own moment, though nobody calls.

The world has no timer; this is the one that lets it happen when it is due.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from localcloud.clock import Clock
from localcloud.eventbridge.waiting import first_of
from localcloud.world.events import Event
from localcloud.world.world import World

MOST_SHOWN = 10_000


class EventSource:
    """Hands every event of a world to `publish`, and tells `expect` whether more is to come."""

    def __init__(
        self,
        world: Callable[[], World],
        clock: Clock,
        publish: Callable[[Event], None],
        expect: Callable[[bool], None],
    ) -> None:
        self.raised: deque[Event] = deque(maxlen=MOST_SHOWN)
        self._world = world
        self._clock = clock
        self._publish = publish
        self._expect = expect
        self._upcoming: float | None = None
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Watch the clock from now on."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop watching; what is still to come stays in the world."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def look(self) -> None:
        """Publish what is due by now; to be called whenever somebody may have changed the world.

        Before the start that is left to whoever asks the world itself.
        """
        if self._task is None:
            return
        for event in self._world().events_due(self._clock.now()):
            self.raised.append(event)
            self._publish(event)
        upcoming = self._world().next_event()
        self._expect(upcoming is not None)
        if upcoming != self._upcoming:
            self._upcoming = upcoming
            self._moved.set()

    async def _run(self) -> None:
        while True:
            self.look()
            self._moved.clear()
            if self._upcoming is None:
                await self._moved.wait()
            else:
                wait_s = self._upcoming - self._clock.now()
                await first_of(self._moved.wait(), self._clock.sleep(wait_s))
