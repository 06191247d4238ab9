"""Deadlines count time that passes: a clock that is set back keeps no run from ending."""

from __future__ import annotations

import pytest

from tests.worlds import a_session, attached

from .conftest import Serve

AN_HOUR_S = 3600.0


def test_a_run_whose_clock_is_set_back_by_an_hour_while_it_waits_hands_over_in_time(
    serve: Serve,
) -> None:
    world = serve([1], [a_session(1, status="Modifying")])
    began = world.clock.monotonic()
    writer = world.writer().with_a_clock_off_by(
        lambda: -AN_HOUR_S if world.clock.monotonic() - began > 5 else 0.0
    )

    answer = writer.deliver(attached(1))

    assert (answer["outcomes"], answer["handed_over"]) == ([], 1)
    assert world.clock.monotonic() - began < 30


@pytest.mark.parametrize("off_by_s", [-AN_HOUR_S, AN_HOUR_S])
def test_a_clock_that_is_set_while_a_run_is_under_way_leads_to_no_second_place(
    serve: Serve, off_by_s: float
) -> None:
    busy = a_session(1, status="Modifying", change={"remaining_s": 12.0})
    world = serve(range(1, 6), [busy, 2])
    began = world.clock.monotonic()
    writer = world.writer().with_a_clock_off_by(
        lambda: off_by_s if world.clock.monotonic() - began > 5 else 0.0
    )

    told = writer.outcomes(*map(attached, range(1, 6)))

    assert {one["outcome"] for one in told} == {"mirrored"}
    assert [len(places) for places in world.placements().values()] == [1] * 5
    assert world.clock.monotonic() - began < 240
