"""The platform of a simulation: it runs functions at least once, at any time, and kills them.

Synchronous deliveries come from the queue, asynchronous ones from functions; both are repeated
after a failure, and now and then without one.
"""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random

from evermirror.errors import RedeliverError
from evermirror.invocation import InvocationError

from .scheduler import KilledError, Scheduler

RETRIES = 8
BATCH_WINDOW_S = 2.0
VISIBLE_AGAIN_AFTER_S = 45.0

Run = Callable[[bytes, str], None]
"""A function: takes its event and a request id; raises when it fails, KilledError when killed."""


@dataclass(slots=True)
class Weather:
    """How rough it is. `calm` turns all of it off, whatever was drawn.

    `down` are functions that fail between two moments, whatever they are asked.
    """

    repeats: float = 0.0
    refuses: float = 0.0
    down: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    calm: bool = False

    def is_down(self, name: str, now: float) -> bool:
        since, until = self.down.get(name, (0.0, 0.0))
        return since <= now < until

    def repeats_now(self, chance: Random) -> bool:
        return not self.calm and chance.random() < self.repeats

    def refuses_now(self, chance: Random) -> bool:
        return not self.calm and chance.random() < self.refuses


@dataclass(slots=True)
class Platform:
    """Functions by name, and all that waits for them. Satisfies the library's Invoker."""

    scheduler: Scheduler
    chance: Random
    weather: Weather
    functions: dict[str, Run] = field(default_factory=dict)
    concurrency: dict[str, int] = field(default_factory=dict)
    queue: deque[bytes] = field(default_factory=deque)
    dead_letters: list[bytes] = field(default_factory=list)
    largest_batch: int = 500
    published: list[bytes] = field(default_factory=list)
    """All that notify was asked to tell, even where the platform knew the id already."""
    _running: Counter[str] = field(default_factory=Counter)
    _ids: set[str] = field(default_factory=set)
    _requests: int = 0
    _busy: int = 0

    @property
    def is_idle(self) -> bool:
        return not self._busy and not self.queue

    def invoke(self, function_arn: str, payload: bytes, deduplication_id: str) -> None:
        """An asynchronous invocation: accepted, or refused for now; an id is accepted once."""
        if self.weather.refuses_now(self.chance):
            raise InvocationError("the simulated platform is throttled", 429)
        name = function_arn.rpartition("/")[2]
        if name == "notify":
            self.published.append(payload)
        if (identity := f"{name}/{deduplication_id}") in self._ids:
            return
        self._ids.add(identity)
        self._begin(name, payload, self.chance.choice((0.0, 0.1, 1.0, 5.0)))
        if self.weather.repeats_now(self.chance):
            self._begin(name, payload, self.chance.uniform(0.0, 60.0))

    def ask(self, function_arn: str, payload: bytes, limit_s: float) -> bytes:
        """A synchronous invocation: here mirror is always busy, and nobody waits for it."""
        raise InvocationError(f"{function_arn}: {len(payload)} bytes, {limit_s} s: busy", 429)

    def fire(self, name: str, payload: bytes) -> None:
        """A timer's invocation, which the platform never refuses itself."""
        self._begin(name, payload, 0.0)
        if self.weather.repeats_now(self.chance):
            self._begin(name, payload, self.chance.uniform(0.0, 60.0))

    def send(self, event: bytes) -> None:
        """Puts an event into the queue that the trigger empties into mirror, batch by batch."""
        self._wait_in_queue([event])

    def send_at_once(self, events: Sequence[bytes]) -> None:
        """Several events that came together."""
        self._wait_in_queue(list(events))

    def _wait_in_queue(self, events: list[bytes]) -> None:
        if not self.queue:
            self.scheduler.start("trigger", self._empty_queue, BATCH_WINDOW_S)
        self.queue.extend(events)

    def _empty_queue(self) -> None:
        while self.queue:
            if self._may_run("mirror"):
                size = self.chance.randint(1, min(self.largest_batch, len(self.queue)))
                batch = [self.queue.popleft() for _ in range(size)]
                self._busy += 1
                self.scheduler.start("push", partial(self._push, batch))
            self.scheduler.sleep(BATCH_WINDOW_S)

    def request_id(self) -> str:
        self._requests += 1
        return hashlib.md5(b"%d" % self._requests, usedforsecurity=False).hexdigest()

    def _push(self, batch: list[bytes]) -> None:
        try:
            if not self._ran("mirror", b"[%s]" % b",".join(batch)):
                self.scheduler.sleep(self.chance.uniform(1.0, VISIBLE_AGAIN_AFTER_S))
                self._wait_in_queue(batch)
            elif self.weather.repeats_now(self.chance):
                self._wait_in_queue(batch)
        finally:
            self._busy -= 1

    def _begin(self, name: str, payload: bytes, after_s: float) -> None:
        self._busy += 1
        self.scheduler.start(name, lambda: self._until_it_succeeds(name, payload), after_s)

    def _until_it_succeeds(self, name: str, payload: bytes) -> None:
        try:
            tries = 0
            while tries <= RETRIES:
                if not self._may_run(name):  # a 429 is not counted as a try
                    self.scheduler.sleep(self.chance.uniform(0.5, 8.0))
                    continue
                if self._ran(name, payload):
                    return
                tries += 1
                self.scheduler.sleep(min(60.0, 2.0**tries))
            self.dead_letters.append(payload)
        finally:
            self._busy -= 1

    def _may_run(self, name: str) -> bool:
        return self._running[name] < self.concurrency.get(name, 1)

    def _ran(self, name: str, payload: bytes) -> bool:
        if self.weather.is_down(name, self.scheduler.now()):
            return False
        self._running[name] += 1
        try:
            self.functions[name](payload, self.request_id())
        except (KilledError, RedeliverError):
            return False
        finally:
            self._running[name] -= 1
        return True
