"""What every pool needs against what it has: seats, sessions that it may still make, targets.

Pools are served in the order of the policy; what one takes of a target that two share is gone for
the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from commandline.planning.quotas import Quotas, Room
from commandline.planning.seats import Seats, idle_because, works
from commandline.planning.seen import Placed, Seen
from evermirror.model import Session
from evermirror.policy import Policy, Pool


@dataclass(frozen=True, slots=True)
class Idle:
    """An interface in a session that mirrors nothing, or on its way into it, and why it does not.

    The reason is one of `evermirror.reasons`.
    """

    network_interface_id: str
    session_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class PoolNeed:
    """A pool's need and its means, in numbers of interfaces unless said otherwise.

    `to_add` are wanted and in no session of the pool; those of them in `at_session_quota` are in
    as many sessions as an interface may be in, so that none takes them. `ineffective` are listed
    only in sessions that do not mirror, or are to be added and mirror would choose such a session.
    `free_seats` are those of sessions that mirror, `grown_seats` those in the `grown_sessions` that
    the pool would make. `missing_seats` are left over: they need `missing_sessions`, and for these
    `missing_targets`.
    """

    pool: str
    wanted: int
    mirrored: int
    ineffective: tuple[Idle, ...] = ()
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
        return self.missing_seats > 0 or bool(self.at_session_quota) or bool(self.ineffective)

    @property
    def to_ask(self) -> int:
        """How many of those to add have a session that can be asked for them."""
        return len(self.to_add) - len(self.at_session_quota) - self.missing_seats


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
        _need(pool, wanted[name], sessions[name], room, seen) for name, pool in policy.pools.items()
    )


def _need(
    pool: Pool, wanted: Sequence[str], sessions: Sequence[Session], room: Room, seen: Seen
) -> PoolNeed:
    known_idle = seen.idle_filter_ids or frozenset()
    mirroring = {i for one in sessions if works(one, known_idle) for i in one.source_ids}
    listed = _listed_idle(sessions, known_idle)
    in_vain = tuple(listed[one] for one in wanted if one in listed and one not in mirroring)
    to_add = tuple(one for one in wanted if one not in listed and one not in mirroring)
    most = room.quotas.sessions_per_source
    stuck = tuple(one for one in to_add if len(seen.listing.get(one, ())) >= most)
    able = [one for one in to_add if one not in set(stuck)]
    seats = Seats(sessions, room, known_idle, seen.at)
    free_seats = seats.free()
    taken, misplaced = _seated(able, seats, known_idle)
    grown_sessions, grown_seats = _grown(pool, room, len(able) - taken)
    missing = len(able) - taken - grown_seats
    return PoolNeed(
        pool=pool.name,
        wanted=len(wanted),
        mirrored=len(wanted) - len(to_add) - len(in_vain),
        ineffective=(*in_vain, *misplaced),
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


def _listed_idle(
    sessions: Iterable[Session], idle_filter_ids: AbstractSet[str]
) -> Mapping[str, Idle]:
    """What is listed in sessions that do not mirror, by the interface."""
    found: dict[str, Idle] = {}
    for session in sessions:
        reason = idle_because(session, idle_filter_ids)
        if reason is not None:
            for one in session.source_ids:
                found.setdefault(one, Idle(one, session.id, reason))
    return found


def _seated(
    network_interface_ids: Sequence[str], seats: Seats, idle_filter_ids: AbstractSet[str]
) -> tuple[int, tuple[Idle, ...]]:
    """How many get a seat, and those of them whose session does not mirror."""
    taken = 0
    misplaced: list[Idle] = []
    for one in network_interface_ids:
        if seats.all_work:
            return taken + seats.take_any(len(network_interface_ids) - taken), tuple(misplaced)
        session = seats.take(one)
        if session is None:
            break
        taken += 1
        reason = idle_because(session, idle_filter_ids)
        if reason is not None:
            misplaced.append(Idle(one, session.id, reason))
    return taken, tuple(misplaced)


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
