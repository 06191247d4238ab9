"""Is the caller who he says he is? Signature version 1, HMAC-SHA1, which older clients still use.

Written after the public text "RPC request structure and signature". Everything that signs
travels among the parameters; those of the query and of a form body are signed together.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import quote

from localcloud.api.call import all_parameters
from localcloud.api.signature import FindKey, Nonces, check_security_token, check_time
from localcloud.credentials import Key
from localcloud.messages import Request
from localcloud.refusals import refused

METHOD = "HMAC-SHA1"
WINDOW_S = 31 * 60.0
_SIGNS = frozenset({"AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion"})
_REQUIRED = (
    *("AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion"),
    *("SignatureNonce", "Timestamp"),
)


class HmacSha1Verifier:
    """Signature version 1: everything that is signed travels in parameters."""

    def __init__(self) -> None:
        # A request may be dated a window ahead and be replayed until a window after its date.
        self._nonces = Nonces(2 * WINDOW_S)

    def recognises(self, request: Request) -> bool:
        return any(name in _SIGNS for name, _ in all_parameters(request))

    def verify(self, request: Request, find: FindKey, wall: float) -> Key:
        pairs = all_parameters(request)
        given = dict(pairs)
        _check_names(given)
        key = find(given["AccessKeyId"])
        if key is None:
            raise refused("InvalidAccessKeyId.NotFound")
        text = string_to_sign(request.method, pairs)
        ours = signature_of(text, key.access_key_secret)
        if not hmac.compare_digest(ours.encode(), given["Signature"].encode("utf-8", "replace")):
            # The old client looks behind the first colon to tell a wrong secret from a slip.
            raise refused("SignatureDoesNotMatch", f"server string to sign is:{text}")
        check_security_token(given.get("SecurityToken") or None, key)
        check_time(given["Timestamp"], wall, WINDOW_S)
        self._nonces.use(key.access_key_id, given["SignatureNonce"], wall)
        return key


def string_to_sign(method: str, pairs: tuple[tuple[str, str], ...]) -> str:
    """What the signature covers: the method and all parameters but the signature itself."""
    signed = sorted((name, value) for name, value in pairs if name != "Signature")
    canonical = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in signed)
    return f"{method}&%2F&{_encoded(canonical)}"


def signature_of(text: str, secret: str) -> str:
    """The signature in Base64; the key is the secret and an ampersand."""
    digest = hmac.new(f"{secret}&".encode(), text.encode("utf-8", "replace"), hashlib.sha1)
    return base64.b64encode(digest.digest()).decode()


def _check_names(given: dict[str, str]) -> None:
    for name in _REQUIRED:
        if not given.get(name):
            raise refused("MissingParameter", name)
    if given["SignatureMethod"].upper() != METHOD or given["SignatureVersion"] != "1.0":
        raise refused("IncompleteSignature", f"SignatureMethod is {METHOD} and its version 1.0")


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~", errors="replace")
