"""What is told of a session that mirrors otherwise than before: who did it, and what is wrong now.

Who points a session elsewhere takes nothing out of it, so nothing has to be put back, and no
interface has news. It is told even where nothing is found wrong: not every policy says where its
sessions mirror to, and whoever reads of it knows what was meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from evermirror import reasons
from evermirror.engine.alarms import Alarm
from evermirror.engine.patience import PATIENCE_S
from evermirror.engine.pauses import Pauses
from evermirror.engine.result import Deadlines, Result
from evermirror.engine.run import Engine
from evermirror.engine.target_reader import TargetReader
from evermirror.healing import telling
from evermirror.healing.looking import believable_at
from evermirror.healing.reading import read_patiently
from evermirror.ids import is_filter_id
from evermirror.model import CREATED, Intent, Outcome, Session, SessionQuery
from evermirror.placement.effect import effect
from evermirror.placement.membership import left_because, owner_of
from evermirror.placement.snapshot import Lookup, Snapshot
from evermirror.policy import Pool
from evermirror.policy.sessions import NETWORK_INTERFACE
from evermirror.values import dataclass


def is_news(intent: Intent) -> bool:
    """Whether a record says that a session, or all sessions with a filter, mirror otherwise."""
    if intent.network_interface_id is not None or intent.tampering is None:
        return False
    return intent.filter_id is not None or bool(intent.tampering.changed)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The sessions that each record is about, as far as they are listed, and what else is known."""

    sessions: Mapping[Intent, Sequence[Session]]
    snapshot: Snapshot

    @property
    def is_settled(self) -> bool:
        found = (session for sessions in self.sessions.values() for session in sessions)
        return all(session.status == CREATED for session in found)


@dataclass(frozen=True, slots=True)
class Changes:
    """Looks at changed sessions once a List shows the change. Raises StopError."""

    engine: Engine

    def told(self, intents: Sequence[Intent], deadlines: Deadlines) -> Result:
        """An outcome for each session of a pool that a record is about."""
        if not intents:
            return Result()
        seen = self._settled(intents, deadlines)
        if seen is None:
            return Result(unfinished=tuple(intents))
        result = Result()
        for intent in intents:
            of_record = self._of_filter if intent.filter_id else self._of_session
            result = result.with_that_of(of_record(intent, seen))
        return result

    def _settled(self, intents: Sequence[Intent], deadlines: Deadlines) -> _Seen | None:
        """What is seen when it can be believed; None where time does not suffice."""
        engine, clock = self.engine, self.engine.clock
        believable = max(believable_at(i, engine.limits.stale_bound_s) for i in intents)
        pause_s = max(0.0, believable - clock.now())
        until = min(clock.monotonic() + pause_s + PATIENCE_S, deadlines.end)
        if clock.monotonic() + pause_s >= deadlines.end:
            return None
        pauses = Pauses(engine.chance)
        while True:
            clock.sleep(pause_s)
            seen = read_patiently(engine, lambda: self._look(intents), deadlines)
            pause_s = pauses.next(0, 0.0, trouble=False)
            if seen is None or seen.is_settled or clock.monotonic() + pause_s >= until:
                return seen

    def _look(self, intents: Sequence[Intent]) -> _Seen:
        engine, cache = self.engine, self.engine.learned.targets
        engine.learned.filters.forget()
        filters = engine.learned.filters.read(engine.filters, engine.clock)
        at = engine.clock.now()
        sessions = self._sessions(intents, Snapshot(filters=filters))
        ours = [
            session
            for found in sessions.values()
            for session in found
            if session.target_type == NETWORK_INTERFACE and owner_of(engine.policy, session)
        ]
        reader = TargetReader(engine.interfaces, engine.policy, engine.clock, cache)
        reader.read({session.target_id for session in ours if session.target_id})
        instances = Lookup(cache.instances())
        return _Seen(sessions, Snapshot(at, {}, cache.interfaces(), instances, filters))

    def _sessions(
        self, intents: Sequence[Intent], known: Snapshot
    ) -> dict[Intent, tuple[Session, ...]]:
        api = self.engine.sessions
        ids = sorted({i.session_id for i in intents if i.session_id})
        listed = api.list_sessions(ids) if ids else ()
        filters = {i: _filter_id(i, known) for i in intents if i.filter_id}
        using = {
            filter_id: api.find_sessions(SessionQuery(filter_id=filter_id))
            for filter_id in sorted(set(filters.values()) - {""})
        }
        return {
            intent: using.get(filters[intent], ())
            if intent in filters
            else tuple(one for one in listed if one.id == intent.session_id)
            for intent in intents
        }

    def _of_filter(self, intent: Intent, seen: _Seen) -> Result:
        if not _filter_id(intent, seen.snapshot) and seen.snapshot.filters.asked is not None:
            # A record of a changed rule names no filter, so nobody can say whose rule it is.
            unseen = reasons.FILTERS_NOT_VISIBLE
            return Result((telling.deferred(intent, unseen),), alarms=(Alarm(unseen),))
        told = tuple(self._changed(intent, seen.sessions[intent], seen))
        return Result(told or (telling.ignored(intent, reasons.SESSION_OF_NO_POOL),))

    def _of_session(self, intent: Intent, seen: _Seen) -> Result:
        found = seen.sessions[intent]
        if found:
            return Result(tuple(self._changed(intent, found, seen)))
        named = (p for p in self.engine.policy.pools.values() if intent.session_id in p.session_ids)
        gone = reasons.SESSION_NOT_LISTED
        return Result(tuple(telling.changed(intent, pool.name, None, gone) for pool in named))

    def _changed(
        self, intent: Intent, sessions: Iterable[Session], seen: _Seen
    ) -> Iterable[Outcome]:
        for session in sessions:
            pool = owner_of(self.engine.policy, session)
            if pool is not None:
                found = effect(session, pool, seen.snapshot)
                yield telling.changed(intent, pool.name, session, found.reason or found.doubt)
                continue
            left = self._left(intent, session)
            if left is not None:
                yield telling.changed(intent, left[0].name, session, left[1])

    def _left(self, intent: Intent, session: Session) -> tuple[Pool, str] | None:
        """The pool that would still find the session but for this update, and why it does not."""
        changed = () if intent.tampering is None else intent.tampering.changed
        for pool in self.engine.policy.pools.values():
            reason = left_because(pool, session, changed)
            if reason is not None:
                return pool, reason
        return None


def _filter_id(intent: Intent, known: Snapshot) -> str:
    """The filter of a record; empty where it names a rule that no filter shows."""
    named = intent.filter_id or ""
    if is_filter_id(named):
        return named
    filters = known.filters.found.values()
    return next((one.id for one in filters if named in one.rule_ids), "")
