"""How calls that a run sends at once are carried out: one after the other, in any order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class InAnyOrder:
    """Runs calls one after the other in an order of chance; each may be the last of its run."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def run(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        places = list(range(len(calls)))
        self._chance.shuffle(places)
        answers = {place: calls[place]() for place in places}
        return [answers[place] for place in range(len(calls))]
