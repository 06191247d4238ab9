"""Whether an interface is wanted at all, and in which pool: the one answer to that question.

Before the rules stands what receives mirrored traffic: mirroring it would mirror that traffic
again, and the cloud refuses only the target itself. That is what the policy names, the targets of
the pools' sessions, and everything on the instance of one of these. A session of no pool excludes
nothing, or a stranger who may make one could hide an instance behind it.
"""

from __future__ import annotations

from evermirror.model import IN_USE, Instance, NetworkInterface
from evermirror.placement.membership import Membership
from evermirror.placement.snapshot import Lookup, Missing
from evermirror.policy import Decision, Policy
from evermirror.policy.sessions import NETWORK_INTERFACE
from evermirror.values import dataclass

BEFORE_TARGETS = frozenset({"service_managed", "trunk_or_member_interface"})
"""Reasons for which it does not matter what receives mirrored traffic."""


@dataclass(frozen=True, slots=True)
class Targets:
    """The interfaces that receive mirrored traffic, and the instances that they sit on."""

    interface_ids: frozenset[str] = frozenset()
    instance_ids: frozenset[str] = frozenset()

    def excludes(self, interface: NetworkInterface) -> bool:
        """Say whether the interface is a target or sits beside one."""
        return interface.id in self.interface_ids or interface.instance_id in self.instance_ids


def target_ids(policy: Policy, membership: Membership) -> frozenset[str]:
    """The interfaces that the policy names as targets, or that a pool's session mirrors to."""
    used = (
        session.target_id
        for pool in policy.pools
        for session in membership.sessions(pool)
        if session.target_type == NETWORK_INTERFACE and session.target_id
    )
    return policy.named_targets.union(used)


def targets(
    policy: Policy, membership: Membership, interfaces: Lookup[NetworkInterface]
) -> Targets:
    """The targets, with the instances of those that were read."""
    ids = target_ids(policy, membership)
    read = (interfaces.of(target) for target in ids)
    instances = {one.instance_id for one in read if not isinstance(one, Missing)}
    return Targets(ids, frozenset(filter(None, instances)))


def eligibility(
    policy: Policy, interface: NetworkInterface, instance: Instance | None, receiving: Targets
) -> Decision:
    """Where the interface belongs, by which rule, or why nowhere.

    `instance` is None where it is not known. Whether the interface is attached is not asked.
    """
    decision = policy.decide(interface, instance)
    if decision.reason in BEFORE_TARGETS:
        return decision
    if receiving.excludes(interface):
        return Decision(None, None, "target_instance")
    if decision.undecided and interface.instance_id is None and interface.status == IN_USE:
        # Another cloud service uses it: there is no instance to be asked about.
        return Decision(None, None, "no_instance")
    return decision
