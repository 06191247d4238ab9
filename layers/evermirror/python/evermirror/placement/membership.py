"""Whose a session is: the one answer for mirror, coverage, explain and plan.

The tag that a pool puts on a session it makes is membership. The session's name, priority and
number are the fence for making the next one and say nothing else, so a session that somebody
renames or gives another priority stays its pool's.

Records tell of sessions that are gone, or that the change itself took out of their pool: who may
have had one is asked here as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from evermirror import reasons
from evermirror.model import Session
from evermirror.policy import Policy, Pool
from evermirror.policy.sessions import POOL_TAG

_NOWHERE: tuple[Session, ...] = ()


class Membership:
    """An index over sessions, made once for a policy.

    A session belongs to every pool that names it, finds it or made it: a policy of which that is
    true for two pools is a mistake, but not one to be judged differently here.
    """

    def __init__(self, policy: Policy, sessions: Mapping[str, Session]) -> None:
        pools = policy.pools
        self.sessions_by_id = sessions
        self._owners: dict[str, tuple[str, ...]] = {}
        self._untagged_of: dict[str, str] = {}
        self._sessions: dict[str, list[Session]] = {name: [] for name in pools}
        self._untagged: dict[str, list[Session]] = {name: [] for name in pools}
        self.unknown_pool: list[Session] = []
        """Sessions of no pool that carry the tag of one: a pool that is no longer in the policy."""
        self._strangers: list[Session] = []
        self._holding: dict[str, tuple[Session, ...]] = {}
        named: dict[str, str] = {i: p for p, pool in pools.items() for i in pool.session_ids}
        searching = [one for one in pools.values() if one.has_unnamed_sessions]
        growing = [one for one in pools.values() if one.growth is not None]
        for session in sessions.values():
            self._take(session, named.get(session.id), searching, growing)
            for source in session.source_ids:
                self._holding[source] = (*self._holding.get(source, _NOWHERE), session)
        self.not_listed = tuple(sorted(named.keys() - sessions.keys()))
        """Sessions that the policy names and the service does not show."""

    def _take(
        self, session: Session, owner: str | None, searching: list[Pool], growing: list[Pool]
    ) -> None:
        found = [pool.name for pool in searching if pool.holds(session)]
        owners = tuple(found if owner is None or owner in found else [owner, *found])
        if owners:
            self._owners[session.id] = owners
            for name in owners:
                self._sessions[name].append(session)
        elif POOL_TAG in session.tags:
            self.unknown_pool.append(session)
        else:
            lost = next((pool.name for pool in growing if pool.untagged(session)), None)
            if lost is None:
                self._strangers.append(session)
            else:
                self._untagged_of[session.id] = lost
                self._untagged[lost].append(session)

    def sessions(self, pool: str) -> list[Session]:
        """The sessions of a pool, those that mirror nothing as well."""
        return self._sessions[pool]

    def untagged(self, pool: str) -> list[Session]:
        """Sessions inside the fence of a pool whose tag somebody took off: never filled."""
        return self._untagged[pool]

    @property
    def all_untagged(self) -> list[Session]:
        return [session for sessions in self._untagged.values() for session in sessions]

    @property
    def of_no_pool(self) -> list[Session]:
        """Sessions that no pool has or had: a stranger's, or tagged for an unknown pool."""
        return [*self._strangers, *self.unknown_pool]

    def is_ours(self, session: Session) -> bool:
        """Say whether a session belongs to any pool."""
        return session.id in self._owners

    def is_in(self, session: Session, pool: str) -> bool:
        return pool in self._owners.get(session.id, ())

    def counts_for(self, session: Session, pool: str) -> bool:
        """Say whether what the session lists is where the pool wants it: untagged ones count."""
        return self.is_in(session, pool) or self._untagged_of.get(session.id) == pool

    def owners(self, session: Session) -> tuple[str, ...]:
        """The pools that the session counts for."""
        lost = self._untagged_of.get(session.id)
        return self._owners.get(session.id, () if lost is None else (lost,))

    def holding(self, network_interface_id: str) -> tuple[Session, ...]:
        """All sessions, of pools or not, that list an interface."""
        return self._holding.get(network_interface_id, _NOWHERE)

    def sources_of_pools(self) -> Iterator[tuple[str, list[Session]]]:
        """Every source that a pool's session lists, with those sessions."""
        for source, sessions in self._holding.items():
            ours = [session for session in sessions if self.is_ours(session)]
            if ours:
                yield source, ours

    @property
    def sources(self) -> int:
        """How many sources the sessions of all pools list, untagged ones as well."""
        ours = (*self._owners, *self._untagged_of)
        return sum(len(self.sessions_by_id[session_id].source_ids) for session_id in ours)


def owner_of(policy: Policy, session: Session) -> Pool | None:
    """The pool that has the session; the first, where a policy makes the mistake of two."""
    return next((pool for pool in policy.pools.values() if pool.holds(session)), None)


def left_because(pool: Pool, session: Session, changed: Sequence[str]) -> str | None:
    """Why the pool finds the session no more, if it would but for parameters that were changed."""
    found = pool.discovery
    if found is None or pool.holds(session):
        return None
    is_elsewhere = "TrafficMirrorTargetId" in changed and found.target_id != session.target_id
    before = replace(
        found,
        target_id=None if "TrafficMirrorTargetId" in changed else found.target_id,
        filter_id=None if "TrafficMirrorFilterId" in changed else found.filter_id,
    )
    if not before.finds(session):
        return None
    return reasons.WRONG_TARGET if found.target_id and is_elsewhere else reasons.WRONG_FILTER


def could_hold(pool: Pool, session_id: str) -> bool:
    """Say whether a session that nobody has looked at may be, or have been, one of the pool's."""
    return session_id in pool.session_ids or pool.has_unnamed_sessions


def any_could_hold(policy: Policy, session_id: str) -> bool:
    return any(could_hold(pool, session_id) for pool in policy.pools.values())


def may_have_left(pool: Pool, session: Session) -> bool:
    """Say whether the pool may have had a session before somebody changed it.

    An update changes anything but tags; of what a pool made, those are changed by calls that leave
    its name and its priority alone.
    """
    discovery, growth = pool.discovery, pool.growth
    if discovery is not None and discovery.tags.items() <= session.tags.items():
        return True
    return pool.made(session) or (growth is not None and growth.fences(session))


def may_have_had(policy: Policy, session: Session) -> bool:
    """Say whether a pool has a session, or had it before somebody changed it."""
    return any(
        pool.discovery is not None or pool.holds(session) or may_have_left(pool, session)
        for pool in policy.pools.values()
    )
