"""The ECS calls that make a world move: what they create, record and answer to a token."""

from __future__ import annotations

from typing import Any

import pytest

from .compute_calls import FLEET, FREE, GOOD, GROUP, LAUNCH, RUNNING, STOPPED, VSWITCH, DeskOf


@pytest.mark.parametrize("action", list(GOOD))
def test_a_good_call_is_answered_and_recorded_once(desk_of: DeskOf, action: str) -> None:
    desk = desk_of(**FLEET)

    said = desk.call(action, **GOOD[action])

    (record,) = [one["data"] for one in desk.raised("ecs:ActionTrail:ApiCall")]
    assert said.status == 200, said.body
    assert (record["eventName"], record["requestId"]) == (action, said.body["RequestId"])
    assert record["responseElements"] == said.body
    assert "errorCode" not in record


@pytest.mark.parametrize("action", ["RunInstances", "CreateNetworkInterface", "DeleteInstances"])
def test_a_client_token_stands_for_one_launch(desk_of: DeskOf, action: str) -> None:
    desk = desk_of(**FLEET)
    first, second = (desk.call(action, **GOOD[action], ClientToken="t") for _ in range(2))
    other = desk.call(action, **{**GOOD[action], "ClientToken": "t", "Description": "another"})

    assert first.body == second.body
    assert (other.status, other.code) == (400, "IdempotentParameterMismatch")
    assert len(desk.raised("ecs:ActionTrail:ApiCall")) == 2


def test_a_token_in_flight_is_told_as_ecs_tells_it(desk_of: DeskOf) -> None:
    desk = desk_of(**FLEET, behaviour={"token_in_flight_s": 5})
    desk.call("RunInstances", **LAUNCH, ClientToken="t")
    said = desk.call("RunInstances", **LAUNCH, ClientToken="t")

    assert (said.status, said.code) == (403, "IdempotentProcessing")


def interfaces_of(desk: Any, instance_id: str) -> list[dict[str, Any]]:
    said = desk.call("DescribeNetworkInterfaces", InstanceId=instance_id)
    found: list[dict[str, Any]] = said.body["NetworkInterfaceSets"]["NetworkInterfaceSet"]
    return found


def instance_of(desk: Any, instance_id: str) -> dict[str, Any]:
    said = desk.call("DescribeInstances", InstanceIds=f'["{instance_id}"]')
    (found,) = said.body["Instances"]["Instance"]
    shown: dict[str, Any] = found
    return shown


def launched(desk: Any, **parameters: Any) -> list[str]:
    said = desk.call("RunInstances", **{**LAUNCH, **parameters})
    assert said.status == 200, said.body
    ids: list[str] = said.body["InstanceIdSets"]["InstanceIdSet"]
    return ids


def test_a_hundred_instances_are_launched_at_once_each_with_its_interface(
    desk_of: DeskOf,
) -> None:
    desk = desk_of(**FLEET)
    ids = launched(
        desk,
        Amount=100,
        InstanceName="web-[7,4]-x",
        UniqueSuffix=True,
        PrivateIpAddress="10.0.1.1",
        **{"Tag.1.Key": "env", "Tag.1.Value": "prod"},
    )

    assert len(set(ids)) == 100
    assert instance_of(desk, ids[2])["InstanceName"] == "web-0009-x003"
    (interface,) = interfaces_of(desk, ids[2])
    assert (interface["Type"], interface["Status"]) == ("Primary", "Attaching")
    assert interface["PrivateIpAddress"] == "10.0.1.3"
    assert interface["Tags"] == {"Tag": [{"TagKey": "env", "TagValue": "prod"}]}
    assert instance_of(desk, ids[99])["ImageId"] == "m-j6cimage"


def test_a_launch_takes_what_there_is_room_for_from_its_least_amount_on(desk_of: DeskOf) -> None:
    desk = desk_of(**FLEET, limits={"instances": 8})

    assert len(launched(desk, Amount=9, MinAmount=2)) == 3


def test_a_launch_may_describe_all_of_its_interfaces(desk_of: DeskOf) -> None:
    desk = desk_of(**FLEET)
    (launch,) = launched(
        desk,
        VSwitchId="",
        SecurityGroupId="",
        **{
            "NetworkInterface.1.InstanceType": "Primary",
            "NetworkInterface.1.VSwitchId": VSWITCH,
            "NetworkInterface.1.SecurityGroupIds.1": GROUP,
            "NetworkInterface.1.PrimaryIpAddress": "10.0.0.30",
            "NetworkInterface.2.NetworkInterfaceName": "second",
            "NetworkInterface.2.DeleteOnRelease": False,
            "NetworkInterface.3.NetworkInterfaceId": FREE,
        },
    )
    desk.advance(6)

    shown = {one["NetworkInterfaceName"]: one for one in interfaces_of(desk, launch)}
    assert {one["Status"] for one in interfaces_of(desk, launch)} == {"InUse"}
    assert [one["PrivateIpAddress"] for one in interfaces_of(desk, launch)].count("10.0.0.30") == 1
    assert shown["second"]["DeleteOnRelease"] is False
    assert FREE in {one["NetworkInterfaceId"] for one in interfaces_of(desk, launch)}


def test_some_types_cannot_be_mirrored(desk_of: DeskOf) -> None:
    session = {"id": "tms-j6cone", "filter": "tmf-j6cone", "target": "lb-j6c1"}
    desk = desk_of(
        **FLEET,
        behaviour={"types_without_mirror": ["ecs.t5-*"]},
        sessions=[{**session, "target_type": "SLB"}],
    )
    fine, unfit = launched(desk) + launched(desk, InstanceType="ecs.t5-lc1m1.small")
    desk.advance(6)

    primary = {one: interfaces_of(desk, one)[0]["NetworkInterfaceId"] for one in (fine, unfit)}
    assert (
        desk.add(primary[unfit], "tms-j6cone").code == "OperationDenied.EcsNotSupportTrafficMirror"
    )
    assert desk.add(primary[fine], "tms-j6cone").status == 200


def test_a_batch_starts_what_it_can_and_says_what_became_of_each(desk_of: DeskOf) -> None:
    desk = desk_of(**FLEET)
    said = desk.call(
        "StartInstances",
        InstanceId=[STOPPED, RUNNING, "i-j6cnone", STOPPED],
        BatchOptimization="SuccessFirst",
    )

    told = said.body["InstanceResponses"]["InstanceResponse"]
    assert [(one["InstanceId"], one["Code"]) for one in told] == [
        (STOPPED, "200"),
        (RUNNING, "IncorrectInstanceStatus"),
        ("i-j6cnone", "InvalidInstanceId.NotFound"),
    ]
    assert (told[0]["PreviousStatus"], told[0]["CurrentStatus"]) == ("Stopped", "Starting")
    assert instance_of(desk, STOPPED)["Status"] == "Starting"


def test_the_password_of_a_launch_is_neither_in_the_journal_nor_on_the_bus(
    desk_of: DeskOf,
) -> None:
    desk = desk_of(**FLEET)
    launched(desk, Password="Secret-1")

    assert "Secret-1" not in str(desk.raised()) + str(desk.cloud.journal.to_wire())
