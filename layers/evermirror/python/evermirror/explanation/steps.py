"""What becomes of each session of a pool, in the order in which an interface tries them."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from evermirror.coverage import Terms
from evermirror.coverage.membership import Membership
from evermirror.engine.flaws import flaw
from evermirror.engine.placement import order
from evermirror.fleet import Fleet
from evermirror.model import NetworkInterface, Session
from evermirror.policy import Policy
from evermirror.reasons import FILTER_ACCEPTS_NOTHING, SESSION_LOCKED, WHY
from evermirror.values import dataclass

LISTED = "listed"
ASKED = "asked"
WAITED_FOR = "waited_for"
NOT_REACHED = "not_reached"
NONE_KNOWN: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one session in the interface's order.

    `what` is listed, passed, waited_for, asked, or not_reached; `why` says so in words.
    """

    session_id: str
    what: str
    why: str


def steps_of(
    interface: NetworkInterface,
    pool: str | None,
    policy: Policy,
    pools: Membership,
    fleet: Fleet,
    terms: Terms,
) -> tuple[Step, ...]:
    if pool is None:
        return ()
    listed = {session.id for session in pools.sessions(pool)}
    ids = tuple(sorted({*listed, *policy.pools[pool].session_ids}))
    ordered = order(interface.id, ids, fleet.sessions, fleet.at)
    sessions = [(session_id, fleet.sessions.get(session_id)) for session_id in ordered]
    idle = fleet.idle_filter_ids or NONE_KNOWN
    return _walk(interface.id, sessions, terms.sources_per_session, idle)


def _walk(
    interface_id: str,
    sessions: Sequence[tuple[str, Session | None]],
    most: int,
    idle_filter_ids: AbstractSet[str],
) -> tuple[Step, ...]:
    steps: list[Step] = []
    settled = any(s is not None and interface_id in s.source_ids for _, s in sessions)
    for session_id, session in sessions:
        what, why = _at(interface_id, session, most, idle_filter_ids)
        if settled and what != LISTED:
            what, why = NOT_REACHED, "another session of the pool lists it"
        steps.append(Step(session_id, what, why))
        if what in {WAITED_FOR, ASKED}:
            settled = True
    return tuple(_told_where(steps))


def _told_where(steps: list[Step]) -> list[Step]:
    """Behind a session that is asked or waited for, that is why none is reached."""
    told = []
    stop: Step | None = None
    for step in steps:
        if stop is not None and step.what == NOT_REACHED:
            step = Step(step.session_id, step.what, f"{stop.session_id} comes first")  # noqa: PLW2901
        told.append(step)
        if step.what in {WAITED_FOR, ASKED}:
            stop = step
    return told


def _at(
    interface_id: str, session: Session | None, most: int, idle_filter_ids: AbstractSet[str]
) -> tuple[str, str]:
    if session is None:
        return ASKED, "the service does not list it; only its answer settles whether it exists"
    if interface_id in session.source_ids:
        return LISTED, _condition(session, idle_filter_ids)
    if session.status != "Created":
        return WAITED_FOR, f"it is {session.status}, and may already be taking the interface"
    number = len(session.source_ids)
    if number >= most:
        return "passed", f"full: {number} of {most} seats taken"
    idle = _idle_because(session, idle_filter_ids)
    in_vain = f", but {idle}, so it would not be mirrored there" if idle else ""
    return ASKED, f"it has room: {number} of {most} seats taken{in_vain}"


def _idle_because(session: Session, idle_filter_ids: AbstractSet[str]) -> str | None:
    """Why it does not mirror what it lists, in words."""
    found = flaw(session, idle_filter_ids)
    if found is None:
        return None
    of_it = {SESSION_LOCKED: session.business_status, FILTER_ACCEPTS_NOTHING: session.filter_id}
    return f"{WHY[found]} ({of_it[found]})" if found in of_it else WHY[found]


def _condition(session: Session, idle_filter_ids: AbstractSet[str]) -> str:
    idle = _idle_because(session, idle_filter_ids)
    if idle is not None:
        return f"it lists the interface, but {idle}"
    return f"it lists the interface and is {session.status}"
