"""Which sessions a policy's pools have, had, or could have had: records tell of all of them."""

from __future__ import annotations

from evermirror.model import Session
from evermirror.policy import Policy, Pool


def could_hold(pool: Pool, session_id: str) -> bool:
    """Whether a session that nobody has looked at may be, or have been, one of a pool's."""
    return session_id in pool.session_ids or pool.has_unnamed_sessions


def any_could_hold(policy: Policy, session_id: str) -> bool:
    return any(could_hold(pool, session_id) for pool in policy.pools.values())


def has(policy: Policy, session: Session) -> bool:
    return any(pool.holds(session) for pool in policy.pools.values())


def may_have_left(pool: Pool, session: Session) -> bool:
    """Whether an update may have taken it out of a pool: it changes anything but tags."""
    discovery = pool.discovery
    if discovery is not None and discovery.tags.items() <= session.tags.items():
        return True
    return pool.made(session)


def has_found(policy: Policy) -> bool:
    """Whether a session's id alone does not always say which pool it belongs to."""
    return any(pool.has_unnamed_sessions for pool in policy.pools.values())


def may_have_had(policy: Policy, session: Session) -> bool:
    """Whether a pool has it, or had it before it was given another name, filter or target."""
    found = any(pool.discovery is not None for pool in policy.pools.values())
    return found or has(policy, session)
