"""Observe, act, paused, dry runs and the ceiling."""

from __future__ import annotations

import pytest

from evermirror.errors import PausedError
from evermirror.settings import Mode
from tests.worlds import a_session, attached, eni, tms

from .conftest import Serve


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
