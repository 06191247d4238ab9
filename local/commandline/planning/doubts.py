"""Why it cannot be said whether a policy fits, in coverage's own words.

A read that shows too little, as one without a permission does, looks like a fleet in which nothing
is missing; a plan from it would be a promise.
"""

from __future__ import annotations

from collections.abc import Sequence

from commandline.planning.seen import Placed, Seen
from evermirror import reasons
from evermirror.policy import Policy


def doubt(policy: Policy, placed: Sequence[Placed], seen: Seen) -> str | None:
    """The word for it, None where everything could be judged.

    A pool that only makes its sessions is no reason: before its first one there are none.
    """
    if not seen.interfaces:
        return reasons.NO_INTERFACES_READ
    if not seen.sessions and any(
        pool.session_ids or pool.discovery for pool in policy.pools.values()
    ):
        return reasons.NO_SESSIONS_READ
    if any(set(pool.session_ids) - seen.sessions.keys() for pool in policy.pools.values()):
        return reasons.SESSIONS_NOT_LISTED
    if any(one.undecided for one in placed):
        return reasons.INSTANCES_NOT_VISIBLE
    if all(one.pool is None for one in placed):
        return reasons.NOTHING_ELIGIBLE
    return reasons.FILTERS_NOT_VISIBLE if seen.idle_filter_ids is None else None
