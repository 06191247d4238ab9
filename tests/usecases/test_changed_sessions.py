"""Who points a pool's session elsewhere, or changes what it mirrors, is told of at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evermirror.events import tampered
from evermirror.policy import Policy, Pool
from evermirror.policy.sessions import Discovery
from evermirror.settings import Mode
from tests.worlds import a_session, attached, eni, tms

from .conftest import Serve
from .growing_pools import growing
from .tampering import changed, record, somebody_calls, somebody_updates
from .writers import World

FILTER, OTHER_FILTER = "tmf-j6c00000000000000001", "tmf-j6c00000000000000002"
TARGET, ELSEWHERE = "lb-j6c00000000000000001", "lb-j6c00000000000000002"
FILTERS = [{"id": FILTER}, {"id": OTHER_FILTER}]
TWO_TARGETS = {"slbs": [{"id": TARGET}, {"id": ELSEWHERE}]}
PINNED = Policy({"all": Pool("all", (tms(1),), target_ids=frozenset({TARGET}))}, (), "all")


def retargeted(world: World, session: int = 1, **more: Any) -> dict[str, Any]:
    """Somebody points a session elsewhere; the record of it."""
    parameters = {"TrafficMirrorTargetId": ELSEWHERE, "TrafficMirrorTargetType": "SLB", **more}
    at = somebody_updates(world, session, **parameters)
    return record(tampered.UPDATE, session, at=at, **parameters)


def test_a_session_pointed_elsewhere_is_told_with_who_did_it_and_what_is_wrong(
    serve: Serve,
) -> None:
    world = serve([1], [a_session(1, 1)], **TWO_TARGETS)

    (told,) = changed(world.writer(PINNED).healing(), retargeted(world))

    assert (told["session_id"], told["target_id"], told["pool"]) == (tms(1), ELSEWHERE, "all")
    assert told["reason"] == "wrong_target"
    assert told["network_interface_id"] is None
    assert (told["tampering"]["actor"], told["tampering"]["action"]) == (
        "ram-user mallory",
        tampered.UPDATE,
    )
    assert "mallory called Update" in told["remedy"]
    assert "TrafficMirrorTargetId" in told["remedy"]
    assert "Point the session back" in told["remedy"]


def test_its_interfaces_are_looked_at_as_after_every_change(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1)], **TWO_TARGETS)

    outcomes = world.writer(PINNED).healing().outcomes(retargeted(world))

    of_interface = [one for one in outcomes if one["network_interface_id"] == eni(1)]
    assert [(one["outcome"], one["reason"]) for one in of_interface] == [
        ("ineffective", "wrong_target")
    ]


@pytest.mark.parametrize("mode", [Mode.ACT, Mode.OBSERVE])
def test_it_is_told_where_nothing_is_pinned_and_nothing_found_wrong(
    serve: Serve, mode: Mode
) -> None:
    world = serve([1], [1], **TWO_TARGETS)

    (told,) = changed(world.writer().healing().in_mode(mode), retargeted(world))

    assert (told["reason"], told["target_id"]) == (None, ELSEWHERE)
    assert "By the policy nothing is wrong" in told["remedy"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"PacketLength": 64},
        {"VirtualNetworkId": 7},
        {"TrafficMirrorFilterId": FILTER},
        {"TrafficMirrorTargetType": "SLB"},
        {"TrafficMirrorTargetId": TARGET, "Enabled": False},
    ],
    ids=", ".join,
)
def test_each_parameter_that_changes_what_is_mirrored_is_told(
    serve: Serve, parameters: dict[str, Any]
) -> None:
    world = serve([1], [a_session(1, 1)])

    (told,) = changed(world.writer().healing(), record(tampered.UPDATE, 1, **parameters))

    assert all(name in told["remedy"] for name in parameters if name != "Enabled")


def test_parameters_quoted_as_json_are_read_as_well(serve: Serve) -> None:
    world = serve([1], [1])
    event = record(tampered.UPDATE, 1, PacketLength=64)
    event["data"]["requestParameterJson"] = json.dumps(event["data"].pop("requestParameters"))

    assert [one["session_id"] for one in changed(world.writer().healing(), event)] == [tms(1)]


@pytest.mark.parametrize("parameters", [{"TrafficMirrorSessionName": "x"}, {"Priority": 9}])
def test_what_changes_nothing_that_is_mirrored_is_not_told(
    serve: Serve, parameters: dict[str, Any]
) -> None:
    world = serve([1], [1])

    assert changed(world.writer().healing(), record(tampered.UPDATE, 1, **parameters)) == []


def test_a_session_of_no_pool_is_none_of_our_business(serve: Serve) -> None:
    world = serve([1], [1, a_session(9, 1)])

    outcomes = world.writer(PINNED).healing().outcomes(record(tampered.UPDATE, 9, PacketLength=64))

    assert [(one["outcome"], one["reason"]) for one in outcomes] == [
        ("ignored", "session_of_no_pool")
    ]


def test_the_same_record_again_is_the_same_outcome_whatever_the_look_finds(serve: Serve) -> None:
    world = serve([1], [1], **TWO_TARGETS)
    writer = world.writer(PINNED).healing()
    event = retargeted(world)

    (first,) = changed(writer, event)
    somebody_updates(world, 1, TrafficMirrorTargetId=TARGET, TrafficMirrorTargetType="SLB")
    (again,) = changed(writer, event)

    assert (first["reason"], again["reason"]) == ("wrong_target", None)
    assert first["outcome_id"] == again["outcome_id"]


def test_two_sessions_in_one_delivery_are_two_outcomes(serve: Serve) -> None:
    world = serve([1], [1, 2])
    events = [record(tampered.UPDATE, n, PacketLength=64) for n in (1, 2)]

    told = changed(world.writer().healing(), *events)

    assert sorted(one["session_id"] for one in told) == [tms(1), tms(2)]
    assert len({one["outcome_id"] for one in told}) == 2


def test_a_list_that_does_not_show_the_change_yet_is_not_believed(serve: Serve) -> None:
    world = serve([1], [1], settle_s=1, behaviour={"stale_list_s": 8}, **TWO_TARGETS)
    world.clock.sleep(60)
    parameters = {"TrafficMirrorTargetId": ELSEWHERE, "TrafficMirrorTargetType": "SLB"}
    at = somebody_updates(world, 1, wait_s=2, **parameters)

    (told,) = changed(
        world.writer(PINNED).healing(), record(tampered.UPDATE, 1, at=at, **parameters)
    )

    assert (told["reason"], told["target_id"]) == ("wrong_target", ELSEWHERE)


def test_what_cannot_be_waited_for_is_handed_on_and_told_then(serve: Serve) -> None:
    world = serve([1], [1])
    writer = world.writer().healing()
    event = record(tampered.UPDATE, 1, at=world.clock.now(), PacketLength=64)

    answer = writer.deliver(event, timeout_s=20.0)
    ((_, payload, _),) = writer.kept.invocations
    told = writer.deliver_bytes(payload)["outcomes"]

    assert answer["handed_over"] == 1
    (told,) = [one for one in told if one["outcome"] == "session_changed"]
    assert "PacketLength" in told["remedy"]


def test_a_session_that_its_pool_finds_no_more_because_of_it_is_told_as_well(
    serve: Serve,
) -> None:
    world = serve([1], [a_session(1, 1), a_session(2, filter=FILTER)], **TWO_TARGETS)
    found = Policy({"all": Pool("all", discovery=Discovery(target_id=TARGET))}, (), "all")

    (told,) = changed(world.writer(found).healing(), retargeted(world))

    assert (told["pool"], told["reason"], told["target_id"]) == ("all", "wrong_target", ELSEWHERE)


def test_a_session_that_its_pool_never_found_is_nobodys(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1, filter=OTHER_FILTER)], **TWO_TARGETS, filters=FILTERS)
    found = Policy({"all": Pool("all", discovery=Discovery(FILTER, TARGET))}, (), "all")

    assert changed(world.writer(found).healing(), retargeted(world)) == []


def test_a_look_at_a_session_that_is_not_as_the_policy_pins_it_raises_an_alarm(
    serve: Serve,
) -> None:
    world = serve([1], [a_session(1, target=ELSEWHERE)], **TWO_TARGETS)
    writer = world.writer(PINNED)

    writer.deliver(attached(1))

    alarms = [json.loads(line) for line in writer.lines.getvalue().splitlines()]
    assert [(one["level"], one["code"], one["session_id"]) for one in alarms if "code" in one] == [
        ("ERROR", "wrong_target", tms(1))
    ]


@pytest.mark.parametrize(
    "changes",
    [{"name": "renamed"}, {"priority": 7}, {"tags": {}}, {"tags": {"evermirror-pool": "other"}}],
    ids=["renamed", "another priority", "the tag taken off", "the tag of nobody"],
)
def test_what_a_pool_made_is_looked_at_whatever_became_of_its_name_priority_or_tag(
    serve: Serve, changes: dict[str, Any]
) -> None:
    made = {"name": "big-3", "priority": 1003, "tags": {"evermirror-pool": "big"}, **changes}
    world = serve([1], [a_session(1, 1, **made)])
    event = record(tampered.UPDATE, 1, TrafficMirrorSessionName="renamed")

    outcomes = world.writer(growing()).healing().outcomes(event)

    assert [one["network_interface_id"] for one in outcomes] == [eni(1)]


def test_what_a_session_without_tag_and_filter_lists_is_not_placed_a_second_time(
    serve: Serve,
) -> None:
    made = a_session(1, 1, name="big-1", priority=1001, tags={"evermirror-pool": "big"})
    world = serve([1], [made], slbs=[{"id": TARGET}], filters=FILTERS)
    tag: dict[str, Any] = {"TagKey.1": "evermirror-pool", "ResourceId.1": tms(1)}
    somebody_calls(world, "UnTagResources", ResourceType="TRAFFICMIRRORSESSION", **tag)
    at = somebody_updates(world, 1, TrafficMirrorFilterId=OTHER_FILTER)
    update = record(tampered.UPDATE, 1, at=at, TrafficMirrorFilterId=OTHER_FILTER)

    world.writer(growing(), allow_growth=True).healing().outcomes(update)

    assert [one["sources"] for one in world.cloud.state()["sessions"]] == [[eni(1)]]
