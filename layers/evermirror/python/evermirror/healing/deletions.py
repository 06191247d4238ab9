"""What becomes of the records of deleted sessions: looks at the interfaces that they had.

A session that is being deleted is listed for a while, or still is in a List that shows what was
before, and says itself what is lost with it. Of one that is gone nobody can say what it had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace

from evermirror import reasons
from evermirror.engine.ports import Clock
from evermirror.engine.result import Deadlines
from evermirror.healing import telling
from evermirror.healing.losses import Losses
from evermirror.model import Intent, Outcome, Session
from evermirror.placement.membership import may_have_had
from evermirror.results import ReadError
from evermirror.values import dataclass

LONGEST_READ_S = 120.0
"""Seconds that looking at everything may take; the sweep is the place for what takes longer."""


@dataclass(slots=True)
class Lost:
    """What a set of deletions comes to."""

    looks: list[Intent] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    unfinished: list[Intent] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Deletions:
    """Finds out what was lost; reads everything at most once. Raises StopError."""

    losses: Losses
    clock: Clock

    def lost(
        self, intents: Sequence[Intent], seen: Mapping[str, Session], deadlines: Deadlines
    ) -> Lost:
        """`seen` are those of the sessions that a List still shows, by id."""
        lost = Lost()
        unlisted: list[Intent] = []
        for intent in intents:
            session = seen.get(intent.session_id or "")
            if session is None or not session.source_ids:
                unlisted.append(intent)
            elif may_have_had(self.losses.policy, session):
                lost.looks += looks(intent, session)
        try:
            lost.looks += self.losses.after(unlisted, self._no_longer_than(deadlines))
        except _TooLongError:
            lost.outcomes += [telling.out_of_time(intent) for intent in unlisted]
        except ReadError:
            lost.unfinished += unlisted
        lost.outcomes += [telling.ignored(i, reasons.NOTHING_LOST) for i in _silent(intents, lost)]
        return lost

    def _no_longer_than(self, deadlines: Deadlines) -> Callable[[], None]:
        until = min(self.clock.monotonic() + LONGEST_READ_S, deadlines.last_change)

        def check() -> None:
            if self.clock.monotonic() > until:
                raise _TooLongError("out_of_time")

        return check


class _TooLongError(ReadError):
    """Reading everything takes longer than an invocation of mirror should."""


def looks(intent: Intent, session: Session) -> list[Intent]:
    """A look at each interface that a session lists."""
    return [replace(intent, network_interface_id=one) for one in session.source_ids]


def _silent(intents: Sequence[Intent], lost: Lost) -> Iterable[Intent]:
    """Those of which nothing would be told."""
    told = {i.cause for i in (*lost.looks, *lost.unfinished)} | {o.cause for o in lost.outcomes}
    return [intent for intent in intents if intent.cause not in told]
