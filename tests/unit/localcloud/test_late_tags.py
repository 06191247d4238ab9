"""Tags of sessions that come late, or that another system writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from localcloud.world.fleet import FleetError, parse_fleet, read_fleet

DeskOf = Callable[..., Any]
SESSION = "tms-j6c00000000000000001"
MINE = {"Tag.1.Key": "pool", "Tag.1.Value": "ids", "Tag.2.Key": "env", "Tag.2.Value": "prod"}
GIVEN = {"pool": "ids", "env": "prod"}


def create(desk: Any) -> str:
    made = desk.call(
        "CreateTrafficMirrorSession",
        TrafficMirrorSourceIds=["eni-j6c000000000000001"],
        TrafficMirrorTargetId="lb-j6c00000000000000001",
        TrafficMirrorTargetType="SLB",
        TrafficMirrorFilterId="tmf-j6c00000000000000001",
        Priority=77,
        **MINE,
    )
    session_id: str = made.body["TrafficMirrorSessionId"]
    return session_id


def tags(desk: Any, session: str, **more: Any) -> dict[str, str] | None:
    """The session's tags as the list shows them; None where it is not listed."""
    said = desk.list_sessions(TrafficMirrorSessionIds=[session], **more)
    shown = [one["Tags"] for one in said.body["TrafficMirrorSessions"]]
    return {tag["Key"]: tag["Value"] for tag in shown[0]} if shown else None


def test_the_tags_of_a_creation_are_there_at_once(desk: Any) -> None:
    assert tags(desk, create(desk)) == GIVEN


def test_the_tags_of_a_creation_may_come_late(desk_of: DeskOf) -> None:
    desk = desk_of(behaviour={"tags_arrive_after_s": 5})
    made = create(desk)
    desk.advance(4.9)
    assert tags(desk, made) == {}
    assert tags(desk, made, **{"Tags.1.Key": "pool"}) is None

    desk.advance(0.1)
    assert tags(desk, made, **{"Tags.1.Key": "pool"}) == GIVEN


def test_another_system_may_write_over_them(desk_of: DeskOf) -> None:
    rewritten = {"pool": "theirs", "env": None, "owner": "audit"}
    behaviour = {"tags_rewritten": rewritten, "tags_rewritten_after_s": 2}
    desk = desk_of(behaviour={**behaviour, "tags_arrive_after_s": 1})
    made = create(desk)
    assert tags(desk, made) == {}
    desk.advance(1)
    assert tags(desk, made) == GIVEN
    desk.advance(1)
    assert tags(desk, made) == {"pool": "theirs", "owner": "audit"}
    assert desk.session(made)[0] == "Creating"

    assert tags(desk, SESSION) == {}
    created = [one["data"]["eventName"] for one in desk.raised("vpc:ActionTrail:ApiCall")]
    assert created == ["CreateTrafficMirrorSession"]


def test_tags_that_are_late_come_after_the_state_was_given_back(desk_of: DeskOf) -> None:
    first = desk_of(behaviour={"tags_arrive_after_s": 5})
    made = create(first)
    first.advance(2)
    second = desk_of()
    second.advance(2)
    second.cloud.load(parse_fleet(json.dumps(first.state())))
    assert second.state() == first.state()

    assert tags(second, made) == {}
    second.advance(3)
    assert tags(second, made) == GIVEN


def test_a_fleet_says_what_becomes_of_tags(desk_of: DeskOf) -> None:
    turns = [
        {"after_s": 8, "tags": {"pool": None, "seen": "yes"}},
        {"after_s": 4, "tags": {"pool": "other"}},
    ]
    desk = desk_of(sessions=[{"id": SESSION, "tags": {"pool": "ids"}, "tags_become": turns}])
    found = []
    for _ in range(3):
        found.append(tags(desk, SESSION))
        desk.advance(4)

    assert found == [{"pool": "ids"}, {"pool": "other"}, {"seen": "yes"}]


def test_a_list_of_a_while_ago_shows_the_tags_of_then(desk_of: DeskOf) -> None:
    turns = [{"after_s": 4, "tags": {"pool": "other"}}]
    session = {"id": SESSION, "tags": {"pool": "ids"}, "tags_become": turns}
    desk = desk_of(sessions=[session], behaviour={"stale_list_s": 3})
    desk.add()
    found = []
    for _ in range(9):
        found.append((desk.session(SESSION)[0], tags(desk, SESSION)))
        desk.advance(1)

    old, new = {"pool": "ids"}, {"pool": "other"}
    busy = [("Created", old)] * 3 + [("Modifying", old)] * 3
    assert found == [*busy, ("Created", old), ("Created", new), ("Created", new)]


def test_a_session_that_hides_being_busy_shows_its_new_tags(desk_of: DeskOf) -> None:
    turns = [{"after_s": 1, "tags": {"pool": "other"}}]
    session = {"id": SESSION, "tags": {"pool": "ids"}, "tags_become": turns}
    desk = desk_of(sessions=[session], behaviour={"modifying_visible_after_s": 2})
    desk.add()
    desk.advance(1)
    assert (desk.session()[0], tags(desk, SESSION)) == ("Created", {"pool": "other"})

    desk.advance(1)
    assert (desk.session()[0], tags(desk, SESSION)) == ("Modifying", {"pool": "other"})
    desk.advance(1)
    assert (desk.session()[0], tags(desk, SESSION)) == ("Created", {"pool": "other"})


def test_a_session_that_is_deleted_gets_no_tags_any_more(desk_of: DeskOf) -> None:
    turns = [{"after_s": 4, "tags": {"pool": "other"}}]
    desk = desk_of(sessions=[{"id": SESSION, "tags_become": turns}])
    desk.call("DeleteTrafficMirrorSession", TrafficMirrorSessionId=SESSION)
    desk.advance(10)

    assert tags(desk, SESSION) is None
    assert SESSION not in [one["id"] for one in desk.state()["sessions"]]


@pytest.mark.parametrize(
    "behaviour",
    [
        {"tags_arrive_after_s": -1},
        {"tags_rewritten": ["pool"]},
        {"tags_rewritten": {"pool": 1}},
        {"tags_rewritten_after_s": "soon"},
    ],
)
def test_what_does_not_fit_is_named(behaviour: dict[str, Any]) -> None:
    (name,) = behaviour
    with pytest.raises(FleetError, match=rf"^behaviour\.{name}"):
        read_fleet({"behaviour": behaviour})
