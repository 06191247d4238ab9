"""What a policy wants of every attached interface of a fleet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evermirror.fleet import Fleet
from evermirror.model import IN_USE, Instance, NetworkInterface
from evermirror.placement.placement import Placement
from evermirror.placement.snapshot import Missing, Snapshot
from evermirror.policy import Decision
from evermirror.reasons import SAFEGUARDS, WHY


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a policy wants an attached interface: in a pool, or (None) nowhere, and why."""

    interface: NetworkInterface
    decision: Decision

    @property
    def pool(self) -> str | None:
        return self.decision.pool

    @property
    def rule(self) -> str | None:
        return self.decision.rule

    @property
    def reason(self) -> str:
        return self.decision.reason

    @property
    def undecided(self) -> bool:
        """Say whether its instance must be seen first, so that nobody knows what is wanted."""
        return self.decision.undecided

    @property
    def by_safeguard(self) -> bool:
        """Say whether it is left out before any rule is asked."""
        return self.rule is None and self.reason in SAFEGUARDS

    @property
    def why(self) -> str:
        """The rule that decides, or the reason why none does."""
        return self.rule or WHY.get(self.reason, self.reason)


def attached(fleet: Fleet) -> tuple[NetworkInterface, ...]:
    """The interfaces that have traffic, in the order of their ids."""
    found = (interface for interface in fleet.interfaces if interface.status == IN_USE)
    return tuple(sorted(found, key=lambda interface: interface.id))


def place_all(placement: Placement, interfaces: Iterable[NetworkInterface]) -> tuple[Placed, ...]:
    """What the policy wants of each of the interfaces."""
    return tuple(Placed(one, placement.eligibility(one)) for one in interfaces)


def instance_of(snapshot: Snapshot, interface: NetworkInterface) -> Instance | None:
    """Its instance, None where there is none to be seen."""
    instance = snapshot.instances.of(interface.instance_id)
    return None if isinstance(instance, Missing) else instance
