"""Reads sessions for one run, and takes none of them for absent before it was told so twice.

A List that answers empty, or shows less than there is, looks like a pool with room for an interface
that one of its sessions holds. So what is missing is asked for once more before anything is decided
from it; what was missing twice costs no third call in this run. A pool that is whole costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from evermirror.aliyun.session_requests import SessionQuery
from evermirror.engine.ports import SessionApi
from evermirror.model import Session


class Listing:
    """One run's way to the List. Every method may raise ReadError or StopError."""

    def __init__(self, api: SessionApi) -> None:
        self._api = api
        self._empty: list[SessionQuery] = []
        self._absent: frozenset[str] = frozenset()

    def find(self, query: SessionQuery) -> tuple[Session, ...]:
        """Every session that the query asks for."""
        found = self._api.find_sessions(query)
        if not found and query not in self._empty:
            found = self._api.find_sessions(query)
        self._empty = [one for one in self._empty if one != query]
        if not found:
            self._empty.append(query)
        return found

    def holder(self, priority: int) -> tuple[Session, ...]:
        """Whoever has the priority. That nobody is shown decides nothing, so it is asked once."""
        return self._api.find_sessions(SessionQuery(priority=priority))

    def by_id(self, wanted: Iterable[str], besides: Iterable[str] = ()) -> tuple[Session, ...]:
        """The sessions of these ids; `besides` are some whose absence decides nothing."""
        expected = frozenset(wanted)
        asked = sorted(expected.union(besides))
        if not asked:
            return ()
        found = {one.id: one for one in self._api.list_sessions(asked)}
        missing = expected - found.keys() - self._absent
        if missing:
            found.update((one.id, one) for one in self._api.list_sessions(sorted(missing)))
        self._absent = (self._absent | expected) - found.keys()
        return tuple(found.values())
