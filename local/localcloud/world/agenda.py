"""Who becomes what, and when: what things come to be by themselves."""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from localcloud.world.moments import after
from localcloud.world.objects import InstanceTurn, TagTurn, Turn

TurnT = TypeVar("TurnT", InstanceTurn, TagTurn, Turn)
# Moment, whose it is, and a number. What is due at one moment comes in the order of ids, whoever
# planned it first, so that a world given back does everything in the same order.
_Entry = tuple[float, str, int]


class Agenda(Generic[TurnT]):
    """The turns still to come, of any number of things; what is planned last replaces the rest."""

    def __init__(self) -> None:
        self._of: dict[str, list[tuple[_Entry, TurnT]]] = {}
        self._heap: list[_Entry] = []
        self._planned = 0

    def plan(self, thing_id: str, turns: Iterable[TurnT], now: float) -> None:
        """From now on nothing but these turns is to come for a thing."""
        planned = []
        for turn in sorted(turns, key=lambda one: one.after_s):
            self._planned += 1
            entry = (after(now, turn.after_s), thing_id, self._planned)
            planned.append((entry, turn))
            heapq.heappush(self._heap, entry)
        self._of.pop(thing_id, None)
        if planned:
            self._of[thing_id] = planned

    def next(self) -> float | None:
        """The moment of the next turn."""
        while self._heap and not self._is_first(self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def to_come(self, thing_id: str) -> tuple[TurnT, ...]:
        """The turns that were planned for a thing and have not been taken."""
        return tuple(turn for _, turn in self._of.get(thing_id, ()))

    def due(self, now: float) -> Iterator[tuple[float, str, TurnT]]:
        """Every turn that is due by now, in order, with its moment and whose it is."""
        while (moment := self.next()) is not None and moment <= now:
            thing_id = heapq.heappop(self._heap)[1]
            _, turn = self._of[thing_id].pop(0)
            if not self._of[thing_id]:
                del self._of[thing_id]
            yield moment, thing_id, turn

    def of(self, thing_id: str, now: float) -> tuple[TurnT, ...]:
        """What is still to come for a thing, as the fleet file says it."""
        return tuple(
            dataclasses.replace(turn, after_s=max(0.0, entry[0] - now))
            for entry, turn in self._of.get(thing_id, ())
        )

    def _is_first(self, entry: _Entry) -> bool:
        turns = self._of.get(entry[1])
        return turns is not None and turns[0][0] == entry
