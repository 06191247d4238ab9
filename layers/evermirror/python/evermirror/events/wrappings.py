"""Take events out of whatever they travelled in: lists, queue and topic messages, quoted JSON.

Which wrapping a delivery has depends on how a trigger happens to be configured, so nothing
behind this module ever asks. The wrappings are those of Function Compute's EventBridge and MNS
triggers; list elements and message bodies occur both as objects and as quoted JSON there.

What is inside of an event or a message is chosen by whoever could write one. So an element knows
whether it was taken out of anything: only one that was not can be a request.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import NamedTuple

from evermirror.events import causes
from evermirror.events.json_text import UnreadableError, decode, flaw
from evermirror.events.problems import InvalidEventError, Where
from evermirror.model import Cause

MOST_WRAPPINGS = 8
"""A quoted record in a quoted message in a list makes five; more is nobody's configuration."""


class Element(NamedTuple):
    """One object to read, and its identity where it or the message around it carries one.

    `is_bare` says that it is the delivery itself, or an element of the list that the delivery is.
    """

    where: Where
    cause: Cause | None
    value: dict[str, object]
    is_bare: bool


class Unusable(NamedTuple):
    """Something that is not even an object that can be read."""

    cause: Cause | None
    problem: InvalidEventError


def quoted(text: str) -> object:
    """Return what a text holds: JSON, or JSON in Base64 as queues carry it; or UnreadableError."""
    try:
        return decode(text)
    except UnreadableError as unreadable:
        try:
            return decode(base64.b64decode(text, validate=True).decode())
        except (binascii.Error, ValueError):
            raise unreadable from None


def _with_data_opened(value: dict[str, object]) -> dict[str, object]:
    data = value.get("data")
    if not isinstance(data, str):
        return value
    try:
        return {**value, "data": quoted(data)}
    except UnreadableError:
        return value  # a text, then; whether that matters depends on the kind of event


def _message(value: dict[str, object]) -> tuple[Where, object] | None:
    """Return the body of a queue message (enveloped or bare) or of a topic message."""
    data = value.get("data")
    if isinstance(data, dict) and "messageBody" in data:
        return ("data", "messageBody"), data["messageBody"]
    if "messageBody" in value:
        return ("messageBody",), value["messageBody"]
    if "Message" in value and not value.keys().isdisjoint(
        {"TopicOwner", "TopicName", "MessageMD5"}
    ):
        return ("Message",), value["Message"]
    return None


def elements(value: object, where: Where) -> Iterator[Element | Unusable]:
    """Yield every element in order of one message of a delivery, which lies at `where` in it."""
    depth = len(where)
    if isinstance(value, dict):
        yield from _of_object(value, where, None, depth, is_bare=True)
    else:
        yield from _inside(value, where, None, depth)


def _inside(
    value: object, where: Where, around: Cause | None, depth: int
) -> Iterator[Element | Unusable]:
    """Yield what was taken out of something; `around` is the identity of the message it was in."""
    if depth > MOST_WRAPPINGS:
        problem = f"is wrapped more than {MOST_WRAPPINGS} times"
        yield Unusable(around, InvalidEventError(where, problem))
    elif isinstance(value, dict):
        yield from _of_object(value, where, around, depth, is_bare=False)
    elif isinstance(value, str):
        yield from _of_text(value, where, around, depth)
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _inside(item, (*where, index), around, depth + 1)
    else:
        problem = "is an empty list" if value == [] else "is neither an event nor a request"
        cause = around or causes.by_content(value)
        yield Unusable(cause, InvalidEventError(where, problem))


def _of_text(
    text: str, where: Where, around: Cause | None, depth: int
) -> Iterator[Element | Unusable]:
    try:
        value = quoted(text)
    except UnreadableError as unreadable:
        cause = around or causes.by_content(text)
        yield Unusable(cause, InvalidEventError(where, str(unreadable)))
    else:
        yield from _inside(value, where, around, depth + 1)


def _of_object(
    value: dict[str, object], where: Where, around: Cause | None, depth: int, *, is_bare: bool
) -> Iterator[Element | Unusable]:
    opened = _with_data_opened(value)
    identity = causes.own(opened) or around
    problem = flaw(opened)
    if problem is not None:
        yield Unusable(identity, InvalidEventError(where, problem))
        return
    message = _message(opened)
    if message is None:
        yield Element(where, identity, opened, is_bare)
    else:
        steps, body = message
        yield from _inside(body, (*where, *steps), identity, depth + 1)
