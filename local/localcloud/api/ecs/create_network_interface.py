"""CreateNetworkInterface: a secondary interface, Available at once (ECS API 2014-05-26)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from localcloud.api.context import Context
from localcloud.api.ecs import naming, shapes
from localcloud.api.parameters import Boolean, Identifier, TokenParameters
from localcloud.refusals import refused
from localcloud.world.objects import NetworkInterface, VSwitch
from localcloud.world.world import World


class CreateInterface(TokenParameters):
    """Parameters of CreateNetworkInterface."""

    WITHOUT_EFFECT: ClassVar[frozenset[str]] = frozenset(
        {
            "BusinessType",
            "ConnectionTrackingConfiguration",
            "EnablePrimaryIPv6",
            "EnhancedNetwork",
            "Ipv4Prefix",
            "Ipv4PrefixCount",
            "Ipv6Address",
            "Ipv6AddressCount",
            "Ipv6Prefix",
            "Ipv6PrefixCount",
            "NetworkInterfaceTrafficConfig",
            "NetworkInterfaceTrafficMode",
            "PrivateIpAddress",
            "QueueNumber",
            "QueuePairNumber",
            "RxQueueSize",
            "SecondaryPrivateIpAddressCount",
            "SourceDestCheck",
            "TxQueueSize",
            "Visible",
        }
    )

    v_switch_id: Identifier
    security_group_id: Identifier | None = None
    security_group_ids: naming.Groups = ()
    network_interface_name: naming.Name | None = None
    description: naming.Description | None = None
    primary_ip_address: Identifier | None = None
    resource_group_id: Identifier | None = None
    delete_on_release: Boolean | None = None
    instance_type: Literal["Secondary"] = "Secondary"
    tag: naming.NewTags = ()


def create_interface(world: World, asked: CreateInterface, context: Context) -> Mapping[str, Any]:
    """Create it; the answer describes it."""
    vswitch = naming.existing_vswitch(world, asked.v_switch_id)
    groups = naming.groups_of(asked.security_group_id, asked.security_group_ids)
    naming.check_groups(world, groups, vswitch, "InvalidOperation.VpcMismatch")
    _check_address(world, vswitch, asked.primary_ip_address)
    tags = naming.tags_of(asked.tag)
    check_quota(world, 1)
    interface = drafted(world, vswitch, groups, context)
    interface.tags = tags
    interface.name = asked.network_interface_name or ""
    interface.description = asked.description or ""
    interface.private_ip = asked.primary_ip_address
    interface.resource_group = asked.resource_group_id or ""
    if asked.delete_on_release is not None:
        interface.delete_on_release = asked.delete_on_release
    interface.status = "CreateFailed" if context.fails_in_background else "Available"
    world.network_interfaces.add(interface, context.now)
    return shapes.interface(world, interface)


def drafted(
    world: World, vswitch: VSwitch, groups: tuple[str, ...], context: Context
) -> NetworkInterface:
    """An interface that the world does not know yet."""
    return NetworkInterface(
        id=world.draw_id("eni-", world.network_interfaces.find),
        vpc=vswitch.vpc,
        vswitch=vswitch.id,
        zone=vswitch.zone,
        security_groups=groups,
        created=context.now,
    )


def check_quota(world: World, more: int) -> None:
    """There may be that many interfaces more."""
    most = world.limits.network_interfaces
    if most is not None and len(world.network_interfaces.ids) + more > most:
        raise refused("MaxEniCountExceeded")


def _check_address(world: World, vswitch: VSwitch, address: str | None) -> None:
    if address is None:
        return
    if not naming.is_address(address):
        raise refused("InvalidVSwitchId.IpInvalid", address)
    if world.network_interfaces.has_address(vswitch.id, address):
        raise refused("InvalidIp.IpAssigned", address)
