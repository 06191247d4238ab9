"""A pool that may grow, who writes for it, and the sessions that it made."""

from __future__ import annotations

from typing import Any

from evermirror.policy import Policy, Pool
from evermirror.policy.sessions import Growth, Target

from .writers import World, Writer

CREATE = "CreateTrafficMirrorSession"
LIST = "ListTrafficMirrorSessions"
FILTER = "tmf-j6c00000000000000001"
FIRST_PRIORITY = 1000


def balancer(number: int) -> str:
    return f"lb-j6c{number:017}"


def slbs(*numbers: int) -> list[dict[str, str]]:
    return [{"id": balancer(number)} for number in numbers]


def growing(balancers: int = 1, *session_ids: str, **changes: Any) -> Policy:
    growth = Growth(
        **{
            "filter_id": FILTER,
            "targets": tuple(Target(balancer(n + 1), "SLB") for n in range(balancers)),
            "first_priority": FIRST_PRIORITY,
            "last_priority": 2000,
            "max_sessions": 50,
            "name": "big",
            **changes,
        }
    )
    return Policy({"big": Pool("big", session_ids, growth=growth)}, (), "big")


def writer(world: World, policy: Policy | None = None, **limits: Any) -> Writer:
    return world.writer(policy or growing(), **{"allow_growth": True, **limits})


def grown(world: World) -> dict[int, list[str]]:
    """What the sessions that were made list, by their number, once everything has settled."""
    world.clock.sleep(60)
    sessions = world.cloud.state()["sessions"]
    made = (one for one in sessions if one["tags"].get("evermirror-pool") == "big")
    return {one["priority"] - FIRST_PRIORITY: sorted(one["sources"]) for one in made}


def unseen(world: World, seconds: float) -> None:
    """The List shows nothing of what was made lately."""
    stale = {"stale_s": seconds + 1}
    world.cloud.set_faults([{"action": LIST, "when": {"between_s": [0, seconds]}, "do": stale}])
