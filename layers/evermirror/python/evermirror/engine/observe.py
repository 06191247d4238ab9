"""Reads the world for a plan, with as few calls as the answer allows.

What does not change within a run is read once: an attached interface, an instance's tags, the
instances that mirror targets sit on. Sessions are read every time; one List watches a hundred.
An interface that is not placed yet needs its whole pool, one that is placed only its session.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from evermirror.aliyun.session_requests import SessionQuery
from evermirror.engine.listing import Listing
from evermirror.engine.ports import Clock, InterfaceApi, SessionApi
from evermirror.engine.state import IN_USE, Observation
from evermirror.model import Instance, NetworkInterface, Session
from evermirror.policy import Policy
from evermirror.policy.decision import Pool
from evermirror.policy.sessions import POOL_TAG, Discovery, Growth
from evermirror.values import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """What a look is for.

    `fresh` are those among the interfaces that must be read again although they were attached;
    `placed` are those that a session was asked for, with its id; `priorities` are those whose
    holder must be found, whosever it is; `everything` asks for the sessions of all pools wherever
    one has to be chosen.
    """

    network_interface_ids: Iterable[str]
    fresh: Iterable[str] = ()
    placed: Mapping[str, str] = field(default_factory=dict)
    priorities: Iterable[int] = ()
    everything: bool = False


class Observer:
    """One run's eyes. Every method may raise ReadError (later perhaps) or StopError (never)."""

    def __init__(
        self, sessions: SessionApi, interfaces: InterfaceApi, policy: Policy, clock: Clock
    ) -> None:
        self._listing = Listing(sessions)
        self._interface_api = interfaces
        self._policy = policy
        self._clock = clock
        self._interfaces: dict[str, NetworkInterface] = {}
        self._instances: dict[str, Instance] = {}
        self._target_instances: dict[str, str | None] = {}
        self._members: dict[str, frozenset[str]] = {}

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
        # Sessions are read in several calls perhaps; what the first one shows is the oldest.
        at = self._clock.now()
        holders = self._read_holders(asked.priorities)
        sessions = self._read_sessions(wanted, asked, holders)
        self._read_targets(sessions)
        targets = (self._target_instances.get(session.target_id) for session in sessions)
        return Observation(
            at=at,
            interfaces={i: self._interfaces[i] for i in wanted if i in self._interfaces},
            instances=dict(self._instances),
            sessions={session.id: session for session in sessions},
            target_instance_ids=frozenset(target for target in targets if target),
            unseen_instance_ids=unseen,
            holders=holders,
        )

    def _read_interfaces(self, wanted: list[str], fresh: set[str]) -> None:
        due = [i for i in wanted if i in fresh or not self._is_attached(i)]
        if not due:
            return
        found = {i.id: i for i in self._interface_api.describe_network_interfaces(due)}
        for network_interface_id in due:
            self._interfaces.pop(network_interface_id, None)
        self._interfaces.update(found)

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

    def _read_holders(self, priorities: Iterable[int]) -> tuple[Session, ...]:
        return tuple(one for priority in priorities for one in self._listing.holder(priority))

    def _read_sessions(
        self, wanted: list[str], asked: Question, holders: tuple[Session, ...]
    ) -> tuple[Session, ...]:
        unplaced = [i for i in wanted if i not in asked.placed]
        every = asked.everything and bool(unplaced)
        names = set(self._policy.pools) if every else self._pools_of(unplaced)
        pools = [self._policy.pools[name] for name in sorted(names)]
        found: dict[str, Session] = {}
        for sessions in (holders, *map(self._listing.find, _queries(pools))):
            held = (one for one in sessions if any(pool.holds(one) for pool in pools))
            found.update((session.id, session) for session in held)
        # What a query showed just now need not be asked for by its id as well.
        expected = {i for pool in pools for i in self._expected(pool)} - found.keys()
        placed = {asked.placed[i] for i in wanted if i in asked.placed} - found.keys()
        found.update((one.id, one) for one in self._listing.by_id(expected, placed))
        for pool in pools:
            self._members[pool.name] = frozenset(i for i, one in found.items() if pool.holds(one))
        return tuple(found.values())

    def _expected(self, pool: Pool) -> frozenset[str]:
        """The sessions that must be shown: those that are named, and that were shown before."""
        return self._members.get(pool.name, frozenset()).union(pool.session_ids)

    def _pools_of(self, wanted: list[str]) -> set[str]:
        pools = set()
        for network_interface_id in wanted:
            interface = self._interfaces.get(network_interface_id)
            if interface is not None:
                instance = self._instances.get(interface.instance_id or "")
                pools.add(self._policy.decide(interface, instance).pool)
        return {pool for pool in pools if pool is not None}

    def _read_targets(self, sessions: tuple[Session, ...]) -> None:
        unknown = {
            session.target_id
            for session in sessions
            if session.target_type == "NetworkInterface"
            and session.target_id
            and session.target_id not in self._target_instances
        }
        if not unknown:
            return
        found = self._interface_api.describe_network_interfaces(sorted(unknown))
        self._target_instances.update(dict.fromkeys(unknown))
        self._target_instances.update({i.id: i.instance_id for i in found})


def _queries(pools: list[Pool]) -> list[SessionQuery]:
    """What to ask for so that every session of the pools is seen that the policy does not name."""
    queries: list[SessionQuery] = []
    for pool in pools:
        found = pool.discovery
        if found is not None:
            queries.append(SessionQuery(found.target_id, found.filter_id, tags=found.tags))
        if pool.growth is not None and not (found and _finds_grown(found, pool.growth, pool.name)):
            queries.append(SessionQuery(tags={POOL_TAG: pool.name}))
    return [query for at, query in enumerate(queries) if query not in queries[:at]]


def _finds_grown(found: Discovery, growth: Growth, pool: str) -> bool:
    """Say whether the question for a pool's sessions shows those as well that it makes itself."""
    tags = growth.session_tags(pool)
    return (
        found.filter_id in {None, growth.filter_id}
        and all(found.target_id in {None, target.id} for target in growth.targets)
        and all(tags.get(key) == value for key, value in found.tags.items())
    )
