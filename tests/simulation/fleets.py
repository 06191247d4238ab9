"""Draws the world of a storm: instances, interfaces of every kind, sessions of everybody."""

from __future__ import annotations

from random import Random
from typing import Any

from localcloud.world.moments import to_the_second
from tests.worlds import a_session, an_interface, eni, instance

from .editions import POOL_TAG, Grow
from .policies import BALANCERS, FILTER, OTHER_FILTER, POOLS, SENSOR_CARDS, Deployment
from .themes import TURN_S, Theme

START = 1_800_000_000.0
YOUNG_S = 600.0
"""For so long a session counts as young, so some of a storm's turn old in the middle of it."""

SUPPORTED, UNSUPPORTED = "ecs.g7.large", "ecs.old.large"
STRANGERS, FOREIGN = (50, 51), eni(80)
KEYS = {"mirror": "assumed-role", "ada": "ram-user", "ben": "ram-user"}


def draw(
    chance: Random,
    seed: int,
    deployments: tuple[Deployment, ...],
    fixed: int,
    young_s: float,
    theme: Theme,
) -> dict[str, Any]:
    capacity = theme.capacity or chance.choice((2, 3, 5, 10))
    found, standing = theme.fixed or chance.randint(0, 2), chance.randint(1, 4)
    sources_per_call = theme.sources_per_call or chance.choice((1, 1, 3))
    grow = next(pool.grow for pool in deployments[0].edition.pools if pool.grow is not None)
    plain = [_interface(number, chance) for number in range(1, standing + 1)]
    return {
        "seed": seed,
        "settle_s": _settle(chance, theme),
        "limits": {
            "requests_per_minute": chance.choice((None, None, 600)),
            "sources_per_session": capacity,
            "sources_per_call": sources_per_call,
            "sources_per_create": 10 if theme.ceiling else chance.choice((1, 10, 10)),
            "sources_per_target": chance.choice((20, 20, 6)),
        },
        "behaviour": _behaviour(chance),
        "slbs": [{"id": balancer} for balancer in BALANCERS],
        "filters": [{"id": FILTER, "rules": _rules("01", chance)}, {"id": OTHER_FILTER}],
        "instances": [
            *(_instance(number, chance) for number in range(1, standing + 1)),
            *(_sensor(number) for number in (90, 92)),
            _instance(80, chance),
        ],
        "network_interfaces": [*plain, *_of_sensors(), *_of_strangers(), *_odd(chance)],
        "sessions": _sessions(chance, theme, fixed, found, grow, young_s),
    }


def _settle(chance: Random, theme: Theme) -> list[float]:
    if theme.settle_s is not None:
        return list(theme.settle_s)
    if chance.random() < 0.05:
        return chance.choice(([1.0, 12.0], [30.0, 30.0], [20.0, 200.0]))
    return [1.0, chance.choice((3.0, 12.0))]


def _behaviour(chance: Random) -> dict[str, Any]:
    return {
        "stale_list_s": chance.choice((0, 0, 0, 4)),
        "modifying_visible_after_s": chance.choice((0, 0, 2)),
        "remember_failures": chance.random() < 0.5,
        "pending_listed": chance.random() < 0.2,
        "gone_interfaces": chance.choice(("keep", "drop")),
        "token_in_flight_s": chance.choice((0, 0, 0, 5, 20)),
        "token_ttl_s": chance.choice((86400, 86400, 86400, 20)),
        "busy_code": chance.choice(("IncorrectStatus.TrafficMirrorSession", "OperationConflict")),
        "throttle_status": chance.choice((400, 429)),
        "interface_events": chance.random() < 0.3,
        "duplicate_events": chance.choice((0.0, 0.0, 0.2)),
        "actiontrail_delay_s": chance.choice((0.0, 0.0, [1.0, 30.0])),
        "rule_changes_modify_sessions": chance.random() < 0.5,
        "check_order": _check_order(chance),
        "bad_sources": chance.choice(("refuse_all", "refuse_all", "leave_out")),
        "list_paging": chance.choice(("cursor", "cursor", "offset")),
        "describe_paging": chance.choice(("cursor", "cursor", "offset")),
        "total_count_extra": chance.choice((0, 0, 0, 0, 1)),
        "total_count_stale_s": chance.choice((0.0, 0.0, 0.0, 4.0)),
        "stale_describe_s": chance.choice((0.0, 0.0, 0.0, 3.0, 8.0)),
        "tags_arrive_after_s": chance.choice((0.0, 0.0, 0.0, 3.0, 8.0)),
        **_other_writer(chance),
    }


