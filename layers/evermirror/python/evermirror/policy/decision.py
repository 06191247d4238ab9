"""Decides which pool an interface belongs to: the one place where that question is answered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import field
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from evermirror.ids import is_network_interface_id
from evermirror.model import Instance, NetworkInterface, Session
from evermirror.policy.matchers import Matcher
from evermirror.policy.sessions import POOL_TAG, Pool
from evermirror.reasons import WHY
from evermirror.values import dataclass

__all__ = ["VERSION", "Decision", "Expectation", "Members", "Policy", "Pool", "Rule", "dump"]

VERSION = 1

Members = Literal["skip", "try"]
Reason = Literal[
    "placed_by_rule",
    "placed_by_default",
    "excluded_by_rule",
    "excluded_by_default",
    "service_managed",
    "trunk_or_member_interface",
    "target_instance",
    "sensor",
    "no_instance",
    "instance_unknown",
]


@dataclass(frozen=True, slots=True)
class Rule:
    """What matches goes to the pool, or nowhere when `pool` is None."""

    name: str
    match: Matcher
    pool: str | None

    def plain(self) -> dict[str, object]:
        result = {"never": True} if self.pool is None else {"pool": self.pool}
        return {"name": self.name, "match": self.match.plain(), **result}


@dataclass(frozen=True, slots=True)
class Decision:
    """Where an interface belongs, which rule says so, and why as a word for programs.

    `pool` is None when the interface is not to be mirrored, and also when that cannot be said:
    `undecided` tells the two apart. `rule` is None where no rule had a say.
    """

    pool: str | None
    rule: str | None
    reason: Reason

    @property
    def undecided(self) -> bool:
        """Say whether a rule or a pool's sensors must first know the interface's instance."""
        return self.reason == "instance_unknown"

    @property
    def sentence(self) -> str:
        sentence = _SENTENCES.get(self.reason)
        if sentence is not None:
            return sentence.format(pool=self.pool, rule=self.rule)
        return f"{WHY[self.reason]}, so no rule is asked"


_SENTENCES: Mapping[Reason, str] = {
    "placed_by_rule": 'rule "{rule}" places it in pool "{pool}"',
    "placed_by_default": 'no rule matches; the default places it in pool "{pool}"',
    "excluded_by_rule": 'rule "{rule}" says never',
    "excluded_by_default": "no rule matches; the default says never",
    "instance_unknown": "its instance must be known first",
}


@dataclass(frozen=True, slots=True)
class Expectation:
    """A test that the policy carries: this interface, on this instance, goes there.

    `pool` None means never. `rule`, where given, is the rule that must decide. `position` counts
    from 0 in the file.
    """

    position: int
    interface: NetworkInterface
    instance: Instance
    pool: str | None
    rule: str | None = None


@dataclass(frozen=True)
class Policy:
    """Pools, and the rules that say which interface goes to which; first match wins.

    Two policies that decide alike by the same names are equal and share a digest, whatever
    their files look like. Expectations are not part of that: they change no decision.
    """

    pools: Mapping[str, Pool]
    rules: tuple[Rule, ...] = ()
    default: str | None = None
    members: Members = "skip"
    expectations: tuple[Expectation, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pools", MappingProxyType(dict(self.pools)))

    def decide(self, interface: NetworkInterface, instance: Instance | None) -> Decision:
        """Say where an interface goes; `instance` is None while nobody has read its instance.

        Never raises, and never places by a doubt: as soon as the answer hangs on an instance that
        is not known, the decision is `instance_unknown`, naming the rule that asks. So one may
        decide without instances first and read only those of interfaces left undecided.
        """
        return self._before_the_rules(interface, instance) or self._by_rule(interface, instance)

    def tag_owner(self, session: Session) -> Pool | None:
        """Find the pool whose tag a session carries, among those that make sessions or made some.

        None for a session without the tag, and for one with the tag of no such pool.
        """
        return self._makers.get(session.tags.get(POOL_TAG, ""))

    def _before_the_rules(
        self, interface: NetworkInterface, instance: Instance | None
    ) -> Decision | None:
        if interface.service_managed:
            return Decision(None, None, "service_managed")
        if self.members == "skip" and _is_trunk_or_member(interface):
            return Decision(None, None, "trunk_or_member_interface")
        if interface.id in self.named_targets:
            return Decision(None, None, "target_instance")
        answers = [sensors.matches(interface, instance) for sensors in self._sensors]
        if True in answers:
            return Decision(None, None, "sensor")
        return Decision(None, None, "instance_unknown") if None in answers else None

    def _by_rule(self, interface: NetworkInterface, instance: Instance | None) -> Decision:
        for rule in self.rules:
            answer = rule.match.matches(interface, instance)
            if answer is None:
                return Decision(None, rule.name, "instance_unknown")
            if answer:
                reason: Reason = "excluded_by_rule" if rule.pool is None else "placed_by_rule"
                return Decision(rule.pool, rule.name, reason)
        reason = "excluded_by_default" if self.default is None else "placed_by_default"
        return Decision(self.default, None, reason)

    @cached_property
    def _makers(self) -> Mapping[str, Pool]:
        makers = [pool for pool in self.pools.values() if pool.makes_sessions]
        return {name: pool for pool in makers for name in pool.names}

    @cached_property
    def _sensors(self) -> tuple[Matcher, ...]:
        return tuple(pool.sensors for pool in self.pools.values() if pool.sensors is not None)

    @cached_property
    def needs_instances(self) -> bool:
        """Say whether some rule or sensor looks at what only DescribeInstances tells."""
        matchers = (*self._sensors, *(rule.match for rule in self.rules))
        return any(matcher.needs_instance for matcher in matchers)

    @cached_property
    def named_targets(self) -> frozenset[str]:
        """The interfaces that the policy names as targets, whether a session has them or not."""
        named = {target for pool in self.pools.values() for target in pool.named_targets}
        return frozenset(filter(is_network_interface_id, named))

    @cached_property
    def digest(self) -> str:
        """Name this policy in outcomes: 128 bits of SHA-256 over its compiled form.

        With half of them, two policies of one digest take an evening to find.
        """
        return hashlib.sha256(dump(self)).hexdigest()[:32]


def _is_trunk_or_member(interface: NetworkInterface) -> bool:
    return interface.type in {"Trunk", "Member"} or bool(interface.trunk_network_interface_id)


def dump(policy: Policy) -> bytes:
    """Write the compiled form: the file's own format as JSON, in the one spelling that it has."""
    document = {
        "version": VERSION,
        "pools": {name: pool.plain() for name, pool in policy.pools.items()},
        "members": policy.members,
        "rules": [rule.plain() for rule in policy.rules],
        "default": "never" if policy.default is None else {"pool": policy.default},
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode("ascii")
