"""Traffic mirror sessions: one change at a time, done by the time that passes.

No timer runs: `settle` applies what has become due, whenever somebody looks.
"""

from __future__ import annotations

import copy
import heapq
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping

from localcloud.world.agenda import Agenda
from localcloud.world.held import Held
from localcloud.world.history import History
from localcloud.world.moments import after
from localcloud.world.objects import Change, Session, SessionStatus, TagTurn
from localcloud.world.records import update_record
from localcloud.world.settings import Behaviour
from localcloud.world.tags import changed_tags


class Sessions:
    """All sessions, found by id. Records are changed only by this class."""

    def __init__(self, sessions: Iterable[Session], behaviour: Behaviour, now: float) -> None:
        self._behaviour = behaviour
        self._by_id: dict[str, Session] = {}
        self._ids: list[str] = []
        self._held = Held()
        self._due: dict[str, float] = {}
        self._agenda: list[tuple[float, str]] = []
        self._tags: Agenda[TagTurn] = Agenda()
        self._history: History[Session] = History()
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
    def held(self) -> Held:
        """What sessions hold, pending things included."""
        return self._held

    @property
    def ids_of_late(self) -> list[str]:
        """Every id, sorted, with those of sessions gone so lately that a list may show them."""
        return sorted([*self._ids, *self._history.gone])

    def find(self, session_id: str) -> Session | None:
        return self._by_id.get(session_id)

    def records(self, now: float) -> tuple[Session, ...]:
        """A copy of everything for the fleet file, with what is left of changes in it."""
        found = []
        for session_id in self._ids:
            record = copy.copy(self._by_id[session_id])
            if record.change is not None:
                record.change = copy.copy(record.change)
                record.change.remaining_s = max(0.0, self._due[session_id] - now)
            record.tags_become = self._tags.of(session_id, now)
            found.append(record)
        return tuple(found)

    def begin(
        self, session: Session, change: Change, now: float, status: SessionStatus = "Modifying"
    ) -> None:
        """Start a change: busy in `status` from now on, done after `change.remaining_s`."""
        due = after(now, change.remaining_s)
        self._history.begin(session.id, session)
        self._held.give_up(session)
        session.status = status
        session.change = change
        self._held.take(session)
        self._schedule(session, due)
        visible = min(after(now, self._behaviour.modifying_visible_after_s), due)
        self._note(session, visible, self._shown_early(change))

    def create(self, session: Session, change: Change, now: float) -> None:
        """Take in a new session, Creating until the change that gives it its sources is done."""
        session.status = "Creating"
        session.change = change
        self._by_id[session.id] = session
        insort(self._ids, session.id)
        self._held.take(session)
        self._schedule(session, after(now, change.remaining_s))
        self._plan_tags(session, now)
        self._history.begin(session.id, None)
        self._note(session, now, self._shown_early(change))

    def retag(self, session: Session, changes: Mapping[str, str | None], now: float) -> None:
        """Set tags, and take those off that are None; a session that is busy is no hindrance."""
        tags = changed_tags(session.tags, changes)
        self._history.begin(session.id, session)
        self._history.amend(session.id, now, lambda record: setattr(record, "tags", tags))
        session.tags = tags

    def interface_gone(self, interface_id: str, now: float) -> None:
        """A network interface was deleted: `behaviour.gone_interfaces` says what that means."""
        if self._behaviour.gone_interfaces == "keep":
            return
        for session_id in sorted(self._held.by_source.get(interface_id, ())):
            session = self._by_id[session_id]
            self._history.begin(session_id, session)
            self._held.give_up(session)
            session.sources = _without(session.sources, (interface_id,))
            if session.change is not None:
                # The record is this class's own, its change may be the fleet file's.
                session.change = copy.copy(session.change)
                session.change.add = _without(session.change.add, (interface_id,))
            self._held.take(session)
            self._note(session, now)

    def settle(self, now: float) -> None:
        """Let everything happen that is due by now, each at its own moment."""
        for at, session_id, turn in self._tags.due(now):
            self._settle_changes(at)
            session = self._by_id.get(session_id)
            if session is not None:
                self.retag(session, turn.tags, at)
        self._settle_changes(now)

    def seen(self, session_id: str, at: float) -> Session | None:
        """The session as a list shows it when it answers as of `at`."""
        return self._history.seen(session_id, at, self._by_id.get(session_id))

    def _settle_changes(self, now: float) -> None:
        while self._agenda and self._agenda[0][0] <= now:
            due, session_id = heapq.heappop(self._agenda)
            session = self._by_id.get(session_id)
            if session is None or session.change is None or self._due.get(session_id) != due:
                continue
            self._finish(session, session.change, due)

    def _finish(self, session: Session, change: Change, due: float) -> None:
        del self._due[session.id]
        # A creation that fails comes to the same as a deletion that does not.
        if session.status == ("Creating" if change.fails else "Deleting"):
            self._drop(session, due)
            return
        self._held.give_up(session)
        session.change = None
        session.status = "Created"
        if not change.fails:
            session.sources = (*_without(session.sources, change.remove), *change.add)
            update_record(session, change.update)
        self._held.take(session)
        self._note(session, due)

    def _drop(self, session: Session, at: float) -> None:
        self._history.begin(session.id, session)
        self._held.give_up(session)
        del self._by_id[session.id]
        del self._ids[bisect_left(self._ids, session.id)]
        self._tags.plan(session.id, (), at)
        self._history.end(session.id, at)

    def _schedule(self, session: Session, due: float) -> None:
        self._due[session.id] = due
        heapq.heappush(self._agenda, (due, session.id))

    def _take_in(self, session: Session, now: float) -> None:
        self._by_id[session.id] = session
        self._ids.append(session.id)
        self._plan_tags(session, now)
        change = session.change
        if change is not None:
            session.status = "Modifying" if session.status == "Created" else session.status
            self._schedule(session, after(now, change.remaining_s))
            self._history.begin(session.id, _showing(session, self._shown_early(change)))
        self._held.take(session)

    def _plan_tags(self, session: Session, now: float) -> None:
        if session.tags_become:
            self._tags.plan(session.id, session.tags_become, now)
            session.tags_become = ()

    def _shown_early(self, change: Change) -> tuple[str, ...]:
        return change.add if self._behaviour.pending_listed else ()

    def _note(self, session: Session, at: float, pending: tuple[str, ...] = ()) -> None:
        self._history.note(session.id, at, _showing(session, pending))


def _showing(session: Session, pending: tuple[str, ...]) -> Session:
    """The session as a list shows it that shows what is pending as well."""
    record = copy.copy(session)
    record.sources = (*session.sources, *pending)
    return record


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
