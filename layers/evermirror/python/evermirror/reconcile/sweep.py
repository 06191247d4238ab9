"""The use case: one tick reads everything or nothing, compares, asks mirror, tells coverage.

It changes nothing itself. What it could not read, it does not act on; what it asks for twice costs
mirror a look; what it could not say fails the invocation after everything else was done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from typing import NamedTuple

from evermirror import reasons
from evermirror.aliyun.totals import Shortfalls
from evermirror.coverage import (
    NOTHING_MORE,
    Coverage,
    Known,
    Listed,
    publication,
    remedies,
    to_wire,
    unknown_because,
)
from evermirror.coverage.telling import moment
from evermirror.engine.ports import Clock
from evermirror.errors import InvocationError, PublishError, ReadError, RedeliverError, StopError
from evermirror.fleet import Fleet, FleetReader, without_collecting
from evermirror.invocation import Invoker
from evermirror.log import Log
from evermirror.model import Intent, Outcome, Place, Verdict, outcome_of
from evermirror.numbering import Numbers
from evermirror.outcomes import to_wire as outcome_to_wire
from evermirror.placement.limits import Limits
from evermirror.placement.placement import Differing, Placement
from evermirror.policy import Policy
from evermirror.publishing import hand_over, publication_id, publish
from evermirror.reconcile.asking import to_mirror
from evermirror.reconcile.counting import Counting
from evermirror.reconcile.inquiry import Inquiry
from evermirror.reconcile.inquiry import ask as inquire
from evermirror.reconcile.looks import Looks
from evermirror.reconcile.reclaiming import Suspects
from evermirror.reconcile.ticks import Tick, in_turn, tick_of
from evermirror.settings import Mode
from evermirror.stack_key import NO_KEY, StackKey
from evermirror.values import dataclass

LOGGED_IDS = 20


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a sweep may reach: ARNs of the two functions, or None; and how much it may ask for."""

    mirror: str | None
    notify: str | None
    most: int


class _Look(NamedTuple):
    """What a sweep found, what to do, and which sessions are not as the policy pins them."""

    coverage: Coverage
    remedies: list[str]
    differing: Sequence[Differing] = ()
    known: Known = NOTHING_MORE

    @property
    def to_ask_for(self) -> tuple[str, ...]:
        """What is missing, and what may be: of the freshly attached nobody knows how fresh."""
        pending = (one for one in self.coverage.pending if one in self.known.fresh)
        return (*self.coverage.missing, *pending)


