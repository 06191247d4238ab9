"""Interfaces and instances as they are now, because an event only hints at them.

Source: ECS API 2014-05-26, DescribeNetworkInterfaces and DescribeInstances. A role that may not
call them can get an empty list instead of an error, so nothing found is no proof of absence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from evermirror.aliyun.ecs_answers import InstancesPage, InterfacesPage
from evermirror.aliyun.paging import PAGES_OF_IDS, chunks, every_page
from evermirror.aliyun.rpc import Product, Rpc, numbered
from evermirror.model import Instance, NetworkInterface
from evermirror.results import AbsentError, ReadError

ECS = Product("ecs", "2014-05-26")
INTERFACES_A_PAGE = "500"
INSTANCES_A_PAGE = "100"
BESIDE_A_WITNESS = 99
"""With the witness a call names a hundred (ECS API 2014-05-26, NetworkInterfaceId.N)."""


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

    def network_interfaces_beside(
        self, witness: str, ids: Sequence[str]
    ) -> tuple[NetworkInterface, ...] | None:
        """Those of the ids that can be seen; None where a call did not show the witness.

        The witness exists, and every call names it: one that was answered says nothing of the next.
        """
        found: list[NetworkInterface] = []
        for start in range(0, len(ids), BESIDE_A_WITNESS):
            seen = self._beside(witness, ids[start : start + BESIDE_A_WITNESS])
            if seen is None:
                return None
            found += seen
        return tuple(one for one in found if one.id != witness)

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

    def _beside(self, witness: str, ids: Sequence[str]) -> tuple[NetworkInterface, ...] | None:
        try:
            seen = self._interfaces(numbered("NetworkInterfaceId", [*ids, witness]))
        except AbsentError:
            return self._beside_in_parts(witness, ids)
        return seen if any(one.id == witness for one in seen) else None

    def _beside_in_parts(
        self, witness: str, ids: Sequence[str]
    ) -> tuple[NetworkInterface, ...] | None:
        half = len(ids) // 2
        if half == 0:
            # Either of the two may be the one that is not there, unless it was the witness alone.
            return self._beside(witness, ()) if ids else None
        first = self._beside(witness, ids[:half])
        rest = None if first is None else self._beside(witness, ids[half:])
        return None if first is None or rest is None else (*first, *rest)

    def _interfaces(self, which: Mapping[str, str]) -> tuple[NetworkInterface, ...]:
        parameters = {"MaxResults": INTERFACES_A_PAGE, **which}
        action = "DescribeNetworkInterfaces"
        pages = every_page(self._rpc, ECS, action, parameters, InterfacesPage, PAGES_OF_IDS)
        return tuple(interface for page in pages for interface in page.listed())
