"""The product's functions in a simulation: the real use cases, on a simulated network and clock.

This is the only place of the simulation that puts parts of the library together.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from evermirror.aliyun.budget import Budget
from evermirror.aliyun.ecs import Ecs
from evermirror.aliyun.endpoints import Endpoints
from evermirror.aliyun.filters import Filters
from evermirror.aliyun.rpc import Rpc
from evermirror.aliyun.vpc import Vpc
from evermirror.engine.learned import Learned
from evermirror.engine.reclaim import Reclaim
from evermirror.engine.removals import Removals
from evermirror.engine.run import Engine
from evermirror.events import parse
from evermirror.fleet import FleetReader
from evermirror.healing.healing import healing_of
from evermirror.healing.pace import Pace
from evermirror.log import Log
from evermirror.mirror import Mirror
from evermirror.model import Intent, Purpose
from evermirror.placement.limits import Limits
from evermirror.policy import Policy, compile_policy
from evermirror.reconcile.reclaiming import Suspects
from evermirror.reconcile.sweep import Reach, Sweep
from evermirror.settings import Mode, Reclaiming
from evermirror.stack_key import Recipient, StackKey
from localcloud.api.gateway import Gateway
from localcloud.credentials import Key
from tests.worlds import REGION

from .answers import Answers
from .audit import Terms
from .batches import Batches, Races
from .clocks import InstanceClock, RunClock
from .editions import Edition
from .execution import InAnyOrder
from .functioncompute import Platform
from .instances import Instance, Instances
from .network import Network, Way
from .policies import Deployment
from .scene import Scene
from .scheduler import Scheduler
from .witness import PLACE, RunWitness, Witness

MIRROR = f"acs:fc:{REGION}:{PLACE.account_id}:functions/mirror"
NOTIFY = f"acs:fc:{REGION}:{PLACE.account_id}:functions/notify"
KEY = StackKey(["c2ltdWxhdGlvbiwgc2lnbmVkIGJ5IGEga2V5IHRoYXQgaXMgcHVibGlj"])
TIMEOUT_S = 240.0
SWEEP_TIMEOUT_S = 1800.0
INTERVAL_S = 900.0
GRACE_S = 60.0
HEALS_PER_HOUR = 3
RECLAIMS = 1000
_PLACING = (Purpose.MIRROR, Purpose.HEAL)


def _is_signed(request: Mapping[str, object]) -> bool:
    return KEY.holds(request, Recipient(PLACE.account_id, REGION, "mirror"))


class _Nowhere(io.StringIO):
    """Keeps nothing of what is written to it."""

    def write(self, text: str) -> int:
        return len(text)


_UNREAD = Log(_Nowhere())
"""One for all storms: loggers are never forgotten, so one a run would make each storm slower."""


class Memory:
    """What an instance of mirror keeps from one run to the next."""

    def __init__(self, deployment: Deployment, clock: InstanceClock) -> None:
        self.pace = Pace(HEALS_PER_HOUR)
        self.learned = Learned()
        self.races = Races()
        self.budget = Budget(clock.monotonic, clock.scheduler.sleep, deployment.calls_per_minute)


@dataclass
class Functions:
    """mirror, reconcile and notify of one storm. `told` is what notify heard, in order."""

    scene: Scene
    gateway: Gateway
    scheduler: Scheduler
    chance: Random
    platform: Platform
    witness: Witness
    answers: Answers
    keys: dict[str, Key]
    deadliness: float = 0.0
    told: list[dict[str, Any]] = field(default_factory=list)
    coverage: list[dict[str, Any]] = field(default_factory=list)
    _policies: dict[Edition, Policy] = field(default_factory=dict)

    def __post_init__(self) -> None:
        began = self.scheduler.now()
        self._mirrors = Instances(self.scene, self.scheduler, self.chance, began, Memory)
        self._sweepers = Instances(self.scene, self.scheduler, self.chance, began, Memory)
        for deployment in self.scene.deployments:
            self._policy(deployment.edition)

    def mirror(self, payload: bytes, request_id: str) -> None:
        instance = self._mirrors.take()
        deployment, memory = instance.deployment, instance.memory
        clock = RunClock(instance.clock, self.scheduler.now() + TIMEOUT_S)
        intents = parse(payload, PLACE, clock.now(), request_id, _is_signed).intents
        watching = self._watching(intents, instance, deployment)
        rpc = self._rpc(clock, memory, watching)
        engine = Engine(
            place=PLACE,
            policy=self._policy(deployment.edition),
            limits=self._limits(deployment),
            sessions=Vpc(rpc),
            interfaces=Ecs(rpc),
            filters=Filters(rpc),
            clock=clock,
            executor=InAnyOrder(self.chance),
            learned=memory.learned,
            chance=self.chance.random,
        )
        mirror = Mirror(
            engine=engine,
            invoker=self.platform,
            log=_UNREAD,
            clock=clock,
            mode=Mode(deployment.mode),
            notify=NOTIFY,
            itself=MIRROR,
            reclaim=self._reclaim(engine),
            healing=lambda: healing_of(engine, memory.pace, hands_over=True),
            key=KEY,
            function="mirror",
        )
        with self.answers.of(intents, deployment) as heard:
            answer: Any = mirror.handle(payload, request_id, TIMEOUT_S)
            heard(answer)
            watching.ended(answer["outcomes"])
        self._mirrors.give_back(instance)

    def reconcile(self, payload: bytes, _request_id: str) -> None:
        instance = self._sweepers.take()
        deployment = instance.deployment
        clock = RunClock(instance.clock, self.scheduler.now() + SWEEP_TIMEOUT_S)
        watching = RunWitness(self.witness, self.keys["mirror"], self._terms(deployment))
        rpc = self._rpc(clock, instance.memory, watching)
        ecs = Ecs(rpc)
        sweep = Sweep(
            place=PLACE,
            policy=self._policy(deployment.edition),
            reader=FleetReader(Vpc(rpc), ecs, clock, Filters(rpc)),
            invoker=self.platform,
            log=_UNREAD,
            clock=clock,
            mode=Mode(deployment.mode),
            limits=self._limits(deployment),
            reach=Reach(MIRROR, NOTIFY, 1000),
            suspects=Suspects(ecs, clock, self._reclaiming, 50),
            key=KEY,
        )
        sight = self.answers.sweeps_from_now()
        self.answers.swept(sight, sweep.handle(payload))
        self._sweepers.give_back(instance)

    def notify(self, payload: bytes, _request_id: str) -> None:
        publication = json.loads(payload)
        self.told.extend(publication["outcomes"])
        if "coverage" in publication:
            self.coverage.append(publication["coverage"])

    @property
    def _reclaiming(self) -> Reclaiming:
        return Reclaiming.ON if self.scene.reclaims else Reclaiming.REPORT

    def _reclaim(self, engine: Engine) -> Reclaim | None:
        if not self.scene.reclaims:
            return None
        return Reclaim(
            engine.place,
            engine.policy,
            engine.sessions,
            engine.interfaces,
            engine.clock,
            Removals(RECLAIMS),
            engine.limits.stale_bound_s,
        )

    def _policy(self, edition: Edition) -> Policy:
        if edition not in self._policies:
            self._policies[edition] = compile_policy(edition.document())
        return self._policies[edition]

    def _limits(self, deployment: Deployment) -> Limits:
        return Limits(
            sources_per_session=self.scene.capacity,
            sources_per_call=self.scene.sources_per_call,
            sources_per_create=self.scene.sources_per_create,
            allow_growth=deployment.allow_growth,
            max_sources=deployment.max_sources,
            grace_s=GRACE_S,
            period_s=INTERVAL_S,
        )

    def _terms(self, deployment: Deployment) -> Terms:
        return Terms(
            deployment.edition,
            deployment.mode == "act",
            deployment.max_sources,
            self.scene.stale_s,
            self.scene.describes_stale_s,
            self.scene.capacity,
        )

    def _watching(
        self, intents: Iterable[Intent], instance: Instance[Memory], deployment: Deployment
    ) -> RunWitness:
        scene, terms = self.scene, self._terms(deployment)
        wanted = list(intents)
        batches = Batches(
            self.witness.history,
            terms,
            instance.memory.races,
            self.scheduler.now(),
            tuple(_named([one for one in wanted if one.purpose is why]) for why in _PLACING),
            scene.capacity,
            1 < scene.sources_per_call <= scene.limits["sources_per_call"],
        )
        causes = ((one.cause.source, one.cause.id) for one in wanted)
        return RunWitness(self.witness, self.keys["mirror"], terms, causes, batches)

    def _rpc(self, clock: RunClock, memory: Memory, watching: RunWitness) -> Rpc:
        way = Way(
            self.gateway,
            self.scheduler,
            self.chance,
            self.keys["mirror"],
            clock.ends_at,
            self.deadliness,
            self.scene.page,
        )
        return Rpc(
            Network(way, watching),
            Endpoints(REGION, "http://simulated"),
            httpx.Auth(),
            REGION,
            memory.budget,
            clock.monotonic,
        )


def _named(intents: Iterable[Intent]) -> frozenset[str]:
    return frozenset(one.network_interface_id or "" for one in intents)
