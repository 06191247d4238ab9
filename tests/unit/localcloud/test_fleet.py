"""A fleet file becomes a world, and a world a fleet file that gives the same world."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from localcloud.world.fleet import FleetError, parse_fleet, read_fleet
from localcloud.world.settings import Behaviour
from localcloud.world.world import World

DeskOf = Callable[..., Any]
SESSION = "tms-j6c00000000000000001"
INTERFACE = "eni-j6c000000000000001"


def world_of(document: Any) -> dict[str, Any]:
    return World(read_fleet(document), 0.0).state(0.0).model_dump(mode="json")


def test_an_empty_file_is_an_empty_world() -> None:
    state = world_of({})

    assert (state["region"], state["account_id"]) == ("cn-hongkong", "1234567890123456")
    assert state["instances"] == state["network_interfaces"] == state["sessions"] == []


def test_ids_are_counted_up_past_those_taken() -> None:
    state = world_of(
        {
            "instances": [{"id": "i-j6c0000000000000001"}],
            "network_interfaces": [{"id": "eni-j6c000000000000002"}],
            "sessions": [{"id": "tms-j6c00000000000000001", "target": "lb-j6c00000000000000001"}],
            "filters": [{"id": "tmf-j6c00000000000000001"}],
            "fleet": {"instances": 2, "interfaces_per_instance": 2, "sessions": 2},
        }
    )

    assert [one["id"][-2:] for one in state["instances"]] == ["01", "02", "03"]
    interfaces = {one["id"]: one for one in state["network_interfaces"]}
    assert sorted(interfaces) == [f"eni-j6c{number:015d}" for number in range(1, 6)]
    assert interfaces["eni-j6c000000000000001"]["instance"] == "i-j6c0000000000000002"
    assert interfaces["eni-j6c000000000000001"]["type"] == "Primary"
    assert interfaces["eni-j6c000000000000003"]["type"] == "Secondary"
    assert [one["id"][-2:] for one in state["sessions"]] == ["01", "02", "03"]
    assert {one["target"] for one in state["sessions"][1:]} == {"lb-j6c00000000000000002"}
    assert {one["filter"] for one in state["sessions"][1:]} == {"tmf-j6c00000000000000002"}


def test_there_are_as_many_targets_as_the_quota_needs() -> None:
    state = world_of({"fleet": {"sessions": 120}})
    targets = [one["target"] for one in state["sessions"]]

    assert [targets.count(f"lb-j6c{number:017d}") for number in (1, 2, 3)] == [50, 50, 20]


def test_a_session_without_a_priority_gets_the_lowest_free_one() -> None:
    sessions = [{"id": "a"}, {"id": "b", "priority": 1}, {"id": "c"}, {"id": "d", "priority": 3}]
    state = world_of({"sessions": sessions})

    assert [one["priority"] for one in state["sessions"]] == [2, 1, 4, 3]


def test_the_state_given_back_is_the_same_world_in_the_middle_of_everything(
    desk_of: DeskOf,
) -> None:
    becoming = {
        "id": "eni-j6cattaching",
        "instance": "i-j6c0000000000000001",
        "status": "Attaching",
        "becomes": [{"status": "InUse", "after_s": 4}],
    }
    first = desk_of(network_interfaces=[becoming])
    answer = first.add(ClientToken="token")
    first.advance(1)
    assert len(first.raised()) == 1
    second = desk_of()
    second.advance(1)
    second.cloud.load(parse_fleet(json.dumps(first.state())))

    assert second.state() == first.state()
    assert second.session() == ("Modifying", [])
    assert second.add(ClientToken="token").body == answer.body
    for desk in (first, second):
        desk.advance(2)
        assert desk.session() == ("Created", [INTERFACE])
        desk.advance(1)
        assert desk.add("eni-j6cattaching").status == 200
    assert second.things() == first.things()


def test_a_failing_change_still_fails_after_the_state_was_given_back(desk_of: DeskOf) -> None:
    first = desk_of()
    first.cloud.faults.replace([{"action": "Add*", "do": {"background_failure": True}}])
    first.add()
    second = desk_of()
    second.cloud.load(read_fleet(first.state()))
    second.advance(3)

    assert second.session() == ("Created", [])


def test_a_world_does_not_change_the_fleet_it_was_made_of(desk_of: DeskOf) -> None:
    desk = desk_of(sessions=[{"id": "tms-j6clisted", "sources": []}], settle_s=0)
    desk.add(session="tms-j6clisted")
    assert desk.session("tms-j6clisted") == ("Created", [INTERFACE])
    desk.cloud.reset()

    assert desk.session("tms-j6clisted") == ("Created", [])
    assert len(desk.cloud.journal.entries) == 1


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "fleet: "),
        ({"sesions": []}, "sesions: "),
        ({"sessions": [{"name": "x"}]}, "sessions[0].id: "),
        ({"sessions": [{"id": "a", "statsu": "Created"}]}, "sessions[0].statsu: "),
        ({"sessions": [{"id": "a", "status": "Gone"}]}, "sessions[0].status: "),
        ({"sessions": [{"id": "a"}, {"id": "a"}]}, "fleet: sessions: the id a is"),
        (
            {"sessions": [{"id": "a", "priority": 1}, {"id": "b", "priority": 1}]},
            "fleet: sessions: the priority 1 is",
        ),
        ({"limits": {"sources_per_session": -1}}, "limits.sources_per_session: "),
        ({"behaviour": {"pending": True}}, "behaviour.pending: "),
        ({"settle_s": [3, 1]}, "settle_s: a range begins"),
        ({"instances": [{"id": "i", "created": "soon"}]}, "instances[0].created: "),
        ({"instances": [{"id": "i", "created": 1e300}]}, "instances[0].created: "),
        ({"instances": [{"id": "i", "created": float("nan")}]}, "instances[0].created: "),
        ({"settle_s": float("inf")}, "settle_s: Input should be a finite number"),
        (
            {"settle_s": [0, float("inf")]},
            "settle_s: Input should be a valid number; settle_s[1]: ",
        ),
        (
            {"fleet": {"instances": 10**6, "interfaces_per_instance": 2}},
            "fleet: instances times interfaces_per_instance is at most 1000000",
        ),
        ({"behaviour": {"token_ttl_s": float("inf")}}, "behaviour.token_ttl_s: "),
        ({"region": ""}, "region: "),
        ({"keys": [{"access_key_id": "", "access_key_secret": "s"}]}, "keys[0].access_key_id: "),
    ],
)
def test_what_does_not_fit_is_named(document: Any, sentence: str) -> None:
    with pytest.raises(FleetError) as refused:
        read_fleet(document)

    assert str(refused.value).startswith(sentence)


LONE_SURROGATE = b'{"keys": [{"access_key_id": "a", "access_key_secret": "\\ud800"}]}'


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 200_000, LONE_SURROGATE])
def test_what_is_not_json_is_said_to_be_so(text: bytes) -> None:
    with pytest.raises(FleetError, match="Invalid JSON"):
        parse_fleet(text)


def test_every_key_of_behaviour_is_documented() -> None:
    assert all(field.description for field in Behaviour.model_fields.values())
