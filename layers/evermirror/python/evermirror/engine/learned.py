"""What the service taught an instance about its calls, for a while.

How many sources one call may name is documented in two ways. A setting says what to try; when
the service refuses it, one source a call is what every reading of the documents allows. By which
code it refuses is documented nowhere: where no document names the code, or where the code may as
well tell of a race for the last seat, it is learned from what follows, that everybody whom the call
named passes alone. A lesson is tried again after a while: it may have been a mistake, or a setting
of the account that has changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from evermirror.engine.act import Answered
from evermirror.engine.blame import is_a_crowd, may_be_a_crowd, spends_token
from evermirror.engine.busy_sessions import BusySessions
from evermirror.engine.filter_cache import FilterCache
from evermirror.engine.recent_changes import RecentChanges
from evermirror.engine.state import Call, Creation
from evermirror.engine.target_cache import TargetCache
from evermirror.placement.limits import Limits
from evermirror.results import Accepted, Kind, Refused

LESSON_S = 600.0
"""Seconds for which a lesson is held."""


class _Suspicion(NamedTuple):
    """A call with company was refused by a doubtful code; those `left` did not pass alone yet.

    `session_id` is where they were asked for, None where a session was to be made.
    """

    session_id: str | None
    left: frozenset[str]

    def without(self, source: str) -> _Suspicion:
        return self._replace(left=self.left - {source})


class Learned:
    """What one instance remembers from one run to the next; there is nothing in it to lose.

    `targets`, `filters`, `changes` and `busy` are what it read, or was promised, a while ago;
    `spent` are numbers, by pool, whose own token was refused: the service may remember that.
    """

    def __init__(self) -> None:
        self.targets = TargetCache()
        self.filters = FilterCache()
        self.changes = RecentChanges()
        self.busy = BusySessions()
        self.spent: set[tuple[str, int]] = set()
        self._add_one_by_one_until = float("-inf")
        self._create_with_one_until = float("-inf")
        self._suspected: list[_Suspicion] = []

    def heed(self, answers: Iterable[Answered], now: float) -> None:
        """Learn from answers; `now` in seconds of the clock that is never set."""
        for item in answers:
            self._note_spent(item)
            sources = item.call.network_interface_ids
            where = item.call.session_id if isinstance(item.call, Call) else None
            if isinstance(item.answer, Refused) and is_a_crowd(item.call, item.answer):
                self._learn(where, now)
            elif isinstance(item.answer, Refused) and may_be_a_crowd(item.call, item.answer):
                self._suspected.append(_Suspicion(where, frozenset(sources)))
            elif len(sources) == 1:
                self._heed_alone(where, sources[0], item, now)

    def _note_spent(self, item: Answered) -> None:
        call, answer = item.call, item.answer
        if (
            isinstance(call, Creation)
            and isinstance(answer, Refused)
            and spends_token(call, answer)
        ):
            self.spent.add((call.pool, call.number))

    def _heed_alone(self, where: str | None, source: str, item: Answered, now: float) -> None:
        if isinstance(item.answer, Refused) and item.answer.kind is not Kind.WAIT:
            # It may have been this one's fault that its company was refused.
            self._suspected = [one for one in self._suspected if source not in one.left]
        if isinstance(item.answer, Accepted):
            # One that went elsewhere says nothing of the session that refused its company.
            elsewhere = [one for one in self._suspected if _is_elsewhere(one, where, source)]
            self._suspected = [
                one.without(source) for one in self._suspected if one not in elsewhere
            ]
        for one in self._suspected:
            if not one.left:
                self._learn(one.session_id, now)
        self._suspected = [one for one in self._suspected if one.left]

    def _learn(self, session_id: str | None, now: float) -> None:
        if session_id is None:
            self._create_with_one_until = now + LESSON_S
        else:
            self._add_one_by_one_until = now + LESSON_S

    def applied(self, limits: Limits, now: float) -> Limits:
        """The limits with what was learned put into them."""
        adding, creating = limits.sources_per_call, limits.sources_per_create
        return replace(
            limits,
            sources_per_call=1 if now < self._add_one_by_one_until else adding,
            sources_per_create=1 if now < self._create_with_one_until else creating,
        )


def _is_elsewhere(suspicion: _Suspicion, where: str | None, source: str) -> bool:
    asked = suspicion.session_id
    return asked is not None and asked != where and source in suspicion.left
