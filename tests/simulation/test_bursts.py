"""The figures that the engine is held to, in stepped time, so that what costs them shows."""

from __future__ import annotations

from statistics import median

import pytest

from bench.bursts import (
    CASES,
    LONE,
    LONE_TO_A_SENSOR,
    SETTLE_S,
    Case,
    Measured,
    evermirror,
    measured,
)

BY_NAME = {case.name: case for case in CASES}
# By case: the last interface in settle times, the median to the ideal's, calls an interface.
SMALL = [("burst_of_ten", 4.0, None, 0.4), ("growth", 3.0, None, 0.3)]
LARGE = [("burst", 14.0, 1.2, 1.25), ("launches", 14.0, 1.2, 1.4)]


def covered_once(case: Case) -> Measured:
    found = measured(case, evermirror)
    assert (found.lost, found.twice) == (0, 0)
    assert len(found.covered_s) == case.interfaces
    return found


@pytest.mark.parametrize(("case", "calls"), [(LONE, 6), (LONE_TO_A_SENSOR, 8)])
def test_a_lone_interface_is_confirmed_within_a_second_of_settling_in_few_calls(
    case: Case, calls: int
) -> None:
    found = covered_once(case)

    assert found.covered_s[0] <= SETTLE_S + 1
    assert found.calls <= calls


@pytest.mark.parametrize(
    ("name", "settle_times", "median_to_ideal", "calls"),
    [*SMALL, *(pytest.param(*row, marks=pytest.mark.prove) for row in LARGE)],
)
def test_a_thousand_interfaces_are_covered_in_time_and_in_few_calls(
    name: str, settle_times: float, median_to_ideal: float | None, calls: float
) -> None:
    case = BY_NAME[name]
    found = covered_once(case)

    assert found.covered_s[-1] <= settle_times * SETTLE_S
    assert found.calls / case.interfaces <= calls
    if median_to_ideal is not None:
        assert median(found.covered_s) <= median_to_ideal * median(case.ideal_s)


@pytest.mark.prove
def test_a_burst_under_a_rate_limit_takes_little_longer_than_its_calls_do() -> None:
    case = BY_NAME["burst_at_600"]
    found = covered_once(case)

    bound = max(2 * case.ideal_s[-1], found.calls / 600 * 60)
    assert found.covered_s[-1] <= 1.15 * bound
    assert median(found.covered_s) <= 1.15 * bound / 2
    assert found.calls / case.interfaces <= 1.06
