"""Lists: every filter, exact shapes, and pages that together are the whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

DeskOf = Callable[..., Any]
SESSION = "tms-j6c00000000000000001"
MIRRORED = "eni-j6c000000000000001"
LISTED = {
    "id": "tms-j6clisted",
    "name": "ids-1",
    "description": "to the sensor",
    "filter": "tmf-j6clisted",
    "target": "eni-j6csensor",
    "priority": 77,
    "enabled": False,
    "virtual_network_id": 10,
    "packet_length": 128,
    "sources": [MIRRORED],
    "tags": {"mirror": "big"},
    "resource_group": "rg-j6c1",
    "created": "2026-03-04T05:06:07Z",
}


def ids(said: Any) -> list[str]:
    return [one["TrafficMirrorSessionId"] for one in said.body["TrafficMirrorSessions"]]


def test_a_session_is_shown_with_every_field(desk_of: DeskOf) -> None:
    desk = desk_of(sessions=[LISTED], fleet={})
    body = desk.list_sessions().body

    assert isinstance(body.pop("RequestId"), str)
    assert body == {
        "NextToken": "",
        "TotalCount": "1",
        "TrafficMirrorSessions": [
            {
                "TrafficMirrorSessionId": "tms-j6clisted",
                "TrafficMirrorSessionName": "ids-1",
                "TrafficMirrorSessionDescription": "to the sensor",
                "TrafficMirrorSessionStatus": "Created",
                "TrafficMirrorSessionBusinessStatus": "Normal",
                "TrafficMirrorSourceIds": [MIRRORED],
                "TrafficMirrorTargetId": "eni-j6csensor",
                "TrafficMirrorTargetType": "NetworkInterface",
                "TrafficMirrorFilterId": "tmf-j6clisted",
                "VirtualNetworkId": 10,
                "Priority": 77,
                "PacketLength": 128,
                "Enabled": False,
                "ResourceGroupId": "rg-j6c1",
                "Tags": [{"Key": "mirror", "Value": "big"}],
                "CreationTime": "2026-03-04T05:06Z",
            }
        ],
    }


@pytest.mark.parametrize(
    "filters",
    [
        {"TrafficMirrorSessionIds": ["tms-j6clisted", "tms-j6cnone"]},
        {"TrafficMirrorSessionName": "ids-1"},
        {"TrafficMirrorSourceId": MIRRORED},
        {"TrafficMirrorTargetId": "eni-j6csensor"},
        {"TrafficMirrorFilterId": "tmf-j6clisted"},
        {"ResourceGroupId": "rg-j6c1"},
        {"Priority": 77},
        {"VirtualNetworkId": 10},
        {"Enabled": False},
        {"Tags.1.Key": "mirror"},
        {"Tags.1.Key": "mirror", "Tags.1.Value": "big"},
    ],
)
def test_a_filter_finds_what_fits_and_nothing_else(desk_of: DeskOf, filters: Any) -> None:
    desk = desk_of(sessions=[LISTED])
    said = desk.list_sessions(**filters)

    assert (ids(said), said.body["TotalCount"]) == (["tms-j6clisted"], "1")


@pytest.mark.parametrize(
    "filters",
    [
        {"TrafficMirrorSessionIds": ["tms-j6cnone"]},
        {"TrafficMirrorSourceId": "eni-j6cnone"},
        {"TrafficMirrorSourceId": MIRRORED, "Enabled": True},
        {"Tags.1.Key": "mirror", "Tags.1.Value": "small"},
        {"Tags.1.Key": "mirror", "Tags.2.Key": "other"},
    ],
)
def test_what_fits_nothing_is_an_empty_list_and_no_error(desk_of: DeskOf, filters: Any) -> None:
    said = desk_of(sessions=[LISTED]).list_sessions(**filters)

    assert (said.status, ids(said), said.body["TotalCount"]) == (200, [], "0")


def pages_of(call: Callable[..., Any], **parameters: Any) -> list[Any]:
    pages = [call(**parameters)]
    while pages[-1].body["NextToken"]:
        pages.append(call(NextToken=pages[-1].body["NextToken"], **parameters))
    return pages


@pytest.mark.parametrize("size", [1, 7, 25, 100])
def test_pages_of_sessions_are_together_the_whole(desk_of: DeskOf, size: int) -> None:
    desk = desk_of(fleet={"sessions": 25})
    pages = pages_of(desk.list_sessions, MaxResults=size)

    assert [found for page in pages for found in ids(page)] == sorted(
        f"tms-j6c{number:017d}" for number in range(1, 26)
    )
    assert len(pages) == -(-25 // size)
    assert {page.body["TotalCount"] for page in pages} == {"25"}


def test_a_page_holds_ten_sessions_unless_asked_otherwise(desk_of: DeskOf) -> None:
    assert len(ids(desk_of(fleet={"sessions": 25}).list_sessions())) == 10


@pytest.mark.parametrize(
    "token", ["x", "AAAAAAAAAAAA", "====", "é", "JA7RmdQxdG1zLWo2YzAwMDAwMDAwMDAwMDAwMDAy"]
)
def test_a_token_that_was_never_given_is_refused(desk: Any, token: str) -> None:
    said = desk.list_sessions(NextToken=token)

    assert (said.status, said.code) == (400, "IllegalParam.NextToken")


def test_a_token_fits_only_the_list_it_was_given_for(desk: Any) -> None:
    token = desk.list_sessions(MaxResults=2).body["NextToken"]

    assert desk.list_sessions(MaxResults=1, NextToken=token).status == 200
    assert desk.list_sessions(Enabled=True, NextToken=token).code == "IllegalParam.NextToken"


def interface_ids(said: Any) -> list[str]:
    found = said.body["NetworkInterfaceSets"]["NetworkInterfaceSet"]
    return [one["NetworkInterfaceId"] for one in found]


ODD = {
    "id": "eni-j6codd",
    "instance": "i-j6codd",
    "type": "Secondary",
    "status": "InUse",
    "vpc": "vpc-j6codd",
    "vswitch": "vsw-j6codd",
    "zone": "cn-hongkong-c",
    "security_groups": ["sg-j6codd"],
    "tags": {"env": "prod"},
    "trunk": "eni-j6ctrunk",
    "name": "second",
    "private_ip": "10.9.9.9",
    "resource_group": "rg-j6codd",
    "created": "2026-03-04T05:06:07Z",
}
ODD_FLEET = {
    "instances": [
        {"id": "i-j6codd", "type": "ecs.c8i.48xlarge", "tags": {"env": "prod"}, "name": "web-01"}
    ],
    "network_interfaces": [ODD, {"id": "eni-j6cfirst", "instance": "i-j6codd", "type": "Primary"}],
}


def test_an_interface_is_shown_in_the_two_level_lists_of_ecs(desk_of: DeskOf) -> None:
    desk = desk_of(**ODD_FLEET)
    said = desk.call("DescribeNetworkInterfaces", NetworkInterfaceId=["eni-j6codd"])
    (shown,) = said.body["NetworkInterfaceSets"]["NetworkInterfaceSet"]

    assert shown["Tags"] == {"Tag": [{"TagKey": "env", "TagValue": "prod"}]}
    assert shown["SecurityGroupIds"] == {"SecurityGroupId": ["sg-j6codd"]}
    assert shown["Attachment"] == {
        "DeviceIndex": 1,
        "InstanceId": "i-j6codd",
        "NetworkCardIndex": 0,
        "TrunkNetworkInterfaceId": "eni-j6ctrunk",
    }
    assert shown["PrivateIpSets"] == {
        "PrivateIpSet": [{"PrivateIpAddress": "10.9.9.9", "Primary": True}]
    }
    assert shown["CreationTime"] == "2026-03-04T05:06:07Z"
    assert (shown["InstanceId"], shown["OwnerId"]) == ("i-j6codd", "1234567890123456")


def test_the_instance_of_a_managed_interface_is_told_by_its_attachment_only(
    desk_of: DeskOf,
) -> None:
    desk = desk_of(network_interfaces=[{**ODD, "service_managed": True}])
    said = desk.call("DescribeNetworkInterfaces", NetworkInterfaceId=["eni-j6codd"])
    (shown,) = said.body["NetworkInterfaceSets"]["NetworkInterfaceSet"]

    assert "InstanceId" not in shown
    assert (shown["ServiceManaged"], shown["Attachment"]["InstanceId"]) == (True, "i-j6codd")


@pytest.mark.parametrize(
    "filters",
    [
        {"NetworkInterfaceId": ["eni-j6codd", "eni-j6cnone"]},
        {"InstanceId": "i-j6codd", "Type": "Secondary"},
        {"VpcId": "vpc-j6codd"},
        {"VSwitchId": "vsw-j6codd"},
        {"SecurityGroupId": "sg-j6codd"},
        {"PrimaryIpAddress": "10.9.9.9"},
        {"PrivateIpAddress": ["10.9.9.9", "10.9.9.8"]},
        {"NetworkInterfaceName": "second"},
        {"ResourceGroupId": "rg-j6codd"},
        {"Tag.1.Key": "env", "Tag.1.Value": "prod"},
        {
            "InstanceId": "i-j6codd",
            "Status": "InUse",
            "ServiceManaged": "false",
            "Tag.1.Key": "env",
        },
    ],
)
def test_interfaces_are_found_by_every_filter(desk_of: DeskOf, filters: Any) -> None:
    said = desk_of(**ODD_FLEET).call("DescribeNetworkInterfaces", **filters)

    assert interface_ids(said) == ["eni-j6codd"]


def test_pages_of_interfaces_hold_ten_at_least_and_500_at_most(desk_of: DeskOf) -> None:
    desk = desk_of(fleet={"instances": 30})

    def describe(**parameters: Any) -> Any:
        return desk.call("DescribeNetworkInterfaces", **parameters)

    assert len(interface_ids(describe())) == 10
    assert len(interface_ids(describe(MaxResults=1))) == 10
    assert len(interface_ids(describe(MaxResults=10_000))) == 30
    pages = pages_of(describe, MaxResults=20)
    assert [len(interface_ids(page)) for page in pages] == [20, 10]
    assert {page.body["TotalCount"] for page in pages} == {0}


def test_the_older_paging_by_number_counts(desk_of: DeskOf) -> None:
    desk = desk_of(fleet={"instances": 30})
    said = desk.call("DescribeNetworkInterfaces", PageNumber=3, PageSize=12)

    assert len(interface_ids(said)) == 6
    fields = ("TotalCount", "PageNumber", "PageSize", "NextToken")
    assert [said.body[name] for name in fields] == [30, 3, 12, ""]


def test_an_instance_is_shown_with_its_interfaces_and_tags(desk_of: DeskOf) -> None:
    desk = desk_of(**ODD_FLEET)
    said = desk.call("DescribeInstances", InstanceIds=json.dumps(["i-j6codd"]))
    (shown,) = said.body["Instances"]["Instance"]

    assert (shown["InstanceType"], shown["InstanceTypeFamily"]) == ("ecs.c8i.48xlarge", "ecs.c8i")
    assert shown["Tags"] == {"Tag": [{"TagKey": "env", "TagValue": "prod"}]}
    interfaces = shown["NetworkInterfaces"]["NetworkInterface"]
    assert [one["NetworkInterfaceId"] for one in interfaces] == ["eni-j6cfirst", "eni-j6codd"]
    assert shown["VpcAttributes"]["VpcId"] == "vpc-j6c00000000000000001"
    assert said.body["TotalCount"] == 1


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"InstanceTypeFamily": "ecs.c8i"}, True),
        ({"InstanceType": "ecs.c8i.48xlarge", "Status": "Running"}, True),
        ({"InstanceName": "web-*"}, True),
        ({"Tag.1.Key": "env"}, True),
        ({"InstanceTypeFamily": "ecs.c8i", "VpcId": "vpc-j6c00000000000000001"}, True),
        ({"InstanceTypeFamily": "ecs.c8i", "VpcId": "vpc-j6cnone"}, False),
        ({"InstanceTypeFamily": "ecs.c8i", "KeyPairName": "mine"}, False),
        ({"InstanceTypeFamily": "ecs.c8i", "PublicIpAddresses": '["1.2.3.4"]'}, False),
        ({"InstanceTypeFamily": "ecs.c8i", "InstanceNetworkType": "vpc"}, True),
        ({"InstanceIds": "[]"}, False),
    ],
)
def test_instances_are_found_by_filter(desk_of: DeskOf, filters: Any, found: bool) -> None:
    said = desk_of(**ODD_FLEET).call("DescribeInstances", **filters)

    instances = [one["InstanceId"] for one in said.body["Instances"]["Instance"]]
    assert instances == (["i-j6codd"] if found else [])


@pytest.mark.parametrize("text", ["i-1", '{"a": 1}', "[" * 50_000, "[1]", json.dumps(["i"] * 101)])
def test_instance_ids_are_at_most_100_in_a_json_array(desk: Any, text: str) -> None:
    said = desk.call("DescribeInstances", InstanceIds=text)

    assert (said.status, said.code) == (400, "InvalidParameter")
