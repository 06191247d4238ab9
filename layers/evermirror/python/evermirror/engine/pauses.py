"""How long to wait between two looks, because a look costs a call and waiting costs time.

A session takes seconds to settle; the vendor's own hint is every 3 s, ten times (VPC API
2016-04-28, polling hint of AddSourcesToTrafficMirrorSession).
"""

from __future__ import annotations

from collections.abc import Callable

AFTER_A_CHANGE_S = (1.5, 1.6, 1.5, 2.0)
LAST_S = 3.0

MANY_CHANGES = 20
WITH_MANY_CHANGES_S = 1.0
"""With so many sessions busy a look is cheap beside what it finds ready for the next change."""

FIRST_BACKOFF_S = 1.5
LONGEST_BACKOFF_S = 12.0


class Pauses:
    """One run's rhythm. `chance` gives numbers from 0 to 1, evenly."""

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self._since_change = 0
        self._troubles = 0

    @property
    def in_trouble(self) -> bool:
        """Say whether the last pause was drawn because of trouble."""
        return self._troubles > 0

    def changed(self) -> None:
        """A change was accepted: begin again with short pauses."""
        self._since_change = 0

    def next(self, changing: int, hint_s: float, *, trouble: bool, waiting: bool = True) -> float:
        """Seconds to wait, while `changing` sessions are busy with changes of this run.

        `waiting` is False where no interface waits for a session to be ready for it: then nothing
        is gained by seeing a change settle early, and a look is saved.
        `hint_s` is how long the service asks to be left alone. After trouble, a throttle or an
        answer that was lost, the pause is drawn evenly from a span that doubles with every
        further one, so that many who were refused together do not come back together.
        """
        if trouble:
            span = min(LONGEST_BACKOFF_S, FIRST_BACKOFF_S * 2.0 ** min(self._troubles, 10))
            self._troubles += 1
            return hint_s + self._chance() * span
        self._troubles = 0
        pause = self._usual() if waiting else self._unhurried()
        return max(min(pause, WITH_MANY_CHANGES_S) if changing >= MANY_CHANGES else pause, hint_s)

    def _unhurried(self) -> float:
        pause = self._usual()
        return pause + self._usual() if self._since_change == 1 else pause

    def _usual(self) -> float:
        at = self._since_change
        self._since_change += 1
        return AFTER_A_CHANGE_S[at] if at < len(AFTER_A_CHANGE_S) else LAST_S
