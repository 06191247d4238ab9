"""Of two tellings about one thing the older is known by its number, and dropped."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evermirror.notify.ordering import FURTHEST_AHEAD, Newest, subject
from evermirror.numbering import Numbers

NOW = 1_767_225_600.0
SOON = int(NOW * 1000)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9))))
def test_numbers_of_a_subject_never_fall(arriving: list[tuple[str, int]]) -> None:
    newest = Newest()
    admitted = [one for one in arriving if newest.admits(*one, NOW)]

    for name in "ab":
        numbers = [number for about, number in admitted if about == name]
        assert numbers == sorted(numbers)
        assert not arriving or max([n for a, n in arriving if a == name], default=None) == max(
            numbers, default=None
        )


def test_what_has_no_subject_or_no_number_is_always_delivered() -> None:
    newest = Newest()

    assert newest.admits("eni-1", 5, NOW)
    assert newest.admits("eni-1", None, NOW)
    assert newest.admits("eni-1", "4", NOW)
    assert newest.admits(None, 4, NOW)


def test_a_number_from_the_future_silences_nobody() -> None:
    newest = Newest()

    assert newest.admits("coverage", 10**40, NOW)
    assert newest.admits("coverage", SOON + FURTHEST_AHEAD, NOW)
    assert not newest.admits("coverage", SOON, NOW)


def test_those_heard_of_last_are_remembered() -> None:
    newest = Newest(2)
    for name, number in (("a", 9), ("b", 9), ("a", 9), ("c", 9)):
        newest.admits(name, number, NOW)

    assert [newest.admits(name, 1, NOW) for name in "acb"] == [False, False, True]


@pytest.mark.parametrize(
    ("outcome", "about"),
    [
        ({"network_interface_id": "eni-1", "session_id": "tms-1"}, "eni-1"),
        ({"network_interface_id": None, "instance_id": "i-1"}, "i-1"),
        ({"outcome": "session_changed", "session_id": "tms-1"}, "tms-1"),
        ({"outcome": "rejected", "outcome_id": "o-1"}, None),
        ({"outcome": "reclaimed", "outcome_id": "o-1", "network_interface_id": "eni-1"}, "o-1"),
        ({"tampering": {"actor": "m"}, "outcome_id": "o-1", "session_id": "tms-1"}, "o-1"),
        ({"network_interface_id": 7}, None),
    ],
)
def test_what_an_outcome_is_about(outcome: dict[str, Any], about: str | None) -> None:
    assert subject(outcome) == about


def test_numbers_grow_whatever_the_clock_does() -> None:
    numbers = Numbers()

    given = [numbers.next(now) for now in (NOW, NOW, NOW - 3600, NOW + 1)]

    assert given == [SOON, SOON + 1, SOON + 2, SOON + 1000]
