"""Looks a readable policy over for beliefs that cannot be true: a rule that can never decide, a
pool that nothing goes to, a session that two pools claim, a pool that contradicts itself.

Apart from reading, because a function that loads a compiled policy need not look again.
"""

from __future__ import annotations

from collections.abc import Iterator

from evermirror.policy.contradictions import contradictions
from evermirror.policy.decision import Policy, Pool, Rule
from evermirror.policy.matchers import NOTHING, Matcher, OneOf
from evermirror.policy.overlap import overlaps
from evermirror.policy.reachability import implies
from evermirror.policy.reading import Problem, quoted

_TRUNK_OR_MEMBER = OneOf("type", frozenset({"Trunk", "Member"}))


def review(policy: Policy, problems: list[Problem]) -> Iterator[Problem]:
    """Find what is believed in vain, where `problems` of reading do not leave that in doubt."""
    yield from _unreachable_rules(policy)
    if not any(_hides_a_pool(problem) for problem in problems):
        yield from _unused_pools(policy)
    unreadable = {str(problem.path[1]) for problem in problems if _is_of_a_pool(problem)}
    yield from contradictions(policy, unreadable)
    yield from overlaps(policy, unreadable)


def growth_not_allowed(policy: Policy) -> Iterator[Problem]:
    """Find what a stack that does not allow growth would refuse to do."""
    for name, pool in policy.pools.items():
        if pool.growth is not None:
            yield Problem(
                ("pools", name, "grow"),
                "makes sessions, which the stack does not allow; allow it there (`AllowGrowth`) "
                "and say so here (--allow-growth), or leave `grow` out",
            )


def unpinned(policy: Policy) -> Iterator[Problem]:
    """Find pools that would not notice where their sessions mirror to: no mistake, but a risk."""
    for name, pool in policy.pools.items():
        if not pool.target_ids and _may_mirror_anywhere(pool):
            yield Problem(
                ("pools", name),
                "names no `targets`: a session that somebody points elsewhere still counts as "
                "mirrored there",
            )


def _may_mirror_anywhere(pool: Pool) -> bool:
    found = pool.discovery is not None and pool.discovery.target_id is None
    made_before = bool(pool.was) and pool.growth is None
    return bool(pool.session_ids) or found or made_before


def _is_of_a_pool(problem: Problem) -> bool:
    return problem.path[:1] == ("pools",) and len(problem.path) > 1


def _hides_a_pool(problem: Problem) -> bool:
    place = problem.path
    of_a_rule = place[:1] == ("rules",) and (len(place) <= 2 or place[2] == "pool")
    return of_a_rule or place[:1] in {(), ("default",)}


def _unreachable_rules(policy: Policy) -> Iterator[Problem]:
    for position, rule in enumerate(policy.rules):
        if rule.match == NOTHING:
            continue  # its match could not be read, which is a problem of its own
        reason = _why_unreachable(rule, policy, policy.rules[:position])
        if reason:
            yield Problem(("rules", position), f"{quoted(rule.name)} can never decide: {reason}")


def _why_unreachable(rule: Rule, policy: Policy, earlier: tuple[Rule, ...]) -> str | None:
    if policy.members == "skip" and implies(rule.match, _TRUNK_OR_MEMBER):
        return "`members: skip` excludes trunk and member interfaces before the rules"
    if rule.pool is not None and implies(rule.match, _named_targets(policy)):
        return "what a pool mirrors to is excluded before the rules"
    for other in earlier:
        if implies(rule.match, other.match):
            return f"{quoted(other.name)} comes first and matches everything that it matches"
    return None


def _named_targets(policy: Policy) -> Matcher:
    return OneOf("network_interface", policy.named_targets)


def _unused_pools(policy: Policy) -> Iterator[Problem]:
    used = {policy.default, *(rule.pool for rule in policy.rules)}
    for name in policy.pools:
        if name not in used:
            yield Problem(("pools", name), "no rule and no default sends anything to this pool")
