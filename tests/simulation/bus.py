"""The way of an event from the world to the queue, as unreliable as events may be.

The template's own rules say which events go on. One may be lost, come late, or come again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random

from localcloud.api.gateway import Gateway
from localcloud.eventbridge.patterns import Pattern

from .forms import in_some_form
from .functioncompute import Platform
from .scheduler import Scheduler

LOOKS_AT_LEAST_EVERY_S = 5.0
SHORTEST_S = 0.1


@dataclass
class Bus:
    """Carries what the world tells. `reliable` from the moment on at which the storm is over."""

    gateway: Gateway
    scheduler: Scheduler
    chance: Random
    platform: Platform
    patterns: tuple[Pattern, ...]
    losses: float
    repeats: float
    latest_s: float
    reliable: bool = False
    carried: int = 0
    lost: int = 0
    on_the_way: int = 0

    def carry(self) -> None:
        """For ever; start it as a task."""
        world = self.gateway.world
        while True:
            due = world.next_event()
            pause = LOOKS_AT_LEAST_EVERY_S if due is None else due - self.scheduler.now()
            self.scheduler.sleep(min(max(pause, SHORTEST_S), LOOKS_AT_LEAST_EVERY_S))
            for event in world.events_due(self.scheduler.now()):
                if any(pattern.matches(event) for pattern in self.patterns):
                    self._carry(json.dumps(in_some_form(event, self.chance)).encode())

    def _carry(self, event: bytes) -> None:
        self.carried += 1
        if not self.reliable and self.chance.random() < self.losses:
            self.lost += 1
            return
        self._deliver(event)
        if not self.reliable and self.chance.random() < self.repeats:
            self._deliver(event)

    def _deliver(self, event: bytes) -> None:
        late_s = 0.0 if self.reliable else self.chance.choice((0.0, 0.0, 1.0, self.latest_s))
        self.on_the_way += 1
        self.scheduler.start("event", lambda: self._arrive(event), late_s)

    def _arrive(self, event: bytes) -> None:
        self.on_the_way -= 1
        self.platform.send(event)
