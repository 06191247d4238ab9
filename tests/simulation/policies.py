"""Draws the policy of a storm, and what is deployed in the middle of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from tests.worlds import eni, tms

from .editions import DrawnPool, Edition, Grow

FILTER, OTHER_FILTER = "tmf-j6c00000000000000001", "tmf-j6c00000000000000002"
BALANCERS = ("lb-j6c00000000000000001", "lb-j6c00000000000000002")
SENSOR_CARDS = (eni(90), eni(92))
"""Interfaces of two sensors; the next number is the second interface of the same sensor."""

POOLS = ("fixed", "found", "grown")
LOWEST_GROWN, HIGHEST_GROWN = 1000, 1020
BESIDE_S = 60.0


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is in force from a moment of the storm on, in seconds from its beginning.

    For `beside_s` after it, instances of the deployment before go on beside it.
    """

    edition: Edition
    mode: str = "act"
    allow_growth: bool = True
    max_sources: int | None = None
    calls_per_minute: float = 1e9
    at_s: float = 0.0
    beside_s: float = 0.0


def draw_edition(chance: Random, fixed: int, *, pins: bool) -> Edition:
    """A policy of three pools, one of each kind; `pins` lets it say what sessions must be like."""
    on_interfaces = chance.random() < 0.4
    kind = "NetworkInterface" if on_interfaces else "SLB"
    ends = SENSOR_CARDS if on_interfaces else BALANCERS
    targets = tuple((one, kind) for one in ends[: chance.choice((1, 2, 2))])
    grow = Grow(
        filter=FILTER,
        targets=targets,
        first=LOWEST_GROWN,
        last=HIGHEST_GROWN,
        max_sessions=chance.choice((1, 2, 20)),
        name="grown",
    )
    named = tuple(tms(number) for number in range(1, fixed + 1))
    pools = (
        DrawnPool("fixed", "fixed", sessions=named),
        DrawnPool("found", "found", prefix="found-"),
        DrawnPool("grown", "grown", grow=grow),
    )
    return Edition(tuple(_pinned(pool, chance) for pool in pools) if pins else pools)


def _pinned(pool: DrawnPool, chance: Random) -> DrawnPool:
    return replace(
        pool,
        targets=() if pool.grow or chance.random() < 0.5 else BALANCERS[:1],
        filter=FILTER if chance.random() < 0.3 else None,
        directions=chance.choice(((), (), ("ingress",), ("ingress", "egress"))),
    )


def draw_deployments(
    chance: Random, first: Deployment, storm_s: float, *, pins: bool
) -> tuple[Deployment, ...]:
    """The first, and perhaps another in the middle; observing or pausing ends before the storm."""
    at_s = chance.uniform(0.2, 0.6) * storm_s
    beside_s = chance.choice((0.0, BESIDE_S))
    changes: list[Callable[[], Deployment]] = [
        lambda: replace(first, edition=_renamed(first.edition, known=pins)),
        lambda: replace(first, edition=_lowered(first.edition)),
        lambda: replace(first, edition=_retargeted(first.edition)),
        lambda: replace(first, edition=replace(first.edition, opted_out=("off", "no"))),
        lambda: replace(first, mode=chance.choice(("observe", "paused"))),
        lambda: replace(first, allow_growth=not first.allow_growth),
        lambda: replace(first, calls_per_minute=60.0),
        lambda: replace(first, max_sources=_another_ceiling(first.max_sources, chance)),
    ]
    if chance.random() < 0.6:
        return (first,)
    second = replace(chance.choice(changes)(), at_s=at_s, beside_s=beside_s)
    if second.mode == "act":
        return (first, second)
    last = replace(first, at_s=at_s + chance.uniform(30.0, 120.0), beside_s=beside_s)
    return (first, second, last)


def _another_ceiling(max_sources: int | None, chance: Random) -> int | None:
    """Lower or higher; where there is none, there is none: another would be passed already."""
    return None if max_sources is None else max(1, max_sources + chance.choice((-4, 4)))


def _grown(edition: Edition, change: Callable[[DrawnPool], DrawnPool]) -> Edition:
    pools = tuple(change(pool) if pool.grow is not None else pool for pool in edition.pools)
    return replace(edition, pools=pools)


def _renamed(edition: Edition, *, known: bool) -> Edition:
    """The pool that grows gets another name, and says which it had, where that can be said."""
    was = ("grown",) if known else ()
    return _grown(edition, lambda pool: replace(pool, name="bigger", was=was))


def _lowered(edition: Edition) -> Edition:
    def one_session(pool: DrawnPool) -> DrawnPool:
        grow = pool.grow
        return pool if grow is None else replace(pool, grow=replace(grow, max_sessions=1))

    return _grown(edition, one_session)


def _retargeted(edition: Edition) -> Edition:
    def elsewhere(pool: DrawnPool) -> DrawnPool:
        grow = pool.grow
        if grow is None:
            return pool
        targets = grow.targets[1:] or ((BALANCERS[1], "SLB"),)
        return replace(pool, grow=replace(grow, targets=targets))

    return _grown(edition, elsewhere)
