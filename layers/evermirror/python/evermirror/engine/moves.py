"""When an interface is bound no longer to the session that this run asked to take it.

What was asked is repeated until the List or a definite refusal speaks. But the session may become
nobody's meanwhile, or the interface be wanted in another pool: then it is asked no more.
"""

from __future__ import annotations

from evermirror.engine.state import Observation, Progress
from evermirror.model import CREATED, Session
from evermirror.policy import Policy
from evermirror.policy.sessions import Pool


def has_left_the_pools(
    progress: Progress, network_interface_id: str, observation: Observation, policy: Policy
) -> bool:
    """Say whether the session that was asked belongs to no pool any more, and does not list it.

    Somebody renamed it, say: it is no place for the interface now, whatever was accepted.
    """
    session = observation.sessions.get(progress.session_id or "")
    if session is None or session.status != CREATED or progress.call is None:
        return False
    ours = any(_is_of(pool, session) for pool in policy.pools.values())
    return not ours and network_interface_id not in session.source_ids


def has_moved(
    progress: Progress, network_interface_id: str, observation: Observation, policy: Policy
) -> bool:
    """Say whether the interface is wanted in another pool by now than the one that was asked.

    While that session is busy, what it will hold is not settled, and it waits.
    """
    interface = observation.interfaces.get(network_interface_id)
    is_bound = progress.session_id is not None or progress.creation is not None
    if interface is None or not is_bound:
        return False
    instance = observation.instances.get(interface.instance_id or "")
    pool = policy.pools.get(policy.decide(interface, instance).pool or "")
    if pool is None:
        return False
    if progress.session_id is None:
        return progress.creation is not None and progress.creation.pool != pool.name
    session = observation.sessions.get(progress.session_id)
    return session is not None and session.status == CREATED and not _is_of(pool, session)


def _is_of(pool: Pool, session: Session) -> bool:
    return pool.holds(session) or pool.untagged(session)
