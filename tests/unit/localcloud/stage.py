"""A queue and a stream under a clock that moves only when told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from localcloud.activity import Activity
from localcloud.clock import SteppedClock
from localcloud.eventbridge.queue import Queues
from localcloud.eventbridge.stream import EventStream
from localcloud.functioncompute.behaviour import Behaviour, Deletion, Switches
from localcloud.functioncompute.resources import Queue, Stream
from localcloud.functioncompute.template import Deployment

START = 1_767_225_600.0
DEPLOYMENT = Deployment("1234567890123456", "cn-hongkong")


class Stage:
    """A queue `events` with a dead-letter queue, and a function that records its pushes."""

    def __init__(self, **queue: Any) -> None:
        self.clock = SteppedClock(START)
        self.activity = Activity()
        settings = {"visibility_s": 60, "dead_letters": "dead", "receives": 100, **queue}
        named = {"events": Queue("events", **settings), "dead": Queue("dead")}
        self.queues = Queues(named, ["dead"], self.clock, self.activity)
        self.pushed: list[list[str]] = []
        self.asynchronously: list[bool] = []
        self.answers: list[bool] = []

    async def push(self, payload: bytes, asynchronous: bool) -> bool:
        bodies = [one["data"]["messageBody"] for one in json.loads(payload)]
        self.pushed.append(bodies)
        self.asynchronously.append(asynchronous)
        return self.answers.pop(0) if self.answers else True

    def stream(self, deletion: Deletion = Deletion.AFTER_PUSH, **changes: Any) -> EventStream:
        settings = {
            "name": "events",
            "function": "mirror",
            "queue": "events",
            "decode": False,
            "enabled": True,
            "asynchronous": False,
            "batch": 3,
            "window_s": 2,
            "strategy": "EXPONENTIAL_DECAY_RETRY",
            "tolerant": True,
            "dead_letters": "dead",
            **changes,
        }
        switches = Switches(Behaviour(message_deletion=deletion))
        return EventStream(Stream(**settings), DEPLOYMENT, self.queues, self.push, switches)

    def send(self, *bodies: str) -> None:
        for body in bodies:
            self.queues.send("events", body)

    async def after(self, seconds: float) -> None:
        await turns()
        await self.clock.advance_through(seconds)
        await turns()


async def turns() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


def staged(scene: Callable[[Stage], Awaitable[None]], **queue: Any) -> None:
    async def play() -> None:
        await scene(Stage(**queue))

    asyncio.run(play())


async def running(stage: Stage, stream: EventStream, play: Callable[[], Awaitable[None]]) -> None:
    task = asyncio.create_task(stream.run())
    try:
        await play()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
