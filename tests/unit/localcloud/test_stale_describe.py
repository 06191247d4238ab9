"""Describes that answer late show instances and interfaces as they were."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

DeskOf = Callable[..., Any]
INSTANCE, OTHER = "i-j6cone", "i-j6cother"
PRIMARY, SECONDARY, FREE = "eni-j6cprimary", "eni-j6csecondary", "eni-j6cfree"
WORLD: dict[str, Any] = {
    "fleet": {},
    "instances": [{"id": INSTANCE}, {"id": OTHER}],
    "network_interfaces": [
        {"id": PRIMARY, "instance": INSTANCE, "type": "Primary"},
        {"id": SECONDARY, "instance": INSTANCE},
        {"id": FREE, "status": "Available"},
    ],
    "settle_s": 3,
}
LATE = {"stale_describe_s": 10, "attach_s": 0, "detach_s": 0, "stop_s": 0, "release_s": 0}
LAUNCH = {
    "ImageId": "m-j6cimage",
    "InstanceType": "ecs.g7.large",
    "VSwitchId": "vsw-j6c00000000000000001",
    "SecurityGroupId": "sg-j6c0000000000000001",
}


def interfaces(desk: Any, **filters: Any) -> dict[str, dict[str, Any]]:
    said = desk.call("DescribeNetworkInterfaces", **filters)
    shown = said.body["NetworkInterfaceSets"]["NetworkInterfaceSet"]
    return {one["NetworkInterfaceId"]: one for one in shown}


def instances(desk: Any, **filters: Any) -> dict[str, dict[str, Any]]:
    said = desk.call("DescribeInstances", **filters)
    return {one["InstanceId"]: one for one in said.body["Instances"]["Instance"]}


def held(shown: dict[str, Any]) -> list[str]:
    found = shown["NetworkInterfaces"]["NetworkInterface"]
    return [one["NetworkInterfaceId"] for one in found]


def settled(desk: Any, action: str, **parameters: Any) -> None:
    assert desk.call(action, **parameters).status == 200
    desk.advance(0)


def test_an_attachment_is_seen_late(desk_of: DeskOf) -> None:
    desk = desk_of(**WORLD, behaviour=LATE)
    settled(desk, "AttachNetworkInterface", NetworkInterfaceId=FREE, InstanceId=OTHER)
    before = interfaces(desk)[FREE]
    assert (before["Status"], before["InstanceId"]) == ("Available", "")
    assert held(instances(desk)[OTHER]) == []
    assert interfaces(desk, InstanceId=OTHER) == interfaces(desk, Status="InUse", VpcId="x") == {}
    # What is changed is the truth.
    assert desk.add(FREE, "tms-j6cnone").code == "ResourceNotFound.TrafficMirrorSession"

    desk.advance(10)
    after = interfaces(desk, InstanceId=OTHER)[FREE]
    assert (after["Status"], after["Attachment"]["DeviceIndex"]) == ("InUse", 0)
    assert held(instances(desk)[OTHER]) == [FREE]


def test_an_interface_that_is_moved_is_seen_where_it_was(desk_of: DeskOf) -> None:
    desk = desk_of(**WORLD, behaviour=LATE)
    desk.advance(30)
    settled(desk, "DetachNetworkInterface", NetworkInterfaceId=SECONDARY, InstanceId=INSTANCE)
    desk.advance(1)
    settled(desk, "AttachNetworkInterface", NetworkInterfaceId=SECONDARY, InstanceId=OTHER)
    seen = []
    for pause_s in (0, 8.9, 0.1, 1):
        desk.advance(pause_s)
        shown = interfaces(desk, NetworkInterfaceId=[SECONDARY])[SECONDARY]
        assert [SECONDARY in held(one) for one in instances(desk).values()] == [
            shown["InstanceId"] == one for one in (INSTANCE, OTHER)
        ]
        seen.append(shown["InstanceId"])

    assert seen == [INSTANCE, INSTANCE, "", OTHER]


def test_a_launch_is_seen_late_with_all_that_belongs_to_it(desk_of: DeskOf) -> None:
    desk = desk_of(**WORLD, behaviour={**LATE, "boot_s": 2})
    launched = desk.call("RunInstances", **LAUNCH)
    (made,) = launched.body["InstanceIdSets"]["InstanceIdSet"]
    desk.advance(9.9)
    assert made not in instances(desk)
    assert instances(desk, InstanceIds=json.dumps([made])) == {}
    assert interfaces(desk, InstanceId=made) == {}
    statuses: list[str] = []
    for _ in range(4):
        desk.advance(0.1 if not statuses else 1)
        shown = instances(desk)[made]
        assert len(held(shown)) == 1
        statuses.append(shown["Status"])

    assert statuses == ["Pending", "Starting", "Starting", "Running"]


def test_what_is_deleted_is_seen_for_a_while(desk_of: DeskOf) -> None:
    desk = desk_of(**WORLD, behaviour=LATE)
    settled(desk, "DeleteInstance", InstanceId=INSTANCE, Force=True)
    assert [one["id"] for one in desk.state()["network_interfaces"]] == [FREE]
    desk.advance(9.9)
    assert (set(instances(desk)), len(interfaces(desk))) == ({INSTANCE, OTHER}, 3)
    assert held(instances(desk)[INSTANCE]) == [PRIMARY, SECONDARY]
    paged = desk.call("DescribeInstances", PageNumber=1, PageSize=10).body
    assert paged["TotalCount"] == 2

    desk.advance(0.1)
    assert (set(instances(desk)), set(interfaces(desk))) == ({OTHER}, {FREE})


def test_a_fault_makes_some_describes_late(desk_of: DeskOf) -> None:
    desk = desk_of(**WORLD, behaviour={"detach_s": 0})
    late = {"action": "Describe*", "when": {"every": 2}, "do": {"stale_s": 5}}
    desk.cloud.faults.replace([late])
    settled(desk, "DetachNetworkInterface", NetworkInterfaceId=SECONDARY, InstanceId=INSTANCE)

    seen = [interfaces(desk)[SECONDARY]["Status"] for _ in range(4)]
    assert seen == ["Available", "InUse"] * 2
    assert {one["fault"] for one in desk.cloud.journal.to_wire()} == {None, "stale_s"}


@pytest.mark.parametrize("size", [10, 100])
def test_pages_of_then_are_together_what_there_was(desk_of: DeskOf, size: int) -> None:
    ids = [f"eni-j6c{number:02d}" for number in range(25)]
    free = [{"id": one, "status": "Available"} for one in ids]
    behaviour = {"stale_describe_s": 10, "delete_interface_s": 0}
    desk = desk_of(fleet={}, network_interfaces=free, behaviour=behaviour)
    for one in itertools.islice(ids, 0, None, 3):
        settled(desk, "DeleteNetworkInterface", NetworkInterfaceId=one)
    network = {name: LAUNCH[name] for name in ("VSwitchId", "SecurityGroupId")}
    assert desk.call("CreateNetworkInterface", **network).status == 200
    found: list[str] = []
    token = ""
    while token or not found:
        body = desk.call("DescribeNetworkInterfaces", MaxResults=size, NextToken=token).body
        shown = body["NetworkInterfaceSets"]["NetworkInterfaceSet"]
        found += [one["NetworkInterfaceId"] for one in shown]
        token = body["NextToken"]

    assert found == ids


def test_without_the_switch_everything_is_seen_at_once(desk_of: DeskOf) -> None:
    desk = desk_of(**WORLD, behaviour={**LATE, "stale_describe_s": 0})
    settled(desk, "DeleteInstance", InstanceId=INSTANCE, Force=True)

    assert (set(instances(desk)), set(interfaces(desk))) == ({OTHER}, {FREE})


PAUSES = st.sampled_from([0.5, 1, 2, 5])
DEEDS = st.sampled_from(
    [
        "RunInstances",
        "StopInstance",
        "StartInstance",
        "DeleteInstance",
        "AttachNetworkInterface",
        "DetachNetworkInterface",
        "DeleteNetworkInterface",
    ]
)
STEPS = st.tuples(
    DEEDS,
    st.sampled_from([INSTANCE, OTHER]),
    st.sampled_from([PRIMARY, SECONDARY, FREE]),
    PAUSES,
)


def everything(desk: Any) -> tuple[Any, Any]:
    return instances(desk, PageSize=100), interfaces(desk, MaxResults=500)


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40
)
@given(steps=st.lists(STEPS, max_size=15))
def test_what_is_seen_late_is_what_was_seen_then(
    desk_of: DeskOf, steps: list[tuple[str, str, str, float]]
) -> None:
    desk = desk_of(**WORLD, behaviour={"boot_s": 1, "stop_s": 1, "release_s": 0})
    seen = []
    for action, instance, interface, pause_s in steps:
        desk.call(action, InstanceId=instance, NetworkInterfaceId=interface, Force=True, **LAUNCH)
        desk.advance(pause_s)
        seen.append((desk.clock.now(), everything(desk)))
        desk.advance(0.25)
    for moment, then in seen:
        stale = {"action": "Describe*", "do": {"stale_s": desk.clock.now() - moment}}
        desk.cloud.faults.replace([stale])
        assert everything(desk) == then
