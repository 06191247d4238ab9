"""What a rule can ask of an interface, answered with yes, no or "not known".

Three answers, because a rule may look at an instance that nobody could read: ECS
DescribeInstances (2014-05-26) answers an empty list, not an error, where the permission is
missing. With two answers, `not: {instance_tags: ...}` would turn that silence into a match. The
logic is Kleene's: unknown stays unknown unless the other operands settle the question alone.

Only the instance can be unknown. An interface itself is always read whole, so an attribute that
it does not have (no resource group, no tags) simply equals nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TypeAlias

from evermirror.model import Instance, NetworkInterface
from evermirror.values import dataclass

Answer: TypeAlias = bool | None
"""True, False, or None for "not known"."""


def _present(value: str | None) -> Collection[str]:
    return () if value is None else (value,)


def _instance_id(interface: NetworkInterface, instance: Instance | None) -> Collection[str] | None:
    # DescribeNetworkInterfaces leaves InstanceId out for interfaces that another service uses.
    if interface.instance_id is not None:
        return (interface.instance_id,)
    return None if instance is None else (instance.id,)


_Fact: TypeAlias = Callable[[NetworkInterface, Instance | None], Collection[str] | None]

FACTS: Mapping[str, _Fact] = {
    "vpc": lambda interface, _: _present(interface.vpc_id),
    "vswitch": lambda interface, _: _present(interface.vswitch_id),
    "zone": lambda interface, _: _present(interface.zone_id),
    "security_group": lambda interface, _: interface.security_group_ids,
    "type": lambda interface, _: (interface.type,),
    "resource_group": lambda interface, _: _present(interface.resource_group_id),
    "network_interface": lambda interface, _: (interface.id,),
    "instance": _instance_id,
    "instance_family": lambda _, instance: None if instance is None else (instance.family,),
}
"""What each key of a match looks at; None where the fact is not known."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """A fact is one of the wanted values."""

    fact: str
    wanted: frozenset[str]

    @property
    def needs_instance(self) -> bool:
        return self.fact == "instance_family"

    def matches(self, interface: NetworkInterface, instance: Instance | None) -> Answer:
        values = FACTS[self.fact](interface, instance)
        return None if values is None else not self.wanted.isdisjoint(values)

    def plain(self) -> dict[str, object]:
        return {self.fact: sorted(self.wanted)}


@dataclass(frozen=True, slots=True)
class Tagged:
    """A tag of the interface, or of its instance, has exactly one of the wanted values."""

    of_instance: bool
    tag: str
    wanted: frozenset[str]

    @property
    def needs_instance(self) -> bool:
        return self.of_instance

    def matches(self, interface: NetworkInterface, instance: Instance | None) -> Answer:
        bearer = instance if self.of_instance else interface
        return None if bearer is None else bearer.tags.get(self.tag) in self.wanted

    def plain(self) -> dict[str, object]:
        key = "instance_tags" if self.of_instance else "tags"
        return {key: {self.tag: sorted(self.wanted)}}


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every operand matches; with no operand, everything does."""

    operands: tuple[Matcher, ...]

    @property
    def needs_instance(self) -> bool:
        return any(operand.needs_instance for operand in self.operands)

    def matches(self, interface: NetworkInterface, instance: Instance | None) -> Answer:
        answers = [operand.matches(interface, instance) for operand in self.operands]
        if False in answers:
            return False
        return None if None in answers else True

    def plain(self) -> dict[str, object]:
        return {"all": [operand.plain() for operand in self.operands]} if self.operands else {}


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one operand matches."""

    operands: tuple[Matcher, ...]

    @property
    def needs_instance(self) -> bool:
        return any(operand.needs_instance for operand in self.operands)

    def matches(self, interface: NetworkInterface, instance: Instance | None) -> Answer:
        answers = [operand.matches(interface, instance) for operand in self.operands]
        if True in answers:
            return True
        return None if None in answers else False

    def plain(self) -> dict[str, object]:
        return {"any": [operand.plain() for operand in self.operands]}


@dataclass(frozen=True, slots=True)
class Not:
    """The operand does not match; what is not known stays not known."""

    operand: Matcher

    @property
    def needs_instance(self) -> bool:
        return self.operand.needs_instance

    def matches(self, interface: NetworkInterface, instance: Instance | None) -> Answer:
        answer = self.operand.matches(interface, instance)
        return None if answer is None else not answer

    def plain(self) -> dict[str, object]:
        return {"not": self.operand.plain()}


Matcher: TypeAlias = OneOf | Tagged | AllOf | AnyOf | Not

EVERYTHING = AllOf(())
NOTHING = AnyOf(())


def all_of(matchers: Iterable[Matcher]) -> Matcher:
    """Combine so that every matcher must match, in the one form that equal matches share."""
    operands = _distinct(matchers, AllOf)
    return operands[0] if len(operands) == 1 else AllOf(operands)


def any_of(matchers: Iterable[Matcher]) -> Matcher:
    """Combine so that one matcher is enough, in the one form that equal matches share."""
    operands = _distinct(matchers, AnyOf)
    return operands[0] if len(operands) == 1 else AnyOf(operands)


def none_of(matcher: Matcher) -> Matcher:
    return matcher.operand if isinstance(matcher, Not) else Not(matcher)


def _distinct(matchers: Iterable[Matcher], kind: type[AllOf | AnyOf]) -> tuple[Matcher, ...]:
    by_text: dict[str, Matcher] = {}
    for matcher in matchers:
        parts = matcher.operands if isinstance(matcher, kind) else (matcher,)
        by_text.update({json.dumps(part.plain(), sort_keys=True): part for part in parts})
    return tuple(by_text[text] for text in sorted(by_text))
