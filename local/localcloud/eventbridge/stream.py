"""An event stream: takes messages out of a queue in batches and pushes them to a function.

EventBridge, "Event streams", "Retry policies and dead-letter queues": a failed push is repeated
with pauses; when the retries are spent the batch goes to the dead-letter queue (`ALL`), or blocks
the stream until it works (`NONE`). Whether the stream deletes a message before or after the push
is documented nowhere, so both are offered.
"""

from __future__ import annotations

import base64
import binascii
import json
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timezone

from localcloud.eventbridge.patterns import Pattern
from localcloud.eventbridge.queue import Message, Queues
from localcloud.eventbridge.retries import pauses
from localcloud.eventbridge.waiting import first_of
from localcloud.functioncompute.behaviour import Deletion, Switches
from localcloud.functioncompute.limits import ASYNCHRONOUS_LIMIT, SYNCHRONOUS_LIMIT
from localcloud.functioncompute.resources import Stream
from localcloud.functioncompute.template import Deployment

# Pushes a payload, asynchronously or not; True when the function took it.
Push = Callable[[bytes, bool], Awaitable[bool]]


class EventStream:
    """Runs one trigger. Switched off, it leaves every message where it is."""

    def __init__(
        self,
        stream: Stream,
        deployment: Deployment,
        queues: Queues,
        push: Push,
        switches: Switches,
    ) -> None:
        self.stream = stream
        self._deployment = deployment
        self._queues = queues
        self._queue = queues[stream.queue]
        self._clock = queues.clock
        self._push = push
        self._switches = switches
        self._pattern = Pattern(stream.pattern)
        self._random = random.Random(stream.name)  # noqa: S311 - only spreads attempts

    async def run(self) -> None:
        """Serve until cancelled."""
        while self.stream.enabled:
            batch = self._wanted(await self._collect())
            if batch:
                with self._queues.activity.of("pushes"):
                    await self._deliver(batch)

    def _wanted(self, batch: Sequence[Message]) -> list[Message]:
        """What the pattern lets through; the rest is done with."""
        fits = [self._pattern.matches(self._event(one)) for one in batch]
        self._delete([one for one, fit in zip(batch, fits, strict=True) if not fit])
        return [one for one, fit in zip(batch, fits, strict=True) if fit]

    async def _collect(self) -> list[Message]:
        """A batch: full, or as old as the window."""
        batch = self._queue.receive(self.stream.batch)
        while not batch:
            await self._queue.wait()
            batch = self._queue.receive(self.stream.batch)
        until = self._clock.now() + self.stream.window_s
        while len(batch) < self.stream.batch and self._clock.now() < until:
            await first_of(self._queue.wait(), self._clock.sleep(until - self._clock.now()))
            batch += self._queue.receive(self.stream.batch - len(batch))
        return batch

    async def _deliver(self, batch: Sequence[Message]) -> None:
        if len(batch) > 1 and len(self._payload(batch)) > self._limit():
            # Whatever the documents say about a batch, a payload cannot be larger than this.
            await self._deliver(batch[: len(batch) // 2])
            await self._deliver(batch[len(batch) // 2 :])
            return
        deletion = self._switches.now.message_deletion
        if deletion is Deletion.BEFORE_PUSH:
            self._delete(batch)
        if not await self._pushed(self._payload(batch)) and self.stream.dead_letters:
            for message in batch:
                self._queues.send(self.stream.dead_letters, message.body)
        if deletion is Deletion.AFTER_PUSH:
            self._delete(batch)

    def _delete(self, batch: Sequence[Message]) -> None:
        for message in batch:
            # A receipt may have run out during a long push: then the message comes again.
            self._queue.delete(message.receipt or "")

    def _asynchronous(self) -> bool:
        return self.stream.asynchronous != (self._switches.now.async_invocation_type == "reversed")

    def _limit(self) -> int:
        return ASYNCHRONOUS_LIMIT if self._asynchronous() else SYNCHRONOUS_LIMIT

    async def _pushed(self, payload: bytes) -> bool:
        """Whether the function took it in the end; without tolerance there is no other end."""
        schedule, pause = pauses(self.stream.strategy, self._random), 0.0
        while not await self._push(payload, self._asynchronous()):
            following = next(schedule, None)
            if following is None and self.stream.tolerant:
                return False
            pause = pause if following is None else following
            await self._clock.sleep(pause)
        return True

    def _payload(self, batch: Sequence[Message]) -> bytes:
        events: list[object] = [self._event(one) for one in batch]
        if self.stream.raw:
            events = [one["data"] for one in map(self._event, batch)]
        if self._switches.now.batch_elements == "strings":
            events = [json.dumps(one, ensure_ascii=False) for one in events]
        return json.dumps(events, ensure_ascii=False).encode()

    def _event(self, message: Message) -> dict[str, object]:
        """A message as the CloudEvent that a function receives."""
        there, queue = self._deployment, self._queue.queue.name
        moment = datetime.fromtimestamp(message.sent_at, timezone.utc)
        return {
            "id": message.message_id,
            "source": self.stream.name,
            "specversion": "1.0",
            "type": "mns:Queue:SendMessage",
            "datacontenttype": "application/json; charset=utf-8",
            "subject": f"acs:mns:{there.region}:{there.account_id}:queues/{queue}",
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "aliyunaccountid": there.account_id,
            "data": {
                "requestId": f"{message.message_id[:24]}",
                "messageId": message.message_id,
                "messageBody": _decoded(message.body) if self.stream.decode else message.body,
            },
        }


def _decoded(body: str) -> str:
    """Base64 decoded, as far as it is base64."""
    try:
        return base64.b64decode(body, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return body
