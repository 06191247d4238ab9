"""Time of the local cloud: stepped, real, or real times a factor."""

from __future__ import annotations

import asyncio

import pytest

from localcloud.clock import (
    Clock,
    NotSteppedError,
    RunningClock,
    SteppedClock,
    clock_at_speed,
)


def test_a_stepped_clock_moves_only_when_told_to() -> None:
    clock = SteppedClock(100.0)
    clock.advance(2.5)

    assert (clock.now(), clock.stepped) == (102.5, True)
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)


async def _diary(clock: Clock, *naps: tuple[str, float]) -> list[tuple[str, float]]:
    written: list[tuple[str, float]] = []

    async def nap(name: str, seconds: float) -> None:
        for _ in range(2):
            await clock.sleep(seconds)
            written.append((name, clock.now()))

    tasks = [asyncio.create_task(nap(*one)) for one in naps]
    await asyncio.sleep(0)
    await clock.advance_through(10)
    await asyncio.gather(*tasks)
    return written


def test_sleepers_wake_in_their_order_and_each_at_its_own_moment() -> None:
    diary = asyncio.run(_diary(SteppedClock(0.0), ("a", 3), ("b", 2), ("c", 5)))

    assert diary == [("b", 2), ("a", 3), ("b", 4), ("c", 5), ("a", 6), ("c", 10)]


def test_a_jump_wakes_everybody_who_is_due() -> None:
    async def run() -> None:
        clock = SteppedClock(0.0)
        sleepers = [asyncio.create_task(clock.sleep(seconds)) for seconds in (1, 2, 3)]
        cancelled = asyncio.create_task(clock.sleep(1))
        await asyncio.sleep(0)
        cancelled.cancel()
        clock.advance(2)
        await asyncio.sleep(0)
        assert [sleeper.done() for sleeper in sleepers] == [True, True, False]
        await clock.sleep(0)
        sleepers[2].cancel()

    asyncio.run(run())


def test_a_running_clock_follows_real_time_by_a_factor() -> None:
    ticks = iter([10.0, 11.0, 12.5])
    clock = RunningClock(1000.0, lambda: next(ticks), speed=60)

    assert (clock.now(), clock.now(), clock.stepped) == (1060.0, 1150.0, False)
    with pytest.raises(NotSteppedError):
        clock.advance(1)


def test_a_fast_clock_sleeps_shorter() -> None:
    clock = RunningClock(0.0, lambda: 0.0, speed=1_000_000)

    asyncio.run(asyncio.wait_for(clock.sleep(3600), 5))


def test_speed_chooses_the_clock() -> None:
    assert clock_at_speed(0, 5.0, lambda: 0.0).stepped
    assert not clock_at_speed(2, 5.0, lambda: 0.0).stepped
    with pytest.raises(ValueError, match="above 0"):
        clock_at_speed(-1, 5.0, lambda: 0.0)
