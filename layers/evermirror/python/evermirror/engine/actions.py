"""What the planner may decide, as plain values that can be shown, tested and carried out."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from evermirror.engine.state import Call, Creation, Want
from evermirror.model import Verdict
from evermirror.policy import Decision
from evermirror.reasons import remedy_for
from evermirror.values import dataclass


@dataclass(frozen=True, slots=True)
class Add:
    """Send this call."""

    call: Call


@dataclass(frozen=True, slots=True)
class Grow:
    """Send these one after the other, and no further than the first that is not accepted."""

    creations: tuple[Creation, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be done for this interface now without acting on a doubt; `why` names it."""

    network_interface_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The interface is done with: its final outcome."""

    want: Want
    verdict: Verdict
    session_id: str | None = None
    pool: str | None = None
    rule: str | None = None
    reason: str | None = None
    remedy: str | None = None


Action = Add | Grow | Wait | Finish


def finish(
    want: Want,
    verdict: Verdict,
    decision: Decision | None = None,
    reason: str | None = None,
    session_id: str | None = None,
    remedy: str | None = None,
) -> Finish:
    """The end of a wish; what to do about a reason of ours is looked up in the one table."""
    return Finish(
        want,
        verdict,
        session_id=session_id,
        pool=None if decision is None else decision.pool,
        rule=None if decision is None else decision.rule,
        reason=reason,
        remedy=remedy_for(reason) if remedy is None else remedy,
    )


def changed_by(actions: Iterable[Action], calls: int | None = None) -> list[str]:
    """The interfaces that the plan's calls, or the first so many of them, are about, in order."""
    every = (call for action in actions for call in _calls_of(action))
    named = (i for call in islice(every, calls) for i in call.network_interface_ids)
    return list(dict.fromkeys(named))


def _calls_of(action: Action) -> tuple[Call | Creation, ...]:
    if isinstance(action, Add):
        return (action.call,)
    return action.creations if isinstance(action, Grow) else ()
