"""Delivery to the targets of a rule: at once where it works, again where it does not.

EventBridge, "Retry policies and dead-letter queues": what a target does not take is sent again with
pauses; when the retries are spent it goes to the target's dead-letter queue, or is dropped, which
is recorded. Faults named `SendMessage:<queue>` strike here, as those of a function do.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from localcloud.activity import Activity
from localcloud.clock import Clock
from localcloud.eventbridge.queue import MessageTooLargeError
from localcloud.eventbridge.retries import pauses
from localcloud.faults import Fault, Faults
from localcloud.functioncompute.resources import RuleTarget

# Puts a message into a queue.
Send = Callable[[str, str], object]
# Invokes the function of a target; True when it took the event.
Push = Callable[[RuleTarget, bytes], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event on its way to a target. `gave_up` is told why it never arrived."""

    target: RuleTarget
    body: str
    event: str
    gave_up: Callable[[str], None]


class Targets:
    """Delivers events."""

    def __init__(
        self, send: Send, push: Push, faults: Faults, clock: Clock, activity: Activity
    ) -> None:
        self._send = send
        self._push = push
        self._faults = faults
        self._clock = clock
        self._activity = activity
        self._random = random.Random(0)  # noqa: S311 - only spreads attempts
        self._under_way: set[asyncio.Task[None]] = set()

    def deliver(self, outgoing: Outgoing) -> None:
        """Deliver now, or begin to."""
        queue = outgoing.target.queue
        fault = self._fault(queue) if queue is not None else None
        if queue is None or fault is not None:
            self._begin(self._keep_trying(outgoing, fault))
            return
        try:
            self._send(queue, outgoing.body)
        except MessageTooLargeError as error:
            self._give_up(outgoing, str(error))

    def _begin(self, delivery: Coroutine[Any, Any, None]) -> None:
        self._activity.begin("deliveries")
        task = asyncio.create_task(delivery)
        self._under_way.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._activity.end("deliveries")

    async def _keep_trying(self, outgoing: Outgoing, fault: Fault | None) -> None:
        target, pause_s = outgoing.target, 0.0
        schedule = pauses(target.strategy, self._random)
        try:
            while not await self._attempt(outgoing, fault):
                fault = None
                following = next(schedule, None)
                if following is None and target.tolerant:
                    self._give_up(outgoing, "the retries are spent")
                    return
                pause_s = pause_s if following is None else following
                await self._clock.sleep(pause_s)
        except MessageTooLargeError as error:
            # Sending it again would not make it smaller.
            self._give_up(outgoing, str(error))

    async def _attempt(self, outgoing: Outgoing, fault: Fault | None) -> bool:
        queue = outgoing.target.queue
        if queue is None:
            return await self._push(outgoing.target, outgoing.body.encode())
        fault = fault or self._fault(queue)
        if fault is None:
            self._send(queue, outgoing.body)
            return True
        await self._clock.sleep(fault.delay_s)
        if fault.error or fault.throttle or fault.body is not None or fault.reset == "before":
            return False
        self._send(queue, outgoing.body)
        return fault.reset != "after"

    def _fault(self, queue: str) -> Fault | None:
        return self._faults.take(f"SendMessage:{queue}")

    def _give_up(self, outgoing: Outgoing, reason: str) -> None:
        dead_letters = outgoing.target.dead_letters
        if dead_letters is not None:
            try:
                self._send(dead_letters, outgoing.event)
            except MessageTooLargeError:
                outgoing.gave_up(f"{reason}, and the dead-letter queue does not take it either")
            return
        outgoing.gave_up(reason)

    async def close(self) -> None:
        """Forget what is still under way."""
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
