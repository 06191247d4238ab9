"""The clock of a function's instance: a little off, set back now and then, and it ends its run.

Each instance has a machine of its own, so what its runs take for now is not what others take.
"""

from __future__ import annotations

from dataclasses import dataclass

from .scheduler import KilledError, Scheduler


@dataclass(slots=True)
class InstanceClock:
    """`ahead_s` is how far it is from the truth; it is set back by `back_s` at `set_back_at`."""

    scheduler: Scheduler
    ahead_s: float = 0.0
    set_back_at: float = float("inf")
    back_s: float = 0.0

    def now(self) -> float:
        back_s = self.back_s if self.scheduler.now() >= self.set_back_at else 0.0
        return self.scheduler.now() + self.ahead_s - back_s

    def monotonic(self) -> float:
        return self.scheduler.now()


@dataclass(slots=True)
class RunClock:
    """The clock of one run, which the platform kills when its time is up; the engine's Clock."""

    instance: InstanceClock
    ends_at: float

    def now(self) -> float:
        return self.instance.now()

    def monotonic(self) -> float:
        return self.instance.monotonic()

    def sleep(self, seconds: float) -> None:
        left_s = self.ends_at - self.instance.scheduler.now()
        self.instance.scheduler.sleep(max(0.0, min(seconds, left_s)))
        if seconds > left_s:
            raise KilledError
