"""One storm: a world drawn from a seed, everything that may go wrong in it, and what is left.

Instances launch, attach and die faster than pools have room; events come twice, late, in any
order, in batches or not at all, rubbish among them; functions are killed at any call and overlap;
calls are throttled, cut and answered stale; clocks differ; policies are deployed; other people
change whatever there is. Sweeps go over it all the while. Then it is calm, and three more do.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from random import Random

from localcloud.api.gateway import Gateway
from localcloud.credentials import Key, Keyring
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
from .answers import Answers
from .audit import Audit
from .bus import Bus
from .bustle import Bustle, draw_kinds
from .calls import believe
from .deeds import Deeds
from .editions import Edition
from .findings import Finding
from .fleets import START
from .functioncompute import Platform, Weather
from .functions import INTERVAL_S, Functions
from .joins import Joins
from .judgement import Aftermath
from .people import People
from .rivals import Rival
from .scene import CLOCKS_APART_S, draw
from .scheduler import Scheduler
from .sights import History
from .standing import Bookkeeper, Standing
from .witness import Witness

CALM_S = 7200.0
STEP_S = 30.0
SWEEPS = 3
LAST_DEEDS_S = 120.0
TEMPLATE = Path(__file__).parents[2] / "template.yml"
MIRROR_KEY = Key(
    "STS.mirror", "secret", "token", token_required=True, principal="evermirror-mirror-cn-hongkong"
)
PEOPLE_KEYS = tuple(Key(f"key-of-{name}", "secret", principal=name) for name in ("ada", "ben"))


@cache
def patterns() -> tuple[Pattern, ...]:
    """What the product's own rules let through."""
    stack = read_stack(TEMPLATE, Deployment(ACCOUNT, REGION), {"Mode": "act"})
    return tuple(Pattern(rule.pattern) for rule in stack.rules)


