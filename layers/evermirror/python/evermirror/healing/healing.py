"""The immediate look that a changed session leads to, before and after the engine's own run.

Before: sessions that are off are switched on, and looks at sessions become looks at interfaces.
The engine then decides and places as ever, by the policy. After: its outcomes are told as heals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import field, replace

from evermirror.aliyun.answers import ReadError
from evermirror.coverage import Terms
from evermirror.engine import reasons
from evermirror.engine.board import Alarm
from evermirror.engine.run import Deadlines, Engine, Result
from evermirror.errors import StopError
from evermirror.events import tampered
from evermirror.fleet import FleetReader
from evermirror.healing import telling
from evermirror.healing.losses import Losses
from evermirror.healing.pace import Pace
from evermirror.healing.switching import Switched, Switching
from evermirror.model import Cause, Intent, Outcome, Session, Verdict
from evermirror.values import dataclass

LONGEST_READ_S = 120.0
"""Seconds that looking at everything may take; the sweep is the place for what takes longer."""


def healing_of(engine: Engine, pace: Pace, *, hands_over: bool) -> Healing:
    """Healing over an engine's own clients and limits."""
    limits = engine.limits
    terms = Terms(
        sources_per_session=limits.sources_per_session,
        max_sources=limits.max_sources,
        growing=limits.allow_growth,
    )
    reader = FleetReader(engine.sessions, engine.interfaces, engine.clock)
    return Healing(engine, Losses(engine.policy, reader, terms), pace, hands_over)


