"""How large the platform's record of a failed invocation becomes: one that is too large is lost.

The record quotes the payload as JSON text and goes to the dead-letter queue, which takes 64 KB a
message (Function Compute 3.0, "Result callback"; Simple Message Queue, limits). No document says
whether it is put there as it is or as Base64, nor which characters are escaped that need not be:
what is sent is bounded so that the largest of these forms fits.
"""

from __future__ import annotations

LARGEST_MESSAGE = 65_536
AROUND = 8_192
"""Bytes of a record beside the payload: whose it is, and the error that the function answered."""

MOST_QUOTED = LARGEST_MESSAGE // 4 * 3 - AROUND
"""Bytes of a payload, quoted, whose record fits: Base64 makes four characters of three bytes."""

_ESCAPED = (b'"', b"\\")
_ESCAPED_BY_SOME = (b"<", b">", b"&", b"'", b"=")
"""Written as `\\u003c` and the like by encoders that think of HTML."""


def quoted(text: bytes) -> int:
    """Bytes of this ASCII text without control characters inside a JSON string, at most."""
    longer = sum(map(text.count, _ESCAPED))
    return len(text) + longer + 5 * sum(map(text.count, _ESCAPED_BY_SOME))


def fits(payload: bytes) -> bool:
    """Whether the record of a failure of this payload is kept, however it is written."""
    return quoted(payload) <= MOST_QUOTED
