"""Sessions take their time, do one thing at once, and lists tell of it late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

SESSION = "tms-j6c00000000000000001"
OTHER_SESSION = "tms-j6c00000000000000002"
INTERFACE = "eni-j6c000000000000001"
OTHER_INTERFACE = "eni-j6c000000000000002"
DeskOf = Callable[..., Any]


def test_an_accepted_source_is_listed_once_the_session_has_settled(desk: Any) -> None:
    assert desk.add().status == 200
    assert desk.session() == ("Modifying", [])
    desk.advance(2.9)
    assert desk.session() == ("Modifying", [])
    desk.advance(0.1)
    assert desk.session() == ("Created", [INTERFACE])


def test_a_pending_source_is_listed_where_the_fleet_says_so(desk_of: DeskOf) -> None:
    desk = desk_of(behaviour={"pending_listed": True})
    desk.add()

    assert desk.session() == ("Modifying", [INTERFACE])


def test_a_changed_session_may_look_unchanged_for_a_moment(desk_of: DeskOf) -> None:
    desk = desk_of(behaviour={"modifying_visible_after_s": 1})
    desk.add()

    assert desk.session() == ("Created", [])
    assert desk.add(OTHER_INTERFACE).code == "IncorrectStatus.TrafficMirrorSession"
    desk.advance(1)
    assert desk.session() == ("Modifying", [])
    desk.advance(2)
    assert desk.session() == ("Created", [INTERFACE])


def test_a_busy_session_refuses_a_second_change_and_others_do_not(desk: Any) -> None:
    desk.add()

    refused = desk.add(OTHER_INTERFACE)
    assert (refused.status, refused.code) == (400, "IncorrectStatus.TrafficMirrorSession")
    assert desk.add(OTHER_INTERFACE, OTHER_SESSION).status == 200
    desk.advance(3)
    assert desk.add(OTHER_INTERFACE).status == 200


def test_the_error_of_a_busy_session_can_be_chosen(desk_of: DeskOf) -> None:
    desk = desk_of(behaviour={"busy_code": "OperationConflict"})
    desk.add()

    refused = desk.add(OTHER_INTERFACE)
    assert (refused.status, refused.code) == (409, "OperationConflict")


def test_a_list_can_answer_as_of_some_seconds_ago(desk_of: DeskOf) -> None:
    desk = desk_of(behaviour={"stale_list_s": 5})
    desk.add()
    desk.advance(4)
    assert desk.session() == ("Created", [])
    desk.advance(1)
    assert desk.session() == ("Modifying", [])
    desk.advance(3)
    assert desk.session() == ("Created", [INTERFACE])


def test_a_stale_list_also_filters_by_what_was_then(desk: Any) -> None:
    desk.add()
    desk.advance(3)
    desk.cloud.faults.replace([{"action": "List*", "when": {"next": 1}, "do": {"stale_s": 5}}])

    assert desk.list_sessions(TrafficMirrorSourceId=INTERFACE).body["TotalCount"] == "0"
    assert desk.list_sessions(TrafficMirrorSourceId=INTERFACE).body["TotalCount"] == "1"


def test_a_background_failure_leaves_the_session_as_it_was(desk: Any) -> None:
    desk.cloud.faults.replace([{"action": "Add*", "do": {"background_failure": True}}])
    assert desk.add().status == 200
    assert desk.session() == ("Modifying", [])
    desk.advance(3)

    assert desk.session() == ("Created", [])
    assert desk.list_sessions(TrafficMirrorSourceId=INTERFACE).body["TrafficMirrorSessions"] == []


def test_a_session_that_never_settles_stays_busy(desk_of: DeskOf) -> None:
    desk = desk_of(sessions=[{"id": SESSION, "status": "Modifying"}])
    desk.advance(100_000)

    assert desk.session() == ("Modifying", [])
    assert desk.add().code == "IncorrectStatus.TrafficMirrorSession"


def test_settling_drawn_from_a_range_stays_in_it_and_repeats(desk_of: DeskOf) -> None:
    def drawn() -> list[float]:
        desk = desk_of(settle_s=[1, 3])
        return [desk.cloud.world.draw_settle_s() for _ in range(50)]

    assert drawn() == drawn()
    assert all(1 <= seconds <= 3 for seconds in drawn())
    assert len(set(drawn())) > 40


def test_an_interface_can_become_in_use_after_a_while(desk_of: DeskOf) -> None:
    attaching = {
        "id": "eni-j6cattaching",
        "instance": "i-j6c0000000000000001",
        "status": "Attaching",
        "becomes": [{"status": "InUse", "after_s": 4}],
    }
    desk = desk_of(network_interfaces=[attaching])

    assert desk.add("eni-j6cattaching").code == "OperationDenied.FreeNetworkInterface"
    desk.advance(4)
    assert desk.add("eni-j6cattaching").status == 200


@pytest.mark.parametrize("settle_s", [0, 0.0])
def test_a_session_can_settle_at_once(desk_of: DeskOf, settle_s: float) -> None:
    desk = desk_of(settle_s=settle_s)
    desk.add()

    assert desk.session() == ("Created", [INTERFACE])
