"""Looks at interfaces because of records: none is believed too early, and only heals are counted.

A List may show what was before the record, so that an interface still seems to be where somebody
took it out. Most records are of nothing that must be healed, our own removals for example, so what
is beyond the pace is looked at as well, and refused only if something would have to be changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from evermirror import reasons
from evermirror.engine.alarms import Alarm
from evermirror.engine.result import Deadlines, Result
from evermirror.engine.run import Engine
from evermirror.events import tampered
from evermirror.healing import telling
from evermirror.healing.pace import Pace
from evermirror.model import Cause, Intent, Outcome, Session, Verdict
from evermirror.placement.membership import could_hold, may_have_left
from evermirror.values import dataclass

CUT_S = 1.0
"""Seconds by which a record's time may be early: it is cut to the second (ActionTrail)."""


def believable_at(intent: Intent, stale_bound_s: float) -> float:
    """When a List, however old its answer, shows what the record tells of."""
    tampering = intent.tampering
    if tampering is None or tampering.at is None:
        return intent.first_seen + stale_bound_s
    return min(tampering.at + CUT_S, intent.first_seen) + stale_bound_s


def is_of(intent: Intent, *actions: str) -> bool:
    """Whether a record of one of these calls led to the intent."""
    return intent.tampering is not None and intent.tampering.action in actions


@dataclass(frozen=True, slots=True)
class Looking:
    """The engine's looks for heals, in one invocation; `pace` outlives it.

    `sessions` are those of the records, by id, as far as they were read and are listed.
    """

    engine: Engine
    pace: Pace
    sessions: Mapping[str, Session]

    def run(self, intents: Sequence[Intent], deadlines: Deadlines, *, acting: bool) -> Result:
        """Brings every intent to an outcome that tells of the heal, or leaves it unfinished."""
        if not acting:
            return self._look(intents, deadlines, acting=False)
        admitted, beyond = self._paced(intents)
        result = self._look(admitted, deadlines, acting=True)
        if not beyond:
            return result
        seen = self._look(beyond, deadlines, acting=False)
        would = [one for one in seen.outcomes if one.verdict is Verdict.WOULD_MIRROR]
        result = result.with_that_of(_without(seen, would))
        led = _led(beyond)
        free = _behind([one for one in would if not self._belonged(one, led)], beyond)
        admitted, beyond = self._paced([i for i in _behind(would, beyond) if i not in free])
        result = result.with_that_of(self._look([*free, *admitted], deadlines, acting=True))
        return result.with_that_of(too_often(beyond))

    def _paced(self, intents: Sequence[Intent]) -> tuple[list[Intent], list[Intent]]:
        """Those that may be healed now, and those that would be healed too often."""
        now = self.engine.clock.now()
        under_way: dict[str, set[Cause]] = {}
        admitted: list[Intent] = []
        beyond: list[Intent] = []
        for intent in intents:
            key = _paced_by(intent)
            causes = under_way.setdefault(key, set())
            if intent.dry_run or not key or self.pace.admits(key, intent.cause, now, causes):
                causes.add(intent.cause)
                admitted.append(intent)
            else:
                beyond.append(intent)
        return admitted, beyond

    def _look(self, intents: Sequence[Intent], deadlines: Deadlines, *, acting: bool) -> Result:
        engine = self.engine
        began = engine.clock.now()
        found = engine.run(intents, deadlines, acting=acting)
        self._note(found.outcomes, intents)
        early = self._early(intents, found.outcomes, began)
        doubtful = _behind(early, intents)
        result = self._told(_without(found, early), intents)
        if not doubtful:
            return result
        until = max(believable_at(i, engine.limits.stale_bound_s) for i in doubtful)
        wait_s = max(0.0, until - engine.clock.now())
        if engine.clock.monotonic() + wait_s >= deadlines.end:
            return result.with_that_of(Result(unfinished=tuple(doubtful)))
        engine.clock.sleep(wait_s)
        asked = [one for one in early if one.attempts]
        changed = _behind(asked, doubtful)
        others = [i for i in doubtful if i not in changed]
        again = engine.run(others, deadlines, acting=acting)
        self._note(again.outcomes, others)
        again = again.with_that_of(self._confirmed(asked, changed, deadlines))
        return result.with_that_of(self._told(again, doubtful))

    def _confirmed(
        self, asked: Sequence[Outcome], intents: Sequence[Intent], deadlines: Deadlines
    ) -> Result:
        """What a second look finds where it was asked for; what it does not find is handed on.

        The tokens of this run are spent, and only another run may send them again.
        """
        seen = self.engine.run(intents, deadlines, acting=False)
        gone = [one for one in seen.outcomes if one.verdict is Verdict.WOULD_MIRROR]
        seen = _as_asked(_without(seen, gone), asked)
        return seen.with_that_of(Result(unfinished=tuple(_behind(gone, intents))))

    def _early(
        self, intents: Iterable[Intent], outcomes: Iterable[Outcome], began: float
    ) -> list[Outcome]:
        """Outcomes that rest on the session of the record being as it was before."""
        bound_s = self.engine.limits.stale_bound_s
        led = _led(i for i in intents if began < believable_at(i, bound_s))
        return [
            one
            for one in outcomes
            if (intent := led.get(_key(one))) is not None
            and one.session_id == intent.session_id
            and _rests_on_a_list(one, intent)
        ]

    def _told(self, result: Result, intents: Iterable[Intent]) -> Result:
        now = self.engine.clock.now()
        led = _led(intents)
        told = []
        for outcome in result.outcomes:
            intent = led.get(_key(outcome))
            if intent is None:
                told.append(outcome)
                continue
            by_us = self.pace.remembers(_paced_by(intent), intent.cause, now)
            belonged = self._belonged(outcome, led)
            told.append(telling.told(outcome, intent, by_us=by_us, belonged=belonged))
        return result._replace(outcomes=tuple(told))

    def _note(self, outcomes: Iterable[Outcome], intents: Iterable[Intent]) -> None:
        led = _led(intents)
        mirrored = [one for one in outcomes if one.verdict is Verdict.MIRRORED]
        healed = [one for one in mirrored if self._belonged(one, led)]
        for intent in _behind(healed, led.values()):
            if key := _paced_by(intent):
                self.pace.note(key, intent.cause, self.engine.clock.now())

    def _belonged(self, outcome: Outcome, led: Mapping[tuple[Cause, str | None], Intent]) -> bool:
        """Whether the record's session may have been one of the pool that the interface goes to."""
        intent = led.get(_key(outcome))
        pool = self.engine.policy.pools.get(outcome.pool or "")
        if intent is None or pool is None:
            return True
        session = self.sessions.get(intent.session_id or "")
        if session is None:
            # Deleted, most likely: whether it was somebody's own was known while it was listed.
            return intent.tampering is not None and could_hold(pool, intent.session_id or "")
        left = is_of(intent, tampered.UPDATE) and may_have_left(pool, session)
        return left or pool.holds(session)


