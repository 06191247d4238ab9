"""What is wrong with a policy that only a live fleet can show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from commandline.planning.rules import RuleCount
from commandline.planning.seats import works
from commandline.planning.seen import Placed, Seen
from evermirror.model import Session
from evermirror.policy import Policy, Pool
from evermirror.policy.reading import quoted
from evermirror.policy.vocabulary import LOAD_BALANCER


@dataclass(frozen=True, slots=True)
class Finding:
    """A belief that the fleet does not bear out: a word for programs, its place, a sentence."""

    kind: str
    key: str
    sentence: str


def findings(
    policy: Policy, placed: Sequence[Placed], counts: Sequence[RuleCount], seen: Seen
) -> tuple[Finding, ...]:
    """Everything that the fleet shows, pools first."""
    sessions = seen.sessions_of(policy)
    return (
        *_of_pools(policy, sessions, seen),
        *_in_two_pools(policy, seen),
        *_of_growth(policy, placed, seen),
        *_of_rules(counts),
        *_unseen_filters(policy, seen),
        *_undecided(placed),
    )


def _of_pools(
    policy: Policy, sessions: Mapping[str, tuple[Session, ...]], seen: Seen
) -> Iterator[Finding]:
    for name, pool in policy.pools.items():
        key = f"pools.{name}"
        absent = sorted(set(pool.session_ids) - seen.sessions.keys())
        if absent:
            yield Finding(
                "sessions_absent",
                f"{key}.sessions",
                f"{_listed(absent)} cannot be seen: deleted, of another region, or not permitted",
            )
        yield from _of_live_sessions(key, pool, sessions[name])
        yield from _of_filters(key, pool, sessions[name], seen)
        yield from _of_sensors(key, pool, seen)


def _of_live_sessions(key: str, pool: Pool, live: tuple[Session, ...]) -> Iterator[Finding]:
    if not live:
        grows = "; the first interface makes one" if pool.growth else ""
        yield Finding("pool_empty", key, f"has no session{grows}")
    idle = [session.id for session in live if not works(session)]
    if idle:
        yield Finding(
            "sessions_idle", key, f"{_listed(idle)} switched off, locked or being deleted"
        )
    balanced = [one.id for one in live if LOAD_BALANCER.fits(one.target_id)]
    if balanced and pool.sensors is None:
        yield Finding(
            "sensors_missing",
            key,
            f"mirrors to a load balancer ({_listed(balanced)}) and has no `sensors`; name what "
            "stands behind it, or mirrored traffic is mirrored again",
        )


def _of_filters(key: str, pool: Pool, live: tuple[Session, ...], seen: Seen) -> Iterator[Finding]:
    grown = {pool.growth.filter_id} if pool.growth else set()
    idle = ({one.filter_id for one in live} | grown) & (seen.idle_filter_ids or frozenset())
    if idle:
        yield Finding(
            "filter_accepts_nothing",
            key,
            f"has no rule that accepts traffic in {_listed(sorted(idle))}: nothing is mirrored",
        )


def _of_sensors(key: str, pool: Pool, seen: Seen) -> Iterator[Finding]:
    if pool.sensors is None or any(
        pool.sensors.matches(one, seen.instance_of(one)) is True for one in seen.attached
    ):
        return
    yield Finding(
        "sensors_match_nothing",
        f"{key}.sensors",
        "match no attached interface; what receives the traffic may be mirrored itself",
    )


def _in_two_pools(policy: Policy, seen: Seen) -> Iterator[Finding]:
    shared: dict[tuple[str, ...], list[str]] = {}
    for session in seen.sessions.values():
        owners = tuple(name for name, pool in policy.pools.items() if pool.holds(session))
        if len(owners) > 1:
            shared.setdefault(owners, []).append(session.id)
    for owners, ids in shared.items():
        pools = " and ".join(map(quoted, owners))
        yield Finding(
            "session_in_two_pools",
            f"pools.{owners[-1]}",
            f"{_listed(sorted(ids))} in pools {pools}: an interface may be mirrored twice",
        )


def _of_growth(policy: Policy, placed: Sequence[Placed], seen: Seen) -> Iterator[Finding]:
    """A target is not known as one before the first session mirrors to it."""
    wanted = {one.interface.instance_id for one in placed if one.pool is not None}
    for name, pool in policy.pools.items():
        targets = [one.id for one in pool.growth.targets] if pool.growth else []
        key = f"pools.{name}.grow.targets"
        interfaces = [one for one in targets if not LOAD_BALANCER.fits(one)]
        absent = [one for one in interfaces if one not in seen.by_id]
        if absent:
            yield Finding(
                "growth_target_absent", key, f"{_listed(absent)} cannot be seen in this region"
            )
        mirrored = [
            one for one in interfaces if one in seen.by_id and seen.by_id[one].instance_id in wanted
        ]
        if mirrored:
            yield Finding(
                "growth_target_mirrored",
                key,
                f"{_listed(mirrored)} on an instance that the policy mirrors, and nothing can be "
                "source and target; name the instance under `sensors`",
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
            f"the instances of {_listed(unknown)} cannot be seen, and the policy asks for them; "
            "is ecs:DescribeInstances permitted?",
        )


def _unseen_filters(policy: Policy, seen: Seen) -> Iterator[Finding]:
    if policy.pools and seen.idle_filter_ids is None:
        yield Finding(
            "filters_not_visible",
            "",
            "whether filters accept any traffic cannot be seen; is vpc:ListTrafficMirrorFilters "
            "permitted?",
        )


_SHOWN = 3


def _listed(ids: Sequence[str]) -> str:
    more = len(ids) - _SHOWN
    return ", ".join(ids[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
