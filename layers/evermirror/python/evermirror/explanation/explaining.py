"""Why one interface stands where it stands: the rule, the pool, its order of sessions, what to do.

Pure: the same decision, order and counting as everywhere else, spelled out for one interface.
"""

from __future__ import annotations

from collections.abc import Iterable

from evermirror.coverage import Coverage, coverage
from evermirror.explanation.remedies import UNATTACHED, Remedy
from evermirror.explanation.steps import ASKED, WAITED_FOR, Step, steps_of
from evermirror.fleet import Fleet
from evermirror.model import IN_USE, NetworkInterface
from evermirror.placement.limits import Limits
from evermirror.placement.placement import Placement
from evermirror.policy import Decision, Policy
from evermirror.reasons import NO_INSTANCE, TARGET_INSTANCE
from evermirror.values import dataclass

EXCLUDED_BY_ITSELF = frozenset({NO_INSTANCE, TARGET_INSTANCE})
"""Reasons that are a standing of their own."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """How an interface stands.

    `standing` is mirrored, ineffective, pending, missing, claimed_by_stranger, unattached,
    excluded, undecided, or the reason for which it is excluded or impossible. `steps` are the
    sessions of the pool that wants it, if one does, `elsewhere` other sessions that list it, and
    `shadowed` says that one of these takes the packets first. `would_create_session` says that the
    pool would make a session for it. `target_id` is where its packets go.
    """

    interface: NetworkInterface
    decision: Decision
    standing: str
    steps: tuple[Step, ...]
    elsewhere: tuple[str, ...]
    shadowed: bool
    remedy: str
    would_create_session: bool = False
    target_id: str | None = None

    @property
    def next_session(self) -> str | None:
        """The session that would be asked now, if any."""
        return next((step.session_id for step in self.steps if step.what == ASKED), None)

    @property
    def because(self) -> str:
        """What decides: a rule, the default, a safeguard, or that nothing is to be decided."""
        if self.decision.undecided and self.interface.instance_id is None:
            return "it is attached to no instance, so there is nothing to decide"
        return self.decision.sentence


def explain(policy: Policy, fleet: Fleet, limits: Limits, network_interface_id: str) -> Explanation:
    """The explanation for an interface of the fleet; KeyError for one that is not in it.

    The fleet holds all sessions, and besides the interface at least those that sessions mirror to.
    """
    return explain_all(policy, fleet, limits, [network_interface_id])[0]


def explain_all(
    policy: Policy, fleet: Fleet, limits: Limits, network_interface_ids: Iterable[str]
) -> tuple[Explanation, ...]:
    """The same for several of them, in their order."""
    interfaces = {interface.id: interface for interface in fleet.interfaces}
    counted = coverage(policy, fleet, limits)
    explaining = _Explaining(Placement(policy, fleet.snapshot, limits), counted)
    return tuple(explaining.explanation(interfaces[one]) for one in network_interface_ids)


@dataclass(frozen=True, slots=True)
class _Explaining:
    """What every explanation is made from."""

    placement: Placement
    counted: Coverage

    def explanation(self, interface: NetworkInterface) -> Explanation:
        placement = self.placement
        decision = placement.eligibility(interface)
        standing = _standing(interface, decision, self.counted)
        pool = decision.pool if interface.status == IN_USE else None
        steps = steps_of(interface, pool, placement)
        holding = placement.membership.holding(interface.id)
        counting = placement.listing(interface.id, pool) if pool is not None else []
        ours = {session.id for session, _ in counting}
        elsewhere = tuple(session.id for session in holding if session.id not in ours)
        listed = placement.best_listing(interface.id, pool) if pool is not None else None
        remedy = Remedy(interface.id, standing, decision, self.counted, placement)
        return Explanation(
            interface=interface,
            decision=decision,
            standing=standing,
            steps=steps,
            elsewhere=elsewhere,
            shadowed=interface.id in self.counted.shadowed,
            remedy=remedy.sentence(steps, elsewhere),
            would_create_session=standing in {"missing", "pending"} and _is_passed_by_all(steps),
            target_id=None if listed is None else listed[0].target_id or None,
        )


def _is_passed_by_all(steps: Iterable[Step]) -> bool:
    """Where asking may help and no session is left to be asked, the pool makes one."""
    return not any(step.what in {ASKED, WAITED_FOR, "listed"} for step in steps)


def _standing(interface: NetworkInterface, decision: Decision, counted: Coverage) -> str:
    if interface.status != IN_USE:
        return UNATTACHED
    if decision.undecided:
        return "undecided"
    if decision.pool is None:
        by_itself = decision.reason in EXCLUDED_BY_ITSELF
        return decision.reason if by_itself else "excluded"
    kinds = {
        "mirrored": counted.mirrored,
        "ineffective": [one for ids in counted.ineffective.values() for one in ids],
        "pending": counted.pending,
        "missing": counted.missing,
        "claimed_by_stranger": [one.network_interface_id for one in counted.claimed_by_stranger],
        **counted.impossible,
    }
    return next(name for name, ids in kinds.items() if interface.id in ids)
