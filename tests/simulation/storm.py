"""One storm: a world drawn from a seed, deliveries in any order, and what is left afterwards.

Events come twice, late and in batches; mirror is killed at any call; calls are throttled, cut
before and after, truncated; changes fail in the background; Lists are stale; a second writer
works at the same time; other people take room. Afterwards every interface must be mirrored
exactly once, or carry an outcome that says why it is not.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

import httpx

from evermirror.aliyun.budget import Budget
from evermirror.aliyun.credentials import Credentials
from evermirror.aliyun.ecs import Ecs
from evermirror.aliyun.endpoints import Endpoints
from evermirror.aliyun.rpc import Rpc
from evermirror.aliyun.signing import Acs3Auth
from evermirror.aliyun.vpc import Vpc
from evermirror.engine.run import Engine
from evermirror.engine.state import Limits
from evermirror.log import Log
from evermirror.mirror import Mirror
from evermirror.model import Place
from evermirror.policy import Policy, Pool
from evermirror.policy.sessions import Growth, Target
from evermirror.settings import Mode
from localcloud.api.gateway import Gateway
from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET, Keyring
from localcloud.faults import Faults
from localcloud.journal import Journal
from localcloud.world.fleet import read_fleet
from localcloud.world.world import World
from tests.worlds import ACCOUNT, REGION, a_fleet, attached, eni, tms

from .transport import KilledError, SimulatedNetwork, SteppedClock

START = 1_800_000_000.0
ADD = "AddSourcesToTrafficMirrorSession"
CREATE = "CreateTrafficMirrorSession"
LIST = "ListTrafficMirrorSessions"
MIRROR = f"acs:fc:{REGION}:{ACCOUNT}:functions/mirror"
CALM_AFTER = 60
LONGEST = 400
EXCUSES = {"unconfirmed", "deferred"}

GROWTH = Growth(
    filter_id="tmf-j6c00000000000000001",
    targets=(Target("lb-j6c00000000000000001", "SLB"), Target("lb-j6c00000000000000002", "SLB")),
    first_priority=1000,
    last_priority=1100,
    max_sessions=60,
    name="grown",
)

Delivery = dict[str, Any]


@dataclass
class Aftermath:
    """What a storm left: anything in the first four is a broken promise."""

    doubled: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    lies: list[str] = field(default_factory=list)
    ambiguous: list[str] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    journal: list[tuple[object, ...]] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.doubled or self.lost or self.lies or self.ambiguous)


class Inbox:
    """Where mirror's hand-overs arrive: they are delivered like everything else."""

    def __init__(self, waiting: list[Delivery]) -> None:
        self._waiting = waiting

    def invoke(self, _function_arn: str, payload: bytes, _deduplication_id: str) -> None:
        self._waiting.extend(json.loads(payload))


