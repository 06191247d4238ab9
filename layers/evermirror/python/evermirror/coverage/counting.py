"""Compares what was read with what the policy wants: pure, and never calls nothing "full".

With nothing eligible the coverage is unknown, because an empty read looks just like a fleet
without gaps; the same goes for sessions that the policy names and the service does not list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from evermirror import reasons
from evermirror.coverage import report
from evermirror.coverage.kinds import Kinds
from evermirror.coverage.known import NOTHING_MORE, Known
from evermirror.coverage.report import Coverage, Listed
from evermirror.fleet import Fleet
from evermirror.model import (
    AVAILABLE,
    CREATED,
    CREATING,
    IN_USE,
    MODIFYING,
    NetworkInterface,
    Session,
)
from evermirror.placement.completeness import incomplete_because
from evermirror.placement.effect import Effect, one_direction
from evermirror.placement.limits import Limits
from evermirror.placement.placement import Placement
from evermirror.policy import Policy

SETTLING = frozenset({CREATING, MODIFYING})
"""Of a session that is made or changed just now it cannot be told yet what it mirrors."""


def coverage(
    policy: Policy, fleet: Fleet, limits: Limits | None = None, known: Known = NOTHING_MORE
) -> Coverage:
    """How the fleet stands to the policy at the time when it was read."""
    limits = limits or Limits()
    count = _Count(Placement(policy, fleet.snapshot, limits), fleet, limits, known)
    for interface in fleet.interfaces:
        count.take(interface)
    return count.result()


class _Count:
    def __init__(self, placement: Placement, fleet: Fleet, limits: Limits, known: Known) -> None:
        self._placement = placement
        self._known = known
        self._fleet = fleet
        self._limits = limits
        self._membership = placement.membership
        self._kinds = Kinds()
        self._gaps: list[NetworkInterface] = []
        self._present: set[str] = set()

    def take(self, interface: NetworkInterface) -> None:
        if interface.status == AVAILABLE:
            self._kinds.unattached += 1
            return
        self._present.add(interface.id)
        if interface.status != IN_USE:
            # On its way on or off an instance: nothing to want yet, and nothing to miss any more.
            self._kinds.unattached += 1
            return
        decision = self._placement.eligibility(interface)
        if decision.undecided:
            self._kinds.undecided.append(interface)
        elif decision.pool is None:
            why = report.excluding(decision)
            self._kinds.excluded[why] = self._kinds.excluded.get(why, 0) + 1
            self._note_extra(interface, None)
        else:
            self._place(interface, decision.pool)

    def _place(self, interface: NetworkInterface, pool: str) -> None:
        holding = self._membership.holding(interface.id)
        listing = self._placement.listing(interface.id, pool)
        if len(listing) < len(holding):
            self._note_extra(interface, pool)
        if not listing:
            self._miss(interface, pool, len(holding))
            return
        found = self._placement.best_listing(interface.id, pool) or listing[0]
        self._count_listed(interface, *found)
        if len(listing) > 1:
            self._kinds.twice.append(interface)
        if len(listing) < len(holding) and self._is_shadowed(holding, listing):
            self._kinds.shadowed.append(interface)

    def _count_listed(self, interface: NetworkInterface, session: Session, found: Effect) -> None:
        kinds = self._kinds
        if session.status in SETTLING:
            kinds.pending.append(interface)
        elif session.status != CREATED or found.reason is not None:
            reason = found.reason or reasons.SESSION_NOT_CREATED
            kinds.ineffective.setdefault(reason, []).append(interface)
            self._gaps.append(interface)
        else:
            kinds.mirrored.append(interface)
            kinds.targets[session.target_id] = kinds.targets.get(session.target_id, 0) + 1

    def _is_shadowed(
        self, holding: Iterable[Session], listing: list[tuple[Session, Effect]]
    ) -> bool:
        ours = {session.id for session, _ in listing}
        working = [session.priority for session, found in listing if _works(session, found)]
        return bool(working) and any(
            session.id not in ours
            and _works(session, self._placement.effect(session, None))
            and session.priority < min(working)
            for session in holding
        )

    def _miss(self, interface: NetworkInterface, pool: str, elsewhere: int) -> None:
        kinds, age = self._kinds, self._age(interface)
        reason = self._placement.nowhere_because(pool, elsewhere)
        claimed_by = self._placement.claimed.get(interface.id)
        if reason is not None:
            kinds.impossible.setdefault(reason, []).append(interface)
            self._gaps.append(interface)
        elif claimed_by is not None:
            kinds.claimed.append(Listed(interface.id, claimed_by))
            self._gaps.append(interface)
        elif interface.id in self._known.impossible:
            # Only the policy can end that, and no alarm may ring for ever: not counted by its age.
            kinds.impossible.setdefault(self._known.impossible[interface.id], []).append(interface)
        elif self._is_young(interface, age):
            kinds.pending.append(interface)
        else:
            kinds.missing.append(interface)
            self._gaps.append(interface)
            if age is not None and age < self._limits.young_s:
                kinds.silent.append(interface)

    def _is_young(self, interface: NetworkInterface, age: float | None) -> bool:
        """Say whether it may be attached for less than the grace time, as far as anybody knows."""
        if age is None:
            return False
        fresh = interface.id in self._known.fresh and age < 2 * self._limits.period_s
        return fresh or age < self._limits.grace_s

    def _note_extra(self, interface: NetworkInterface, pool: str | None) -> None:
        for session in self._membership.holding(interface.id):
            wanted = pool is not None and self._membership.is_in(session, pool)
            if self._membership.is_ours(session) and not wanted:
                self._kinds.extra.append(Listed(interface.id, session.id))

    def _age(self, interface: NetworkInterface) -> float | None:
        """At most so old when sessions began to be read: they show nothing that came later."""
        began = self._fleet.at if self._fleet.began is None else self._fleet.began
        since = self._since(interface)
        return None if since is None else began - since

    def _since(self, interface: NetworkInterface) -> float | None:
        """When it was attached at the earliest: after it was made, and last seen elsewhere."""
        known = (interface.created_at, self._known.detached_at.get(interface.id))
        return max((one for one in known if one is not None), default=None)

    def _silent(self) -> list[NetworkInterface]:
        """Of the young gaps those that could be mirrored: the others miss no event."""
        takes, silent = self._known.takes, self._kinds.silent
        return silent if takes is None else [one for one in silent if takes.get(one.id)]

    def _unsupported_families(self) -> tuple[str, ...]:
        refused = self._kinds.impossible.get(reasons.INSTANCE_TYPE_NOT_SUPPORTED, ())
        named = {self._known.families.get(one.id) for one in refused}
        return tuple(sorted(filter(None, named)))

    def _ids(self, interfaces: Iterable[NetworkInterface]) -> tuple[str, ...]:
        """Oldest first; one of which nobody knows since when may be the oldest of all."""
        ordered = sorted(interfaces, key=lambda one: (self._since(one) or 0.0, one.id))
        return tuple(one.id for one in ordered)

    def _by_reason(self, lists: Mapping[str, list[NetworkInterface]]) -> dict[str, tuple[str, ...]]:
        return {reason: self._ids(some) for reason, some in sorted(lists.items())}

    def result(self) -> Coverage:
        kinds, membership = self._kinds, self._membership
        return Coverage(
            mirrored=self._ids(kinds.mirrored),
            ineffective=self._by_reason(kinds.ineffective),
            pending=self._ids(kinds.pending),
            missing=self._ids(kinds.missing),
            claimed_by_stranger=tuple(sorted(kinds.claimed)),
            impossible=self._by_reason(kinds.impossible),
            excluded=dict(sorted(kinds.excluded.items())),
            unattached=kinds.unattached,
            undecided=self._ids(kinds.undecided),
            shadowed=self._ids(kinds.shadowed),
            twice=self._ids(kinds.twice),
            extra=tuple(sorted(kinds.extra)),
            gone=self._gone(),
            silent=self._ids(self._silent()),
            sessions_not_listed=membership.not_listed,
            untagged=_session_ids(membership.all_untagged),
            unknown_pool=_session_ids(membership.unknown_pool),
            target_not_read=_session_ids(self._of_pools(self._has_target_not_read)),
            one_direction=_session_ids(self._of_pools(self._has_one_direction)),
            targets=dict(sorted(kinds.targets.items())),
            unsupported_families=self._unsupported_families(),
            oldest_gap_s=max(filter(None, map(self._age, self._gaps)), default=None),
            unknown=incomplete_because(
                self._placement,
                any_interface=bool(self._fleet.interfaces),
                any_undecided=bool(kinds.undecided),
                any_eligible=bool(
                    self._gaps or kinds.mirrored or kinds.pending or kinds.impossible
                ),
            ),
        )

    def _of_pools(self, counts: Callable[[Session, str], bool]) -> Iterable[Session]:
        pools = self._placement.policy.pools
        return (
            session
            for pool in pools
            for session in self._membership.sessions(pool)
            if counts(session, pool)
        )

    def _has_target_not_read(self, session: Session, pool: str) -> bool:
        return not self._placement.effect(session, pool).target_read

    def _has_one_direction(self, session: Session, pool: str) -> bool:
        named = self._placement.policy.pools[pool].directions
        return not named and one_direction(session.filter_id, self._placement.snapshot) is not None

    def _gone(self) -> tuple[Listed, ...]:
        if not self._fleet.interfaces:
            return ()  # what is absent from a read of nothing cannot be told
        return tuple(
            sorted(
                Listed(source, session.id)
                for source, sessions in self._membership.sources_of_pools()
                if source not in self._present
                for session in sessions
            )
        )


def _works(session: Session, found: Effect) -> bool:
    return session.status == CREATED and found.reason is None


def _session_ids(sessions: Iterable[Session]) -> tuple[str, ...]:
    return tuple(sorted({session.id for session in sessions}))
