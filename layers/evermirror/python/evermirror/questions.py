"""Answers whether the service would take interfaces: its own word, by dry runs, and nothing else.

The sweep asks so about gaps that stay. Nothing is changed, published or handed on: who asks waits
for the answer, and asks again another time where there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from evermirror.engine.ports import SessionApi
from evermirror.engine.result import Deadlines
from evermirror.engine.run import Engine
from evermirror.model import Intent, Outcome, Verdict
from evermirror.reasons import POOL_FULL
from evermirror.results import About, Accepted, Kind, Refused, Unknown
from evermirror.tokens import client_token

MOST_DRY_RUNS = 20
ANSWER_WITHIN_S = 30.0


def answers(engine: Engine, questions: Sequence[Intent], most_s: float) -> list[Outcome]:
    """What would become of each, as far as it can be said in `most_s`, and in half a minute.

    `attempts` is 1 where the service itself was asked by a dry run.
    """
    monotonic = engine.clock.monotonic
    end = monotonic() + min(ANSWER_WITHIN_S, most_s)
    rehearsed = engine.run(questions, Deadlines(end=end, last_change=end), acting=False).outcomes
    asking = _Asking(engine, lambda: end - monotonic())
    # Those first who were promised a session.
    promised = sorted(rehearsed, key=lambda one: one.verdict is not Verdict.WOULD_MIRROR)
    return [asking.verified(outcome) for outcome in promised]


class _Asking:
    """The dry runs of one invocation, until they are too many, too late, or answered no more."""

    def __init__(self, engine: Engine, time_left_s: Callable[[], float]) -> None:
        self._engine = engine
        self._api: SessionApi = engine.sessions
        self._time_left_s = time_left_s
        self._left = MOST_DRY_RUNS
        self._with_room: dict[str | None, str] = {}

    def verified(self, outcome: Outcome) -> Outcome:
        """The outcome by the word of the service, or as it was where that cannot be had."""
        session_id = self._to_ask(outcome)
        if session_id is None or not self._left:
            return outcome
        if not self._api.takes_turn(self._time_left_s()):
            return outcome
        self._left -= 1
        answer = self._answer(outcome, session_id)
        if isinstance(answer, Refused) and _ends_all(answer):
            self._left = 0
            return outcome
        return _by_word(outcome, answer)

    def _to_ask(self, outcome: Outcome) -> str | None:
        """The session that would take it.

        For whom the seats do not last, that is any in which others were promised one: a dry run
        takes none, and the seat of another who is refused is free.
        """
        if outcome.verdict is Verdict.WOULD_MIRROR and outcome.session_id is not None:
            self._with_room[outcome.pool] = outcome.session_id
            return outcome.session_id
        return self._with_room.get(outcome.pool) if outcome.reason == POOL_FULL else None

    def _answer(self, outcome: Outcome, session_id: str) -> Accepted | Refused | Unknown:
        # A token of its own: it must not be that of a change to come.
        ids = [outcome.network_interface_id or ""]
        place = self._engine.place
        token = client_token(place, "DryRun", session_id, ids, [outcome.cause], attempt=0)
        return self._api.add_sources(session_id, ids, token, dry_run=True)


def _ends_all(answer: Refused) -> bool:
    """Say whether another question would get no better answer now."""
    return answer.kind is Kind.STOP or (answer.kind is Kind.WAIT and answer.about is About.SERVICE)


def _by_word(outcome: Outcome, answer: Accepted | Refused | Unknown) -> Outcome:
    if isinstance(answer, Unknown):
        return outcome
    asked = replace(outcome, attempts=1, request_id=answer.request_id or None)
    if isinstance(answer, Accepted):
        return asked
    for_good = answer.kind is Kind.NEVER and answer.about is About.INTERFACE
    verdict = Verdict.REJECTED if for_good else Verdict.DEFERRED
    return replace(asked, verdict=verdict, reason=answer.code, remedy=answer.remedy)
