"""Small worlds and events to test in, told in as few words as the test needs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

ACCOUNT, REGION = "1234567890123456", "cn-hongkong"
SETTLE_S = 3.0
BOTH_DIRECTIONS = [
    {"id": "tmr-j6c00000000000000001", "direction": "ingress"},
    {"id": "tmr-j6c00000000000000002", "direction": "egress"},
]
ONE_WAY = [{"id": "tmf-j6c00000000000000001", "rules": 1}]
"""The filter of the sessions, where it takes incoming packets only."""
STARTED = "2026-01-01T00:00:00Z"


def eni(number: int) -> str:
    return f"eni-j6c{number:015}"


def instance(number: int) -> str:
    return f"i-j6c{number:016}"


def tms(number: int) -> str:
    return f"tms-j6c{number:017}"


def an_interface(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": eni(number),
        "instance": instance(number),
        "type": "Primary",
        "status": "InUse",
        "vpc": "vpc-j6c00000000000000001",
        "zone": "cn-hongkong-b",
        **changes,
    }


def a_session(number: int, *sources: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": tms(number),
        "filter": "tmf-j6c00000000000000001",
        "target": "lb-j6c00000000000000001",
        "target_type": "SLB",
        "priority": number,
        "enabled": True,
        "sources": [eni(source) for source in sources],
        "created": STARTED,
        **changes,
    }


def a_fleet(
    interfaces: Sequence[dict[str, Any] | int],
    sessions: Sequence[dict[str, Any] | int],
    **more: Any,
) -> dict[str, Any]:
    """A world; a number stands for an ordinary interface or an empty session of that number."""
    made = [an_interface(i) if isinstance(i, int) else i for i in interfaces]
    return {
        "settle_s": SETTLE_S,
        "instances": [
            {"id": name, "type": "ecs.g7.large", "status": "Running"}
            for name in sorted({i["instance"] for i in made if i.get("instance")})
        ],
        "network_interfaces": made,
        "filters": [{"id": "tmf-j6c00000000000000001", "rules": BOTH_DIRECTIONS}],
        "sessions": [a_session(s) if isinstance(s, int) else s for s in sessions],
        **more,
    }


numbers = itertools.count(1)


def attached(number: int, event_id: str | None = None, **changes: Any) -> dict[str, Any]:
    """The event that says that an interface was attached."""
    return {
        "id": event_id or f"event-{next(numbers)}",
        "source": "acs.ecs",
        "specversion": "1.0",
        "type": "ecs:ActionTrail:ApiCall",
        "time": "2026-01-01T00:00:00Z",
        "aliyunaccountid": ACCOUNT,
        "aliyunregionid": REGION,
        "data": {
            "eventName": "AttachNetworkInterface",
            "acsRegion": REGION,
            "requestParameters": {
                "NetworkInterfaceId": eni(number),
                "InstanceId": instance(number),
            },
        },
        **changes,
    }
