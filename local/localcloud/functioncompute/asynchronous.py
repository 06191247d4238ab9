"""Asynchronous invocation: accepted at once, run later, repeated on failure, never lost.

Function Compute 3.0, "Asynchronous invocation", "Retry mechanism", "Result callback", "Task
deduplication": function errors are retried as often as configured; a concurrency limit is waited
for with doubling pauses; what fails for good, or grows too old, goes to the failure destination.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections import deque
from dataclasses import dataclass, field

from localcloud.activity import Activity
from localcloud.clock import Clock
from localcloud.functioncompute.behaviour import Switches
from localcloud.functioncompute.destinations import Destinations, Finished
from localcloud.functioncompute.invocations import Invocations, Invoked, too_large
from localcloud.functioncompute.limits import ASYNCHRONOUS_LIMIT
from localcloud.functioncompute.resources import Asynchronous, Function
from localcloud.refusals import RefusedError
from localcloud.waiting import UsedTaskId, Waiting, WaitingInvocation

TASKS_KEPT = 10_000
FIRST_ERROR_PAUSE_S = 1.0
FIRST_THROTTLE_PAUSE_S = 0.5
LONGEST_THROTTLE_S = 5 * 3600.0
_TASK_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")


@dataclass
class Task:
    """One accepted invocation and how far it has come."""

    request_id: str
    function: str
    payload: bytes = field(repr=False)
    task_id: str | None
    accepted_at: float
    attempts: int = 0
    status: str = "Enqueued"
    undelivered: str | None = None


class AsynchronousInvocations:
    """The asynchronous queue of every function."""

    def __init__(
        self,
        invocations: Invocations,
        destinations: Destinations,
        clock: Clock,
        activity: Activity,
        switches: Switches,
    ) -> None:
        self._invocations = invocations
        self._destinations = destinations
        self._clock = clock
        self._activity = activity
        self._switches = switches
        self._used_ids: dict[tuple[str, str], None] = {}
        self._running: dict[asyncio.Task[None], Task] = {}
        self.tasks: deque[Task] = deque(maxlen=TASKS_KEPT)

    @property
    def undelivered(self) -> int:
        """How many records never reached their destination, of the invocations still kept."""
        return sum(task.undelivered is not None for task in self.tasks)

    def accept(self, name: str, payload: bytes, task_id: str | None = None) -> str:
        """Take an invocation on; its request id.

        `RefusedError`: unknown function, payload above 128 KB, a malformed task id, or one that
        this function has seen before (409, `StatefulAsyncInvocationAlreadyExists`).
        """
        deployed = self._invocations.deployed(name)
        if len(payload) > ASYNCHRONOUS_LIMIT:
            raise too_large(ASYNCHRONOUS_LIMIT)
        if task_id is not None:
            self._use(name, task_id, deployed.function.asynchronous)
        task = Task(self._invocations.new_request_id(), name, payload, task_id, self._clock.now())
        self._begin(task, deployed.function)
        return task.request_id

    def _begin(self, task: Task, function: Function) -> None:
        self.tasks.append(task)
        self._activity.begin("asynchronous invocations")
        running = asyncio.create_task(self._finish(task, function))
        self._running[running] = task
        running.add_done_callback(self._running.pop)

    def waiting(self) -> tuple[tuple[WaitingInvocation, ...], tuple[UsedTaskId, ...]]:
        """What has not ended, and the ids last seen, in the form in which they are kept."""
        invocations = tuple(
            WaitingInvocation(
                request_id=one.request_id,
                function=one.function,
                payload=base64.b64encode(one.payload),
                task_id=one.task_id,
                accepted_at=one.accepted_at,
                attempts=one.attempts,
            )
            for one in self._running.values()
        )
        latest = list(self._used_ids)[-TASKS_KEPT:]
        return invocations, tuple(UsedTaskId(function=name, task_id=id_) for name, id_ in latest)

    def resume(self, waiting: Waiting) -> None:
        """Go on with what was kept; an attempt that was under way is made again."""
        self._used_ids.update(((one.function, one.task_id), None) for one in waiting.task_ids)
        for kept in waiting.invocations:
            try:
                function = self._invocations.deployed(kept.function).function
            except RefusedError:
                # The template has no such function any more, so nobody is left to run it.
                continue
            task = Task(
                kept.request_id, kept.function, kept.payload, kept.task_id, kept.accepted_at
            )
            task.attempts = kept.attempts
            self._begin(task, function)

    def _use(self, name: str, task_id: str, settings: Asynchronous) -> None:
        if _TASK_ID.fullmatch(task_id) is None:
            raise RefusedError("InvalidArgument", 400, f"invalid invocation id '{task_id}'")
        if not settings.stateful:
            # Undocumented; refused here, so that a template without AsyncTask is noticed.
            raise RefusedError("InvalidArgument", 400, f"'{name}' has no asynchronous tasks")
        if (name, task_id) in self._used_ids:
            sentence = f"invocation '{task_id}' of function '{name}' already exists"
            raise RefusedError("StatefulAsyncInvocationAlreadyExists", 409, sentence)
        self._used_ids[name, task_id] = None

    async def _finish(self, task: Task, function: Function) -> None:
        try:
            invoked = await self._attempts(task, function.asynchronous)
            finished = Finished(task.request_id, function, task.payload, task.attempts, invoked)
            task.status = "Failed" if finished.failed else "Succeeded"
            task.undelivered = self._destinations.deliver(finished, self.accept)
        finally:
            self._activity.end("asynchronous invocations")

    async def _attempts(self, task: Task, settings: Asynchronous) -> Invoked | None:
        """The last answer, or None when the event grew too old while waiting for room."""
        throttles = 0
        invoked: Invoked | None = None
        while (left_s := settings.age_s - self._age(task)) > 0:
            answer = await self._attempt(task)
            if answer is None:
                if self._age(task) >= LONGEST_THROTTLE_S:
                    break
                pause_s = FIRST_THROTTLE_PAUSE_S * 2**throttles
                throttles += 1
            else:
                invoked = answer
                if invoked.error_type is None or task.attempts > settings.retries:
                    return invoked
                pause_s = FIRST_ERROR_PAUSE_S * 2 ** (task.attempts - 1)
            task.status = "Retrying"
            await self._clock.sleep(min(pause_s, left_s))
        return invoked

    def _age(self, task: Task) -> float:
        return self._clock.now() - task.accepted_at

    async def _attempt(self, task: Task) -> Invoked | None:
        """What came of running it, or None where there was no room for it."""
        task.status = "Running"
        try:
            invoked = await self._run(task)
            for _ in range(self._switches.now.asynchronous_repeats):
                if invoked.error_type is None:
                    invoked = await self._run(task)
        except RefusedError as refusal:
            if refusal.status != 429:
                raise
            return None
        return invoked

    async def _run(self, task: Task) -> Invoked:
        invoked = await self._invocations.invoke(
            task.function, task.payload, task.request_id, task.attempts
        )
        task.attempts += 1
        return invoked

    async def close(self) -> None:
        """Forget what was not finished."""
        for running in list(self._running):
            running.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
