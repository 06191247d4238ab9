"""Is the caller who he says he is? Signature version 3, ACS3-HMAC-SHA256, checked from scratch.

Written after the public text "V3 request structure and signature" alone. The client decides
which headers it signs, so the canonical request is rebuilt from its `SignedHeaders`, over
decoded parameters: clients write a space as `+` but sign it as `%20`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from calendar import timegm
from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from urllib.parse import quote

from localcloud.credentials import Key
from localcloud.messages import Request
from localcloud.refusals import missing, refused

ALGORITHM = "ACS3-HMAC-SHA256"
WINDOW_S = 15 * 60.0
_AUTHORIZATION = re.compile(
    r"ACS3-HMAC-SHA256 +Credential=(?P<key>[^,\s]+), *SignedHeaders=(?P<headers>[^,\s]+),"
    r" *Signature=(?P<signature>[0-9a-f]{64})"
)
_ALWAYS_SIGNED = frozenset(
    {"host", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"}
    | {"x-acs-action", "x-acs-version", "x-acs-security-token"}
)
_DATE = "%Y-%m-%dT%H:%M:%SZ"

FindKey = Callable[[str], Key | None]


class Verifier(Protocol):
    """One way of signing. The gateway asks each whether a request is signed in its way."""

    def recognises(self, request: Request) -> bool: ...

    def verify(self, request: Request, find: FindKey, wall: float) -> Key:
        """The key that signed; `RefusedError` if none did. `wall` is the real time in seconds."""


class Nonces:
    """The nonces of the last while: one that comes again is a replay."""

    def __init__(self, kept_s: float) -> None:
        self._kept_s = kept_s
        self._seen: dict[tuple[str, str], float] = {}
        self._sweep_at = 0.0

    def use(self, access_key_id: str, nonce: str, wall: float) -> None:
        """Note a nonce; `SignatureNonceUsed` if it was noted before."""
        if wall >= self._sweep_at:
            self._seen = {one: at for one, at in self._seen.items() if at > wall - self._kept_s}
            self._sweep_at = wall + self._kept_s
        if (access_key_id, nonce) in self._seen:
            raise refused("SignatureNonceUsed")
        self._seen[access_key_id, nonce] = wall


class Acs3Verifier:
    """Signature version 3: everything that is signed travels in headers."""

    def __init__(self) -> None:
        # A request may be dated a window ahead and be replayed until a window after its date.
        self._nonces = Nonces(2 * WINDOW_S)

    def recognises(self, request: Request) -> bool:
        return request.headers.get("authorization", "").startswith(ALGORITHM)

    def verify(self, request: Request, find: FindKey, wall: float) -> Key:
        parts = _AUTHORIZATION.fullmatch(request.headers["authorization"])
        if parts is None:
            raise refused("IncompleteSignature", "Authorization is not of its documented form")
        key = find(parts["key"])
        if key is None:
            raise refused("InvalidAccessKeyId.NotFound")
        signed = parts["headers"].lower().split(";")
        _check_headers(request, signed)
        _check_signature(request, signed, key, parts["signature"])
        check_security_token(request.headers.get("x-acs-security-token"), key)
        check_time(request.headers["x-acs-date"], wall, WINDOW_S)
        self._nonces.use(key.access_key_id, request.headers["x-acs-signature-nonce"], wall)
        return key


def _check_headers(request: Request, signed: list[str]) -> None:
    for name in ("host", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"):
        if not request.headers.get(name):
            raise refused("MissingParameter", name)
    for name in signed:
        if name not in request.headers:
            raise refused("IncompleteSignature", f"the signed header {name} was not sent")
    for name in _ALWAYS_SIGNED.intersection(request.headers):
        if name not in signed:
            raise refused("IncompleteSignature", f"the header {name} is not signed")


def _check_signature(request: Request, signed: list[str], key: Key, signature: str) -> None:
    payload = hashlib.sha256(request.body).hexdigest()
    if payload != request.headers["x-acs-content-sha256"]:
        raise refused("SignatureDoesNotMatch", f"The body's SHA-256 is {payload}.")
    canonical = canonical_request(request, signed)
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    ours = hmac.new(key.access_key_secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(ours, signature):
        # The real service tells the client what it computed, and so helps to find the slip.
        raise refused(
            "SignatureDoesNotMatch",
            f"Server string to sign is [{to_sign}], server canonical request is [{canonical}].",
        )


def canonical_request(request: Request, signed: list[str]) -> str:
    """What the signature covers, rebuilt from the decoded request."""
    query = sorted((_encoded(name), _encoded(value)) for name, value in request.query)
    return "\n".join(
        (
            request.method,
            quote(request.path, safe="/-_.~"),
            "&".join(f"{name}={value}" for name, value in query),
            "".join(f"{name}:{request.headers[name].strip()}\n" for name in sorted(signed)),
            ";".join(signed),
            request.headers["x-acs-content-sha256"],
        )
    )


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def check_security_token(token: str | None, key: Key) -> None:
    """A temporary key comes with its own token, any other key with none or its own."""
    if token is None:
        if key.token_required:
            raise missing("SecurityToken")
    elif key.security_token is None or not hmac.compare_digest(
        token.encode("utf-8", "replace"), key.security_token.encode()
    ):
        raise refused("InvalidSecurityToken.MismatchWithAccessKey")


def check_time(date: str, wall: float, window_s: float) -> None:
    """A date is good for so many seconds, before its moment as after it."""
    try:
        moment = timegm(datetime.strptime(date, _DATE).timetuple())  # noqa: DTZ007 - always UTC
    except ValueError:
        raise refused("InvalidTimeStamp.Format") from None
    if abs(moment - wall) > window_s:
        raise refused("InvalidTimeStamp.Expired", f"{window_s / 60:.0f} minutes")
