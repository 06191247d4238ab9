"""A lost race makes no batch small for good: what can go together, goes together in later runs.

Where somebody takes a seat between a look and a call of several, the call is refused as if the
session were full, and its sources are asked for one by one. That says nothing of later calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .audit import BOUND_S, ON_THE_WAY_S, Terms
from .sights import Card, History, Mirror, Sight
from .truth import IN_USE, counted, holds, wish

FULL = "QuotaExceeded.SourceNumPerSession"
OLD_S = 720.0


@dataclass(slots=True)
class Races:
    """Of one instance: whether it lost a race, and may not have learned anything from it.

    `left` are those of the call that was refused who did not pass alone since: if all do, the
    instance may well believe that the call was too long.
    """

    lost_at: float = float("inf")
    left: set[tuple[str, str]] = field(default_factory=set)
    misled: bool = False

    def lost(self, session_id: str, sources: Iterable[str], now: float) -> None:
        self.lost_at = min(self.lost_at, now)
        self.left = {(session_id, one) for one in sources}

    def passed(self, session_id: str, source: str) -> None:
        if self.left and not self.left - {(session_id, source)}:
            self.misled = True
        self.left.discard((session_id, source))


@dataclass(slots=True)
class Batches:
    """Of one run of an instance; `asked_for` are the interfaces that it was given, in two parts.

    Those that somebody wants mirrored do not wait for those that a record of a change tells of,
    which are looked at once it is known what became of their session.
    """

    history: History
    terms: Terms
    races: Races
    began: float
    asked_for: tuple[frozenset[str], ...]
    capacity: int
    several: bool
    """Whether both the setting and the cloud allow calls of several."""

    _alone: list[tuple[float, str, str]] = field(default_factory=list)
    _touched: set[str] = field(default_factory=set)
    _tokens: set[str] = field(default_factory=set)

    def refused(self, code: str, session_id: str, sources: tuple[str, ...], now: float) -> None:
        self._touched.update(sources)
        if code == FULL and len(sources) > 1:
            self.races.lost(session_id, sources, now)

    def accepted(self, session_id: str, sources: tuple[str, ...]) -> None:
        if len(sources) == 1:
            self.races.passed(session_id, sources[0])

    def sent(
        self, session_id: str, sources: tuple[str, ...], token: str, now: float
    ) -> Iterator[str]:
        """A sentence for whom an earlier call of this run left behind without need."""
        is_first = token not in self._tokens
        self._tokens.add(token)
        if len(sources) == 1 and is_first and self._applies:
            (source,) = sources
            for at, session, other in self._alone:
                if session == session_id and self._could_share(session, other, source, at):
                    yield f"{source} went to {session} after {other}, and could have gone with it"
                    break
            if source not in self._touched:
                self._alone.append((now, session_id, source))
        self._touched.update(sources)

    @property
    def _applies(self) -> bool:
        lost_before = self.races.lost_at + BOUND_S < self.began
        free = self.terms.max_sources is None and not self.races.misled
        return self.several and lost_before and free

    def _could_share(self, session_id: str, first: str, second: str, at: float) -> bool:
        together = any({first, second} <= part for part in self.asked_for)
        if second in self._touched or not together:
            return False
        since = at - BOUND_S - self.terms.stale_s - ON_THE_WAY_S
        sights = [sight for sight in self.history.since(since) if sight.at <= at]
        return bool(sights) and all(
            self._is_open(sight, session_id) and self._is_waiting(sight, session_id, second)
            for sight in sights
        )

    def _is_open(self, sight: Sight, session_id: str) -> bool:
        """The only session of its pools, without any doubt and with room for two."""
        session = sight.sessions.get(session_id)
        if session is None or len(session.held) + 2 > self.capacity:
            return False
        pools = [pool for pool in self.terms.edition.pools if holds(pool, session)]
        beside = [
            one
            for one in counted(self.terms.edition, sight)
            if any(holds(pool, one) for pool in pools)
        ]
        return beside == [session] and _is_settled(session, sight.at)

    def _is_waiting(self, sight: Sight, session_id: str, source: str) -> bool:
        card: Card | None = sight.cards.get(source)
        pool = wish(self.terms.edition, sight, source).pool
        return (
            card is not None
            and card.status == IN_USE
            and pool is not None
            and holds(pool, sight.sessions[session_id])
            and not any(source in one.held for one in sight.sessions.values())
        )


def _is_settled(session: Mirror, now: float) -> bool:
    is_old = now - session.created > OLD_S
    return session.status == "Created" and session.enabled and not session.is_locked and is_old
