"""Holds what mirror did, and said of it, against the oracle and the world as it was left.

Who gets which seat when many want the same is not foreseen: several calls compete. But nobody may
have passed a place that was still free in the end, nor be anywhere that mirrors nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile

from .answers import Answers
from .facts import POOL_TAG
from .oracle import IMPOSSIBLE, Oracle, Truth
from .places import new_of
from .verdicts import Disagreement
from .words import PLACED, REFUSED, UNTOLD, Said, of_mirror

WHO = "mirror"


def of_acts(oracle: Oracle, answers: Answers) -> Iterator[Disagreement]:
    """What became of everybody who asked, and of the world."""
    acts = _Acts(oracle, answers)
    for truth in oracle.truths.values():
        if truth.asks and truth.id in answers.asked_for:
            yield from acts.of(truth, of_mirror(answers.done.get(truth.id)))
    yield from acts.of_the_world()


@dataclass(frozen=True)
class _Acts:
    oracle: Oracle
    answers: Answers

    @cached_property
    def added(self) -> dict[str, set[str]]:
        """By interface, the sessions that list it now and did not before."""
        found: dict[str, set[str]] = {}
        for session, sources in self.answers.after.items():
            for source in set(sources) - set(self.answers.before.get(session, ())):
                found.setdefault(source, set()).add(session)
        return found

    @cached_property
    def given(self) -> Counter[str]:
        """Seats that were given, as the oracle counts them."""
        given: Counter[str] = Counter()
        for sessions in self.added.values():
            for session in sessions:
                tags = self.answers.made.get(session)
                given[session if tags is None else new_of(tags.get(POOL_TAG, ""))] += 1
        return given

    def of(self, truth: Truth, said: Said) -> Iterator[Disagreement]:
        """What mirror says of one who asked, and where it is."""
        if said.kind == PLACED:
            yield from self._placed(truth, said)
        elif said.kind == IMPOSSIBLE:
            yield from self._not_placed(truth, said)
        elif said.kind == REFUSED:
            if not self._may_be_refused(truth):
                yield Disagreement(WHO, truth.id, "the service takes it", str(said))
        elif said.kind != UNTOLD or not self._may_be_untold(truth):
            right = "placed, or told why not"
            yield Disagreement(WHO, truth.id, right, str(Said(said.kind, said.reason)))

    def _may_be_refused(self, truth: Truth) -> bool:
        pool = truth.eligibility.pool or ""
        places = self.oracle.places
        return truth.is_refused or bool(places.absent(pool)) or places.refuses_growth(pool)

    def _may_be_untold(self, truth: Truth) -> bool:
        """Filters are hidden; or it waits behind one whose refusal may pass, as patience has it."""
        pool = truth.eligibility.pool
        beside = (one for one in self.oracle.truths.values() if one.eligibility.pool == pool)
        return "filters" in self.oracle.world.hidden or any(map(self._may_be_refused, beside))

    def _placed(self, truth: Truth, said: Said) -> Iterator[Disagreement]:
        session = said.session or ""
        if truth.is_refused:
            yield Disagreement(WHO, truth.id, "the service refuses it", "mirrored")
        if session not in self.added.get(truth.id, ()):
            yield Disagreement(WHO, truth.id, "not added there", "mirrored there")
        elif session in self.answers.made:
            if self.answers.made[session].get(POOL_TAG) != truth.eligibility.pool:
                yield Disagreement(WHO, truth.id, "made for its pool", "mirrored in another")
        elif session not in truth.order:
            yield Disagreement(WHO, truth.id, "a session of its pool", "mirrored in another")
        elif self.oracle.places.is_useless(session):
            yield Disagreement(WHO, truth.id, "no place, it mirrors nothing", "mirrored")
        if any(self._is_open(one) for one in takewhile(lambda o: o != session, truth.order)):
            yield Disagreement(WHO, truth.id, "an earlier session has room", "mirrored")

    def _is_open(self, session: str) -> bool:
        places = self.oracle.places
        if session not in self.oracle.sessions.by_id or places.is_useless(session):
            return False
        return not places.is_full(session, self.given)

    def _not_placed(self, truth: Truth, said: Said) -> Iterator[Disagreement]:
        pool = truth.eligibility.pool or ""
        # One that is not listed was asked, and is not there, and so were numbers that a stranger
        # has; but for the ceiling nobody asks.
        none = Counter(dict.fromkeys(self.oracle.places.absent(pool), 10**6))
        right = {
            places.reason_of(pool, seats) or places.over(self.given) or "there is a place"
            for seats in (self.given, self.given + none)
            for places in (self.oracle.places, self.oracle.places_for_mirror)
        }
        if said.reason not in right:
            yield Disagreement(WHO, truth.id, " or ".join(sorted(right)), str(said))

    def of_the_world(self) -> Iterator[Disagreement]:
        """Nothing is taken out, nobody is added unasked, nor twice."""
        for session, sources in self.answers.before.items():
            if not set(sources) <= set(self.answers.after.get(session, ())):
                yield Disagreement(WHO, session, "nothing is taken out", "sources are gone")
        for interface, sessions in self.added.items():
            truth = self.oracle.truths.get(interface)
            if truth is None or not truth.asks:
                why = "unknown" if truth is None else truth.eligibility.reason
                right = f"not to be added ({'listed' if truth and truth.listing else why})"
                yield Disagreement(WHO, interface, right, "added")
            elif len(sessions) > 1:
                yield Disagreement(WHO, interface, "added once", "added twice")
