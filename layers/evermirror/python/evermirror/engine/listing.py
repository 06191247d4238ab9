"""Reads sessions for one run, and takes none of them for absent before it was told so twice.

A List that answers empty, or shows less than there is, looks like a pool with room for an interface
that one of its sessions holds. So what is missing is asked for once more before anything is decided
from it; what was missing twice costs no third call in this run. A pool that is whole costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from evermirror.aliyun.session_requests import SessionQuery
from evermirror.engine.ports import Clock, SessionApi
from evermirror.engine.state import CREATED
from evermirror.model import Session
from evermirror.policy.decision import Pool
from evermirror.policy.sessions import POOL_TAG, Discovery, Growth

COUNTED_FOR_S = 60.0
"""How old the count of sources may be that are far from the pools in question: it guards money."""


class Listing:
    """One run's way to the List. Every method may raise ReadError or StopError."""

    def __init__(self, api: SessionApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._empty: list[SessionQuery] = []
        self._absent: frozenset[str] = frozenset()
        self._members: dict[str, frozenset[str]] = {}
        self._counted: dict[str, tuple[float, dict[str, Session]]] = {}

    def awaits_turn(self) -> None:
        """Wait until the next call may leave, so that a look is not older than it need be."""
        self._api.awaits_turn()

    def holders(self, priorities: Iterable[int]) -> tuple[Session, ...]:
        """Whoever has these priorities. That nobody is shown decides nothing: it is asked once."""
        queries = [SessionQuery(priority=priority) for priority in priorities]
        return tuple(one for query in queries for one in self._api.find_sessions(query))

    def of(
        self,
        pools: Sequence[Pool],
        holders: Iterable[Session] = (),
        placed: Iterable[str] = (),
    ) -> dict[str, Session]:
        """All sessions of the pools, and besides them those of the ids in `placed`."""
        found: dict[str, Session] = {}
        for sessions in (holders, *map(self._find, _queries(pools))):
            held = (one for one in sessions if any(pool.holds(one) for pool in pools))
            found.update((session.id, session) for session in held)
        # What a query showed just now need not be asked for by its id as well.
        expected = {i for pool in pools for i in self._expected(pool)} - found.keys()
        found.update(self._by_id(expected, set(placed) - found.keys()))
        for pool in pools:
            self._members[pool.name] = frozenset(_held(pool, found))
        return found

    def around(
        self, network_interface_ids: Iterable[str], session_ids: AbstractSet[str]
    ) -> tuple[float, dict[str, Session]]:
        """The sessions of these ids, and all that list one of the interfaces.

        Says as well since when that is so: of the ids, exactly; that an interface is listed
        nowhere else was asked just before.
        """
        found: dict[str, Session] = {}
        for one in network_interface_ids:
            listing = self._api.find_sessions(SessionQuery(source_id=one))
            found.update((session.id, session) for session in listing)
        self.awaits_turn()
        at = self._clock.now()
        found = {i: one for i, one in found.items() if i not in session_ids}
        return at, {**found, **self._by_id(session_ids, ())}

    def counted(self, pools: Sequence[Pool]) -> dict[str, Session]:
        """All sessions of the pools as they were within the last minute, the busy ones as now."""
        at = self._clock.now()
        oldest = at - COUNTED_FOR_S
        due = [p for p in pools if p.name not in self._counted or self._counted[p.name][0] < oldest]
        found = self.of(due)
        self._counted.update({pool.name: (at, _held(pool, found)) for pool in due})
        counted = {i: one for pool in pools for i, one in self._counted[pool.name][1].items()}
        busy = {i for i, one in counted.items() if one.status != CREATED} - found.keys()
        again = self._by_id((), busy)
        counted = {
            i: again.get(i, one) for i, one in counted.items() if i in again or i not in busy
        }
        for pool in pools:
            self._counted[pool.name] = (self._counted[pool.name][0], _held(pool, counted))
        return counted

    def _expected(self, pool: Pool) -> frozenset[str]:
        """The sessions that must be shown: those that are named, and that were shown before."""
        return self._members.get(pool.name, frozenset()).union(pool.session_ids)

    def _find(self, query: SessionQuery) -> tuple[Session, ...]:
        found = self._api.find_sessions(query)
        if not found and query not in self._empty:
            found = self._api.find_sessions(query)
        self._empty = [one for one in self._empty if one != query]
        if not found:
            self._empty.append(query)
        return found

    def _by_id(self, expected: Iterable[str], besides: Iterable[str]) -> dict[str, Session]:
        """The sessions of these ids; that one of `besides` is absent decides nothing."""
        expected = frozenset(expected)
        asked = sorted(expected.union(besides))
        if not asked:
            return {}
        found = {one.id: one for one in self._api.list_sessions(asked)}
        missing = expected - found.keys() - self._absent
        if missing:
            found.update((one.id, one) for one in self._api.list_sessions(sorted(missing)))
        self._absent = (self._absent | expected) - found.keys()
        return found


def _held(pool: Pool, sessions: dict[str, Session]) -> dict[str, Session]:
    return {i: one for i, one in sessions.items() if pool.holds(one)}


def _queries(pools: Sequence[Pool]) -> list[SessionQuery]:
    """What to ask for so that every session of the pools is seen that the policy does not name."""
    queries: list[SessionQuery] = []
    for pool in pools:
        found = pool.discovery
        if found is not None:
            queries.append(SessionQuery(found.target_id, found.filter_id, tags=found.tags))
        if pool.growth is not None and not (found and _finds_grown(found, pool.growth, pool.name)):
            queries.append(SessionQuery(tags={POOL_TAG: pool.name}))
        queries.extend(SessionQuery(tags={POOL_TAG: name}) for name in pool.names if pool.was)
    return [query for at, query in enumerate(queries) if query not in queries[:at]]


def _finds_grown(found: Discovery, growth: Growth, pool: str) -> bool:
    """Say whether the question for a pool's sessions shows those as well that it makes itself."""
    tags = growth.session_tags(pool)
    return (
        found.filter_id in {None, growth.filter_id}
        and all(found.target_id in {None, target.id} for target in growth.targets)
        and all(tags.get(key) == value for key, value in found.tags.items())
    )
