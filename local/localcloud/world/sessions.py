"""Traffic mirror sessions: one change at a time, done by the time that passes.

No timer runs: `settle` applies what has become due, whenever somebody looks. Next to the truth
the history of each changed session is kept for a while, because a list may answer late.
"""

from __future__ import annotations

import copy
import heapq
import math
from bisect import insort
from collections.abc import Iterable, Mapping

from localcloud.world.moments import after
from localcloud.world.objects import Change, Session
from localcloud.world.settings import Behaviour

HISTORY_S = 3600.0


class Sessions:
    """All sessions, found by id, source and target. Records are changed only by this class."""

    def __init__(self, sessions: Iterable[Session], behaviour: Behaviour, now: float) -> None:
        self._behaviour = behaviour
        self._by_id: dict[str, Session] = {}
        self._ids: list[str] = []
        self._by_source: dict[str, set[str]] = {}
        self._by_target: dict[str, set[str]] = {}
        self._sources_of_target: dict[str, int] = {}
        self._due: dict[str, float] = {}
        self._agenda: list[tuple[float, str]] = []
        self._history: dict[str, list[tuple[float, Session]]] = {}
        records = [copy.copy(session) for session in sessions]
        _give_priorities(records)
        for session in records:
            self._take_in(session, now)
        self._ids.sort()

    @property
    def ids(self) -> list[str]:
        """Every id, sorted; not to be changed."""
        return self._ids

    @property
    def by_source(self) -> Mapping[str, set[str]]:
        """The sessions of a source, those included in which it is still pending."""
        return self._by_source

    @property
    def by_target(self) -> Mapping[str, set[str]]:
        return self._by_target

    def find(self, session_id: str) -> Session | None:
        return self._by_id.get(session_id)

    def sources_of_target(self, target: str) -> int:
        """How many sources send to a target, pending ones included, once for each session."""
        return self._sources_of_target.get(target, 0)

    def records(self, now: float) -> tuple[Session, ...]:
        """A copy of everything for the fleet file, with what is left of changes in it."""
        found = []
        for session_id in self._ids:
            record = copy.copy(self._by_id[session_id])
            if record.change is not None:
                record.change = copy.copy(record.change)
                record.change.remaining_s = max(0.0, self._due[session_id] - now)
            found.append(record)
        return tuple(found)

    def begin(self, session: Session, change: Change, now: float) -> None:
        """Start to add sources: Modifying from now on, done after `change.remaining_s`."""
        due = after(now, change.remaining_s)
        self._note(session, -math.inf)
        session.status = "Modifying"
        session.change = change
        self._schedule(session, due)
        self._count(session, change.add, 1)
        visible = min(after(now, self._behaviour.modifying_visible_after_s), due)
        self._note(session, visible, self._shown_early(change))

    def settle(self, now: float) -> None:
        """Finish every change that is due by now, each at its own moment."""
        while self._agenda and self._agenda[0][0] <= now:
            due, session_id = heapq.heappop(self._agenda)
            session = self._by_id.get(session_id)
            if session is None or session.change is None or self._due.get(session_id) != due:
                continue
            self._finish(session, session.change, due)

    def seen(self, session_id: str, at: float) -> Session | None:
        """The session as a list shows it when it answers as of `at`."""
        history = self._history.get(session_id)
        if history is None:
            return self._by_id.get(session_id)
        known = history[0][1]
        for moment, record in history:
            if moment > at:
                break
            known = record
        return known

    def _finish(self, session: Session, change: Change, due: float) -> None:
        del self._due[session.id]
        session.change = None
        session.status = "Created"
        if change.fails:
            self._count(session, change.add, -1)
        else:
            session.sources = (*session.sources, *change.add)
        self._note(session, due)

    def _schedule(self, session: Session, due: float) -> None:
        self._due[session.id] = due
        heapq.heappush(self._agenda, (due, session.id))

    def _take_in(self, session: Session, now: float) -> None:
        self._by_id[session.id] = session
        self._ids.append(session.id)
        self._by_target.setdefault(session.target, set()).add(session.id)
        self._count(session, session.sources, 1)
        change = session.change
        if change is not None:
            session.status = "Modifying" if session.status == "Created" else session.status
            self._count(session, change.add, 1)
            self._schedule(session, after(now, change.remaining_s))
            self._note(session, -math.inf, self._shown_early(change))

    def _shown_early(self, change: Change) -> tuple[str, ...]:
        return change.add if self._behaviour.pending_listed else ()

    def _count(self, session: Session, sources: tuple[str, ...], step: int) -> None:
        target = session.target
        self._sources_of_target[target] = self._sources_of_target.get(target, 0) + step * len(
            sources
        )
        for source in sources:
            holding = self._by_source.setdefault(source, set())
            if step > 0:
                holding.add(session.id)
            else:
                holding.discard(session.id)

    def _note(self, session: Session, at: float, pending: tuple[str, ...] = ()) -> None:
        history = self._history.setdefault(session.id, [])
        if at == -math.inf and history:
            return
        record = copy.copy(session)
        record.sources = (*session.sources, *pending)
        insort(history, (at, record), key=lambda noted: noted[0])
        while len(history) > 1 and history[1][0] < at - HISTORY_S:
            del history[0]


def _give_priorities(sessions: list[Session]) -> None:
    taken = {session.priority for session in sessions}
    lowest = 1
    for session in sessions:
        if session.priority == 0:
            while lowest in taken:
                lowest += 1
            session.priority = lowest
            taken.add(lowest)
