"""What the planner may decide, as plain values that can be shown, tested and carried out."""

from __future__ import annotations

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
    """Decide for good; the remedy is the reason's own unless another is given."""
    return Finish(
        want,
        verdict,
        session_id=session_id,
        pool=decision.pool if decision else None,
        rule=decision.rule if decision else None,
        reason=reason,
        remedy=remedy_for(reason) if remedy is None else remedy,
    )
