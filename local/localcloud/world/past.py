"""Instances and interfaces as they were at a moment: what a Describe shows that answers late."""

from __future__ import annotations

from functools import cached_property

from localcloud.world.instances import Instances
from localcloud.world.interfaces import NetworkInterfaces, in_order
from localcloud.world.objects import Instance, NetworkInterface


class PastInstances:
    """All instances as of the moment `at`."""

    def __init__(self, present: Instances, at: float) -> None:
        self._present = present
        self._at = at

    @property
    def ids(self) -> list[str]:
        """The ids of then, sorted, and those that came since."""
        return sorted([*self._present.ids, *self._present.history.gone])

    def find(self, instance_id: str) -> Instance | None:
        present = self._present.find(instance_id)
        return self._present.history.seen(instance_id, self._at, present)


class PastInterfaces:
    """All network interfaces as of the moment `at`."""

    def __init__(self, present: NetworkInterfaces, at: float) -> None:
        self._present = present
        self._at = at

    @property
    def ids(self) -> list[str]:
        """The ids of then, sorted, and those that came since."""
        return sorted([*self._present.ids, *self._present.history.gone])

    def find(self, interface_id: str) -> NetworkInterface | None:
        present = self._present.find(interface_id)
        return self._present.history.seen(interface_id, self._at, present)

    def of_instance(self, instance_id: str) -> list[NetworkInterface]:
        """The interfaces that an instance had, the primary one first."""
        here = self._present.of_instance(instance_id)
        still = [one for one in here if one.id not in self._present.history.changed]
        return in_order([*still, *self._moved.get(instance_id, ())])

    @cached_property
    def _moved(self) -> dict[str, list[NetworkInterface]]:
        """By instance what has changed since, or a little before."""
        moved: dict[str, list[NetworkInterface]] = {}
        for interface in map(self.find, self._present.history.changed):
            if interface is not None and interface.instance is not None:
                moved.setdefault(interface.instance, []).append(interface)
        return moved
