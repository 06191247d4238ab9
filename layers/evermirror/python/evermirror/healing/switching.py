"""Switches sessions of the policy's pools on again, and makes sure that they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evermirror.aliyun.answers import Accepted, Kind, ReadError, Refused
from evermirror.engine.board import Alarm
from evermirror.engine.ports import Clock, SessionApi
from evermirror.engine.run import Deadlines
from evermirror.engine.state import CREATED
from evermirror.errors import StopError
from evermirror.model import Cause, Place, Session
from evermirror.tokens import client_token
from evermirror.values import dataclass

UPDATE_ACTION = "UpdateTrafficMirrorSessionAttribute"
PAUSE_S = 3.0
"""Between looks (VPC API 2016-04-28, polling hint of the sister calls)."""

TRIES = 3


@dataclass(frozen=True, slots=True)
class Switched:
    """The sessions as last seen, those that this run switched on, and what somebody must hear."""

    sessions: Mapping[str, Session]
    by_us: frozenset[str]
    unsettled: frozenset[str]
    alarms: tuple[Alarm, ...] = ()


@dataclass(slots=True)
class _Try:
    attempt: int = 0
    accepted: bool = False
    given_up: bool = False
    alarm: str | None = None


@dataclass(frozen=True, slots=True)
class Switching:
    """The one use of Update. Raises StopError where the service refuses everybody."""

    place: Place
    sessions: SessionApi
    clock: Clock

    def switch_on(self, causes: Mapping[str, Iterable[Cause]], deadlines: Deadlines) -> Switched:
        """Switches on those of the sessions that are off, by id the causes to do it for.

        Ends when each is on, or refused for good, or time is up; then it is `unsettled`.
        """
        tries = {session_id: _Try() for session_id in causes}
        while True:
            try:
                listed = self.sessions.list_sessions(sorted(causes))
            except ReadError:
                listed = None
            seen = {session.id: session for session in listed or ()}
            open_ = [] if listed is None else [i for i in seen if self._is_open(seen[i], tries[i])]
            if listed is not None and not open_:
                break
            for session_id in open_:
                if self.clock.now() < deadlines.last_change:
                    self._switch(seen[session_id], tries[session_id], causes[session_id])
            if self.clock.now() + PAUSE_S >= deadlines.end:
                break
            self.clock.sleep(PAUSE_S)
        ours = frozenset(i for i, one in tries.items() if one.accepted)
        unread = frozenset(causes) if listed is None else frozenset(open_)
        alarms = tuple(Alarm(one.alarm, i) for i, one in tries.items() if one.alarm)
        return Switched(seen, ours, unread, alarms)

    def _is_open(self, session: Session, known: _Try) -> bool:
        return not known.given_up and (not session.enabled or session.status != CREATED)

    def _switch(self, session: Session, known: _Try, causes: Iterable[Cause]) -> None:
        if session.status != CREATED or session.enabled:
            return
        token = client_token(self.place, UPDATE_ACTION, session.id, (), causes, known.attempt)
        answer = self.sessions.enable_session(session.id, token)
        if isinstance(answer, Accepted):
            # Should it be seen Created and off once more, the next try is another one.
            known.accepted = True
            known.attempt += 1
        elif isinstance(answer, Refused) and not answer.same_token:
            if answer.kind is Kind.STOP:
                raise StopError(answer.code, answer.message, answer.remedy)
            known.attempt += 1
            known.given_up = answer.kind is not Kind.WAIT
            known.alarm = answer.code if answer.loud else known.alarm
        known.given_up = known.given_up or known.attempt > TRIES
