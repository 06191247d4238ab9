"""A policy whose pool finds and makes its sessions, and the same spoilt at one place."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from evermirror.policy import InvalidPolicyError, Pool, compile_policy

FILTER = "tmf-j6c00000000000000001"
BALANCER = "lb-j6c00000000000000001"
SENSOR = "eni-j6c000000000000009"
SENSORS = {"instance_tags": {"role": "sensor"}}
MISSING = object()
SOUND: dict[str, Any] = {
    "version": 1,
    "pools": {
        "big": {
            "discover": {
                "filter": FILTER,
                "target": BALANCER,
                "tags": {"mirror": "big"},
                "name_prefix": "ids-",
            },
            "sensors": SENSORS,
            "grow": {
                "filter": FILTER,
                "targets": [
                    {"id": BALANCER, "type": "SLB"},
                    {"id": SENSOR, "type": "NetworkInterface"},
                ],
                "priorities": [1000, 2000],
                "max_sessions": 50,
                "name": "big",
                "packet_length": 1500,
                "resource_group": None,
                "tags": {"team": "security"},
            },
        }
    },
    "default": {"pool": "big"},
}


def changed(path: str, value: object) -> dict[str, Any]:
    """The sound document with the part at a path replaced, or left out when it is MISSING."""
    document = copy.deepcopy(SOUND)
    *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    part: Any = document["pools"]["big"]
    for step in way:
        part = part[step]
    if value is MISSING:
        del part[last]
    else:
        part[last] = value
    return document


def problems_of(document: object) -> list[str]:
    with pytest.raises(InvalidPolicyError) as caught:
        compile_policy(document)
    return [str(problem) for problem in caught.value.problems]


def pool(document: object = SOUND) -> Pool:
    return compile_policy(document).pools["big"]