def _check_order(chance: Random) -> list[str]:
    order = ["status", "sources", "associated", "quotas"]
    if chance.random() < 0.3:
        chance.shuffle(order)
    return order


def _other_writer(chance: Random) -> dict[str, Any]:
    """Another system that writes tags: its own, mostly, or it takes off what it does not know."""
    kind = chance.random()
    if kind > 0.1:
        return {}
    tags = {POOL_TAG: None} if kind < 0.03 else {"cost-centre": "1234"}
    return {"tags_rewritten": tags, "tags_rewritten_after_s": chance.choice((0.0, 5.0, 60.0))}


def _rules(stem: str, chance: Random) -> list[dict[str, Any]]:
    """Accepts both directions, or one; now and then a drop stands before it and hides nothing."""
    both = [{"direction": "ingress", "priority": 5}, {"direction": "egress", "priority": 5}]
    rules = both[: chance.choice((1, 2, 2))]
    if chance.random() < 0.2:
        rules.append({"direction": "ingress", "priority": 1, "action": "drop", "protocol": "UDP"})
    return [{"id": f"tmr-j6c{stem}{number}", **rule} for number, rule in enumerate(rules)]


def _instance(number: int, chance: Random) -> dict[str, Any]:
    kind = UNSUPPORTED if chance.random() < 0.1 else SUPPORTED
    return {
        "id": instance(number),
        "type": kind,
        "supports_mirror": kind == SUPPORTED,
        "tags": {"pool": chance.choice(POOLS)},
    }


def _sensor(number: int) -> dict[str, Any]:
    return {"id": instance(number), "type": SUPPORTED, "tags": {"role": "sensor"}}


def _interface(number: int, chance: Random) -> dict[str, Any]:
    return an_interface(number, tags={})


def _of_sensors() -> list[dict[str, Any]]:
    first = [an_interface(int(one[-4:]), tags={}) for one in SENSOR_CARDS]
    beside = [
        an_interface(int(one[-4:]) + 1, instance=instance(int(one[-4:])), type="Secondary", tags={})
        for one in SENSOR_CARDS
    ]
    return [*first, *beside]


def _of_strangers() -> list[dict[str, Any]]:
    """What somebody's own session claims as its target, and its neighbour on the instance."""
    tags = {"pool": "fixed"}
    return [
        an_interface(80, tags=tags),
        an_interface(81, instance=instance(80), type="Secondary", tags=tags),
    ]


def _odd(chance: Random) -> list[dict[str, Any]]:
    """Interfaces of other services, members of trunks, a gateway's that has no instance."""
    kinds: list[dict[str, Any]] = [
        {"service_managed": True},
        {"trunk": eni(1)},
        {"nat_gateway": True, "instance": None},
    ]
    return [
        an_interface(
            70 + number,
            **{"instance": instance(1), "type": "Secondary", "tags": {"pool": "fixed"}, **kind},
        )
        for number, kind in enumerate(kinds)
        if chance.random() < 0.3
    ]


def _sessions(
    chance: Random, theme: Theme, fixed: int, found: int, grow: Grow, young_s: float
) -> list[dict[str, Any]]:
    def age() -> dict[str, str]:
        turns_old = chance.random() < 0.5 and young_s > 0.0 and not theme.rivals
        if theme.turns and turns_old:
            return {"created": to_the_second(START - YOUNG_S + TURN_S)}
        made_at = START - (YOUNG_S - chance.uniform(0.0, young_s) if turns_old else 1e6)
        return {"created": to_the_second(made_at)}

    standing = [
        *(a_session(n, name=f"fixed-{n}", **age()) for n in range(1, fixed + 1)),
        *(a_session(n, name=f"found-{n}", **age()) for n in range(fixed + 1, fixed + found + 1)),
    ]
    for number in range(0 if theme.ceiling else chance.choice((0, 0, 1, 2))):
        if number not in grow.numbers:
            break
        target, kind = grow.targets[number % len(grow.targets)]
        standing.append(
            a_session(
                30 + number,
                name=f"{grow.name}-{number}",
                priority=grow.first + number,
                tags={POOL_TAG: "grown"},
                target=target,
                target_type=kind,
                **age(),
            )
        )
    if chance.random() < 0.4:
        standing.append(a_session(STRANGERS[0], name="somebody-elses"))
    if chance.random() < 0.4:
        interface = {"target": FOREIGN, "target_type": "NetworkInterface"}
        standing.append(a_session(STRANGERS[1], name="a-tap", **interface))
    return standing
