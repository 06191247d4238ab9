"""An event stream: takes messages out of a queue in batches and pushes them to a function.

EventBridge, "Event streams", "Retry policies and dead-letter queues": a failed push is repeated
with pauses; when the retries are spent the batch goes to the dead-letter queue (`ALL`), or blocks
the stream until it works (`NONE`). Whether the stream deletes a message before or after the push
is documented nowhere, so both are offered.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import json
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime, timezone
from enum import Enum

from localcloud.eventbridge.queue import Message, Queues
from localcloud.eventbridge.waiting import first_of
from localcloud.functioncompute.resources import Stream
from localcloud.functioncompute.template import Deployment

LONGEST_PAUSE_S = 512.0
RETRIES_AT_LONGEST = 167

# Pushes a payload; True when the function took it.
Push = Callable[[bytes], Awaitable[bool]]


class Deletion(str, Enum):
    """When a message is deleted from its queue."""

    BEFORE_PUSH = "before"
    AFTER_PUSH = "after"


def pauses(strategy: str, draw: random.Random) -> Iterator[float]:
    """Seconds between the attempts of one push, until they are spent."""
    if strategy == "EXPONENTIAL_DECAY_RETRY":
        yield from (2.0**power for power in range(9))
        yield from itertools.repeat(LONGEST_PAUSE_S, RETRIES_AT_LONGEST)
    else:
        yield from (draw.uniform(10.0, 20.0) for _ in range(3))


class EventStream:
    """Runs one trigger. Switched off, it leaves every message where it is."""

    def __init__(
        self,
        stream: Stream,
        deployment: Deployment,
        queues: Queues,
        push: Push,
        deletion: Deletion = Deletion.AFTER_PUSH,
    ) -> None:
        self.stream = stream
        self._deployment = deployment
        self._queues = queues
        self._queue = queues[stream.queue]
        self._clock = queues.clock
        self._push = push
        self._deletion = deletion
        self._random = random.Random(stream.name)  # noqa: S311 - only spreads attempts

    async def run(self) -> None:
        """Serve until cancelled."""
        while self.stream.enabled:
            batch = await self._collect()
            if batch:
                with self._queues.activity.of("pushes"):
                    await self._deliver(batch)

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
        receipts = [one.receipt or "" for one in batch]
        if self._deletion is Deletion.BEFORE_PUSH:
            self._delete(receipts)
        if not await self._pushed(self._payload(batch)) and self.stream.dead_letters:
            for message in batch:
                self._queues.send(self.stream.dead_letters, message.body)
        if self._deletion is Deletion.AFTER_PUSH:
            self._delete(receipts)

    def _delete(self, receipts: Sequence[str]) -> None:
        for receipt in receipts:
            # A receipt may have run out during a long push: then the message comes again.
            self._queue.delete(receipt)

    async def _pushed(self, payload: bytes) -> bool:
        """Whether the function took it in the end; without tolerance there is no other end."""
        schedule, pause = pauses(self.stream.strategy, self._random), 0.0
        while not await self._push(payload):
            following = next(schedule, None)
            if following is None and self.stream.tolerant:
                return False
            pause = pause if following is None else following
            await self._clock.sleep(pause)
        return True

    def _payload(self, batch: Sequence[Message]) -> bytes:
        return json.dumps([self._event(one) for one in batch], ensure_ascii=False).encode()

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
