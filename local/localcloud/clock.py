"""Whatever takes time here asks one clock, so that a test can run an hour in a millisecond.

A `RunningClock` follows real time, faster or slower by a factor. A `SteppedClock` stands still
until somebody moves it; sleepers wake in the order in which they are due.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """Time of the local cloud, in seconds since the epoch (UTC)."""

    @property
    def stepped(self) -> bool:
        """Whether time stands still until `advance` moves it."""

    def now(self) -> float:
        """The present moment of the local cloud."""

    async def sleep(self, seconds: float) -> None:
        """Return once this many seconds of the local cloud have passed."""

    def advance(self, seconds: float) -> None:
        """Move a stepped clock; `NotSteppedError` on a running one."""

    async def advance_through(self, seconds: float) -> None:
        """As `advance`, but every sleeper due on the way runs at its own moment."""


class NotSteppedError(Exception):
    """Somebody tried to move a clock that runs by itself."""


class RunningClock:
    """Real time, times a factor.

    `start` is the moment it begins at; `ticks` counts real seconds (a monotonic clock).
    """

    stepped = False

    def __init__(self, start: float, ticks: Callable[[], float], speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError("speed must be above 0; a clock that stands still is a SteppedClock")
        self._start = start
        self._ticks = ticks
        self._began = ticks()
        self._speed = speed

    def now(self) -> float:
        return self._start + (self._ticks() - self._began) * self._speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / self._speed)

    def advance(self, seconds: float) -> None:
        raise NotSteppedError(f"time runs by itself here and cannot be moved by {seconds} s")

    async def advance_through(self, seconds: float) -> None:
        self.advance(seconds)


class SteppedClock:
    """Time that moves only when told to."""

    stepped = True
    # A woken task often needs several turns of the event loop before it sleeps again.
    _TURNS = 20

    def __init__(self, start: float) -> None:
        self._now = round(start, 6)
        self._order = 0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._order += 1
        heapq.heappush(self._sleepers, (_after(self._now, seconds), self._order, woken))
        await woken

    def advance(self, seconds: float) -> None:
        self._move_to(_after(self._now, _not_negative(seconds)))

    async def advance_through(self, seconds: float) -> None:
        until = _after(self._now, _not_negative(seconds))
        await self._turns()
        while self._sleepers and self._sleepers[0][0] <= until:
            self._move_to(self._sleepers[0][0])
            await self._turns()
        self._move_to(until)

    async def _turns(self) -> None:
        for _ in range(self._TURNS):
            await asyncio.sleep(0)

    def _move_to(self, moment: float) -> None:
        self._now = max(self._now, moment)
        while self._sleepers and self._sleepers[0][0] <= self._now:
            woken = heapq.heappop(self._sleepers)[2]
            if not woken.done():
                woken.set_result(None)


def _after(now: float, seconds: float) -> float:
    # To the microsecond, so that ten steps of 0.1 s end where one of 1 s does.
    return round(now + seconds, 6)


def _not_negative(seconds: float) -> float:
    if seconds < 0:
        raise ValueError("time does not run backwards")
    return seconds


def clock_at_speed(speed: float, start: float, ticks: Callable[[], float]) -> Clock:
    """The clock that `--speed` asks for: 0 is stepped, 1 is real time."""
    return SteppedClock(start) if speed == 0 else RunningClock(start, ticks, speed)
