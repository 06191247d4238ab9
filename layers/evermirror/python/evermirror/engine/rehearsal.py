"""What would be done, for those who only ask: dry runs, and everybody in observe mode.

Seats and the room below the ceiling are shared out among them as if it were done, oldest wish
first, so that a day of observing announces no more than acting could keep.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from evermirror import reasons
from evermirror.engine.actions import Finish, Wait, finish
from evermirror.engine.growth import exhausted, over_the_ceiling, seats_to_come
from evermirror.engine.judge import judge
from evermirror.engine.room import Room
from evermirror.engine.state import Want
from evermirror.engine.view import View
from evermirror.engine.walk import Ask, Growing
from evermirror.model import Verdict


def rehearse(wants: Sequence[Want], view: View) -> list[Wait | Finish]:
    """The answer to each wish; the wishes come in the order in which they are served."""
    promised: Counter[str] = Counter()
    rehearsal = _Rehearsal(replace(view, promised=promised), promised)
    return [rehearsal.answer(want) for want in wants]


class _Rehearsal:
    """One plan's promises. Those of seats are counted in `promised`, where the view reads them."""

    def __init__(self, view: View, promised: Counter[str]) -> None:
        self._view = view
        self._promised = promised
        self._room = Room(view, at_worst=False)
        self._seats_to_come: dict[str, int] = {}

    def answer(self, want: Want) -> Wait | Finish:
        step = judge(want, self._view)
        if not isinstance(step, Ask | Growing):
            return step
        if isinstance(step, Growing) and self._seats_of_growth(step) <= 0:
            return exhausted(step, self._view)
        if not self._room.is_left:
            return over_the_ceiling(step)
        if isinstance(step, Growing):
            return self._grown(step)
        self._promised[step.session_id] += 1
        return self._promise(step, step.session_id, None)

    def _seats_of_growth(self, step: Growing) -> int:
        """How many seats are left in the sessions that the pool would make."""
        pool = step.decision.pool or ""
        growth = self._view.policy.pools[pool].growth
        if growth is not None and pool not in self._seats_to_come:
            self._seats_to_come[pool] = seats_to_come(pool, growth, self._view)
        return self._seats_to_come.get(pool, 0)

    def _grown(self, step: Growing) -> Finish:
        self._seats_to_come[step.decision.pool or ""] -= 1
        return self._promise(step, None, reasons.WOULD_CREATE_SESSION)

    def _promise(self, step: Ask | Growing, session_id: str | None, reason: str | None) -> Finish:
        self._room.take(1)
        return finish(step.want, Verdict.WOULD_MIRROR, step.decision, reason, session_id)
