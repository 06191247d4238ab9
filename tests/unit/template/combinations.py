"""The ways in which a stack can be deployed: every switch of the template, both ways."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

ROLES = ("MirrorRoleArn", "NotifyRoleArn", "ReconcileRoleArn", "WebhookRoleArn", "EventsRoleArn")
A_ROLE = "acs:ram::1234567890123456:role/there-already"
SECRET = "whsec_bG9jYWwtc2VjcmV0LWZvci10ZXN0cw=="

SWITCHES: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "paused": ({"Mode": "act"}, {"Mode": "paused"}),
    "listening": ({"Events": "on"}, {"Events": "off"}),
    "growing": ({"AllowGrowth": False}, {"AllowGrowth": True}),
    "heals": ({"Healing": "on"}, {"Healing": "off"}),
    "reclaims": ({"Reclaim": "report"}, {"Reclaim": "on"}),
    "webhook": ({"WebhookSecret": ""}, {"WebhookSecret": SECRET}),
    "alarms": ({"AlarmActionPolicy": "sls.builtin"}, {"AlarmActionPolicy": ""}),
    "contact group": ({"AlarmContactGroup": ""}, {"AlarmContactGroup": "security"}),
    "vpc": (
        {},
        {
            "VpcId": "vpc-j6c00000000000000001",
            "VSwitchIds": "vsw-j6c00000000000000001",
            "SecurityGroupId": "sg-j6c0000000000000001",
        },
    ),
    **{role: ({}, {role: A_ROLE}) for role in ROLES},
}


def every_combination() -> Iterator[dict[str, Any]]:
    """All of them: two to the power of the switches."""
    for chosen in itertools.product(*SWITCHES.values()):
        yield _together(chosen)


def every_pair() -> Iterator[dict[str, Any]]:
    """Few of them in which each two switches meet in each of their four ways."""
    names = list(SWITCHES)
    # Bit by bit of its own number, and the opposite, a switch differs from every other.
    for bit, flip in itertools.product(range(len(names).bit_length()), (0, 1)):
        yield _together(
            tuple(
                SWITCHES[name][(number >> bit & 1) ^ flip]
                for number, name in enumerate(names, start=1)
            )
        )
    for side in (0, 1):
        yield _together(tuple(SWITCHES[name][side] for name in names))


def _together(chosen: tuple[Mapping[str, Any], ...]) -> dict[str, Any]:
    return {key: value for one in chosen for key, value in one.items()}
