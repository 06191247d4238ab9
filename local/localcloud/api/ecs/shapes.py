"""Shapes that ECS answers share: every list sits inside an object of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.world import addresses
from localcloud.world.objects import NetworkInterface
from localcloud.world.world import World


def tags(tags: Mapping[str, str]) -> dict[str, Any]:
    """Tags in ECS say TagKey and TagValue, where VPC says Key and Value."""
    return {"Tag": [{"TagKey": key, "TagValue": value} for key, value in tags.items()]}


def private_ips(address: str) -> dict[str, Any]:
    """The set of private addresses that holds one primary address."""
    return {"PrivateIpSet": [{"PrivateIpAddress": address, "Primary": True}]}


def interface(world: World, shown: NetworkInterface) -> dict[str, Any]:
    """What every answer says of an interface."""
    address = addresses.private_ip(shown)
    return {
        "NetworkInterfaceId": shown.id,
        "NetworkInterfaceName": shown.name,
        "Description": shown.description,
        "Type": shown.type,
        "Status": shown.status,
        "VpcId": shown.vpc,
        "VSwitchId": shown.vswitch,
        "ZoneId": shown.zone,
        "OwnerId": world.account_id,
        "MacAddress": addresses.mac(shown),
        "PrivateIpAddress": address,
        "PrivateIpSets": private_ips(address),
        "Ipv6Sets": {"Ipv6Set": []},
        "Ipv4PrefixSets": {"Ipv4PrefixSet": []},
        "Ipv6PrefixSets": {"Ipv6PrefixSet": []},
        "SecurityGroupIds": {"SecurityGroupId": list(shown.security_groups)},
        "Tags": tags(shown.tags),
        "ResourceGroupId": shown.resource_group,
        "ServiceManaged": shown.service_managed,
        "SourceDestCheck": False,
    }
