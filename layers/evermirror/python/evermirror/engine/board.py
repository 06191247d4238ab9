"""One run's book-keeping: what is still open, what is known of it, and the outcomes so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from evermirror import reasons
from evermirror.engine.act import Answered
from evermirror.engine.actions import Finish, finish
from evermirror.engine.alarms import LOUD, Alarm
from evermirror.engine.blame import Blame, blame, is_a_crowd
from evermirror.engine.ledger import Ledger
from evermirror.engine.memory import answered, created, not_made, observed, remembered, set_free
from evermirror.engine.moves import has_left_the_pools, has_moved
from evermirror.engine.state import UNTOUCHED, Call, Creation, Observation, Progress, Standing, Want
from evermirror.errors import StopError
from evermirror.model import CREATED, Intent, Outcome, Verdict, outcome_of
from evermirror.placement.placement import Differing
from evermirror.policy import Policy
from evermirror.results import Accepted, Meaning, ReadError, Refused, Unknown


class Board:
    """Open wishes and their progress; changes only through the methods below.

    `spent` are numbers, by pool, whose own token was refused in an earlier run.
    """

    def __init__(
        self, intents: Iterable[Intent], policy: Policy, spent: Iterable[tuple[str, int]] = ()
    ) -> None:
        self.wants: dict[str, Want] = {}
        self.unresolved: dict[str, tuple[Intent, ...]] = {}
        self.progress: dict[str, Progress] = {}
        self.outcomes: list[Outcome] = []
        self.alarms: dict[Alarm, None] = {}
        self.changing: dict[str, frozenset[str]] = {}
        self.locked: dict[str, Refused] = {}
        self.ledger = Ledger(policy, spent)
        self._policy = policy
        self._unresolved_since: dict[str, float] = {}
        for intent in sorted(set(intents), key=_intent_order):
            if intent.network_interface_id is not None:
                self._want(intent.network_interface_id, (intent,))
            elif intent.instance_id is not None:
                held = self.unresolved.get(intent.instance_id, ())
                self.unresolved[intent.instance_id] = (*held, intent)

    @property
    def is_open(self) -> bool:
        return bool(self.wants or self.unresolved)

    @property
    def placed(self) -> dict[str, str]:
        """Interfaces that a session was asked for and may have taken, with its id."""
        placed = ((i, self.progress.get(i, UNTOUCHED).session_id) for i in self.wants)
        return {i: session_id for i, session_id in placed if session_id is not None}

    @property
    def unplaced(self) -> list[str]:
        """The other interfaces, the oldest wish first."""
        placed = self.placed
        waiting = [want for want in self.wants.values() if want.network_interface_id not in placed]
        waiting.sort(key=lambda want: (want.first_seen, want.network_interface_id))
        return [want.network_interface_id for want in waiting]

    @property
    def doubtful(self) -> set[str]:
        """Of those placed the ones that may be asked for again: what shows where else they are?"""
        return {
            i
            for i, progress in self.progress.items()
            if progress.standing is Standing.UNKNOWN or progress.without_effect_at is not None
        }

    @property
    def excused(self) -> set[str]:
        """Interfaces that the service refused as not there yet, so must be read again."""
        return {i for i, progress in self.progress.items() if progress.excuse is not None}

    def resolve(self, found: Mapping[str, tuple[str, ...]], at: float, patience_s: float) -> None:
        """Turns instances into the interfaces they have; gives up on those unseen for too long."""
        for instance_id in list(self.unresolved):
            if instance_id in found:
                intents = self.unresolved.pop(instance_id)
                for network_interface_id in found[instance_id]:
                    self._want(network_interface_id, intents)
            elif at - self._unresolved_since.setdefault(instance_id, at) >= patience_s:
                self._give_up_instance(instance_id)

    def observe(self, observation: Observation, stale_bound_s: float) -> None:
        self.ledger.observe(observation, stale_bound_s)
        fruitless: dict[str, Creation] = {}
        for network_interface_id in self.wants:
            before = self.progress.get(network_interface_id, UNTOUCHED)
            after = self._observed(before, network_interface_id, observation, stale_bound_s)
            self.progress[network_interface_id] = after
            if before.session_id and before.creation and after.creation is None:
                fruitless[before.session_id] = before.creation
        self.ledger.give_up(fruitless)
        self._forget_changes_done(observation, fruitless)

    def note_moves(self, observation: Observation) -> None:
        """Whoever is wanted in another pool by now asks there, and no more where it did before."""
        for network_interface_id in self.wants:
            known = self.progress.get(network_interface_id, UNTOUCHED)
            if has_moved(known, network_interface_id, observation, self._policy):
                self.progress[network_interface_id] = set_free(known)

    def _observed(
        self,
        progress: Progress,
        network_interface_id: str,
        observation: Observation,
        bound_s: float,
    ) -> Progress:
        if progress.standing is Standing.UNKNOWN and progress.creation is not None:
            if self.ledger.holds(progress):
                return progress
            # The number's session is seen, whoever made it: what it lists is the truth now.
            progress = replace(progress, standing=Standing.FREE, creation=None)
        if self.ledger.is_anothers(progress, observation):
            return not_made(progress)
        if has_left_the_pools(progress, network_interface_id, observation, self._policy):
            progress = set_free(progress)
        return observed(progress, network_interface_id, observation, bound_s)

    def _forget_changes_done(
        self, observation: Observation, fruitless: Mapping[str, Creation]
    ) -> None:
        for session_id, carried in list(self.changing.items()):
            session = observation.sessions.get(session_id)
            done = session is not None and (
                session.status == CREATED or carried.issubset(session.source_ids)
            )
            if done or session_id in fruitless:
                del self.changing[session_id]

    def answer(self, answers: Iterable[Answered], at: float, seen: AbstractSet[str]) -> None:
        """Take in answers; `seen` are the sessions that were there before the calls left."""
        for item in answers:
            if item.answer is None:
                continue
            self._note_alarm(item.call, item.answer)
            if _is_remembered(item, seen):
                self._remember(item.call)
                continue
            self._note_change(item.call, item.answer)
            if isinstance(item.call, Creation):
                self.ledger.answer(item.call, item.answer, at)
            for network_interface_id in item.call.network_interface_ids:
                known = self.progress.get(network_interface_id, UNTOUCHED)
                self.progress[network_interface_id] = _answered(known, item.call, item.answer, at)

    def _remember(self, call: Call | Creation) -> None:
        """The service remembers the token of a session that is there: nothing was made."""
        if isinstance(call, Creation):
            self.ledger.remember(call)
            for network_interface_id in call.network_interface_ids:
                before = self.progress.get(network_interface_id, UNTOUCHED)
                self.progress[network_interface_id] = remembered(before, call)

    def _note_alarm(self, call: Call | Creation, answer: Accepted | Refused | Unknown) -> None:
        if not isinstance(answer, Refused) or not answer.loud:
            return
        if isinstance(call, Creation) and blame(call, answer) is Blame.REMEMBERED:
            return
        if answer.means is Meaning.LOCKED and isinstance(call, Call):
            self.locked[call.session_id] = answer
        if not is_a_crowd(call, answer):
            session_id = None if isinstance(call, Creation) else call.session_id
            self.alarms[Alarm(answer.code, session_id)] = None

    def _note_change(self, call: Call | Creation, answer: Accepted | Refused | Unknown) -> None:
        if not isinstance(answer, Accepted):
            return
        session_id = answer.session_id if isinstance(call, Creation) else call.session_id
        if session_id is not None:
            self.changing[session_id] = frozenset(call.network_interface_ids)

    def note_unread(self, pools: Iterable[str]) -> None:
        for pool in sorted(pools):
            self.alarms[Alarm(reasons.SENSORS_NOT_READ, pool=pool)] = None

    def note_refused(self, unread: Mapping[str, ReadError | StopError]) -> None:
        """The service refuses to show the sessions of these pools."""
        for pool, error in sorted(unread.items()):
            if isinstance(error, StopError):
                self.alarms[Alarm(error.code, pool=pool)] = None

    def note_differing(self, differing: Iterable[Differing]) -> None:
        """Sessions are not as the policy pins them: their sources go elsewhere, perhaps."""
        for found in differing:
            self.alarms[Alarm(found.reason, found.session.id)] = None

    def finish(
        self, end: Finish, now: float, instance_id: str | None = None, target_id: str | None = None
    ) -> None:
        """A wish is done with; `now` in epoch seconds."""
        want = self.wants.pop(end.want.network_interface_id)
        if end.reason in LOUD:
            self.alarms[Alarm(end.reason)] = None
        progress = self.progress.get(want.network_interface_id, UNTOUCHED)
        outcome = replace(
            outcome_of(want.causes[0], end.verdict, end.reason, end.remedy),
            network_interface_id=want.network_interface_id,
            instance_id=instance_id,
            session_id=end.session_id,
            target_id=target_id,
            pool=end.pool,
            rule=end.rule,
            client_token=progress.client_token,
            request_id=progress.request_id,
            attempts=progress.sent,
        )
        for cause in want.causes:
            times = [i.occurred_at for i in want.intents if i.cause == cause and i.occurred_at]
            waited = (
                max(0.0, now - min(times)) if times and end.verdict is Verdict.MIRRORED else None
            )
            self.outcomes.append(replace(outcome, cause=cause, attached_to_mirrored_s=waited))

    def stop(self, code: str, remedy: str, *, all_of_them: bool) -> None:
        """The service refuses every change: what is open waits for the next sweep or event.

        Unless all are to end, those that a call may have added are still looked at: the List says
        what became of them.
        """
        self.alarms[Alarm(code)] = None
        for want in list(self.wants.values()):
            progress = self.progress.get(want.network_interface_id, UNTOUCHED)
            if progress.standing is not Standing.FREE and not all_of_them:
                continue
            self.finish(finish(want, Verdict.DEFERRED, reason=code, remedy=remedy), 0.0)
        for instance_id in list(self.unresolved):
            self._end_instance(instance_id, Verdict.DEFERRED, code, remedy)

    def unfinished(self) -> tuple[Intent, ...]:
        """The wishes that are still open, each naming the interface where that is known."""
        intents = [
            replace(intent, network_interface_id=want.network_interface_id, instance_id=None)
            for want in self.wants.values()
            for intent in want.intents
        ]
        intents.extend(intent for held in self.unresolved.values() for intent in held)
        return tuple(sorted(set(intents), key=_intent_order))

    def _want(self, network_interface_id: str, intents: tuple[Intent, ...]) -> None:
        held = self.wants.get(network_interface_id)
        everyone = {*(held.intents if held else ()), *intents}
        ordered = tuple(sorted(everyone, key=_intent_order))
        self.wants[network_interface_id] = Want(network_interface_id, ordered)

    def _give_up_instance(self, instance_id: str) -> None:
        self._end_instance(instance_id, Verdict.REJECTED, reasons.INSTANCE_NOT_VISIBLE)

    def _end_instance(
        self, instance_id: str, verdict: Verdict, reason: str, remedy: str | None = None
    ) -> None:
        for cause in sorted({intent.cause for intent in self.unresolved.pop(instance_id)}):
            outcome = outcome_of(cause, verdict, reason, remedy)
            self.outcomes.append(replace(outcome, instance_id=instance_id))


def _is_remembered(item: Answered, seen: AbstractSet[str]) -> bool:
    """Say whether a Create was answered with a session that was there before it."""
    is_made = isinstance(item.call, Creation) and isinstance(item.answer, Accepted)
    return is_made and isinstance(item.answer, Accepted) and item.answer.session_id in seen


def _answered(
    progress: Progress,
    call: Call | Creation,
    answer: Accepted | Refused | Unknown,
    at: float,
) -> Progress:
    if isinstance(call, Creation):
        return created(progress, call, answer, at)
    return answered(progress, call, answer, at)


def _intent_order(intent: Intent) -> tuple[object, ...]:
    return (
        intent.cause,
        intent.network_interface_id or "",
        intent.instance_id or "",
        intent.first_seen,
        intent.generation,
        intent.dry_run,
        intent.occurred_at or 0.0,
    )
