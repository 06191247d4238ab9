"""What a person should do about one interface: about the worst first, then about the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evermirror.coverage import Coverage
from evermirror.explanation.steps import LISTED, Step
from evermirror.placement.placement import Placement
from evermirror.policy import Decision
from evermirror.reasons import (
    INSTANCE_NOT_VISIBLE,
    INTERFACE_NOT_ATTACHED,
    NO_INSTANCE,
    REMEDIES,
    TARGET_INSTANCE,
)
from evermirror.values import dataclass

UNATTACHED = "unattached"
SETTLED = {"mirrored", "excluded", NO_INSTANCE, TARGET_INSTANCE}
"""Standings that ask for nothing by themselves."""

_SENTENCES = {
    "mirrored": "Nothing to do.",
    "pending": "Nothing to do yet: it is younger than the grace time.",
    "missing": "Ask for it: evermirror add {id} (the outcome says why, if the service refuses).",
    "excluded": "Nothing to do, or change the policy: {decision}.",
    UNATTACHED: REMEDIES[INTERFACE_NOT_ATTACHED],
    "undecided": REMEDIES[INSTANCE_NOT_VISIBLE],
}
"""For the standings that are no reasons."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do about an interface: the worst first, and what besides."""

    interface_id: str
    standing: str
    decision: Decision
    counted: Coverage
    placement: Placement

    def sentence(self, steps: Sequence[Step], elsewhere: Sequence[str]) -> str:
        if self.standing == UNATTACHED and elsewhere:
            return (
                f"It is still a source of {_and(elsewhere)}. Nothing to do if it is attached "
                "again; otherwise take it out there, or let EVERMIRROR_RECLAIM do it."
            )
        besides = [*self._of_two(steps), *self._of_extra(), *self._of_shadow()]
        if besides and self.standing in SETTLED:
            return " ".join(besides)
        return " ".join([self._first(), *besides])

    def _first(self) -> str:
        for reason, ids in self.counted.ineffective.items():
            if self.interface_id in ids:
                return REMEDIES[reason]
        if self.standing in REMEDIES:
            return REMEDIES[self.standing]
        return _SENTENCES[self.standing].format(
            id=self.interface_id, decision=self.decision.sentence
        )

    def _of_two(self, steps: Sequence[Step]) -> Iterator[str]:
        listed = [step.session_id for step in steps if step.what == LISTED]
        if self.interface_id in self.counted.twice and len(listed) > 1:
            working = (one for one in listed if self._flaw_of(one) is None)
            kept = next(working, listed[0])
            others = [one for one in listed if one != kept]
            yield f"One session of its pool is enough: take it out of {_and(others)}."

    def _of_extra(self) -> Iterator[str]:
        extra = [
            one.session_id
            for one in self.counted.extra
            if one.network_interface_id == self.interface_id
        ]
        if extra:
            yield (
                f"The policy does not want it in {_and(extra)}: take it out there, or change the "
                "policy."
            )

    def _of_shadow(self) -> Iterator[str]:
        if self.interface_id in self.counted.shadowed:
            yield (
                "A session outside the pool takes its packets first (its priority number is "
                "lower): take the interface out of that session, or leave it so on purpose."
            )

    def _flaw_of(self, session_id: str) -> str | None:
        session = self.placement.snapshot.sessions.get(session_id)
        if session is None:
            return None
        return self.placement.effect(session, self.decision.pool).reason


def _and(session_ids: Sequence[str]) -> str:
    return " and ".join(session_ids)
