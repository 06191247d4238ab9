"""Why one interface stands where it stands: the rule, the pool, its order of sessions, what to do.

Pure: the same decision, order and counting as everywhere else, spelled out for one interface.
"""

from __future__ import annotations

from collections.abc import Sequence

from evermirror.coverage import Coverage, Terms, coverage
from evermirror.coverage.membership import Membership
from evermirror.coverage.report import IMPOSSIBLE_REMEDIES
from evermirror.engine.flaws import flaw
from evermirror.engine.placement import order
from evermirror.engine.reasons import (
    FILTER_ACCEPTS_NOTHING,
    NO_INSTANCE,
    REMEDIES,
    SESSION_DISABLED,
    SESSION_LOCKED,
    TARGET_INSTANCE,
)
from evermirror.fleet import IN_USE, Fleet
from evermirror.model import NetworkInterface, Session
from evermirror.policy import Decision, Policy
from evermirror.values import dataclass

ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one session in the interface's order.

    `what` is listed, passed, waited_for, asked, or not_reached; `why` says so in words.
    """

    session_id: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """How an interface stands.

    `standing` is mirrored, ineffective, pending, missing, unattached, excluded, undecided, or the
    reason for which it is impossible. `elsewhere` are sessions outside its pool that list it,
    `shadowed_by` says that one of them takes the packets first.
    """

    interface: NetworkInterface
    decision: Decision
    standing: str
    steps: tuple[Step, ...]
    elsewhere: tuple[str, ...]
    shadowed: bool
    remedy: str

    @property
    def next_session(self) -> str | None:
        """The session that would be asked now, if any."""
        return next((step.session_id for step in self.steps if step.what == ASKED), None)


def explain(policy: Policy, fleet: Fleet, terms: Terms, network_interface_id: str) -> Explanation:
    """The explanation for an interface of the fleet; KeyError for one that is not in it.

    The fleet holds all sessions, and besides the interface at least those that sessions mirror to.
    """
    interface = {one.id: one for one in fleet.interfaces}[network_interface_id]
    instance = fleet.instances.get(interface.instance_id or "")
    decision = policy.decide(interface, instance)
    counted = coverage(policy, fleet, terms)
    standing = _standing(interface, decision, counted)
    pools = Membership(policy, fleet.sessions)
    holding = pools.holding(interface.id)
    return Explanation(
        interface=interface,
        decision=decision,
        standing=standing,
        steps=_steps(interface, decision.pool, policy, pools, fleet, terms),
        elsewhere=tuple(s.id for s in holding if not pools.is_in(s, decision.pool or "")),
        shadowed=interface.id in counted.shadowed,
        remedy=_remedy(standing, decision, counted, interface.id),
    )


def _standing(interface: NetworkInterface, decision: Decision, counted: Coverage) -> str:
    if interface.status != IN_USE:
        return "unattached"
    if decision.undecided:
        return "undecided" if interface.instance_id else NO_INSTANCE
    if decision.pool is None:
        return "excluded"
    kinds = {
        "mirrored": counted.mirrored,
        "ineffective": [one for ids in counted.ineffective.values() for one in ids],
        "pending": counted.pending,
        "missing": counted.missing,
        **counted.impossible,
    }
    found = (name for name, ids in kinds.items() if interface.id in ids)
    return next(found, TARGET_INSTANCE)


_SENTENCES = {
    "mirrored": "Nothing to do.",
    "pending": "Nothing to do yet: it is younger than the grace time.",
    "missing": "Ask for it: evermirror add {id}. The outcome says why, if the service refuses.",
    "excluded": "Nothing to do, or change the policy: {decision}.",
    "unattached": REMEDIES["interface_not_attached"],
    "undecided": REMEDIES["instance_not_visible"],
    TARGET_INSTANCE: REMEDIES[TARGET_INSTANCE],
    NO_INSTANCE: REMEDIES[NO_INSTANCE],
    **IMPOSSIBLE_REMEDIES,
}


def _remedy(standing: str, decision: Decision, counted: Coverage, interface_id: str) -> str:
    if interface_id in counted.shadowed:
        return (
            "A session outside the pool takes its packets first (its priority number is lower): "
            "take the interface out of that session, or leave it so on purpose."
        )
    for reason, ids in counted.ineffective.items():
        if interface_id in ids:
            return REMEDIES[reason]
    return _SENTENCES[standing].format(id=interface_id, decision=decision.sentence)


def _steps(
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
    idle = fleet.idle_filter_ids or frozenset()
    return _walk(interface.id, sessions, terms.sources_per_session, idle)


def _walk(
    interface_id: str,
    sessions: Sequence[tuple[str, Session | None]],
    most: int,
    idle_filter_ids: frozenset[str],
) -> tuple[Step, ...]:
    steps: list[Step] = []
    settled = any(s is not None and interface_id in s.source_ids for _, s in sessions)
    for session_id, session in sessions:
        what, why = _at(interface_id, session, most, idle_filter_ids)
        if settled and what != "listed":
            what, why = "not_reached", "another session of the pool lists it"
        steps.append(Step(session_id, what, why))
        if what in {"waited_for", ASKED}:
            settled = True
    return tuple(_told_where(steps))


def _told_where(steps: list[Step]) -> list[Step]:
    """Behind a session that is asked or waited for, that is why none is reached."""
    told = []
    stop: Step | None = None
    for step in steps:
        if stop is not None and step.what == "not_reached":
            step = Step(step.session_id, step.what, f"{stop.session_id} comes first")  # noqa: PLW2901
        told.append(step)
        if step.what in {"waited_for", ASKED}:
            stop = step
    return told


def _at(
    interface_id: str, session: Session | None, most: int, idle_filter_ids: frozenset[str]
) -> tuple[str, str]:
    if session is None:
        return ASKED, "the service does not list it; only its answer settles whether it exists"
    if interface_id in session.source_ids:
        return "listed", _condition(session, idle_filter_ids)
    if session.status != "Created":
        return "waited_for", f"it is {session.status}, and may already be taking the interface"
    number = len(session.source_ids)
    if number >= most:
        return "passed", f"full: {number} of {most} sources"
    return ASKED, f"it has room: {number} of {most} sources"


def _condition(session: Session, idle_filter_ids: frozenset[str]) -> str:
    it = "it lists the interface, but"
    words = {
        SESSION_LOCKED: f"{it} its business status is {session.business_status}",
        SESSION_DISABLED: f"{it} it is switched off",
        FILTER_ACCEPTS_NOTHING: f"{it} its filter {session.filter_id} accepts nothing",
    }
    found = flaw(session, idle_filter_ids)
    return words[found] if found else f"it lists the interface and is {session.status}"
