"""Why what was read does not say how the fleet stands: one answer for coverage and for plan.

A read that shows too little, as one without a permission does, looks like a fleet in which nothing
is missing; a number from it would be a promise.
"""

from __future__ import annotations

from evermirror import reasons
from evermirror.placement.placement import Placement


def incomplete_because(
    placement: Placement, *, any_interface: bool, any_undecided: bool, any_eligible: bool
) -> str | None:
    """A reason of `reasons`, None where everything could be judged.

    The flags say whether any interface was read, has an instance that is not visible, or is wanted.
    """
    pools = placement.policy.pools.values()
    if not any_interface:
        return reasons.NO_INTERFACES_READ
    expects_sessions = any(pool.session_ids or pool.discovery for pool in pools)
    if expects_sessions and not placement.snapshot.sessions:
        # A pool that only makes its sessions has none before its first one.
        return reasons.NO_SESSIONS_READ
    if placement.membership.not_listed:
        return reasons.SESSIONS_NOT_LISTED
    if any_undecided:
        return reasons.INSTANCES_NOT_VISIBLE
    if not any_eligible:
        return reasons.NOTHING_ELIGIBLE
    return None if placement.filters_were_read else reasons.FILTERS_NOT_VISIBLE
