"""A small world for a crowd: quotas that are soon reached, behaviour drawn at random."""

from __future__ import annotations

import random
from typing import Any

from tests.unit.localcloud.crowd.acceptance import SETTLE_S
from tests.unit.localcloud.crowd.calls import ATTACHING, ENIS, SLBS

LIMITS = {
    "sources_per_session": 3,
    "sources_per_call": 2,
    "sources_per_create": 2,
    "sessions_per_source": 2,
    "sources_per_target": 2,
    "sources_per_slb_target": 4,
    "sessions": 5,
    "filters": 3,
    "sessions_per_filter": 3,
    "rules_per_filter": 3,
    "sessions_per_slb_target": 3,
    "requests_per_minute": None,
}
NO_DELETING = {
    "Version": "1",
    "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "vpc:Delete*", "Resource": "*"},
    ],
}


def fleet_of(draw: random.Random) -> dict[str, Any]:
    """A small world with quotas that are soon reached, and behaviour drawn at random."""
    interfaces = [{"id": one, "instance": "i-1"} for one in ENIS]
    coming = {"id": ATTACHING, "instance": "i-1", "status": "Attaching"}
    coming["becomes"] = [{"status": "InUse", "after_s": 20}]  # type: ignore[assignment]
    rules = [{"id": "tmr-1", "priority": 1}]
    session = {"filter": "tmf-1", "target": SLBS[0], "target_type": "SLB"}
    other = {"access_key_id": "other", "access_key_secret": "secret"}
    return {
        "seed": draw.randrange(1000),
        "settle_s": SETTLE_S,
        "limits": LIMITS,
        "behaviour": {
            "pending_listed": draw.random() < 0.5,
            "rule_changes_modify_sessions": draw.random() < 0.5,
            "remember_failures": draw.random() < 0.3,
            "token_ttl_s": draw.choice((15.0, 86400.0)),
            "token_in_flight_s": draw.choice((0.0, 2.0)),
        },
        "keys": [other, {**other, "access_key_id": "careful", "policies": [NO_DELETING]}],
        "instances": [{"id": "i-1"}],
        "network_interfaces": [*interfaces, coming],
        "slbs": [{"id": one} for one in SLBS],
        "filters": [{"id": "tmf-1", "rules": rules}, {"id": "tmf-2", "rules": []}],
        "sessions": [
            {**session, "id": "tms-1", "priority": 1, "sources": [ENIS[0]]},
            {**session, "id": "tms-2", "priority": 2},
        ],
    }
