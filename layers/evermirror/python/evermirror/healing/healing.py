"""The immediate look that a changed session leads to, before and after the engine's own run.

Before: sessions that are off are switched on, and looks at sessions become looks at interfaces.
The engine then decides and places as ever, by the policy. After: its outcomes are told as heals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import field, replace

from evermirror import reasons
from evermirror.engine.alarms import Alarm
from evermirror.engine.result import Deadlines, Result
from evermirror.engine.run import Engine
from evermirror.errors import StopError
from evermirror.events import tampered
from evermirror.fleet import FleetReader
from evermirror.healing import telling
from evermirror.healing.changes import Changes, is_news
from evermirror.healing.deletions import Deletions, looks
from evermirror.healing.looking import Looking, believable_at, is_of, too_often
from evermirror.healing.losses import Losses, blameless
from evermirror.healing.pace import Pace
from evermirror.healing.reading import read_patiently
from evermirror.healing.switching import Asked, Switched, Switching
from evermirror.model import CREATED, Intent, Outcome, Session
from evermirror.placement.membership import any_could_hold, may_have_had, owner_of
from evermirror.publishing import may_go_on
from evermirror.values import dataclass


def healing_of(engine: Engine, pace: Pace, *, hands_over: bool) -> Healing:
    """Healing over an engine's own clients and limits."""
    reader = FleetReader(engine.sessions, engine.interfaces, engine.clock)
    losses = Losses(engine.policy, reader, engine.limits)
    return Healing(engine, losses, pace, hands_over)


@dataclass(slots=True)
class _Ready:
    """What comes of a set of records before the engine runs."""

    wanted: list[Intent] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    unfinished: list[Intent] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    seen: dict[str, Session] = field(default_factory=dict)
    asked_for: AbstractSet[str] = frozenset()

    def fair(self, looks: Iterable[Intent]) -> list[Intent]:
        """Nobody is accused of what came into a session only after it was changed."""
        return [blameless(i) if i.network_interface_id in self.asked_for else i for i in looks]

    def take(self, result: Result) -> None:
        self.outcomes += result.outcomes
        self.unfinished += result.unfinished
        self.alarms += [alarm for alarm in result.alarms if alarm not in self.alarms]

    def stop(self, stop: StopError, intents: Sequence[Intent]) -> None:
        """The service refuses everybody, so that these come to nothing."""
        if intents:
            self.alarms.append(Alarm(stop.code))
        self.outcomes += [telling.deferred(one, stop.code, stop.remedy) for one in intents]


