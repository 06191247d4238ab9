"""The use case: a delivery comes in, its interfaces are mirrored, every outcome is told.

The order is chosen so that nothing is lost when it breaks off anywhere: the cloud's work first,
then the log, then handing over and publishing. If one of those fails the invocation fails, the
platform delivers again, and the second run finds the work done and says the same thing again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import field, replace
from typing import NamedTuple, Protocol

from evermirror import reasons
from evermirror.engine.ports import Clock
from evermirror.engine.result import Deadlines, Result
from evermirror.engine.run import Engine
from evermirror.errors import PausedError, RedeliverError
from evermirror.events import parse
from evermirror.invocation import Invoker
from evermirror.log import Log
from evermirror.model import Intent, Outcome, Parsed, Purpose, Verdict, outcome_of
from evermirror.numbering import Numbers
from evermirror.outcomes import to_wire
from evermirror.publishing import hand_over, may_go_on, publish
from evermirror.settings import Mode
from evermirror.stack_key import NO_KEY, Recipient, StackKey
from evermirror.values import dataclass

BUDGET_S = 180.0
"""Seconds one invocation works before it hands on what is left."""

RESERVED_FOR_CHANGES_S = 45.0
RESERVED_FOR_TELLING_S = 15.0
"""Seconds of the function's time in which no change, or nothing but telling, is begun."""

PAUSED = (
    "Evermirror is paused (EVERMIRROR_MODE), so nothing was done: a queue keeps the work and "
    "delivers it again, and who asked directly must ask again once the mode is act"
)


class Reclaimer(Protocol):
    """Removes sources whose interface is gone; imported only by those who want it."""

    def run(self, intents: Iterable[Intent], deadlines: Deadlines) -> Result: ...


class Healer(Protocol):
    """Looks at what somebody changed; imported only when somebody did.

    `asked_for` are interfaces that the same delivery asks to mirror.
    """

    def run(
        self,
        intents: Iterable[Intent],
        deadlines: Deadlines,
        *,
        acting: bool,
        asked_for: AbstractSet[str],
    ) -> Result: ...


def _without_heals(parsed: Parsed) -> Parsed:
    """Where healing is off, a changed session is none of our business."""
    heals = [intent for intent in parsed.intents if intent.purpose is Purpose.HEAL]
    causes = dict.fromkeys(intent.cause for intent in heals)
    ignored = (outcome_of(cause, Verdict.IGNORED, reasons.HEALING_OFF) for cause in causes)
    left = (intent for intent in parsed.intents if intent.purpose is not Purpose.HEAL)
    return replace(parsed, intents=tuple(left), outcomes=(*parsed.outcomes, *ignored))


def _by_purpose(intents: Iterable[Intent]) -> dict[Purpose, list[Intent]]:
    """What is to be done, for each purpose; a question is for none."""
    for_: dict[Purpose, list[Intent]] = {purpose: [] for purpose in Purpose}
    for intent in intents:
        if not intent.question:
            for_[intent.purpose].append(intent)
    return for_


def not_reclaimed(intents: Iterable[Intent], reason: str) -> tuple[Outcome, ...]:
    """The answer to requests to reclaim that are not acted on."""
    return tuple(outcome_of(intent, Verdict.SKIPPED, reason) for intent in intents)


class _Told(NamedTuple):
    """Outcomes as they are published, and the wishes that are handed on."""

    outcomes: list[dict[str, object]]
    onward: list[Intent]

    @property
    def handed_over(self) -> int:
        return len({i.subject_id for i in self.onward})

    def and_then(self, later: _Told) -> _Told:
        return _Told([*self.outcomes, *later.outcomes], [*self.onward, *later.onward])


_NOTHING = _Told([], [])


