"""What things looked like a while ago, because a list may answer late.

Only what changes has a past: of everything else the present is the past. Nothing is known of
what was more than an hour ago.
"""

from __future__ import annotations

import copy
import math
from bisect import insort
from collections.abc import Callable, Collection, Iterable
from typing import Generic, TypeVar

HISTORY_S = 3600.0
RecordT = TypeVar("RecordT")


class History(Generic[RecordT]):
    """The past of things with an id. What it is given is copied; None is not being there."""

    def __init__(self) -> None:
        self._of: dict[str, list[tuple[float, RecordT | None]]] = {}
        self._gone: dict[str, float] = {}

    @property
    def changed(self) -> Collection[str]:
        """The ids of everything that has a past."""
        return self._of

    @property
    def gone(self) -> Iterable[str]:
        """The ids of what went so lately that a list may still show it."""
        return self._gone

    def begin(self, thing_id: str, record: RecordT | None) -> None:
        """Say what something was until it changes for the first time."""
        if thing_id not in self._of:
            self._of[thing_id] = [(-math.inf, copy.copy(record))]

    def note(self, thing_id: str, at: float, record: RecordT | None) -> None:
        """Say what something is from the moment `at` on, which may be to come."""
        history = self._of[thing_id]
        insort(history, (at, copy.copy(record)), key=lambda noted: noted[0])
        while len(history) > 1 and history[1][0] < at - HISTORY_S:
            del history[0]

    def end(self, thing_id: str, at: float) -> None:
        """Say that something is gone from the moment `at` on."""
        self.note(thing_id, at, None)
        self._gone[thing_id] = at
        while self._gone[first := next(iter(self._gone))] < at - HISTORY_S:
            del self._gone[first], self._of[first]

    def amend(self, thing_id: str, at: float, change: Callable[[RecordT], None]) -> None:
        """Change what something is from the moment `at` on, whatever else was noted of it."""
        known = copy.copy(self._at(thing_id, at))
        for moment, record in self._of[thing_id]:
            if moment > at and record is not None:
                change(record)
        if known is not None:
            change(known)
            self.note(thing_id, at, known)

    def seen(self, thing_id: str, at: float, present: RecordT | None) -> RecordT | None:
        """What something was at a moment; `present` is what it is."""
        return self._at(thing_id, at) if thing_id in self._of else present

    def _at(self, thing_id: str, at: float) -> RecordT | None:
        history = self._of[thing_id]
        known = history[0][1]
        for moment, record in history:
            if moment > at:
                break
            known = record
        return known
