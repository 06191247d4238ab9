"""A fleet as it was read, and what a policy wants of every interface in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from evermirror.engine.state import IN_USE
from evermirror.model import Instance, NetworkInterface, Session
from evermirror.policy import Policy
from evermirror.reasons import NO_INSTANCE, SAFEGUARDS, TARGET_INSTANCE, WHY

UNDECIDED = "instance_unknown"


@dataclass(frozen=True)
class Seen:
    """Everything of a region that a plan looks at."""

    interfaces: tuple[NetworkInterface, ...] = ()
    instances: Mapping[str, Instance] = field(default_factory=dict)
    sessions: Mapping[str, Session] = field(default_factory=dict)
    idle_filter_ids: frozenset[str] | None = frozenset()
    """Filters that accept no traffic; None where filters cannot be seen."""
    at: float = 0.0
    """When this was read, in epoch seconds."""

    @cached_property
    def attached(self) -> tuple[NetworkInterface, ...]:
        """The interfaces that have traffic, in the order of their ids."""
        attached = (interface for interface in self.interfaces if interface.status == IN_USE)
        return tuple(sorted(attached, key=lambda interface: interface.id))

    def instance_of(self, interface: NetworkInterface) -> Instance | None:
        return self.instances.get(interface.instance_id or "")

    @cached_property
    def by_id(self) -> Mapping[str, NetworkInterface]:
        return {interface.id: interface for interface in self.interfaces}

    @cached_property
    def target_instance_ids(self) -> frozenset[str]:
        """The instances on which mirror targets sit: none of their interfaces is mirrored."""
        targets = (self.by_id.get(session.target_id) for session in self.sessions.values())
        return frozenset(target.instance_id for target in targets if target and target.instance_id)

    @cached_property
    def listing(self) -> Mapping[str, tuple[Session, ...]]:
        """The sessions that list an interface, by its id."""
        found: dict[str, list[Session]] = {}
        for session in self.sessions.values():
            for source_id in session.source_ids:
                found.setdefault(source_id, []).append(session)
        return {source_id: tuple(sessions) for source_id, sessions in found.items()}

    def sessions_of(self, policy: Policy) -> Mapping[str, tuple[Session, ...]]:
        """The sessions of every pool, in the order of their ids."""
        ordered = [self.sessions[session_id] for session_id in sorted(self.sessions)]
        return {
            name: tuple(session for session in ordered if pool.holds(session))
            for name, pool in policy.pools.items()
        }


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a policy wants an attached interface: in a pool, or (None) nowhere, and why."""

    interface: NetworkInterface
    pool: str | None
    rule: str | None
    reason: str

    @property
    def undecided(self) -> bool:
        """Say whether its instance must be seen first, so that nobody knows what is wanted."""
        return self.reason == UNDECIDED

    @property
    def by_safeguard(self) -> bool:
        """Say whether it is left out before any rule is asked."""
        return self.rule is None and self.reason in SAFEGUARDS

    @property
    def why(self) -> str:
        """The rule that decides, or the reason why none does."""
        return self.rule or WHY.get(self.reason, self.reason)


def place_all(policy: Policy, seen: Seen) -> tuple[Placed, ...]:
    """What the policy wants of every attached interface."""
    return tuple(_place(policy, seen, interface) for interface in seen.attached)


def _place(policy: Policy, seen: Seen, interface: NetworkInterface) -> Placed:
    decision = policy.decide(interface, seen.instance_of(interface))
    if decision.undecided and interface.instance_id is None:
        return Placed(interface, None, None, NO_INSTANCE)
    if decision.pool is not None and interface.instance_id in seen.target_instance_ids:
        return Placed(interface, None, None, TARGET_INSTANCE)
    return Placed(interface, decision.pool, decision.rule, decision.reason)
