"""How many interfaces each rule decides, and what a rule that decides none may have meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from commandline.planning.placed import Placed, instance_of
from evermirror.model import NetworkInterface
from evermirror.placement.snapshot import Snapshot
from evermirror.policy import Matcher, Policy, Rule
from evermirror.policy.matchers import AllOf, AnyOf, Not, Tagged


@dataclass(frozen=True, slots=True)
class Twin:
    """The same rule, asking for the tags of the other side: `key` is what it would ask for."""

    key: str
    matches: int


@dataclass(frozen=True, slots=True)
class RuleCount:
    """What a rule does in this fleet.

    `matches` counts what it would match if no rule came first; it is known only for rules that
    decide nothing, and where no instance is missing that it asks about. `safeguarded` counts what
    it matches of those that are left out before any rule is asked, where it matches nothing else.
    `twin` is there when the rule matches nothing and its twin does.
    """

    rule: Rule
    decides: int
    matches: int | None = None
    safeguarded: int = 0
    twin: Twin | None = None


def count_rules(
    policy: Policy, placed: Sequence[Placed], snapshot: Snapshot
) -> tuple[RuleCount, ...]:
    """Count for every rule, in their order."""
    decides = Counter(one.rule for one in placed if not one.undecided)
    return tuple(
        RuleCount(rule, decides[rule.name])
        if decides[rule.name]
        else _in_vain(rule, placed, snapshot)
        for rule in policy.rules
    )


def _in_vain(rule: Rule, placed: Sequence[Placed], snapshot: Snapshot) -> RuleCount:
    asked = [one for one in placed if not one.by_safeguard]
    if any(
        rule.match.matches(one.interface, instance_of(snapshot, one.interface)) is None
        for one in asked
    ):
        return RuleCount(rule, 0)
    matches = _matching(rule.match, asked, snapshot)
    if matches:
        return RuleCount(rule, 0, matches)
    safeguarded = _matching(rule.match, (one for one in placed if one.by_safeguard), snapshot)
    if safeguarded:
        return RuleCount(rule, 0, 0, safeguarded)
    for of_instance, key in ((True, "instance_tags"), (False, "tags")):
        twin = with_tags_of(rule.match, of_instance=of_instance)
        if twin != rule.match and (found := _matching(twin, asked, snapshot)):
            return RuleCount(rule, 0, 0, twin=Twin(key, found))
    return RuleCount(rule, 0, 0)


def _matching(match: Matcher, asked: Iterable[Placed], snapshot: Snapshot) -> int:
    return sum(
        match.matches(one.interface, instance_of(snapshot, one.interface)) is True for one in asked
    )


def with_tags_of(match: Matcher, *, of_instance: bool) -> Matcher:
    """The same match, all of whose tags are those of the instance, or of the interface."""
    if isinstance(match, Tagged):
        return replace(match, of_instance=of_instance)
    if isinstance(match, (AllOf, AnyOf)):
        operands = (with_tags_of(one, of_instance=of_instance) for one in match.operands)
        return type(match)(tuple(operands))
    if isinstance(match, Not):
        return Not(with_tags_of(match.operand, of_instance=of_instance))
    return match


def asks_in_vain(policy: Policy, interfaces: Sequence[NetworkInterface]) -> bool:
    """Say whether a rule matches nothing and asks for tags, so that its twin is worth a look.

    For policies that need no instances; a twin may.
    """
    return any(
        with_tags_of(rule.match, of_instance=True) != rule.match
        and not any(rule.match.matches(one, None) for one in interfaces)
        for rule in policy.rules
    )
