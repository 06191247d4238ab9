"""The sessions of a pool in the order in which an interface tries them, and what each is to it.

mirror walks over them, explain shows them, plan counts their seats. Whoever walks may pass what is
full or mirrors nothing, and nothing else: what is busy or not listed may hold the interface.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum

from evermirror.model import CREATED, Session
from evermirror.placement.effect import Effect
from evermirror.placement.rendezvous import order
from evermirror.values import dataclass


class What(Enum):
    """What a session is to an interface that wants into its pool.

    `FULL` has no seat left; `INEFFECTIVE` has one, and mirrors nothing; `BUSY` is being made,
    changed or deleted; `NOT_LISTED` is named by the policy and not shown by the service.
    """

    LISTED = "listed"
    NOT_LISTED = "not_listed"
    BUSY = "busy"
    FULL = "full"
    INEFFECTIVE = "ineffective"
    FREE = "free"


PASSED = frozenset({What.FULL, What.INEFFECTIVE})


@dataclass(frozen=True, slots=True)
class Candidate:
    """One session of the order; `session` is None where the service does not list it."""

    session_id: str
    what: What
    session: Session | None = None


def candidates(
    network_interface_id: str,
    session_ids: tuple[str, ...],
    sessions: Mapping[str, Session],
    at: float,
    what_of: Callable[[Session], What],
) -> Iterator[Candidate]:
    """The order of an interface over the sessions of its pool; `at` in epoch seconds."""
    for session_id in order(network_interface_id, session_ids, sessions, at):
        session = sessions.get(session_id)
        if session is None:
            yield Candidate(session_id, What.NOT_LISTED)
        elif network_interface_id in session.source_ids:
            yield Candidate(session_id, What.LISTED, session)
        else:
            yield Candidate(session_id, what_of(session), session)


def what_is(session: Session, seats_left: int, found: Effect) -> What:
    """What a listed session is to an interface that it does not list."""
    if session.status != CREATED:
        return What.BUSY
    if seats_left <= 0:
        return What.FULL
    return What.FREE if found.reason is None else What.INEFFECTIVE


def best(holding: Iterable[tuple[Session, Effect]]) -> tuple[Session, Effect] | None:
    """Of several sessions that list an interface, the one that works best."""
    return max(
        holding,
        key=lambda one: (one[1].reason is None, one[0].status == CREATED, one[0].id),
        default=None,
    )
