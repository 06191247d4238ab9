"""Looks at the world whenever a change of ours is accepted: it must have been right just then.

What is wrong for a while and right again after the storm would be seen by nobody else. Mirror may
go by what it read up to one bound before, so it is judged by every sight since then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from .editions import POOL_TAG, DrawnPool, Edition
from .findings import Finding
from .knowledge import is_held, pools_wanting
from .overlaps import Overlaps
from .scene import ADD, CREATE, REMOVE
from .sights import History, Sight
from .truth import POINTED_ELSEWHERE, counted, flaw, holds, sessions_of, unshown, wish

BOUND_S = 10.0
ON_THE_WAY_S = 1.5
"""A call may take that long to arrive, after the moment until which it may leave."""

TARGETS_S = 600.0
"""How old what is known of the targets of other pools may be: README's limits say so."""

SLOW_S = 60.0
"""How old what is known of filters, target interfaces and other pools may be."""


@dataclass(frozen=True, slots=True)
class Terms:
    """By what a run went: the policy and settings of its deployment, and how stale reads are."""

    edition: Edition
    acting: bool
    max_sources: int | None
    stale_s: float
    describes_stale_s: float
    capacity: int

    @property
    def oldest_s(self) -> float:
        """How old the state may be that a change was planned from, when it is accepted."""
        return BOUND_S + self.stale_s + ON_THE_WAY_S


