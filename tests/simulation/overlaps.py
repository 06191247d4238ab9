"""What README excepts from "nothing twice", recognised narrowly.

Two looks, of two writers or one of them stale, have a removal by somebody else between them: the
one sees a session full and passes it, the other sees its room; and the change of the one that
was first is not yet shown to the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from .editions import DrawnPool, Edition
from .joins import held_by
from .sights import History, Mirror, Sight
from .truth import sessions_of


class Overlaps:
    """The window of an accepted change: since the oldest state that it may be planned from."""

    def __init__(self, history: History, since: float, capacity: int) -> None:
        self._sights = list(history.since(since))
        self._capacity = capacity

    def was_seen(self, pool: DrawnPool, edition: Edition, session_id: str, source: str) -> bool:
        """Whether every look of that time must have shown the source in this session of the pool.

        One that somebody brought into the pool meanwhile was not in it for all of them.
        """
        return all(
            any(one.id == session_id for one in held_by(sessions_of(pool, edition, sight), source))
            for sight in self._sights
        )

    def has_removal(self, pool_sessions: set[str]) -> bool:
        """Whether a full session of the pool got room meanwhile, or was gone."""
        return any(
            self._was_full(before.sessions.get(one)) and not self._was_full(after.sessions.get(one))
            for before, after in self._in_pairs()
            for one in pool_sessions
        )

    def _in_pairs(self) -> Iterator[tuple[Sight, Sight]]:
        """Neighbours in time, oldest first of each pair."""
        return zip(self._sights[1:], self._sights, strict=False)

    def _was_full(self, session: Mirror | None) -> bool:
        return session is not None and len(session.held) >= self._capacity
