"""Holds what is said of each interface against the oracle, and each answer against the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .answers import Answers
from .judging_acts import of_acts
from .judging_coverage import of_coverage_numbers
from .judging_plan import of_plan
from .judging_steps import of_steps
from .oracle import (
    EXCLUDED,
    IMPOSSIBLE,
    INEFFECTIVE,
    MIRRORED,
    UNATTACHED,
    UNDECIDED,
    Oracle,
    Truth,
)
from .verdicts import Disagreement
from .words import PLACED, UNLISTED, UNTOLD, Said, of_coverage, of_explain, of_mirror
from .worlds import World

ONLY_COUNTED = {MIRRORED, EXCLUDED, UNATTACHED}
NOT_FOR_MIRROR = {"in_three_sessions"}
"""Mirror reads no session of nobody's pool before the service refuses to add to them."""
FILTERS_NOT_VISIBLE = "filters_not_visible"


def judge(world: World, answers: Answers) -> list[Disagreement]:
    """Everything that is not as it should be."""
    oracle = Oracle(world)
    interfaces = _Interfaces(oracle, answers, of_coverage(answers.coverage))
    return [
        *(one for truth in oracle.truths.values() for one in interfaces.of(truth)),
        *of_coverage_numbers(oracle, answers),
        *of_plan(oracle, answers),
        *of_acts(oracle, answers),
    ]


def why_excluded(truth: Truth) -> str:
    """A rule by its name, anything else by its word."""
    return truth.eligibility.rule or truth.eligibility.reason


