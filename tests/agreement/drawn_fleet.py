"""Draws fleets for a policy: interfaces, filters, targets in every state, and whoever's sessions.

What belongs where is not decided here: traits are drawn, and the oracle says what they come to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tests.worlds import eni, instance

from .drawn_policy import DrawnPool, balancer, filter_id
from .drawn_sessions import draw_sessions
from .facts import OLD_S, YOUNG_S

STRANGERS = 9
"""The number of whatever belongs to nobody's pool."""


def draw_fleet(
    chance: Random, pools: Sequence[DrawnPool], policy: Mapping[str, Any], per_session: int
) -> dict[str, Any]:
    """A fleet without limits."""
    instances, interfaces = _draw_interfaces(chance)
    ordinary = [one["id"] for one in interfaces]
    for pool in pools:
        for target_id, kind in pool.targets:
            if kind == "NetworkInterface":
                _draw_sensor(chance, target_id, instances, interfaces)
    fleet: dict[str, Any] = {
        "instances": instances,
        "network_interfaces": interfaces,
        "filters": [
            *({"id": pool.filter_id, "rules": _draw_rules(chance, pool.number)} for pool in pools),
            {"id": filter_id(STRANGERS), "rules": _draw_rules(chance, STRANGERS)},
        ],
        "slbs": [
            {"id": target_id}
            for target_id in dict.fromkeys(
                [id_ for pool in pools for id_, kind in pool.targets if kind == "SLB"]
                + [balancer(STRANGERS)]
            )
        ],
        "sessions": [],
    }
    fleet["sessions"] = draw_sessions(chance, pools, policy, fleet, ordinary, per_session)
    return fleet


def _draw_interfaces(chance: Random) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    instances: list[dict[str, Any]] = []
    interfaces: list[dict[str, Any]] = []
    for number in range(1, chance.randint(5, 9)):
        if chance.random() > 0.08:
            instances.append(_draw_instance(chance, number))
        interfaces.append(_draw_interface(chance, number, number, "Primary"))
        if chance.random() < 0.25:
            interfaces.append(_draw_interface(chance, 500 + number, number, "Secondary"))
    return instances, interfaces


def _draw_instance(chance: Random, number: int) -> dict[str, Any]:
    tags = {"env": chance.choice(("prod", "test")), "tier": chance.choice(("web", "app", "db"))}
    if chance.random() < 0.06:
        tags["role"] = "sensor"
    return {
        "id": instance(number),
        "type": chance.choice(("ecs.g7.large", "ecs.g7.large", "ecs.c7.large")),
        "status": chance.choice(("Running",) * 9 + ("Stopped",)),
        "supports_mirror": chance.random() > 0.04,
        "tags": tags,
    }


def _draw_interface(chance: Random, number: int, on: int, kind: str) -> dict[str, Any]:
    tags = {key: value for key, value in [("env", chance.choice("abcd"))] if value != "d"}
    if chance.random() < 0.06:
        tags["role"] = "sensor"
    interface = {
        "id": eni(number),
        "instance": instance(on),
        "type": kind,
        "status": "InUse",
        "vpc": f"vpc-j6c0000000000000000{chance.choice((1, 1, 2))}",
        "vswitch": f"vsw-j6c0000000000000000{chance.choice((1, 1, 2))}",
        "zone": chance.choice(("cn-hongkong-b", "cn-hongkong-c")),
        "security_groups": [f"sg-j6c000000000000000{chance.choice((1, 2))}"],
        "tags": tags,
        "age_s": YOUNG_S if chance.random() < 0.15 else OLD_S,
    }
    return {**interface, **_draw_oddity(chance)}


def _draw_oddity(chance: Random) -> dict[str, Any]:
    """What sets an interface apart from ordinary ones; mostly nothing."""
    oddities: list[dict[str, Any]] = [
        {"service_managed": True},
        {"trunk": eni(1)},
        {"status": "Available", "instance": None},
        {"status": "Attaching"},
        {"instance": None},
    ]
    return chance.choice(oddities) if chance.random() < 0.18 else {}


def _draw_sensor(
    chance: Random, target_id: str, instances: list[Any], interfaces: list[Any]
) -> None:
    """A target that is an interface, in some state, and perhaps a second one on its instance."""
    number = int(target_id[-3:])
    state = chance.choice(("fine",) * 6 + ("detached", "absent", "stopped", "invisible"))
    host = {
        "id": instance(number),
        "type": "ecs.g7.large",
        "status": "Stopped" if state == "stopped" else "Running",
        "tags": {"role": "sensor"} if chance.random() < 0.3 else {},
    }
    if state != "invisible":
        instances.append(host)
    if state != "absent":
        receiver = _draw_interface(chance, number, number, "Secondary")
        receiver.update(status="InUse", instance=instance(number))
        receiver.pop("service_managed", None)
        receiver.pop("trunk", None)
        if state == "detached":
            receiver.update(status="Available", instance=None)
        interfaces.append(receiver)
    if chance.random() < 0.6:
        interfaces.append(_draw_interface(chance, 100 + number, number, "Secondary"))


ALL = {"protocol": "ALL", "source_cidr": "0.0.0.0/0", "destination_cidr": "0.0.0.0/0"}
WEB = {**ALL, "protocol": "TCP"}
OFFICE = {**ALL, "source_cidr": "10.0.0.0/8"}
ROOM = {**WEB, "source_cidr": "10.1.0.0/16"}


def _draw_rules(chance: Random, number: int) -> int | list[dict[str, Any]]:
    """Rules by direction: (what they do, to what) from the first to the last."""
    everything = [("accept", ALL)]
    forms: list[int | dict[str, list[tuple[str, dict[str, str]]]]] = [
        *[{"ingress": everything, "egress": everything}] * 9,
        1,
        0,
        {"egress": everything},
        {"ingress": [("drop", ALL), ("accept", ALL)], "egress": everything},
        {"ingress": [("drop", ALL), ("accept", WEB)], "egress": [("drop", WEB), ("accept", ROOM)]},
        {"ingress": [("drop", WEB), ("accept", ALL)]},
        {"ingress": [("accept", ROOM), ("drop", ALL)], "egress": [("drop", OFFICE)]},
        {"egress": [("drop", OFFICE), ("accept", ROOM)]},
        {"ingress": [("drop", ROOM), ("drop", OFFICE), ("accept", WEB)]},
        {"ingress": [("drop", OFFICE)], "egress": [("drop", ALL)]},
    ]
    form = chance.choice(forms)
    if isinstance(form, int):
        return form
    rules = [
        {"direction": direction, "priority": at, "action": action, **what}
        for direction, ordered in form.items()
        for at, (action, what) in enumerate(ordered, start=1)
    ]
    for at, rule in enumerate(rules):
        rule["id"] = f"tmr-j6c{number}{at:04}"
    chance.shuffle(rules)  # priority decides, not the place in the list
    return rules
