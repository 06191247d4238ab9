"""Instances and interfaces take their time, and the bus hears of each step at its moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from localcloud.clock import SteppedClock
from localcloud.cloud import LocalCloud
from localcloud.world.fleet import parse_fleet
from localcloud.world.moments import to_the_second

from .compute_calls import ATTACHED, FLEET, FREE, GOOD, LAUNCH, PRIMARY, RUNNING, STOPPED
from .conftest import START

DeskOf = Callable[..., Any]
STATES, TRAIL = "ecs:Instance:StateChange", "ecs:ActionTrail:ApiCall"
COMPLETED = "ecs:NetworkInterface:NetworkInterfaceOperateCompleted"
BRIEF = {
    "pending_s": 1,
    "boot_s": 5,
    "stop_s": 4,
    "release_s": 2,
    "attach_s": 3,
    "detach_s": 3,
    "delete_interface_s": 2,
}
SESSION = {
    "id": "tms-j6cone",
    "filter": "tmf-j6cone",
    "target": "lb-j6c1",
    "target_type": "SLB",
    "sources": [ATTACHED, PRIMARY],
}


@pytest.fixture
def desk(desk_of: DeskOf) -> Any:
    return desk_of(**FLEET, behaviour=BRIEF, sessions=[SESSION])


def states(desk: Any) -> list[tuple[str, str]]:
    """Moment and state of the changes of instances since the last time."""
    return [(one["time"], one["data"]["state"]) for one in desk.raised(STATES)]


def at(seconds: float) -> str:
    return to_the_second(START + seconds)


def status(desk: Any, interface: str) -> str | None:
    said = desk.call("DescribeNetworkInterfaces", NetworkInterfaceId=[interface])
    found = said.body["NetworkInterfaceSets"]["NetworkInterfaceSet"]
    return found[0]["Status"] if found else None


def sources(desk: Any) -> list[str]:
    found: list[str] = desk.state()["sessions"][0]["sources"]
    return found


def test_a_launch_goes_from_created_to_running_each_at_its_moment(desk: Any) -> None:
    desk.call("RunInstances", **LAUNCH)
    assert states(desk) == [(at(0), "Created")]
    desk.advance(3600)

    assert states(desk) == [(at(1), "Starting"), (at(6), "Running")]


@pytest.mark.parametrize(
    ("action", "parameters", "expected"),
    [
        ("StartInstance", {}, [(0, "Starting"), (5, "Running")]),
        ("StartInstances", {}, [(0, "Starting"), (5, "Running")]),
        ("StopInstance", {}, [(0, "Stopping"), (4, "Stopped")]),
        ("StopInstances", {}, [(0, "Stopping"), (4, "Stopped")]),
        ("DeleteInstance", {}, [(2, "Deleted")]),
        ("DeleteInstances", {}, [(2, "Deleted")]),
        (
            "DeleteInstance",
            {"InstanceId": RUNNING, "Force": True},
            [(0, "Stopping"), (4, "Stopped"), (6, "Deleted")],
        ),
    ],
)
def test_a_call_changes_the_state_in_its_time(
    desk: Any, action: str, parameters: dict[str, Any], expected: list[tuple[float, str]]
) -> None:
    assert desk.call(action, **{**GOOD[action], **parameters}).status == 200
    desk.advance(100)

    assert states(desk) == [(at(seconds), state) for seconds, state in expected]


@pytest.mark.parametrize(
    ("action", "interface", "seconds", "meanwhile", "end"),
    [
        ("AttachNetworkInterface", FREE, 3, "Attaching", "InUse"),
        ("DetachNetworkInterface", ATTACHED, 3, "Detaching", "Available"),
        ("DeleteNetworkInterface", FREE, 2, "Deleting", None),
    ],
)
def test_an_interface_changes_in_its_time(
    desk: Any, action: str, interface: str, seconds: float, meanwhile: str, end: str | None
) -> None:
    assert desk.call(action, **GOOD[action]).status == 200
    assert status(desk, interface) == meanwhile
    desk.advance(seconds - 0.1)
    assert status(desk, interface) == meanwhile
    desk.advance(0.1)
    assert status(desk, interface) == end


def test_a_second_call_neither_hastens_nor_delays_what_the_first_began(desk: Any) -> None:
    for action in ("DetachNetworkInterface", "DeleteNetworkInterface", "DeleteInstance"):
        desk.call(action, **GOOD[action])
    desk.advance(1.5)
    for action in ("DetachNetworkInterface", "DeleteNetworkInterface", "DeleteInstance"):
        assert desk.call(action, **GOOD[action]).status == 200
    desk.advance(1.5)

    assert (status(desk, FREE), status(desk, ATTACHED)) == (None, "Available")
    assert [state for _, state in states(desk)] == ["Deleted"]


@pytest.mark.parametrize(
    ("action", "interface", "end"),
    [
        ("AttachNetworkInterface", FREE, "Available"),
        ("DetachNetworkInterface", ATTACHED, "Detaching"),
        ("DeleteNetworkInterface", FREE, "Deleting"),
    ],
)
def test_what_fails_in_the_background_ends_as_its_page_says(
    desk: Any, action: str, interface: str, end: str
) -> None:
    desk.cloud.faults.replace(
        [{"action": action, "when": {"next": 1}, "do": {"background_failure": True}}]
    )
    desk.call(action, **GOOD[action])
    desk.advance(100)
    assert status(desk, interface) == end

    assert desk.call(action, **GOOD[action]).status == 200
    desk.advance(100)
    assert status(desk, interface) != end


def test_a_launch_that_fails_in_the_background_leaves_nothing(desk: Any) -> None:
    before = desk.things()
    desk.cloud.faults.replace([{"action": "RunInstances", "do": {"background_failure": True}}])
    desk.call("RunInstances", **LAUNCH)
    desk.advance(100)

    assert [state for _, state in states(desk)] == ["Created", "Deleted"]
    assert desk.things() == {**before, "time": desk.things()["time"]}


def test_with_its_instance_goes_what_belongs_to_it(desk_of: DeskOf) -> None:
    kept = {"id": "eni-j6ckept", "instance": RUNNING, "delete_on_release": False}
    fleet = {**FLEET, "network_interfaces": [*FLEET["network_interfaces"], kept]}
    desk = desk_of(**fleet, behaviour=BRIEF)
    desk.call("DeleteInstance", InstanceId=RUNNING, Force=True)
    desk.advance(6)

    assert [status(desk, one) for one in (PRIMARY, ATTACHED, "eni-j6ckept")] == [
        None,
        None,
        "Available",
    ]
    attached = desk.call(
        "AttachNetworkInterface", NetworkInterfaceId="eni-j6ckept", InstanceId=STOPPED
    )
    assert attached.status == 200


@pytest.mark.parametrize(("gone", "left"), [("keep", [ATTACHED, PRIMARY]), ("drop", [])])
def test_sources_that_are_gone_stay_or_vanish(desk_of: DeskOf, gone: str, left: list[str]) -> None:
    desk = desk_of(**FLEET, behaviour={**BRIEF, "gone_interfaces": gone}, sessions=[SESSION])
    desk.call("DetachNetworkInterface", **GOOD["DetachNetworkInterface"])
    desk.advance(3)
    assert sources(desk) == (left or [PRIMARY])
    desk.call("DeleteInstance", InstanceId=RUNNING, Force=True)
    desk.advance(6)
    assert sources(desk) == left


def test_a_source_that_is_gone_can_be_removed_and_its_room_used_again(desk_of: DeskOf) -> None:
    limits = {"sources_per_session": 2}
    desk = desk_of(**FLEET, behaviour=BRIEF, sessions=[SESSION], limits=limits)
    desk.call("AttachNetworkInterface", NetworkInterfaceId=FREE, InstanceId=STOPPED)
    desk.call("DeleteInstance", InstanceId=RUNNING, Force=True)
    desk.advance(6)
    assert desk.add(FREE, "tms-j6cone").code == "QuotaExceeded.SourceNumPerSession"
    assert desk.add(PRIMARY, "tms-j6cone").code == "ResourceNotFound.NetworkInterface"

    remove = {"TrafficMirrorSessionId": "tms-j6cone", "TrafficMirrorSourceIds": [PRIMARY]}
    assert desk.call("RemoveSourcesFromTrafficMirrorSession", **remove).status == 200
    desk.advance(3)
    assert desk.add(FREE, "tms-j6cone").status == 200


def test_a_target_that_is_gone_stays_the_sessions_target(desk_of: DeskOf) -> None:
    session = {**SESSION, "target": ATTACHED, "target_type": "NetworkInterface", "sources": []}
    desk = desk_of(**FLEET, behaviour=BRIEF, sessions=[session])
    desk.call("DetachNetworkInterface", **GOOD["DetachNetworkInterface"])
    desk.advance(3)
    desk.call("DeleteNetworkInterface", NetworkInterfaceId=ATTACHED)
    desk.advance(2)
    same = {
        "TrafficMirrorSessionId": "tms-j6cone",
        "TrafficMirrorTargetId": ATTACHED,
        "TrafficMirrorTargetType": "NetworkInterface",
    }

    assert desk.add(PRIMARY, "tms-j6cone").status == 200
    desk.advance(3)
    said = desk.call("UpdateTrafficMirrorSessionAttribute", **same)
    assert said.code == "ResourceNotFound.NetworkInterface"


def test_what_an_operation_on_an_interface_came_to_is_told_where_the_preview_is_on(
    desk_of: DeskOf,
) -> None:
    desk = desk_of(**FLEET, behaviour={**BRIEF, "interface_events": True})
    request_id = desk.call("AttachNetworkInterface", **GOOD["AttachNetworkInterface"]).body[
        "RequestId"
    ]
    desk.advance(2.9)
    assert desk.raised(COMPLETED) == []
    desk.advance(0.1)

    (completed,) = desk.raised(COMPLETED)
    assert completed["data"] == {
        "eniId": FREE,
        "operation": "AttachNetworkInterface",
        "eniStatus": "InUse",
        "result": "success",
        "requestId": request_id,
        "primaryPrivateIp": "10.0.0.9",
        "secondaryPrivateIps": [],
        "ipv4Prefixes": [],
        "ipv6s": [],
        "ipv6Prefixes": [],
    }


def test_a_world_in_the_middle_of_everything_is_given_back_as_it_was(desk_of: DeskOf) -> None:
    ranges = {key: [value, value + 1] for key, value in BRIEF.items()}
    behaviour = {**ranges, "actiontrail_delay_s": 2, "interface_events": True}
    desk = desk_of(**FLEET, behaviour=behaviour, sessions=[SESSION])
    for action, parameters in GOOD.items():
        desk.call(action, **parameters)
    desk.advance(1.5)
    assert {one["data"].get("state") for one in desk.raised()} >= {"Created", "Starting"}
    text = desk.cloud.world.state(desk.clock.now()).model_dump_json()
    clock = SteppedClock(desk.clock.now())
    again = LocalCloud(parse_fleet(text), clock, clock.now)

    for seconds in (0, 0.5, 1, 3, 100):
        desk.advance(seconds)
        later = desk.clock.now()
        assert again.world.next_event() == desk.cloud.world.next_event()
        assert again.world.state(later) == desk.cloud.world.state(later)
        assert again.world.events_due(later) == desk.cloud.world.events_due(later)
    assert again.world.next_event() is None
