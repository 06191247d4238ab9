"""Why one interface stands where it stands: the rule, the pool, its order of sessions, what to do.

Pure: the same decision, order and counting as everywhere else, spelled out for one interface.
"""

from __future__ import annotations

from collections.abc import Iterable

from evermirror.coverage import Coverage, Terms, coverage
from evermirror.coverage.membership import Membership
from evermirror.explanation.remedies import UNATTACHED, Remedy
from evermirror.explanation.steps import ASKED, Step, steps_of
from evermirror.fleet import IN_USE, Fleet
from evermirror.model import NetworkInterface
from evermirror.policy import Decision, Policy
from evermirror.reasons import NO_INSTANCE, TARGET_INSTANCE
from evermirror.values import dataclass

UNWANTED = {UNATTACHED, "undecided", "excluded", NO_INSTANCE, TARGET_INSTANCE}
"""Standings in which no session is looked for."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """How an interface stands.

    `standing` is mirrored, ineffective, pending, missing, unattached, excluded, undecided, or the
    reason for which it is impossible. `steps` are the sessions of the pool that wants it, if one
    does, `elsewhere` other sessions that list it, and `shadowed` says that one of these takes the
    packets first.
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

    @property
    def because(self) -> str:
        """What decides: a rule, the default, a safeguard, or that nothing is to be decided."""
        if self.decision.undecided and self.interface.instance_id is None:
            return "it is attached to no instance, so there is nothing to decide"
        return self.decision.sentence


def explain(policy: Policy, fleet: Fleet, terms: Terms, network_interface_id: str) -> Explanation:
    """The explanation for an interface of the fleet; KeyError for one that is not in it.

    The fleet holds all sessions, and besides the interface at least those that sessions mirror to.
    """
    return explain_all(policy, fleet, terms, [network_interface_id])[0]


def explain_all(
    policy: Policy, fleet: Fleet, terms: Terms, network_interface_ids: Iterable[str]
) -> tuple[Explanation, ...]:
    """The same for several of them, in their order."""
    interfaces = {one.id: one for one in fleet.interfaces}
    counted = coverage(policy, fleet, terms)
    pools = Membership(policy, fleet.sessions)
    told = _Explaining(policy, fleet, terms, counted, pools)
    return tuple(told.explanation(interfaces[one]) for one in network_interface_ids)


@dataclass(frozen=True, slots=True)
class _Explaining:
    """What every explanation is made from."""

    policy: Policy
    fleet: Fleet
    terms: Terms
    counted: Coverage
    pools: Membership

    def explanation(self, interface: NetworkInterface) -> Explanation:
        instance = self.fleet.instances.get(interface.instance_id or "")
        decision = self.policy.decide(interface, instance)
        standing = _standing(interface, decision, self.counted)
        pool = None if standing in UNWANTED else decision.pool
        steps = steps_of(interface, pool, self.policy, self.pools, self.fleet, self.terms)
        holding = self.pools.holding(interface.id)
        elsewhere = tuple(s.id for s in holding if not self.pools.is_in(s, pool or ""))
        remedy = Remedy(interface.id, standing, decision, self.counted, self.fleet)
        return Explanation(
            interface=interface,
            decision=decision,
            standing=standing,
            steps=steps,
            elsewhere=elsewhere,
            shadowed=interface.id in self.counted.shadowed,
            remedy=remedy.sentence(steps, elsewhere),
        )


def _standing(interface: NetworkInterface, decision: Decision, counted: Coverage) -> str:
    if interface.status != IN_USE:
        return UNATTACHED
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
