"""Finds what a pool says of its own sessions that cannot be true together.

A session that its pool makes or finds, and that the same pool calls ineffective, would be an alarm
that no one can mend; a tag that two pools answer to would put one session into both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from evermirror.policy.decision import Policy
from evermirror.policy.reading import Problem, quoted
from evermirror.policy.sessions import Pool

_NOBODY_KNOWS = "and nobody could say whose its sessions are"


def contradictions(policy: Policy, unreadable: Collection[str]) -> Iterator[Problem]:
    """Find pools that contradict themselves; `unreadable` pools mean nothing."""
    owners: dict[str, str] = {}
    for name, pool in policy.pools.items():
        if name not in unreadable:
            yield from _of_targets(pool)
            yield from _of_filters(pool)
            yield from _of_names(pool, policy, owners)


def _of_targets(pool: Pool) -> Iterator[Problem]:
    if not pool.target_ids:
        return
    grown = pool.growth.targets if pool.growth is not None else ()
    missing = [target.id for target in grown if target.id not in pool.target_ids]
    if missing:
        yield Problem(
            ("pools", pool.name, "targets"),
            f"lack {', '.join(missing)}, where `grow` mirrors to: what it makes would be "
            "ineffective; name every target of `grow` here too",
        )
    found = pool.discovery.target_id if pool.discovery is not None else None
    if found is not None and found not in pool.target_ids:
        yield Problem(
            ("pools", pool.name, "discover", "target"),
            f"is not among the pool's `targets`: what is found would be ineffective; name {found} "
            "there too",
        )


def _of_filters(pool: Pool) -> Iterator[Problem]:
    if pool.filter_id is None:
        return
    if pool.growth is not None and pool.growth.filter_id != pool.filter_id:
        yield Problem(
            ("pools", pool.name, "filter"),
            f"is not the filter of `grow`, {pool.growth.filter_id}: what it makes would be "
            "ineffective; write the same in both",
        )
    found = pool.discovery.filter_id if pool.discovery is not None else None
    if found is not None and found != pool.filter_id:
        yield Problem(
            ("pools", pool.name, "discover", "filter"),
            f"is not the pool's `filter`, {pool.filter_id}: what is found would be ineffective; "
            "write the same in both",
        )


def _of_names(pool: Pool, policy: Policy, owners: dict[str, str]) -> Iterator[Problem]:
    place = ("pools", pool.name, "was")
    for name in pool.was:
        if name == pool.name:
            yield Problem(place, f"{quoted(name)} is what the pool is called now; leave it out")
        elif name in policy.pools:
            yield Problem(place, f"{quoted(name)} is the name of another pool, {_NOBODY_KNOWS}")
        elif name in owners:
            other = quoted(owners[name])
            yield Problem(
                place, f"{quoted(name)} is a former name of pool {other} too, {_NOBODY_KNOWS}"
            )
        else:
            owners[name] = pool.name
