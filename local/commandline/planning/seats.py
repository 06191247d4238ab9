"""Which session of its pool takes an interface, as mirror has it: by ids, not by load or state.

A session that is switched off takes sources as any other does, so mirror does not pass it either,
and what it takes is not mirrored.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from commandline.planning.quotas import Room
from evermirror.engine import reasons
from evermirror.engine.flaws import NONE_KNOWN, flaw
from evermirror.engine.placement import order
from evermirror.model import Session

_LEAVING = "Deleting"


def idle_because(session: Session, idle_filter_ids: AbstractSet[str] = NONE_KNOWN) -> str | None:
    """Why the session does not mirror what it lists, nor will once it has settled; or None."""
    if session.status == _LEAVING:
        return reasons.SESSION_NOT_CREATED
    return flaw(session, idle_filter_ids)


def works(session: Session, idle_filter_ids: AbstractSet[str] = NONE_KNOWN) -> bool:
    """Say whether the session mirrors what it lists, or will once it has settled."""
    return idle_because(session, idle_filter_ids) is None


class Seats:
    """The seats of a pool's sessions, given to one interface after another.

    What is taken is taken of the room as well, which pools share. `at` is when the sessions were
    read, in epoch seconds.
    """

    def __init__(self, sessions: Iterable[Session], room: Room, at: float) -> None:
        there = [session for session in sessions if session.status != _LEAVING]
        most = room.quotas.sources_per_session
        self._sessions = {session.id: session for session in there}
        self._free = {session.id: max(0, most - len(session.source_ids)) for session in there}
        self._room = room
        self._at = at
        self._open = self._still_open(sorted(self._sessions))

    def free(self, idle_filter_ids: AbstractSet[str]) -> int:
        """How many seats are left in sessions that work.

        A target that several sessions share has no more room than its own quota.
        """
        by_target: dict[str, int] = {}
        for session in self._sessions.values():
            if works(session, idle_filter_ids):
                free = by_target.get(session.target_id, 0) + self._free[session.id]
                by_target[session.target_id] = free
        return sum(min(free, self._room.on_target(one)) for one, free in by_target.items())

    def all_work(self, idle_filter_ids: AbstractSet[str]) -> bool:
        """Say whether every session that has a seat works: then it is all the same which."""
        return all(works(self._sessions[one], idle_filter_ids) for one in self._open)

    def take(self, network_interface_id: str) -> Session | None:
        """The session that mirror would ask; None where every one is full."""
        if not self._open:
            return None
        ranked = order(network_interface_id, self._open, self._sessions, self._at)
        return self._taken(self._sessions[ranked[0]], 1)

    def take_any(self, wanted: int) -> int:
        """Give seats to so many interfaces, and say how many of them got one."""
        taken = 0
        while self._open and taken < wanted:
            session = self._sessions[self._open[0]]
            there = min(self._free[session.id], self._room.on_target(session.target_id))
            now = min(there, wanted - taken)
            self._taken(session, now)
            taken += now
        return taken

    def _taken(self, session: Session, seats: int) -> Session:
        self._free[session.id] -= seats
        self._room.take(session.target_id, seats)
        if not self._free[session.id] or not self._room.on_target(session.target_id):
            self._open = self._still_open(self._open)
        return session

    def _still_open(self, ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(
            one
            for one in ids
            if self._free[one] and self._room.on_target(self._sessions[one].target_id)
        )
