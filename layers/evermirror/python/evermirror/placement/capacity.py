"""How much room a pool has, which sessions it may still make, and why none is left."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet

from evermirror import reasons
from evermirror.model import Session
from evermirror.placement.candidates import PASSED, What
from evermirror.placement.limits import Limits
from evermirror.policy import Pool

SESSIONS_PER_SOURCE = 3
"""Sessions that one interface can be in (VPC API 2016-04-28, quotas; not adjustable)."""


def is_unlisted(pool: Pool, shown: AbstractSet[str], session_ids: Iterable[str]) -> bool:
    """Say whether the List shows nothing of a pool that names several sessions.

    Rather than all of them being gone, the List is not to be believed. The only session of a pool
    may be asked all the same: the interface can be in no other.
    """
    return len(pool.session_ids) > 1 and shown.isdisjoint(session_ids)


def unused_numbers(
    pool: Pool, fence: Collection[Session], priorities: AbstractSet[int]
) -> list[int]:
    """The numbers that no session has, lowest first.

    `fence` are the sessions that the pool made, those without their tag as well; `priorities` all
    that are taken, by whomever. A number is used by its name or by its priority.
    """
    growth = pool.growth
    if growth is None:
        return []
    names = {session.name for session in fence}
    return [
        number
        for number in growth.numbers
        if growth.priority(number) not in priorities and growth.session_name(number) not in names
    ]


def sessions_left(pool: Pool, fence: Collection[Session]) -> int:
    """How many sessions the pool may still make.

    It never has more than `max_sessions` of its own, however they are called by now.
    """
    return 0 if pool.growth is None else max(0, pool.growth.max_sessions - len(fence))


def full_because(
    pool: Pool,
    what: Collection[What],
    limits: Limits,
    *,
    unlisted: bool = False,
    may_grow: bool = False,
    in_vain: bool = False,
) -> str | None:
    """Why no session of the pool can take another interface; None where asking may help.

    `what` says what each session is to an interface that none of them lists, `may_grow` whether a
    number is free, and `in_vain` whether one would be if its session mirrored anything.
    """
    if unlisted:
        return reasons.SESSIONS_NOT_LISTED
    if not PASSED.issuperset(what):
        return None
    if pool.growth is not None:
        if not limits.allow_growth:
            return reasons.GROWTH_NOT_ALLOWED
        if may_grow:
            return None
        useless = in_vain or What.INEFFECTIVE in what
        return reasons.NO_SESSION_MIRRORS if useless else reasons.POOL_FULL
    if not what:
        return reasons.POOL_EMPTY
    return reasons.NO_SESSION_MIRRORS if What.INEFFECTIVE in what else reasons.POOL_FULL
