"""Reads the world for a plan, with as few calls as the answer allows.

What does not change within a run is read once: an attached interface, an instance's tags, the
instances that mirror targets sit on. Sessions are read every time; one List watches a hundred.
An interface that is not placed yet needs its whole pool, one that is placed only its session.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import field, replace

from evermirror.engine.listing import Listing
from evermirror.engine.ports import Clock, InterfaceApi, SessionApi
from evermirror.engine.sensors import Sensors
from evermirror.engine.state import IN_USE, Observation
from evermirror.model import Instance, NetworkInterface, Session
from evermirror.policy import Policy
from evermirror.policy.decision import Pool
from evermirror.policy.sessions import NETWORK_INTERFACE
from evermirror.results import ReadError
from evermirror.values import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """What a look is for.

    `fresh` are those among the interfaces that must be read again although they were attached;
    `placed` are those that a session was asked for, with its id, of which `doubtful` may not be
    there, so that their whole pool must be seen; `priorities` are those whose holder must be
    found, whosever it is; `everything` asks for the sessions of all other pools too, as they were
    lately, wherever one has to be chosen.
    """

    network_interface_ids: Iterable[str]
    fresh: Iterable[str] = ()
    placed: Mapping[str, str] = field(default_factory=dict)
    doubtful: AbstractSet[str] = frozenset()
    priorities: Iterable[int] = ()
    everything: bool = False


class Observer:
    """One run's eyes. Every method may raise ReadError (later perhaps) or StopError (never)."""

    def __init__(
        self,
        sessions: SessionApi,
        interfaces: InterfaceApi,
        policy: Policy,
        clock: Clock,
        sensors: Sensors,
    ) -> None:
        self._listing = Listing(sessions, clock)
        self._interface_api = interfaces
        self._policy = policy
        self._clock = clock
        self._interfaces: dict[str, NetworkInterface] = {}
        self._instances: dict[str, Instance] = {}
        self._sensors = sensors
        self._named_targets = policy.named_targets
        self._target_instances: dict[str, str | None] = {}
        self._in_trouble = False
        self.unread: set[str] = set()
        """Pools that could not be read for their targets: those last known must do in this run."""

    def resolve(self, instance_ids: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """The interfaces of those instances that are visible and have any."""
        wanted = sorted(instance_ids)
        if len(wanted) == 1:
            found = self._interface_api.describe_network_interfaces_of(wanted[0])
            self._interfaces.update({interface.id: interface for interface in found})
            ids = tuple(sorted(interface.id for interface in found))
            return {wanted[0]: ids} if ids else {}
        self._remember_instances(wanted)
        return {
            instance_id: instance.network_interface_ids
            for instance_id in wanted
            if (instance := self._instances.get(instance_id)) and instance.network_interface_ids
        }

    def look(self, asked: Question) -> Observation:
        """The world around the interfaces asked for."""
        wanted = sorted(asked.network_interface_ids)
        self._read_interfaces(wanted, set(asked.fresh))
        unseen = self._read_instances(wanted)
        unplaced = [i for i in wanted if i not in asked.placed or i in asked.doubtful]
        pools = self._pools_of(unplaced)
        elsewhere = self._read_elsewhere(pools, count=asked.everything) if pools else {}
        # Sessions are read in several calls perhaps; what the first one shows is the oldest.
        self._listing.awaits_turn()
        at = self._clock.now()
        holders = self._listing.holders(asked.priorities)
        placed = {asked.placed[i] for i in wanted if i in asked.placed}
        sessions = self._listing.of(self._pools(pools), holders, placed)
        self._read_sensors(pools, sessions, at)
        sensors = self._sensors.known()
        named = {one: self._target_instances.get(one) for one in self._named_targets}
        on_targets = {*sensors.values(), *named.values()}
        return Observation(
            at=at,
            interfaces={i: self._interfaces[i] for i in wanted if i in self._interfaces},
            instances=dict(self._instances),
            sessions=sessions,
            elsewhere=elsewhere,
            target_ids=self._named_targets.union(sensors),
            target_instance_ids=frozenset(instance for instance in on_targets if instance),
            unseen_instance_ids=unseen,
            holders=holders,
        )

    def look_closer(
        self,
        before: Observation,
        network_interface_ids: Iterable[str],
        session_ids: AbstractSet[str],
    ) -> Observation:
        """What was seen before, with these sessions and where these interfaces are as of now."""
        at, around = self._listing.around(sorted(network_interface_ids), session_ids)
        kept = {i: one for i, one in before.sessions.items() if i not in session_ids}
        pools = self._policy.pools.values()
        ours = {i: one for i, one in around.items() if any(pool.holds(one) for pool in pools)}
        return replace(before, at=at, sessions={**kept, **ours})

    def _read_interfaces(self, wanted: list[str], fresh: set[str]) -> None:
        due = [i for i in wanted if i in fresh or not self._is_attached(i)]
        if not due:
            return
        # The targets that the policy names cost no call of their own this way.
        targets = self._named_targets - self._target_instances.keys()
        asked = [*due, *sorted(targets.difference(due))]
        found = {i.id: i for i in self._interface_api.describe_network_interfaces(asked)}
        self._remember_targets(targets, found.values())
        for network_interface_id in due:
            self._interfaces.pop(network_interface_id, None)
        self._interfaces.update((i, found[i]) for i in due if i in found)

    def _is_attached(self, network_interface_id: str) -> bool:
        known = self._interfaces.get(network_interface_id)
        return known is not None and known.status == IN_USE

    def _read_instances(self, wanted: list[str]) -> frozenset[str]:
        """Only where a decision hangs on them: most interfaces are placed without.

        Returns the ids of those that could not be seen.
        """
        known = (self._interfaces.get(network_interface_id) for network_interface_id in wanted)
        due = {
            interface.instance_id
            for interface in known
            if interface is not None
            and interface.instance_id
            and interface.instance_id not in self._instances
            and self._policy.decide(interface, None).undecided
        }
        self._remember_instances(sorted(due))
        return frozenset(due - self._instances.keys())

    def _remember_instances(self, ids: list[str]) -> None:
        if ids:
            found = self._interface_api.describe_instances(ids)
            self._instances.update({instance.id: instance for instance in found})

    def _read_elsewhere(self, pools: AbstractSet[str], *, count: bool) -> dict[str, Session]:
        """The sessions of all other pools, if they count; else only what mirrors where."""
        others = self._policy.pools.keys() - pools
        at = self._clock.now()
        if not count:
            self._read_far_sensors(self._sensors.unknown(others, at) - self.unread, at)
            return {}
        found = self._listing.counted(self._pools(others)) if others else {}
        self._read_sensors(others, found, at)
        return found

    def _read_far_sensors(self, pools: AbstractSet[str], at: float) -> None:
        """A pool that cannot be read at all must not stop what goes to another one."""
        if not pools:
            return
        try:
            self._read_sensors(pools, self._listing.of(self._pools(pools)), at)
        except ReadError:
            if not self._in_trouble:
                # Most trouble passes, and without sensors one of them may be mirrored.
                self._in_trouble = True
                raise
            if len(pools) == 1:
                self.unread |= pools
            else:
                for pool in sorted(pools):
                    self._read_far_sensors({pool}, at)

    def _read_sensors(
        self, pools: Iterable[str], sessions: Mapping[str, Session], at: float
    ) -> None:
        """Remembers where the pools mirror to."""
        self._read_targets(_targets(sessions.values()) | self._named_targets)
        for pool in self._pools(pools):
            targets = _targets(one for one in sessions.values() if pool.holds(one))
            instances = {one: self._target_instances.get(one) for one in targets}
            self._sensors.note(pool.name, instances, at)

    def _pools(self, names: Iterable[str]) -> list[Pool]:
        return [self._policy.pools[name] for name in sorted(names)]

    def _pools_of(self, wanted: list[str]) -> set[str]:
        pools = set()
        for network_interface_id in wanted:
            interface = self._interfaces.get(network_interface_id)
            if interface is not None:
                instance = self._instances.get(interface.instance_id or "")
                pools.add(self._policy.decide(interface, instance).pool)
        return {pool for pool in pools if pool is not None}

    def _read_targets(self, targets: AbstractSet[str]) -> None:
        unknown = targets - self._target_instances.keys()
        if unknown:
            found = self._interface_api.describe_network_interfaces(sorted(unknown))
            self._remember_targets(unknown, found)

    def _remember_targets(self, asked: AbstractSet[str], found: Iterable[NetworkInterface]) -> None:
        self._target_instances.update(dict.fromkeys(asked))
        self._target_instances.update({i.id: i.instance_id for i in found if i.id in asked})


def _targets(sessions: Iterable[Session]) -> set[str]:
    """The interfaces that the sessions mirror to."""
    return {
        session.target_id
        for session in sessions
        if session.target_type == NETWORK_INTERFACE and session.target_id
    }
