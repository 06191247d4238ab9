"""Compares what was read with what the policy wants: pure, and never calls nothing "full".

With nothing eligible the coverage is unknown, because an empty read looks just like a fleet
without gaps; the same goes for sessions that the policy names and the service does not list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from evermirror import reasons
from evermirror.coverage import report
from evermirror.coverage.impossibility import Impossibility
from evermirror.coverage.membership import Membership
from evermirror.coverage.report import Coverage, Listed
from evermirror.coverage.terms import Terms
from evermirror.engine.flaws import flaw
from evermirror.fleet import Fleet
from evermirror.model import NetworkInterface, Session
from evermirror.policy import Policy
from evermirror.values import dataclass

IN_USE = "InUse"
AVAILABLE = "Available"
SETTLED = frozenset({"Created", "Modifying"})


def coverage(policy: Policy, fleet: Fleet, terms: Terms | None = None) -> Coverage:
    """How the fleet stands to the policy at the time when it was read."""
    count = _Count(policy, fleet, terms or Terms())
    for interface in fleet.interfaces:
        count.take(interface)
    return count.result()


@dataclass(slots=True)
class _Kinds:
    """The lists that fill up while interfaces are taken one after another."""

    mirrored: list[NetworkInterface] = field(default_factory=list)
    pending: list[NetworkInterface] = field(default_factory=list)
    missing: list[NetworkInterface] = field(default_factory=list)
    undecided: list[NetworkInterface] = field(default_factory=list)
    shadowed: list[NetworkInterface] = field(default_factory=list)
    twice: list[NetworkInterface] = field(default_factory=list)
    silent: list[NetworkInterface] = field(default_factory=list)


class _Count:
    def __init__(self, policy: Policy, fleet: Fleet, terms: Terms) -> None:
        self._policy = policy
        self._fleet = fleet
        self._terms = terms
        self._pools = Membership(policy, fleet.sessions)
        self._impossibility = Impossibility(policy, self._pools, terms)
        self._targets = policy.named_targets.union(
            session.target_id for session in fleet.sessions.values()
        )
        self._target_instances = _instances_of(self._targets, fleet)
        self._kinds = _Kinds()
        self._idle_filters = fleet.idle_filter_ids or frozenset()
        self._ineffective: dict[str, list[NetworkInterface]] = {}
        self._impossible: dict[str, list[NetworkInterface]] = {}
        self._excluded: dict[str, int] = {}
        self._unattached = 0
        self._extra: list[Listed] = []
        self._present: set[str] = set()

    def take(self, interface: NetworkInterface) -> None:
        if interface.status == AVAILABLE:
            self._unattached += 1
            return
        self._present.add(interface.id)
        if interface.status != IN_USE:
            # On its way on or off an instance: nothing to want yet, and nothing to miss any more.
            self._unattached += 1
            return
        instance = self._fleet.instances.get(interface.instance_id or "")
        decision = self._policy.decide(interface, instance)
        if decision.undecided and interface.instance_id is None:
            self._exclude(interface, reasons.NO_INSTANCE)
        elif decision.undecided:
            self._kinds.undecided.append(interface)
        elif decision.pool is None:
            self._exclude(interface, report.excluding(decision))
        elif self._is_target(interface):
            self._exclude(interface, reasons.TARGET_INSTANCE)
        else:
            self._place(interface, decision.pool)

    def _is_target(self, interface: NetworkInterface) -> bool:
        on_target = interface.instance_id in self._target_instances
        return on_target or interface.id in self._targets

    def _exclude(self, interface: NetworkInterface, why: str) -> None:
        self._excluded[why] = self._excluded.get(why, 0) + 1
        self._note_extra(interface, None)

    def _place(self, interface: NetworkInterface, pool: str) -> None:
        holding = self._pools.holding(interface.id)
        ours = [session for session in holding if self._pools.is_in(session, pool)]
        kinds = self._kinds
        if len(ours) < len(holding):
            self._note_extra(interface, pool)
        if not ours:
            self._miss(interface, pool, len(holding))
            return
        working = [session for session in ours if self._works(session)]
        if working:
            kinds.mirrored.append(interface)
            if len(ours) < len(holding) and self._is_shadowed(working, holding, ours):
                kinds.shadowed.append(interface)
        elif any(session.status == "Creating" for session in ours):
            kinds.pending.append(interface)
        else:
            reason = flaw(ours[0], self._idle_filters) or reasons.SESSION_NOT_CREATED
            self._ineffective.setdefault(reason, []).append(interface)
        if len(ours) > 1:
            kinds.twice.append(interface)

    def _works(self, session: Session) -> bool:
        return session.status in SETTLED and flaw(session, self._idle_filters) is None

    def _is_shadowed(
        self, working: Iterable[Session], holding: Iterable[Session], ours: Iterable[Session]
    ) -> bool:
        inside = {session.id for session in ours}
        first = min(session.priority for session in working)
        return any(
            session.id not in inside and self._works(session) and session.priority < first
            for session in holding
        )

    def _miss(self, interface: NetworkInterface, pool: str, elsewhere: int) -> None:
        age = self._age(interface)
        reason = self._impossibility.because(pool, elsewhere)
        if reason is not None:
            self._impossible.setdefault(reason, []).append(interface)
        elif age is not None and age < self._terms.grace_s:
            self._kinds.pending.append(interface)
        else:
            self._kinds.missing.append(interface)
            if age is not None and age < self._terms.young_s:
                self._kinds.silent.append(interface)

    def _note_extra(self, interface: NetworkInterface, pool: str | None) -> None:
        for session in self._pools.holding(interface.id):
            wanted = pool is not None and self._pools.is_in(session, pool)
            if self._pools.is_ours(session) and not wanted:
                self._extra.append(Listed(interface.id, session.id))

    def _age(self, interface: NetworkInterface) -> float | None:
        """When sessions began to be read: of what came later they could not show anything."""
        began = self._fleet.at if self._fleet.began is None else self._fleet.began
        return None if interface.created_at is None else began - interface.created_at

    def result(self) -> Coverage:
        kinds = self._kinds
        useless = (*self._ineffective.values(), *self._impossible.values())
        gaps = [*kinds.missing, *_flat(useless)]
        return Coverage(
            mirrored=_ids(kinds.mirrored),
            ineffective=_by_reason(self._ineffective),
            pending=_ids(kinds.pending),
            missing=_ids(kinds.missing),
            impossible=_by_reason(self._impossible),
            excluded=dict(sorted(self._excluded.items())),
            unattached=self._unattached,
            undecided=_ids(kinds.undecided),
            shadowed=_ids(kinds.shadowed),
            twice=_ids(kinds.twice),
            extra=tuple(sorted(self._extra)),
            gone=self._gone(),
            silent=_ids(kinds.silent),
            sessions_not_listed=self._pools.not_listed,
            oldest_gap_s=max(filter(None, map(self._age, gaps)), default=None),
            unknown=self._unknown(),
        )

    def _gone(self) -> tuple[Listed, ...]:
        if not self._fleet.interfaces:
            return ()  # nobody can say what is absent from a read of nothing
        return tuple(
            sorted(
                Listed(source, session.id)
                for source, sessions in self._pools.sources_of_pools()
                if source not in self._present
                for session in sessions
            )
        )

    def _unknown(self) -> str | None:
        kinds = self._kinds
        if not self._fleet.interfaces:
            return reasons.NO_INTERFACES_READ
        if self._policy.pools and not self._fleet.sessions:
            return reasons.NO_SESSIONS_READ
        if self._pools.not_listed:
            return reasons.SESSIONS_NOT_LISTED
        if kinds.undecided:
            return reasons.INSTANCES_NOT_VISIBLE
        placed = kinds.mirrored or kinds.pending or kinds.missing
        if not (placed or self._ineffective or self._impossible):
            return reasons.NOTHING_ELIGIBLE
        return reasons.FILTERS_NOT_VISIBLE if self._fleet.idle_filter_ids is None else None


def _instances_of(targets: frozenset[str], fleet: Fleet) -> frozenset[str]:
    found = (one.instance_id for one in fleet.interfaces if one.id in targets)
    return frozenset(filter(None, found))


def _ids(interfaces: Iterable[NetworkInterface]) -> tuple[str, ...]:
    """Oldest first; one that does not say when it was made may be the oldest of all."""
    ordered = sorted(interfaces, key=lambda one: (one.created_at or 0.0, one.id))
    return tuple(one.id for one in ordered)


def _by_reason(lists: Mapping[str, list[NetworkInterface]]) -> dict[str, tuple[str, ...]]:
    return {reason: _ids(some) for reason, some in sorted(lists.items())}


def _flat(lists: Iterable[list[NetworkInterface]]) -> Iterable[NetworkInterface]:
    return (one for some in lists for one in some)
