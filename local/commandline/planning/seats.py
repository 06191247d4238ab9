"""Which session of its pool takes an interface, as mirror has it: by ids, not by load or state.

A session that is switched off takes sources as any other does, so mirror does not pass it either,
and what it takes is not mirrored.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from commandline.planning.quotas import Room
from evermirror import reasons
from evermirror.engine.flaws import NONE_KNOWN, flaw
from evermirror.engine.placement import order
from evermirror.model import Session

MOST_LOOKS = 2_000_000
"""At sessions, by all interfaces of a pool together; some seconds."""

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

    What is taken is taken of the room as well, which pools share. `idle` are the filters that
    accept nothing, `at` is when the sessions were read, in epoch seconds, and `looks` how often
    interfaces look at sessions at most.
    """

    def __init__(
        self,
        sessions: Iterable[Session],
        room: Room,
        idle: AbstractSet[str],
        at: float,
        looks: int = MOST_LOOKS,
    ) -> None:
        there = [session for session in sessions if session.status != _LEAVING]
        most = room.quotas.sources_per_session
        self._sessions = {session.id: session for session in there}
        self._free = {session.id: max(0, most - len(session.source_ids)) for session in there}
        self._idle = frozenset(one.id for one in there if not works(one, idle))
        self._room = room
        self._at = at
        self._looks_left = looks
        self._open = tuple(sorted(self._sessions))
        self._look()

    def free(self) -> int:
        """How many seats are left in sessions that work.

        A target that several sessions share has no more room than its own quota.
        """
        by_target: dict[str, int] = {}
        for session in self._sessions.values():
            if session.id not in self._idle:
                free = by_target.get(session.target_id, 0) + self._free[session.id]
                by_target[session.target_id] = free
        return sum(min(free, self._room.on_target(one)) for one, free in by_target.items())

    @property
    def all_work(self) -> bool:
        """Say whether every session that has a seat works: then it is all the same which."""
        return not self._open_and_idle

    def take(self, network_interface_id: str) -> Session | None:
        """The session that mirror would ask; None where every one is full.

        In a fleet so large that this would take minutes, at some point the worst is assumed.
        """
        if not self._open:
            return None
        self._looks_left -= len(self._open)
        if self._looks_left >= 0:
            chosen = order(network_interface_id, self._open, self._sessions, self._at)[0]
        else:
            chosen = (self._open_and_idle or self._open)[0]
        session = self._sessions[chosen]
        self._give(session, 1)
        if not self._has_seat(chosen):
            self._look()  # others of the same target may have none left either
        return session

    def take_any(self, wanted: int) -> int:
        """Give seats to so many interfaces, and say how many of them got one."""
        left = wanted
        for session in map(self._sessions.__getitem__, self._open):
            room = self._room.on_target(session.target_id)
            now = min(self._free[session.id], room, left)
            self._give(session, now)
            left -= now
        self._look()
        return wanted - left

    def _look(self) -> None:
        self._open = tuple(filter(self._has_seat, self._open))
        self._open_and_idle = tuple(one for one in self._open if one in self._idle)

    def _give(self, session: Session, seats: int) -> None:
        self._free[session.id] -= seats
        self._room.take(session.target_id, seats)

    def _has_seat(self, session_id: str) -> bool:
        target_id = self._sessions[session_id].target_id
        return self._free[session_id] > 0 and self._room.on_target(target_id) > 0
