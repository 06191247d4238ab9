"""How many sources were removed of late, so that no day of wrong answers empties a fleet.

The sweep asks for few at a time, but others can ask as often as they like, and the sweep itself can
be wrong every time.
"""

from __future__ import annotations

from collections import deque

HOUR_S = 3600.0


class Removals:
    """The removals of the last hour, as far as this instance remembers: a restart forgets them."""

    def __init__(self, most_an_hour: int) -> None:
        self._most = most_an_hour
        self._at: deque[float] = deque()

    def left(self, now: float) -> int:
        """How many more there may be now; of any clock that is never set."""
        while self._at and self._at[0] <= now - HOUR_S:
            self._at.popleft()
        return max(0, self._most - len(self._at))

    def note(self, number: int, now: float) -> None:
        """So many were removed, or may have been."""
        self._at.extend([now] * number)
