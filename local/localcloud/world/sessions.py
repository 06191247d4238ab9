"""Traffic mirror sessions: one change at a time, done by the time that passes.

No timer runs: `settle` applies what has become due, whenever somebody looks. Next to the truth
the history of each changed session is kept for a while, because a list may answer late.
"""

from __future__ import annotations

import copy
import heapq
import math
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping

from localcloud.world.moments import after
from localcloud.world.objects import Change, Session, SessionStatus, SessionUpdate
from localcloud.world.records import update_record
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
        self._by_filter: dict[str, set[str]] = {}
        self._priorities: dict[int, str] = {}
        self._gone: dict[str, float] = {}
        self._due: dict[str, float] = {}
        self._agenda: list[tuple[float, str]] = []
        self._history: dict[str, list[tuple[float, Session | None]]] = {}
        records = list(sessions)
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

    @property
    def by_filter(self) -> Mapping[str, set[str]]:
        return self._by_filter

    @property
    def ids_of_late(self) -> list[str]:
        """Every id, sorted, with those of sessions gone so lately that a list may show them."""
        return sorted([*self._ids, *self._gone])

    def holder_of(self, priority: int) -> str | None:
        """The session that has a priority, or is about to have it."""
        return self._priorities.get(priority)

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

    def begin(
        self, session: Session, change: Change, now: float, status: SessionStatus = "Modifying"
    ) -> None:
        """Start a change: busy in `status` from now on, done after `change.remaining_s`."""
        due = after(now, change.remaining_s)
        self._note(session, -math.inf)
        self._index(session, -1)
        session.status = status
        session.change = change
        self._index(session, 1)
        self._schedule(session, due)
        visible = min(after(now, self._behaviour.modifying_visible_after_s), due)
        self._note(session, visible, self._shown_early(change))

    def create(self, session: Session, change: Change, now: float) -> None:
        """Take in a new session, Creating until the change that gives it its sources is done."""
        session.status = "Creating"
        session.change = change
        self._by_id[session.id] = session
        insort(self._ids, session.id)
        self._index(session, 1)
        self._schedule(session, after(now, change.remaining_s))
        self._history[session.id] = [(-math.inf, None)]
        self._note(session, now, self._shown_early(change))

    def interface_gone(self, interface_id: str, now: float) -> None:
        """A network interface was deleted: `behaviour.gone_interfaces` says what that means."""
        if self._behaviour.gone_interfaces == "keep":
            return
        for session_id in sorted(self._by_source.get(interface_id, ())):
            session = self._by_id[session_id]
            self._note(session, -math.inf)
            self._index(session, -1)
            session.sources = _without(session.sources, (interface_id,))
            if session.change is not None:
                # The record is this class's own, its change may be the fleet file's.
                session.change = copy.copy(session.change)
                session.change.add = _without(session.change.add, (interface_id,))
            self._index(session, 1)
            self._note(session, now)

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
        # A creation that fails comes to the same as a deletion that does not.
        if session.status == ("Creating" if change.fails else "Deleting"):
            self._drop(session, due)
            return
        self._index(session, -1)
        session.change = None
        session.status = "Created"
        if not change.fails:
            session.sources = (*_without(session.sources, change.remove), *change.add)
            update_record(session, change.update)
        self._index(session, 1)
        self._note(session, due)

    def _drop(self, session: Session, at: float) -> None:
        self._note(session, -math.inf)
        self._index(session, -1)
        del self._by_id[session.id]
        del self._ids[bisect_left(self._ids, session.id)]
        insort(self._history[session.id], (at, None), key=lambda noted: noted[0])
        self._gone[session.id] = at
        for session_id in [one for one, gone in self._gone.items() if gone < at - HISTORY_S]:
            del self._gone[session_id], self._history[session_id]

    def _schedule(self, session: Session, due: float) -> None:
        self._due[session.id] = due
        heapq.heappush(self._agenda, (due, session.id))

    def _take_in(self, session: Session, now: float) -> None:
        self._by_id[session.id] = session
        self._ids.append(session.id)
        change = session.change
        if change is not None:
            session.status = "Modifying" if session.status == "Created" else session.status
            self._schedule(session, after(now, change.remaining_s))
            self._note(session, -math.inf, self._shown_early(change))
        self._index(session, 1)

    def _shown_early(self, change: Change) -> tuple[str, ...]:
        return change.add if self._behaviour.pending_listed else ()

    def _index(self, session: Session, step: int) -> None:
        """Put a session with all it holds into every index, or (`step` -1) take it out.

        What a change is going to take is held from its beginning, what it gives up to its end.
        """
        change = session.change or Change(0)
        update = change.update or SessionUpdate()
        held = (*session.sources, *change.add)
        targets = {session.target, update.target or session.target}
        _file(self._by_source, held, session.id, step)
        _file(self._by_target, targets, session.id, step)
        _file(self._by_filter, {session.filter, update.filter or session.filter}, session.id, step)
        for target in targets:
            count = self._sources_of_target.get(target, 0) + step * len(held)
            self._sources_of_target[target] = count
        for priority in {session.priority, update.priority or session.priority}:
            if step > 0:
                self._priorities[priority] = session.id
            else:
                self._priorities.pop(priority, None)

    def _note(self, session: Session, at: float, pending: tuple[str, ...] = ()) -> None:
        history = self._history.setdefault(session.id, [])
        if at == -math.inf and history:
            return
        record = copy.copy(session)
        record.sources = (*session.sources, *pending)
        insort(history, (at, record), key=lambda noted: noted[0])
        while len(history) > 1 and history[1][0] < at - HISTORY_S:
            del history[0]


def _file(index: dict[str, set[str]], keys: Iterable[str], session_id: str, step: int) -> None:
    for key in keys:
        if step > 0:
            index.setdefault(key, set()).add(session_id)
        elif key in index:
            index[key].discard(session_id)
            if not index[key]:
                del index[key]


def _without(sources: tuple[str, ...], removed: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(source for source in sources if source not in removed)


def _give_priorities(sessions: list[Session]) -> None:
    taken = {session.priority for session in sessions}
    lowest = 1
    for session in sessions:
        if session.priority == 0:
            while lowest in taken:
                lowest += 1
            session.priority = lowest
            taken.add(lowest)
