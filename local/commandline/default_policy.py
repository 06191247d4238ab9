"""The policy of a local cloud that nobody wrote one for."""

from __future__ import annotations

from collections.abc import Iterable

from evermirror.policy import Matcher, Policy, Pool
from evermirror.policy.matchers import OneOf

POOL = "all"


def default_policy(session_ids: Iterable[str], sensor_instance_ids: Iterable[str] = ()) -> Policy:
    """Send everything to one pool of all the sessions, or nothing where there is no session.

    `sensor_instance_ids` are the instances that own the sessions' target interfaces: they are known
    from the fleet and are never mirrored. What stands behind a load balancer no fleet file
    says, so no sensor is excluded there: such a policy is for trying things out, and a policy
    file for anything real names the sensors.
    """
    sessions = tuple(sorted(set(session_ids)))
    if not sessions:
        return Policy(pools={})
    instances = frozenset(sensor_instance_ids)
    sensors: Matcher | None = OneOf("instance", instances) if instances else None
    return Policy(pools={POOL: Pool(POOL, sessions, sensors)}, default=POOL)
