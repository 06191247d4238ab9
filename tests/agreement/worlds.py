"""Worlds to ask about, each drawn whole from a seed: a fleet, a policy for it, and settings.

A world is plain data, as people write it: it can be printed, and nothing in it is of the library.
Ages stand in place of moments (`age_s`), so that a seed draws the same world on any day.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET

from .drawn_fleet import draw_fleet
from .drawn_policy import draw_policy
from .facts import Settings

PERMISSIONS = {"instances": "ecs:DescribeInstances", "filters": "vpc:ListTrafficMirrorFilters"}


@dataclass(frozen=True)
class World:
    """What there is, what the policy wants, and what the deployment was given.

    `hidden` are the kinds of things that nobody who asks may read.
    """

    seed: int
    fleet: Mapping[str, Any]
    policy: Mapping[str, Any]
    settings: Settings
    hidden: frozenset[str]

    def served(self, now: float) -> dict[str, Any]:
        """The fleet file of this world at that moment, in epoch seconds."""
        fleet: dict[str, Any] = {**_dated(self.fleet, now), "settle_s": 0}
        if self.hidden:
            denied = [PERMISSIONS[kind] for kind in sorted(self.hidden)]
            fleet["keys"] = [_key_without(denied)]
        return fleet

    def __str__(self) -> str:
        shown = {**asdict(self), "hidden": sorted(self.hidden)}
        return json.dumps(shown, indent=1)


def draw_world(seed: int) -> World:
    """The world of a seed."""
    chance = Random(seed)
    pools, policy = draw_policy(chance)
    per_session = chance.choice((2, 3, 4))
    fleet = draw_fleet(chance, pools, policy, per_session)
    fleet["limits"] = {
        "sources_per_session": per_session,
        "sources_per_call": per_session,
        "sources_per_create": per_session,
        "requests_per_minute": None,
    }
    settings = Settings(
        allow_growth=chance.random() < 0.7,
        max_sources=_ceiling(chance, fleet),
        sources_per_session=per_session,
    )
    hidden = {kind for kind in sorted(PERMISSIONS) if chance.random() < 0.06}
    return World(seed, fleet, policy, settings, frozenset(hidden))


def _ceiling(chance: Random, fleet: Mapping[str, Any]) -> int | None:
    """Mostly none; else one that is near to what is mirrored already."""
    if chance.random() < 0.7:
        return None
    listed = sum(len(session["sources"]) for session in fleet["sessions"])
    return max(0, listed + chance.randint(-4, 4))


def _key_without(denied: list[str]) -> dict[str, Any]:
    statements = [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": denied, "Resource": "*"},
    ]
    return {
        "access_key_id": ACCESS_KEY_ID,
        "access_key_secret": ACCESS_KEY_SECRET,
        "policies": [{"Version": "1", "Statement": statements}],
    }


def _dated(fleet: Mapping[str, Any], now: float) -> dict[str, Any]:
    def with_moment(one: Any) -> Any:
        if not isinstance(one, dict) or "age_s" not in one:
            return one
        return {**{k: v for k, v in one.items() if k != "age_s"}, "created": now - one["age_s"]}

    return {
        kind: [with_moment(one) for one in value] if isinstance(value, list) else value
        for kind, value in fleet.items()
    }
