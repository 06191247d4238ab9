"""Interfaces and instances as they are now, because an event only hints at them.

Source: ECS API 2014-05-26, DescribeNetworkInterfaces and DescribeInstances. A role that may not
call them can get an empty list instead of an error, so nothing found is no proof of absence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from evermirror.aliyun.answers import AbsentError, ReadError
from evermirror.aliyun.ecs_answers import InstancesPage, InterfacesPage
from evermirror.aliyun.paging import PAGES_OF_IDS, chunks, every_page
from evermirror.aliyun.rpc import Product, Rpc, numbered
from evermirror.model import Instance, NetworkInterface

ECS = Product("ecs", "2014-05-26")
INTERFACES_A_PAGE = "500"
INSTANCES_A_PAGE = "100"


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
            for page in every_page(
                self._rpc, ECS, "DescribeInstances", parameters, InstancesPage, PAGES_OF_IDS
            ):
                found.update((instance.id, instance) for instance in page.listed())
        return tuple(found.values())

    def some_network_interfaces(self) -> tuple[NetworkInterface, ...]:
        """A few interfaces that exist, whichever: one page of them; none if none can be seen."""
        page = self._rpc.read(
            ECS, "DescribeNetworkInterfaces", {"MaxResults": "10"}, InterfacesPage
        )
        return tuple(page.listed())

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
            found.update((interface.id, interface) for interface in page.listed())
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
            found.update((instance.id, instance) for instance in page.listed())
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
        action = "DescribeNetworkInterfaces"
        pages = every_page(self._rpc, ECS, action, parameters, InterfacesPage, PAGES_OF_IDS)
        return tuple(interface for page in pages for interface in page.listed())
