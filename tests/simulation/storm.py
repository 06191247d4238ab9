"""One storm: a world drawn from a seed, everything that may go wrong in it, and what is left.

Instances launch, attach and die faster than pools have room; events come twice, late, in any
order, in batches or not at all; functions are killed at any call and overlap; calls are throttled,
cut and answered stale; other people change sessions. Then it is calm, and two sweeps go over it.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from random import Random

from localcloud.api.gateway import Gateway
from localcloud.credentials import Keyring
from localcloud.eventbridge.patterns import Pattern
from localcloud.faults import Faults
from localcloud.functioncompute.stack import read_stack
from localcloud.functioncompute.template import Deployment
from localcloud.journal import Journal
from localcloud.world.fleet import read_fleet
from localcloud.world.moments import to_the_second as moment
from localcloud.world.world import World
from tests.worlds import ACCOUNT, REGION

from . import judgement
from .bus import Bus
from .functioncompute import Platform, Weather
from .functions import INTERVAL_S, Functions
from .judgement import Aftermath
from .people import People
from .scene import draw
from .scheduler import Scheduler
from .witness import Witness

START = 1_800_000_000.0
STORM_S = 300.0
CALM_S = 7200.0
STEP_S = 30.0
SWEEPS = 3
TEMPLATE = Path(__file__).parents[2] / "template.yml"


@cache
def patterns() -> tuple[Pattern, ...]:
    """What the product's own rules let through."""
    stack = read_stack(TEMPLATE, Deployment(ACCOUNT, REGION), {"Mode": "act"})
    return tuple(Pattern(rule.pattern) for rule in stack.rules)


class Storm:
    """A world and all that goes on in it, drawn from `seed`."""

    def __init__(self, seed: int) -> None:
        chance = Random(seed)
        self.scene = draw(chance, seed)
        self.scheduler = Scheduler(START, chance)
        self.journal = Journal()
        self.faults = Faults(self.scheduler.now)
        self.faults.replace(self.scene.trouble)
        world = World(read_fleet(self.scene.fleet), START)
        self.gateway = Gateway(world, Keyring(), self.faults, self.journal)
        self.witness = Witness()
        self.weather = Weather(chance.choice((0.0, 0.1)), chance.choice((0.0, 0.1)))
        self.platform = Platform(
            self.scheduler,
            chance,
            self.weather,
            concurrency={"mirror": chance.choice((1, 2, 3)), "notify": 10},
            largest_batch=chance.choice((1, 5, 500)),
        )
        self.people = People(self.gateway, self.scheduler, chance)
        self.functions = Functions(
            self.scene,
            self.gateway,
            self.scheduler,
            chance,
            self.platform,
            self.witness,
            self.people,
            deadliness=chance.choice((0.0, 0.01, 0.05)),
        )
        self.platform.functions.update(
            mirror=self.functions.mirror,
            notify=self.functions.notify,
            reconcile=self.functions.reconcile,
        )
        self.bus = Bus(
            self.gateway,
            self.scheduler,
            chance,
            self.platform,
            patterns(),
            losses=chance.choice((0.0, 0.1, 0.3)),
            repeats=chance.choice((0.0, 0.3)),
            latest_s=chance.choice((5.0, 120.0)),
        )
        self.deeds = chance.randint(5, 30)

    def run(self) -> Aftermath:
        """The storm, the calm after it, and what is left."""
        scheduler = self.scheduler
        try:
            scheduler.start("bus", self.bus.carry)
            scheduler.start("people", lambda: self.people.bustle(self.deeds, STORM_S))
            scheduler.run(START + STORM_S)
            self._calm_down()
            self._until_idle()
            for _ in range(SWEEPS):
                self._sweep()
                self._until_idle()
            return self._aftermath()
        finally:
            scheduler.stop()

    def _calm_down(self) -> None:
        self.scheduler.sleep(120.0)  # the last deeds end, and what they changed settles
        self.faults.replace([])
        self.weather.calm = True
        self.functions.deadliness = 0.0
        self.bus.reliable = True

    def _until_idle(self) -> None:
        end = self.scheduler.now() + CALM_S
        idle = 0
        while idle < 4 and self.scheduler.now() < end:
            self.scheduler.run(self.scheduler.now() + STEP_S)
            idle = idle + 1 if self.platform.is_idle and not self.bus.on_the_way else 0

    def _sweep(self) -> None:
        """The timer fires, as often as the interval says."""
        self.scheduler.run(self.scheduler.now() + INTERVAL_S)
        fired = moment(self.scheduler.now())
        event = {"triggerTime": fired, "triggerName": "sweep", "payload": ""}
        self.platform.invoke("functions/reconcile", json.dumps(event).encode(), f"t-{fired}")

    def _aftermath(self) -> Aftermath:
        state = self.gateway.world.state(self.scheduler.now())
        world = judgement.World(state, self.people.added)
        told = self.functions.told
        broken = [
            *judgement.judge(world, self.scene, told, self.functions.coverage),
            *judgement.untold(
                self.witness.accepted, told, self.people.left, self.platform.dead_letters
            ),
            *judgement.ambiguous(told),
        ]
        if not self.platform.is_idle:
            broken.append("two hours after the storm, something still goes on")
        return Aftermath(
            broken=[*broken, *self.witness.broken, *self.functions.lies],
            verdicts=Counter(one["outcome"] for one in told),
            journal=[
                (one["t"], one["action"], json.dumps(one["parameters"]), one["status"], one["code"])
                for one in self.journal.to_wire()
            ],
        )
