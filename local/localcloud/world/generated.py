"""A fleet of any size out of three numbers, the same one every time."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import count

from localcloud.world.filter_objects import Filter
from localcloud.world.fleet import Fleet
from localcloud.world.objects import Instance, NetworkInterface, Session


@dataclass(frozen=True, slots=True)
class Things:
    """What a fleet amounts to: the things it lists and those it generates."""

    instances: list[Instance]
    network_interfaces: list[NetworkInterface]
    filters: list[Filter]
    sessions: list[Session]


def things_of(fleet: Fleet) -> Things:
    """Everything a fleet file describes, as records of its own: the fleet stays as it is."""
    things = Things(
        [copy.copy(one) for one in fleet.instances],
        [copy.copy(one) for one in fleet.network_interfaces],
        list(fleet.filters),
        [copy.copy(one) for one in fleet.sessions],
    )
    _add_instances(fleet, things)
    if fleet.fleet.sessions:
        _add_sessions(fleet, things)
    return things


def _add_instances(fleet: Fleet, things: Things) -> None:
    no_tags: dict[str, str] = {}
    instance_ids = _ids("i-j6c", 16, {one.id for one in things.instances})
    interface_ids = _ids("eni-j6c", 15, {one.id for one in things.network_interfaces})
    for _ in range(fleet.fleet.instances):
        instance = Instance(next(instance_ids), tags=no_tags)
        things.instances.append(instance)
        for position in range(fleet.fleet.interfaces_per_instance):
            interface = NetworkInterface(next(interface_ids), instance=instance.id, tags=no_tags)
            interface.type = "Secondary" if position else "Primary"
            things.network_interfaces.append(interface)


def _add_sessions(fleet: Fleet, things: Things) -> None:
    no_tags: dict[str, str] = {}
    mirror_filter = Filter(next(_ids("tmf-j6c", 17, {one.id for one in things.filters})))
    things.filters.append(mirror_filter)
    limits = fleet.limits
    of_a_target = max(1, limits.sources_per_slb_target // max(1, limits.sources_per_session))
    targets = _ids("lb-j6c", 17, {one.target for one in things.sessions})
    session_ids = _ids("tms-j6c", 17, {one.id for one in things.sessions})
    target = ""
    for position in range(fleet.fleet.sessions):
        if position % of_a_target == 0:
            target = next(targets)
        session = Session(next(session_ids), filter=mirror_filter.id, target=target, tags=no_tags)
        session.target_type = "SLB"
        things.sessions.append(session)


def _ids(prefix: str, digits: int, taken: Collection[str]) -> Iterator[str]:
    for number in count(1):
        made = f"{prefix}{number:0{digits}d}"
        if made not in taken:
            yield made
