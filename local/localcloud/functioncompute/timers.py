"""Timer triggers: a function invoked asynchronously at set times of the local cloud's clock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timezone

from localcloud.clock import Clock
from localcloud.functioncompute.resources import Timer
from localcloud.functioncompute.schedule import parse
from localcloud.refusals import RefusedError

# Invokes a function asynchronously with this payload; the request id.
Accept = Callable[[str, bytes], str]


class Timers:
    """The timer triggers of a stack."""

    def __init__(self, timers: Sequence[Timer], accept: Accept, clock: Clock) -> None:
        self._timers = timers
        self._accept = accept
        self._clock = clock
        self._running: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Switch on those that are enabled; `@every` counts from here."""
        enabled = (one for one in self._timers if one.enabled)
        self._running = [asyncio.create_task(self._run(one)) for one in enabled]

    def fire(self, name: str) -> list[str]:
        """Fire every trigger of that name now, enabled or not; the request ids.

        Names are unique within a function only. 404 where there is none.
        """
        named = [one for one in self._timers if one.name == name]
        if not named:
            raise RefusedError("NotFound", 404, f"there is no timer trigger {name}")
        return [self._fired(one, self._clock.now()) for one in named]

    def _fired(self, timer: Timer, moment: float) -> str:
        return self._accept(timer.function, event_of(timer, moment))

    async def _run(self, timer: Timer) -> None:
        schedule = parse(timer.schedule)
        due = schedule.after(self._clock.now())
        while True:
            await self._clock.sleep(due - self._clock.now())
            self._fired(timer, due)
            due = schedule.after(due)
            if due < self._clock.now():
                # A machine that slept does not make up for every tick it missed.
                due = schedule.after(self._clock.now())

    async def close(self) -> None:
        """Fire no more."""
        for running in self._running:
            running.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


def event_of(timer: Timer, moment: float) -> bytes:
    """The event of a timer trigger; its payload is a string, whatever the template wrote."""
    there = datetime.fromtimestamp(int(moment), timezone.utc)
    event = {
        "triggerTime": there.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "triggerName": timer.name,
        "payload": timer.payload,
    }
    return json.dumps(event, ensure_ascii=False).encode()
