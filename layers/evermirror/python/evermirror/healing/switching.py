"""Switches sessions of the policy's pools on again, and makes sure that they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from evermirror.engine.act import is_overload
from evermirror.engine.alarms import Alarm
from evermirror.engine.patience import Patience, is_progress
from evermirror.engine.pauses import Pauses
from evermirror.engine.ports import Clock, SessionApi
from evermirror.engine.result import Deadlines
from evermirror.errors import StopError
from evermirror.model import CREATED, Cause, Place, Session
from evermirror.results import Accepted, Kind, Meaning, ReadError, Refused, Unknown
from evermirror.tokens import client_token
from evermirror.values import dataclass

UPDATE_ACTION = "UpdateTrafficMirrorSessionAttribute"
TRIES = 3
"""Accepted changes that may stay without effect."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A session that should be on, and for what.

    That it is on is believed of a look at `believable_at` (epoch seconds) or later: a List may
    show what was before. Where `may_change` is False it is only looked at.
    """

    causes: tuple[Cause, ...]
    believable_at: float
    may_change: bool


@dataclass(frozen=True, slots=True)
class Switched:
    """The sessions as last seen, those that this run switched on, and what somebody must hear.

    `held_back` are off and might not be changed; `unsettled` those that time did not suffice for.
    """

    sessions: Mapping[str, Session]
    by_us: frozenset[str] = frozenset()
    held_back: frozenset[str] = frozenset()
    unsettled: frozenset[str] = frozenset()
    alarms: tuple[Alarm, ...] = ()


@dataclass(slots=True)
class _Try:
    attempt: int = 0
    by_us: bool = False
    accepted_at: float | None = None
    without_effect: int = 0
    held_back: bool = False
    given_up: bool = False
    alarm: str | None = None


@dataclass(frozen=True, slots=True)
class Switching:
    """The one use of Update. Raises StopError where the service refuses everybody."""

    place: Place
    sessions: SessionApi
    clock: Clock
    stale_bound_s: float
    chance: Callable[[], float]

    def switch_on(self, asked: Mapping[str, Asked], deadlines: Deadlines) -> Switched:
        """Switches on those of the sessions, by id, that are off.

        Ends when each is on, or refused for good, or when nothing has moved for too long.
        """
        run = _Run(self, asked, deadlines)
        run.to_the_end()
        return run.switched()


class _Run:
    def __init__(
        self, switching: Switching, asked: Mapping[str, Asked], deadlines: Deadlines
    ) -> None:
        self._switching = switching
        self._asked = asked
        self._deadlines = deadlines
        self._patience = Patience(switching.clock, switching.stale_bound_s)
        self._pauses = Pauses(switching.chance)
        self._tries = {session_id: _Try() for session_id in asked}
        self._open = set(asked)
        self._seen: dict[str, Session] = {}

    def to_the_end(self) -> None:
        clock = self._switching.clock
        while True:
            pause_s = self._round()
            if not self._open or self._patience.is_over:
                return
            if clock.monotonic() + pause_s >= self._deadlines.end:
                return
            clock.sleep(pause_s)

    def switched(self) -> Switched:
        tries = self._tries.items()
        return Switched(
            self._seen,
            by_us=frozenset(i for i, one in tries if one.by_us),
            held_back=frozenset(i for i, one in tries if one.held_back),
            unsettled=frozenset(self._open),
            alarms=tuple(Alarm(one.alarm, i) for i, one in tries if one.alarm),
        )

    def _round(self) -> float:
        """One look and what follows from it; returns how long to wait for the next."""
        clock = self._switching.clock
        at = clock.now()
        try:
            listed = self._switching.sessions.list_sessions(sorted(self._open))
        except ReadError as error:
            return self._pauses.next(0, error.retry_after_s or 0.0, trouble=True)
        for session_id in self._open:
            self._seen.pop(session_id, None)
        self._seen.update((session.id, session) for session in listed)
        answers = [self._switch(i, at) for i in sorted(self._open) if self._is_off(i)]
        still = {i for i in self._open if self._is_open(i, at)}
        moved = len(still) < len(self._open) or any(map(is_progress, answers))
        self._patience.note(progressed=moved)
        self._open = still
        return self._pause(answers)

    def _is_off(self, session_id: str) -> bool:
        session = self._seen.get(session_id)
        return session is not None and session.status == CREATED and not session.enabled

    def _is_open(self, session_id: str, at: float) -> bool:
        session = self._seen.get(session_id)
        if session is None or self._tries[session_id].given_up:
            return False
        is_on = session.status == CREATED and session.enabled
        return not is_on or at < self._asked[session_id].believable_at

    def _switch(self, session_id: str, at: float) -> Accepted | Refused | Unknown | None:
        known, asked = self._tries[session_id], self._asked[session_id]
        if not asked.may_change:
            known.held_back = known.given_up = True
        if self._awaits_effect(known, at) or known.given_up:
            return None
        if self._switching.clock.monotonic() >= self._deadlines.last_change:
            return None
        place, api = self._switching.place, self._switching.sessions
        token = client_token(place, UPDATE_ACTION, session_id, (), asked.causes, known.attempt)
        answer = api.enable_session(session_id, token)
        if isinstance(answer, Accepted):
            known.by_us, known.accepted_at = True, self._switching.clock.now()
            self._pauses.changed()
        elif isinstance(answer, Refused):
            _refused(known, answer)
        return answer

    def _awaits_effect(self, known: _Try, at: float) -> bool:
        """An accepted change that the List does not show is waited out, then asked for again."""
        if known.accepted_at is None:
            return False
        if at - known.accepted_at <= self._switching.stale_bound_s:
            return True
        known.accepted_at = None
        known.attempt += 1
        known.without_effect += 1
        known.given_up = known.without_effect >= TRIES
        return False

    def _pause(self, answers: list[Accepted | Refused | Unknown | None]) -> float:
        refusals = [one for one in answers if isinstance(one, Refused | Unknown)]
        hint_s = max((one.retry_after_s or 0.0 for one in refusals), default=0.0)
        trouble = any(isinstance(one, Unknown) or is_overload(one) for one in refusals)
        return self._pauses.next(0, hint_s, trouble=trouble)


def _refused(known: _Try, refused: Refused) -> None:
    if refused.same_token:
        return
    if refused.kind is Kind.STOP and refused.means is not Meaning.LOCKED:
        raise StopError(refused.code, refused.message, refused.remedy)
    known.attempt += 1
    known.given_up = refused.kind is not Kind.WAIT
    known.alarm = refused.code if refused.loud else known.alarm
