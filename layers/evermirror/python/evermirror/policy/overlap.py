"""Finds pools that claim one another's sessions, because nobody could say whose a session is.

Sound, not complete: what is found here is sure; two pools that happen to find the same session
show only in a live fleet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations, permutations

from evermirror.model import Session
from evermirror.policy.decision import Policy, Pool
from evermirror.policy.reading import Problem, quoted
from evermirror.policy.sessions import POOL_TAG, Discovery


def overlaps(policy: Policy, unreadable: Collection[str]) -> Iterator[Problem]:
    """Find sessions that are sure to be in two pools; `unreadable` pools mean nothing."""
    pools = [pool for name, pool in policy.pools.items() if name not in unreadable]
    for earlier, later in combinations(pools, 2):
        sentence = _shared_findings(earlier, later)
        if sentence:
            yield Problem(("pools", later.name, "discover"), sentence)
    for finder, maker in permutations(pools, 2):
        made = _found_of_those_made(finder, maker)
        if made is not None:
            yield Problem(
                ("pools", finder.name, "discover"),
                f"finds sessions that pool {quoted(maker.name)} makes, such as {quoted(made)}; "
                "ask for a tag or a name that those do not have",
            )
        elif _finds_by_tag(finder, maker):
            yield Problem(
                ("pools", finder.name, "discover"),
                f"finds only sessions whose tag says that pool {quoted(maker.name)} made them; "
                "ask for something else",
            )


def _shared_findings(earlier: Pool, later: Pool) -> str | None:
    ours, theirs = later.discovery, earlier.discovery
    if ours is None or theirs is None:
        return None
    if _covers(theirs, ours):
        return f"finds only sessions that pool {quoted(earlier.name)} finds too"
    if _covers(ours, theirs):
        return f"finds every session that pool {quoted(earlier.name)} finds"
    return None


def _covers(wide: Discovery, narrow: Discovery) -> bool:
    """Say whether everything that `narrow` finds is sure to be found by `wide`."""
    return (
        wide.filter_id in {None, narrow.filter_id}
        and wide.target_id in {None, narrow.target_id}
        and wide.tags.items() <= narrow.tags.items()
        and (wide.name_prefix is None or (narrow.name_prefix or "").startswith(wide.name_prefix))
    )


def _finds_by_tag(finder: Pool, maker: Pool) -> bool:
    """Say whether whatever one pool finds is the other's by its tag."""
    discovery = finder.discovery
    asked = None if discovery is None else discovery.tags.get(POOL_TAG)
    return maker.makes_sessions and asked in maker.names


def _found_of_those_made(finder: Pool, maker: Pool) -> str | None:
    discovery, growth = finder.discovery, maker.growth
    if discovery is None or growth is None or discovery.filter_id not in {None, growth.filter_id}:
        return None
    tags = growth.session_tags(maker.name)
    if not discovery.tags.items() <= tags.items():
        return None
    for number in growth.numbers:
        session = Session(
            id="",
            status="Created",
            name=growth.session_name(number),
            target_id=growth.target(number).id,
            filter_id=growth.filter_id,
            priority=growth.priority(number),
            tags=tags,
        )
        if discovery.finds(session):
            return session.name
    return None
