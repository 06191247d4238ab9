"""A world of which everything has a tag, and calls that change tags in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

DeskOf = Callable[..., Any]
SESSION, FILTER, INSTANCE, INTERFACE = "tms-j6cone", "tmf-j6cone", "i-j6cone", "eni-j6cone"
WORLD: dict[str, Any] = {
    "fleet": {},
    "settle_s": 3,
    "instances": [{"id": INSTANCE, "tags": {"env": "prod"}}, {"id": "i-j6cother"}],
    "network_interfaces": [
        {"id": INTERFACE, "instance": INSTANCE, "tags": {"env": "prod"}},
        {"id": "eni-j6cother"},
    ],
    "filters": [{"id": FILTER, "tags": {"env": "prod"}}, {"id": "tmf-j6cother"}],
    "sessions": [
        {"id": SESSION, "filter": FILTER, "tags": {"env": "prod"}},
        {"id": "tms-j6cother"},
    ],
}
KINDS = {
    "sessions": ("vpc", "TRAFFICMIRRORSESSION", SESSION),
    "filters": ("vpc", "TRAFFICMIRRORFILTER", FILTER),
    "instances": ("ecs", "instance", INSTANCE),
    "network_interfaces": ("ecs", "eni", INTERFACE),
}
VERBS = {"vpc": ("TagResources", "UnTagResources"), "ecs": ("TagResources", "UntagResources")}


def flat(**tags: str) -> dict[str, str]:
    """Tags as parameters."""
    found = {}
    for place, (key, value) in enumerate(tags.items(), start=1):
        found.update({f"Tag.{place}.Key": key, f"Tag.{place}.Value": value})
    return found


def say(desk: Any, kind: str, verb: int, **parameters: Any) -> Any:
    product, resource_type, thing = KINDS[kind]
    usual = {"ResourceType": resource_type, "ResourceId": [thing]}
    return desk.call(f"{product}:{VERBS[product][verb]}", **{**usual, **parameters})


def put_on(desk: Any, kind: str, **parameters: Any) -> Any:
    return say(desk, kind, 0, **parameters)


def take_off(desk: Any, kind: str, **parameters: Any) -> Any:
    return say(desk, kind, 1, **parameters)


MANY = {f"k{number}": "v" for number in range(21)}
