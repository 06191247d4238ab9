"""What becomes of each session of a pool, in words and in the order of an interface."""

from __future__ import annotations

from collections.abc import Iterator

from evermirror import reasons
from evermirror.model import NetworkInterface, Session
from evermirror.placement.candidates import Candidate, What
from evermirror.placement.placement import Placement
from evermirror.values import dataclass

LISTED = "listed"
PASSED = "passed"
ASKED = "asked"
WAITED_FOR = "waited_for"
NOT_REACHED = "not_reached"

_BECOMES = {
    What.LISTED: LISTED,
    What.NOT_LISTED: ASKED,
    What.BUSY: WAITED_FOR,
    What.FULL: PASSED,
    What.INEFFECTIVE: PASSED,
    What.FREE: ASKED,
}


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one session in the interface's order.

    `what` is listed, passed, waited_for, asked, or not_reached; `why` says so in words.
    """

    session_id: str
    what: str
    why: str


def steps_of(
    interface: NetworkInterface, pool: str | None, placement: Placement
) -> tuple[Step, ...]:
    """The steps of an interface that belongs to the pool; none where it belongs nowhere."""
    if pool is None:
        return ()
    untagged = [
        session
        for session in placement.membership.untagged(pool)
        if interface.id in session.source_ids
    ]
    beside = [Candidate(session.id, What.LISTED, session) for session in untagged]
    found = [*beside, *placement.candidates(interface.id, pool)]
    held = any(one.what is What.LISTED for one in found)
    elsewhere = len(placement.membership.holding(interface.id))
    blocked = None if held else placement.nowhere_because(pool, elsewhere)
    stop = "another session of the pool lists it" if held else _blocked(blocked)
    return tuple(_steps(found, pool, placement, stop))


def _steps(
    found: list[Candidate], pool: str, placement: Placement, stop: str | None
) -> Iterator[Step]:
    for candidate in found:
        what, why = _BECOMES[candidate.what], _why(candidate, pool, placement)
        if stop is not None and what not in {LISTED, PASSED}:
            what, why = NOT_REACHED, stop
        elif what in {WAITED_FOR, ASKED}:
            stop = f"{candidate.session_id} comes first"
        yield Step(candidate.session_id, what, why)


def _blocked(reason: str | None) -> str | None:
    return None if reason is None else reasons.REMEDIES[reason].partition(".")[0]


def _why(candidate: Candidate, pool: str, placement: Placement) -> str:
    session = candidate.session
    if session is None:
        return "the service does not list it; only its answer settles whether it exists"
    taken = f"{len(session.source_ids)} of {placement.limits.sources_per_session} seats taken"
    idle = idle_because(session, pool, placement)
    return {
        What.LISTED: f"it lists the interface, but {idle}"
        if idle
        else f"it lists the interface and is {session.status}",
        What.BUSY: f"it is {session.status}, and may already be taking the interface",
        What.FULL: f"full: {taken}",
        What.INEFFECTIVE: f"it mirrors nothing: {idle}",
    }.get(candidate.what, f"it has room: {taken}")


def idle_because(session: Session, pool: str, placement: Placement) -> str | None:
    """Why the session does not mirror what it lists, in words."""
    found = placement.effect(session, pool).reason
    if found is None:
        return None
    named = {
        reasons.SESSION_LOCKED: session.business_status,
        reasons.WRONG_TARGET: session.target_id,
        reasons.WRONG_FILTER: session.filter_id,
        reasons.TARGET_GONE: session.target_id,
        reasons.TARGET_NOT_RUNNING: session.target_id,
        reasons.FILTER_ACCEPTS_NOTHING: session.filter_id,
    }.get(found)
    return reasons.WHY[found] if named is None else f"{reasons.WHY[found]} ({named})"
