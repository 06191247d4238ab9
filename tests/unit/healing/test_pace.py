"""What an instance remembers of its heals, whatever its clock does."""

from __future__ import annotations

import pytest

from evermirror.healing.pace import HOUR_S, Pace
from evermirror.model import Cause

NOON = 43_200.0


def exhausted_at(now: float) -> Pace:
    pace = Pace(per_hour=2)
    for name in ("a", "b"):
        pace.note("tms-1", Cause("bus", name), now)
    return pace


@pytest.mark.parametrize("off_s", [0.0, 1.0, -1.0, HOUR_S - 1])
def test_within_the_hour_no_more_than_so_many_are_admitted(off_s: float) -> None:
    assert not exhausted_at(NOON).admits("tms-1", Cause("bus", "c"), NOON + off_s)
    assert exhausted_at(NOON).admits("tms-1", Cause("bus", "a"), NOON + off_s)
    assert exhausted_at(NOON).admits("tms-2", Cause("bus", "c"), NOON + off_s)


@pytest.mark.parametrize("off_s", [HOUR_S, -HOUR_S, -86_400.0])
def test_an_hour_later_or_after_the_clock_was_set_back_they_are_forgotten(off_s: float) -> None:
    assert exhausted_at(NOON).admits("tms-1", Cause("bus", "c"), NOON + off_s)
