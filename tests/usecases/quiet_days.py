"""A day of the real use cases behind a small Function Compute, and a receiver that hears of it.

Time is the local cloud's, stepped. An invocation is tried nine times with doubling pauses and then
kept as a dead letter, as the template says; an id is accepted once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from evermirror.errors import RedeliverError
from evermirror.invocation import InvocationError
from evermirror.notify.delivery import Publication, notify
from evermirror.notify.ordering import Newest
from evermirror.reconcile.sweep import Sweep
from localcloud.functioncompute.destinations import Destinations, Finished
from localcloud.functioncompute.invocations import Invoked
from localcloud.functioncompute.permissions import Permissions
from localcloud.functioncompute.stack import read_stack
from localcloud.functioncompute.template import Deployment
from tests.worlds import ACCOUNT, REGION, numbers

from .writers import NOTIFY, World, Writer

STACK = read_stack(Path(__file__).parents[2] / "template.yml", Deployment(ACCOUNT, REGION), {})
NO_EFFECT = {"deferred", "rejected"}

Function = Callable[[bytes], object]


@dataclass
class Task:
    """An asynchronous invocation that is due."""

    at: float
    name: str
    payload: bytes
    attempts: int = 0


@dataclass
class FunctionCompute:
    """Satisfies the library's Invoker. `dead_letters` are the records in the template's queue."""

    world: World
    functions: dict[str, Function] = field(default_factory=dict)
    accepted: list[tuple[str, bytes]] = field(default_factory=list)
    dead_letters: list[dict[str, Any]] = field(default_factory=list)
    _ids: set[tuple[str, str]] = field(default_factory=set)
    _tasks: list[Task] = field(default_factory=list)

    def invoke(self, function_arn: str, payload: bytes, deduplication_id: str) -> None:
        name = function_arn.rpartition("/")[2]
        if (name, deduplication_id) in self._ids:
            return
        self._ids.add((name, deduplication_id))
        self.begin(name, payload)

    def ask(self, function_arn: str, payload: bytes, limit_s: float) -> bytes:
        raise InvocationError(f"{function_arn}: {len(payload)} bytes, {limit_s} s: busy", 429)

    def begin(self, name: str, payload: bytes) -> None:
        self.accepted.append((name, payload))
        self._tasks.append(Task(self.world.clock.now(), name, payload))

    def redrive(self) -> None:
        """Somebody invokes once more what the dead letters tell of."""
        letters, self.dead_letters = self.dead_letters, []
        for letter in letters:
            name = letter["requestContext"]["functionArn"].rpartition("/")[2]
            self._tasks.append(
                Task(self.world.clock.now(), name, letter["requestPayload"].encode())
            )

    def run_until(self, moment: float) -> None:
        """Lets pass what time there is until then, and do what is due in it."""
        while due := [one for one in self._tasks if one.at <= max(moment, self._now())]:
            task = min(due, key=lambda one: one.at)
            self._tasks.remove(task)
            self._wait_until(task.at)
            self._try(task)
        self._wait_until(moment)

    def _try(self, task: Task) -> None:
        task.attempts += 1
        function = STACK.functions[task.name]
        try:
            self.functions[task.name](task.payload)
        except RedeliverError as error:
            if task.attempts <= function.asynchronous.retries:
                task.at = self._now() + 2.0 ** (task.attempts - 1)
                self._tasks.append(task)
                return
            self._bury(task, str(error))

    def _bury(self, task: Task, error: str) -> None:
        body = json.dumps({"errorMessage": error, "errorType": "RedeliverError"}).encode()
        invoked = Invoked("R", body, "UnhandledInvocationError", 1, 1.0)
        there = STACK.deployment
        destinations = Destinations(there, self._send, Permissions(there), self._now)
        function = STACK.functions[task.name]
        lost = destinations.deliver(
            Finished("R", function, task.payload, task.attempts, invoked), lambda *_: ""
        )
        assert lost is None, lost

    def _send(self, queue: str, record: str) -> None:
        if len(record.encode()) > STACK.queues[queue].message_limit:
            raise ValueError("too large for the queue")
        self.dead_letters.append(json.loads(record))

    def _wait_until(self, moment: float) -> None:
        if moment > self._now():
            self.world.clock.sleep(moment - self._now())

    def _now(self) -> float:
        return self.world.clock.now()


@dataclass
class Receiver:
    """A channel, down until a moment. It believes what it heard last, in whatever order it came."""

    now: Callable[[], float]
    returns_at: float = 0.0
    heard: list[dict[str, Any]] = field(default_factory=list)
    gaps: set[str] = field(default_factory=set)
    words: dict[str, dict[str, Any]] = field(default_factory=dict)

    def deliver(self, publication: Publication) -> None:
        if self.now() < self.returns_at:
            raise RedeliverError("down")
        for outcome in publication.outcomes:
            self.heard.append(dict(outcome))
            self.words[str(outcome["network_interface_id"])] = dict(outcome)
        if publication.coverage is not None:
            self._covered(publication.coverage)

    def _covered(self, coverage: dict[str, Any]) -> None:
        self.heard.append(coverage)
        self.gaps = {*coverage["listed"].get("missing", ()), *coverage["listed"].get("pending", ())}
        for about, word in list(self.words.items()):
            # What coverage no longer lists is over.
            if word["outcome"] in NO_EFFECT and about not in self.gaps:
                del self.words[about]

    def standing(self) -> dict[str, str]:
        """By interface, what still keeps it from being mirrored."""
        words = {about: word["outcome"] for about, word in self.words.items()}
        return {about: word for about, word in words.items() if word in NO_EFFECT}


class Stage:
    """Sweep, mirror and notify, of one instance each, between the platform and the receiver."""

    def __init__(self, world: World, writer: Writer, sweep: Sweep) -> None:
        self.world = world
        self.platform = FunctionCompute(world)
        self.receiver = Receiver(world.clock.now)
        self._mirror = replace(writer.mirror, invoker=self.platform, notify=NOTIFY)
        self._sweep = replace(sweep, invoker=self.platform)
        self._newest = Newest()
        self.platform.functions = {"mirror": self._run_mirror, "notify": self._run_notify}

    def tick(self) -> None:
        """One sweep, on time."""
        at = datetime.fromtimestamp(self.world.clock.now(), timezone.utc)
        tick = {"triggerTime": at.isoformat(timespec="seconds").replace("+00:00", "Z")}
        self._sweep.handle(json.dumps(tick).encode())

    def event(self, event: dict[str, Any]) -> None:
        """An event on the bus, for mirror."""
        self.platform.begin("mirror", json.dumps(event).encode())

    def unmirrored(self) -> set[str]:
        """What stands in the local cloud, whatever anybody says of it."""
        state = self.world.cloud.state()
        listed = {source for session in state["sessions"] for source in session["sources"]}
        return {one["id"] for one in state["network_interfaces"]} - listed

    def published(self) -> list[dict[str, Any]]:
        """Every outcome and coverage that notify was invoked with."""
        documents = [json.loads(p) for name, p in self.platform.accepted if name == "notify"]
        told = [one for document in documents for one in document["outcomes"]]
        return told + [one["coverage"] for one in documents if "coverage" in one]

    def _run_mirror(self, payload: bytes) -> None:
        self._mirror.handle(payload, f"request-{next(numbers)}", 240.0)

    def _run_notify(self, payload: bytes) -> None:
        now = self.world.clock.now()
        notify(payload, [self.receiver], self._sweep.log, self._newest, now)
