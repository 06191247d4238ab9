"""Policies and fleets that plans are made for, and what a plan told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.worlds import a_fleet, a_session, tms

BALANCER = "lb-j6c00000000000000001"
SENSORS = {"instance_tags": {"role": "sensor"}}
EVERYTHING = {
    "version": 1,
    "pools": {"ids": {"sessions": [tms(1)], "sensors": SENSORS}},
    "default": {"pool": "ids"},
}
GROW = {
    "filter": "tmf-j6c00000000000000001",
    "targets": [{"id": BALANCER, "type": "SLB"}],
    "priorities": [1, 5],
    "max_sessions": 5,
}
BOTH_WAYS = {
    "id": "tmf-j6c00000000000000001",
    "rules": [
        {"id": f"tmr-j6c0000000000000000{number}", "direction": direction}
        for number, direction in enumerate(("ingress", "egress"))
    ],
}
"""The filter of all sessions, which takes incoming packets only where nothing is said."""
GROWING = {"EVERMIRROR_ALLOW_GROWTH": "true"}
Told = Mapping[str, Any]
Planned = Callable[..., tuple[int, dict[str, Any]]]


def changed(**changes: Any) -> dict[str, Any]:
    return {**EVERYTHING, **changes}


def kinds(told: Told) -> list[str]:
    return [warning["kind"] for warning in told["warnings"]]


def sentences(told: Told, kind: str) -> list[str]:
    return [one["sentence"] for one in told["warnings"] if one["kind"] == kind]


def with_sensor(**more: Any) -> dict[str, Any]:
    """Three interfaces, one of them a sensor's; the sessions 1 and 2."""
    fleet = a_fleet([1, 2, 3], [a_session(1, 1), a_session(2)], **more)
    fleet["instances"][2]["tags"] = {"role": "sensor"}
    return fleet


def ruled(match: Told) -> dict[str, Any]:
    return changed(rules=[{"name": "prod", "match": match, "pool": "ids"}])


def tagged() -> dict[str, Any]:
    """Instances 1 and 2 are production by their tags, interface 3 by its own."""
    fleet = a_fleet([1, 2, 3], [1])
    for one in fleet["instances"][:2]:
        one["tags"] = {"env": "prod"}
    fleet["network_interfaces"][2]["tags"] = {"tier": "web"}
    return fleet
