"""What the policy wants and what a session does, by README's words and a sight of the world.

This is the judge's own reading of the promises. It takes nothing from the product: where both
make the same mistake, nobody would see it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .editions import POOL_TAG, SENSOR, DrawnPool, Edition
from .sights import Card, Machine, Mirror, Sight

NETWORK_INTERFACE = "NetworkInterface"
IN_USE = "InUse"
POINTED_ELSEWHERE = frozenset(
    {"session_locked", "session_disabled", "wrong_target", "wrong_filter"}
)
"""Flaws that a session's own attributes show; the others stand in filters and interfaces."""


class Wish(NamedTuple):
    """The pool that an interface is wanted in, or None and why not."""

    pool: DrawnPool | None
    reason: str


def is_made(pool: DrawnPool, session: Mirror) -> bool:
    """Whether a session is one that the pool made: its tag alone says it."""
    return bool(pool.grow or pool.was) and session.tags.get(POOL_TAG) in pool.names


def holds(pool: DrawnPool, session: Mirror) -> bool:
    return (
        session.id in pool.sessions
        or (pool.prefix is not None and session.name.startswith(pool.prefix))
        or is_made(pool, session)
    )


def members(pool: DrawnPool, sight: Sight) -> list[Mirror]:
    return [one for one in sight.sessions.values() if holds(pool, one)]


def of_pools(edition: Edition, sight: Sight) -> list[Mirror]:
    """The sessions of all pools."""
    found = sight.sessions.values()
    return [one for one in found if any(holds(pool, one) for pool in edition.pools)]


def untagged(pool: DrawnPool, edition: Edition, sight: Sight) -> list[Mirror]:
    """Sessions inside the pool's fence whose tag was taken off."""
    grow = pool.grow
    if grow is None:
        return []
    return [
        one
        for one in sight.sessions.values()
        if POOL_TAG not in one.tags
        and grow.first <= one.priority <= grow.last
        and one.name == f"{grow.name}-{one.priority - grow.first}"
        and not any(holds(other, one) for other in edition.pools)
    ]


def unshown(edition: Edition, sight: Sight) -> frozenset[str]:
    """Sessions that lost their tag and got another filter.

    No query of one pool shows them, so mirror does not see them: README's limits say so.
    """
    return frozenset(
        one.id
        for pool in edition.pools
        for one in untagged(pool, edition, sight)
        if pool.grow is not None and one.filter != pool.grow.filter
    )


def sessions_of(pool: DrawnPool, edition: Edition, sight: Sight) -> list[Mirror]:
    """The sessions of a pool, those that lost its tag too."""
    return [*members(pool, sight), *untagged(pool, edition, sight)]


def counted(edition: Edition, sight: Sight) -> list[Mirror]:
    """The sessions whose sources count for the policy: of all pools, those without a tag too."""
    lost = [one for pool in edition.pools for one in untagged(pool, edition, sight)]
    return [*of_pools(edition, sight), *lost]


def of_unknown_pool(edition: Edition, sight: Sight) -> list[Mirror]:
    """Sessions with the tag of a pool that the policy does not have."""
    known = {name for pool in edition.pools if pool.grow or pool.was for name in pool.names}
    return [
        one
        for one in sight.sessions.values()
        if POOL_TAG in one.tags
        and one.tags[POOL_TAG] not in known
        and not any(holds(pool, one) for pool in edition.pools)
    ]


class Receivers(NamedTuple):
    """What mirrored traffic arrives at: interfaces, and the instances that they are on."""

    interfaces: frozenset[str]
    instances: frozenset[str]

    def has(self, card: Card) -> bool:
        return card.id in self.interfaces or card.instance in self.instances


NOTHING = Receivers(frozenset(), frozenset())


def wish(edition: Edition, sight: Sight, network_interface_id: str) -> Wish:
    """Where the policy wants an interface that is in use."""
    card = sight.cards.get(network_interface_id)
    if card is None:
        return Wish(None, "not_attached")
    receiving = receivers(edition, edition.pools, sight)
    return decided(edition, card, sight.machine_of(card), receiving)


def decided(edition: Edition, card: Card, machine: Machine | None, receiving: Receivers) -> Wish:
    """The same of an interface that is so, on an instance that is so."""
    if card.status != IN_USE:
        return Wish(None, "not_attached")
    safeguard = _safeguard(edition, card, machine, receiving)
    return Wish(None, safeguard) if safeguard is not None else _by_rule(edition, card, machine)


def _safeguard(
    edition: Edition, card: Card, machine: Machine | None, receiving: Receivers
) -> str | None:
    if card.service_managed:
        return "service_managed"
    if edition.members == "skip" and (card.type in {"Trunk", "Member"} or card.trunk):
        return "trunk_or_member_interface"
    if receiving.has(card):
        return "target_instance"
    if machine is None:
        return "instance_unknown"
    return "sensor" if machine.tags.get(SENSOR[0]) == SENSOR[1] else None


def receivers(edition: Edition, pools: Iterable[DrawnPool], sight: Sight) -> Receivers:
    """What the policy names as targets, and what the sessions of these pools mirror to."""
    found = {one for pool in edition.pools for one in pool.targets if one.startswith("eni-")}
    for pool in edition.pools:
        if pool.grow is not None:
            found.update(one for one, kind in pool.grow.targets if kind == NETWORK_INTERFACE)
    ours = [one for pool in pools for one in members(pool, sight)]
    found.update(one.target for one in ours if one.target_type != "SLB")
    behind = {sight.cards[one].instance for one in found if one in sight.cards}
    return Receivers(frozenset(found), frozenset(one for one in behind if one is not None))


def _by_rule(edition: Edition, card: Card, machine: Machine | None) -> Wish:
    if card.tags.get("mirror") in edition.opted_out:
        return Wish(None, "excluded_by_rule")
    tags = {card.tags.get("pool"), None if machine is None else machine.tags.get("pool")}
    for pool in edition.pools:
        if pool.tag in tags:
            return Wish(pool, "placed_by_rule")
    return Wish(None, "excluded_by_default")


def flaw(pool: DrawnPool, session: Mirror, sight: Sight) -> str | None:
    """Why a session of this pool mirrors nothing that it lists; None: it mirrors."""
    if session.is_locked:
        return "session_locked"
    if not session.enabled:
        return "session_disabled"
    grow = pool.grow if is_made(pool, session) else None
    targets = pool.allowed_targets or {one for one, _ in (grow.targets if grow else ())}
    if targets and session.target not in targets:
        return "wrong_target"
    wanted = pool.filter or (grow.filter if grow else None)
    if wanted is not None and session.filter != wanted:
        return "wrong_filter"
    return _flaw_beside(pool, session, sight)


def _flaw_beside(pool: DrawnPool, session: Mirror, sight: Sight) -> str | None:
    if session.target_type != "SLB":
        target = sight.cards.get(session.target)
        if target is None or target.status != IN_USE:
            return "target_gone"
        machine = sight.machine_of(target)
        if machine is None or machine.status != "Running":
            return "target_not_running"
    accepting = sight.accepting.get(session.filter, frozenset())
    if not accepting or not accepting.issuperset(pool.directions):
        return "filter_accepts_nothing"
    return None
