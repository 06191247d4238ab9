"""What every pool needs against what it has: seats, sessions that it may still make, targets.

Pools are served in the order of the policy; what one takes of a target that two share is gone for
the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from commandline.planning.quotas import Quotas, Room
from commandline.planning.seen import Placed, Seen
from evermirror.model import Session
from evermirror.policy import Policy, Pool


@dataclass(frozen=True, slots=True)
class PoolNeed:
    """A pool's need and its means, in numbers of interfaces unless said otherwise.

    `to_add` are wanted and in no session of the pool; those of them in `at_session_quota` are in
    as many sessions as an interface may be in, so that none takes them. `free_seats` are those of
    sessions that mirror, `grown_seats` those in the `grown_sessions` that the pool would make.
    `missing_seats` are left over: they need `missing_sessions`, and for these `missing_targets`.
    """

    pool: str
    wanted: int
    mirrored: int
    to_add: tuple[str, ...] = ()
    at_session_quota: tuple[str, ...] = ()
    sessions: int = 0
    free_seats: int = 0
    grown_sessions: int = 0
    grown_seats: int = 0
    missing_seats: int = 0
    missing_sessions: int = 0
    missing_targets: int = 0

    @property
    def has_gap(self) -> bool:
        return self.missing_seats > 0 or bool(self.at_session_quota)


def works(session: Session) -> bool:
    """Say whether the session mirrors what it lists, or will once it has settled."""
    going = session.status == "Deleting"
    return session.enabled and session.business_status == "Normal" and not going


def pool_needs(
    policy: Policy, placed: Iterable[Placed], seen: Seen, quotas: Quotas
) -> tuple[PoolNeed, ...]:
    """Work out every pool's need."""
    wanted: dict[str, list[str]] = {name: [] for name in policy.pools}
    for one in placed:
        if one.pool is not None:
            wanted[one.pool].append(one.interface.id)
    room = Room(seen, quotas)
    sessions = seen.sessions_of(policy)
    return tuple(
        _need(pool, wanted[name], sessions[name], room, seen.listing)
        for name, pool in policy.pools.items()
    )


def _need(
    pool: Pool,
    wanted: Sequence[str],
    sessions: Sequence[Session],
    room: Room,
    listing: Mapping[str, tuple[Session, ...]],
) -> PoolNeed:
    listed = {source for session in sessions for source in session.source_ids}
    to_add = tuple(one for one in wanted if one not in listed)
    most = room.quotas.sessions_per_source
    stuck = tuple(one for one in to_add if len(listing.get(one, ())) >= most)
    left = len(to_add) - len(stuck)
    free_seats, taken = _seats(sessions, room, left)
    grown_sessions, grown_seats = _grown(pool, room, left - taken)
    missing = left - taken - grown_seats
    return PoolNeed(
        pool=pool.name,
        wanted=len(wanted),
        mirrored=len(wanted) - len(to_add),
        to_add=to_add,
        at_session_quota=stuck,
        sessions=len(sessions),
        free_seats=free_seats,
        grown_sessions=grown_sessions,
        grown_seats=grown_seats,
        missing_seats=missing,
        missing_sessions=_divided_up(missing, room.quotas.sources_per_session),
        missing_targets=_missing_targets(pool, sessions, room, missing),
    )


def _seats(sessions: Iterable[Session], room: Room, wanted: int) -> tuple[int, int]:
    """How many seats are free, and how many of them are taken; those taken are taken of the room.

    A target that several sessions share has no more room than its own quota.
    """
    by_target: dict[str, int] = {}
    for session in filter(works, sessions):
        free = max(0, room.quotas.sources_per_session - len(session.source_ids))
        by_target[session.target_id] = by_target.get(session.target_id, 0) + free
    seats = taken = 0
    for target_id, free in by_target.items():
        there = min(free, room.on_target(target_id))
        now = min(there, wanted - taken)
        room.take(target_id, now)
        seats += there
        taken += now
    return seats, taken


def _grown(pool: Pool, room: Room, wanted: int) -> tuple[int, int]:
    """How many sessions the pool would make for those that are left, and how many these take."""
    growth = pool.growth
    made = seats = 0
    if growth is None:
        return made, seats
    for number in growth.numbers:
        if seats >= wanted or not room.takes_session(growth.filter_id):
            break
        target = growth.target(number)
        free = min(room.quotas.sources_per_session, room.on_target(target.id), wanted - seats)
        if free > 0 and room.takes_priority(growth.priority(number)):
            room.make_session(growth.filter_id, target, free)
            made += 1
            seats += free
    return made, seats


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
