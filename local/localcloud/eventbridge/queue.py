"""Simple Message Queue (formerly MNS): a message stays until whoever received it deletes it.

API 2015-06-06, "ReceiveMessage", "DeleteMessage", "Dead-letter queues": a received message is
invisible for the visibility timeout and comes again afterwards, with a new receipt handle; one
received too often moves to the dead-letter queue; one kept too long is gone.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.activity import Activity
from localcloud.clock import Clock
from localcloud.eventbridge.waiting import first_of
from localcloud.functioncompute.resources import Queue
from localcloud.waiting import WaitingMessage, WaitingQueue


class MessageTooLargeError(ValueError):
    """A message is larger than the queue takes."""


@dataclass
class Message:
    """A message of a queue. `receipt` is None until it was received."""

    message_id: str
    body: str
    sent_at: float
    visible_at: float
    receives: int = 0
    receipt: str | None = None


class SimpleMessageQueue:
    """One queue. `counted` messages are work under way; those of a dead-letter queue are not."""

    def __init__(
        self,
        queue: Queue,
        clock: Clock,
        activity: Activity,
        bury: Callable[[str, str], object],
        counted: bool = True,
    ) -> None:
        self.queue = queue
        self.expired = 0
        self._clock = clock
        self._activity = activity
        self._bury = bury
        self._counted = counted
        self._messages: dict[str, Message] = {}
        self._arrived = asyncio.Event()
        self._sent = 0

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def messages(self) -> tuple[Message, ...]:
        return tuple(self._messages.values())

    def send(self, body: str) -> str:
        """Put a message in; its id."""
        if len(body.encode()) > self.queue.message_limit:
            raise MessageTooLargeError(f"a message has at most {self.queue.message_limit} bytes")
        self._sent += 1
        now = self._clock.now()
        name = f"{self.queue.name} {self._sent}".encode()
        message_id = hashlib.md5(name, usedforsecurity=False).hexdigest().upper()
        self._messages[message_id] = Message(message_id, body, now, now)
        if self._counted:
            self._activity.begin("messages")
        self._arrived.set()
        return message_id

    def waiting(self) -> WaitingQueue:
        """What is in the queue, in the form in which it is kept."""
        messages = tuple(
            WaitingMessage(
                id=one.message_id, body=one.body, sent_at=one.sent_at, receives=one.receives
            )
            for one in self._messages.values()
        )
        return WaitingQueue(name=self.queue.name, sent=self._sent, messages=messages)

    def resume(self, waiting: WaitingQueue) -> None:
        """Have again what was kept. Whoever had received a message is gone: all are visible."""
        self._sent = max(self._sent, waiting.sent)
        now = self._clock.now()
        for one in waiting.messages:
            self._messages[one.id] = Message(one.id, one.body, one.sent_at, now, one.receives)
            if self._counted:
                self._activity.begin("messages")
        self._arrived.set()

    def receive(self, most: int) -> list[Message]:
        """Up to so many visible messages, oldest first; they are invisible from now on."""
        self._arrived.clear()
        now = self._clock.now()
        self._expire(now)
        visible = [one for one in self._messages.values() if one.visible_at <= now]
        return [one for one in visible[:most] if self._give_out(one, now)]

    def _give_out(self, message: Message, now: float) -> bool:
        limit, dead_letters = self.queue.receives, self.queue.dead_letters
        if limit is not None and dead_letters is not None and message.receives >= limit:
            self._bury(dead_letters, message.body)
            self._forget(message)
            return False
        message.receives += 1
        message.receipt = f"{message.receives}-{message.message_id}"
        message.visible_at = now + self.queue.visibility_s
        return True

    def delete(self, receipt: str) -> bool:
        """Delete a received message; False when its receipt handle is no longer good."""
        message = self._messages.get(receipt.partition("-")[2])
        if message is None or message.receipt != receipt:
            return False
        if message.visible_at <= self._clock.now():
            return False
        self._forget(message)
        return True

    def _expire(self, now: float) -> None:
        for message in list(self._messages.values()):
            if now - message.sent_at > self.queue.retention_s:
                self._forget(message)
                self.expired += 1

    def _forget(self, message: Message) -> None:
        del self._messages[message.message_id]
        if self._counted:
            self._activity.end("messages")

    async def wait(self) -> None:
        """Return once a message may be visible: one arrived since `receive`, or comes again."""
        now = self._clock.now()
        next_s = min((one.visible_at - now for one in self._messages.values()), default=None)
        waits: list[Coroutine[Any, Any, object]] = [self._arrived.wait()]
        if next_s is not None:
            waits.append(self._clock.sleep(next_s))
        await first_of(*waits)


class Queues:
    """All queues of a stack. Those that others name as dead-letter queues are not work to do."""

    def __init__(
        self,
        queues: Mapping[str, Queue],
        dead_letters: Iterable[str],
        clock: Clock,
        activity: Activity,
    ) -> None:
        self.clock = clock
        self.activity = activity
        self._dead_letters = frozenset(dead_letters)
        self._queues = {name: self._made(queue) for name, queue in queues.items()}

    def _made(self, queue: Queue) -> SimpleMessageQueue:
        counted = queue.name not in self._dead_letters
        return SimpleMessageQueue(queue, self.clock, self.activity, self.send, counted)

    def __getitem__(self, name: str) -> SimpleMessageQueue:
        return self._queues[name]

    def send(self, name: str, body: str) -> str:
        """Put a message into a queue; its id."""
        return self._queues[name].send(body)

    def waiting(self) -> tuple[WaitingQueue, ...]:
        """What is in all queues, in the form in which it is kept."""
        return tuple(queue.waiting() for queue in self._queues.values())

    def resume(self, waiting: Iterable[WaitingQueue]) -> None:
        """Have again what was kept; of queues that are not there any more, nothing."""
        for one in waiting:
            if one.name in self._queues:
                self._queues[one.name].resume(one)

    @property
    def depths(self) -> dict[str, int]:
        """How many messages each queue holds, visible or not."""
        return {name: len(queue) for name, queue in self._queues.items()}

    @property
    def dead(self) -> int:
        """How many messages lie in dead-letter queues."""
        return sum(len(self._queues[name]) for name in self._dead_letters)

    def dead_letters(self) -> list[dict[str, object]]:
        """What lies in dead-letter queues, oldest first within each; nothing is taken out."""
        return [
            {
                "queue": name,
                "message_id": message.message_id,
                "sent_at": message.sent_at,
                "body": message.body,
            }
            for name in sorted(self._dead_letters)
            for message in self._queues[name].messages
        ]
