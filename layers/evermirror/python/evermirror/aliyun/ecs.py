"""Interfaces and instances as they are now, because an event only hints at them.

Source: ECS API 2014-05-26, DescribeNetworkInterfaces and DescribeInstances. A role that may not
call them can get an empty list instead of an error, so nothing found is no proof of absence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from sys import intern
from types import MappingProxyType
from typing import Any

from evermirror.aliyun.answers import AbsentError, ReadError
from evermirror.aliyun.paging import Page, chunks, every_page
from evermirror.aliyun.rpc import Product, Rpc, Wire, numbered
from evermirror.aliyun.timestamps import seconds_since_epoch
from evermirror.model import Instance, NetworkInterface

ECS = Product("ecs", "2014-05-26")
INTERFACES_A_PAGE = "500"
INSTANCES_A_PAGE = "100"

# A fleet of a hundred thousand has a handful of zones, groups and tag sets: each is kept once.
_frozen_set = lru_cache(4096)(frozenset[str])


@lru_cache(4096)
def _frozen_mapping(items: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    return MappingProxyType(dict(items))


def _shared(text: str | None) -> str | None:
    return intern(text) if text else None


class WireTag(Wire):
    tag_key: str | None = None
    tag_value: str | None = None


class WireTags(Wire):
    tag: list[WireTag] | None = None

    def value(self) -> Mapping[str, str]:
        return _frozen_mapping(
            tuple((tag.tag_key, tag.tag_value or "") for tag in self.tag or () if tag.tag_key)
        )


class WireSecurityGroups(Wire):
    security_group_id: list[str] | None = None


class WireAttachment(Wire):
    instance_id: str | None = None
    trunk_network_interface_id: str | None = None


class WireInterface(Wire):
    network_interface_id: str
    status: str | None = None
    type: str | None = None
    instance_id: str | None = None
    vpc_id: str | None = None
    v_switch_id: str | None = None
    zone_id: str | None = None
    resource_group_id: str | None = None
    service_managed: bool | None = None
    security_group_ids: WireSecurityGroups | None = None
    tags: WireTags | None = None
    attachment: WireAttachment | None = None
    creation_time: Any = None

    def value(self) -> NetworkInterface:
        attachment = self.attachment or WireAttachment()
        groups = self.security_group_ids or WireSecurityGroups()
        return NetworkInterface(
            id=self.network_interface_id,
            status=intern(self.status or ""),
            type=intern(self.type or ""),
            instance_id=self.instance_id or attachment.instance_id or None,
            vpc_id=_shared(self.vpc_id),
            vswitch_id=_shared(self.v_switch_id),
            zone_id=_shared(self.zone_id),
            security_group_ids=_frozen_set(tuple(groups.security_group_id or ())),
            tags=(self.tags or WireTags()).value(),
            resource_group_id=_shared(self.resource_group_id),
            service_managed=self.service_managed is True,
            trunk_network_interface_id=attachment.trunk_network_interface_id or None,
            created_at=seconds_since_epoch(self.creation_time),
        )


class WireInterfaces(Wire):
    network_interface_set: list[WireInterface] | None = None


class InterfacesPage(Page):
    network_interface_sets: WireInterfaces | None = None


class WireInterfaceOfInstance(Wire):
    network_interface_id: str | None = None


class WireInterfacesOfInstance(Wire):
    network_interface: list[WireInterfaceOfInstance] | None = None


class WireInstance(Wire):
    instance_id: str
    status: str | None = None
    instance_type: str | None = None
    instance_type_family: str | None = None
    tags: WireTags | None = None
    network_interfaces: WireInterfacesOfInstance | None = None

    def value(self) -> Instance:
        interfaces = self.network_interfaces or WireInterfacesOfInstance()
        type_ = self.instance_type or ""
        return Instance(
            id=self.instance_id,
            status=intern(self.status or ""),
            type=intern(type_),
            family=intern(self.instance_type_family or type_.rpartition(".")[0]),
            tags=(self.tags or WireTags()).value(),
            network_interface_ids=tuple(
                interface.network_interface_id
                for interface in interfaces.network_interface or ()
                if interface.network_interface_id
            ),
        )


class WireInstances(Wire):
    instance: list[WireInstance] | None = None


class InstancesPage(Page):
    instances: WireInstances | None = None


def _no_progress(_read: int) -> None:
    """Nobody is watching."""


class Ecs:
    """Interfaces and instances of one region. Every method raises ReadError or StopError."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    def describe_network_interfaces(self, ids: Sequence[str]) -> tuple[NetworkInterface, ...]:
        """The interfaces that can be seen, each once; one that cannot is left out."""
        found: dict[str, NetworkInterface] = {}
        for some in chunks(ids):
            found.update((interface.id, interface) for interface in self._visible(some))
        return tuple(found.values())

    def describe_network_interfaces_of(self, instance_id: str) -> tuple[NetworkInterface, ...]:
        """The interfaces of an instance; none if the instance cannot be seen."""
        if not instance_id:
            return ()  # an empty filter would mean every interface of the account
        try:
            return self._interfaces({"InstanceId": instance_id})
        except AbsentError:
            return ()

    def describe_instances(self, ids: Sequence[str]) -> tuple[Instance, ...]:
        """The instances that can be seen, each once; one that cannot is left out."""
        found: dict[str, Instance] = {}
        for some in chunks(ids):
            parameters = {
                "InstanceIds": json.dumps(list(some), separators=(",", ":")),
                "MaxResults": INSTANCES_A_PAGE,
            }
            for page in every_page(self._rpc, ECS, "DescribeInstances", parameters, InstancesPage):
                listed = (page.instances or WireInstances()).instance or ()
                found.update((instance.instance_id, instance.value()) for instance in listed)
        return tuple(found.values())

    def every_network_interface(
        self, progress: Callable[[int], None] = _no_progress
    ) -> tuple[NetworkInterface, ...]:
        """All interfaces of the region, each once: every page of them, or an error.

        `progress` is told how many were read so far. A role without permission reads none.
        """
        found: dict[str, NetworkInterface] = {}
        parameters = {"MaxResults": INTERFACES_A_PAGE}
        action = "DescribeNetworkInterfaces"
        for page in every_page(self._rpc, ECS, action, parameters, InterfacesPage):
            if page.network_interface_sets is None:
                raise ReadError("list_without_its_interfaces")
            listed = page.network_interface_sets.network_interface_set or ()
            found.update((one.network_interface_id, one.value()) for one in listed)
            progress(len(found))
        return tuple(found.values())

    def every_instance(
        self, progress: Callable[[int], None] = _no_progress
    ) -> tuple[Instance, ...]:
        """All instances of the region, each once: every page of them, or an error.

        `progress` is told how many were read so far. A role without permission reads none.
        """
        found: dict[str, Instance] = {}
        parameters = {"MaxResults": INSTANCES_A_PAGE}
        for page in every_page(self._rpc, ECS, "DescribeInstances", parameters, InstancesPage):
            if page.instances is None:
                raise ReadError("list_without_its_instances")
            listed = page.instances.instance or ()
            found.update((instance.instance_id, instance.value()) for instance in listed)
            progress(len(found))
        return tuple(found.values())

    def _visible(self, ids: Sequence[str]) -> tuple[NetworkInterface, ...]:
        # The error InvalidEniId.NotFound does not say which id it means, so it is searched for.
        try:
            return self._interfaces(numbered("NetworkInterfaceId", ids))
        except AbsentError:
            half = len(ids) // 2
            if half == 0:
                return ()
            return self._visible(ids[:half]) + self._visible(ids[half:])

    def _interfaces(self, which: Mapping[str, str]) -> tuple[NetworkInterface, ...]:
        parameters = {"MaxResults": INTERFACES_A_PAGE, **which}
        pages = every_page(self._rpc, ECS, "DescribeNetworkInterfaces", parameters, InterfacesPage)
        return tuple(
            interface.value()
            for page in pages
            for interface in (page.network_interface_sets or WireInterfaces()).network_interface_set
            or ()
        )
