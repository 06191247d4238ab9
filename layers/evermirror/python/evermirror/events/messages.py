"""Takes a delivery apart into its messages, so that what is wrong with one costs no other.

A queue pushes up to 500 messages at once, and an invocation takes 32 MB. A small delivery is
decoded whole. One above what a message may have, or one that is no JSON as a whole, is taken
message by message: where one ends is found by its brackets, without decoding it, and only one at a
time is ever held decoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from evermirror.events.json_text import UnreadableError, decode_bytes
from evermirror.events.problems import Where

MOST_BYTES = 1024 * 1024
"""Of one message. A queue takes 64 KB (Simple Message Queue, limits), an asynchronous invocation
128 KB; quoted inside an envelope either may become six times as long. The worst message of so many
bytes, a list of empty objects, then costs some 30 MB decoded."""

_BEGINNING = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*\[")
_TOKEN = re.compile(rb'\\.|["\[\]{},]', re.DOTALL)
_QUOTE, _COMMA, _END, _ESCAPE = b'",]\\'
_OPENING, _CLOSING = frozenset(b"[{"), frozenset(b"]}")


class Message(NamedTuple):
    """A message at `where` in the delivery: its value, or the problem of a `text` without one."""

    where: Where
    value: object = None
    problem: str | None = None
    text: bytes = b""


class _BrokenListError(ValueError):
    """Where the next message ends, nobody can say."""


def messages(payload: bytes) -> Iterator[Message]:
    """Yield every message of a delivery: the elements of a list, or the one that it is."""
    try:
        value = decode_bytes(payload, MOST_BYTES)
    except UnreadableError as unreadable:
        yield from _one_by_one(payload, str(unreadable))
    else:
        if isinstance(value, list) and value:
            yield from (Message((index,), item) for index, item in enumerate(value))
        else:
            yield Message((), value)


def _one_by_one(payload: bytes, problem: str) -> Iterator[Message]:
    beginning = _BEGINNING.match(payload)
    index = 0
    try:
        for index, text in enumerate(_texts(payload, beginning), 1):
            yield _message((index - 1,), text)
    except _BrokenListError:
        rest = f"is no list of JSON from its element {index} on, and the rest was not read"
        yield Message((), problem=rest if index else problem, text=payload)


def _message(where: Where, text: bytes) -> Message:
    try:
        return Message(where, decode_bytes(text, MOST_BYTES))
    except UnreadableError as unreadable:
        return Message(where, problem=str(unreadable), text=text)


def _texts(payload: bytes, beginning: re.Match[bytes] | None) -> Iterator[bytes]:
    """Yield the text of every element of the list, whatever is in it; or raise _BrokenListError."""
    if beginning is None:
        raise _BrokenListError
    start = beginning.end()
    for end in _ends(payload, start):
        text = payload[start:end].strip()
        if not text:
            break
        yield text
        start = end + 1
        if payload[end] == _COMMA:
            continue
        if payload[end] == _END and not payload[start:].strip():
            return
        break
    raise _BrokenListError


def _ends(payload: bytes, start: int) -> Iterator[int]:
    """Yield where each element ends: at the commas and brackets inside of nothing."""
    depth, quoted = 0, False
    for token in _TOKEN.finditer(payload, start):
        sign = payload[token.start()]
        if sign == _QUOTE:
            quoted = not quoted
        elif quoted:
            continue
        elif sign in _OPENING:
            depth += 1
        elif depth:
            depth -= sign in _CLOSING
        elif sign != _ESCAPE:
            yield token.start()