@dataclass(slots=True)
class Audit:
    """`by_people_since` are pairs of session and source that people put there, after a moment.

    `joined_since` says whether a person changed what is in the pools after a moment.
    """

    history: History
    by_people_since: Callable[[float], set[tuple[str, str]]]
    joined_since: Callable[[float], bool]
    newest: Callable[[], Edition]
    broken: list[Finding] = field(default_factory=list)
    of_old_editions: set[tuple[str, str]] = field(default_factory=set)
    """Pairs placed by a version that was not the newest any more, and knew no better."""
    overlapping: set[tuple[str, str]] = field(default_factory=set)
    """Pairs placed a second time in the one way that README excepts."""

    def accepted(
        self,
        terms: Terms,
        action: str,
        parameters: Mapping[str, str],
        sources: Iterable[str],
        unseen: AbstractSet[str] = frozenset(),
    ) -> None:
        """A change of ours was accepted, and was no repetition; how it stands is the last sight.

        `unseen` are flaws that the cloud did not let the run see, though it asked.
        """
        now = next(iter(self.history.since(float("inf"))))
        asked = list(sources)
        session_id = parameters.get("TrafficMirrorSessionId", "")
        if not terms.acting:
            self._tell("unasked", f"{action} was sent by a run that was only to observe")
        if action == REMOVE:
            self._removed(terms, now, session_id, asked)
        elif action == ADD:
            self._added(terms, now, session_id, asked, unseen)
        elif action == CREATE:
            self._created(terms, now, parameters, asked, unseen)
        if action in {ADD, CREATE}:
            self._count(terms, now)
            self._twice(terms, now, _pairs(now, session_id, asked))
            if terms.edition != self.newest():
                self.of_old_editions.update(_pairs(now, session_id, asked))

    def _removed(self, terms: Terms, now: Sight, session_id: str, sources: list[str]) -> None:
        since = now.at - ON_THE_WAY_S - terms.describes_stale_s
        for one in sources:
            sights = self.history.since(since)
            if all(_is_attached(sight, one) for sight in sights):
                self._tell("removed", f"{one} was taken out of {session_id}, and exists")

    def _twice(self, terms: Terms, now: Sight, pairs: Iterable[tuple[str, str]]) -> None:
        """What its pool holds already must have been seen, unless the exception of README holds."""
        overlaps = Overlaps(self.history, now.at, terms.oldest_s, SLOW_S, terms.capacity)
        hidden = self._unshown(terms, now)
        for session_id, source in pairs:
            for pool in self._wished(terms, now, source):
                ours = {one.id for one in sessions_of(pool, terms.edition, now)}
                if session_id not in ours:
                    # It went to another pool that wanted it a moment ago: it is once in either.
                    continue
                beside = ours - {session_id}
                twins = [one for one in beside if source in now.sessions[one].held]
                if hidden.intersection(twins):
                    self.overlapping.add((session_id, source))
                    continue
                seen = [one for one in twins if overlaps.was_seen(pool, terms.edition, one, source)]
                if seen:
                    self._tell("twice", f"{source} was put into {session_id}, and was in {seen[0]}")
                elif overlaps.could_cross(pool, session_id, beside, source):
                    self.overlapping.add((session_id, source))

    def _wished(self, terms: Terms, now: Sight, source: str) -> list[DrawnPool]:
        """The pools that a source was wanted in while this change may have been planned."""
        sights = self.history.since(now.at - terms.oldest_s)
        wishes = (wish(terms.edition, sight, source).pool for sight in sights)
        return [*dict.fromkeys(pool for pool in wishes if pool is not None)]

    def _added(
        self,
        terms: Terms,
        now: Sight,
        session_id: str,
        sources: list[str],
        unseen: AbstractSet[str],
    ) -> None:
        since = now.at - terms.oldest_s
        recent, earlier = self._sights(since)
        for one in sources:
            wanting = pools_wanting(terms.edition, recent, earlier, one)
            if not any(is_held(pool, session_id, recent) for pool in wanting):
                why = wish(terms.edition, now, one)
                self._tell("unwanted", f"{one} was added to {session_id}: {_why(why.pool, why)}")
        flaws = [
            self._flaw(terms, sight, session_id, asked=sources)
            for sight in self.history.since(since)
        ]
        if all(one in POINTED_ELSEWHERE for one in flaws):
            self._tell("elsewhere", f"{sources} were added to {session_id}: {flaws[0]}")
        slow = self.history.since(since - SLOW_S)
        flaws = [self._flaw(terms, sight, session_id, asked=sources) for sight in slow]
        if all(one is not None and one not in POINTED_ELSEWHERE | unseen for one in flaws):
            self._tell("ineffective", f"{sources} were added to {session_id}: {flaws[0]}")

    def _sights(self, since: float) -> tuple[list[Sight], list[Sight]]:
        """What a run may go by, and by what of the targets of other pools."""
        recent = list(self.history.since(since))
        return recent, list(self.history.since(since - TARGETS_S))

    def _flaw(self, terms: Terms, sight: Sight, session_id: str, *, asked: list[str]) -> str | None:
        """Why the session mirrors nothing for the pool that wanted what was asked for."""
        session = sight.sessions.get(session_id)
        if session is None:
            return None
        wishes = {wish(terms.edition, sight, one).pool for one in asked}
        found = {flaw(pool, session, sight) for pool in wishes if pool and holds(pool, session)}
        return None if None in found else min(filter(None, found), default=None)

    def _created(
        self,
        terms: Terms,
        now: Sight,
        parameters: Mapping[str, str],
        asked: list[str],
        unseen: AbstractSet[str],
    ) -> None:
        since, pool = now.at - terms.oldest_s, parameters.get(pool_tag(parameters), "")
        recent, earlier = self._sights(since)
        for one in asked:
            wanting = pools_wanting(terms.edition, recent, earlier, one)
            if not any(pool in known.names for known in wanting):
                why = wish(terms.edition, now, one)
                self._tell("unwanted", f"{one} was created into {pool}: {_why(why.pool, why)}")
        priority = int(parameters["Priority"])
        made = next((one for one in now.sessions.values() if one.priority == priority), None)
        owner = next((one for one in terms.edition.pools if pool in one.names), None)
        if made is not None and owner is not None:
            of_pool = made._replace(tags={POOL_TAG: pool})
            flaws = [flaw(owner, of_pool, sight) for sight in self.history.since(since - SLOW_S)]
            if unseen.isdisjoint(flaws) and None not in flaws:
                self._tell("ineffective", f"{made.id} was made, and mirrors nothing: {flaws[0]}")

    def _count(self, terms: Terms, now: Sight) -> None:
        """At no moment do our changes bring the sources of the pools above the ceiling."""
        lately = now.at - SLOW_S - BOUND_S - terms.stale_s
        if terms.max_sources is None or self.joined_since(lately):
            return
        theirs = self.by_people_since(lately)
        hidden = self._unshown(terms, now)
        ours = [one for one in counted(terms.edition, now) if one.id not in hidden]
        count = sum((one.id, source) not in theirs for one in ours for source in one.held)
        if count > terms.max_sources:
            self._tell("ceiling", f"{count} sources under a ceiling of {terms.max_sources}")

    def _unshown(self, terms: Terms, now: Sight) -> frozenset[str]:
        """The sessions that a run may not have been shown."""
        sights = self.history.since(now.at - terms.oldest_s)
        return frozenset().union(*(unshown(terms.edition, sight) for sight in sights))

    def _tell(self, kind: str, sentence: str) -> None:
        self.broken.append(Finding(kind, sentence))


def _is_attached(sight: Sight, network_interface_id: str) -> bool:
    card = sight.cards.get(network_interface_id)
    return card is not None and card.instance is not None


def _pairs(now: Sight, session_id: str, sources: list[str]) -> Iterable[tuple[str, str]]:
    return (
        (one.id, source)
        for one in now.sessions.values()
        for source in sources
        if source in one.pending and session_id in {"", one.id}
    )


def _why(pool: DrawnPool | None, why: object) -> str:
    return f"{why}" if pool is None else f"it is wanted in {pool.name}"


def pool_tag(parameters: Mapping[str, str]) -> str:
    """The name of the parameter that holds the value of the tag of pools."""
    key = next((name for name, text in parameters.items() if text == POOL_TAG), "")
    return key.replace(".Key", ".Value")