@dataclass(frozen=True, slots=True)
class Healing:
    """The use of heals, for one invocation; `pace` outlives it.

    `hands_over` says whether mirror can hand work to itself.
    """

    engine: Engine
    losses: Losses
    pace: Pace
    hands_over: bool

    def run(
        self,
        intents: Iterable[Intent],
        deadlines: Deadlines,
        *,
        acting: bool,
        asked_for: AbstractSet[str],
    ) -> Result:
        """Brings every record to an outcome, or leaves it unfinished when time is up."""
        ready = _Ready(asked_for=asked_for)
        ordered = sorted(set(intents), key=_order)
        ours = self._of_pools([i for i in ordered if i.filter_id is None], ready)
        whole = [i for i in ours if _is_whole(i)]
        ready.wanted += [i for i in ours if not _is_whole(i)]
        try:
            self._sessions(whole, ready, deadlines, acting)
        except StopError as stop:
            ready.stop(stop, whole)
        looking = Looking(self.engine, self.pace, ready.seen)
        looked = looking.run(ready.wanted, deadlines, acting=acting)
        news = [i for i in ordered if is_news(i) and (i.filter_id or i in ours)]
        try:
            ready.take(Changes(self.engine).told(news, deadlines))
        except StopError as stop:
            ready.stop(stop, news)
        early = Result(tuple(ready.outcomes), tuple(ready.unfinished), tuple(ready.alarms))
        return early.with_that_of(looked)

    def _of_pools(self, intents: Sequence[Intent], ready: _Ready) -> list[Intent]:
        """Those of sessions that a pool may have; what becomes of the others harms nobody."""
        policy = self.engine.policy
        possible: list[Intent] = []
        for intent in intents:
            about_it = _is_whole(intent) or is_of(intent, tampered.REMOVE)
            if not about_it or any_could_hold(policy, intent.session_id or ""):
                possible.append(intent)
            else:
                deleted = is_of(intent, tampered.DELETE)
                reason = reasons.NOTHING_LOST if deleted else reasons.SESSION_OF_NO_POOL
                ready.outcomes.append(telling.ignored(intent, reason))
        return possible

    def _sessions(
        self, intents: Sequence[Intent], ready: _Ready, deadlines: Deadlines, acting: bool
    ) -> None:
        """Looks at sessions become looks at what they list, or listed before they were deleted."""
        # Who is to blame for what an interface lacks hangs on the session that it was taken out of.
        pools = self.engine.policy.pools.values()
        judged = ready.wanted if any(pool.has_unnamed_sessions for pool in pools) else []
        ids = sorted({i.session_id for i in (*intents, *judged) if i.session_id})
        if not ids:
            return
        at = self.engine.clock.now()
        read = self.engine.sessions.list_sessions
        listed = read_patiently(self.engine, lambda: read(ids), deadlines)
        if listed is None:
            ready.unfinished += intents
            return
        seen = ready.seen = {session.id: session for session in listed}
        changed = [i for i in intents if not is_of(i, tampered.DELETE)]
        switched = self._switched(changed, seen, at, deadlines) if acting else Switched({})
        ready.seen = {**seen, **switched.sessions}
        switched = replace(switched, sessions=ready.seen)
        ready.alarms += switched.alarms
        for intent in changed:
            self._session(intent, switched, ready, acting=acting and not intent.dry_run)
        self._deletions([i for i in intents if is_of(i, tampered.DELETE)], seen, ready, deadlines)

    def _deletions(
        self,
        deleted: Sequence[Intent],
        seen: Mapping[str, Session],
        ready: _Ready,
        deadlines: Deadlines,
    ) -> None:
        try:
            lost = Deletions(self.losses, self.engine.clock).lost(deleted, seen, deadlines)
        except StopError as stop:
            # What was changed, and not deleted, is well looked at by now.
            ready.stop(stop, deleted)
            return
        ready.outcomes += lost.outcomes
        ready.unfinished += lost.unfinished
        now = self.engine.clock.now()
        for look in lost.looks:
            # Handed over one by one, they survive a crash between the heal and the telling.
            goes_on = self.hands_over and may_go_on(look, now)
            (ready.unfinished if goes_on else ready.wanted).append(look)

    def _switched(
        self,
        intents: Sequence[Intent],
        seen: Mapping[str, Session],
        at: float,
        deadlines: Deadlines,
    ) -> Switched:
        """Switches on what is off of our sessions, and makes sure of those that seem to be on."""
        engine = self.engine
        asked: dict[str, Asked] = {}
        for session_id, session in seen.items():
            about = [i for i in intents if i.session_id == session_id and not i.dry_run]
            if not about or owner_of(engine.policy, session) is None:
                continue
            one = self._asked(session_id, about)
            if not session.enabled or session.status != CREATED or at < one.believable_at:
                asked[session_id] = one
        if not asked:
            return Switched({})
        bound_s = engine.limits.stale_bound_s
        switching = Switching(engine.place, engine.sessions, engine.clock, bound_s, engine.chance)
        return switching.switch_on(asked, deadlines)

    def _asked(self, session_id: str, intents: Sequence[Intent]) -> Asked:
        now, bound_s = self.engine.clock.now(), self.engine.limits.stale_bound_s
        causes = tuple(sorted({i.cause for i in intents}))
        off = [believable_at(i, bound_s) for i in intents if is_of(i, tampered.SWITCHED_OFF)]
        may_change = any(self.pace.admits(session_id, cause, now) for cause in causes)
        return Asked(causes, max(off, default=0.0), may_change)

    def _session(self, intent: Intent, switched: Switched, ready: _Ready, *, acting: bool) -> None:
        session_id = intent.session_id or ""
        session = switched.sessions.get(session_id)
        if session_id in switched.unsettled:
            ready.unfinished.append(intent)
        elif session is None:
            ready.outcomes.append(telling.ignored(intent, reasons.SESSION_NOT_LISTED))
        elif owner_of(self.engine.policy, session) is None:
            self._stranger(intent, session, ready)
        elif session_id in switched.held_back and not intent.dry_run:
            ready.take(too_often([intent]))
        else:
            if session_id in switched.by_us and session.enabled:
                self.pace.note(session_id, intent.cause, self.engine.clock.now())
            ready.wanted += ready.fair(looks(intent, session))
            if not session.source_ids:
                ready.outcomes.append(telling.of_empty(intent, session, made_sure=acting))

    def _stranger(self, intent: Intent, session: Session, ready: _Ready) -> None:
        """A session of no pool may be anything, unless the update is what took it out of one."""
        if session.source_ids and may_have_had(self.engine.policy, session):
            left = intent.tampering and replace(intent.tampering, action=tampered.UPDATE)
            ready.wanted += looks(replace(intent, tampering=left), session)
        else:
            ready.outcomes.append(telling.ignored(intent, reasons.SESSION_OF_NO_POOL))


def _is_whole(intent: Intent) -> bool:
    return intent.network_interface_id is None and intent.instance_id is None


def _order(intent: Intent) -> tuple[object, ...]:
    return (
        intent.session_id or "",
        intent.first_seen,
        intent.cause,
        intent.network_interface_id or intent.filter_id or "",
    )
