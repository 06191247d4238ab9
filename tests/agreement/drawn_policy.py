"""Draws policies: pools of every kind, and rules over everything that a rule can ask.

Only such as `policy check` accepts, for others are never deployed: every pool is gone to, no rule
is hidden behind another, and whatever mirrors to a load balancer names its sensors.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.worlds import eni, instance, tms

NAMES = ("one", "two", "three")
WAYS = ("named", "found", "grown", "grown")


@dataclass
class DrawnPool:
    """A pool and what its sessions are made of; `number` tells its ids from those of others.

    `targets` are ids with their types.
    """

    number: int
    name: str
    way: str
    targets: list[tuple[str, str]]
    document: dict[str, Any] = field(default_factory=dict)

    @property
    def filter_id(self) -> str:
        return filter_id(self.number)

    @property
    def grow(self) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.document.get("grow")
        return found

    @property
    def discover(self) -> dict[str, Any]:
        found: dict[str, Any] = self.document.get("discover", {})
        return found

    @property
    def first_priority(self) -> int:
        return 1000 * self.number


def filter_id(number: int) -> str:
    return f"tmf-j6c{number:017}"


def balancer(number: int) -> str:
    return f"lb-j6c{number:017}"


def sensor(number: int) -> str:
    """The interface that a pool's sessions may mirror to."""
    return eni(800 + number)


def draw_policy(chance: Random) -> tuple[list[DrawnPool], dict[str, Any]]:
    """Pools, and the whole document."""
    pools = [_draw_pool(chance, number) for number in range(1, chance.choice((1, 2, 2, 3)) + 1)]
    rules, default = _draw_rules(chance, [pool.name for pool in pools])
    document = {
        "version": 1,
        "pools": {pool.name: pool.document for pool in pools},
        "members": chance.choice(("skip", "skip", "try")),
        "rules": rules,
        "default": default,
    }
    return pools, document


def _draw_pool(chance: Random, number: int) -> DrawnPool:
    kinds = [chance.choice(("NetworkInterface", "SLB")) for _ in range(chance.choice((1, 1, 2)))]
    targets = [
        (balancer(10 * number + at), kind) if kind == "SLB" else (sensor(10 * number + at), kind)
        for at, kind in enumerate(kinds)
    ]
    pool = DrawnPool(number, NAMES[number - 1], chance.choice(WAYS), targets)
    by_instance = chance.random() < 0.25
    pool.document["sensors"] = {"instance_tags" if by_instance else "tags": {"role": "sensor"}}
    if pool.way == "named":
        pool.document["sessions"] = [tms(100 * number + at) for at in range(chance.randint(1, 3))]
    elif pool.way == "found":
        pool.document["discover"] = _draw_discovery(chance, pool)
    else:
        pool.document["grow"] = _draw_growth(chance, pool)
        if chance.random() < 0.2:
            pool.document["sessions"] = [tms(100 * number)]
    pool.document.update(_draw_pins(chance, pool))
    return pool


def _draw_pins(chance: Random, pool: DrawnPool) -> dict[str, Any]:
    """What the pool's sessions must have besides; what grows or is found meets its own pins."""
    targets = [target for target, _ in pool.targets]
    if pool.grow is None:
        targets = chance.sample(targets, chance.randint(1, len(targets)))
    found = {pool.discover["target"]} if "target" in pool.discover else set()
    pins: dict[str, Any] = {
        "targets": sorted({*targets, *found}),
        "filter": pool.filter_id,
        "directions": chance.choice((["ingress"], ["egress"], ["egress", "ingress"])),
        "was": [f"{pool.name} before"],
    }
    return {key: pins[key] for key in sorted(pins) if chance.random() < 0.3}


def _draw_discovery(chance: Random, pool: DrawnPool) -> dict[str, Any]:
    everything = {
        "filter": pool.filter_id,
        "target": pool.targets[0][0],
        "tags": {"mirror": pool.name},
        "name_prefix": f"{pool.name}-",
    }
    chosen = chance.sample(sorted(everything), chance.choice((1, 1, 2)))
    return {key: everything[key] for key in sorted(chosen)}


def _draw_growth(chance: Random, pool: DrawnPool) -> dict[str, Any]:
    span = chance.choice((2, 4, 20))
    return {
        "filter": pool.filter_id,
        "targets": [{"id": id_, "type": kind} for id_, kind in pool.targets],
        "priorities": [pool.first_priority, pool.first_priority + span - 1],
        "max_sessions": chance.randint(1, 4),
        "name": pool.name,
    }


def _leaves() -> list[dict[str, Any]]:
    """Each asks for something that no other asks for, so that none implies another."""
    return [
        {"tags": {"env": "a"}},
        {"tags": {"env": ["b", "c"]}},
        {"vpc": "vpc-j6c00000000000000002"},
        {"zone": ["cn-hongkong-c"]},
        {"security_group": "sg-j6c0000000000000002"},
        {"type": ["Secondary"]},
        {"instance_tags": {"env": "prod"}},
        {"instance_tags": {"tier": ["web", "app"]}},
        {"instance_family": "ecs.c7"},
        {"instance": [instance(3), instance(5)]},
        {"network_interface": [eni(2), eni(4)]},
        {"vswitch": "vsw-j6c00000000000000002", "type": ["Primary"]},
    ]


def _draw_rules(chance: Random, names: list[str]) -> tuple[list[dict[str, Any]], Any]:
    default = chance.choice([*names, None])
    needed = [name for name in names if name != default]
    results = [*needed, *chance.choices([*names, None], k=chance.randint(0, 2))]
    chance.shuffle(results)
    leaves = _leaves()
    chance.shuffle(leaves)
    rules = []
    for position, result in enumerate(results):
        outcome: dict[str, Any] = {"never": True} if result is None else {"pool": result}
        match = _draw_match(chance, leaves)
        rules.append({"name": f"rule {position}", "match": match, **outcome})
    return rules, "never" if default is None else {"pool": default}


def _draw_match(chance: Random, leaves: list[dict[str, Any]]) -> dict[str, Any]:
    first, second = leaves.pop(), leaves.pop()
    forms: list[dict[str, Any]] = [
        first,
        first,
        {"not": first},
        {"any": [first, second]},
        {"all": [first, {"not": second}]},
        {"not": {"any": [first, second]}},
    ]
    return chance.choice(forms)
