"""DescribeNetworkInterfaces: every filter of the operation, lists in two levels as ECS has them.

An id that is not known is left out of the answer without an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from localcloud.api.context import Context
from localcloud.api.ecs import shapes
from localcloud.api.ecs.paging import PagedParameters, Sizes, page
from localcloud.api.ecs.sight import Sight, sight_of
from localcloud.api.parameters import Boolean, Identifier, Tag, UpTo100
from localcloud.world import addresses
from localcloud.world.moments import to_the_second
from localcloud.world.objects import NetworkInterface
from localcloud.world.world import World

_SIZES = Sizes(least=10, most=500, most_numbered=1000, numbered_by_default=False)
_SERVICE_ID = 1234567890


class DescribeNetworkInterfaces(PagedParameters):
    """Parameters of DescribeNetworkInterfaces."""

    network_interface_id: UpTo100 = ()
    instance_id: Identifier | None = None
    vpc_id: Identifier | None = None
    v_switch_id: Identifier | None = None
    type: Identifier | None = None
    status: Identifier | None = None
    security_group_id: Identifier | None = None
    network_interface_name: Identifier | None = None
    resource_group_id: Identifier | None = None
    service_managed: Boolean | None = None
    primary_ip_address: Identifier | None = None
    private_ip_address: UpTo100 = ()
    ipv6_address: UpTo100 = ()
    tag: Annotated[tuple[Tag, ...], Field(max_length=20)] = ()


def describe_network_interfaces(
    world: World, asked: DescribeNetworkInterfaces, context: Context
) -> Mapping[str, Any]:
    """The interfaces that fit, in the order of their ids."""
    fits = _predicate(asked)
    sight = sight_of(world, context)

    def find(interface_id: str) -> NetworkInterface | None:
        interface = sight.interfaces.find(interface_id)
        return interface if interface is not None and fits(interface) else None

    items, paged = page(world, asked, context, _SIZES, _candidates(sight, asked), find)
    shown = [_shown(world, sight, interface) for interface in items]
    return {**paged, "NetworkInterfaceSets": {"NetworkInterfaceSet": shown}}


def _candidates(sight: Sight, asked: DescribeNetworkInterfaces) -> Sequence[str]:
    if asked.network_interface_id:
        return sorted(set(asked.network_interface_id))
    if asked.instance_id is not None:
        return sorted(one.id for one in sight.interfaces.of_instance(asked.instance_id))
    return sight.interfaces.ids


def _predicate(asked: DescribeNetworkInterfaces) -> Callable[[NetworkInterface], bool]:
    known: list[tuple[Any, Callable[[NetworkInterface], Any]]] = [
        (asked.instance_id, lambda one: one.instance),
        (asked.vpc_id, lambda one: one.vpc),
        (asked.v_switch_id, lambda one: one.vswitch),
        (asked.type, lambda one: one.type),
        (asked.status, lambda one: one.status),
        (asked.network_interface_name, lambda one: one.name),
        (asked.resource_group_id, lambda one: one.resource_group),
        (asked.service_managed, lambda one: one.service_managed),
        (asked.primary_ip_address, addresses.private_ip),
    ]
    given = [one for one in known if one[0] is not None]
    return lambda one: all(own(one) == value for value, own in given) and _fits_lists(asked, one)


def _fits_lists(asked: DescribeNetworkInterfaces, interface: NetworkInterface) -> bool:
    group = asked.security_group_id
    # By security group only secondary interfaces are found; so says the operation's page.
    if group is not None and (
        group not in interface.security_groups or interface.type != "Secondary"
    ):
        return False
    if asked.private_ip_address and addresses.private_ip(interface) not in asked.private_ip_address:
        return False
    if asked.ipv6_address:
        return False
    return all(tag.fits(interface.tags) for tag in asked.tag)


def _shown(world: World, sight: Sight, interface: NetworkInterface) -> dict[str, Any]:
    answer = {
        **shapes.interface(world, interface),
        "AssociatedPublicIp": {},
        "Attachment": _attachment(sight, interface),
        "NetworkInterfaceTrafficMode": "Standard",
        "QueueNumber": 2,
        "QueuePairNumber": 0,
        "DeleteOnRelease": interface.type == "Primary" or interface.delete_on_release,
        "CreationTime": to_the_second(interface.created),
    }
    # The instance of an interface that a service uses is only told by its attachment.
    if interface.service_managed:
        return {**answer, "ServiceID": _SERVICE_ID}
    return {**answer, "InstanceId": interface.instance or ""}


def _attachment(sight: Sight, interface: NetworkInterface) -> dict[str, Any]:
    if interface.instance is None:
        return {}
    beside = [one.id for one in sight.interfaces.of_instance(interface.instance)]
    return {
        "DeviceIndex": beside.index(interface.id),
        "InstanceId": interface.instance,
        "NetworkCardIndex": 0,
        "TrunkNetworkInterfaceId": interface.trunk or "",
    }