@dataclass(frozen=True)
class _Interfaces:
    oracle: Oracle
    answers: Answers
    listed: dict[str, Said] = field(default_factory=dict)

    def of(self, truth: Truth) -> Iterator[Disagreement]:
        """What is wrong with what is said of one interface."""
        told = self.answers.explained.get(truth.id)
        if told is None:
            yield self._wrong("explain", truth, "it is explained", "nothing")
            return
        covered = self.listed.get(truth.id, Said(UNLISTED))
        explained = of_explain(told)
        rehearsed = of_mirror(self.answers.rehearsed.get(truth.id))
        yield from self._coverage(truth, covered)
        yield from self._explain(truth, explained)
        if truth.is_attached:
            yield from of_steps(truth, told, explained)
        if truth.id in self.answers.asked_for:
            yield from self._mirror("mirror's dry run", truth, rehearsed)
            yield from self._mirror("mirror", truth, of_mirror(self.answers.done.get(truth.id)))
        if truth.asks and truth.id in self.answers.asked_for:
            yield from self._rehearsal(truth, rehearsed)
            yield from self._between(truth, covered, explained, rehearsed)

    def _coverage(self, truth: Truth, said: Said) -> Iterator[Disagreement]:
        if said.kind != (UNLISTED if truth.kind in ONLY_COUNTED else truth.kind):
            yield self._wrong("coverage", truth, truth.kind, said.kind)
        if said.session is not None and said.session not in truth.claims:
            yield self._wrong("coverage", truth, "claimed by another session", "this one")

    def _explain(self, truth: Truth, said: Said) -> Iterator[Disagreement]:
        if said.kind == UNTOLD and said.reason == FILTERS_NOT_VISIBLE:
            yield from self._untold("explain", truth)
        elif said.kind != truth.kind:
            yield self._wrong("explain", truth, truth.kind, str(said))
        elif said.kind == EXCLUDED and said.reason != why_excluded(truth):
            right = f"excluded by {truth.eligibility.reason}"
            yield self._wrong("explain", truth, right, _word(said.reason))
        elif said.kind == IMPOSSIBLE and said.reason != truth.reason:
            yield self._wrong("explain", truth, str(truth.reason), str(said))
        elif said.kind == INEFFECTIVE and said.reason is not None:
            yield from self._flaw("explain", truth, said)

    def _untold(self, who: str, truth: Truth) -> Iterator[Disagreement]:
        if "filters" not in self.oracle.world.hidden:
            yield self._wrong(who, truth, "filters can be seen", "they cannot")

    def _mirror(self, who: str, truth: Truth, said: Said) -> Iterator[Disagreement]:
        """What does not hang on who else asks."""
        if not truth.is_attached:
            yield from self._unattached(who, truth, said)
        elif not truth.asks:
            yield from self._settled(who, truth, said)

    def _unattached(self, who: str, truth: Truth, said: Said) -> Iterator[Disagreement]:
        """Whether it is wanted and whether it is attached are two answers, and both are right."""
        right = {UNATTACHED, *({MIRRORED, INEFFECTIVE, UNTOLD} if truth.listing else ())}
        if truth.eligibility.pool is None:
            right.add(UNDECIDED if truth.eligibility.is_undecided else EXCLUDED)
        if truth.interface["status"] == "Attaching":
            right.add(UNTOLD)  # it is waited for, and handed on
        if said.kind not in right:
            yield self._wrong(who, truth, _either(right), str(said))

    def _settled(self, who: str, truth: Truth, said: Said) -> Iterator[Disagreement]:
        if truth.listing:
            yield from self._listed(who, truth, said)
        elif said.kind != truth.kind:
            yield self._wrong(who, truth, truth.kind, str(said))
        elif said.kind == EXCLUDED and said.reason != why_excluded(truth):
            right = f"excluded by {truth.eligibility.reason}"
            yield self._wrong(who, truth, right, _word(said.reason))

    def _listed(self, who: str, truth: Truth, said: Said) -> Iterator[Disagreement]:
        if truth.kind == MIRRORED and "filters" in self.oracle.world.hidden:
            if (said.kind, said.reason) != (UNTOLD, FILTERS_NOT_VISIBLE):
                yield self._wrong(who, truth, f"cannot be told, {FILTERS_NOT_VISIBLE}", said.kind)
        elif said.kind != truth.kind:
            because = ", ".join(sorted({str(flaw) for flaw in truth.listing.values()}))
            right = f"{truth.kind} ({because})"
            yield self._wrong(who, truth, right, _without_session(said))
        else:
            yield from self._flaw(who, truth, said)

    def _flaw(self, who: str, truth: Truth, said: Said) -> Iterator[Disagreement]:
        """A session that lists it, and what is the matter with that session."""
        if said.session is not None and said.session not in truth.listing:
            yield self._wrong(who, truth, "it is listed elsewhere", "here")
        flaws = {flaw for one, flaw in truth.listing.items() if said.session in {None, one}}
        if (said.reason if said.kind == INEFFECTIVE else None) not in flaws:
            yield self._wrong(who, truth, _either(map(str, flaws)), _without_session(said))

    def _rehearsal(self, truth: Truth, said: Said) -> Iterator[Disagreement]:
        given = self.oracle.given[truth.id]
        for one in (given, self.oracle.given_by_all[truth.id]):
            if said.kind == PLACED and said.session == one.place:
                return
            if said.kind == IMPOSSIBLE and said.reason == one.reason:
                return
        right = given.reason or "another place"
        yield self._wrong("mirror's dry run", truth, right, _without_session(said))

    def _between(
        self, truth: Truth, covered: Said, explained: Said, rehearsed: Said
    ) -> Iterator[Disagreement]:
        """Each holds against the others, whatever the oracle says."""
        if explained.kind != covered.kind:
            yield self._wrong("explain", truth, f"coverage says {covered.kind}", explained.kind)
        pool = truth.eligibility.pool or ""
        if self.oracle.places.numbers(pool) != self.oracle.places_for_mirror.numbers(pool):
            return
        if explained.kind == IMPOSSIBLE:
            is_same = (rehearsed.kind, rehearsed.reason) == (IMPOSSIBLE, explained.reason)
            if not is_same and explained.reason not in NOT_FOR_MIRROR:
                said = _without_session(rehearsed)
                right = f"explain says {explained.reason}"
                yield self._wrong("mirror's dry run", truth, right, said)
        elif rehearsed.kind == IMPOSSIBLE and rehearsed.reason == truth.reason:
            right = f"explain says {explained.kind}"
            yield self._wrong("mirror's dry run", truth, right, str(rehearsed))

    @staticmethod
    def _wrong(who: str, truth: Truth, right: str, said: str) -> Disagreement:
        return Disagreement(who, truth.id, right, said)


def _either(words: Iterable[str]) -> str:
    return " or ".join(sorted(set(words))) or "nothing"


def _word(reason: str | None) -> str:
    """A rule's name tells nothing of the kind of a mistake."""
    return "a rule" if reason and reason.startswith("rule ") else str(reason)


def _without_session(said: Said) -> str:
    return str(Said(said.kind, said.reason))