class Storm:
    """A world and the deliveries that are still to come, all of it drawn from `seed`."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.capacity = self.chance.choice([3, 5, 10])
        self.interfaces = self.chance.randint(3, 25)
        needed = -(-self.interfaces // self.capacity)
        self.grows = self.chance.random() < 0.4
        # A pool that grows has too few sessions, or none; any other has more than it needs.
        spare = self.chance.randint(1, 3)
        self.sessions = max(0, needed - spare) if self.grows else needed + spare
        self.sources_per_create = self.chance.choice([1, self.capacity])
        self.clock = SteppedClock(START)
        self.journal = Journal()
        self.gateway = self._gateway(seed)
        self.waiting = self._deliveries(seed)
        self.told: list[dict[str, Any]] = []
        self.deadliness = self.chance.choice([0.0, 0.01, 0.05])
        self._at_once = self.chance.choice([0.0, 0.02])
        self._nested = False

    def run(self) -> Aftermath:
        """Delivers until nothing waits any more, and says what is left."""
        for round_ in range(LONGEST):
            if not self.waiting:
                break
            self._deliver(deadly=round_ < CALM_AFTER)
        self.clock.sleep(1000)
        return self._aftermath()

    def _gateway(self, seed: int) -> Gateway:
        chance = self.chance
        fleet = a_fleet(
            list(range(1, self.interfaces + 1)),
            list(range(1, self.sessions + 1)),
            seed=seed,
            settle_s=[1.0, chance.choice([3.0, 12.0])],
            slbs=[{"id": "lb-j6c00000000000000001"}, {"id": "lb-j6c00000000000000002"}],
            limits={
                "requests_per_minute": None,
                "sources_per_session": self.capacity,
                "sources_per_create": chance.choice([1, 10]),
            },
            behaviour={
                "stale_list_s": chance.choice([0, 0, 4]),
                "remember_failures": chance.random() < 0.5,
                "pending_listed": chance.random() < 0.2,
            },
        )
        faults = Faults(self.clock.now)
        faults.replace(_trouble(chance, seed))
        world = World(read_fleet(fleet), START)
        return Gateway(world, Keyring(), faults, self.journal)

    def _deliveries(self, seed: int) -> list[Delivery]:
        chance = self.chance
        deliveries = [
            attached(number, f"{seed}-{number}-{chance.randint(0, 1)}")
            for number in range(1, self.interfaces + 1)
            for _ in range(chance.choice([1, 1, 2]))
        ]
        chance.shuffle(deliveries)
        return deliveries

    def _deliver(self, *, deadly: bool) -> None:
        size = self.chance.randint(1, 8)
        batch, self.waiting[:] = self.waiting[:size], self.waiting[size:]
        mirror = self._mirror(self.deadliness if deadly else 0.0)
        try:
            answer = mirror.handle(json.dumps(batch).encode(), "request", 240.0)
        except KilledError:
            # The queue delivers again what was not acknowledged, sooner or later.
            self.waiting.extend(batch)
            self.clock.sleep(self.chance.choice([0.0, 1.0, 3.0]))
            return
        outcomes: Any = answer["outcomes"]
        self.told.extend(outcomes)

    def _meanwhile(self) -> None:
        """Another invocation of mirror runs while this one waits for an answer."""
        if self._nested or not self.waiting or self.chance.random() >= self._at_once:
            return
        self._nested = True
        try:
            self._deliver(deadly=True)
        finally:
            self._nested = False

    def _mirror(self, deadliness: float) -> Mirror:
        network = SimulatedNetwork(
            self.gateway, self.clock, self.chance, deadliness, self._meanwhile
        )
        auth = Acs3Auth(
            lambda: Credentials(ACCESS_KEY_ID, ACCESS_KEY_SECRET),
            self.clock.now,
            lambda: UUID(int=self.chance.getrandbits(128)).hex,
        )
        rpc = Rpc(
            httpx.Client(transport=network),
            Endpoints(REGION, "http://simulated"),
            auth,
            REGION,
            Budget(self.clock.now, self.clock.sleep, 1e9),
            self.clock.now,
        )
        sessions = tuple(tms(number) for number in range(1, self.sessions + 1))
        pool = Pool("all", sessions, growth=GROWTH if self.grows else None)
        engine = Engine(
            place=Place(ACCOUNT, REGION),
            policy=Policy(pools={"all": pool}, default="all"),
            limits=Limits(
                sources_per_session=self.capacity,
                sources_per_create=self.sources_per_create,
                allow_growth=True,
            ),
            sessions=Vpc(rpc),
            interfaces=Ecs(rpc),
            clock=self.clock,
            executor=OneByOne(),
            chance=self.chance.random,
        )
        log = Log(io.StringIO())
        return Mirror(
            engine, Inbox(self.waiting), log, self.clock, Mode.ACT, notify=None, itself=MIRROR
        )

    def _aftermath(self) -> Aftermath:
        state = json.loads(self.gateway.world.state(self.clock.now()).model_dump_json())
        listed = Counter(source for one in state["sessions"] for source in one["sources"])
        wanted = [eni(number) for number in range(1, self.interfaces + 1)]
        told = {one["network_interface_id"]: one["outcome"] for one in self.told}
        covered = {i for i, verdict in told.items() if verdict.endswith("mirrored")}
        return Aftermath(
            doubled=[i for i, count in listed.items() if count > 1],
            lost=[i for i in wanted if i not in listed and told.get(i) not in EXCUSES],
            lies=sorted(i for i in covered if i not in listed),
            ambiguous=_ambiguous(self.told),
            verdicts=Counter(one["outcome"] for one in self.told),
            journal=[
                (one["t"], one["action"], json.dumps(one["parameters"]), one["status"], one["code"])
                for one in self.journal.to_wire()
            ],
        )


class OneByOne:
    """Runs calls in their order: what a thread pool does in any order must come out alike."""

    def run(self, calls: Any) -> list[Any]:
        return [call() for call in calls]


def _trouble(chance: Random, seed: int) -> list[dict[str, Any]]:
    kinds: list[dict[str, Any]] = [
        {"reset": "after"},
        {"reset": "before"},
        {"throttle": True, "retry_after_ms": 500},
        {"background_failure": True},
        {"error": "InternalError", "status": 500},
    ]
    faults: list[dict[str, Any]] = [
        {"action": action, "when": {"probability": chance.choice([0.05, 0.2])}, "do": kind}
        for action in (ADD, CREATE)
        for kind in kinds
        if chance.random() < 0.4
    ]
    if chance.random() < 0.4:
        stale = {"stale_s": chance.choice([3, 8])}
        faults.append({"action": LIST, "when": {"probability": 0.1}, "do": stale})
    if chance.random() < 0.3:
        faults.append({"action": "*", "when": {"probability": 0.05}, "do": {"truncate": 20}})
    return [{**fault, "seed": seed + number} for number, fault in enumerate(faults)]


def _ambiguous(told: list[dict[str, Any]]) -> list[str]:
    """Outcome ids that stand for more than one thing."""
    meanings: dict[str, set[tuple[str, ...]]] = {}
    for one in told:
        covered = one["outcome"].endswith("mirrored") and one["outcome"] != "would_mirror"
        meaning = (
            one["cause"]["source"],
            one["cause"]["id"],
            one["network_interface_id"] or "",
            "covered" if covered else one["outcome"],
        )
        meanings.setdefault(one["outcome_id"], set()).add(meaning)
    return [outcome_id for outcome_id, found in meanings.items() if len(found) > 1]
