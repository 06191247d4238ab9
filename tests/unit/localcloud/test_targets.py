"""Where sessions mirror to: changed by an update, and gone without anybody being asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

DeskOf = Callable[..., Any]
SESSION, SENSOR = "tms-j6cone", "i-j6csensor"
PRIMARY, TARGET, OTHER = "eni-j6cprimary", "eni-j6ctarget", "eni-j6cother"
SLB = "lb-j6cone"
WORLD: dict[str, Any] = {
    "fleet": {"instances": 25},
    "settle_s": 3,
    "instances": [{"id": SENSOR}],
    "network_interfaces": [
        {"id": PRIMARY, "instance": SENSOR, "type": "Primary"},
        {"id": TARGET, "instance": SENSOR},
        {"id": OTHER, "instance": SENSOR},
    ],
    "slbs": [{"id": SLB}],
    "filters": [{"id": "tmf-j6cone"}, {"id": "tmf-j6cother"}],
    "sessions": [{"id": SESSION, "filter": "tmf-j6cone", "target": TARGET, "priority": 1}],
}
UPDATES: dict[str, dict[str, Any]] = {
    "name": {"TrafficMirrorSessionName": "renamed"},
    "priority": {"Priority": 900},
    "target": {"TrafficMirrorTargetId": OTHER, "TrafficMirrorTargetType": "NetworkInterface"},
    "load balancer": {"TrafficMirrorTargetId": SLB, "TrafficMirrorTargetType": "SLB"},
    "filter": {"TrafficMirrorFilterId": "tmf-j6cother"},
    "packet length": {"PacketLength": 128},
    "network id": {"VirtualNetworkId": 77},
    "switched off": {"Enabled": False},
}


def shown(desk: Any) -> dict[str, Any]:
    said = desk.list_sessions(TrafficMirrorSessionIds=[SESSION])
    found: dict[str, Any] = said.body["TrafficMirrorSessions"][0]
    return found


@pytest.mark.parametrize("update", UPDATES)
def test_an_update_changes_what_it_names_and_is_recorded(desk_of: DeskOf, update: str) -> None:
    asked = UPDATES[update]
    desk = desk_of(**WORLD)
    before = shown(desk)
    named = {"TrafficMirrorSessionId": SESSION}
    assert desk.call("UpdateTrafficMirrorSessionAttribute", **named, **asked).status == 200
    assert shown(desk) == {**before, "TrafficMirrorSessionStatus": "Modifying"}
    desk.advance(3)

    assert shown(desk) == {**before, **asked}
    (event,) = desk.raised()
    record = event["data"]
    assert (event["type"], record["eventName"]) == (
        "vpc:ActionTrail:ApiCall",
        "UpdateTrafficMirrorSessionAttribute",
    )
    assert record["requestParameters"].items() >= {k: str(v) for k, v in asked.items()}.items()
    assert record["referencedResources"]["ACS::VPC::TrafficMirrorSession"] == [SESSION]


@pytest.mark.parametrize("gone_interfaces", ["keep", "drop"])
def test_a_target_may_go_and_the_session_goes_on_naming_it(
    desk_of: DeskOf, gone_interfaces: str
) -> None:
    desk = desk_of(**WORLD, behaviour={"gone_interfaces": gone_interfaces})
    detach = {"NetworkInterfaceId": TARGET, "InstanceId": SENSOR}
    assert desk.call("DetachNetworkInterface", **detach).status == 200
    desk.advance(3)
    assert shown(desk)["TrafficMirrorTargetId"] == TARGET
    assert desk.call("DeleteNetworkInterface", NetworkInterfaceId=TARGET).status == 200
    desk.advance(3)

    assert TARGET not in [one["id"] for one in desk.state()["network_interfaces"]]
    session = shown(desk)
    assert session["TrafficMirrorTargetId"] == TARGET
    assert (session["TrafficMirrorSessionStatus"], session["Enabled"]) == ("Created", True)


def test_the_instance_of_a_target_may_stop_and_go_as_well(desk_of: DeskOf) -> None:
    desk = desk_of(**WORLD)
    assert desk.call("StopInstance", InstanceId=SENSOR).status == 200
    desk.advance(5)
    assert desk.call("DeleteInstance", InstanceId=SENSOR).status == 200
    desk.advance(5)

    assert SENSOR not in [one["id"] for one in desk.state()["instances"]]
    assert shown(desk)["TrafficMirrorTargetId"] == TARGET
    # No document says that a session whose target is gone refuses anything.
    assert desk.add("eni-j6c000000000000001", SESSION).status == 200


def test_an_interface_takes_twenty_sources_over_all_its_sessions(desk_of: DeskOf) -> None:
    sessions = [
        {"id": f"tms-j6c{number}", "target": TARGET, "filter": "tmf-j6cone"} for number in range(3)
    ]
    desk = desk_of(**{**WORLD, "sessions": sessions, "settle_s": 0})
    codes = [
        desk.add(f"eni-j6c{number:015d}", f"tms-j6c{number % 3}").code for number in range(1, 22)
    ]

    assert codes == [None] * 20 + ["QuotaExceeded.SourceNumPerTarget"]
