"""From the bytes of a delivery to work and answers: the one way into the system for events.

Whatever arrives, there is an answer for it, no exception leaves, and one bad element of a batch
never takes a neighbour with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from evermirror import ids
from evermirror.events import causes, requests
from evermirror.events.forms import recognised
from evermirror.events.json_text import UnreadableError, decode_bytes
from evermirror.events.kinds import Unwanted, Wanted, meaning_of
from evermirror.events.problems import InvalidEventError, Where, shown
from evermirror.events.times import first_readable
from evermirror.events.wrappings import Element, elements
from evermirror.model import Cause, Intent, Outcome, Parsed, Place, Verdict

MOST_ELEMENTS = 10_000
"""A queue pushes at most 500 messages at once; a message may hold a list."""

MOST_REMEDIES = 5
INVALID_EVENT = "invalid_event"


def _is_placeholder(text: str) -> bool:
    return text.startswith("<") and text.endswith(">")


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
        remedy = f"{problem}. Mend it at its source and send it again; nothing was done for it."
        outcome = Outcome(Verdict.REJECTED, cause, reason=INVALID_EVENT, remedy=remedy)
        self.outcomes.append(outcome)

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
        reason = (
            meaning.reason
            if isinstance(meaning, Unwanted)
            else self._not_ours(meaning, element.where)
        )
        if reason is None and event.from_cloud_monitor and _names_placeholder(meaning):
            reason = "test_placeholder"
        if reason is not None:
            self.outcomes.append(Outcome(Verdict.IGNORED, cause, reason=reason))
        elif isinstance(meaning, Wanted):
            self.intents += _intents(meaning, cause, self._now)

    def _not_ours(self, wanted: Wanted, where: Where) -> str | None:
        """Say why this is somebody else's, or None; an account or region unstated is ours."""
        for account in filter(None, wanted.accounts):
            if not _is_account(account):
                raise InvalidEventError(where, f"names {shown(account)} as its account")
            if str(account) != self._place.account_id:
                return "other_account"
        region = next(filter(None, wanted.regions), None)
        if region is None or region == self._place.region:
            return None
        if not ids.is_region_id(region):
            raise InvalidEventError(where, f"names {shown(region)} as its region")
        return "other_region"


def _is_account(account: object) -> bool:
    return isinstance(account, (str, int)) and ids.is_account_id(str(account))


def _names_placeholder(wanted: Unwanted | Wanted) -> bool:
    if isinstance(wanted, Unwanted):
        return False
    return any(map(_is_placeholder, (*wanted.network_interface_ids, *wanted.instance_ids)))


def _intents(wanted: Wanted, cause: Cause, now: float) -> list[Intent]:
    occurred_at = first_readable(*wanted.times)
    found = Intent(cause, occurred_at=occurred_at, first_seen=now)
    intents: list[Intent] = []
    for named in wanted.network_interface_ids:
        if not ids.is_network_interface_id(named):
            raise InvalidEventError(wanted.where, f"is {shown(named)}, not a network interface id")
        intents.append(replace(found, network_interface_id=named))
    for named in wanted.instance_ids:
        if not ids.is_instance_id(named):
            raise InvalidEventError(wanted.where, f"is {shown(named)}, not an instance id")
        intents.append(replace(found, instance_id=named))
    return intents


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
