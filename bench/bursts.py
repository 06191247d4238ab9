"""How fast and at how many calls the engine covers a lone interface, a burst, a growing pool.

In stepped time: sessions settle in exactly three seconds, a call takes none. The measure beside
each figure is the ideal: every session is given one change after another, each as soon as the one
before has settled, and no call is made but those. A contender gets a cloud and intents, and says
when it knew each interface to be mirrored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import Any

from bench.comparators import Events, samples, terraform
from bench.stepped import REGION, START, OneByOne, SteppedCloud
from evermirror.aliyun.ecs import Ecs
from evermirror.aliyun.filters import Filters
from evermirror.aliyun.vpc import Vpc
from evermirror.engine.result import Deadlines
from evermirror.engine.run import Engine
from evermirror.model import Cause, Intent, Place, Verdict
from evermirror.placement.limits import Limits
from evermirror.policy import Policy, Pool
from evermirror.policy.sessions import Growth, Target

ACCOUNT = "1234567890123456"
SETTLE_S = 3.0
INTERFACES, SESSIONS, ROOM = 1000, 150, 10
FILTER = "tmf-j6c00000000000000001"
BALANCERS = 3
FIRST_SENSOR = 100_000
SESSIONS_A_SENSOR = 2
"""An interface takes 20 sources (VPC, quotas of traffic mirroring), so two sessions of ten."""
Line = tuple[str, float, str]


@dataclass(frozen=True)
class Case:
    """One world and what happens in it. `rate` is calls a minute, None without a limit.

    With `sensors` the sessions mirror to interfaces of instances instead of load balancers.
    """

    name: str
    interfaces: int = INTERFACES
    sessions: int = SESSIONS
    sources_per_call: int = 1
    rate: int | None = None
    launches: bool = False
    grows: bool = False
    sensors: bool = False

    def fleet(self) -> dict[str, Any]:
        return {
            "settle_s": SETTLE_S,
            "limits": {
                "requests_per_minute": self.rate,
                "sources_per_call": self.sources_per_call,
                "sources_per_session": ROOM,
                "sources_per_slb_target": 500,
            },
            "filters": [{"id": FILTER, "rules": 1}],
            "slbs": [{"id": _balancer(number)} for number in range(BALANCERS)],
            "instances": [{"id": _instance(n)} for n in self._numbers()],
            "network_interfaces": [
                {"id": _interface(n), "instance": _instance(n)} for n in self._numbers()
            ],
            "sessions": [
                {**_session(n), **(_to_sensor(n) if self.sensors else {})}
                for n in range(self.sessions)
            ],
        }

    def _numbers(self) -> list[int]:
        """Of all instances, each with its interface; the last are those that are mirrored to."""
        sensors = range(FIRST_SENSOR, FIRST_SENSOR + self.sessions // SESSIONS_A_SENSOR)
        return [*range(self.interfaces), *(sensors if self.sensors else ())]

    def intents(self) -> list[Intent]:
        """What mirror is told, all of it in the same moment."""
        return [
            Intent(
                Cause("acs.ecs", f"event-{n}"),
                network_interface_id=None if self.launches else _interface(n),
                instance_id=_instance(n) if self.launches else None,
                occurred_at=START,
                first_seen=START,
            )
            for n in range(self.interfaces)
        ]

    @property
    def ideal_s(self) -> list[float]:
        """When each interface is covered at best, in seconds from the event."""
        at_once = self.interfaces if self.grows else self.sessions * self.sources_per_call
        return [ceil((n + 1) / at_once) * SETTLE_S for n in range(self.interfaces)]


LONE = Case("lone", interfaces=1)
LONE_TO_A_SENSOR = Case("lone_to_a_sensor", interfaces=1, sensors=True)
CASES = (
    LONE,
    LONE_TO_A_SENSOR,
    Case("burst"),
    Case("burst_at_600", rate=600),
    Case("burst_of_ten", sources_per_call=10),
    Case("growth", sessions=0, sources_per_call=10, grows=True),
    Case("launches", launches=True),
)
Contender = Callable[[Case, SteppedCloud], Mapping[str, float]]
"""Covers the interfaces, and says when it knew of each, in seconds from the event."""


@dataclass(frozen=True)
class Measured:
    """What a contender came to."""

    covered_s: Sequence[float]
    calls: int
    lost: int
    twice: int


def evermirror(case: Case, cloud: SteppedCloud) -> Mapping[str, float]:
    """Our own engine, and the hand-overs of a function that may work for three minutes."""
    rpc = cloud.rpc(case.rate or 1e9)
    growth = Growth(FILTER, _targets(), 1000, 2000, 200, "bench") if case.grows else None
    pool = Pool("all", tuple(_session(n)["id"] for n in range(case.sessions)), growth=growth)
    engine = Engine(
        place=Place(ACCOUNT, REGION),
        policy=Policy({"all": pool}, (), "all"),
        limits=Limits(
            sources_per_session=ROOM, sources_per_call=case.sources_per_call, allow_growth=True
        ),
        sessions=Vpc(rpc),
        interfaces=Ecs(rpc),
        filters=Filters(rpc),
        clock=cloud.clock,
        executor=OneByOne(),
    )
    found: dict[str, float] = {}
    intents: Sequence[Intent] = case.intents()
    while intents:
        now = cloud.clock.now()
        result = engine.run(intents, Deadlines(now + 180, now + 195), acting=True)
        for outcome in result.outcomes:
            if outcome.verdict is Verdict.MIRRORED and outcome.network_interface_id:
                found[outcome.network_interface_id] = outcome.attached_to_mirrored_s or 0.0
        intents = result.unfinished
    return found


def _others(way: Callable[[SteppedCloud, Events], Mapping[str, float]]) -> Contender:
    def contender(case: Case, cloud: SteppedCloud) -> Mapping[str, float]:
        told = [(one.network_interface_id, one.instance_id) for one in case.intents()]
        return way(cloud, told)

    return contender


CONTENDERS: Mapping[str, Contender] = {
    "evermirror": evermirror,
    "terraform_pattern": _others(terraform),
    "samples_pattern": _others(samples),
}


def measured(case: Case, contender: Contender) -> Measured:
    cloud = SteppedCloud(case.fleet())
    covered = contender(case, cloud)
    calls = cloud.calls
    places = cloud.places()
    wanted = [_interface(n) for n in range(case.interfaces)]
    return Measured(
        covered_s=sorted(covered.values()),
        calls=calls,
        lost=sum(places[i] == 0 or i not in covered for i in wanted),
        twice=sum(places[i] > 1 for i in wanted),
    )


def bursts() -> list[Line]:
    """Every row, for each contender."""
    lines: list[Line] = []
    for name, contender in CONTENDERS.items():
        for case in CASES:
            lines += _lines(f"{case.name}_{name}", case, measured(case, contender))
    return lines


def _lines(name: str, case: Case, found: Measured) -> list[Line]:
    lines: list[Line] = [
        (f"{name}_lost", found.lost, "interfaces"),
        (f"{name}_twice", found.twice, "interfaces"),
        (f"{name}_calls", found.calls / case.interfaces, "calls/interface"),
    ]
    if not found.covered_s:
        return lines
    ideal = case.ideal_s
    last = found.covered_s[-1]
    lines += [
        (f"{name}_median", median(found.covered_s), "s"),
        (f"{name}_last", last, "s"),
    ]
    if found.lost:  # to be early with a few of them is no merit
        return lines
    lines += [
        (f"{name}_median_to_ideal", median(found.covered_s) / median(ideal), "ratio"),
        (f"{name}_last_to_ideal", last / ideal[-1], "ratio"),
        (f"{name}_last_in_settle_times", last / SETTLE_S, "settle times"),
    ]
    if case.rate is not None:
        bound = max(2 * ideal[-1], found.calls / case.rate * 60)
        lines.append((f"{name}_last_to_bound", last / bound, "ratio"))
    return lines


def _interface(number: int) -> str:
    return f"eni-j6c{number:015}"


def _instance(number: int) -> str:
    return f"i-j6c{number:016}"


def _balancer(number: int) -> str:
    return f"lb-j6c{number:017}"


def _to_sensor(number: int) -> dict[str, Any]:
    sensor = FIRST_SENSOR + number // SESSIONS_A_SENSOR
    return {"target": _interface(sensor), "target_type": "NetworkInterface"}


def _targets() -> tuple[Target, ...]:
    return tuple(Target(_balancer(number), "SLB") for number in range(BALANCERS))


def _session(number: int) -> dict[str, Any]:
    return {
        "id": f"tms-j6c{number:017}",
        "filter": FILTER,
        "target": _balancer(number % BALANCERS),
        "target_type": "SLB",
        "priority": number + 1,
        "enabled": True,
        "created": "2026-01-01T00:00:00Z",
    }