@dataclass(frozen=True, slots=True)
class Sweep:
    """The use case with everything it needs.

    `looks`, `inquiry` and `numbers` last from sweep to sweep, `shortfalls` are of the lists that it
    reads.
    """

    place: Place
    policy: Policy
    reader: FleetReader
    invoker: Invoker
    log: Log
    clock: Clock
    mode: Mode
    limits: Limits
    reach: Reach
    suspects: Suspects
    shortfalls: Shortfalls = field(default_factory=Shortfalls)
    looks: Looks = field(default_factory=Looks)
    inquiry: Inquiry = field(default_factory=Inquiry)
    numbers: Numbers = field(default_factory=Numbers)
    key: StackKey = NO_KEY

    def handle(self, payload: bytes) -> dict[str, object]:
        """Answers the coverage that it found, with what it asked mirror for.

        Raises RedeliverError where mirror could not be asked, or coverage not be published.
        """
        tick = tick_of(payload, self.clock.now(), self.limits.period_s)
        look = self._look(tick)
        found, differing = look.coverage, look.differing
        wanted = to_mirror(in_turn(look.to_ask_for, self.reach.most, tick.turn), tick)
        # Mirror would refuse to remove anything for a request that nobody signed.
        dead = self.suspects.to_reclaim(found.gone, tick) if self.key else []
        failures = [failure for failure in (self._ask([*wanted, *dead]),) if failure]
        asks = self._may_ask and not failures
        told = {
            **self._told(found, tick, look.remedies),
            "asked": len(wanted) if asks else 0,
            "reclaims_asked": len(dead) if asks else 0,
        }
        self._log(found, told)
        published = (self._publish(told), self._tell(differing, tick))
        failures += [failure for failure in published if failure]
        for failure in failures:
            self.log.error("not passed on", reason=str(failure))
        if failures:
            raise failures[0]
        return told

    @property
    def _may_ask(self) -> bool:
        return self.mode is Mode.ACT and self.reach.mirror is not None

    def _look(self, tick: Tick) -> _Look:
        """The coverage, or why there is none, and what to do about that."""
        try:
            with without_collecting():
                fleet = self.reader.read(self.policy)
                known, found = self._counting(tick).count(fleet, tick.turn)
                differing = Placement(self.policy, fleet.snapshot, self.limits).differing
        except ReadError as error:
            self.log.warning("the sweep could not read everything", reason=error.reason)
            return _Look(unknown_because(error.reason), ["Nothing to do unless it stays."])
        except StopError as error:
            self.log.error("the service refused", code=error.code)
            return _Look(unknown_because(error.code), [error.remedy])
        found = replace(found, gone=self._gone(found, fleet))
        return _Look(found, remedies(found), differing, known)

    def _counting(self, tick: Tick) -> Counting:
        mirror = self.reach.mirror if self._may_ask else None
        return Counting(
            self.policy,
            self.limits,
            self.reader,
            self.clock,
            self.log,
            self.looks,
            self.inquiry,
            None if mirror is None else lambda ids: inquire(self.invoker, mirror, ids, tick),
        )

    def _gone(self, found: Coverage, fleet: Fleet) -> tuple[Listed, ...]:
        """What is certainly gone; nothing where that could not be read again."""
        try:
            return self.suspects.confirmed(found.gone, fleet)
        except (ReadError, StopError) as error:
            self.log.warning("what is gone could not be confirmed", reason=str(error))
            return ()

    def _ask(self, wanted: Sequence[Intent]) -> RedeliverError | None:
        if self.reach.mirror is None or not self._may_ask:
            return None
        try:
            # The same tick delivered twice asks once: its requests have the same ids.
            hand_over(self.invoker, self.reach.mirror, wanted, self.key, prefix="s")
        except RedeliverError as failure:
            return failure
        return None

    def _told(self, found: Coverage, tick: Tick, said: list[str]) -> dict[str, object]:
        cause, now = tick.cause, self.clock.now()
        return {
            "cause": {"source": cause.source, "id": cause.id},
            "account_id": self.place.account_id,
            "region": self.place.region,
            "mode": self.mode.value,
            "policy_digest": self.policy.digest,
            "time": moment(now),
            "number": self.numbers.next(now),
            **to_wire(found),
            "remedies": said,
        }

    def _log(self, found: Coverage, told: dict[str, object]) -> None:
        listed = to_wire(found, LOGGED_IDS)["listed"]
        self.log.coverage({**told, "listed": listed, "shortfalls": self.shortfalls.plain()})

    def _tell(self, differing: Iterable[Differing], tick: Tick) -> RedeliverError | None:
        """An outcome for each session that is not as the policy pins it, told by no record."""
        now = self.clock.now()
        number = self.numbers.next(now)
        told = [
            outcome_to_wire(_changed(one, tick), self.place, self.policy.digest, now, number)
            for one in differing
        ]
        for wire in told:
            self.log.outcome(wire)
        if self.reach.notify is None:
            return None
        try:
            publish(self.invoker, self.reach.notify, told, self.key)
        except RedeliverError as failure:
            return failure
        return None

    def _publish(self, told: dict[str, object]) -> RedeliverError | None:
        if self.reach.notify is None:
            return None
        payload = publication(told)
        try:
            self.invoker.invoke(self.reach.notify, payload, publication_id(payload, self.key))
        except InvocationError as failure:
            return PublishError(f"coverage was not published: {failure}")
        return None


def _changed(one: Differing, tick: Tick) -> Outcome:
    remedy = reasons.remedy_of_session(one.reason)
    return replace(
        outcome_of(tick.cause, Verdict.SESSION_CHANGED, one.reason, remedy),
        session_id=one.session.id,
        target_id=one.session.target_id or None,
        pool=one.pool,
    )
