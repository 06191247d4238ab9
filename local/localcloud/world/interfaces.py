"""Network interfaces: found by id and by instance, some with a status still to come."""

from __future__ import annotations

import copy
import heapq
from collections.abc import Iterable

from localcloud.world.moments import after
from localcloud.world.objects import InterfaceStatus, NetworkInterface, Turn


class NetworkInterfaces:
    """All network interfaces. A status that is due is taken when `settle` is asked."""

    def __init__(self, interfaces: Iterable[NetworkInterface], now: float) -> None:
        self._by_id: dict[str, NetworkInterface] = {}
        self._by_instance: dict[str, list[str]] = {}
        self._agenda: list[tuple[float, int, str, InterfaceStatus]] = []
        for interface in interfaces:
            self._take_in(interface, now)
        self._ids = sorted(self._by_id)

    @property
    def ids(self) -> list[str]:
        """Every id, sorted; not to be changed."""
        return self._ids

    def find(self, interface_id: str) -> NetworkInterface | None:
        return self._by_id.get(interface_id)

    def of_instance(self, instance_id: str) -> list[NetworkInterface]:
        """The interfaces of an instance, the primary one first."""
        found = [self._by_id[one] for one in self._by_instance.get(instance_id, ())]
        return sorted(found, key=lambda interface: (interface.type, interface.id))

    def settle(self, now: float) -> None:
        while self._agenda and self._agenda[0][0] <= now:
            _, _, interface_id, status = heapq.heappop(self._agenda)
            interface = self._by_id.get(interface_id)
            if interface is not None:
                interface.status = status

    def records(self, now: float) -> tuple[NetworkInterface, ...]:
        """A copy of everything for the fleet file, with the statuses still to come in it."""
        turns: dict[str, tuple[Turn, ...]] = {}
        for due, _, interface_id, status in sorted(self._agenda):
            turns[interface_id] = (*turns.get(interface_id, ()), Turn(status, due - now))
        records = []
        for interface_id in self._ids:
            record = copy.copy(self._by_id[interface_id])
            record.becomes = turns.get(interface_id, ())
            records.append(record)
        return tuple(records)

    def _take_in(self, interface: NetworkInterface, now: float) -> None:
        self._by_id[interface.id] = interface
        if interface.instance is not None:
            self._by_instance.setdefault(interface.instance, []).append(interface.id)
        for turn in interface.becomes:
            event = (after(now, turn.after_s), len(self._agenda), interface.id, turn.status)
            heapq.heappush(self._agenda, event)
        interface.becomes = ()
