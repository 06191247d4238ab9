"""Which session belongs to which pool, and which list an interface: asked often, so indexed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evermirror.model import Session
from evermirror.policy import Policy

_NOWHERE: tuple[Session, ...] = ()


class Membership:
    """An index over the sessions of a region, made once for a policy.

    A session belongs to every pool that names it, finds it or made it, as mirror has it: a policy
    of which that is true for two pools is a mistake, but not one to be judged differently here.
    """

    def __init__(self, policy: Policy, sessions: Mapping[str, Session]) -> None:
        self._owners: dict[str, tuple[str, ...]] = {}
        self._sessions: dict[str, list[Session]] = {name: [] for name in policy.pools}
        self._holding: dict[str, tuple[Session, ...]] = {}
        named: dict[str, str] = {i: p for p, pool in policy.pools.items() for i in pool.session_ids}
        searching = [pool for pool in policy.pools.values() if pool.has_unnamed_sessions]
        for session in sessions.values():
            found = [pool.name for pool in searching if pool.holds(session)]
            owner = named.get(session.id)
            owners = tuple(found if owner is None or owner in found else [owner, *found])
            if owners:
                self._owners[session.id] = owners
            for name in owners:
                self._sessions[name].append(session)
            for source in session.source_ids:
                self._holding[source] = (*self._holding.get(source, _NOWHERE), session)
        self.not_listed = tuple(sorted(named.keys() - sessions.keys()))
        """Sessions that the policy names and the service does not show."""
        self.sources = sum(len(sessions[session_id].source_ids) for session_id in self._owners)
        """How many sources the sessions of all pools list."""

    def sessions(self, pool: str) -> list[Session]:
        return self._sessions[pool]

    def is_ours(self, session: Session) -> bool:
        """Say whether a session belongs to any pool."""
        return session.id in self._owners

    def is_in(self, session: Session, pool: str) -> bool:
        return pool in self._owners.get(session.id, ())

    def holding(self, network_interface_id: str) -> tuple[Session, ...]:
        """All sessions, of pools or not, that list an interface."""
        return self._holding.get(network_interface_id, _NOWHERE)

    def sources_of_pools(self) -> Iterator[tuple[str, list[Session]]]:
        """Every source that a pool's session lists, with those sessions."""
        for source, sessions in self._holding.items():
            ours = [session for session in sessions if self.is_ours(session)]
            if ours:
                yield source, ours
