"""Instances of a function: each has a clock, a key and a memory, and loses them when it is killed.

A killed instance is never used again, as on the platform; the next run begins with nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Generic, TypeVar

from .clocks import InstanceClock
from .policies import Deployment
from .scene import Scene
from .scheduler import Scheduler

MemoryT = TypeVar("MemoryT")
GIVEN_UP = 0.05


@dataclass(slots=True)
class Instance(Generic[MemoryT]):
    """One instance of one deployment; `memory` is whatever the function keeps between runs."""

    deployment: Deployment
    clock: InstanceClock
    memory: MemoryT


@dataclass(slots=True)
class Instances(Generic[MemoryT]):
    """The instances of a function that wait for work, and how new ones come to be."""

    scene: Scene
    scheduler: Scheduler
    chance: Random
    began: float
    remembering: Callable[[Deployment, InstanceClock], MemoryT]
    _idle: list[Instance[MemoryT]] = field(default_factory=list)

    def take(self) -> Instance[MemoryT]:
        """One of a deployment that may serve now; it comes back by `give_back` unless it dies."""
        serving = self._serving()
        self._idle = [one for one in self._idle if one.deployment in serving]
        if self._idle and self.chance.random() >= GIVEN_UP:
            return self._idle.pop(self.chance.randrange(len(self._idle)))
        deployment = self.chance.choice(serving)
        clock = self._clock()
        return Instance(deployment, clock, self.remembering(deployment, clock))

    def give_back(self, instance: Instance[MemoryT]) -> None:
        self._idle.append(instance)

    def _serving(self) -> list[Deployment]:
        """The newest deployment, and the one before while it goes on beside it."""
        passed_s = self.scheduler.now() - self.began
        newest = [one for one in self.scene.deployments if one.at_s <= passed_s][-2:]
        beside = len(newest) > 1 and passed_s < newest[-1].at_s + newest[-1].beside_s
        return newest if beside else newest[-1:]

    def _clock(self) -> InstanceClock:
        skew_s = self.scene.skews_s
        clock = InstanceClock(self.scheduler, ahead_s=self.chance.uniform(-skew_s, skew_s) / 2)
        if skew_s and self.chance.random() < 0.3:
            clock.set_back_at = self.scheduler.now() + self.chance.uniform(0.0, 60.0)
            clock.back_s = self.scene.set_back_s
        return clock
