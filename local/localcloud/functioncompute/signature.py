"""Function Compute's own signature of the 2016-08-15 API, checked from scratch.

Function Compute 2.0, "Signature authentication": HMAC-SHA256 over method, content-md5, content
type, date, the x-fc-* headers and the path. The body is not signed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from email.utils import parsedate_to_datetime

from localcloud.api.signature import WINDOW_S, FindKey
from localcloud.credentials import Key
from localcloud.messages import Request
from localcloud.refusals import RefusedError

_SCHEME = "FC "


class FcVerifier:
    """The signature that `aliyun-fc2` makes."""

    def recognises(self, request: Request) -> bool:
        return request.headers.get("authorization", "").startswith(_SCHEME)

    def verify(self, request: Request, find: FindKey, wall: float) -> Key:
        """The key that signed; `RefusedError` if none did. `wall` is the real time in seconds."""
        name, _, signature = request.headers["authorization"][len(_SCHEME) :].partition(":")
        key = find(name.strip())
        if key is None:
            sentence = f"invalid access key ID '{name.strip()}'"
            raise RefusedError("InvalidAccessKeyID", 403, sentence)
        _check_date(request.headers.get("date", ""), wall)
        digest = hmac.new(
            key.access_key_secret.encode(), string_to_sign(request).encode(), hashlib.sha256
        ).digest()
        if not hmac.compare_digest(base64.b64encode(digest), signature.strip().encode()):
            raise RefusedError("SignatureNotMatch", 403, "the signature does not match")
        _check_token(request, key)
        return key


def string_to_sign(request: Request) -> str:
    """What the signature covers."""
    headers = request.headers
    own = sorted((name, value) for name, value in headers.items() if name.startswith("x-fc-"))
    first = (request.method, *(headers.get(name, "") for name in ("content-md5", "content-type")))
    lines = "".join(f"{name}:{value}\n" for name, value in own)
    return "\n".join((*first, headers.get("date", ""), lines + request.path))


def _check_date(date: str, wall: float) -> None:
    if not date:
        raise RefusedError("MissingRequiredHeader", 400, "required HTTP header Date is missing")
    try:
        moment = parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError):
        raise RefusedError("InvalidArgument", 400, "the header Date is no HTTP date") from None
    if abs(moment - wall) > WINDOW_S:
        raise RefusedError("AccessDenied", 403, "the header Date is too far from now")


def _check_token(request: Request, key: Key) -> None:
    token = request.headers.get("x-fc-security-token", "")
    if not token and not key.token_required:
        return
    if not hmac.compare_digest(token.encode(), (key.security_token or "").encode()):
        raise RefusedError("AccessDenied", 403, "the security token does not fit the access key")