@dataclass(slots=True)
class _Ready:
    """What comes of a set of records before the engine runs."""

    wanted: list[Intent] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    unfinished: list[Intent] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Healing:
    """The use of heals, for one invocation; `pace` outlives it.

    `hands_over` says whether mirror can hand work to itself.
    """

    engine: Engine
    losses: Losses
    pace: Pace
    hands_over: bool

    def run(self, intents: Iterable[Intent], deadlines: Deadlines, *, acting: bool) -> Result:
        """Brings every record to an outcome, or leaves it unfinished when time is up."""
        ready = _Ready()
        admitted = self._admitted(sorted(set(intents), key=_order), ready)
        whole = [i for i in admitted if i.network_interface_id is None and i.instance_id is None]
        ready.wanted += [i for i in admitted if i not in whole]
        try:
            self._sessions([i for i in whole if not _is_deletion(i)], ready, deadlines, acting)
            self._deletions([i for i in whole if _is_deletion(i)], ready, deadlines)
        except StopError as stop:
            ready.alarms.append(Alarm(stop.code))
            ready.outcomes += [_stopped(intent, stop) for intent in whole]
            ready.unfinished = [i for i in ready.unfinished if i not in whole]
        result = self.engine.run(ready.wanted, deadlines, acting=acting)
        told = self._told(result.outcomes, ready.wanted)
        early = Result(tuple(ready.outcomes), tuple(ready.unfinished), tuple(ready.alarms))
        return early.with_that_of(result._replace(outcomes=told))

    def _admitted(self, intents: Sequence[Intent], ready: _Ready) -> list[Intent]:
        """Those that may be healed; for the others somebody is told, loudly, instead."""
        now = self.engine.clock.now()
        under_way: dict[str, set[Cause]] = {}
        admitted = []
        for intent in intents:
            session_id = intent.session_id or ""
            causes = under_way.setdefault(session_id, set())
            besides = len(causes - {intent.cause})
            if intent.cause in causes or self.pace.admits(session_id, intent.cause, now, besides):
                causes.add(intent.cause)
                admitted.append(intent)
            else:
                ready.outcomes.append(telling.too_often(intent))
                ready.alarms.append(Alarm(reasons.HEAL_LIMIT, session_id))
        ready.alarms = list(dict.fromkeys(ready.alarms))
        return admitted

    def _sessions(
        self, intents: Sequence[Intent], ready: _Ready, deadlines: Deadlines, acting: bool
    ) -> None:
        """Sessions that were updated: switched on if off, then their sources are looked at."""
        if not intents:
            return
        causes: dict[str, list[Cause]] = {}
        for intent in intents:
            causes.setdefault(intent.session_id or "", []).append(intent.cause)
        switched = self._switched(causes, deadlines, acting)
        ready.alarms += switched.alarms
        for intent in intents:
            self._session(intent, switched, ready)

    def _switched(
        self, causes: dict[str, list[Cause]], deadlines: Deadlines, acting: bool
    ) -> Switched:
        engine = self.engine
        try:
            listed = engine.sessions.list_sessions(sorted(causes))
        except ReadError:
            return Switched({}, frozenset(), frozenset(causes))
        seen = {session.id: session for session in listed}
        wanted = {i: causes[i] for i, session in seen.items() if self._is_ours(session)}
        if not acting or not wanted:
            return Switched(seen, frozenset(), frozenset())
        switching = Switching(engine.place, engine.sessions, engine.clock)
        switched = switching.switch_on(wanted, deadlines)
        return replace(switched, sessions={**seen, **switched.sessions})

    def _session(self, intent: Intent, switched: Switched, ready: _Ready) -> None:
        session_id = intent.session_id or ""
        session = switched.sessions.get(session_id)
        if session_id in switched.unsettled:
            ready.unfinished.append(intent)
        elif session is None:
            ready.outcomes.append(telling.ignored(intent, reasons.SESSION_NOT_LISTED))
        elif not self._is_ours(session):
            ready.outcomes.append(telling.ignored(intent, reasons.SESSION_OF_NO_POOL))
        else:
            if session_id in switched.by_us and session.enabled:
                self.pace.note(session_id, intent.cause, self.engine.clock.now())
            ready.wanted += [replace(intent, network_interface_id=i) for i in session.source_ids]
            if not session.source_ids:
                ready.outcomes.append(_of_empty(intent, session))

    def _deletions(self, intents: Sequence[Intent], ready: _Ready, deadlines: Deadlines) -> None:
        for intent in intents:
            try:
                lost = self.losses.after(intent.session_id or "", self._no_longer_than(deadlines))
            except _TooLongError:
                ready.outcomes.append(_too_long(intent))
                continue
            except ReadError:
                ready.unfinished.append(intent)
                continue
            looks = [replace(intent, network_interface_id=one) for one in lost]
            if not looks:
                ready.outcomes.append(telling.ignored(intent, reasons.NOTHING_LOST))
            # Handed over one by one, they survive a crash between the heal and the telling.
            (ready.unfinished if self.hands_over else ready.wanted).extend(looks)

    def _no_longer_than(self, deadlines: Deadlines) -> Callable[[], None]:
        clock = self.engine.clock
        until = min(clock.now() + LONGEST_READ_S, deadlines.last_change)

        def check() -> None:
            if clock.now() > until:
                raise _TooLongError("out_of_time")

        return check

    def _is_ours(self, session: Session) -> bool:
        return any(pool.holds(session) for pool in self.engine.policy.pools.values())

    def _told(self, outcomes: Iterable[Outcome], wanted: Iterable[Intent]) -> tuple[Outcome, ...]:
        now = self.engine.clock.now()
        led = {(i.cause, i.network_interface_id): i for i in wanted}
        told = []
        for outcome in outcomes:
            intent = led.get((outcome.cause, outcome.network_interface_id))
            if intent is not None and outcome.verdict is Verdict.MIRRORED:
                self.pace.note(intent.session_id or "", intent.cause, now)
            told.append(outcome if intent is None else telling.told(outcome, intent))
        return tuple(told)


class _TooLongError(ReadError):
    """Reading everything takes longer than an invocation of mirror should."""


def _is_deletion(intent: Intent) -> bool:
    return intent.tampering is not None and intent.tampering.action == tampered.DELETE


def _order(intent: Intent) -> tuple[object, ...]:
    return (
        intent.session_id or "",
        intent.first_seen,
        intent.cause,
        intent.network_interface_id or "",
    )


def _of_empty(intent: Intent, session: Session) -> Outcome:
    """A session without sources has nothing to mirror, but may be on again."""
    switched_off = intent.tampering and intent.tampering.action == tampered.SWITCHED_OFF
    if not switched_off or not session.enabled:
        return telling.ignored(intent, telling.UNHEARD_OF)
    outcome = Outcome(Verdict.HEALED, intent.cause, session_id=session.id)
    return telling.healed(outcome, intent.tampering)


def _too_long(intent: Intent) -> Outcome:
    reason = reasons.OUT_OF_TIME
    return Outcome(
        Verdict.DEFERRED,
        intent.cause,
        session_id=intent.session_id,
        reason=reason,
        remedy=reasons.REMEDIES[reason],
        tampering=intent.tampering,
    )


def _stopped(intent: Intent, stop: StopError) -> Outcome:
    return Outcome(
        Verdict.DEFERRED,
        intent.cause,
        session_id=intent.session_id,
        reason=stop.code,
        remedy=stop.remedy,
        tampering=intent.tampering,
    )
