"""Observe, act, paused, dry runs and the ceiling."""

from __future__ import annotations

from collections import Counter

import pytest

from evermirror.errors import PausedError
from evermirror.policy import Policy, Pool
from evermirror.settings import Mode
from tests.worlds import a_session, attached, eni, tms

from .conftest import Serve
from .growing_pools import growing, slbs
from .growing_pools import writer as growing_writer


def test_observing_reports_what_would_be_done_and_changes_nothing(serve: Serve) -> None:
    world = serve([1, 2], [1, a_session(2, 2)])
    writer = world.writer().in_mode(Mode.OBSERVE)

    told = {
        one["network_interface_id"]: one["outcome"]
        for one in writer.outcomes(attached(1), attached(2))
    }

    assert told == {eni(1): "would_mirror", eni(2): "already_mirrored"}
    assert world.adds() == []
    assert world.placements() == {eni(2): [tms(2)]}


def test_what_observing_announces_is_what_acting_does(serve: Serve) -> None:
    world = serve(list(range(1, 6)), [1, 2, 3])
    events = [attached(n) for n in range(1, 6)]

    announced = world.writer().in_mode(Mode.OBSERVE).outcomes(*events)
    done = world.writer().outcomes(*events)

    def placed(outcomes: list[dict[str, object]]) -> dict[object, object]:
        return {one["network_interface_id"]: one["session_id"] for one in outcomes}

    assert placed(announced) == placed(done)


def test_observing_announces_no_more_than_there_are_seats_and_room_below_the_ceiling(
    serve: Serve,
) -> None:
    one_seat = serve([1, 2, 3], [a_session(1, *range(101, 110))])
    under_a_ceiling = serve([1, 2, 3], [a_session(1, *range(101, 108))])
    at_the_ceiling = serve([1, 2, 3], [a_session(1, *range(101, 108))])
    events = [attached(n) for n in (1, 2, 3)]

    told = [
        one_seat.writer().in_mode(Mode.OBSERVE).outcomes(*events),
        under_a_ceiling.writer(max_sources=8).in_mode(Mode.OBSERVE).outcomes(*events),
        at_the_ceiling.writer(max_sources=7).in_mode(Mode.OBSERVE).outcomes(*events),
    ]

    assert [[(one["outcome"], one["reason"]) for one in some] for some in told] == [
        [("would_mirror", None), *[("deferred", "pool_full")] * 2],
        [("would_mirror", None), *[("deferred", "ceiling_reached")] * 2],
        [("deferred", "ceiling_reached")] * 3,
    ]


def test_observing_announces_no_more_than_the_seats_of_a_session_that_is_busy(serve: Serve) -> None:
    busy = {"status": "Modifying", "change": {"remaining_s": 30.0}}
    one_seat = serve([1, 2, 3], [a_session(1, *range(101, 110), **busy)])
    full = serve([1, 2, 3], [a_session(1, *range(101, 111), **busy), 2])
    events = [attached(n) for n in (1, 2, 3)]

    told = [world.writer().in_mode(Mode.OBSERVE).outcomes(*events) for world in (one_seat, full)]

    assert [Counter((one["outcome"], one["session_id"]) for one in some) for some in told] == [
        {("would_mirror", tms(1)): 1, ("deferred", None): 2},
        {("would_mirror", tms(2)): 3},
    ]


def test_observing_announces_no_more_than_a_session_that_is_not_listed_can_have(
    serve: Serve,
) -> None:
    world = serve(list(range(1, 13)), [1])
    observing = world.writer(Policy({"all": Pool("all", (tms(9),))}, (), "all"))
    observing.in_mode(Mode.OBSERVE)

    told = observing.outcomes(*[attached(n) for n in range(1, 13)])

    assert Counter(one["outcome"] for one in told) == {"would_mirror": 10, "deferred": 2}


def test_observing_announces_no_more_sessions_than_a_pool_may_make(serve: Serve) -> None:
    world = serve(list(range(1, 16)), [], slbs=slbs(1))
    observing = growing_writer(world, growing(max_sessions=1)).in_mode(Mode.OBSERVE)

    told = observing.outcomes(*[attached(n) for n in range(1, 16)])

    assert Counter((one["outcome"], one["reason"]) for one in told) == {
        ("would_mirror", "would_create_session"): 10,
        ("deferred", "pool_full"): 5,
    }


def test_dry_runs_take_no_seat_from_those_who_act(serve: Serve) -> None:
    world = serve([1, 2], [a_session(1, *range(101, 110))])
    dry = {"request": 1, "dry_run": True, "network_interface_ids": [eni(1)]}

    told = world.writer().outcomes(dry, attached(2))

    assert {one["network_interface_id"]: one["outcome"] for one in told} == {
        eni(1): "would_mirror",
        eni(2): "mirrored",
    }


def test_a_dry_run_reports_in_act_mode_too(serve: Serve) -> None:
    world = serve([1], [1])
    request = {"request": 1, "dry_run": True, "network_interface_ids": [eni(1)]}

    told = world.writer().outcome(request)

    assert (told["outcome"], told["session_id"]) == ("would_mirror", tms(1))
    assert world.adds() == []


def test_a_paused_mirror_leaves_the_work_where_it_was(serve: Serve) -> None:
    world = serve([1], [1])
    writer = world.writer().in_mode(Mode.PAUSED)
    event = attached(1)

    with pytest.raises(PausedError, match="who asked directly must ask again once the mode is act"):
        writer.deliver(event)

    assert world.cloud.journal() == []
    assert writer.in_mode(Mode.ACT).outcome(event)["outcome"] == "mirrored"


def test_a_paused_mirror_still_answers_what_is_no_work(serve: Serve) -> None:
    world = serve([], [1])

    answer = world.writer().in_mode(Mode.PAUSED).deliver_bytes(b"not json")

    assert [one["outcome"] for one in answer["outcomes"]] == ["rejected"]


def test_the_ceiling_holds_for_events_and_requests(serve: Serve) -> None:
    world = serve(list(range(1, 9)), [a_session(1, 101, 102), 2])
    writer = world.writer(max_sources=5)
    request = {"request": 1, "network_interface_ids": [eni(n) for n in range(5, 9)]}

    told = writer.outcomes(*[attached(n) for n in range(1, 5)], request)

    assert sum(len(sources) for sources in world.sources()) == 5
    over = [one for one in told if one["outcome"] != "mirrored"]
    assert {(one["outcome"], one["reason"]) for one in over} == {("deferred", "ceiling_reached")}
    assert len(over) == 8 - 3


def test_a_ceiling_below_what_is_mirrored_adds_nothing_and_removes_nothing(serve: Serve) -> None:
    world = serve([1], [a_session(1, 101, 102)])

    told = world.writer(max_sources=1).outcome(attached(1))

    assert (told["outcome"], told["reason"]) == ("deferred", "ceiling_reached")
    assert world.sources(1) == [[eni(101), eni(102)]]
