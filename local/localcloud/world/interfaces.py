"""Network interfaces: found by id, instance and address, some with a status still to come."""

from __future__ import annotations

import copy
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from localcloud.world.agenda import Agenda
from localcloud.world.history import History
from localcloud.world.objects import InterfaceStatus, NetworkInterface, Turn
from localcloud.world.tags import changed_tags


@dataclass(frozen=True, slots=True)
class InterfaceChange:
    """An interface took the status of a turn at the moment `at`.

    `left` is whether it was attached to an instance before, and is not any more.
    """

    at: float
    interface: NetworkInterface
    turn: Turn
    left: bool


class NetworkInterfaces:
    """All network interfaces. A status that is due is taken when `settle` is asked."""

    def __init__(self, interfaces: Iterable[NetworkInterface], now: float) -> None:
        self._by_id: dict[str, NetworkInterface] = {}
        self._by_instance: dict[str, list[str]] = {}
        self._by_address: dict[tuple[str, str], str] = {}
        self._agenda: Agenda[Turn] = Agenda()
        self._history: History[NetworkInterface] = History()
        for interface in interfaces:
            self._take_in(interface, now)
        self._ids = sorted(self._by_id)

    @property
    def ids(self) -> list[str]:
        """Every id, sorted; not to be changed."""
        return self._ids

    @property
    def history(self) -> History[NetworkInterface]:
        """What interfaces were before they changed."""
        return self._history

    def find(self, interface_id: str) -> NetworkInterface | None:
        return self._by_id.get(interface_id)

    def of_instance(self, instance_id: str) -> list[NetworkInterface]:
        """The interfaces of an instance, the primary one first."""
        return in_order(self._by_id[one] for one in self._by_instance.get(instance_id, ()))

    def has_address(self, vswitch: str, address: str) -> bool:
        """Whether an interface at this vSwitch was given this address."""
        return (vswitch, address) in self._by_address

    def add(self, interface: NetworkInterface, now: float) -> None:
        """Take in a new interface, with what it becomes."""
        self._take_in(interface, now)
        insort(self._ids, interface.id)
        self._history.begin(interface.id, None)
        self._history.note(interface.id, now, interface)

    def begin(
        self,
        interface: NetworkInterface,
        status: InterfaceStatus,
        turns: Iterable[Turn],
        now: float,
    ) -> None:
        """Let an interface be in a status from now on, and in those of the turns later."""
        self._history.begin(interface.id, interface)
        interface.status = status
        self._agenda.plan(interface.id, turns, now)
        self._history.note(interface.id, now, interface)

    def is_changing(self, interface: NetworkInterface) -> bool:
        """Whether a status of an interface is still to come."""
        return bool(self._agenda.to_come(interface.id))

    def attach(self, interface: NetworkInterface, instance_id: str, now: float) -> None:
        """Let an interface belong to an instance; its status is another matter."""
        self._history.begin(interface.id, interface)
        interface.instance = instance_id
        self._by_instance.setdefault(instance_id, []).append(interface.id)
        self._history.note(interface.id, now, interface)

    def detach(self, interface: NetworkInterface, now: float) -> None:
        """Let an interface belong to nothing and be Available, whatever was to come of it."""
        self.begin(interface, "Available", (), now)
        self._leave(interface)
        self._history.note(interface.id, now, interface)

    def retag(
        self, interface: NetworkInterface, changes: Mapping[str, str | None], now: float
    ) -> None:
        """Set tags, and take those off that are None."""
        self._history.begin(interface.id, interface)
        interface.tags = changed_tags(interface.tags, changes)
        self._history.note(interface.id, now, interface)

    def remove(self, interface: NetworkInterface, now: float) -> None:
        """Let an interface be gone."""
        self._history.begin(interface.id, interface)
        self._history.end(interface.id, now)
        self._agenda.plan(interface.id, (), now)
        self._leave(interface)
        del self._by_id[interface.id]
        del self._ids[bisect_left(self._ids, interface.id)]
        address = (interface.vswitch, interface.private_ip or "")
        if self._by_address.get(address) == interface.id:
            del self._by_address[address]

    def next(self) -> float | None:
        """The moment at which the next interface changes."""
        return self._agenda.next()

    def settle(self, now: float) -> Iterator[InterfaceChange]:
        """Take every status that is due by now, one after the other."""
        for at, interface_id, turn in self._agenda.due(now):
            interface = self._by_id[interface_id]
            belonged = interface.instance is not None
            if turn.status == "Deleted":
                self.remove(interface, at)
            else:
                self._take_status(interface, turn.status, at)
            left = belonged and interface.instance is None
            yield InterfaceChange(at, interface, turn, left)

    def records(self, now: float) -> tuple[NetworkInterface, ...]:
        """A copy of everything for the fleet file, with the statuses still to come in it."""
        records = []
        for interface_id in self._ids:
            record = copy.copy(self._by_id[interface_id])
            record.becomes = self._agenda.of(interface_id, now)
            records.append(record)
        return tuple(records)

    def _take_status(self, interface: NetworkInterface, status: InterfaceStatus, at: float) -> None:
        self._history.begin(interface.id, interface)
        interface.status = status
        if status == "Available":
            self._leave(interface)
        self._history.note(interface.id, at, interface)

    def _leave(self, interface: NetworkInterface) -> None:
        if interface.instance is None:
            return
        beside = self._by_instance[interface.instance]
        beside.remove(interface.id)
        if not beside:
            del self._by_instance[interface.instance]
        interface.instance = None

    def _take_in(self, interface: NetworkInterface, now: float) -> None:
        self._by_id[interface.id] = interface
        if interface.instance is not None:
            self._by_instance.setdefault(interface.instance, []).append(interface.id)
        if interface.private_ip is not None:
            self._by_address[interface.vswitch, interface.private_ip] = interface.id
        if interface.becomes:
            self._agenda.plan(interface.id, interface.becomes, now)
            interface.becomes = ()


def in_order(interfaces: Iterable[NetworkInterface]) -> list[NetworkInterface]:
    """The interfaces of one instance as ECS numbers them: the primary one first."""
    return sorted(interfaces, key=lambda interface: (interface.type, interface.id))
