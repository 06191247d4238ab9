"""What of a plan is still sent after the service said that it is too much."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import pytest

from evermirror.aliyun.budget import Budget
from evermirror.engine.act import carry_out
from evermirror.engine.actions import Add
from evermirror.engine.ports import SessionApi
from evermirror.engine.state import Call
from evermirror.results import About, Kind, Refused

T = TypeVar("T")


class Overlapping:
    """Runs the later calls while an earlier one waits, as threads may."""

    def __init__(self) -> None:
        self._answers: list[Any] = []
        self._waiting: list[Callable[[], object]] = []

    def run(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        first, *later = calls
        self._waiting.extend(later)
        return [first(), *self._answers]

    def sleep(self, _seconds: float) -> None:
        while self._waiting:
            self._answers.append(self._waiting.pop(0)())


class Overloaded:
    """A service that takes no call, and asks for a pause of so many seconds, or for none."""

    def __init__(self, budget: Budget, pause_s: float | None) -> None:
        self.budget = budget
        self.asked: list[str] = []
        self._pause_s = pause_s

    def takes_turn(self, within_s: float) -> bool:
        return self.budget.takes_turn(within_s)

    def leaves_turn(self) -> None:
        self.budget.leaves_turn()

    def add_sources(self, session_id: str, _ids: Sequence[str], _token: str) -> Refused:
        self.budget.spend()
        self.asked.append(session_id)
        if self._pause_s is not None:
            self.budget.hold(self._pause_s)
        return Refused("Throttling", Kind.WAIT, "", None, self._pause_s, about=About.SERVICE)


@pytest.mark.parametrize("pause_s", [None, 8.0])
def test_what_waits_for_its_turn_when_another_call_is_refused_is_not_sent(
    pause_s: float | None,
) -> None:
    executor = Overlapping()
    budget = Budget(lambda: 0.0, executor.sleep, 60)
    for _ in range(6):
        budget.spend()
    api = Overloaded(budget, pause_s)
    adds = [Add(Call(f"tms-{number}", ("eni",), "token")) for number in range(5)]

    answered = carry_out(adds, cast("SessionApi", api), executor, lambda: 10.0)

    assert len(api.asked) == 1
    assert [item.answer is None for item in answered].count(True) == 4
