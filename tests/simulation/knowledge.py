"""Where a run may have taken an interface to belong, by what it may have read of the world.

Interfaces, instances and sessions are read by calls of their own, so no two facts need have been
true at one moment: each is judged by itself, by every sight since the oldest that a run may go by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from .editions import DrawnPool, Edition
from .sights import Card, Machine, Sight
from .truth import NOTHING, decided, holds, receivers

Fact = TypeVar("Fact")


def pools_wanting(
    edition: Edition, recent: Sequence[Sight], earlier: Sequence[Sight], source: str
) -> Iterator[DrawnPool]:
    """The pools that the policy may have wanted it in, by `recent` sights.

    What other pools mirror to may be known from `earlier` ones.
    """
    for card, machine in _facts(recent, source):
        pool = decided(edition, card, machine, NOTHING).pool
        if pool is None:
            continue
        others = [one for one in edition.pools if one != pool]
        by_its_own = _is_spared(edition, [pool], recent, card)
        if by_its_own and _is_spared(edition, others, (*recent, *earlier), card):
            yield pool


def is_held(pool: DrawnPool, session_id: str, recent: Iterable[Sight]) -> bool:
    """Whether the session was the pool's in one of these sights."""
    found = (sight.sessions.get(session_id) for sight in recent)
    return any(one is not None and holds(pool, one) for one in found)


def _facts(recent: Sequence[Sight], source: str) -> Iterator[tuple[Card, Machine | None]]:
    """What it was, with what its instance was at the same or another moment."""
    cards = [one for sight in recent if (one := sight.cards.get(source)) is not None]
    for card in _different(cards):
        for machine in _different(sight.machine_of(card) for sight in recent):
            yield card, machine


def _is_spared(
    edition: Edition, pools: Sequence[DrawnPool], sights: Iterable[Sight], card: Card
) -> bool:
    """Whether in one of these sights the pools did not mirror to it nor to its instance."""
    return any(not receivers(edition, pools, sight).has(card) for sight in sights)


def _different(found: Iterable[Fact]) -> list[Fact]:
    """Each of them once; what they consist of cannot be hashed."""
    once: list[Fact] = []
    for one in found:
        if one not in once:
            once.append(one)
    return once