class Storm:
    """A world and all that goes on in it, drawn from `seed`."""

    def __init__(self, seed: int) -> None:
        chance = Random(seed)
        scene = self.scene = draw(chance, seed)
        self.scheduler = Scheduler(START, chance)
        self.journal = Journal()
        self.faults = Faults(self.scheduler.now)
        self.faults.replace(scene.trouble)
        world = World(read_fleet(scene.fleet), START)
        keyring = Keyring((MIRROR_KEY, *PEOPLE_KEYS))
        self.gateway = Gateway(world, keyring, self.faults, self.journal)
        believe(self.gateway)
        down = tuple(START + moment for moment in _span(*scene.notify_down_s))
        self.weather = Weather(
            chance.choice((0.0, 0.1)), chance.choice((0.0, 0.1)), {"notify": (down[0], down[1])}
        )
        self.platform = Platform(
            self.scheduler,
            chance,
            self.weather,
            concurrency={"mirror": scene.writers, "notify": 10, "reconcile": 2},
            largest_batch=scene.theme.largest_batch or chance.choice((1, 5, 500)),
        )
        self._gather(world, chance)
        self.functions = Functions(
            scene,
            self.gateway,
            self.scheduler,
            chance,
            self.platform,
            self.witness,
            self.answers,
            {"mirror": MIRROR_KEY},
            deadliness=_either(scene.theme.deadliness, chance.choice((0.0, 0.01, 0.05))),
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
            losses=_either(scene.theme.losses, chance.choice((0.0, 0.1, 0.3))),
            repeats=1.0 if scene.theme.twice else chance.choice((0.0, 0.3)),
            latest_s=scene.theme.latest_s or chance.choice((5.0, 120.0)),
        )
        kinds = draw_kinds(chance, scene.theme)
        if scene.set_back_s > CLOCKS_APART_S:
            kinds -= {"rename"}  # a young session of somebody's would join a pool
        self.bustle = Bustle(self.people, self.platform, chance, kinds, scene.theme)
        self.deeds_to_do = chance.randint(5, 30)

    def _gather(self, world: World, chance: Random) -> None:
        """People, and everybody who looks on and judges."""
        scene = self.scene
        self.joins = Joins(tuple({one.edition: None for one in scene.deployments}))
        self.history = History(world, self.joins.note)
        self.deeds = Deeds()
        self.people = People(
            self.gateway,
            self.scheduler,
            chance,
            PEOPLE_KEYS,
            self.history,
            self.deeds,
            self.journal,
        )
        self.audit = Audit(
            self.history, self.people.added_since, self._joined_since, self._newest_edition
        )
        rival = Rival(self.people, scene.theme.rivals, scene.capacity)
        self.witness = Witness(
            world, self.history, self.audit, self.deeds, self.scheduler.now, rival
        )
        self.answers = Answers(world, self.scheduler, self.people, self.history, scene)

    def run(self) -> Aftermath:
        """The storm, the calm after it, and what is left."""
        scheduler, scene = self.scheduler, self.scene
        try:
            self.history.note(START)
            scheduler.start("bus", self.bus.carry)
            scheduler.start("people", lambda: self.bustle.go_on(self.deeds_to_do, scene.storm_s))
            if scene.sweeps_every_s is not None:
                scheduler.start("timer", self._sweep_all_the_while)
            scheduler.run(START + scene.storm_s)
            self._calm_down()
            self._until_idle()
            for _ in range(SWEEPS):
                scheduler.run(scheduler.now() + INTERVAL_S)
                self._sweep()
                self._until_idle()
            return self._aftermath()
        finally:
            scheduler.stop()

    def _sweep_all_the_while(self) -> None:
        while self.scheduler.now() < START + self.scene.storm_s:
            self.scheduler.sleep(self.scene.sweeps_every_s or 0.0)
            self._sweep()

    def _calm_down(self) -> None:
        self.scheduler.sleep(LAST_DEEDS_S)  # the last deeds end, and what they changed settles
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
        """The timer fires."""
        fired = moment(self.scheduler.now())
        event = {"triggerTime": fired, "triggerName": "sweep", "payload": ""}
        self.platform.fire("reconcile", json.dumps(event).encode())

    def _newest_edition(self) -> Edition:
        passed_s = self.scheduler.now() - START
        return [one for one in self.scene.deployments if one.at_s <= passed_s][-1].edition

    def _joined_since(self, at: float) -> bool:
        """Whether a person, or a deployment, changed what is in the pools."""
        deployed = (START + one.at_s for one in self.scene.deployments[1:])
        return self.people.joined_since(at) or any(when >= at for when in deployed)

    def _aftermath(self) -> Aftermath:
        scene, outcomes = self.scene, self.answers.outcomes
        told, dead = self.functions.told, self.platform.dead_letters
        edition, limits = scene.last.edition, scene.limits
        now = self.history.see(self.scheduler.now())
        standings = Bookkeeper(scene.last, now, scene.capacity, limits).standings()
        not_ours = self.people.added.keys() | self.audit.of_old_editions | self.audit.overlapping
        broken = [
            *judgement.mirrored_twice(edition, now, not_ours, self.joins.brought),
            *judgement.untold(self.witness.accepted, outcomes, self.people.left, dead),
            *judgement.unanswered(self.answers.asked, outcomes, dead),
            *judgement.ambiguous(told),
            *self._held_against_sweeps(standings),
        ]
        if not self.platform.is_idle:
            broken.append(Finding("unfinished", "two hours later something still goes on"))
        judges = (self.witness, self.audit, self.answers)
        return Aftermath(
            broken=[*broken, *(one for judge in judges for one in judge.broken)],
            verdicts=Counter(one["outcome"] for one in outcomes),
            journal=[
                (one["t"], one["action"], json.dumps(one["parameters"]), one["status"], one["code"])
                for one in self.journal.to_wire()
            ],
        )

    def _held_against_sweeps(self, standings: list[Standing]) -> list[Finding]:
        if not self.answers.sweeps:
            return [Finding("sweep", "no sweep ever ended well")]
        scene = self.scene
        sight, swept = self.answers.sweeps[-1]
        then = Bookkeeper(scene.last, sight, scene.capacity, scene.limits).standings()
        return [
            *judgement.unplaced(standings, self.answers.outcomes, swept),
            *judgement.miscounted(then, scene.last.edition, sight, swept),
        ]


def _either(wanted: float | None, drawn: float) -> float:
    return drawn if wanted is None else wanted


def _span(at: float, long: float) -> tuple[float, float]:
    return at, at + long
