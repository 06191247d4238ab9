"""Compares what was read with what the policy wants: pure, and never calls nothing "full".

With nothing eligible the coverage is unknown, because an empty read looks just like a fleet
without gaps; the same goes for sessions that the policy names and the service does not list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from evermirror.coverage import report
from evermirror.coverage.membership import Membership
from evermirror.coverage.report import Coverage, Listed
from evermirror.fleet import Fleet
from evermirror.model import NetworkInterface, Session
from evermirror.policy import Policy
from evermirror.values import dataclass

IN_USE = "InUse"
AVAILABLE = "Available"
SETTLED = frozenset({"Created", "Modifying"})
SESSIONS_PER_SOURCE = 3
"""Sessions that one interface can be in (VPC API 2016-04-28, quotas; not adjustable)."""


@dataclass(frozen=True, slots=True)
class Terms:
    """By what the comparison judges.

    `grace_s` is how old an unmirrored interface must be to count as a gap, `period_s` how far
    sweeps are apart, both in seconds. `max_sources` is the ceiling, None for none.
    `growing` says whether pools that may grow are allowed to.
    """

    grace_s: float = 0.0
    period_s: float = 0.0
    sources_per_session: int = 10
    max_sources: int | None = None
    growing: bool = False


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
    ineffective: list[NetworkInterface] = field(default_factory=list)
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
        self._targets = _target_instances(fleet)
        self._kinds = _Kinds()
        self._impossible: dict[str, list[NetworkInterface]] = {}
        self._excluded: dict[str, int] = {}
        self._unattached = 0
        self._extra: list[Listed] = []
        self._present: set[str] = set()
        self._room = self._room_in_pools()
        self._below_ceiling = self._room_below_ceiling()

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
        if decision.undecided:
            self._kinds.undecided.append(interface)
        elif decision.pool is None:
            self._exclude(interface, decision.rule or decision.reason)
        elif interface.instance_id in self._targets:
            self._exclude(interface, report.TARGET_INSTANCE)
        else:
            self._place(interface, decision.pool)

    def _exclude(self, interface: NetworkInterface, why: str) -> None:
        self._excluded[why] = self._excluded.get(why, 0) + 1
        self._note_extra(interface, None)

    def _place(self, interface: NetworkInterface, pool: str) -> None:
        holding = self._pools.holding(interface.id)
        self._note_extra(interface, pool)
        ours = [session for session in holding if self._pools.is_in(session, pool)]
        kinds = self._kinds
        if not ours:
            self._miss(interface, pool, len(holding))
            return
        working = [session for session in ours if _works(session)]
        if working:
            kinds.mirrored.append(interface)
            if _is_shadowed(working, holding, ours):
                kinds.shadowed.append(interface)
        elif any(session.status == "Creating" for session in ours):
            kinds.pending.append(interface)
        else:
            kinds.ineffective.append(interface)
        if len(ours) > 1:
            kinds.twice.append(interface)

    def _miss(self, interface: NetworkInterface, pool: str, elsewhere: int) -> None:
        age = self._age(interface)
        reason = self._impossible_because(pool, elsewhere)
        if reason is not None:
            self._impossible.setdefault(reason, []).append(interface)
        elif age is not None and age < self._terms.grace_s:
            self._kinds.pending.append(interface)
        else:
            self._kinds.missing.append(interface)
            if age is not None and age < self._terms.period_s:
                self._kinds.silent.append(interface)

    def _impossible_because(self, pool: str, elsewhere: int) -> str | None:
        if elsewhere >= SESSIONS_PER_SOURCE:
            return report.IN_THREE_SESSIONS
        if self._below_ceiling is not None and self._below_ceiling <= 0:
            return report.CEILING_REACHED
        return self._room[pool]

    def _room_in_pools(self) -> dict[str, str | None]:
        """By pool, why it can take no source at all; None where it can, or may be able to."""
        return {name: self._full_because(name) for name in self._policy.pools}

    def _full_because(self, name: str) -> str | None:
        pool = self._policy.pools[name]
        sessions = self._pools.sessions(name)
        may_grow = (
            self._terms.growing
            and pool.growth is not None
            and len(sessions) < len(pool.growth.numbers)
        )
        if may_grow:
            return None
        if not sessions:
            return report.SESSIONS_NOT_LISTED if pool.session_ids else report.POOL_EMPTY
        if len(sessions) < len(pool.session_ids):
            return None  # one that is not listed may be there, and have room
        most = self._terms.sources_per_session
        full = all(s.status == "Created" and len(s.source_ids) >= most for s in sessions)
        return report.POOL_FULL if full else None

    def _room_below_ceiling(self) -> int | None:
        ceiling = self._terms.max_sources
        return None if ceiling is None else ceiling - self._pools.sources

    def _note_extra(self, interface: NetworkInterface, pool: str | None) -> None:
        for session in self._pools.holding(interface.id):
            owner = self._pools.owner(session)
            if owner is not None and owner != pool:
                self._extra.append(Listed(interface.id, session.id))

    def _age(self, interface: NetworkInterface) -> float | None:
        return None if interface.created_at is None else self._fleet.at - interface.created_at

    def result(self) -> Coverage:
        kinds = self._kinds
        gaps = [*kinds.missing, *kinds.ineffective, *_flat(self._impossible.values())]
        return Coverage(
            mirrored=_ids(kinds.mirrored),
            ineffective=_ids(kinds.ineffective),
            pending=_ids(kinds.pending),
            missing=_ids(kinds.missing),
            impossible={reason: _ids(some) for reason, some in sorted(self._impossible.items())},
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
            return report.NO_INTERFACES
        if self._policy.pools and not self._fleet.sessions:
            return report.NO_SESSIONS
        if self._pools.not_listed:
            return report.SESSIONS_NOT_LISTED
        if kinds.undecided:
            return report.INSTANCES_NOT_VISIBLE
        placed = kinds.mirrored or kinds.pending or kinds.missing or kinds.ineffective
        return None if placed or self._impossible else report.NOTHING_ELIGIBLE


def _works(session: Session) -> bool:
    return session.status in SETTLED and session.enabled and session.business_status == "Normal"


def _is_shadowed(
    working: Iterable[Session], holding: Iterable[Session], ours: Iterable[Session]
) -> bool:
    inside = {session.id for session in ours}
    first = min(session.priority for session in working)
    return any(
        session.id not in inside and _works(session) and session.priority < first
        for session in holding
    )


def _target_instances(fleet: Fleet) -> frozenset[str]:
    targets = {session.target_id for session in fleet.sessions.values()}
    found = (one.instance_id for one in fleet.interfaces if one.id in targets)
    return frozenset(filter(None, found))


def _ids(interfaces: Iterable[NetworkInterface]) -> tuple[str, ...]:
    """Oldest first; one that does not say when it was made may be the oldest of all."""
    ordered = sorted(interfaces, key=lambda one: (one.created_at or 0.0, one.id))
    return tuple(one.id for one in ordered)


def _flat(lists: Iterable[list[NetworkInterface]]) -> Iterable[NetworkInterface]:
    return (one for some in lists for one in some)
