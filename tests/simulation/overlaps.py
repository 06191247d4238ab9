"""What README excepts from "nothing twice", recognised narrowly.

Two looks, of two writers or one of them stale, have a change by somebody else between them: the
one sees a session full, or without effect, and passes it; the other sees that it takes sources; and
the change of the one that was first is not yet shown to the other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import pairwise, takewhile

from .editions import DrawnPool, Edition
from .joins import held_by
from .sights import History, Mirror, Sight
from .truth import POINTED_ELSEWHERE, flaw, sessions_of


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Of a change that is accepted at `now`, and was planned from something `oldest_s` old at most.

    `slow_s` is how much older what was known of filters and targets may be.
    """

    history: History
    now: float
    oldest_s: float
    slow_s: float
    capacity: int

    def was_seen(self, pool: DrawnPool, edition: Edition, session_id: str, source: str) -> bool:
        """Whether every look of that time must have shown the source in this session of the pool.

        One that somebody brought into the pool meanwhile was not in it for all of them.
        """
        return all(
            any(one.id == session_id for one in held_by(sessions_of(pool, edition, sight), source))
            for sight in self._window
        )

    def could_cross(
        self, pool: DrawnPool, session_id: str, beside: Collection[str], source: str
    ) -> bool:
        """Whether a session of the pool was passed by one look, and taken for a place by another.

        Either this change passed a session `beside` the one that it was made to, or whoever put the
        source there before passed this one.
        """
        twins = [one for one in beside if _holds(self._window[0], one, source)]
        put_at = min((self._put_at(one, source) for one in twins), default=self.now)
        opened = any(self._was_opened(pool, one, self.now - self.oldest_s) for one in beside)
        return bool(twins) and (
            opened or self._was_opened(pool, session_id, put_at - self.oldest_s)
        )

    @property
    def _window(self) -> list[Sight]:
        """What it may be planned from, newest first."""
        return list(self.history.since(self.now - self.oldest_s))

    def _put_at(self, session_id: str, source: str) -> float:
        """Since when the source is in this session, or is seen to be."""
        held = takewhile(lambda sight: _holds(sight, session_id, source), self._window)
        return min(sight.at for sight in held)

    def _was_opened(self, pool: DrawnPool, session_id: str, since: float) -> bool:
        """Whether the session was to be passed and then was not any more, or was gone."""

        def is_passed(one: Mirror, sight: Sight) -> bool:
            is_full = len(one.held) >= self.capacity
            return is_full or flaw(pool, one, sight) in POINTED_ELSEWHERE

        def is_flawed(one: Mirror, sight: Sight) -> bool:
            return flaw(pool, one, sight) not in {None, *POINTED_ELSEWHERE}

        return self._ceased(session_id, since, is_passed) or self._ceased(
            session_id, since - self.slow_s, is_flawed
        )

    def _ceased(
        self, session_id: str, since: float, holds_true: Callable[[Mirror, Sight], bool]
    ) -> bool:
        found = ((sight.sessions.get(session_id), sight) for sight in self.history.since(since))
        were = [one is not None and holds_true(one, sight) for one, sight in found]
        return any(before and not after for after, before in pairwise(were))


def _holds(sight: Sight, session_id: str, source: str) -> bool:
    session = sight.sessions.get(session_id)
    return session is not None and source in session.held
