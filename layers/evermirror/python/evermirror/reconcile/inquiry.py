"""Finds out which gaps the service refuses for good: mirror is asked about a few, in turn.

Only a change that is tried shows that a type cannot be mirrored, and only mirror's role may try.
So mirror is asked, as a question that changes and tells nothing, about at most twenty of the gaps
that stand; what was found is remembered by the instance, and asked again once a day. Where mirror
cannot be asked, the gaps stay what they are.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field
from itertools import islice
from typing import NamedTuple

from evermirror import reasons
from evermirror.aliyun.refusal_table import TABLE
from evermirror.coverage import Coverage, never_because
from evermirror.errors import InvocationError
from evermirror.events import encode_requests
from evermirror.invocation import Invoker
from evermirror.model import Instance, Intent, NetworkInterface, Verdict
from evermirror.reconcile.ticks import Tick
from evermirror.values import dataclass

MOST_QUESTIONS = 20
OF_THE_YOUNG = 5
OF_THE_KNOWN = 5
"""Places among the questions for gaps so young that an event should have told of them, and for what
was refused a day ago. The others are for the gaps in turn."""

ANSWER_WITHIN_S = 60.0
ASKED_AGAIN_AFTER_S = 86_400.0
MOST_REMEMBERED = 2_000


class _Refused(NamedTuple):
    """Why an interface was refused for good, on which instance, and when it was asked about."""

    reason: str
    instance_id: str | None
    at: float
    type: str = ""
    family: str = ""


@dataclass(slots=True)
class Inquiry:
    """What was found out so far; a restart forgets it."""

    _refused: dict[str, _Refused] = field(default_factory=dict)
    _last: str = ""

    @property
    def instance_ids(self) -> tuple[str, ...]:
        """The instances whose types matter, as another type may be supported."""
        return tuple(sorted({one.instance_id for one in self._refused.values() if one.instance_id}))

    @property
    def impossible(self) -> Mapping[str, str]:
        """The reason for each that is refused for good."""
        return {one: refused.reason for one, refused in self._refused.items()}

    @property
    def families(self) -> Mapping[str, str]:
        """The instance family of each that is refused for it, where it is known."""
        of_type = reasons.INSTANCE_TYPE_NOT_SUPPORTED
        return {i: one.family for i, one in self._refused.items() if one.reason == of_type}

    def look_again(
        self, interfaces: Iterable[NetworkInterface], instances: Mapping[str, Instance]
    ) -> None:
        """Forget what is gone, elsewhere, or of another type by now; note the types."""
        where = {one.id: one.instance_id for one in interfaces if one.id in self._refused}
        for one, refused in list(self._refused.items()):
            now = instances.get(refused.instance_id or "")
            if where.get(one) != refused.instance_id or _is_another(now, refused.type):
                del self._refused[one]
            elif now is not None:
                self._refused[one] = refused._replace(type=now.type, family=now.family)

    def to_ask(self, found: Coverage, now: float, turn: int) -> tuple[str, ...]:
        """The next few: some that are young, some asked about long ago, and the rest in turn."""
        missing = frozenset(found.missing)
        young = [one for one in found.silent if one in missing][:OF_THE_YOUNG]
        due = [
            one for one, refused in self._refused.items() if now - refused.at >= ASKED_AGAIN_AFTER_S
        ]
        first = dict.fromkeys([*young, *due[:OF_THE_KNOWN]])
        rest = [one for one in self._in_turn(missing, turn) if one not in first]
        in_turn = rest[: MOST_QUESTIONS - len(first)]
        if in_turn:
            self._last = in_turn[-1]
        return (*first, *in_turn)

    def _in_turn(self, missing: Collection[str], turn: int) -> list[str]:
        """From behind the one asked about last; after a restart, from where this turn begins."""
        ordered = sorted(missing)
        if self._last:
            start = bisect_right(ordered, self._last)
        else:
            start = turn * MOST_QUESTIONS % max(1, len(ordered))
        return ordered[start:] + ordered[:start]

    def note(
        self, answers: Mapping[str, str | None], interfaces: Iterable[NetworkInterface], now: float
    ) -> None:
        """Remember by the id of an interface why it is refused for good; None where it is not."""
        where = {one.id: one.instance_id for one in interfaces if one.id in answers}
        for one, reason in answers.items():
            self._refused.pop(one, None)
            if reason is not None and one in where:
                self._refused[one] = _Refused(reason, where[one], now)
        for one in list(islice(self._refused, max(0, len(self._refused) - MOST_REMEMBERED))):
            del self._refused[one]


class Answer(NamedTuple):
    """What the service said of an interface: whether it takes it, or why it never will."""

    takes: bool
    never_because: str | None = None


def ask(
    invoker: Invoker, function_arn: str, network_interface_ids: Sequence[str], tick: Tick
) -> dict[str, Answer]:
    """The answers of the service, through mirror; of some there may be none.

    Raises InvocationError where mirror gave no answer.
    """
    questions = [
        Intent(tick.cause, one, dry_run=True, question=True) for one in network_interface_ids
    ]
    (payload,) = encode_requests(questions)
    return _answers(invoker.ask(function_arn, payload, ANSWER_WITHIN_S))


def _answers(payload: bytes) -> dict[str, Answer]:
    try:
        outcomes = json.loads(payload)["outcomes"]
        asked = [one for one in outcomes if one["attempts"]]
        return {
            one["network_interface_id"]: _answer(one["outcome"], one["reason"]) for one in asked
        }
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise InvocationError(f"mirror's answer is none: {type(error).__name__}") from None


def _answer(outcome: str, code: str | None) -> Answer:
    refusal = TABLE.get(code or "")
    if outcome != Verdict.REJECTED.value or refusal is None:
        return Answer(outcome == Verdict.WOULD_MIRROR.value)
    return Answer(False, never_because(refusal.means))


def _is_another(instance: Instance | None, type_: str) -> bool:
    return instance is not None and bool(type_) and instance.type != type_
