"""What every pool needs against what it has: seats, sessions that it may still make, targets.

Pools are served in the order of the policy; what one takes of a target that two share is gone for
the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from commandline.planning.placed import Placed
from commandline.planning.quotas import Quotas, Room
from commandline.planning.seats import Seats, idle_because
from evermirror import reasons
from evermirror.model import Session
from evermirror.placement.candidates import What
from evermirror.placement.capacity import SESSIONS_PER_SOURCE, full_because
from evermirror.placement.placement import Placement
from evermirror.policy import Pool


@dataclass(frozen=True, slots=True)
class Idle:
    """An interface in a session that does not mirror it, and why; one of `evermirror.reasons`."""

    network_interface_id: str
    session_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """An interface that a session of no pool has as its target: the service takes it nowhere."""

    network_interface_id: str
    session_id: str


@dataclass(frozen=True, slots=True)
class PoolNeed:
    """A pool's need and its means, in numbers of interfaces unless said otherwise.

    `to_add` are wanted and in no session of the pool; those of them in `at_session_quota` are in
    as many sessions as an interface may be in, and those in `claimed_by_stranger` are somebody's
    target, so that none takes them. `ineffective` are listed only in sessions that do not mirror.
    `free_seats` are those of sessions that mirror, `grown_seats` those in the `grown_sessions` that
    the pool would make. `missing_seats` are left over, because of `missing_because`: they need
    `missing_sessions`, and for these `missing_targets`.
    """

    pool: str
    wanted: int
    mirrored: int
    ineffective: tuple[Idle, ...] = ()
    to_add: tuple[str, ...] = ()
    at_session_quota: tuple[str, ...] = ()
    claimed_by_stranger: tuple[Claimed, ...] = ()
    sessions: int = 0
    free_seats: int = 0
    grown_sessions: int = 0
    grown_seats: int = 0
    missing_seats: int = 0
    missing_because: str | None = None
    missing_sessions: int = 0
    missing_targets: int = 0

    @property
    def has_gap(self) -> bool:
        refused = self.at_session_quota or self.claimed_by_stranger
        return self.missing_seats > 0 or bool(refused) or bool(self.ineffective)

    @property
    def to_ask(self) -> int:
        """How many of those to add have a session that can be asked for them."""
        return len(self.to_add) - len(self.at_session_quota) - self.missing_seats

    @property
    def ineffective_because(self) -> Mapping[str, int]:
        """How many are listed to no effect, by the reason."""
        return dict(sorted(Counter(one.reason for one in self.ineffective).items()))


def pool_needs(
    placement: Placement, placed: Iterable[Placed], quotas: Quotas
) -> tuple[PoolNeed, ...]:
    """Work out every pool's need."""
    pools = placement.policy.pools
    wanted: dict[str, list[str]] = {name: [] for name in pools}
    for one in placed:
        if one.pool is not None:
            wanted[one.pool].append(one.interface.id)
    room = Room(placement.snapshot, quotas)
    return tuple(_need(pool, wanted[name], placement, room) for name, pool in pools.items())


def _need(pool: Pool, wanted: Sequence[str], placement: Placement, room: Room) -> PoolNeed:
    idle, to_add = _listed(pool, wanted, placement)
    holding, claimed = placement.membership.holding, placement.claimed
    stuck = tuple(one for one in to_add if len(holding(one)) >= SESSIONS_PER_SOURCE)
    able = len(to_add) - len(stuck)
    seats = Seats(pool.name, placement, room)
    free_seats = seats.free()
    taken = seats.take_any(able)
    grown_sessions, grown_seats = _grown(pool, placement, room, able - taken)
    missing = able - taken - grown_seats
    sessions = placement.membership.sessions(pool.name)
    return PoolNeed(
        pool=pool.name,
        wanted=len(wanted),
        mirrored=len(wanted) - len(to_add) - len(idle),
        ineffective=idle,
        to_add=to_add,
        at_session_quota=stuck,
        claimed_by_stranger=tuple(Claimed(one, claimed[one]) for one in to_add if one in claimed),
        sessions=len(sessions),
        free_seats=free_seats,
        grown_sessions=grown_sessions,
        grown_seats=grown_seats,
        missing_seats=missing,
        missing_because=_missing_because(pool, placement) if missing else None,
        missing_sessions=_divided_up(missing, placement.limits.sources_per_session),
        missing_targets=_missing_targets(pool, sessions, room, missing),
    )


def _listed(
    pool: Pool, wanted: Sequence[str], placement: Placement
) -> tuple[tuple[Idle, ...], tuple[str, ...]]:
    """What is listed to no effect, and what is not listed."""
    idle: list[Idle] = []
    to_add: list[str] = []
    for one in wanted:
        listing = placement.best_listing(one, pool.name)
        if listing is None:
            to_add.append(one)
        elif (reason := idle_because(*listing)) is not None:
            idle.append(Idle(one, listing[0].id, reason))
    return tuple(idle), tuple(to_add)


def _grown(pool: Pool, placement: Placement, room: Room, wanted: int) -> tuple[int, int]:
    """How many sessions the pool would make for those that are left, and how many these take."""
    growth = pool.growth
    made = seats = 0
    if growth is None or not placement.limits.allow_growth:
        return made, seats
    for number in placement.free_numbers(pool.name):
        if seats >= wanted or not room.takes_session(growth.filter_id):
            break
        target = growth.target(number)
        most = placement.limits.sources_per_session
        free = min(most, room.on_target(target.id), wanted - seats)
        if free > 0:
            room.make_session(growth.filter_id, target, free)
            made += 1
            seats += free
    return made, seats


def _missing_because(pool: Pool, placement: Placement) -> str:
    """Why the pool has no more seats, once those that it had are given away."""
    sessions = placement.snapshot.sessions
    unlisted = not sessions.keys() >= set(pool.session_ids)
    what = {
        What.INEFFECTIVE if placement.what_is(session, pool.name) is What.INEFFECTIVE else What.FULL
        for session in placement.membership.sessions(pool.name)
    }
    made = frozenset(placement.free_numbers(pool.name))
    in_vain = placement.makes_nothing_that_mirrors(pool.name, made)
    because = full_because(pool, what, placement.limits, unlisted=unlisted, in_vain=in_vain)
    return because or reasons.POOL_FULL


def _missing_targets(pool: Pool, sessions: Iterable[Session], room: Room, missing: int) -> int:
    """How many targets more it takes, of the kind that takes the most among those of the pool."""
    targets = {session.target_id for session in sessions}
    targets |= {target.id for target in pool.growth.targets} if pool.growth else set()
    spare = sum(room.on_target(target_id) for target_id in targets)
    kinds = [room.target_quota(target_id) for target_id in targets]
    each = max(kinds, default=room.quotas.sources_per_load_balancer)
    return _divided_up(max(0, missing - spare), each)


def _divided_up(number: int, size: int) -> int:
    return -(-number // size)
