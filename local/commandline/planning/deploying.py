"""What becomes of the sessions there are when one policy takes the place of another.

Mirror takes no interface out of a session that it did not lose. So a session that is nobody's any
more goes on mirroring and costing, and what the policy wants of it is mirrored a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from commandline.planning.finding import Finding, listed
from commandline.planning.seats import idle_because
from evermirror.model import Session
from evermirror.placement.placement import Placement
from evermirror.policy import Pool
from evermirror.policy.reading import quoted
from evermirror.policy.sessions import POOL_TAG
from evermirror.reasons import WHY


def on_deploying(after: Placement, before: Placement) -> Iterator[Finding]:
    """Sessions that the policy loses, and those that would mirror no more as it has them."""
    yield from _orphaned(after, before)
    yield from _out_of_the_fence(after, before)
    yield from _left_out(after, before)
    for name, pool in after.policy.pools.items():
        yield from _would_be_ineffective(pool, after, before)
        yield from _growth_ends(name, after)


def _orphaned(after: Placement, before: Placement) -> Iterator[Finding]:
    """By the tag of the pool that made them; a rename leaves as many as the pool ever made."""
    names = {name for pool in before.policy.pools.values() for name in pool.names}
    by_tag: dict[str, list[Session]] = {}
    for session in after.membership.unknown_pool:
        tag = session.tags[POOL_TAG]
        if tag in names or before.membership.is_ours(session):
            by_tag.setdefault(tag, []).append(session)
    for tag, sessions in sorted(by_tag.items()):
        keep = f"say `was: [{tag}]` in the pool that has them now"
        if tag in after.policy.pools:
            keep = f"let pool {quoted(tag)} grow, or name them under its `sessions`"
        yield Finding(
            "sessions_orphaned",
            "pools",
            f"{_ids(sessions)} made by pool {quoted(tag)} would be no pool's: "
            f"{_going_on_costing(sessions)}; {keep}, or delete them",
            is_gap=True,
        )


def _out_of_the_fence(after: Placement, before: Placement) -> Iterator[Finding]:
    """Without their tag nothing but name and priority tells whose they are."""
    strangers = {session.id for session in after.membership.of_no_pool}
    lost = [one for one in before.membership.all_untagged if one.id in strangers]
    if lost:
        yield Finding(
            "sessions_orphaned",
            "pools",
            f"{_ids(lost)} lost the tag {POOL_TAG}, and would be no pool's: "
            f"{_going_on_costing(lost)}; give each its tag back first",
            is_gap=True,
        )


def _left_out(after: Placement, before: Placement) -> Iterator[Finding]:
    """Sessions that the policy in use names or finds and the new one does not: meant, perhaps."""
    left = [
        session
        for session in after.membership.of_no_pool
        if before.membership.is_ours(session) and POOL_TAG not in session.tags
    ]
    if any(session.source_ids for session in left):
        yield Finding(
            "sessions_left_out",
            "pools",
            f"{_ids(left)} would be no pool's: {_going_on_costing(left)}; delete them if that is "
            "meant",
        )


def _would_be_ineffective(pool: Pool, after: Placement, before: Placement) -> Iterator[Finding]:
    by_reason: dict[str, list[Session]] = {}
    for session in after.membership.sessions(pool.name):
        reason = becomes_ineffective(session, pool.name, after, before)
        if reason is not None:
            by_reason.setdefault(reason, []).append(session)
    for reason, sessions in sorted(by_reason.items()):
        yield Finding(
            "sessions_would_be_ineffective",
            f"pools.{pool.name}",
            f"{_ids(sessions)} would count as mirroring nothing ({reason}: {WHY[reason]}), and "
            f"{_sources(sessions)} there as not mirrored",
        )


def becomes_ineffective(
    session: Session, pool: str, after: Placement, before: Placement
) -> str | None:
    """Why a session of the pool would count as ineffective that counts as none now, or None."""
    if after is before:
        return None
    owners: Iterable[str | None] = before.membership.owners(session) or (None,)
    is_so_now = all(idle_because(session, before.effect(session, one)) for one in owners)
    return None if is_so_now else idle_because(session, after.effect(session, pool))


def _growth_ends(name: str, after: Placement) -> Iterator[Finding]:
    pool = after.policy.pools[name]
    made = [one for one in after.membership.sessions(name) if pool.made(one)]
    number = len(made) + len(after.membership.untagged(name))
    if pool.growth is not None and number > pool.growth.max_sessions:
        yield Finding(
            "growth_ends",
            f"pools.{name}.grow.max_sessions",
            f"it has made {number}, and may have {pool.growth.max_sessions}: those stay its "
            "sessions, and it makes no more",
        )


def _ids(sessions: Iterable[Session]) -> str:
    return listed(sorted(session.id for session in sessions))


def _sources(sessions: Iterable[Session]) -> str:
    number = sum(len(session.source_ids) for session in sessions)
    return f"{number} source{'' if number == 1 else 's'}"


def _going_on_costing(sessions: Iterable[Session]) -> str:
    return (
        f"{_sources(sessions)} there would go on costing, and what the policy wants of them would "
        "be mirrored a second time"
    )
