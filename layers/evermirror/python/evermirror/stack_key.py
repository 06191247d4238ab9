"""The stack's own key: by it mirror believes itself and the sweep, and nobody else.

Whoever may invoke mirror may ask it for a look, which the policy decides. What a look would not do
alone (removing a source, switching a session on, saying who did something) counts only in a request
with a code under this key, made over all of the request and whom it is for. The code has no end of
validity: work that waited in a dead-letter queue is believed as well, and a request that is sent
twice does no more than once.

The ids under which invocations are deduplicated are keyed by it, too. Whoever could compute one
could use it up beforehand, and the platform would take the invocation for done.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from evermirror.errors import SettingsError

LEAST_BYTES = 32
LEAST_KINDS = 8
"""Different bytes in a key: fewer are a pattern that somebody typed."""

MAC = "mac"
"""The member of a request that holds its code."""

_ID_DIGITS = 48


class Recipient(NamedTuple):
    """The function that a request is for."""

    account_id: str
    region: str
    function: str


class StackKey:
    """No key, one, or several while they are being exchanged, of which the first one signs."""

    __slots__ = ("_keys",)

    def __init__(self, words: Sequence[str] = ()) -> None:
        """Raises SettingsError where a word is no key; the word itself is not told."""
        self._keys = tuple(_key(position, word) for position, word in enumerate(words, start=1))

    def __bool__(self) -> bool:
        return bool(self._keys)

    def __repr__(self) -> str:
        return f"StackKey({len(self._keys)} keys)"

    def mac(self, request: Mapping[str, object], recipient: Recipient) -> str | None:
        """The code of a request, but for its own member; None without a key."""
        return _mac(self._keys[0], _content(request, recipient)) if self._keys else None

    def holds(self, request: Mapping[str, object], recipient: Recipient) -> bool:
        """Whether a request has a code under one of the keys."""
        code = request.get(MAC)
        if not self._keys or not isinstance(code, str) or not code.isascii():
            return False
        content = _content(request, recipient)
        return any(hmac.compare_digest(_mac(key, content), code) for key in self._keys)

    def deduplication_id(self, prefix: str, content: bytes) -> str:
        """The prefix and a digest of what is sent, which without the key nobody can foretell."""
        if self._keys:
            digest = hmac.new(self._keys[0], b"id\n" + content, hashlib.sha256).hexdigest()
        else:
            digest = hashlib.sha256(content).hexdigest()
        return f"{prefix}-{digest[:_ID_DIGITS]}"


def _content(request: Mapping[str, object], recipient: Recipient) -> bytes:
    signed = {key: value for key, value in request.items() if key != MAC}
    content = json.dumps([recipient, signed], sort_keys=True, separators=(",", ":"))
    return b"request\n" + content.encode("ascii")


def _mac(key: bytes, content: bytes) -> str:
    return hmac.new(key, content, hashlib.sha256).hexdigest()


def _key(position: int, word: str) -> bytes:
    try:
        encoded = word.encode("ascii")
        key = base64.b64decode(encoded + b"=" * (-len(encoded) % 4), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        key = b""
    if len(key) < LEAST_BYTES or len(frozenset(key)) < LEAST_KINDS:
        raise SettingsError(
            f"EVERMIRROR_STACK_KEY: number {position} is no key; expected at least {LEAST_BYTES} "
            "random bytes in Base64, several separated by spaces or commas, the newest first"
        )
    return key


NO_KEY = StackKey()
