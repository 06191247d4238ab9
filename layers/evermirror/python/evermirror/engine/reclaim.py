"""Takes sources whose interface is gone out of their sessions, so that the dead leave room.

Removing is the one thing here that could blind a sensor, so it is done only where everything
agrees. The sweep read the interface as gone twice, a minute apart. Here it is read once more by its
id, in every round in which something is to be removed, together with an interface that is known to
exist: a role that may not describe gets an empty list instead of an error, and then nothing is
removed. The session must be one of the policy's pools. A source that exists is never touched. And
in any hour no more is removed than the limit says, whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterable

from evermirror import reasons
from evermirror.engine.alarms import Alarm
from evermirror.engine.leaving import Leaving, Work
from evermirror.engine.patience import Patience, is_progress
from evermirror.engine.ports import Clock, InterfaceApi, SessionApi
from evermirror.engine.removals import Removals
from evermirror.engine.result import Deadlines, Result
from evermirror.engine.state import Call
from evermirror.errors import StopError
from evermirror.model import AVAILABLE, CREATED, Intent, Place, Session, Verdict
from evermirror.placement.effect import NORMAL
from evermirror.policy import Policy
from evermirror.results import About, Accepted, Kind, Meaning, ReadError, Refused
from evermirror.tokens import client_token
from evermirror.values import dataclass

REMOVE_ACTION = "RemoveSourcesFromTrafficMirrorSession"
SOURCES_A_CALL = 10
"""Sources in one Remove (VPC API 2016-04-28; its prose says 10, its schema 30)."""

TRIES = 3
PAUSE_S = 3.0
"""Between looks (VPC API 2016-04-28, polling hint of Remove)."""


@dataclass(frozen=True, slots=True)
class Reclaim:
    """The use of Remove, with everything it needs; `run` may be called any number of times.

    `removals` last from run to run.
    """

    place: Place
    policy: Policy
    sessions: SessionApi
    interfaces: InterfaceApi
    clock: Clock
    removals: Removals
    stale_bound_s: float = 10.0

    def run(self, intents: Iterable[Intent], deadlines: Deadlines) -> Result:
        """Brings every intent to an outcome, or leaves it unfinished when time is up."""
        run = _Run(self, intents, deadlines)
        try:
            run.to_the_end()
        except StopError as stop:
            run.stop(stop)
        book = run.book
        return Result(tuple(book.outcomes), book.unfinished(), tuple(book.alarms))


class _Run:
    def __init__(self, reclaim: Reclaim, intents: Iterable[Intent], deadlines: Deadlines) -> None:
        self._reclaim = reclaim
        self._deadlines = deadlines
        self._witness: str | None = None
        self._is_stopped = False
        self._counted: set[str] = set()
        self._patience = Patience(reclaim.clock, reclaim.stale_bound_s)
        self.book = Leaving(intents)

    def to_the_end(self) -> None:
        clock, end = self._reclaim.clock, self._deadlines.end
        while self.book.open and clock.monotonic() < end:
            told = len(self.book.outcomes)
            at_least = self._round_or_stop()
            self._patience.note(progressed=len(self.book.outcomes) > told)
            if not self.book.open or self._patience.is_over:
                return
            clock.sleep(max(0.0, min(max(PAUSE_S, at_least), end - clock.monotonic())))

    def stop(self, stop: StopError, *, all_of_them: bool = True) -> None:
        """The service refuses every change: what is open waits for the next sweep.

        Unless all is to end, what was accepted is still looked at.
        """
        self.book.alarms.append(Alarm(stop.code))
        for session_id, work in list(self.book.open.items()):
            if all_of_them or not work.accepted:
                self.book.finish_all(session_id, Verdict.DEFERRED, stop.code, stop.remedy)

    def _round_or_stop(self) -> float:
        try:
            return self._round()
        except StopError as stop:
            if self._is_stopped:
                raise
            self._is_stopped = True
            self.stop(stop, all_of_them=False)
            return 0.0

    def _round(self) -> float:
        try:
            listed = self._reclaim.sessions.list_sessions(sorted(self.book.open))
            at = self._reclaim.clock.now()
            sessions = {session.id: session for session in listed}
            ready = [s for s in sorted(self.book.open) if self._is_ready(s, sessions.get(s), at)]
            gone = self._gone(ready)
        except ReadError as error:
            return error.retry_after_s or 0.0
        at_least = 0.0
        for session_id in ready:
            if session_id in self.book.open and self._has_time_for_changes():
                at_least = max(at_least, self._remove(session_id, gone))
        return at_least

    def _is_ready(self, session_id: str, session: Session | None, at: float) -> bool:
        """Whether the session can be asked now; settles what the List already answers."""
        if session is None:
            self.book.finish_all(session_id, Verdict.DEFERRED, reasons.SESSION_NOT_LISTED)
            return False
        work = self.book.open[session_id]
        work.pool = self._pool(session)
        if work.pool is None:
            self.book.finish_all(session_id, Verdict.SKIPPED, reasons.SESSION_OF_NO_POOL)
            return False
        if session.business_status != NORMAL:
            self.book.finish_all(session_id, Verdict.DEFERRED, reasons.SESSION_LOCKED)
            return False
        if session.status != CREATED:
            return False
        for left in [one for one in work.wanted if one not in session.source_ids]:
            self.book.finish(session.id, left, Verdict.RECLAIMED)
        if work.call and work.wanted.keys().isdisjoint(work.call.network_interface_ids):
            work.call, work.accepted, work.settled_at = None, False, None
        return session_id in self.book.open and not self._awaits_effect(session, work, at)

    def _awaits_effect(self, session: Session, work: Work, at: float) -> bool:
        """An accepted change that the List does not show is waited out, then asked for again."""
        if not work.accepted:
            return False
        if work.settled_at is None:
            work.settled_at = at
        if at - work.settled_at <= self._reclaim.stale_bound_s:
            return True
        work.accepted, work.settled_at, work.call = False, None, None
        work.attempt += 1
        work.without_effect += 1
        if work.without_effect < TRIES:
            return False
        self.book.finish_all(session.id, Verdict.UNCONFIRMED, reasons.WITHOUT_EFFECT)
        return True

    def _gone(self, ready: list[str]) -> frozenset[str]:
        """Those of all that is wanted that do not exist; what exists is settled here."""
        wanted = {one for session_id in ready for one in self.book.open[session_id].wanted}
        if not wanted:
            return frozenset()
        if self._witness is None:
            some = self._reclaim.interfaces.some_network_interfaces()
            self._witness = next((one.id for one in some if one.id not in wanted), None)
        if self._witness is None:
            self._give_up(ready, reasons.NOTHING_VISIBLE)
            return frozenset()
        found = self._reclaim.interfaces.network_interfaces_beside(self._witness, sorted(wanted))
        if found is None:
            self._witness = None
            self._give_up(ready, reasons.NOTHING_VISIBLE)
            return frozenset()
        alive = {one.id for one in found if one.status != AVAILABLE}
        for session_id in ready:
            for one in [one for one in self.book.open[session_id].wanted if one in alive]:
                self.book.finish(session_id, one, Verdict.SKIPPED, reasons.INTERFACE_EXISTS)
        return frozenset(wanted - alive)

    def _give_up(self, session_ids: list[str], reason: str) -> None:
        for session_id in session_ids:
            self.book.finish_all(session_id, Verdict.DEFERRED, reason)

    def _remove(self, session_id: str, gone: frozenset[str]) -> float:
        """Sends one call; returns how long the service asks to be left alone."""
        work = self.book.open[session_id]
        if work.call is None:
            left = self._reclaim.removals.left(self._reclaim.clock.monotonic())
            if not left:
                self.book.finish_all(session_id, Verdict.DEFERRED, reasons.RECLAIM_LIMIT)
                return 0.0
            most = min(left, 1 if work.alone else SOURCES_A_CALL)
            work.call = self._call(session_id, sorted(gone & work.wanted.keys())[:most], work)
        call = work.call
        if not call.network_interface_ids or not gone.issuperset(call.network_interface_ids):
            work.call = None
            return 0.0
        ids, token = call.network_interface_ids, call.client_token
        answer = self._reclaim.sessions.remove_sources(session_id, ids, token)
        work.sent += 1
        work.token = token
        self._patience.note(progressed=is_progress(answer))
        if not isinstance(answer, Refused) and token not in self._counted:
            self._counted.add(token)
            self._reclaim.removals.note(len(ids), self._reclaim.clock.monotonic())
        if isinstance(answer, Accepted):
            work.accepted, work.request_id = True, answer.request_id
            return 0.0
        if isinstance(answer, Refused):
            self._refused(session_id, work, answer)
        return answer.retry_after_s or 0.0

    def _call(self, session_id: str, ids: list[str], work: Work) -> Call:
        causes = {intent.cause for one in ids for intent in work.wanted[one]}
        place = self._reclaim.place
        token = client_token(place, REMOVE_ACTION, session_id, ids, causes, work.attempt)
        return Call(session_id, tuple(ids), token)

    def _refused(self, session_id: str, work: Work, refused: Refused) -> None:
        if refused.kind is Kind.STOP and refused.means is not Meaning.LOCKED:
            raise StopError(refused.code, refused.message, refused.remedy)
        if refused.loud:
            self.book.alarms.append(Alarm(refused.code, session_id))
        if refused.means is Meaning.LOCKED:
            self.book.finish_all(session_id, Verdict.DEFERRED, refused.code, refused.remedy)
            return
        if refused.same_token:
            return
        call, work.call = work.call, None
        work.attempt += 1
        work.request_id = refused.request_id
        if refused.kind is Kind.WAIT and refused.about is not About.INTERFACE:
            return
        if call is None or len(call.network_interface_ids) > 1:
            # An error on a call with company judges none of them.
            work.alone = True
            return
        done = refused.kind is Kind.DONE
        verdict = Verdict.RECLAIMED if done else Verdict.DEFERRED
        reason, remedy = (None, None) if done else (refused.code, refused.remedy)
        self.book.finish(session_id, call.network_interface_ids[0], verdict, reason, remedy)

    def _pool(self, session: Session) -> str | None:
        pools = self._reclaim.policy.pools.values()
        return next((pool.name for pool in pools if pool.holds(session)), None)

    def _has_time_for_changes(self) -> bool:
        in_time = self._reclaim.clock.monotonic() < self._deadlines.last_change
        return in_time and not self._is_stopped
