"""A deferral told in the middle of a storm was true when it was told, or a moment before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .audit import BOUND_S, ON_THE_WAY_S, SLOW_S
from .editions import Edition
from .findings import Finding
from .policies import Deployment
from .scene import Scene
from .sights import History, Sight
from .standing import Bookkeeper
from .truth import counted

TOLD_OF_THE_POOL = frozenset(
    {
        "pool_full",
        "pool_empty",
        "no_session_mirrors",
        "growth_not_allowed",
        "sessions_not_listed",
        "ceiling_reached",
    }
)
"""Reasons that the world confirms or not; others are the service's own words."""

Told = Mapping[str, Any]


def untrue(
    outcomes: Iterable[Told], deployment: Deployment, history: History, since: float, scene: Scene
) -> Iterator[Finding]:
    """Deferrals of a run that began at `since` for which nothing spoke at any moment of it.

    Those of runs and wishes that only ask are promises shared out among all who ask at once.
    """
    if deployment.mode != "act":
        return
    recent = list(history.since(since - BOUND_S - scene.stale_s - ON_THE_WAY_S))
    slow = list(history.since(recent[-1].at - SLOW_S))
    for one in outcomes:
        if one["outcome"] != "deferred" or one["reason"] not in TOLD_OF_THE_POOL:
            continue
        if not any(_confirms(deployment, sight, one, scene) for sight in _mixed(recent, slow)):
            source, reason = one["network_interface_id"], one["reason"]
            yield Finding("deferral", f"{source} was told {reason}, which was at no moment so")


def _mixed(recent: Sequence[Sight], slow: Sequence[Sight]) -> Iterator[Sight]:
    """What a run may have gone by: filters, targets and other pools may be known from before."""
    yield from slow
    for sight in recent:
        for old in slow:
            yield sight._replace(cards=old.cards, machines=old.machines, accepting=old.accepting)


def _confirms(deployment: Deployment, sight: Sight, told: Told, scene: Scene) -> bool:
    return any(
        told["reason"]
        in Bookkeeper(deployment, seen, scene.capacity, scene.limits).reasons_in(told["pool"])
        for seen in (sight, _as_shown(deployment.edition, sight))
    )


def _as_shown(edition: Edition, sight: Sight) -> Sight:
    """Without strangers' sessions that mirror need not see: README's limits say so."""
    ours = {one.id for one in counted(edition, sight)}
    filters = {pool.grow.filter for pool in edition.pools if pool.grow is not None}
    shown = {i: one for i, one in sight.sessions.items() if i in ours or one.filter in filters}
    return sight._replace(sessions=shown)
