"""Reads a whole region, or nothing of it: half a fleet would be taken for a fleet with gaps.

Sessions come first: a source that is missing from the interfaces read after it is really gone, and
an interface that was mirrored in between at worst costs a look.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import field
from typing import Protocol

from evermirror.engine.ports import Clock
from evermirror.errors import StopError
from evermirror.model import Filter, Instance, NetworkInterface, Session
from evermirror.policy import Policy
from evermirror.policy.sessions import NETWORK_INTERFACE
from evermirror.values import dataclass

IN_USE = "InUse"
IDS_A_CALL = 100
Progress = Callable[[str, int], None]
"""Told what is being read, and how many of it were read so far."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything of one region that a policy looks at, as it was read.

    `began` is when sessions began to be read (None: when reading ended) and `at` when reading
    ended, both in epoch seconds. `instances` holds only those that a decision hangs on, and those
    under the targets of pools' sessions. An id of `instances_read` that is not among them was asked
    for and not shown, which proves no absence where a role sees only some; any other id was not
    read. `filters` is None where filters could not be read.
    """

    interfaces: tuple[NetworkInterface, ...] = ()
    sessions: Mapping[str, Session] = field(default_factory=dict)
    instances: Mapping[str, Instance] = field(default_factory=dict)
    filters: Mapping[str, Filter] | None = field(default_factory=dict)
    instances_read: frozenset[str] = frozenset()
    began: float | None = None
    at: float = 0.0

    @property
    def idle_filter_ids(self) -> frozenset[str] | None:
        """The filters that accept no traffic; None where filters could not be read."""
        return idle_ids(self.filters)


class WholeSessions(Protocol):
    """Traffic mirror sessions, every page of them."""

    def every_session(self, progress: Callable[[int], None]) -> tuple[Session, ...]: ...


class WholeFilters(Protocol):
    """Traffic mirror filters, every page of them."""

    def every_filter(self, progress: Callable[[int], None]) -> tuple[Filter, ...]: ...


class WholeInterfaces(Protocol):
    """Network interfaces, every page of them, and single ones again."""

    def every_network_interface(
        self, progress: Callable[[int], None]
    ) -> tuple[NetworkInterface, ...]: ...

    def describe_network_interfaces(self, ids: Sequence[str]) -> tuple[NetworkInterface, ...]: ...

    def network_interfaces_beside(
        self, witness: str, ids: Sequence[str]
    ) -> tuple[NetworkInterface, ...] | None: ...

    def describe_instances(self, ids: Sequence[str]) -> tuple[Instance, ...]: ...


def unwatched(_what: str, _read: int) -> None:
    """Nobody is watching."""


def read_filters(
    filters: WholeFilters, progress: Progress = unwatched
) -> Mapping[str, Filter] | None:
    """All filters by id; None where the service refuses to show them.

    That is no reason to leave gaps open, so it only makes the coverage unknown. Raises ReadError.
    """
    try:
        found = filters.every_filter(lambda n: progress("filters", n))
    except StopError:
        return None
    return {one.id: one for one in found}


def idle_ids(filters: Mapping[str, Filter] | None) -> frozenset[str] | None:
    """Those that accept no traffic in any direction; None where filters could not be read."""
    if filters is None:
        return None
    return frozenset(one.id for one in filters.values() if not one.accepts)


@contextmanager
def without_collecting() -> Iterator[None]:
    """A fleet has no cycles, and looking for them in it costs more than decoding or counting it."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


@dataclass(frozen=True, slots=True)
class FleetReader:
    """Reads fleets, filters only where `filters` is given.

    Every method raises ReadError (later perhaps) or StopError (never).
    """

    sessions: WholeSessions
    interfaces: WholeInterfaces
    clock: Clock
    filters: WholeFilters | None = None

    def read(self, policy: Policy, progress: Progress = unwatched) -> Fleet:
        """The fleet, as far as the policy looks at it.

        Instances that may not be seen are only missing from it, unless the policy looks at them.
        """
        began = self.clock.now()
        with without_collecting():
            sessions = self.sessions.every_session(lambda n: progress("sessions", n))
            filters = read_filters(self.filters, progress) if self.filters else None
            interfaces = self.interfaces.every_network_interface(
                lambda n: progress("interfaces", n)
            )
        deciding = _deciding(policy, interfaces)
        under_targets = _under(_targets(policy, sessions), interfaces)
        instances, asked = self._instances(
            sorted(deciding | under_targets), progress, must=policy.needs_instances
        )
        if policy.needs_instances:
            interfaces = self._without_those_that_left(policy, interfaces, instances)
        return Fleet(
            interfaces=interfaces,
            sessions={session.id: session for session in sessions},
            instances=instances,
            filters=filters,
            # A role without permission is shown nothing, and no error either.
            instances_read=frozenset(asked if instances else ()),
            began=began,
            at=self.clock.now(),
        )

    def _instances(
        self, wanted: Sequence[str], progress: Progress, *, must: bool
    ) -> tuple[dict[str, Instance], list[str]]:
        """Those that are shown by id, and which were asked for before the service refused."""
        found: dict[str, Instance] = {}
        asked: list[str] = []
        for start in range(0, len(wanted), IDS_A_CALL):
            ids = wanted[start : start + IDS_A_CALL]
            try:
                shown = self.interfaces.describe_instances(ids)
            except StopError:
                if must:
                    raise
                break
            asked += ids
            found.update((instance.id, instance) for instance in shown)
            progress("instances", len(found))
        return found, asked

    def _without_those_that_left(
        self,
        policy: Policy,
        interfaces: tuple[NetworkInterface, ...],
        instances: Mapping[str, Instance],
    ) -> tuple[NetworkInterface, ...]:
        """An instance released while all this was read takes its interfaces with it.

        What stays undecided after a second look is an instance that nobody may see.
        """
        doubtful = {
            one.id
            for one in interfaces
            if one.status == IN_USE
            and one.instance_id not in instances
            and policy.decide(one, None).undecided
        }
        if not doubtful or not instances:
            return interfaces
        again = {
            one.id: one for one in self.interfaces.describe_network_interfaces(sorted(doubtful))
        }
        return tuple(
            again.get(one.id, one)
            for one in interfaces
            if one.id not in doubtful or one.id in again
        )


def _deciding(policy: Policy, interfaces: Iterable[NetworkInterface]) -> set[str]:
    """The instances that the policy must know to place an interface."""
    if not policy.needs_instances:
        return set()
    return {
        one.instance_id
        for one in interfaces
        if one.instance_id and one.status == IN_USE and policy.decide(one, None).undecided
    }


def _targets(policy: Policy, sessions: Iterable[Session]) -> set[str]:
    """The interfaces that pools' sessions mirror to, and those that bear a growing pool's name."""
    pools = policy.pools.values()
    names = tuple(f"{pool.growth.name}-" for pool in pools if pool.growth is not None)
    found: set[str] = set()
    for session in sessions:
        if session.target_type != NETWORK_INTERFACE or session.target_id in found:
            continue
        if session.name.startswith(names) or any(pool.holds(session) for pool in pools):
            found.add(session.target_id)
    return found


def _under(targets: AbstractSet[str], interfaces: Iterable[NetworkInterface]) -> set[str]:
    """The instances that these targets are on."""
    if not targets:
        return set()
    return {one.instance_id for one in interfaces if one.id in targets and one.instance_id}
