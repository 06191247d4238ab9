"""Asks the service, by dry runs, whether it would take each interface that would be added.

A dry run checks everything and changes nothing: what passes is reported as the error
DryRunOperation, and no ClientToken is used up (VPC API 2016-04-28). One call an interface, so the
number of calls is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from commandline.planning.capacity import PoolNeed, works
from commandline.planning.quotas import Quotas
from commandline.planning.seen import Seen
from evermirror.aliyun.answers import About, Accepted, Kind, Refused, Unknown
from evermirror.aliyun.session_requests import NewSession
from evermirror.engine.placement import order
from evermirror.model import Session
from evermirror.policy import Policy, Pool

TRIES = 3
LONGEST_WAIT_S = 10.0


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
    """The answer to one question; `code` is None where the dry run passed.

    `passing` refusals end by themselves, as that of a busy session does; after one that `stops`,
    nobody would get another answer.
    """

    question: Question
    code: str | None = None
    message: str = ""
    remedy: str = ""
    passing: bool = False
    stops: bool = False


@dataclass(frozen=True, slots=True)
class Verification:
    """All answers; `not_asked` interfaces were beyond the bound or behind a stop."""

    answers: tuple[Verified, ...] = ()
    not_asked: int = 0

    @property
    def refused(self) -> tuple[Verified, ...]:
        return tuple(one for one in self.answers if one.code is not None)

    @property
    def refused_for_good(self) -> tuple[Verified, ...]:
        return tuple(one for one in self.refused if not one.passing)


def verify(
    questions: Sequence[Question],
    api: Asked,
    at_most: int,
    nonce: Callable[[], str],
    sleep: Callable[[float], None],
) -> Verification:
    """Ask at most so many of the questions, and none after nobody would get another answer."""
    answers: list[Verified] = []
    for question in questions[:at_most]:
        answers.append(_ask(question, api, nonce, sleep))
        if answers[-1].stops:
            break
    return Verification(tuple(answers), len(questions) - len(answers))


def _ask(
    question: Question,
    api: Asked,
    nonce: Callable[[], str],
    sleep: Callable[[float], None],
    tries: int = TRIES,
) -> Verified:
    answer = _answer(question, api, f"plan-{nonce()}")
    if isinstance(answer, Accepted):
        return Verified(question)
    if tries > 1 and _may_be_answered_later(answer):
        sleep(min(LONGEST_WAIT_S, answer.retry_after_s or 1.0))
        return _ask(question, api, nonce, sleep, tries - 1)
    if isinstance(answer, Unknown):
        doubt = "nobody knows what the service would have said"
        return Verified(question, answer.reason, doubt, passing=True)
    return Verified(
        question,
        answer.code,
        answer.message,
        answer.remedy,
        passing=answer.kind is Kind.WAIT,
        stops=answer.kind is Kind.STOP,
    )


def _may_be_answered_later(answer: Refused | Unknown) -> bool:
    # A busy session stays busy for seconds, and says nothing about the interface: told as it is.
    if isinstance(answer, Unknown):
        return True
    return answer.about is About.SERVICE and answer.kind is Kind.WAIT


def _answer(question: Question, api: Asked, token: str) -> Accepted | Refused | Unknown:
    if isinstance(question.session, NewSession):
        return api.create_session(question.session, token, dry_run=True)
    return api.add_sources(
        question.session.id, [question.network_interface_id], token, dry_run=True
    )


def questions(
    policy: Policy, needs: Sequence[PoolNeed], seen: Seen, quotas: Quotas, now: float
) -> tuple[Question, ...]:
    """Which session would take each interface, in the order in which it tries them."""
    sessions = seen.sessions_of(policy)
    priorities = {session.priority for session in seen.sessions.values()}
    return tuple(
        question
        for need in needs
        for question in _of_pool(
            policy.pools[need.pool],
            need,
            {session.id: session for session in sessions[need.pool]},
            _Choice(quotas, priorities, now),
        )
    )


@dataclass(frozen=True, slots=True)
class _Choice:
    """What choosing a session looks at besides the pool."""

    quotas: Quotas
    priorities: set[int]
    now: float


def _of_pool(
    pool: Pool, need: PoolNeed, sessions: Mapping[str, Session], choice: _Choice
) -> Iterator[Question]:
    most = choice.quotas.sources_per_session
    free = {
        session.id: most - len(session.source_ids)
        for session in sessions.values()
        if works(session)
    }
    ids = tuple(sorted(free))
    for interface_id in need.to_add:
        ranked = order(interface_id, ids, sessions, choice.now)
        session_id = next((one for one in ranked if free[one] > 0), None)
        if session_id is not None:
            free[session_id] -= 1
            yield Question(interface_id, sessions[session_id])
        elif (new := _next_session(pool, interface_id, choice.priorities)) is not None:
            yield Question(interface_id, new)


def _next_session(pool: Pool, interface_id: str, priorities: set[int]) -> NewSession | None:
    growth = pool.growth
    if growth is None:
        return None
    free = (number for number in growth.numbers if growth.priority(number) not in priorities)
    number = next(free, None)
    if number is None:
        return None
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
        tags=growth.session_tags(pool.name),
    )
