"""DescribeInstances: the filters and fields that say something about a mirrored fleet.

Filters on what no instance here has (a key pair, a public address, ...) find nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import Field

from localcloud.api.context import Context
from localcloud.api.ecs import shapes
from localcloud.api.ecs.paging import PagedParameters, Sizes, page
from localcloud.api.ecs.sight import Sight, sight_of
from localcloud.api.parameters import Boolean, Identifier, JsonUpTo100, Tag
from localcloud.refusals import refused
from localcloud.world import addresses
from localcloud.world.moments import to_the_minute
from localcloud.world.objects import Instance, NetworkInterface
from localcloud.world.world import World

_SIZES = Sizes(least=1, most=100, most_numbered=100, numbered_by_default=True)
_SECURITY = "security"
_ALIKE = {
    "Cpu": 2,
    "Memory": 8192,
    "OSType": "linux",
    "OSName": "Linux",
    "InstanceNetworkType": "vpc",
    "InstanceChargeType": "PostPaid",
    "InternetChargeType": "PayByTraffic",
    "InternetMaxBandwidthIn": 0,
    "InternetMaxBandwidthOut": 0,
    "IoOptimized": True,
    "DeviceAvailable": True,
    "KeyPairName": "",
    "HpcClusterId": "",
    "SpotStrategy": "NoSpot",
    "StoppedMode": "Not-applicable",
    "PublicIpAddress": {"IpAddress": []},
    "InnerIpAddress": {"IpAddress": []},
    "EipAddress": {"AllocationId": "", "IpAddress": "", "InternetChargeType": ""},
}


class DescribeInstances(PagedParameters):
    """Parameters of DescribeInstances."""

    instance_ids: JsonUpTo100 | None = None
    vpc_id: Identifier | None = None
    v_switch_id: Identifier | None = None
    zone_id: Identifier | None = None
    instance_type: Identifier | None = None
    instance_type_family: Identifier | None = None
    instance_name: Identifier | None = None
    status: Identifier | None = None
    security_group_id: Identifier | None = None
    resource_group_id: Identifier | None = None
    private_ip_addresses: JsonUpTo100 | None = None
    tag: Annotated[tuple[Tag, ...], Field(max_length=20)] = ()
    dry_run: Boolean = False
    image_id: Identifier | None = None
    instance_network_type: Identifier | None = None
    instance_charge_type: Identifier | None = None
    internet_charge_type: Identifier | None = None
    io_optimized: Boolean | None = None
    device_available: Boolean | None = None
    key_pair_name: Identifier | None = None
    hpc_cluster_id: Identifier | None = None
    lock_reason: Identifier | None = None
    public_ip_addresses: JsonUpTo100 | None = None
    inner_ip_addresses: JsonUpTo100 | None = None
    eip_addresses: JsonUpTo100 | None = None
    rdma_ip_addresses: JsonUpTo100 | None = None
    ipv6_address: tuple[Identifier, ...] = ()
    need_sale_cycle: Boolean | None = None
    additional_attributes: tuple[Identifier, ...] = ()


def describe_instances(
    world: World, asked: DescribeInstances, context: Context
) -> Mapping[str, Any]:
    """The instances that fit, in the order of their ids."""
    if asked.dry_run:
        raise refused("DryRunOperation")
    sight = sight_of(world, context)
    fits = _predicate(sight, asked)

    def find(instance_id: str) -> Instance | None:
        instance = sight.instances.find(instance_id)
        return instance if instance is not None and fits(instance) else None

    items, paged = page(world, asked, context, _SIZES, _candidates(sight, asked), find)
    return {**paged, "Instances": {"Instance": [_shown(world, sight, one) for one in items]}}


def _candidates(sight: Sight, asked: DescribeInstances) -> Sequence[str]:
    if asked.instance_ids is not None:
        return sorted(set(asked.instance_ids))
    return sight.instances.ids


def _predicate(sight: Sight, asked: DescribeInstances) -> Callable[[Instance], bool]:
    known: list[tuple[Any, Callable[[Instance], Any]]] = [
        (asked.zone_id, lambda one: one.zone),
        (asked.instance_type, lambda one: one.type),
        (asked.instance_type_family, lambda one: one.family),
        (asked.status, lambda one: one.status),
        (asked.resource_group_id, lambda one: one.resource_group),
        (asked.image_id, lambda one: one.image),
        (asked.lock_reason, lambda one: _SECURITY if one.locked else None),
    ]
    given = [one for one in known if one[0] is not None]
    possible = not _nobody_has(asked)
    name = asked.instance_name
    network = (
        asked.vpc_id or asked.v_switch_id or asked.security_group_id or asked.private_ip_addresses
    )
    return lambda one: (
        possible
        and all(own(one) == value for value, own in given)
        and (name is None or fnmatchcase(one.name, name))
        and all(tag.fits(one.tags) for tag in asked.tag)
        and (not network or _fits_network(asked, sight.interfaces.of_instance(one.id)))
    )


def _nobody_has(asked: DescribeInstances) -> bool:
    """Whether a filter asks for what is alike everywhere, and otherwise."""
    alike = (
        (asked.instance_network_type, "InstanceNetworkType"),
        (asked.instance_charge_type, "InstanceChargeType"),
        (asked.internet_charge_type, "InternetChargeType"),
        (asked.io_optimized, "IoOptimized"),
        (asked.device_available, "DeviceAvailable"),
        (asked.key_pair_name, "KeyPairName"),
        (asked.hpc_cluster_id, "HpcClusterId"),
    )
    absent = (
        asked.public_ip_addresses,
        asked.inner_ip_addresses,
        asked.eip_addresses,
        asked.rdma_ip_addresses,
        asked.ipv6_address,
    )
    otherwise = any(value is not None and value != _ALIKE[name] for value, name in alike)
    return otherwise or any(absent)


def _fits_network(asked: DescribeInstances, interfaces: Sequence[NetworkInterface]) -> bool:
    primary = interfaces[0] if interfaces else None
    if primary is None:
        return False
    found = (
        asked.vpc_id in {None, primary.vpc},
        asked.v_switch_id in {None, primary.vswitch},
        asked.security_group_id in {None, *primary.security_groups},
        not asked.private_ip_addresses
        or addresses.private_ip(primary) in asked.private_ip_addresses,
    )
    return all(found)


def _shown(world: World, sight: Sight, instance: Instance) -> dict[str, Any]:
    interfaces = sight.interfaces.of_instance(instance.id)
    groups = interfaces[0].security_groups if interfaces else ()
    return {
        **_ALIKE,
        "InstanceId": instance.id,
        "InstanceName": instance.name,
        "HostName": instance.host_name or instance.name,
        "SerialNumber": instance.id,
        "Description": instance.description,
        "ImageId": instance.image,
        "DeletionProtection": instance.deletion_protection,
        "OperationLocks": {"LockReason": _locks(instance)},
        "Status": instance.status,
        "InstanceType": instance.type,
        "InstanceTypeFamily": instance.family,
        "RegionId": world.region,
        "ZoneId": instance.zone,
        "ResourceGroupId": instance.resource_group,
        "CreationTime": to_the_minute(instance.created),
        "StartTime": to_the_minute(instance.created),
        "ExpiredTime": "2099-12-31T15:59Z",
        "SecurityGroupIds": {"SecurityGroupId": list(groups)},
        "Tags": shapes.tags(instance.tags),
        "VpcAttributes": _vpc_attributes(interfaces),
        "NetworkInterfaces": {"NetworkInterface": [_interface(one) for one in interfaces]},
    }


def _locks(instance: Instance) -> list[dict[str, str]]:
    return [{"LockReason": _SECURITY}] if instance.locked else []


def _vpc_attributes(interfaces: Sequence[NetworkInterface]) -> dict[str, Any]:
    primary = interfaces[0] if interfaces else None
    return {
        "VpcId": primary.vpc if primary else "",
        "VSwitchId": primary.vswitch if primary else "",
        "PrivateIpAddress": {"IpAddress": [addresses.private_ip(primary)] if primary else []},
        "NatIpAddress": "",
    }


def _interface(interface: NetworkInterface) -> dict[str, Any]:
    address = addresses.private_ip(interface)
    return {
        "NetworkInterfaceId": interface.id,
        "Type": interface.type,
        "PrimaryIpAddress": address,
        "MacAddress": addresses.mac(interface),
        "PrivateIpSets": shapes.private_ips(address),
    }
