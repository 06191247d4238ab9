"""Which session belongs to which pool, and which list an interface: asked often, so indexed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evermirror.model import Session
from evermirror.policy import Policy

_NOWHERE: tuple[Session, ...] = ()


class Membership:
    """An index over the sessions of a region, made once for a policy."""

    def __init__(self, policy: Policy, sessions: Mapping[str, Session]) -> None:
        self._owner: dict[str, str] = {}
        self._sessions: dict[str, list[Session]] = {name: [] for name in policy.pools}
        self._holding: dict[str, tuple[Session, ...]] = {}
        named = {i: name for name, pool in policy.pools.items() for i in pool.session_ids}
        searching = [pool for pool in policy.pools.values() if pool.discovery or pool.growth]
        for session in sessions.values():
            found = (pool.name for pool in searching if pool.holds(session))
            owner = named.get(session.id) or next(found, None)
            if owner is not None:
                self._owner[session.id] = owner
                self._sessions[owner].append(session)
            for source in session.source_ids:
                self._holding[source] = (*self._holding.get(source, _NOWHERE), session)
        self.not_listed = tuple(sorted(named.keys() - sessions.keys()))
        """Sessions that the policy names and the service does not show."""
        ours = (session for some in self._sessions.values() for session in some)
        self.sources = sum(len(session.source_ids) for session in ours)
        """How many sources the sessions of all pools list."""

    def sessions(self, pool: str) -> list[Session]:
        return self._sessions[pool]

    def owner(self, session: Session) -> str | None:
        """The pool that a session belongs to."""
        return self._owner.get(session.id)

    def is_in(self, session: Session, pool: str) -> bool:
        return self._owner.get(session.id) == pool

    def holding(self, network_interface_id: str) -> tuple[Session, ...]:
        """All sessions, of pools or not, that list an interface."""
        return self._holding.get(network_interface_id, _NOWHERE)

    def sources_of_pools(self) -> Iterator[tuple[str, list[Session]]]:
        """Every source that a pool's session lists, with those sessions."""
        for source, sessions in self._holding.items():
            ours = [session for session in sessions if session.id in self._owner]
            if ours:
                yield source, ours
