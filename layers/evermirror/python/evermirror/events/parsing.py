"""From the bytes of a delivery to work and answers: the one way into the system for events.

Whatever arrives, there is an answer for it, and one bad element of a batch never takes a neighbour
with it.
"""

from __future__ import annotations

from collections.abc import Mapping

from evermirror.errors import RedeliverError
from evermirror.events import causes, requests
from evermirror.events.answers import Answers
from evermirror.events.forms import has_a_form, recognised
from evermirror.events.kinds import Unwanted, meaning_of
from evermirror.events.looks import TEST_PLACEHOLDER, intents, names_placeholder, reason_against
from evermirror.events.messages import Message, messages
from evermirror.events.problems import InvalidEventError
from evermirror.events.requests import IsSigned
from evermirror.events.wrappings import Element, Unusable, elements
from evermirror.model import Cause, Intent, Parsed, Place, Request

MOST_ELEMENTS = 10_000
MOST_UNUSABLE = 1_000
"""Of one message: a message may hold a list, and one of so many things that are no event is none of
our business any longer."""

MOST_REQUESTS = 20
"""Of one delivery, told to the log."""

MOST_INTENTS = 250_000
MOST_SPOILT = 100_000
"""Of one delivery: looks asked for, and messages with something unusable in them. A push has 500
messages; what holds more than can be held, or read in time, fails whole, and the platform keeps it.
"""


def _is_request(element: Element) -> bool:
    """Only who may invoke the function can have sent it bare; what is an event as well is one."""
    return element.is_bare and requests.is_request(element.value) and not has_a_form(element.value)


class _Reading:
    """One delivery being read: what stays the same for all its elements, and what came of them."""

    def __init__(
        self, place: Place, now: float, request_id: str, whole: Cause, is_signed: IsSigned
    ) -> None:
        self._place = place
        self._is_signed = is_signed
        self._now = now
        self._asked_by = Cause(causes.REQUEST, request_id)
        self._whole = whole
        self.intents: dict[Intent, None] = {}
        self.requests: list[Request] = []
        self.answers = Answers(whole)
        self._spoilt = 0

    def take_message(self, message: Message) -> None:
        """Read one message of the delivery; whatever is in it, the next one can be read too."""
        if message.problem is not None:
            unreadable = InvalidEventError(message.where, message.problem)
            self.answers.refuse(causes.by_bytes(message.text), unreadable)
            self._spoilt += 1
        else:
            self._spoilt += self._take_elements(message) > 0
        if self._spoilt > MOST_SPOILT or len(self.intents) > MOST_INTENTS:
            raise RedeliverError("the delivery holds more than can be read at once: split it")

    def _take_elements(self, message: Message) -> int:
        """Read what is in one message; return how many things in it are none."""
        found = elements(message.value, message.where)
        unusable = number = 0
        for number, element in enumerate(found, 1):
            unusable += not self._take_any(element)
            if unusable == MOST_UNUSABLE or number == MOST_ELEMENTS:
                break
        if next(found, None) is not None:
            held = f"{unusable} things that are no event among its first {number}"
            problem = InvalidEventError(message.where, f"has {held}, and the rest was not read")
            cause = causes.own(message.value) if isinstance(message.value, dict) else None
            self.answers.refuse(cause or self._whole, problem)
        return unusable

    def _take_any(self, element: Element | Unusable) -> bool:
        """Read one element; say whether it was one."""
        if isinstance(element, Element):
            return self._take(element)
        self.answers.refuse(element.cause or self._whole, element.problem)
        return False

    def _take(self, element: Element) -> bool:
        is_request = _is_request(element)
        cause = self._cause_of(element, is_request)
        try:
            if is_request:
                self._take_request(element, cause)
            else:
                self._take_event(element, cause)
        except InvalidEventError as problem:
            self.answers.refuse(cause, problem)
            return False
        return True

    def _cause_of(self, element: Element, is_request: bool) -> Cause:
        if is_request:
            return causes.of_request(element.value) or self._asked_by
        return element.cause or causes.by_content(element.value)

    def _take_request(self, element: Element, cause: Cause) -> None:
        signed = self._is_signed(element.value)
        asked = requests.read(element.value, element.where, cause, self._now, signed=signed)
        is_own = signed and asked.intents[:1] and asked.intents[0].generation
        if not is_own and len(self.requests) < MOST_REQUESTS:
            self.requests.append(asked.request)
        self.intents.update(dict.fromkeys(asked.intents))
        for problem in asked.problems:
            self.answers.refuse(cause, problem)

    def _take_event(self, element: Element, cause: Cause) -> None:
        event = recognised(element.value, element.where)
        meaning = meaning_of(event)
        if isinstance(meaning, Unwanted):
            self.answers.ignore(cause, meaning.reason)
            return
        against = reason_against(meaning, self._place, element.where)
        if against is not None:
            self.answers.ignore(cause, against)
        elif event.from_cloud_monitor and names_placeholder(meaning):
            self.answers.ignore(cause, TEST_PLACEHOLDER)
        else:
            self.intents.update(dict.fromkeys(intents(meaning, cause, self._now)))


def _nobody(_request: Mapping[str, object]) -> bool:
    return False


def parse(
    payload: bytes, place: Place, now: float, request_id: str, is_signed: IsSigned = _nobody
) -> Parsed:
    """Return the intents and the answers that a delivery amounts to.

    `now` becomes `first_seen` of what is new (seconds since the epoch); `request_id`, that of the
    invocation, is the cause of a request that names none. `is_signed` tells whose code holds: what
    others ask for is a plain look. Equal intents are given once. Raises RedeliverError for a
    delivery that asks for more than can be held, and nothing else.
    """
    reading = _Reading(place, now, request_id, causes.by_bytes(payload), is_signed)
    for message in messages(payload):
        reading.take_message(message)
    return Parsed(tuple(reading.intents), reading.answers.outcomes(), tuple(reading.requests))