def too_often(intents: Iterable[Intent]) -> Result:
    """Somebody is told, loudly, instead of a heal."""
    beyond = tuple(intents)
    alarms = dict.fromkeys(Alarm(reasons.HEAL_LIMIT, intent.session_id) for intent in beyond)
    return Result(tuple(telling.too_often(intent) for intent in beyond), (), tuple(alarms))


def _paced_by(intent: Intent) -> str:
    """What may be healed only so often; nothing for what no session or interface is named with.

    A session that is deleted is never healed twice, but what was in it can be chased from one
    session to the next.
    """
    by_interface = is_of(intent, tampered.DELETE)
    return (intent.network_interface_id if by_interface else intent.session_id) or ""


def _rests_on_a_list(outcome: Outcome, intent: Intent) -> bool:
    if outcome.verdict is Verdict.INEFFECTIVE:
        # A session that was switched off, and is seen off, is what the record said.
        return not is_of(intent, tampered.SWITCHED_OFF)
    return outcome.verdict in telling.COVERED


def _led(intents: Iterable[Intent]) -> dict[tuple[Cause, str | None], Intent]:
    return {(i.cause, i.network_interface_id): i for i in intents if i.network_interface_id}


def _key(outcome: Outcome) -> tuple[Cause, str | None]:
    return outcome.cause, outcome.network_interface_id


def _behind(outcomes: Iterable[Outcome], intents: Iterable[Intent]) -> list[Intent]:
    """The intents that led to these outcomes."""
    keys = set(map(_key, outcomes))
    return [i for i in intents if (i.cause, i.network_interface_id) in keys]


def _as_asked(seen: Result, asked: Iterable[Outcome]) -> Result:
    """What is found where it was asked for is told with the calls that asked for it."""
    told = {(_key(one), one.session_id): one for one in asked}
    outcomes = (
        told.get((_key(one), one.session_id), one)
        if one.verdict is Verdict.ALREADY_MIRRORED
        else one
        for one in seen.outcomes
    )
    return seen._replace(outcomes=tuple(outcomes))


def _without(result: Result, outcomes: Iterable[Outcome]) -> Result:
    keys = set(map(_key, outcomes))
    return result._replace(outcomes=tuple(o for o in result.outcomes if _key(o) not in keys))
