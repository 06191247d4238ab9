"""Reads the world for a plan, with as few calls as the answer allows.

Sessions are read every time; one List watches a hundred. An interface that is not placed yet needs
its whole pool, one that is placed only its session. An attached interface and the tags of an
instance are read once, and again before a change once that is longer ago than the bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import field, replace

from evermirror.engine.filter_cache import FilterCache
from evermirror.engine.listing import Listing
from evermirror.engine.ports import Clock, Cloud
from evermirror.engine.state import Observation
from evermirror.engine.target_cache import REMEMBERED_FOR_S, TargetCache
from evermirror.engine.target_reader import TargetReader
from evermirror.errors import StopError
from evermirror.model import IN_USE, Filter, Instance, NetworkInterface, Session
from evermirror.placement.eligibility import BEFORE_TARGETS
from evermirror.placement.snapshot import Lookup
from evermirror.policy import Policy
from evermirror.policy.sessions import Pool
from evermirror.results import ReadError
from evermirror.values import dataclass

IDS_A_CALL = 100
"""Interfaces that one Describe call names (ECS API 2014-05-26)."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a look is for.

    `fresh` are those among the interfaces that must be read again although they were attached;
    `placed` are those that a session was asked for, with its id, of which `doubtful` may not be
    there, so that their whole pool must be seen; `priorities` are those whose holder must be
    found, whoever it is; `changed` are sessions that may have lost the tag and the filter by which
    their pool finds them; `everything` asks for the sessions of all other pools too, as they were
    lately, wherever one has to be chosen.
    """

    network_interface_ids: Iterable[str]
    fresh: Iterable[str] = ()
    placed: Mapping[str, str] = field(default_factory=dict)
    doubtful: AbstractSet[str] = frozenset()
    priorities: Iterable[int] = ()
    changed: AbstractSet[str] = frozenset()
    everything: bool = False


class Observer:
    """One run's eyes. Every method may raise ReadError (later perhaps) or StopError (never)."""

    def __init__(
        self,
        cloud: Cloud,
        policy: Policy,
        clock: Clock,
        targets: TargetCache,
        filter_cache: FilterCache,
    ) -> None:
        self._listing = Listing(cloud.sessions, clock)
        self._interface_api = cloud.interfaces
        self._filter_api = cloud.filters
        self._policy = policy
        self._clock = clock
        self._interfaces: dict[str, NetworkInterface] = {}
        self._instances: dict[str, Instance] = {}
        self._read_at: dict[str, float] = {}
        self._targets = TargetReader(cloud.interfaces, policy, clock, targets)
        self._filter_cache = filter_cache
        self._in_trouble = False
        self.unread: set[str] = set()
        """Pools that could not be read for their targets: those last known must do in this run."""

    def resolve(self, instance_ids: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """The interfaces of those instances that are visible and have any."""
        wanted = sorted(instance_ids)
        if len(wanted) == 1:
            found = self._interface_api.describe_network_interfaces_of(wanted[0])
            self._remember_interfaces([one.id for one in found], found)
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
        elsewhere = self._read_elsewhere(pools, wanted, count=asked.everything)
        placed = {asked.placed[i] for i in wanted if i in asked.placed}
        filters = self._read_filters() if pools or placed else Lookup[Filter]()
        # Sessions are read in several calls perhaps; what the first one shows is the oldest.
        self._listing.awaits_turn()
        at, since = self._clock.now(), self._clock.monotonic()
        holders = self._listing.holders(asked.priorities)
        growing = any(pool.growth is not None for pool in self._pools(pools))
        changed = asked.changed if growing else frozenset()
        sessions = self._listing.of(self._pools(pools), holders, placed, changed)
        unread = dict(self._listing.unread)
        self._targets.note(pools - unread.keys(), sessions, at)
        seen = Observation(
            at=at,
            since=since,
            interfaces={i: self._interfaces[i] for i in wanted if i in self._interfaces},
            instances=dict(self._instances),
            sessions=sessions,
            elsewhere=elsewhere,
            filters=filters,
            pools=frozenset(pools),
            unread=unread,
            unseen_instance_ids=unseen,
            holders=holders,
        )
        return self._with_targets(seen)

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
        ours = {
            i: one
            for i, one in around.items()
            if any(pool.holds(one) or pool.untagged(one) for pool in pools)
        }
        since = self._clock.monotonic()
        return replace(before, at=at, since=since, sessions={**kept, **ours})

    def outdated(self, network_interface_ids: Iterable[str], bound_s: float) -> list[str]:
        """Those whose own facts, or whose instance's, were read longer ago than the bound."""
        oldest = self._clock.monotonic() - bound_s
        return [one for one in network_interface_ids if self._read_at.get(one, oldest - 1) < oldest]

    def refresh(
        self, before: Observation, first: Iterable[str], beside: Iterable[str]
    ) -> Observation:
        """What was seen before, with these interfaces and their instances as of now.

        `beside` are others that will be due soon: they fill up the call.
        """
        asked = list(dict.fromkeys((*first, *beside)))
        asked = asked[: max(len(list(first)), IDS_A_CALL)]
        found = self._interface_api.describe_network_interfaces(asked)
        self._remember_interfaces(asked, found)
        on = {one.instance_id for one in found if self._asks_about_instance(one)}
        instances = sorted(instance for instance in on if instance)
        for instance_id in instances:
            self._instances.pop(instance_id, None)
        self._remember_instances(instances)
        kept = {i: one for i, one in before.interfaces.items() if i not in asked}
        interfaces = {**kept, **{one.id: one for one in found}}
        unseen = before.unseen_instance_ids - set(instances)
        return replace(
            before,
            interfaces=interfaces,
            instances=dict(self._instances),
            unseen_instance_ids=unseen.union(set(instances) - self._instances.keys()),
        )

    def _with_targets(self, seen: Observation) -> Observation:
        return replace(
            seen,
            targets=self._targets.cache.interfaces(),
            target_instances=self._targets.cache.instances(),
            receiving=self._targets.cache.receiving(self._policy.named_targets),
        )

    def _read_filters(self) -> Lookup[Filter]:
        return self._filter_cache.read(self._filter_api, self._clock)

    def _read_interfaces(self, wanted: list[str], fresh: set[str]) -> None:
        due = [i for i in wanted if i in fresh or not self._is_attached(i)]
        if not due:
            return
        # The targets that the policy names cost no call of their own this way.
        targets = self._targets.due()
        asked = [*due, *sorted(targets.difference(due))]
        found = self._interface_api.describe_network_interfaces(asked)
        self._targets.cache.note(targets, found, self._clock.now())
        self._remember_interfaces(due, found)

    def _remember_interfaces(self, asked: Iterable[str], found: Iterable[NetworkInterface]) -> None:
        by_id = {one.id: one for one in found}
        now = self._clock.monotonic()
        for network_interface_id in asked:
            self._interfaces.pop(network_interface_id, None)
            self._read_at[network_interface_id] = now
            if network_interface_id in by_id:
                self._interfaces[network_interface_id] = by_id[network_interface_id]

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
            and self._asks_about_instance(interface)
        }
        self._remember_instances(sorted(due))
        return frozenset(due - self._instances.keys())

    def _may_be_a_target(self, network_interface_id: str) -> bool:
        interface = self._interfaces.get(network_interface_id)
        if interface is None:
            return False
        return self._policy.decide(interface, None).reason not in BEFORE_TARGETS

    def _asks_about_instance(self, interface: NetworkInterface) -> bool:
        return self._policy.decide(interface, None).undecided

    def _remember_instances(self, ids: list[str]) -> None:
        if ids:
            found = self._interface_api.describe_instances(ids)
            self._instances.update({instance.id: instance for instance in found})

    def _read_elsewhere(
        self, pools: AbstractSet[str], wanted: Iterable[str], *, count: bool
    ) -> dict[str, Session]:
        """The sessions of all other pools, if they count; else only what mirrors where."""
        others = self._policy.pools.keys() - pools
        at = self._clock.now()
        if not pools and not any(map(self._may_be_a_target, wanted)):
            return {}
        if count and pools:
            found = self._listing.counted(self._pools(others)) if others else {}
            self._targets.note(others, found, at)
            return found
        unknown = self._targets.cache.unknown(others, at) - self.unread
        if unknown:
            self._read_far_targets(unknown, at)
        return {}

    def _read_far_targets(self, pools: AbstractSet[str], at: float) -> None:
        """A pool that cannot be read at all must not stop what goes to another one."""
        found: dict[str, Session] = {}
        try:
            found = self._listing.of(self._pools(pools))
            failed: Mapping[str, ReadError | StopError] = self._listing.unread
        except (ReadError, StopError) as error:
            failed = dict.fromkeys(pools, error)
        passing = [error for error in failed.values() if isinstance(error, ReadError)]
        if passing and not self._in_trouble:
            # Most trouble passes, and a target that nobody knows may be mirrored.
            self._in_trouble = True
            raise passing[0]
        self.unread |= failed.keys()
        self._targets.note(pools - failed.keys(), found, at, age_s=REMEMBERED_FOR_S)

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
