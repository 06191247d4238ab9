"""From the bytes of a delivery to work and answers: the one way into the system for events.

Whatever arrives, there is an answer for it, no exception leaves, and one bad element of a batch
never takes a neighbour with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from evermirror.events import causes, requests
from evermirror.events.forms import recognised
from evermirror.events.json_text import UnreadableError, decode_bytes
from evermirror.events.kinds import Unwanted, meaning_of
from evermirror.events.looks import TEST_PLACEHOLDER, intents, names_placeholder, reason_against
from evermirror.events.problems import InvalidEventError
from evermirror.events.wrappings import Element, elements
from evermirror.model import Cause, Intent, Outcome, Parsed, Place, Verdict, outcome_of
from evermirror.reasons import INVALID_EVENT, REMEDIES

MOST_ELEMENTS = 10_000
"""A queue pushes at most 500 messages at once; a message may hold a list."""

MOST_REMEDIES = 5


class _Reading:
    """One delivery being read: what stays the same for all its elements, and what came of them."""

    def __init__(self, place: Place, now: float, request_id: str) -> None:
        self._place = place
        self._now = now
        self._asked_by = Cause(causes.REQUEST, request_id)
        self.intents: list[Intent] = []
        self.outcomes: list[Outcome] = []

    def take(self, element: Element) -> None:
        """Read one element into intents or outcomes."""
        cause = self._cause_of(element)
        try:
            if requests.is_request(element.value):
                self._take_request(element, cause)
            else:
                self._take_event(element, cause)
        except InvalidEventError as problem:
            self.refuse(cause, problem)

    def refuse(self, cause: Cause, problem: InvalidEventError) -> None:
        """Answer something that cannot be read."""
        remedy = f"{problem}. {REMEDIES[INVALID_EVENT]}"
        self.outcomes.append(outcome_of(cause, Verdict.REJECTED, INVALID_EVENT, remedy))

    def _cause_of(self, element: Element) -> Cause:
        if requests.is_request(element.value):
            return causes.of_request(element.value) or self._asked_by
        return element.cause or causes.by_content(element.value)

    def _take_request(self, element: Element, cause: Cause) -> None:
        asked = requests.read(element.value, element.where, cause, self._now)
        self.intents += asked.intents
        for problem in asked.problems:
            self.refuse(cause, problem)

    def _take_event(self, element: Element, cause: Cause) -> None:
        event = recognised(element.value, element.where)
        meaning = meaning_of(event)
        if isinstance(meaning, Unwanted):
            self._ignore(cause, meaning.reason)
            return
        against = reason_against(meaning, self._place, element.where)
        if against is not None:
            self._ignore(cause, against)
        elif event.from_cloud_monitor and names_placeholder(meaning):
            self._ignore(cause, TEST_PLACEHOLDER)
        else:
            self.intents += intents(meaning, cause, self._now)

    def _ignore(self, cause: Cause, reason: str) -> None:
        self.outcomes.append(outcome_of(cause, Verdict.IGNORED, reason))


def _one_per_identity(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """Join what has one cause and one reason, so that an outcome id stands for one thing only."""
    joined: dict[tuple[Verdict, Cause, str | None], list[Outcome]] = {}
    for outcome in outcomes:
        joined.setdefault((outcome.verdict, outcome.cause, outcome.reason), []).append(outcome)
    return tuple(map(_join, joined.values()))


def _join(outcomes: list[Outcome]) -> Outcome:
    remedies = list(dict.fromkeys(outcome.remedy for outcome in outcomes if outcome.remedy))
    if len(remedies) < 2:
        return outcomes[0]
    more = len(remedies) - MOST_REMEDIES
    told = [*remedies[:MOST_REMEDIES], *([f"{more} more of the same."] if more > 0 else [])]
    return replace(outcomes[0], remedy=" ".join(told))


def _take_all(reading: _Reading, value: object, whole: Cause) -> None:
    found = elements(value)
    for element in islice(found, MOST_ELEMENTS):
        if isinstance(element, Element):
            reading.take(element)
        else:
            reading.refuse(element.cause or whole, element.problem)
    if next(found, None) is not None:
        problem = f"holds more than {MOST_ELEMENTS} events, and the rest was not read"
        reading.refuse(whole, InvalidEventError((), problem))


def parse(payload: bytes, place: Place, now: float, request_id: str) -> Parsed:
    """Return the intents and the answers that a delivery amounts to; never raises.

    `now` becomes `first_seen` of what is new (seconds since the epoch); `request_id`, that of the
    invocation, is the cause of a request that names none. Equal intents are given once.
    """
    reading = _Reading(place, now, request_id)
    whole = causes.by_bytes(payload)
    try:
        value = decode_bytes(payload)
    except UnreadableError as unreadable:
        reading.refuse(whole, InvalidEventError((), str(unreadable)))
    else:
        _take_all(reading, value, whole)
    return Parsed(tuple(dict.fromkeys(reading.intents)), _one_per_identity(reading.outcomes))
