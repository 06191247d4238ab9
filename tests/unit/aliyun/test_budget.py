"""The budget lets a burst go and makes the rest wait their turn."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest

from evermirror.aliyun.budget import Budget


class Time:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []
        self._lock = Lock()

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)


def test_a_tenth_of_a_minutes_calls_leave_at_once() -> None:
    time = Time()
    budget = Budget(lambda: time.now, time.sleep, 300)

    for _ in range(30):
        budget.spend()

    assert time.slept == []


def test_later_calls_wait_their_turn() -> None:
    time = Time()
    budget = Budget(lambda: time.now, time.sleep, 60)

    for _ in range(9):
        budget.spend()

    assert [round(seconds, 2) for seconds in time.slept] == [1.11, 2.22, 3.33]


def test_no_minute_sees_more_calls_than_the_budget() -> None:
    time = Time()
    left: list[float] = []

    def sleep(seconds: float) -> None:
        time.now += seconds

    budget = Budget(lambda: time.now, sleep, 120)
    for _ in range(500):
        budget.spend()
        left.append(time.now)

    assert max(sum(one <= at < one + 60 for at in left) for one in left) <= 120
    assert left[-1] - left[0] <= 1.1 * 500 / 120 * 60


def test_what_the_service_asks_for_holds_everybody_back() -> None:
    time = Time()
    budget = Budget(lambda: time.now, time.sleep, 60)

    budget.hold(2.5)
    budget.spend()
    time.now += 2.5
    budget.spend()
    budget.hold(1e9)
    budget.spend()

    assert [round(seconds, 6) for seconds in time.slept] == [2.5, 60]


def test_what_is_not_spent_comes_back_with_time_but_never_beyond_the_burst() -> None:
    time = Time()
    budget = Budget(lambda: time.now, time.sleep, 60)
    for _ in range(6):
        budget.spend()

    time.now += 3600
    for _ in range(7):
        budget.spend()

    assert [round(seconds, 2) for seconds in time.slept] == [1.11]


def test_a_clock_that_goes_back_gives_nothing() -> None:
    time = Time()
    budget = Budget(lambda: time.now, time.sleep, 60)

    time.now -= 1000
    for _ in range(7):
        budget.spend()

    assert [round(seconds, 2) for seconds in time.slept] == [1.11]


def test_a_tiny_budget_still_lets_one_call_through() -> None:
    time = Time()
    budget = Budget(lambda: time.now, time.sleep, 1)

    budget.spend()
    budget.spend()

    assert [round(seconds, 6) for seconds in time.slept] == [120]


def test_threads_never_get_more_than_there_is() -> None:
    time = Time()
    budget = Budget(lambda: time.now, time.sleep, 60)

    with ThreadPoolExecutor(8) as pool:
        for _ in range(106):
            pool.submit(budget.spend)

    turns = sorted(round(seconds * 0.9, 6) for seconds in time.slept)
    assert turns == list(range(1, 101))


def test_nothing_is_earned_while_the_service_holds_everybody_back() -> None:
    time = Time()
    left: list[float] = []

    def sleep(seconds: float) -> None:
        left.append(time.now + seconds)

    budget = Budget(lambda: time.now, sleep, 300)
    budget.hold(60)
    began = time.now
    for _ in range(16):
        budget.spend()
    time.now = began + 60
    while time.now < began + 120:
        waiting = len(left)
        budget.spend()
        if len(left) == waiting:
            left.append(time.now)
        time.now = left[-1]

    assert sum(began + 60 <= at < began + 120 for at in left) <= 300


def test_a_turn_that_does_not_come_in_time_is_not_waited_for_and_costs_nothing() -> None:
    time = Time()
    budget = Budget(lambda: time.now, time.sleep, 60)
    for _ in range(6):
        budget.spend()

    assert not budget.takes_turn(1.0)
    assert time.slept == []
    assert budget.takes_turn(1.2)
    budget.spend()

    assert [round(seconds, 2) for seconds in time.slept] == [1.11]


@pytest.mark.parametrize(
    ("spent", "held_s", "turns"), [(0, 0, 15), (6, 0, 9), (6, 4, 5), (6, 60, 0)]
)
def test_it_knows_how_many_calls_can_leave_in_a_while(
    spent: int, held_s: float, turns: int
) -> None:
    time = Time()
    budget = Budget(lambda: time.now, time.sleep, 60)
    for _ in range(spent):
        budget.spend()
    budget.hold(held_s)

    assert budget.turns_within(10.01) == turns
    for _ in range(turns):
        assert budget.takes_turn(10.01)
    assert not budget.takes_turn(10.01)


def held_while_asleep(time: Time, seconds: float) -> tuple[Budget, list[float]]:
    """An empty budget of which the service asks for a pause during the first sleep."""
    woke: list[float] = []
    meanwhile: list[Callable[[], None]] = []

    def sleep(waited_s: float) -> None:
        if meanwhile:
            meanwhile.pop()()
        time.now += waited_s
        woke.append(round(time.now - 100.0, 2))

    budget = Budget(lambda: time.now, sleep, 60)
    for _ in range(6):
        budget.spend()
    meanwhile.append(lambda: budget.hold(seconds))
    return budget, woke


def test_a_hold_that_comes_while_a_call_waits_puts_it_off_by_as_long() -> None:
    budget, woke = held_while_asleep(Time(), 8.0)

    budget.spend()
    budget.spend()

    assert woke == [1.11, 9.11, 10.22]


def test_a_hold_that_comes_while_a_turn_is_waited_for_ends_the_wait_and_costs_nothing() -> None:
    time = Time()
    budget, woke = held_while_asleep(time, 8.0)

    assert not budget.takes_turn(10.0)
    budget.spend()

    assert woke == [1.11, 9.11]


def test_a_turn_that_is_left_is_there_for_the_next() -> None:
    time = Time()
    budget = Budget(lambda: time.now, time.sleep, 60)
    for _ in range(5):
        budget.spend()

    assert budget.takes_turn(0.0)
    budget.leaves_turn()
    assert budget.takes_turn(0.0)
    budget.spend()

    assert time.slept == []
