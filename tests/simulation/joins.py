"""Which sources came into a pool with their session, and are nobody's placement of ours.

Who gives a session the name by which a pool finds it, or a pool's tag, brings along what it holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .editions import Edition
from .sights import Mirror, Sight
from .truth import holds, untagged


@dataclass(slots=True)
class Joins:
    """Told of every sight in turn; `brought` are pairs of session and source."""

    editions: tuple[Edition, ...]
    brought: set[tuple[str, str]] = field(default_factory=set)
    _inside: dict[str, tuple[Mirror, bool]] = field(default_factory=dict)

    def note(self, sight: Sight) -> None:
        for session in sight.sessions.values():
            known = self._inside.get(session.id)
            if known is not None and _looks_alike(known[0], session):
                continue
            inside = self._is_inside(session, sight)
            if known is not None and inside and not known[1]:
                self.brought.update((session.id, source) for source in session.held)
            self._inside[session.id] = (session, inside)

    def _is_inside(self, session: Mirror, sight: Sight) -> bool:
        return any(self._belongs(session, edition, sight) for edition in self.editions)

    def _belongs(self, session: Mirror, edition: Edition, sight: Sight) -> bool:
        alone = sight._replace(sessions={session.id: session})
        return any(holds(pool, session) or untagged(pool, edition, alone) for pool in edition.pools)


def _looks_alike(one: Mirror, other: Mirror) -> bool:
    return one.name == other.name and one.priority == other.priority and one.tags == other.tags


def held_by(sessions: Iterable[Mirror], source: str) -> list[Mirror]:
    return [one for one in sessions if source in one.held]
