"""The interfaces of a launch: which there will be, checked before there is any.

RunInstances (ECS API 2014-05-26): the primary interface is described by the call's own VSwitchId,
SecurityGroupId(s) and PrivateIpAddress, or by the NetworkInterface.N that says Primary, not by
both. An existing secondary interface can be named where one instance is launched.
"""

from __future__ import annotations

import dataclasses
import ipaddress
from dataclasses import dataclass

from localcloud.api.context import Context
from localcloud.api.ecs import attachments, lives, naming
from localcloud.api.ecs.create_network_interface import drafted
from localcloud.api.ecs.launch_parameters import NewInterface, RunInstances
from localcloud.refusals import refused
from localcloud.world.objects import Instance, NetworkInterface, VSwitch
from localcloud.world.world import World


@dataclass(frozen=True, slots=True)
class Wanted:
    """A new interface for each instance of a launch; addresses are counted up from `address`."""

    vswitch: VSwitch
    groups: tuple[str, ...]
    address: ipaddress.IPv4Address | None = None
    name: str = ""
    description: str = ""
    delete_on_release: bool = True

    def address_at(self, place: int) -> str | None:
        return None if self.address is None else str(self.address + place)


@dataclass(frozen=True, slots=True)
class Interfaces:
    """What each instance of a launch gets."""

    primary: Wanted
    secondaries: tuple[Wanted, ...]
    existing: tuple[NetworkInterface, ...]

    @property
    def new(self) -> int:
        """How many interfaces are created for each instance."""
        return 1 + len(self.secondaries)

    def launch(self, world: World, instance: Instance, place: int, context: Context) -> None:
        """Take in an instance with all of them."""
        primary = _drafted(world, self.primary, place, context)
        primary.type, primary.instance = "Primary", instance.id
        primary.tags = dict(instance.tags)
        running_s = lives.launch(world, instance, primary, context)
        created = [_drafted(world, one, place, context) for one in self.secondaries]
        for interface in created:
            interface.status = "Available"
            world.network_interfaces.add(interface, context.now)
        for interface in (*created, *self.existing):
            lives.attach(world, interface, instance.id, context, by_s=running_s)


def wanted_interfaces(world: World, asked: RunInstances) -> Interfaces:
    """The interfaces of a launch; `RefusedError` where they cannot be."""
    primary = _primary(world, asked)
    named = [one for one in asked.network_interface if one.instance_type == "Secondary"]
    new = [one for one in named if one.network_interface_id is None]
    existing = [one.network_interface_id for one in named if one.network_interface_id is not None]
    if existing and asked.amount > 1:
        raise refused("InvalidParam.Amount")
    if named and asked.amount > 1 and primary.address is not None:
        reason = "Addresses that are counted up and secondary interfaces exclude each other."
        raise refused("InvalidParameter.Conflict", reason)
    most = world.limits.interfaces_per_instance
    if most is not None and 1 + len(named) > most:
        raise refused("EniPerInstanceLimitExceeded", asked.instance_type or "")
    return Interfaces(
        primary,
        tuple(_secondary(world, one, primary) for one in new),
        tuple(_existing(world, one, primary) for one in dict.fromkeys(existing)),
    )


def _primary(world: World, asked: RunInstances) -> Wanted:
    described = [one for one in asked.network_interface if one.instance_type == "Primary"]
    own = (asked.v_switch_id, asked.security_group_id, asked.private_ip_address)
    if described and (any(own) or asked.security_group_ids or len(described) > 1):
        raise refused("InvalidParameter.Conflict", "The primary interface is described twice.")
    one = described[0] if described else NewInterface()
    vswitch = naming.existing_vswitch(world, asked.v_switch_id or one.v_switch_id)
    if asked.zone_id not in {None, vswitch.zone}:
        raise refused("InvalidParameter.Mismatch", asked.zone_id or "")
    groups = naming.groups_of(
        asked.security_group_id or one.security_group_id,
        asked.security_group_ids or one.security_group_ids,
    )
    naming.check_groups(world, groups, vswitch, "OperationDenied.InconsistentNetwork")
    address = asked.private_ip_address or one.primary_ip_address
    wanted = Wanted(vswitch, groups, _address(address), *_texts(one))
    _check_free(world, wanted, asked.amount)
    return wanted


def _secondary(world: World, one: NewInterface, primary: Wanted) -> Wanted:
    """A new one; vSwitch and groups are those of the primary one unless it has its own."""
    vswitch = primary.vswitch
    if one.v_switch_id is not None:
        vswitch = naming.existing_vswitch(world, one.v_switch_id)
    if vswitch.vpc != primary.vswitch.vpc:
        raise refused("InvalidOperation.VpcMismatch", vswitch.id)
    if vswitch.zone != primary.vswitch.zone:
        raise refused("InvalidOperation.AvailabilityZoneMismatch", vswitch.id)
    groups = naming.groups_of(one.security_group_id, one.security_group_ids) or primary.groups
    naming.check_groups(world, groups, vswitch, "OperationDenied.InconsistentNetwork")
    wanted = Wanted(vswitch, groups, _address(one.primary_ip_address), *_texts(one))
    wanted = dataclasses.replace(wanted, delete_on_release=one.delete_on_release)
    _check_free(world, wanted, 1)
    return wanted


def _existing(world: World, interface_id: str, primary: Wanted) -> NetworkInterface:
    interface = attachments.existing_interface(world, interface_id)
    attachments.check_free(interface)
    if interface.vpc != primary.vswitch.vpc:
        raise refused("InvalidOperation.VpcMismatch", interface.id)
    if interface.zone != primary.vswitch.zone:
        raise refused("InvalidOperation.AvailabilityZoneMismatch", interface.id)
    return interface


def _texts(one: NewInterface) -> tuple[str, str]:
    return one.network_interface_name or "", one.description or ""


def _address(text: str | None) -> ipaddress.IPv4Address | None:
    if text is None:
        return None
    if not naming.is_address(text):
        raise refused("InvalidPrivateIpAddress.Malformed", text)
    return ipaddress.IPv4Address(text)


def _check_free(world: World, wanted: Wanted, amount: int) -> None:
    for place in range(amount):
        address = wanted.address_at(place)
        if address and world.network_interfaces.has_address(wanted.vswitch.id, address):
            raise refused("InvalidIPAddress.AlreadyUsed", address)


def _drafted(world: World, wanted: Wanted, place: int, context: Context) -> NetworkInterface:
    interface = drafted(world, wanted.vswitch, wanted.groups, context)
    interface.private_ip = wanted.address_at(place)
    interface.name = wanted.name
    interface.description = wanted.description
    interface.delete_on_release = wanted.delete_on_release
    return interface
