"""Interfaces and instances are read whole, from every shape the service answers in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from evermirror.aliyun.ecs import Ecs
from evermirror.aliyun.rpc import Rpc
from evermirror.errors import StopError
from evermirror.model import Instance, NetworkInterface
from evermirror.results import ReadError

RpcTo = Callable[..., Rpc]

INTERFACE = {
    "NetworkInterfaceId": "eni-j6c000000000000001",
    "InstanceId": "i-j6c0000000000000001",
    "Type": "Secondary",
    "Status": "InUse",
    "VpcId": "vpc-j6c00000000000000001",
    "VSwitchId": "vsw-j6c00000000000000001",
    "ZoneId": "cn-hongkong-b",
    "OwnerId": "1234567890123456",
    "CreationTime": "2026-01-01T00:00:00Z",
    "PrivateIpAddress": "192.0.2.7",
    "Tags": {"Tag": [{"TagKey": "env", "TagValue": "prod"}, {"TagKey": "bare"}]},
    "SecurityGroupIds": {"SecurityGroupId": ["sg-j6c0000000000000001"]},
    "ServiceManaged": False,
    "ServiceID": 7,
    "Attachment": {"InstanceId": "i-j6c0000000000000001", "DeviceIndex": 1},
    "ResourceGroupId": "rg-1",
}
INSTANCE = {
    "InstanceId": "i-j6c0000000000000001",
    "Status": "Running",
    "InstanceType": "ecs.g7.large",
    "InstanceTypeFamily": "ecs.g7",
    "Tags": {"Tag": [{"TagKey": "env", "TagValue": "prod"}]},
    "NetworkInterfaces": {
        "NetworkInterface": [{"NetworkInterfaceId": "eni-j6c000000000000001"}, {"Type": "Primary"}]
    },
}


def interfaces(*some: object, token: str | None = None) -> dict[str, object]:
    return {
        "RequestId": "R",
        "NextToken": token,
        "TotalCount": 0,
        "NetworkInterfaceSets": {"NetworkInterfaceSet": list(some)},
    }


def instances(*some: object, token: str | None = None) -> dict[str, object]:
    return {"RequestId": "R", "NextToken": token, "Instances": {"Instance": list(some)}}


def test_an_interface_is_read_with_all_that_rules_look_at(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(loopbacks.answer(200, interfaces(INTERFACE)))

    seen = Ecs(rpc_to(server.url)).describe_network_interfaces(["eni-j6c000000000000001"])

    assert seen == (
        NetworkInterface(
            id="eni-j6c000000000000001",
            status="InUse",
            type="Secondary",
            instance_id="i-j6c0000000000000001",
            vpc_id="vpc-j6c00000000000000001",
            vswitch_id="vsw-j6c00000000000000001",
            zone_id="cn-hongkong-b",
            security_group_ids=frozenset({"sg-j6c0000000000000001"}),
            tags={"env": "prod", "bare": ""},
            resource_group_id="rg-1",
            service_managed=False,
            trunk_network_interface_id=None,
            created_at=1_767_225_600.0,
        ),
    )
    assert server.seen[0].headers["x-acs-version"] == "2014-05-26"
    assert server.seen[0].query == {
        "RegionId": "cn-hongkong",
        "MaxResults": "500",
        "NetworkInterfaceId.1": "eni-j6c000000000000001",
    }


@pytest.mark.parametrize("absent", [{}, {"InstanceId": ""}, {"InstanceId": None}])
def test_the_attachment_tells_the_instance_where_the_interface_does_not(
    rpc_to: RpcTo, loopbacks: Any, absent: dict[str, object]
) -> None:
    wire = {
        "NetworkInterfaceId": "eni-1",
        "Attachment": {"InstanceId": "i-1", "TrunkNetworkInterfaceId": "eni-trunk"},
        "Type": "Member",
        **absent,
    }
    server = loopbacks.start().will(loopbacks.answer(200, interfaces(wire)))

    (seen,) = Ecs(rpc_to(server.url)).describe_network_interfaces(["eni-1"])

    assert (seen.instance_id, seen.type) == ("i-1", "Member")
    assert seen.trunk_network_interface_id == "eni-trunk"


def test_an_interface_that_says_almost_nothing_is_read(rpc_to: RpcTo, loopbacks: Any) -> None:
    wire = {
        "NetworkInterfaceId": "eni-1",
        "CreationTime": "soon",
        "Tags": {"Tag": None},
        "SecurityGroupIds": {},
        "Attachment": None,
        "ServiceManaged": None,
    }
    server = loopbacks.start().will(loopbacks.answer(200, interfaces(wire)))

    seen = Ecs(rpc_to(server.url)).describe_network_interfaces(["eni-1"])

    assert seen == (NetworkInterface(id="eni-1", status="", type=""),)


def test_every_page_of_a_chunk_is_read(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(
        loopbacks.answer(200, interfaces({"NetworkInterfaceId": "eni-1"}, token="more")),
        loopbacks.answer(200, interfaces({"NetworkInterfaceId": "eni-2"}, token="")),
    )

    seen = Ecs(rpc_to(server.url)).describe_network_interfaces(["eni-1", "eni-2"])

    assert [interface.id for interface in seen] == ["eni-1", "eni-2"]
    assert server.seen[1].query["NextToken"] == "more"


def test_a_call_names_at_most_a_hundred_interfaces(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(loopbacks.answer(200, interfaces()))

    Ecs(rpc_to(server.url)).describe_network_interfaces([f"eni-{n}" for n in range(101)])

    assert [
        sum(key.startswith("NetworkInterfaceId.") for key in seen.query) for seen in server.seen
    ] == [100, 1]


def test_one_id_that_is_not_there_hides_none_of_the_others(rpc_to: RpcTo, loopbacks: Any) -> None:
    """The service may refuse the whole call without saying which id it means."""
    absent = loopbacks.answer(404, {"RequestId": "R", "Code": "InvalidEniId.NotFound"})
    server = loopbacks.start().will(
        absent,
        loopbacks.answer(200, interfaces({"NetworkInterfaceId": "eni-1"})),
        absent,
        absent,
        loopbacks.answer(200, interfaces({"NetworkInterfaceId": "eni-3"})),
    )

    seen = Ecs(rpc_to(server.url)).describe_network_interfaces(["eni-1", "eni-2", "eni-3"])

    assert [interface.id for interface in seen] == ["eni-1", "eni-3"]
    assert len(server.seen) == 5


def test_every_part_of_a_read_that_was_refused_must_show_the_witness(
    rpc_to: RpcTo, loopbacks: Any
) -> None:
    absent = loopbacks.answer(404, {"RequestId": "R", "Code": "InvalidEniId.NotFound"})
    witness = {"NetworkInterfaceId": "eni-0"}
    server = loopbacks.start().will(
        absent,
        loopbacks.answer(200, interfaces({"NetworkInterfaceId": "eni-1"}, witness)),
        absent,
        loopbacks.answer(200, interfaces(witness)),
    )
    blind = loopbacks.start().will(absent, loopbacks.answer(200, interfaces()))

    seen = Ecs(rpc_to(server.url)).network_interfaces_beside("eni-0", ["eni-1", "eni-2"])
    unseen = Ecs(rpc_to(blind.url)).network_interfaces_beside("eni-0", ["eni-1", "eni-2"])

    assert [interface.id for interface in seen or ()] == ["eni-1"]
    assert unseen is None
    named = [
        [value for key, value in call.query.items() if key.startswith("NetworkInterfaceId.")]
        for call in server.seen
    ]
    assert all("eni-0" in ids for ids in named)


def test_without_its_witness_a_read_proves_nothing(rpc_to: RpcTo, loopbacks: Any) -> None:
    absent = loopbacks.answer(404, {"RequestId": "R", "Code": "InvalidEniId.NotFound"})
    server = loopbacks.start().will(absent)

    assert Ecs(rpc_to(server.url)).network_interfaces_beside("eni-0", ["eni-1"]) is None
    assert len(server.seen) == 2


def test_the_interfaces_of_an_instance_are_found_by_it(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(loopbacks.answer(200, interfaces(INTERFACE)))

    (seen,) = Ecs(rpc_to(server.url)).describe_network_interfaces_of("i-j6c0000000000000001")

    assert seen.id == "eni-j6c000000000000001"
    assert server.seen[0].query["InstanceId"] == "i-j6c0000000000000001"


@pytest.mark.parametrize("code", ["InvalidEcsId.NotFound", "InvalidInstanceID.Malformed"])
def test_an_instance_that_cannot_be_seen_has_no_interfaces(
    rpc_to: RpcTo, loopbacks: Any, code: str
) -> None:
    server = loopbacks.start().will(loopbacks.answer(404, {"RequestId": "R", "Code": code}))

    assert Ecs(rpc_to(server.url)).describe_network_interfaces_of("i-1") == ()


def test_asking_for_nothing_asks_nothing(rpc_to: RpcTo, refused_url: str) -> None:
    """Without a filter the service would list everything the account has."""
    ecs = Ecs(rpc_to(refused_url))

    assert ecs.describe_network_interfaces([]) == ()
    assert ecs.describe_network_interfaces_of("") == ()
    assert ecs.describe_instances([]) == ()


def test_an_instance_is_read_with_all_that_rules_look_at(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(loopbacks.answer(200, instances(INSTANCE)))

    seen = Ecs(rpc_to(server.url)).describe_instances(["i-j6c0000000000000001", "i-2"])

    assert seen == (
        Instance(
            id="i-j6c0000000000000001",
            status="Running",
            type="ecs.g7.large",
            family="ecs.g7",
            tags={"env": "prod"},
            network_interface_ids=("eni-j6c000000000000001",),
        ),
    )
    query = server.seen[0].query
    assert json.loads(query["InstanceIds"]) == ["i-j6c0000000000000001", "i-2"]
    assert query["MaxResults"] == "100"


def test_a_family_that_is_left_out_is_read_off_the_type(rpc_to: RpcTo, loopbacks: Any) -> None:
    wire = {"InstanceId": "i-1", "InstanceType": "ecs.g7.large", "Tags": None}
    server = loopbacks.start().will(loopbacks.answer(200, instances(wire)))

    (seen,) = Ecs(rpc_to(server.url)).describe_instances(["i-1"])

    assert (seen.family, seen.network_interface_ids) == ("ecs.g7", ())


def test_instances_are_read_by_hundreds_and_pages(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(
        loopbacks.answer(200, instances({"InstanceId": "i-1"}, token="more")),
        loopbacks.answer(200, instances({"InstanceId": "i-2"})),
        loopbacks.answer(200, {"RequestId": "R", "Instances": None}),
    )

    seen = Ecs(rpc_to(server.url)).describe_instances([f"i-{n}" for n in range(101)])

    assert [instance.id for instance in seen] == ["i-1", "i-2"]
    assert [len(json.loads(s.query["InstanceIds"])) for s in server.seen] == [100, 100, 1]


def test_a_forbidden_description_stops(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(
        loopbacks.answer(403, {"RequestId": "R", "Code": "Forbidden.RAM", "Message": "No."})
    )

    with pytest.raises(StopError, match=r"Forbidden\.RAM"):
        Ecs(rpc_to(server.url)).describe_network_interfaces(["eni-1"])


def test_a_list_broken_on_its_second_page_gives_nothing(rpc_to: RpcTo, loopbacks: Any) -> None:
    server = loopbacks.start().will(
        loopbacks.answer(200, interfaces(INTERFACE, token="more")),
        loopbacks.answer(200, {"RequestId": "R", "NetworkInterfaceSets": [INTERFACE]}),
    )

    with pytest.raises(ReadError, match="unreadable_answer"):
        Ecs(rpc_to(server.url)).describe_network_interfaces(["eni-1"])
