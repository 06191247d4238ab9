"""Read JSON that anybody may have written, so that no byte string can hurt this process.

The bounds, and why they are where they are:

- `MOST_BYTES`: millions of empty objects in so much text cost some 300 MB decoded, which a
  function survives. Who reads many texts out of one delivery bounds each of them more narrowly.
- `DEEPEST`: a record inside an event inside a queue message is ten levels deep. Anything far
  beyond that is an attack on the stack.
- `MOST_DIGITS`: turning digits into an integer takes quadratic time, and newer interpreters
  refuse beyond 4,300 digits. A longer number becomes a float; no field that counts holds one.

A flaw inside one element of a batch must not cost its neighbours. That is why a repeated key
leaves a mark (`RepeatedKey`) instead of failing the text, and why `NaN`, which is not JSON, reads
as null.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from evermirror.repeated_keys import RepeatedKey, marked

MOST_BYTES = 8 * 1024 * 1024
DEEPEST = 64
MOST_DIGITS = 20


class UnreadableError(ValueError):
    """The text is not JSON that can be taken in; the message says why, as half a sentence."""


def _integer(digits: str) -> float:
    return int(digits) if len(digits) <= MOST_DIGITS else float(digits)


def _null(_constant: str) -> None:
    return None


_DECODER = json.JSONDecoder(object_pairs_hook=marked, parse_int=_integer, parse_constant=_null)


def decode(text: str) -> object:
    """Return the value, or raise UnreadableError; for texts out of a delivery that is bounded."""
    if not text or text.isspace():
        raise UnreadableError("is empty")
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise UnreadableError(f"is not JSON ({error.msg} at character {error.pos})") from None
    except RecursionError:
        raise UnreadableError(f"nests deeper than {DEEPEST} levels") from None


def decode_bytes(payload: bytes, most: int = MOST_BYTES) -> object:
    """Return the value of JSON in UTF-8 (RFC 8259), or raise UnreadableError."""
    if len(payload) > most:
        raise UnreadableError(f"is longer than {most} bytes")
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"is not UTF-8 (at byte {error.start})") from None
    return decode(text)


def _children(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def flaw(value: object) -> str | None:
    """Name what makes a decoded value unusable: too deep, or a key named twice; or None."""
    level = [value]
    for _ in range(DEEPEST):
        if not level:
            return None
        for item in level:
            if isinstance(item, RepeatedKey):
                return f"names the key {json.dumps(item.key)[:80]} twice"
        level = [child for item in level for child in _children(item)]
    return f"nests deeper than {DEEPEST} levels" if level else None


def digest(value: object) -> str:
    """Return 32 hex digits that stand for this value however its JSON was spaced or ordered.

    Only for values without a flaw: the encoder recurses.
    """
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return digest_bytes(canonical.encode())


def digest_bytes(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()[:32]
