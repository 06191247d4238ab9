"""Many things at once, one after the other: tasks that take turns by the time, then by chance.

Each task is a thread, of which only one ever runs; it gives up its turn when it sleeps. So code
that knows nothing of a simulation (the engine, its client, its clock) overlaps with others at
every call and every wait, and a seed decides how, the same way each time.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from random import Random


class KilledError(BaseException):
    """The function's process is gone, in the middle of a call; nothing of the run goes on."""


class Task:
    """Something that goes on by itself. `error` is what ended it, if anything did."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self.name = name
        self.error: BaseException | None = None
        self.done = False
        self.doomed = False
        # Bare locks: a Semaphore is three of them, and turns change thousands of times.
        self._turn = threading.Lock()
        self._given_up = threading.Lock()
        self._turn.acquire()
        self._given_up.acquire()
        self._thread = threading.Thread(target=self._run, args=(work,), name=name, daemon=True)
        self._thread.start()

    def go_on(self) -> None:
        """Lets the task have its turn; returns when it sleeps or ends."""
        self._turn.release()
        self._given_up.acquire()

    def give_up_turn(self) -> None:
        """Called by the task itself; returns when it is its turn again."""
        self._given_up.release()
        self._turn.acquire()
        if self.doomed:
            raise KilledError

    def _run(self, work: Callable[[], None]) -> None:
        self._turn.acquire()
        try:
            if not self.doomed:
                work()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the scheduler tells it
            self.error = error
        finally:
            self.done = True
            self._given_up.release()


class Scheduler:
    """The time of a simulated world, and whose turn it is; satisfies the engine's Clock."""

    def __init__(self, start: float, chance: Random) -> None:
        self._now = self._until = start
        self._chance = chance
        self._count = 0
        self._agenda: list[tuple[float, float, int, Task]] = []
        self._running: Task | None = None

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        """Seconds that nobody sets back, unlike those of an instance's own clock."""
        return self._now

    def start(self, name: str, work: Callable[[], None], after_s: float = 0.0) -> Task:
        """Begin a task `after_s` from now. It ends by itself, or when the simulation does."""
        task = Task(name, work)
        self._put(self._now + max(0.0, after_s), task)
        return task

    def sleep(self, seconds: float) -> None:
        """Called within a task: the others go on meanwhile. Outside of one, time just passes."""
        task = self._running
        if task is None:
            self.run(self._now + seconds)
            return
        self._put(self._now + max(0.0, seconds), task)
        first = self._agenda[0]
        if first[-1] is task and first[0] <= self._until:
            # Nobody else's turn comes before: to change threads for nothing costs the most.
            self._now = heapq.heappop(self._agenda)[0]
            return
        task.give_up_turn()

    def run(self, until: float) -> None:
        """Lets tasks take their turns until that time; raises what a task failed with."""
        self._until = until
        while self._agenda and self._agenda[0][0] <= until:
            self._now, _, _, task = heapq.heappop(self._agenda)
            self._take_turn(task)
        self._now = max(self._now, until)

    def stop(self) -> None:
        """Ends every task where it stands."""
        while self._agenda:
            *_, task = heapq.heappop(self._agenda)
            task.doomed = True
            task.go_on()

    @property
    def is_idle(self) -> bool:
        return not self._agenda

    def _take_turn(self, task: Task) -> None:
        self._running = task
        try:
            task.go_on()
        finally:
            self._running = None
        if task.done and task.error is not None and not isinstance(task.error, KilledError):
            raise task.error

    def _put(self, at: float, task: Task) -> None:
        self._count += 1
        # Among those whose time has come at once, chance decides.
        heapq.heappush(self._agenda, (at, self._chance.random(), self._count, task))
