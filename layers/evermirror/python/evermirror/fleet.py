"""Reads a whole region, or nothing of it: half a fleet would be taken for a fleet with gaps.

Sessions come first: a source that is missing from the interfaces read after it is really gone, and
an interface that was mirrored in between at worst costs a look.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from typing import Protocol

from evermirror.engine.ports import Clock
from evermirror.errors import StopError
from evermirror.model import IN_USE, Filter, Instance, NetworkInterface, Session
from evermirror.placement.snapshot import Lookup, Snapshot
from evermirror.policy import Policy
from evermirror.policy.sessions import NETWORK_INTERFACE
from evermirror.values import dataclass

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
    read. `filters` is None where filters could not be read. `interfaces_read` and `instances_read`
    are those that were asked for, None where all were.
    """

    interfaces: tuple[NetworkInterface, ...] = ()
    sessions: Mapping[str, Session] = field(default_factory=dict)
    instances: Mapping[str, Instance] = field(default_factory=dict)
    filters: Mapping[str, Filter] | None = field(default_factory=dict)
    instances_read: frozenset[str] | None = frozenset()
    interfaces_read: frozenset[str] | None = None
    began: float | None = None
    at: float = 0.0

    @property
    def snapshot(self) -> Snapshot:
        """The facts, as everybody who decides asks them."""
        return Snapshot(
            at=self.at,
            sessions=self.sessions,
            interfaces=Lookup({one.id: one for one in self.interfaces}, self.interfaces_read),
            instances=Lookup(self.instances, self.instances_read),
            filters=Lookup() if self.filters is None else Lookup(self.filters, None),
        )


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
    """Every filter by its id; None where the service refuses to show filters.

    That is no reason to leave gaps open, so it only makes the coverage unknown. Raises ReadError.
    """
    try:
        found = filters.every_filter(lambda n: progress("filters", n))
    except StopError:
        return None
    return {one.id: one for one in found}


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
        fleet = self.read_without_instances(progress)
        undecided = _undecided(policy, fleet.interfaces)
        wanted = undecided | target_instance_ids(fleet, [policy])
        instances, asked = self.read_instances(wanted, progress, must=policy.needs_instances)
        interfaces = fleet.interfaces
        if policy.needs_instances:
            interfaces = self._without_those_that_left(policy, interfaces, instances)
        return replace(
            fleet,
            interfaces=interfaces,
            instances=instances,
            instances_read=asked,
            at=self.clock.now(),
        )

    def read_without_instances(self, progress: Progress = unwatched) -> Fleet:
        """Everything that takes no policy to know that it is needed."""
        began = self.clock.now()
        with without_collecting():
            sessions = self.sessions.every_session(lambda n: progress("sessions", n))
            filters = read_filters(self.filters, progress) if self.filters else None
            interfaces = self.interfaces.every_network_interface(
                lambda n: progress("interfaces", n)
            )
        return Fleet(
            interfaces=interfaces,
            sessions={session.id: session for session in sessions},
            filters=filters,
            began=began,
            at=self.clock.now(),
        )

    def read_instances(
        self, wanted: Iterable[str], progress: Progress = unwatched, *, must: bool = False
    ) -> tuple[dict[str, Instance], frozenset[str]]:
        """Those that are shown, by id, and which were asked for before the service refused.

        Where they `must` be seen, a refusal is raised.
        """
        ids = sorted(wanted)
        found: dict[str, Instance] = {}
        asked: list[str] = []
        for start in range(0, len(ids), IDS_A_CALL):
            some = ids[start : start + IDS_A_CALL]
            try:
                shown = self.interfaces.describe_instances(some)
            except StopError:
                if must:
                    raise
                break
            asked += some
            found.update((instance.id, instance) for instance in shown)
            progress("instances", len(found))
        # A role without permission is shown nothing, and no error either.
        return found, frozenset(asked if found else ())

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


def target_instance_ids(fleet: Fleet, policies: Iterable[Policy]) -> frozenset[str]:
    """The instances of the targets of pools' sessions, and of those that policies name."""
    targets: set[str] = set()
    for policy in policies:
        targets |= policy.named_targets
        pools = policy.pools.values()
        targets.update(
            session.target_id
            for session in fleet.sessions.values()
            if session.target_type == NETWORK_INTERFACE
            and session.target_id not in targets
            and any(pool.holds(session) or pool.untagged(session) for pool in pools)
        )
    if not targets:
        return frozenset()
    found = (one.instance_id for one in fleet.interfaces if one.id in targets)
    return frozenset(filter(None, found))


def _undecided(policy: Policy, interfaces: Iterable[NetworkInterface]) -> frozenset[str]:
    """The instances that a decision about one of the interfaces hangs on."""
    if not policy.needs_instances:
        return frozenset()
    return frozenset(
        one.instance_id
        for one in interfaces
        if one.instance_id and one.status == IN_USE and policy.decide(one, None).undecided
    )
