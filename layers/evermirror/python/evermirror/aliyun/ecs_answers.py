"""What DescribeNetworkInterfaces and DescribeInstances answer, and the values made of it.

Source: ECS API 2014-05-26. A sweep reads a hundred thousand of these, so what is inside a page is
checked into plain dictionaries, in the cloud's own names, instead of models: as strict, and several
times cheaper. What a fleet repeats (zones, groups, tag sets) is kept once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from sys import intern
from types import MappingProxyType
from typing import Any

from pydantic import with_config
from typing_extensions import Required, TypedDict

from evermirror.aliyun.paging import Page
from evermirror.aliyun.rpc import WIRE
from evermirror.aliyun.timestamps import seconds_since_epoch
from evermirror.model import Instance, NetworkInterface

_frozen_set = lru_cache(4096)(frozenset[str])


@lru_cache(4096)
def _frozen_mapping(items: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    return MappingProxyType(dict(items))


def _shared(text: str | None) -> str | None:
    return intern(text) if text else None


@with_config(WIRE)
class WireTag(TypedDict, total=False):
    TagKey: str | None
    TagValue: str | None


@with_config(WIRE)
class WireTags(TypedDict, total=False):
    Tag: list[WireTag] | None


@with_config(WIRE)
class WireSecurityGroups(TypedDict, total=False):
    SecurityGroupId: list[str] | None


@with_config(WIRE)
class WireAttachment(TypedDict, total=False):
    InstanceId: str | None
    TrunkNetworkInterfaceId: str | None


@with_config(WIRE)
class WireInterface(TypedDict, total=False):
    NetworkInterfaceId: Required[str]
    Status: str | None
    Type: str | None
    InstanceId: str | None
    VpcId: str | None
    VSwitchId: str | None
    ZoneId: str | None
    ResourceGroupId: str | None
    ServiceManaged: bool | None
    SecurityGroupIds: WireSecurityGroups | None
    Tags: WireTags | None
    Attachment: WireAttachment | None
    CreationTime: Any


@with_config(WIRE)
class WireInterfaces(TypedDict, total=False):
    NetworkInterfaceSet: list[WireInterface] | None


class InterfacesPage(Page):
    network_interface_sets: WireInterfaces | None = None

    def listed(self) -> list[NetworkInterface]:
        sets = self.network_interface_sets or {}
        return [_interface(wire) for wire in sets.get("NetworkInterfaceSet") or ()]


@with_config(WIRE)
class WireInterfaceOfInstance(TypedDict, total=False):
    NetworkInterfaceId: str | None


@with_config(WIRE)
class WireInterfacesOfInstance(TypedDict, total=False):
    NetworkInterface: list[WireInterfaceOfInstance] | None


@with_config(WIRE)
class WireInstance(TypedDict, total=False):
    InstanceId: Required[str]
    Status: str | None
    InstanceType: str | None
    InstanceTypeFamily: str | None
    Tags: WireTags | None
    NetworkInterfaces: WireInterfacesOfInstance | None


@with_config(WIRE)
class WireInstances(TypedDict, total=False):
    Instance: list[WireInstance] | None


class InstancesPage(Page):
    instances: WireInstances | None = None

    def listed(self) -> list[Instance]:
        return [_instance(wire) for wire in (self.instances or {}).get("Instance") or ()]


def _interface(wire: WireInterface) -> NetworkInterface:
    attachment: WireAttachment = wire.get("Attachment") or {}
    groups: WireSecurityGroups = wire.get("SecurityGroupIds") or {}
    return NetworkInterface(
        id=wire["NetworkInterfaceId"],
        status=intern(wire.get("Status") or ""),
        type=intern(wire.get("Type") or ""),
        instance_id=wire.get("InstanceId") or attachment.get("InstanceId") or None,
        vpc_id=_shared(wire.get("VpcId")),
        vswitch_id=_shared(wire.get("VSwitchId")),
        zone_id=_shared(wire.get("ZoneId")),
        security_group_ids=_frozen_set(tuple(groups.get("SecurityGroupId") or ())),
        tags=_tags(wire.get("Tags")),
        resource_group_id=_shared(wire.get("ResourceGroupId")),
        service_managed=wire.get("ServiceManaged") is True,
        trunk_network_interface_id=attachment.get("TrunkNetworkInterfaceId") or None,
        created_at=seconds_since_epoch(wire.get("CreationTime")),
    )


def _instance(wire: WireInstance) -> Instance:
    interfaces: WireInterfacesOfInstance = wire.get("NetworkInterfaces") or {}
    type_ = wire.get("InstanceType") or ""
    return Instance(
        id=wire["InstanceId"],
        status=intern(wire.get("Status") or ""),
        type=intern(type_),
        family=intern(wire.get("InstanceTypeFamily") or type_.rpartition(".")[0]),
        tags=_tags(wire.get("Tags")),
        network_interface_ids=tuple(
            name
            for interface in interfaces.get("NetworkInterface") or ()
            if (name := interface.get("NetworkInterfaceId"))
        ),
    )


def _tags(wire: WireTags | None) -> Mapping[str, str]:
    listed = (wire or {}).get("Tag") or ()
    return _frozen_mapping(
        tuple((key, tag.get("TagValue") or "") for tag in listed if (key := tag.get("TagKey")))
    )