@dataclass(frozen=True, slots=True)
class Mirror:
    """The use case with everything it needs; `notify` and `itself` are ARNs, or None.

    `numbers` last from run to run, as what is told last must have the largest. `function` is its
    name: a request signed for another one is not for this.
    """

    engine: Engine
    invoker: Invoker
    log: Log
    clock: Clock
    mode: Mode
    notify: str | None
    itself: str | None
    reclaim: Reclaimer | None = None
    healing: Callable[[], Healer] | None = None
    numbers: Numbers = field(default_factory=Numbers)
    key: StackKey = NO_KEY
    function: str = ""

    def handle(self, payload: bytes, request_id: str, timeout_s: float) -> dict[str, object]:
        """Answers `{"outcomes": [...], "handed_over": N}`.

        Raises RedeliverError where the platform must deliver again: paused with work to do, or
        outcomes or unfinished work could not be passed on.
        """
        started = self.clock.now()
        parsed = self._read(payload, request_id, started)
        deadlines = _deadlines(self.clock.monotonic(), timeout_s)
        said = self._answers([i for i in parsed.intents if i.question], timeout_s)
        for_ = _by_purpose(parsed.intents)
        mirrored = self._mirrored(for_[Purpose.MIRROR], deadlines)
        told = self._told(parsed.outcomes, mirrored)
        failures: list[RedeliverError] = []
        if for_[Purpose.HEAL] or for_[Purpose.RECLAIM]:
            # Nobody waits for news of an interface until somebody's session has settled as well.
            failures = self._pass_on(told)
            changed = self._healed(for_[Purpose.HEAL], deadlines, mirrored)
            changed = changed.with_that_of(self._reclaim(for_[Purpose.RECLAIM], deadlines))
            first, told = told, self._told((), changed)
        else:
            first = _NOTHING
        answer = first.and_then(told)
        self.log.invocation(
            intents=len(parsed.intents),
            outcomes=len(answer.outcomes),
            handed_over=answer.handed_over,
            duration_s=round(self.clock.now() - started, 3),
        )
        failures += self._pass_on(told)
        if failures:
            raise failures[0]
        return {"outcomes": [*answer.outcomes, *said], "handed_over": answer.handed_over}

    def _read(self, payload: bytes, request_id: str, now: float) -> Parsed:
        parsed = parse(payload, self.engine.place, now, request_id, self._is_signed)
        for request in parsed.requests:
            self.log.asked(request)
        if self.healing is None:
            parsed = _without_heals(parsed)
        if self.mode is Mode.PAUSED and parsed.intents:
            raise PausedError(PAUSED)
        return parsed

    def _is_signed(self, request: Mapping[str, object]) -> bool:
        place = self.engine.place
        return self.key.holds(request, Recipient(place.account_id, place.region, self.function))

    def _answers(self, questions: Sequence[Intent], timeout_s: float) -> list[dict[str, object]]:
        """The answers to what is only asked, which nobody else is told."""
        if not questions:
            return []
        # A cold start for an event does not pay for importing it.
        from evermirror.questions import answers  # noqa: PLC0415

        most_s = timeout_s - RESERVED_FOR_TELLING_S
        return self._to_wire(answers(self.engine, questions, most_s), self.clock.now())

    def _mirrored(self, intents: Sequence[Intent], deadlines: Deadlines) -> Result:
        return self.engine.run(intents, deadlines, acting=self.mode is Mode.ACT)

    def _healed(self, intents: Sequence[Intent], deadlines: Deadlines, first: Result) -> Result:
        if self.healing is None or not intents:
            return Result()
        asked_for = {one.network_interface_id or "" for one in first.outcomes}
        asked_for.update(one.network_interface_id or "" for one in first.unfinished)
        acting = self.mode is Mode.ACT
        return self.healing().run(intents, deadlines, acting=acting, asked_for=asked_for)

    def _reclaim(self, intents: Sequence[Intent], deadlines: Deadlines) -> Result:
        """Takes sources whose interface is gone out of their sessions, where that is wanted."""
        if self.reclaim is None:
            return Result(not_reclaimed(intents, reasons.RECLAIM_OFF))
        dry = [i for i in intents if i.dry_run or self.mode is not Mode.ACT]
        told = Result(not_reclaimed(dry, reasons.WOULD_RECLAIM))
        return told.with_that_of(self.reclaim.run([i for i in intents if i not in dry], deadlines))

    def _told(self, outcomes: Sequence[Outcome], result: Result) -> _Told:
        """What is to be passed on, after the log has heard of it."""
        now = self.clock.now()
        onward = [i for i in result.unfinished if self._goes_on(i) and may_go_on(i, now)]
        given_up = [
            outcome_of(i, Verdict.DEFERRED, reasons.OUT_OF_TIME)
            for i in result.unfinished
            if i not in onward
        ]
        told = self._to_wire([*outcomes, *result.outcomes, *given_up], now)
        for wire in told:
            self.log.outcome(wire)
        for alarm in result.alarms:
            about = {"pool": alarm.pool} if alarm.pool else {"session_id": alarm.session_id}
            self.log.error(alarm.sentence, code=alarm.code, **about)
        return _Told(told, onward)

    def _goes_on(self, intent: Intent) -> bool:
        """Whether mirror would take it of itself: unsigned, it takes only what a look can begin at.

        What it cannot take it gives up at once, with all that is known of it.
        """
        is_named = intent.network_interface_id or intent.instance_id
        return self.itself is not None and bool(self.key or is_named)

    def _to_wire(self, outcomes: Sequence[Outcome], now: float) -> list[dict[str, object]]:
        place, digest, number = self.engine.place, self.engine.policy.digest, self.numbers.next(now)
        return [to_wire(outcome, place, digest, now, number) for outcome in outcomes]

    def _pass_on(self, told: _Told) -> list[RedeliverError]:
        """Hands over and publishes; returns what failed of it, after trying both."""
        failures: list[RedeliverError] = []
        if self.itself is not None and told.onward:
            grown = [replace(i, generation=i.generation + 1) for i in told.onward]
            try:
                hand_over(self.invoker, self.itself, grown, self.key)
            except RedeliverError as error:
                failures.append(error)
        if self.notify is not None:
            try:
                publish(self.invoker, self.notify, told.outcomes, self.key)
            except RedeliverError as error:
                failures.append(error)
        for failure in failures:
            # The platform keeps that an invocation failed; why, nobody but the log hears.
            self.log.error("not passed on", reason=str(failure))
        return failures


def _deadlines(started: float, timeout_s: float) -> Deadlines:
    return Deadlines(
        end=started + min(BUDGET_S, timeout_s - RESERVED_FOR_TELLING_S),
        last_change=started + timeout_s - RESERVED_FOR_CHANGES_S,
    )
