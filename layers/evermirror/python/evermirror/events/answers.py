"""Collects the answers to a delivery, so few that nobody can make one delivery tell thousands.

What has one cause and one reason is one answer, so that an outcome id stands for one thing only.
"""

from __future__ import annotations

from dataclasses import field, replace

from evermirror.events.problems import InvalidEventError
from evermirror.model import Cause, Outcome, Verdict, outcome_of
from evermirror.reasons import INVALID_EVENT, REMEDIES
from evermirror.values import dataclass

MOST_ANSWERS = {Verdict.REJECTED: 100, Verdict.IGNORED: 1_000}
"""Of one delivery, each; the others are counted in one more. A push holds 500 messages at most."""

MOST_REMEDIES = 5


@dataclass(slots=True)
class _Answer:
    remedies: list[str] = field(default_factory=list)
    more: int = 0

    def add(self, remedy: str) -> None:
        if remedy in self.remedies:
            return
        if len(self.remedies) < MOST_REMEDIES:
            self.remedies.append(remedy)
        else:
            self.more += 1

    @property
    def remedy(self) -> str | None:
        more = [f"{self.more} more of the same."] if self.more else []
        return " ".join([*self.remedies, *more]) or None


class Answers:
    """What is answered at once: what cannot be read, and what is none of our business."""

    def __init__(self, whole: Cause) -> None:
        self._whole = whole
        self._answers: dict[tuple[Verdict, Cause, str], _Answer] = {}
        self._given = dict.fromkeys(MOST_ANSWERS, 0)
        self._uncounted: dict[tuple[Verdict, str], int] = {}
        self.refused = 0

    def refuse(self, cause: Cause, problem: InvalidEventError) -> None:
        """Answer something that cannot be read."""
        self.refused += 1
        answer = self._answer(Verdict.REJECTED, cause, INVALID_EVENT)
        if answer is not None:
            answer.add(f"{problem}. {REMEDIES[INVALID_EVENT]}")

    def ignore(self, cause: Cause, reason: str) -> None:
        """Answer something that leads to nothing."""
        self._answer(Verdict.IGNORED, cause, reason)

    def _answer(self, verdict: Verdict, cause: Cause, reason: str) -> _Answer | None:
        known = self._answers.get((verdict, cause, reason))
        if known is not None:
            return known
        if self._given[verdict] >= MOST_ANSWERS[verdict]:
            kind = verdict, reason
            self._uncounted[kind] = self._uncounted.get(kind, 0) + 1
            return None
        self._given[verdict] += 1
        return self._answers.setdefault((verdict, cause, reason), _Answer())

    def outcomes(self) -> tuple[Outcome, ...]:
        """Return all of them, in the order in which they were first given."""
        for (verdict, reason), number in self._uncounted.items():
            answer = self._answers.setdefault((verdict, self._whole, reason), _Answer())
            answer.add(f"the delivery holds {number} more of this kind, counted and not told.")
        return tuple(
            replace(outcome_of(cause, verdict, reason), remedy=answer.remedy)
            for (verdict, cause, reason), answer in self._answers.items()
        )
