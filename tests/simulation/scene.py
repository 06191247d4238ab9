"""What a storm begins with: a fleet, a policy over it, and how rough it will be; all by chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from evermirror.policy import Policy, compile_policy
from tests.worlds import a_session, an_interface, instance, tms

FILTER = "tmf-j6c00000000000000001"
BALANCERS = ("lb-j6c00000000000000001", "lb-j6c00000000000000002")
POOLS = ("fixed", "found", "grown")
LOWEST_GROWN = 1000
UNSUPPORTED = "ecs.old.large"
SUPPORTED = "ecs.g7.large"

ADD = "AddSourcesToTrafficMirrorSession"
CREATE = "CreateTrafficMirrorSession"
REMOVE = "RemoveSourcesFromTrafficMirrorSession"
LIST = "ListTrafficMirrorSessions"


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that is drawn before the first event."""

    fleet: Mapping[str, Any]
    policy: Policy
    capacity: int
    sources_per_call: int
    allow_growth: bool
    max_sources: int | None
    reclaims: bool
    trouble: list[dict[str, Any]] = field(default_factory=list)


def draw(chance: Random, seed: int) -> Scene:
    capacity = chance.choice((2, 3, 5))
    fixed, found = chance.randint(1, 3), chance.randint(0, 2)
    standing = chance.randint(1, 4)
    sources_per_call = chance.choice((1, 1, 3))
    return Scene(
        fleet={
            "seed": seed,
            "settle_s": [1.0, chance.choice((3.0, 12.0))],
            "limits": {
                "requests_per_minute": chance.choice((None, None, 600)),
                "sources_per_session": capacity,
                "sources_per_call": chance.choice((1, sources_per_call)),
                "sources_per_create": chance.choice((1, 10)),
            },
            "behaviour": _behaviour(chance),
            "slbs": [{"id": balancer} for balancer in BALANCERS],
            "filters": [{"id": FILTER, "rules": 1}],
            "instances": [_instance(number, chance) for number in range(1, standing + 1)],
            "network_interfaces": [
                an_interface(number, tags={}) for number in range(1, standing + 1)
            ],
            "sessions": [
                *(a_session(number, name=f"fixed-{number}") for number in range(1, fixed + 1)),
                *(
                    a_session(number, name=f"found-{number}")
                    for number in range(fixed + 1, fixed + found + 1)
                ),
            ],
        },
        policy=_policy(chance, fixed),
        capacity=capacity,
        sources_per_call=sources_per_call,
        allow_growth=chance.random() < 0.8,
        max_sources=chance.choice((None, None, None, 12)),
        reclaims=chance.random() < 0.5,
        trouble=_trouble(chance, seed),
    )


def _behaviour(chance: Random) -> dict[str, Any]:
    return {
        "stale_list_s": chance.choice((0, 0, 4)),
        "remember_failures": chance.random() < 0.5,
        "pending_listed": chance.random() < 0.2,
        "gone_interfaces": chance.choice(("keep", "drop")),
    }


def _instance(number: int, chance: Random) -> dict[str, Any]:
    kind = UNSUPPORTED if chance.random() < 0.1 else SUPPORTED
    return {
        "id": instance(number),
        "type": kind,
        "status": "Running",
        "supports_mirror": kind == SUPPORTED,
        "tags": {"pool": chance.choice(POOLS)},
    }


def _policy(chance: Random, fixed: int) -> Policy:
    sensors = {"instance_tags": {"role": "sensor"}}
    return compile_policy(
        {
            "version": 1,
            "pools": {
                "fixed": {
                    "sessions": [tms(number) for number in range(1, fixed + 1)],
                    "sensors": sensors,
                },
                "found": {"discover": {"name_prefix": "found-"}, "sensors": sensors},
                "grown": {
                    "sensors": sensors,
                    "grow": {
                        "filter": FILTER,
                        "targets": [{"id": one, "type": "SLB"} for one in BALANCERS],
                        "priorities": [LOWEST_GROWN, LOWEST_GROWN + 20],
                        "max_sessions": chance.choice((2, 20)),
                        "name": "grown",
                    },
                },
            },
            "rules": [
                {"name": "opted out", "match": {"tags": {"mirror": "off"}}, "never": True},
                *(
                    {
                        "name": f"to {pool}",
                        "match": {
                            "any": [{"tags": {"pool": pool}}, {"instance_tags": {"pool": pool}}]
                        },
                        "pool": pool,
                    }
                    for pool in POOLS
                ),
            ],
            "default": "never",
        }
    )


def _trouble(chance: Random, seed: int) -> list[dict[str, Any]]:
    kinds: list[dict[str, Any]] = [
        {"reset": "after"},
        {"reset": "before"},
        {"throttle": True, "retry_after_ms": 500},
        {"background_failure": True},
        {"error": "InternalError", "status": 500},
    ]
    faults: list[dict[str, Any]] = [
        {"action": action, "when": {"probability": chance.choice((0.05, 0.2))}, "do": kind}
        for action in (ADD, CREATE, REMOVE)
        for kind in kinds
        if chance.random() < 0.3
    ]
    if chance.random() < 0.4:
        stale = {"stale_s": chance.choice((3, 8))}
        faults.append({"action": LIST, "when": {"probability": 0.1}, "do": stale})
    if chance.random() < 0.3:
        faults.append({"action": "*", "when": {"probability": 0.05}, "do": {"truncate": 20}})
    return [{**fault, "seed": seed + number} for number, fault in enumerate(faults)]
