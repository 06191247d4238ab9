"""The seats of a pool's sessions: only in those that mirror, in the order in which mirror asks."""

from __future__ import annotations

from commandline.planning.quotas import Room
from evermirror import reasons
from evermirror.coverage.counting import SETTLING
from evermirror.model import CREATED, Session
from evermirror.placement.effect import Effect
from evermirror.placement.placement import Placement
from evermirror.placement.rendezvous import order

_STAYING = frozenset({CREATED, *SETTLING})


def idle_because(session: Session, found: Effect) -> str | None:
    """Why the session does not mirror what it lists, nor will once it has settled; or None."""
    if found.reason is not None:
        return found.reason
    return None if session.status in _STAYING else reasons.SESSION_NOT_CREATED


class Seats:
    """The seats of a pool's sessions, given to one interface after another.

    What is taken is taken of the room as well, which pools share.
    """

    def __init__(self, pool: str, placement: Placement, room: Room) -> None:
        works = {
            session.id: session
            for session in placement.membership.sessions(pool)
            if idle_because(session, placement.effect(session, pool)) is None
        }
        most = placement.limits.sources_per_session
        self._sessions = works
        self._free = {one.id: max(0, most - len(one.source_ids)) for one in works.values()}
        self._room = room
        self._at = placement.snapshot.at
        self._open = tuple(sorted(works))
        self._look()

    def free(self) -> int:
        """How many seats are left.

        A target that several sessions share has no more room than its own quota.
        """
        by_target: dict[str, int] = {}
        for session in self._sessions.values():
            free = by_target.get(session.target_id, 0) + self._free[session.id]
            by_target[session.target_id] = free
        return sum(min(free, self._room.on_target(one)) for one, free in by_target.items())

    def take(self, network_interface_id: str) -> Session | None:
        """The session that mirror would ask; None where every one is full."""
        if not self._open:
            return None
        chosen = order(network_interface_id, self._open, self._sessions, self._at)[0]
        session = self._sessions[chosen]
        self._give(session, 1)
        if not self._has_seat(chosen):
            self._look()  # others of the same target may have none left either
        return session

    def take_any(self, wanted: int) -> int:
        """Give seats to so many interfaces, and say how many of them got one.

        Which of them sits where does not change how many do.
        """
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

    def _give(self, session: Session, seats: int) -> None:
        self._free[session.id] -= seats
        self._room.take(session.target_id, seats)

    def _has_seat(self, session_id: str) -> bool:
        target_id = self._sessions[session_id].target_id
        return self._free[session_id] > 0 and self._room.on_target(target_id) > 0
