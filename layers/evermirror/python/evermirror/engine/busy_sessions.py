"""Since when an instance of the function has seen sessions busy, because waiting for them must end.

A change takes seconds. A session that is stuck in one would hold its pool up for ever, so after a
while nothing more is waited for there: counted from when it was first seen busy without a break,
and not by how long an interface has waited, for whatever reason.
"""

from __future__ import annotations

from collections.abc import Iterable

from evermirror.model import CREATED, Session

LONGEST_BREAK_S = 60.0
"""Seconds between two looks after which it is not known what a session was in between."""


class BusySessions:
    """By session; times are seconds of the clock that is never set."""

    def __init__(self) -> None:
        self.since: dict[str, float] = {}
        self._seen: dict[str, float] = {}

    def note(self, sessions: Iterable[Session], now: float) -> None:
        """These were just seen; one that is not busy any more begins anew the next time."""
        for session in sessions:
            known = now - self._seen.get(session.id, now) <= LONGEST_BREAK_S
            if session.status == CREATED:
                self.since.pop(session.id, None)
                self._seen.pop(session.id, None)
            else:
                self.since[session.id] = self.since.get(session.id, now) if known else now
                self._seen[session.id] = now
