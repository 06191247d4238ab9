"""Which sources came into a pool with their session, and are nobody's placement of ours.

Who gives a session the name by which a pool finds it, or a pool's tag, brings along what it holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .editions import Edition
from .sights import Mirror, Sight
from .truth import sessions_of

Brought = tuple[str, str, str]
"""A pool by its name, a session and a source."""


@dataclass(slots=True)
class Joins:
    """Told of every sight in turn; `brought` says what came into which pool with its session.

    Who is in one pool may come into another as well, or leave it and come back.
    """

    editions: tuple[Edition, ...]
    brought: set[Brought] = field(default_factory=set)
    _inside: dict[str, tuple[Mirror, frozenset[str]]] = field(default_factory=dict)

    def note(self, sight: Sight) -> None:
        for session in sight.sessions.values():
            known = self._inside.get(session.id)
            if known is not None and _looks_alike(known[0], session):
                continue
            inside = self._pools_of(session, sight)
            if known is not None:
                joined = inside - known[1]
                self.brought.update((one, session.id, i) for one in joined for i in session.held)
            self._inside[session.id] = (session, inside)

    def _pools_of(self, session: Mirror, sight: Sight) -> frozenset[str]:
        alone = sight._replace(sessions={session.id: session})
        return frozenset(
            pool.name
            for edition in self.editions
            for pool in edition.pools
            if sessions_of(pool, edition, alone)
        )


def _looks_alike(one: Mirror, other: Mirror) -> bool:
    return one.name == other.name and one.priority == other.priority and one.tags == other.tags


def held_by(sessions: Iterable[Mirror], source: str) -> list[Mirror]:
    return [one for one in sessions if source in one.held]
