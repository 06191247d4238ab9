"""What is wrong with a policy that only a live fleet can show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from commandline.planning.deploying import on_deploying
from commandline.planning.finding import Finding, listed
from commandline.planning.placed import Placed
from commandline.planning.pool_findings import in_two_pools, of_pools
from commandline.planning.rules import RuleCount
from commandline.planning.zones import across_zones
from evermirror.placement.placement import Placement
from evermirror.policy.reading import quoted


def findings(
    after: Placement, before: Placement, placed: Sequence[Placed], counts: Sequence[RuleCount]
) -> tuple[Finding, ...]:
    """Everything that the fleet shows, first what a deployment would bring about."""
    return (
        *on_deploying(after, before),
        *of_pools(after, before, placed),
        *in_two_pools(after),
        *across_zones(after, placed),
        *_of_rules(counts),
        *_unseen_filters(after),
        *_undecided(placed),
    )


def _of_rules(counts: Sequence[RuleCount]) -> Iterator[Finding]:
    for position, count in enumerate(counts):
        key = f"rules.{position}"
        name = quoted(count.rule.name)
        if count.twin is not None:
            yield Finding(
                "rule_matches_nothing",
                key,
                f"{name} matches no interface of this fleet; with `{count.twin.key}` in place of "
                f"the tags that it asks for it would match {count.twin.matches}",
            )
        elif count.safeguarded:
            yield Finding(
                "rule_decides_nothing",
                key,
                f"{name} decides nothing: what it matches ({count.safeguarded}) is left out before "
                "any rule is asked",
            )
        elif count.matches == 0:
            yield Finding("rule_matches_nothing", key, f"{name} matches no interface of this fleet")
        elif count.matches:
            yield Finding(
                "rule_decides_nothing",
                key,
                f"{name} decides nothing: earlier rules decide all {count.matches} interfaces that "
                "it matches",
            )


def _undecided(placed: Sequence[Placed]) -> Iterator[Finding]:
    unknown = [one.interface.id for one in placed if one.undecided]
    if unknown:
        yield Finding(
            "instances_unknown",
            "",
            f"the instances of {listed(unknown)} cannot be seen, and the policy asks for them; "
            "is ecs:DescribeInstances permitted?",
        )


def _unseen_filters(placement: Placement) -> Iterator[Finding]:
    if placement.policy.pools and not placement.filters_were_read:
        yield Finding(
            "filters_not_visible",
            "",
            "whether filters accept any traffic cannot be seen; is vpc:ListTrafficMirrorFilters "
            "permitted?",
        )
