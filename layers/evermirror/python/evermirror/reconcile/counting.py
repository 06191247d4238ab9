"""Counts coverage with all that the sweep knows: from earlier looks, and by the service's word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from evermirror.coverage import Coverage, Known, coverage
from evermirror.engine.ports import Clock
from evermirror.errors import InvocationError, ReadError
from evermirror.fleet import Fleet, FleetReader
from evermirror.log import Log
from evermirror.placement.limits import Limits
from evermirror.policy import Policy
from evermirror.reconcile.inquiry import Answer, Inquiry
from evermirror.reconcile.looks import Looks
from evermirror.values import dataclass


@dataclass(frozen=True, slots=True)
class Counting:
    """One sweep's counting; `ask` asks about gaps, and is None where nobody may be asked."""

    policy: Policy
    limits: Limits
    reader: FleetReader
    clock: Clock
    log: Log
    looks: Looks
    inquiry: Inquiry
    ask: Callable[[Sequence[str]], Mapping[str, Answer]] | None

    def count(self, fleet: Fleet, turn: int) -> tuple[Known, Coverage]:
        """What is known and the coverage, counted again where the service said more of its gaps."""
        began = fleet.at if fleet.began is None else fleet.began
        looks = self.looks.after(fleet.interfaces, began)
        self._note_types(fleet)
        known = self._with_refusals(looks)
        found = coverage(self.policy, fleet, self.limits, known)
        answers = self._answers(found, turn)
        if answers:
            refused = {one: answer.never_because for one, answer in answers.items()}
            self.inquiry.note(refused, fleet.interfaces, self.clock.now())
            self._note_types(fleet)
        elif not found.silent:
            return known, found
        # Without a word of the service nobody knows that an event was to be expected.
        takes = {one: answer.takes for one, answer in answers.items()}
        known = replace(self._with_refusals(looks), takes=takes)
        return known, coverage(self.policy, fleet, self.limits, known)

    def _note_types(self, fleet: Fleet) -> None:
        if not self.inquiry.instance_ids:
            return
        try:
            instances, _ = self.reader.read_instances(self.inquiry.instance_ids)
        except ReadError:
            instances = {}  # nobody knows of another type, then
        self.inquiry.look_again(fleet.interfaces, instances)

    def _with_refusals(self, known: Known) -> Known:
        inquiry = self.inquiry
        return replace(known, impossible=inquiry.impossible, families=inquiry.families)

    def _answers(self, found: Coverage, turn: int) -> Mapping[str, Answer]:
        """What the service says of some gaps; nothing where mirror cannot be asked."""
        if self.ask is None or found.unknown is not None:
            return {}
        gaps = self.inquiry.to_ask(found, self.clock.now(), turn)
        try:
            return self.ask(gaps) if gaps else {}
        except InvocationError as error:
            self.log.warning("mirror could not be asked about gaps", reason=str(error))
            return {}
