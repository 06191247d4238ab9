"""Asks the service, by dry runs, whether it would take each interface that would be added.

A dry run checks everything and changes nothing: what passes is reported as the error
DryRunOperation, and no ClientToken is used up (VPC API 2016-04-28). One call an interface, so the
number of calls is bounded, and an overload that stays ends the asking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from commandline.planning.capacity import PoolNeed
from commandline.planning.quotas import Quotas, Room
from commandline.planning.seats import Seats
from evermirror.coverage import never_because
from evermirror.model import NewSession, Session
from evermirror.placement.placement import Placement
from evermirror.reasons import INSTANCE_TYPE_NOT_SUPPORTED
from evermirror.results import About, Accepted, Kind, Refused, Unknown

TRIES = 3
LONGEST_WAIT_S = 10.0
TELL_EVERY_S = 1.0


class Asked(Protocol):
    """The two calls that can be made dry."""

    def add_sources(
        self,
        session_id: str,
        network_interface_ids: Sequence[str],
        client_token: str,
        *,
        dry_run: bool = False,
    ) -> Accepted | Refused | Unknown: ...

    def create_session(
        self, new: NewSession, client_token: str, *, dry_run: bool = False
    ) -> Accepted | Refused | Unknown: ...


@dataclass(frozen=True, slots=True)
class Question:
    """An interface, and the session that would take it: one that is there, or one to be made."""

    network_interface_id: str
    session: Session | NewSession

    @property
    def session_id(self) -> str | None:
        return self.session.id if isinstance(self.session, Session) else None


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of one question; `code` is None where the dry run passed.

    Nothing is known where it is `unanswered`. `impossible` is the reason of a refusal of what is of
    this type, whatever the session. `passing` refusals end by themselves, as that of a
    busy session does; after one that `stops`, nobody would get another answer now.
    """

    question: Question
    code: str | None = None
    message: str = ""
    remedy: str = ""
    impossible: str | None = None
    unanswered: bool = False
    passing: bool = False
    stops: bool = False


@dataclass(frozen=True, slots=True)
class Verification:
    """All that were asked; `not_asked` interfaces were beyond the bound or behind a stop."""

    answers: tuple[Verified, ...] = ()
    not_asked: int = 0

    @property
    def passed(self) -> int:
        return sum(one.code is None for one in self.answers)

    @property
    def refused(self) -> tuple[Verified, ...]:
        return tuple(one for one in self.answers if one.code is not None and not one.unanswered)

    @property
    def refused_for_good(self) -> tuple[Verified, ...]:
        return tuple(one for one in self.refused if not one.passing)

    @property
    def of_an_unsupported_type(self) -> tuple[str, ...]:
        """The interfaces that are refused for the type of their instance."""
        return tuple(
            one.question.network_interface_id
            for one in self.refused
            if one.impossible == INSTANCE_TYPE_NOT_SUPPORTED
        )

    @property
    def unanswered(self) -> tuple[Verified, ...]:
        return tuple(one for one in self.answers if one.unanswered)


@dataclass(frozen=True, slots=True)
class Asking:
    """How questions are asked: whom, how many at most, and what becomes of the waiting.

    `tell` hears how many were asked whenever one is, and about once a second while waiting.
    """

    api: Asked
    at_most: int
    nonce: Callable[[], str]
    sleep: Callable[[float], None]
    tell: Callable[[int], None]


def verify(questions: Iterator[Question], number: int, asking: Asking) -> Verification:
    """Ask the questions, of which there are `number`, until nobody would get another answer."""
    answers: list[Verified] = []
    for question in islice(questions, asking.at_most):
        answers.append(_ask(question, asking, len(answers)))
        if answers[-1].stops:
            break
    return Verification(tuple(answers), max(0, number - len(answers)))


def _ask(question: Question, asking: Asking, before: int, tries: int = TRIES) -> Verified:
    asking.tell(before)
    answer = _answer(question, asking.api, f"plan-{asking.nonce()}")
    if isinstance(answer, Accepted):
        return Verified(question)
    if isinstance(answer, Refused) and not _is_overload(answer):
        return _refused(question, answer)
    if tries > 1:
        _wait(min(LONGEST_WAIT_S, answer.retry_after_s or 1.0), asking, before)
        return _ask(question, asking, before, tries - 1)
    return _unanswered(question, answer)


def _wait(seconds: float, asking: Asking, before: int) -> None:
    while seconds > 0:
        asking.sleep(min(TELL_EVERY_S, seconds))
        seconds -= TELL_EVERY_S
        asking.tell(before)


def _refused(question: Question, answer: Refused) -> Verified:
    return Verified(
        question,
        answer.code,
        answer.message,
        answer.remedy,
        never_because(answer.means),
        passing=answer.kind is Kind.WAIT,
        stops=answer.kind is Kind.STOP,
    )


def _unanswered(question: Question, answer: Refused | Unknown) -> Verified:
    """An overload that stays would answer the next question no better."""
    doubt = "nobody knows what the service would have said"
    if isinstance(answer, Unknown):
        return Verified(question, answer.reason, doubt, unanswered=True)
    return Verified(
        question, answer.code, answer.message, answer.remedy, unanswered=True, stops=True
    )


def _is_overload(answer: Refused) -> bool:
    # A busy session stays busy for seconds, and says nothing about the interface: told as it is.
    return answer.about is About.SERVICE and answer.kind is Kind.WAIT


def _answer(question: Question, api: Asked, token: str) -> Accepted | Refused | Unknown:
    if isinstance(question.session, NewSession):
        return api.create_session(question.session, token, dry_run=True)
    return api.add_sources(
        question.session.id, [question.network_interface_id], token, dry_run=True
    )


def questions(
    placement: Placement, needs: Sequence[PoolNeed], quotas: Quotas
) -> Iterator[Question]:
    """Which session would take each interface, in the order in which it tries them.

    One after another, because a fleet may want far more than are asked for.
    """
    room = Room(placement.snapshot, quotas)
    for need in needs:
        stuck = set(need.at_session_quota)
        seats = Seats(need.pool, placement, room)
        able = (one for one in need.to_add if one not in stuck)
        for interface_id in islice(able, need.to_ask):
            session = seats.take(interface_id) or _next_session(need.pool, interface_id, placement)
            if session is not None:
                yield Question(interface_id, session)


def _next_session(pool: str, interface_id: str, placement: Placement) -> NewSession | None:
    growth = placement.policy.pools[pool].growth
    free = placement.free_numbers(pool)
    if growth is None or not free:
        return None
    number = free[0]
    target = growth.target(number)
    return NewSession(
        name=growth.session_name(number),
        priority=growth.priority(number),
        target_id=target.id,
        target_type=target.type,
        filter_id=growth.filter_id,
        network_interface_ids=(interface_id,),
        packet_length=growth.packet_length,
        resource_group_id=growth.resource_group_id,
        tags=growth.session_tags(pool),
    )
