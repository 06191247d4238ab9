"""The book of a reclaim: what is to leave which session, the calls so far, and the outcomes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field, replace

from evermirror.engine.alarms import Alarm
from evermirror.engine.state import Call
from evermirror.model import Intent, Outcome, Verdict, outcome_of
from evermirror.values import dataclass


@dataclass(slots=True)
class Work:
    """What is to leave one session.

    `accepted` says that a change is under way, `settled_at` when the session was first seen Created
    without its effect, `without_effect` how often that was waited out; `alone` that a call with
    company was refused. `token` and `request_id` are the last ones, for the outcome.
    """

    wanted: dict[str, list[Intent]] = field(default_factory=dict)
    pool: str | None = None
    call: Call | None = None
    accepted: bool = False
    settled_at: float | None = None
    attempt: int = 0
    without_effect: int = 0
    sent: int = 0
    alone: bool = False
    token: str | None = None
    request_id: str | None = None


class Leaving:
    """One run's book; changes only through the methods below."""

    def __init__(self, intents: Iterable[Intent]) -> None:
        self.open: dict[str, Work] = {}
        self.outcomes: list[Outcome] = []
        self.alarms: list[Alarm] = []
        for intent in intents:
            work = self.open.setdefault(intent.session_id or "", Work())
            work.wanted.setdefault(intent.network_interface_id or "", []).append(intent)

    def unfinished(self) -> tuple[Intent, ...]:
        works = self.open.values()
        return tuple(i for work in works for intents in work.wanted.values() for i in intents)

    def finish_all(
        self, session_id: str, verdict: Verdict, reason: str, remedy: str | None = None
    ) -> None:
        for one in list(self.open[session_id].wanted):
            self.finish(session_id, one, verdict, reason, remedy)

    def finish(
        self,
        session_id: str,
        network_interface_id: str,
        verdict: Verdict,
        reason: str | None = None,
        remedy: str | None = None,
    ) -> None:
        """The final outcome of one source; a session with none left is closed."""
        work = self.open[session_id]
        intents = work.wanted.pop(network_interface_id)
        outcome = replace(
            outcome_of(intents[0], verdict, reason, remedy),
            pool=work.pool,
            client_token=work.token,
            request_id=work.request_id,
            attempts=work.sent,
        )
        for cause in sorted({intent.cause for intent in intents}):
            self.outcomes.append(replace(outcome, cause=cause))
        if not work.wanted:
            del self.open[session_id]
