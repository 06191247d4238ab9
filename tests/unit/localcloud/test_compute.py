"""The ECS calls that make a world move: every error, tokens, dry runs, and what they create."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from localcloud.compute_refusals import COMPUTE

DeskOf = Callable[..., Any]
RUNNING, STOPPED, PENDING = "i-j6crunning", "i-j6cstopped", "i-j6cpending"
PRIMARY, ATTACHED, FREE = "eni-j6cprimary", "eni-j6cattached", "eni-j6cfree"
MANAGED, ELSEWHERE, ABROAD = "eni-j6cmanaged", "eni-j6celsewhere", "eni-j6cabroad"
VSWITCH, GROUP = "vsw-j6c00000000000000001", "sg-j6c0000000000000001"
OTHER_VSWITCH, OTHER_GROUP = "vsw-j6cother", "sg-j6cother"
FLEET: dict[str, Any] = {
    "fleet": {},
    "vswitches": [{"id": OTHER_VSWITCH, "vpc": "vpc-j6cother", "zone": "cn-hongkong-c"}],
    "security_groups": [{"id": OTHER_GROUP, "vpc": "vpc-j6cother"}],
    "instances": [
        {"id": RUNNING},
        {"id": STOPPED, "status": "Stopped"},
        {"id": PENDING, "status": "Pending"},
        {"id": "i-j6clocked", "status": "Stopped", "locked": True},
        {"id": "i-j6cprotected", "status": "Stopped", "deletion_protection": True},
    ],
    "network_interfaces": [
        {"id": PRIMARY, "instance": RUNNING, "type": "Primary"},
        {"id": ATTACHED, "instance": RUNNING},
        {"id": FREE, "status": "Available", "private_ip": "10.0.0.9"},
        {"id": MANAGED, "status": "Available", "service_managed": True},
        {"id": ELSEWHERE, "status": "Available", "zone": "cn-hongkong-c"},
        {"id": ABROAD, "status": "Available", "vpc": "vpc-j6cother"},
    ],
}
LAUNCH = {
    "ImageId": "m-j6cimage",
    "InstanceType": "ecs.g7.large",
    "VSwitchId": VSWITCH,
    "SecurityGroupId": GROUP,
}
GOOD: dict[str, dict[str, Any]] = {
    "RunInstances": LAUNCH,
    "StartInstance": {"InstanceId": STOPPED},
    "StartInstances": {"InstanceId": [STOPPED]},
    "StopInstance": {"InstanceId": RUNNING},
    "StopInstances": {"InstanceId": [RUNNING]},
    "DeleteInstance": {"InstanceId": STOPPED},
    "DeleteInstances": {"InstanceId": [STOPPED]},
    "CreateNetworkInterface": {"VSwitchId": VSWITCH, "SecurityGroupId": GROUP},
    "AttachNetworkInterface": {"NetworkInterfaceId": FREE, "InstanceId": RUNNING},
    "DetachNetworkInterface": {"NetworkInterfaceId": ATTACHED, "InstanceId": RUNNING},
    "DeleteNetworkInterface": {"NetworkInterfaceId": FREE},
}
REQUIRED = {
    "RunInstances": list(LAUNCH),
    **{name: list(given) for name, given in GOOD.items() if name != "RunInstances"},
}
SOLD_OUT = {"behaviour": {"sold_out": ["ecs.g7.*"]}}
NO_ROOM = {"limits": {"instances": 5}}
NO_INTERFACES = {"limits": {"network_interfaces": 6}}
FULL = {"limits": {"interfaces_per_instance": 2}}
SECONDARY = "NetworkInterface.1."
TWO = {"Amount": 2, f"{SECONDARY}NetworkInterfaceId": FREE}
TAG_TWICE = {"Tag.1.Key": "a", "Tag.2.Key": "a"}
LONG_TAG = {"Tag.1.Key": "a", "Tag.1.Value": "http://x"}
ENI_CALLS = ("AttachNetworkInterface", "DetachNetworkInterface", "DeleteNetworkInterface")
BOTH = ("CreateNetworkInterface", "RunInstances")
AT_INSTANCE = ("AttachNetworkInterface", "DetachNetworkInterface")
ONE_INSTANCE = ("StartInstance", "StopInstance", "DeleteInstance")
DRY = tuple(name for name in GOOD if "NetworkInterface" not in name)
TOO_MANY = [f"i-{number}" for number in range(101)]
Row = tuple[int, str, tuple[str, ...], dict[str, Any], dict[str, Any]]
REGIONAL = tuple(name for name in GOOD if name not in ONE_INSTANCE)
ERRORS: list[Row] = [
    (404, "InvalidEniId.NotFound", ENI_CALLS, {}, {"NetworkInterfaceId": "eni-j6cnone"}),
    (
        404,
        "InvalidEniId.NotFound",
        ("RunInstances",),
        {},
        {"NetworkInterface.1.NetworkInterfaceId": "eni-j6cnone"},
    ),
    (400, "InvalidParams.EniId", ENI_CALLS, {}, {"NetworkInterfaceId": "odd"}),
    (404, "InvalidEcsId.NotFound", AT_INSTANCE, {}, {"InstanceId": "i-j6cnone"}),
    (400, "InvalidInstanceID.Malformed", AT_INSTANCE, {}, {"InstanceId": "odd"}),
    (400, "InvalidOperation.InvalidEcsState", AT_INSTANCE, {}, {"InstanceId": PENDING}),
    (
        400,
        "InvalidOperation.InvalidEniState",
        ("AttachNetworkInterface", "DeleteNetworkInterface"),
        {},
        {"NetworkInterfaceId": ATTACHED},
    ),
    (
        400,
        "InvalidOperation.InvalidEniState",
        ("DetachNetworkInterface",),
        {},
        {"NetworkInterfaceId": FREE},
    ),
    (
        400,
        "InvalidOperation.InvalidEniState",
        ("RunInstances",),
        {},
        {"NetworkInterface.1.NetworkInterfaceId": ATTACHED},
    ),
    (
        400,
        "InvalidOperation.DetachPrimaryEniNotAllowed",
        ("DetachNetworkInterface",),
        {},
        {"NetworkInterfaceId": PRIMARY},
    ),
    (
        403,
        "InvalidOperation.InvalidEniType",
        ("AttachNetworkInterface", "DeleteNetworkInterface"),
        {},
        {"NetworkInterfaceId": PRIMARY},
    ),
    (403, "InvalidOperation.EniServiceManaged", ENI_CALLS, {}, {"NetworkInterfaceId": MANAGED}),
    (
        403,
        "InvalidOperation.AvailabilityZoneMismatch",
        ("AttachNetworkInterface",),
        {},
        {"NetworkInterfaceId": ELSEWHERE},
    ),
    (
        403,
        "InvalidOperation.AvailabilityZoneMismatch",
        ("RunInstances",),
        {},
        {"NetworkInterface.1.NetworkInterfaceId": ELSEWHERE},
    ),
    (
        403,
        "InvalidOperation.AvailabilityZoneMismatch",
        ("RunInstances",),
        {"vswitches": [{"id": "vsw-j6cc", "zone": "cn-hongkong-c"}]},
        {"NetworkInterface.1.VSwitchId": "vsw-j6cc"},
    ),
    (
        403,
        "InvalidOperation.VpcMismatch",
        ("AttachNetworkInterface",),
        {},
        {"NetworkInterfaceId": ABROAD},
    ),
    (
        403,
        "InvalidOperation.VpcMismatch",
        ("CreateNetworkInterface",),
        {},
        {"SecurityGroupId": OTHER_GROUP},
    ),
    (
        403,
        "InvalidOperation.VpcMismatch",
        ("RunInstances",),
        {},
        {"NetworkInterface.1.NetworkInterfaceId": ABROAD},
    ),
    (
        403,
        "InvalidOperation.VpcMismatch",
        ("RunInstances",),
        {},
        {"NetworkInterface.1.VSwitchId": OTHER_VSWITCH},
    ),
    (403, "EniPerInstanceLimitExceeded", ("AttachNetworkInterface",), FULL, {}),
    (
        403,
        "EniPerInstanceLimitExceeded",
        ("RunInstances",),
        {"limits": {"interfaces_per_instance": 1}},
        {"NetworkInterface.1.NetworkInterfaceName": "second"},
    ),
    (403, "MaxEniCountExceeded", BOTH, NO_INTERFACES, {}),
    (404, "InvalidVSwitchId.NotFound", BOTH, {}, {"VSwitchId": "vsw-j6cnone"}),
    (404, "InvalidSecurityGroupId.NotFound", BOTH, {}, {"SecurityGroupId": "sg-j6cnone"}),
    (
        400,
        "InvalidSecurityGroupId.SingleIdAndMultiIdConflict",
        BOTH,
        {},
        {"SecurityGroupIds": [GROUP]},
    ),
    (
        400,
        "InvalidParameter.SecurityGroupIdRepeated",
        BOTH,
        {},
        {"SecurityGroupId": "", "SecurityGroupIds": [GROUP, GROUP]},
    ),
    (
        403,
        "InvalidVSwitchId.IpInvalid",
        ("CreateNetworkInterface",),
        {},
        {"PrimaryIpAddress": "10.0.0"},
    ),
    (
        403,
        "InvalidIp.IpAssigned",
        ("CreateNetworkInterface",),
        {},
        {"PrimaryIpAddress": "10.0.0.9"},
    ),
    (404, "InvalidInstanceId.NotFound", ONE_INSTANCE, {}, {"InstanceId": "i-j6cnone"}),
    (
        404,
        "InvalidInstanceId.NotFound",
        ("StopInstances", "DeleteInstances"),
        {},
        {"InstanceId": [RUNNING, "i-j6cnone"]},
    ),
    (
        404,
        "InvalidInstanceId.NotFound",
        ("StartInstances",),
        {},
        {"InstanceId": [STOPPED, "i-j6cnone"]},
    ),
    (403, "InvalidInstanceId.NotFound", ("DetachNetworkInterface",), {}, {"InstanceId": STOPPED}),
    (
        403,
        "IncorrectInstanceStatus",
        ("StartInstance", "DeleteInstance"),
        {},
        {"InstanceId": RUNNING},
    ),
    (
        403,
        "IncorrectInstanceStatus",
        ("StartInstances", "DeleteInstances"),
        {},
        {"InstanceId": [STOPPED, RUNNING]},
    ),
    (403, "IncorrectInstanceStatus", ("StopInstance",), {}, {"InstanceId": STOPPED}),
    (403, "IncorrectInstanceStatus", ("StopInstances",), {}, {"InstanceId": [RUNNING, STOPPED]}),
    (
        403,
        "IncorrectInstanceStatus.Initializing",
        ("DeleteInstance",),
        {},
        {"InstanceId": PENDING, "Force": True},
    ),
    (
        403,
        "IncorrectInstanceStatus.Initializing",
        ("DeleteInstances",),
        {},
        {"InstanceId": [PENDING], "Force": True},
    ),
    (
        403,
        "InstanceLockedForSecurity",
        ("StartInstance", "StopInstance"),
        {},
        {"InstanceId": "i-j6clocked"},
    ),
    (
        403,
        "InstanceLockedForSecurity",
        ("StartInstances", "StopInstances"),
        {},
        {"InstanceId": ["i-j6clocked"]},
    ),
    (
        403,
        "InvalidOperation.DeletionProtection",
        ("DeleteInstance",),
        {},
        {"InstanceId": "i-j6cprotected"},
    ),
    (
        403,
        "InvalidOperation.DeletionProtection",
        ("DeleteInstances",),
        {},
        {"InstanceId": [STOPPED, "i-j6cprotected"]},
    ),
    (400, "InvalidInstanceName.Malformed", ("RunInstances",), {}, {"InstanceName": "x"}),
    (403, "OperationDenied.NoStock", ("RunInstances",), SOLD_OUT, {}),
    (
        403,
        "OperationDenied.InconsistentNetwork",
        ("RunInstances",),
        {},
        {"SecurityGroupId": OTHER_GROUP},
    ),
    (
        403,
        "OperationDenied.InconsistentNetwork",
        ("RunInstances",),
        {},
        {"NetworkInterface.1.SecurityGroupId": OTHER_GROUP},
    ),
    (403, "InvalidParam.Amount", ("RunInstances",), {}, TWO),
    (400, "InvalidMinAmount.Malformed", ("RunInstances",), {}, {"MinAmount": 2}),
    (400, "QuotaExceed.AfterpayInstance", ("RunInstances",), NO_ROOM, {}),
    (
        400,
        "QuotaExceed.AfterpayInstance",
        ("RunInstances",),
        NO_ROOM,
        {"Amount": 9, "MinAmount": 2},
    ),
    (400, "InvalidParameter.Mismatch", ("RunInstances",), {}, {"ZoneId": "cn-hongkong-c"}),
    (
        400,
        "InvalidParameter.Conflict",
        ("RunInstances",),
        {},
        {"NetworkInterface.1.InstanceType": "Primary"},
    ),
    (
        400,
        "InvalidParameter.Conflict",
        ("RunInstances",),
        {},
        {
            "PrivateIpAddress": "10.0.0.20",
            "Amount": 2,
            "NetworkInterface.1.NetworkInterfaceName": "second",
        },
    ),
    (
        400,
        "InvalidPrivateIpAddress.Malformed",
        ("RunInstances",),
        {},
        {"PrivateIpAddress": "10.0.0"},
    ),
    (
        400,
        "InvalidIPAddress.AlreadyUsed",
        ("RunInstances",),
        {},
        {"PrivateIpAddress": "10.0.0.8", "Amount": 2},
    ),
    (400, "InvalidTagKey.Malformed", BOTH, {}, {"Tag.1.Key": "acs:x"}),
    (400, "InvalidTagValue.Malformed", BOTH, {}, LONG_TAG),
    (400, "Duplicate.TagKey", BOTH, {}, TAG_TWICE),
    (
        404,
        "InvalidLaunchTemplate.NotFound",
        ("RunInstances",),
        {},
        {"LaunchTemplateId": "lt-j6cnone"},
    ),
    (404, "InvalidLaunchTemplate.NotFound", ("RunInstances",), {}, {"LaunchTemplateName": "none"}),
    (400, "InvalidParameter", ("RunInstances",), {}, {"Amount": 101}),
    (400, "InvalidParameter", ("RunInstances",), {}, {"Amount": "two"}),
    (400, "InvalidParameter", ("RunInstances",), {}, {"HostName": "x"}),
    (400, "InvalidParameter", ("StartInstances",), {}, {"BatchOptimization": "Some"}),
    (400, "InvalidParameter", ("DeleteInstances",), {}, {"InstanceId": TOO_MANY}),
    (404, "InvalidRegionId.NotFound", tuple(GOOD), {}, {"RegionId": "cn-beijing"}),
    (400, "DryRunOperation", DRY, {}, {"DryRun": True}),
    *(
        (400, "MissingParameter", (name,), {}, {one: ""})
        for name, required in REQUIRED.items()
        for one in required
    ),
    (400, "MissingParameter", REGIONAL, {}, {"RegionId": ""}),
]
CASES = [(row, action) for row in ERRORS for action in row[2]]


@pytest.mark.parametrize(("row", "action"), CASES, ids=[f"{a} {row[1]}" for row, a in CASES])
def test_every_error_is_reached_by_a_fleet_and_a_call_and_changes_nothing(
    desk_of: DeskOf, row: Row, action: str
) -> None:
    status, code, _, keys, parameters = row
    desk = desk_of(**{**FLEET, **keys})
    before = desk.things()

    said = desk.call(action, **{**GOOD[action], **parameters})

    assert (said.status, said.code) == (status, code)
    assert desk.things() == before


def test_every_code_of_the_catalogue_is_reached() -> None:
    assert set(COMPUTE) == {row[1] for row in ERRORS} & set(COMPUTE)


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
