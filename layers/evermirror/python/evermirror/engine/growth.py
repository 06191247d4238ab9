"""How a pool makes its next sessions, with the interfaces that wait as their first sources.

Interfaces come here only when every session of their pool is Created, full and without them, or
refused them. One plan makes as many sessions as are filled: number k, then k + 1, each after the
one before was accepted with known contents. A session that is not filled ends the sequence, and
so everybody else waits to join it: would others be sent past it into a session of their own, then
a second writer that sees its room could put them there meanwhile.
"""

from __future__ import annotations

from evermirror import reasons
from evermirror.engine.actions import Action, Finish, Grow, Wait, finish
from evermirror.engine.room import Room
from evermirror.engine.state import Creation
from evermirror.engine.view import View
from evermirror.engine.walk import Ask, Growing
from evermirror.model import NewSession, Verdict
from evermirror.policy.sessions import Growth
from evermirror.results import Meaning, Refused
from evermirror.tokens import creation_token, later_creation_token

_OF_SESSIONS = {Meaning.SESSION_FULL, Meaning.TARGET_FULL, Meaning.NO_SESSION}
"""What a session says that was asked: it tells more than what the others are."""


def grow(pool: str, waiting: list[Growing], growth: Growth, view: View, room: Room) -> list[Action]:
    """What to do for the interfaces that wait for the pool's next session, oldest wish first."""
    numbers = view.numbers_of(pool)
    if numbers.refused is not None:
        return [_refused(one, numbers.refused) for one in waiting]
    if numbers.pending is not None:
        return [*_all_wait(waiting, numbers.pending), Grow((numbers.pending,))]
    if numbers.in_doubt:
        return _all_wait(waiting, None)
    return _Sequence(pool, growth, view, waiting).planned(room)


def seats_to_come(pool: str, growth: Growth, view: View) -> int:
    """How many sources the sessions would take that the pool may still make."""
    free = _Sequence(pool, growth, view, []).free_numbers()
    return len(free) * view.limits.sources_per_session


def _all_wait(waiting: list[Growing], pending: Creation | None) -> list[Action]:
    carried = pending.network_interface_ids if pending is not None else ()
    ids = [one.want.network_interface_id for one in waiting]
    return [Wait(i, "the pool's next session is in doubt") for i in ids if i not in carried]


class _Sequence:
    """One plan's new sessions of one pool."""

    def __init__(self, pool: str, growth: Growth, view: View, waiting: list[Growing]) -> None:
        self._pool = pool
        self._growth = growth
        self._view = view
        self._numbers = view.numbers_of(pool)
        # Who was refused for now stands back, or he would keep everybody else waiting.
        self._waiting = sorted(
            waiting, key=lambda one: view.progress_of(one.want).excuse is not None
        )

    def planned(self, room: Room) -> list[Action]:
        creations: list[Creation] = []
        free = iter(self.free_numbers())
        number = next(free, None)
        if number is None:
            return [exhausted(one, self._view) for one in self._waiting]
        filled = True
        while self._waiting and number is not None and filled and room.is_left:
            company = self._company(number)[: room.at_most]
            room.take(len(company))
            creations.append(self._creation(number, company))
            self._waiting = [one for one in self._waiting if one not in company]
            filled = len(company) >= self._view.limits.sources_per_session
            number = next(free, None)
        rest = [self._rest(one, room) for one in self._waiting]
        return [*([Grow(tuple(creations))] if creations else []), *rest]

    def free_numbers(self) -> list[int]:
        """Numbers to make sessions of; those with a target that took no crowd come last."""
        crowded = self._numbers.crowded
        free = self._view.free_numbers(self._pool)
        return sorted(free, key=lambda k: self._growth.target(k).id in crowded)

    def _company(self, number: int) -> list[Growing]:
        """Those that the session begins with."""
        view, first = self._view, self._waiting[0]
        crowded = self._growth.target(number).id in self._numbers.crowded
        if crowded or view.progress_of(first.want).alone:
            return [first]
        sociable = [one for one in self._waiting if not view.progress_of(one.want).alone]
        most = min(view.limits.sources_per_create, view.limits.sources_per_session)
        return sociable[:most]

    def _creation(self, number: int, company: list[Growing]) -> Creation:
        growth, target = self._growth, self._growth.target(number)
        new = NewSession(
            name=growth.session_name(number),
            priority=growth.priority(number),
            target_id=target.id,
            target_type=target.type,
            filter_id=growth.filter_id,
            network_interface_ids=tuple(sorted(one.want.network_interface_id for one in company)),
            packet_length=growth.packet_length,
            resource_group_id=growth.resource_group_id,
            tags=growth.session_tags(self._pool),
        )
        attempt = self._numbers.known(number).attempt
        token = self._token(number, new, company, attempt)
        return Creation(self._pool, number, new, token, attempt)

    def _token(self, number: int, new: NewSession, company: list[Growing], attempt: int) -> str:
        if attempt == 0:
            return creation_token(self._view.place, self._pool, number)
        causes = {cause for one in company for cause in one.want.causes}
        return later_creation_token(
            self._view.place, self._pool, number, new.network_interface_ids, causes, attempt
        )

    def _rest(self, one: Growing, room: Room) -> Action:
        if room.is_spent:
            return over_the_ceiling(one)
        return Wait(one.want.network_interface_id, "a session of the pool is made first")


def over_the_ceiling(one: Ask | Growing) -> Finish:
    return finish(one.want, Verdict.DEFERRED, one.decision, reasons.CEILING_REACHED)


def _refused(one: Growing, refused: Refused) -> Finish:
    if refused.means is Meaning.FORBIDDEN:
        return finish(one.want, Verdict.DEFERRED, one.decision, reasons.GROWTH_NOT_ALLOWED)
    return _as_refused(one, refused)


def exhausted(one: Growing, view: View) -> Finish:
    """No number is left: all are used, or their targets take no session, or to no effect."""
    pool = one.decision.pool or ""
    closed = view.numbers_of(pool).closed.values()
    unfit = next((refused for refused in closed if refused.means is not Meaning.TARGET_FULL), None)
    if unfit is not None:
        # That was asked, and tells more than that other sessions of the pool mirror nothing.
        return _as_refused(one, unfit)
    refusals = view.refusals(one.want)
    asked = [refused for refused in refusals.values() if refused.means in _OF_SESSIONS]
    if asked and asked[0].means is Meaning.NO_SESSION:
        # A List that still shows it takes its number from the pool.
        return _as_refused(one, asked[0])
    at_the_target = any(refused.means is Meaning.TARGET_FULL for refused in asked)
    reason = reasons.POOL_FULL if at_the_target else view.no_room(pool, refusals)
    if reason != reasons.POOL_FULL:
        return finish(one.want, Verdict.DEFERRED, one.decision, reason)
    remedy = reasons.TARGETS_FULL if closed else reasons.GROWN_OUT
    return finish(one.want, Verdict.DEFERRED, one.decision, reasons.POOL_FULL, remedy=remedy)


def _as_refused(one: Growing, refused: Refused) -> Finish:
    return finish(one.want, Verdict.DEFERRED, one.decision, refused.code, remedy=refused.remedy)
