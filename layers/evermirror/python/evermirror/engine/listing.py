"""Reads sessions for one run, and takes none of them for absent before it was told so twice.

A List that answers empty, or shows less than there is, looks like a pool with room for an interface
that one of its sessions holds. So what is missing is asked for once more before anything is decided
from it; what was missing twice costs no third call in this run. A pool that is whole costs nothing.

A pool whose question the service refuses harms no other one: it is named in `unread`, with why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from evermirror.engine.ports import Clock, SessionApi
from evermirror.errors import StopError
from evermirror.model import CREATED, Session, SessionQuery
from evermirror.policy.sessions import POOL_TAG, Pool
from evermirror.results import ReadError

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
        self.unread: dict[str, ReadError | StopError] = {}
        """Of the pools read last, those that could not be, with what the service said."""

    def awaits_turn(self) -> None:
        """Wait until the next call may leave, so that a look is not older than it need be."""
        self._api.awaits_turn()

    def holders(self, priorities: Iterable[int]) -> tuple[Session, ...]:
        """The sessions with these priorities. That none is shown decides nothing: asked once."""
        queries = [SessionQuery(priority=priority) for priority in priorities]
        return tuple(one for query in queries for one in self._api.find_sessions(query))

    def of(
        self,
        pools: Sequence[Pool],
        holders: Iterable[Session] = (),
        placed: Iterable[str] = (),
        changed: Iterable[str] = (),
    ) -> dict[str, Session]:
        """All sessions of the pools, those of the other ids, and strangers seen beside them.

        Raises where not one of several pools could be read.
        """
        self.unread = {}
        found = {session.id: session for session in holders}
        readable = [pool for pool in pools if self._search(pool, found)]
        if self.unread and not readable and not placed:
            raise next(iter(self.unread.values()))
        # What a query showed just now need not be asked for by its id as well.
        asked = {*placed, *changed} - found.keys()
        try:
            expected = {i for pool in readable for i in self._expected(pool)} - found.keys()
            found.update(self._by_id(expected, asked))
        except StopError:
            if len(readable) < 2:
                raise
            self._by_pool(readable, found)
            found.update(self._by_id((), asked))
        for pool in pools:
            self._members[pool.name] = frozenset(_held(pool, found))
        return found

    def _search(self, pool: Pool, found: dict[str, Session]) -> bool:
        """Adds what a pool's own questions show, and says whether they were answered."""
        try:
            for query in _queries(pool):
                found.update((session.id, session) for session in self._find(query))
        except (ReadError, StopError) as error:
            self.unread[pool.name] = error
            return False
        return True

    def _by_pool(self, pools: Sequence[Pool], found: dict[str, Session]) -> None:
        for pool in pools:
            try:
                found.update(self._by_id(self._expected(pool) - found.keys(), ()))
            except (ReadError, StopError) as error:  # noqa: PERF203 - each pool by itself
                self.unread[pool.name] = error

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
        """All sessions of the pools as they were within the last minute, the busy ones as now.

        Raises where one of the pools could not be read: a ceiling counts all of them.
        """
        at = self._clock.now()
        oldest = at - COUNTED_FOR_S
        due = [p for p in pools if p.name not in self._counted or self._counted[p.name][0] < oldest]
        found = self.of(due)
        for error in self.unread.values():
            raise error
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


def _held(pool: Pool, sessions: Mapping[str, Session]) -> dict[str, Session]:
    return {i: one for i, one in sessions.items() if pool.holds(one) or pool.untagged(one)}


def _queries(pool: Pool) -> list[SessionQuery]:
    """What to ask for so that every session of the pool is seen that the policy does not name.

    What a pool made carries the pool's tag, whatever its name, target and filter are by now. Its
    filter shows besides whose tag is not there, taken off or not yet written, and strangers who
    hold a number of the pool.
    """
    queries: list[SessionQuery] = []
    if pool.makes_sessions:
        queries += [SessionQuery(tags={POOL_TAG: name}) for name in pool.names]
    if pool.growth is not None:
        queries.append(SessionQuery(filter_id=pool.growth.filter_id))
    found = pool.discovery
    if found is not None:
        query = SessionQuery(found.target_id, found.filter_id, tags=found.tags)
        queries = [one for one in queries if not _covers(query, one)]
        queries.append(query)
    return queries


def _covers(wide: SessionQuery, narrow: SessionQuery) -> bool:
    """Say whether the answer to one question shows all that the answer to the other would."""
    return (
        wide.target_id in {None, narrow.target_id}
        and wide.filter_id in {None, narrow.filter_id}
        and wide.tags.items() <= narrow.tags.items()
    )
