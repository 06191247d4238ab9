"""Many function instances at once in stepped time: what a crowd of handlers does, in a second.

A handler is a generator that yields how many seconds it waits; its calls happen at once, as they do
on a local cloud without network. So a storm of a thousand handlers is exact and repeatable.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Generator, Iterable

from bench.stepped import SteppedClock

Handler = Generator[float, None, None]


def run(clock: SteppedClock, handlers: Iterable[Handler], at_once: int) -> None:
    """Runs handlers in their order, so many at a time, until all of them are done."""
    waiting = iter(handlers)
    order = itertools.count()
    agenda: list[tuple[float, int, Handler]] = []
    for handler in itertools.islice(waiting, at_once):
        heapq.heappush(agenda, (clock.now(), next(order), handler))
    while agenda:
        moment, _, handler = heapq.heappop(agenda)
        clock.sleep(max(0.0, moment - clock.now()))
        try:
            pause = next(handler)
        except StopIteration:
            following = next(waiting, None)
            if following is not None:
                heapq.heappush(agenda, (clock.now(), next(order), following))
        else:
            heapq.heappush(agenda, (clock.now() + pause, next(order), handler))
