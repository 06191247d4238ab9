"""The product's functions in a simulation: the real use cases, on a simulated network and clock."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, TypeVar
from uuid import UUID

import httpx

from evermirror.aliyun.budget import Budget
from evermirror.aliyun.credentials import Credentials
from evermirror.aliyun.ecs import Ecs
from evermirror.aliyun.endpoints import Endpoints
from evermirror.aliyun.filters import Filters
from evermirror.aliyun.rpc import Rpc
from evermirror.aliyun.signing import Acs3Auth
from evermirror.aliyun.vpc import Vpc
from evermirror.coverage import Terms
from evermirror.engine.learned import Learned
from evermirror.engine.reclaim import Reclaim
from evermirror.engine.run import Engine
from evermirror.engine.state import Limits
from evermirror.events import parse
from evermirror.fleet import FleetReader
from evermirror.healing.healing import healing_of
from evermirror.healing.pace import Pace
from evermirror.log import Log
from evermirror.mirror import Mirror
from evermirror.model import Place
from evermirror.reconcile.reclaiming import Suspects
from evermirror.reconcile.sweep import Reach, Sweep
from evermirror.settings import Mode, Reclaiming
from localcloud.api.gateway import Gateway
from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET
from tests.worlds import ACCOUNT, REGION

from .functioncompute import Platform
from .network import Network
from .people import People
from .scene import Scene
from .scheduler import Scheduler
from .witness import RunWitness, Witness

MIRROR = f"acs:fc:{REGION}:{ACCOUNT}:functions/mirror"
NOTIFY = f"acs:fc:{REGION}:{ACCOUNT}:functions/notify"
PLACE = Place(ACCOUNT, REGION)
TIMEOUT_S = 240.0
INTERVAL_S = 900.0
LONGEST_STALE_S = 15.0
HEALS_PER_HOUR = 3
COVERED = frozenset({"mirrored", "already_mirrored", "healed"})

T = TypeVar("T")


class _Nowhere(io.StringIO):
    """Keeps nothing of what is written to it."""

    def write(self, text: str) -> int:
        return len(text)


_UNREAD = Log(_Nowhere())
"""One for all storms: loggers are never forgotten, so one a run would make each storm slower."""


class InAnyOrder:
    """Runs calls one after the other in an order of chance; each may be the last of its run."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def run(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        places = list(range(len(calls)))
        self._chance.shuffle(places)
        answers = {place: calls[place]() for place in places}
        return [answers[place] for place in range(len(calls))]


@dataclass
class Functions:
    """mirror, reconcile and notify of one storm. `told` is what notify heard, in order."""

    scene: Scene
    gateway: Gateway
    scheduler: Scheduler
    chance: Random
    platform: Platform
    witness: Witness
    people: People
    deadliness: float = 0.0
    told: list[dict[str, Any]] = field(default_factory=list)
    coverage: list[dict[str, Any]] = field(default_factory=list)
    lies: list[str] = field(default_factory=list)
    _pace: Pace = field(default_factory=lambda: Pace(HEALS_PER_HOUR))
    _learned: Learned = field(default_factory=Learned)

    def mirror(self, payload: bytes, request_id: str) -> None:
        intents = parse(payload, PLACE, self.scheduler.now(), request_id).intents
        causes = ((one.cause.source, one.cause.id) for one in intents)
        rpc = self._rpc(RunWitness(self.witness, causes))
        engine = Engine(
            place=PLACE,
            policy=self.scene.policy,
            limits=self._limits(),
            sessions=Vpc(rpc),
            interfaces=Ecs(rpc),
            clock=self.scheduler,
            executor=InAnyOrder(self.chance),
            learned=self._learned,
            chance=self.chance.random,
        )
        started = self.scheduler.now()
        answer = Mirror(
            engine=engine,
            invoker=self.platform,
            log=_UNREAD,
            clock=self.scheduler,
            mode=Mode.ACT,
            notify=NOTIFY,
            itself=MIRROR,
            reclaim=self._reclaim(engine),
            healing=lambda: healing_of(engine, self._pace, hands_over=True),
        ).handle(payload, request_id, TIMEOUT_S)
        self._hear(answer["outcomes"], started)

    def reconcile(self, payload: bytes, _request_id: str) -> None:
        rpc = self._rpc(RunWitness(self.witness, ()))
        terms = Terms(
            grace_s=60.0,
            period_s=INTERVAL_S,
            sources_per_session=self.scene.capacity,
            max_sources=self.scene.max_sources,
            growing=self.scene.allow_growth,
        )
        ecs = Ecs(rpc)
        Sweep(
            place=PLACE,
            policy=self.scene.policy,
            reader=FleetReader(Vpc(rpc), ecs, self.scheduler, Filters(rpc)),
            invoker=self.platform,
            log=_UNREAD,
            clock=self.scheduler,
            mode=Mode.ACT,
            terms=terms,
            reach=Reach(MIRROR, NOTIFY, 1000),
            suspects=Suspects(ecs, self.scheduler, self._reclaiming, 50),
        ).handle(payload)

    def notify(self, payload: bytes, _request_id: str) -> None:
        publication = json.loads(payload)
        self.told.extend(publication["outcomes"])
        if "coverage" in publication:
            self.coverage.append(publication["coverage"])

    def _hear(self, outcomes: Any, started: float) -> None:
        """Whoever is told that an interface is mirrored must find it so, or somebody undid it."""
        for one in outcomes:
            source, session_id = one["network_interface_id"], one["session_id"]
            if one["outcome"] not in COVERED or source in self.people.left:
                continue
            undone_at = self.people.undone_at.get((session_id, source), 0.0)
            known_at = max(started - LONGEST_STALE_S, _heard_of(one))
            if undone_at <= known_at and not self._is_so(session_id, source):
                self.lies.append(
                    f"{source or 'switched on'} was told of {session_id}, and is not so"
                )

    def _is_so(self, session_id: str, source: str | None) -> bool:
        """Whether the session holds the source, or, if that is None, whether it is enabled."""
        session = self.gateway.world.sessions.find(session_id)
        if session is None:
            return False
        return session.enabled if source is None else source in session.sources

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
            engine.limits.stale_bound_s,
        )

    def _limits(self) -> Limits:
        return Limits(
            sources_per_session=self.scene.capacity,
            sources_per_call=self.scene.sources_per_call,
            allow_growth=self.scene.allow_growth,
            max_sources=self.scene.max_sources,
        )

    def _rpc(self, witness: RunWitness) -> Rpc:
        network = Network(self.gateway, self.scheduler, self.chance, self.deadliness, witness)
        auth = Acs3Auth(
            lambda: Credentials(ACCESS_KEY_ID, ACCESS_KEY_SECRET),
            self.scheduler.now,
            lambda: UUID(int=self.chance.getrandbits(128)).hex,
        )
        return Rpc(
            httpx.Client(transport=network),
            Endpoints(REGION, "http://simulated"),
            auth,
            REGION,
            Budget(self.scheduler.now, self.scheduler.sleep, 1e9),
            self.scheduler.now,
        )


def _heard_of(outcome: dict[str, Any]) -> float:
    """Until when a heal knows what was undone: of its own record's deed it can be in no doubt."""
    tampering = outcome.get("tampering")
    if outcome["outcome"] != "healed" or tampering is None or tampering["at"] is None:
        return 0.0
    # A record's time is cut to the second.
    return datetime.fromisoformat(tampering["at"].replace("Z", "+00:00")).timestamp() + 0.999
