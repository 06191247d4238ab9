"""The event bus: whoever publishes need not know who listens, and events may come twice.

What is put on the bus travels byte for byte. Duplicates, delays and disorder are on offer,
because the real bus promises neither once nor in order (EventBridge, "Event overview").
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from localcloud.activity import Activity
from localcloud.clock import Clock
from localcloud.eventbridge.patterns import Pattern
from localcloud.eventbridge.targets import Outgoing, Targets
from localcloud.functioncompute.resources import Rule, RuleTarget

RECORDS_KEPT = 10_000
EVENT_LIMIT = 256 * 1024
_SPACE = " \t\n\r"


@dataclass(slots=True)
class Delivery:
    """What became of one event: the rules that let it through, and what went wrong."""

    time: float
    event_id: str | None
    type: str | None
    rules: tuple[str, ...] = ()
    problem: str | None = None

    def gave_up(self, reason: str) -> None:
        """A target will never get it."""
        self.problem = reason if self.problem is None else f"{self.problem}; {reason}"


@dataclass(frozen=True, slots=True)
class Disorder:
    """Each event `copies` times in all, `delay_s` later, in an order drawn from `shuffle`."""

    copies: int = 1
    delay_s: float = 0.0
    shuffle: int | None = None


IN_ORDER = Disorder()


class EventBus:
    """The default bus of the account and its rules."""

    def __init__(
        self,
        rules: tuple[Rule, ...],
        targets: Targets,
        clock: Clock,
        activity: Activity,
    ) -> None:
        self._rules = [(rule, Pattern(rule.pattern)) for rule in rules]
        self._targets = targets
        self._clock = clock
        self._activity = activity
        self._delayed: set[asyncio.Task[None]] = set()
        self.deliveries: deque[Delivery] = deque(maxlen=RECORDS_KEPT)

    def put(self, payload: bytes, disorder: Disorder = IN_ORDER) -> int:
        """Take one event, or a JSON array of events; how many deliveries that makes."""
        events = [one for one in split(payload) for _ in range(disorder.copies)]
        if disorder.shuffle is not None:
            random.Random(disorder.shuffle).shuffle(events)  # noqa: S311 - repeatable on purpose
        if disorder.delay_s > 0:
            self._activity.begin("deliveries")
            task = asyncio.create_task(self._later(events, disorder.delay_s))
            self._delayed.add(task)
            task.add_done_callback(self._delayed.discard)
        else:
            self._deliver(events)
        return len(events)

    async def _later(self, events: list[bytes], delay_s: float) -> None:
        try:
            await self._clock.sleep(delay_s)
            self._deliver(events)
        finally:
            self._activity.end("deliveries")

    def _deliver(self, events: list[bytes]) -> None:
        for event in events:
            self.deliveries.append(self._routed(event))

    def _routed(self, raw: bytes) -> Delivery:
        now = self._clock.now()
        if len(raw) > EVENT_LIMIT:
            return Delivery(now, None, None, problem=f"an event has at most {EVENT_LIMIT} bytes")
        try:
            text = raw.decode()
            event = json.loads(text)
        except (ValueError, RecursionError) as error:
            return Delivery(now, None, None, problem=f"not JSON: {error}"[:200])
        if not isinstance(event, dict):
            return Delivery(now, None, None, problem="an event is an object")
        matching = [
            rule for rule, pattern in self._rules if rule.enabled and pattern.matches(event)
        ]
        names = tuple(rule.name for rule in matching)
        delivery = Delivery(now, _known(event, "id"), _known(event, "type"), names)
        for target in (target for rule in matching for target in rule.targets):
            body = _body(text, event, target)
            self._targets.deliver(Outgoing(target, body, text, delivery.gave_up))
        return delivery

    async def close(self) -> None:
        """Forget what is still delayed."""
        for task in list(self._delayed):
            task.cancel()
        await asyncio.gather(*self._delayed, return_exceptions=True)
        await self._targets.close()


def _body(text: str, event: Mapping[str, object], target: RuleTarget) -> str:
    body = target.body.of(text, event)
    return base64.b64encode(body.encode()).decode() if target.encode else body


def _known(event: Mapping[str, object], key: str) -> str | None:
    value = event.get(key)
    return value if isinstance(value, str) else None


def split(payload: bytes) -> list[bytes]:
    """The elements of a JSON array as the bytes they were given in; anything else is one event."""
    try:
        text = payload.decode()
        return _elements(text) if text.lstrip(_SPACE).startswith("[") else [payload]
    except (ValueError, RecursionError):
        return [payload]


def _elements(text: str) -> list[bytes]:
    decoder = json.JSONDecoder()
    position = text.index("[") + 1
    found: list[bytes] = []
    while True:
        position = _skip(text, position)
        if text[position : position + 1] == "]" and not found:
            break
        _, end = decoder.raw_decode(text, position)
        found.append(text[position:end].encode())
        position = _skip(text, end)
        if text[position : position + 1] != ",":
            break
        position += 1
    if text[position:].strip(_SPACE) != "]":
        raise ValueError("this is no JSON array")
    return found


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in _SPACE:
        position += 1
    return position
