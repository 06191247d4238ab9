"""Who sent a request: Standard Webhooks 1.0, read more strictly than its official library does.

A signature is all that stands between the internet and the power to have traffic mirrored. So one
spelling of each header is accepted and no other: the library takes a time stamp such as `1e9`,
Base64 with rubbish in it, and ids with a full stop, which lets id and time trade characters.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence

from evermirror.errors import SettingsError
from evermirror.webhook.problems import UNAUTHORIZED, FieldError, ProblemError

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"

TOLERANCE_S = 300.0
"""Seconds that the time stamp may lie before or after now; what the official libraries take."""

ID_PATTERN = "[A-Za-z0-9_~:/+=@-]{1,128}"
TIMESTAMP_PATTERN = "[1-9][0-9]{0,11}"
MOST_SIGNATURES = 4096
"""Characters of all signatures together; one takes 47."""

PREFIX = "whsec_"
LEAST_BYTES, MOST_BYTES = 24, 64
"""Bytes of a secret (Standard Webhooks 1.0)."""

_ID = re.compile(ID_PATTERN)
_TIMESTAMP = re.compile(TIMESTAMP_PATTERN)
# Entries are separated by spaces; Function Compute joins a repeated header by commas.
_SIGNATURE = re.compile(r"(?:^|(?<=[ ,]))v1,([A-Za-z0-9+/]{43}=)(?=[ ,]|\Z)")
_HOW = "sign the request as Standard Webhooks 1.0 asks"


class Secrets:
    """The secrets that a request may be signed by, several while they are being exchanged."""

    def __init__(self, words: Sequence[str]) -> None:
        """Raises SettingsError where there is none or one is malformed: never open by mistake."""
        if not words:
            raise SettingsError(
                "EVERMIRROR_WEBHOOK_SECRET is not set; without a secret nobody can be believed"
            )
        self._keys = [_key(position, word) for position, word in enumerate(words, start=1)]

    def verify(self, headers: Mapping[str, str], body: bytes, now: float) -> str:
        """The webhook-id of a request that a holder of a secret signed within the tolerance.

        `headers` by lower-case name; `now` in seconds since the epoch. Raises ProblemError (401),
        which names the header and never says which secret or character was wrong.
        """
        identity = _header(headers, ID, _ID, f"must match {ID_PATTERN}")
        timestamp = _header(headers, TIMESTAMP, _TIMESTAMP, "must be whole seconds since 1970")
        signatures = _signatures(headers)
        if abs(now - int(timestamp)) > TOLERANCE_S:
            raise _refusal(TIMESTAMP, f"is not within {TOLERANCE_S:.0f} seconds of now")
        content = f"{identity}.{timestamp}.".encode("ascii") + body
        if not self._signed(content, signatures):
            raise _refusal(SIGNATURE, "holds no signature of this request by a secret known here")
        return identity

    def deduplication_id(self, webhook_id: str) -> str:
        """`w-` and a digest of the webhook-id, under which the platform takes a request once.

        Nobody without the first of the secrets can compute it, and use it up beforehand.
        """
        content = b"id\n" + webhook_id.encode("ascii")
        return f"w-{hmac.digest(self._keys[0], content, 'sha256').hex()[:48]}"

    def _signed(self, content: bytes, signatures: Sequence[str]) -> bool:
        found = False
        for key in self._keys:
            expected = base64.b64encode(hmac.digest(key, content, "sha256")).decode("ascii")
            for signature in signatures:
                # No early end: how long it takes says nothing about which one was right.
                found |= hmac.compare_digest(expected, signature)
        return found


def _key(position: int, word: str) -> bytes:
    try:
        encoded = word.removeprefix(PREFIX).encode("ascii")
        key = base64.b64decode(encoded + b"=" * (-len(encoded) % 4), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        key = b""
    if not word.startswith(PREFIX) or not LEAST_BYTES <= len(key) <= MOST_BYTES:
        # The word itself is not told: a secret with a slip of the pen is nearly a secret.
        raise SettingsError(
            f"EVERMIRROR_WEBHOOK_SECRET: number {position} is no secret; expected {PREFIX} and "
            f"{LEAST_BYTES} to {MOST_BYTES} bytes in Base64, several separated by spaces"
        )
    return key


def _header(headers: Mapping[str, str], name: str, pattern: re.Pattern[str], rule: str) -> str:
    value = headers.get(name)
    if not value:
        raise _refusal(name, f"is missing: {_HOW}")
    if pattern.fullmatch(value) is None:
        raise _refusal(name, rule)
    return value


def _signatures(headers: Mapping[str, str]) -> list[str]:
    value = headers.get(SIGNATURE)
    if not value:
        raise _refusal(SIGNATURE, f"is missing: {_HOW}")
    found: list[str] = _SIGNATURE.findall(value) if len(value) <= MOST_SIGNATURES else []
    if not found:
        raise _refusal(
            SIGNATURE,
            f"must hold entries of v1, and 44 characters; at most {MOST_SIGNATURES} in all",
        )
    return found


def _refusal(header: str, detail: str) -> ProblemError:
    return ProblemError(
        UNAUTHORIZED,
        f"{header} {detail}.",
        [FieldError(header=header, detail=detail)],
        {"www-authenticate": "StandardWebhooks"},
    )
