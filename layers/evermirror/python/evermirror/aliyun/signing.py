"""Signature version 3, because every call to the cloud, RPC or Function Compute 3.0, needs it.

The pure functions build what is signed; `Acs3Auth` puts it on an httpx request. Source: "V3
request structure and signature" (ACS3-HMAC-SHA256), Alibaba Cloud SDK documentation.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from urllib.parse import parse_qsl, quote

import httpx

from evermirror.aliyun.credentials import Credentials

ALGORITHM = "ACS3-HMAC-SHA256"
_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]*")  # RFC 3986


class Acs3Auth(httpx.Auth):
    """Signs each request with the credentials of that moment.

    `now` gives seconds since the epoch (the service accepts 15 minutes of difference), `nonce`
    a text that was never used before. A signed header must not be changed afterwards.
    """

    requires_request_body = True

    def __init__(
        self,
        credentials: Callable[[], Credentials],
        now: Callable[[], float],
        nonce: Callable[[], str],
    ) -> None:
        self._credentials = credentials
        self._now = now
        self._nonce = nonce

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        credentials = self._credentials()
        payload_hash = hashlib.sha256(request.content).hexdigest()
        request.headers["x-acs-date"] = timestamp(self._now())
        request.headers["x-acs-signature-nonce"] = self._nonce()
        request.headers["x-acs-content-sha256"] = payload_hash
        if credentials.security_token:
            request.headers["x-acs-accesskey-id"] = credentials.access_key_id
            request.headers["x-acs-security-token"] = credentials.security_token
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        # As they are sent: the client's own mapping of them finds out their encoding each time.
        sent = ((name.decode(), value.decode()) for name, value in request.headers.raw)
        signed = headers_to_sign(sent)
        canonical = canonical_request(request.method, path, decoded(query), signed, payload_hash)
        request.headers["authorization"] = authorization(credentials, signed, canonical)
        yield request


def timestamp(now: float) -> str:
    """The time as `x-acs-date` wants it, in UTC and whole seconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))


def headers_to_sign(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers that must be signed: host, the content type if any, and every x-acs-*."""
    return {
        lower: value
        for name, value in headers
        if (lower := name.lower()).startswith("x-acs-") or lower in {"host", "content-type"}
    }


def canonical_request(
    method: str,
    path: str,
    query: Iterable[tuple[str, str]],
    headers: Mapping[str, str],
    payload_hash: str,
) -> str:
    """The request in the one spelling that both sides sign.

    `path` is percent-encoded as it is sent, `query` is decoded, `headers` have lower-case names
    and are all signed, `payload_hash` is the lower-case hex SHA-256 of the body.
    """
    names = sorted(headers)
    return "\n".join(
        (
            method,
            path,
            canonical_query(query),
            "".join(f"{name}:{headers[name].strip()}\n" for name in names),
            ";".join(names),
            payload_hash,
        )
    )


def canonical_query(query: Iterable[tuple[str, str]]) -> str:
    """Sorted as text (so `.10` comes before `.2`) and encoded as RFC 3986 says."""
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(query))


def _encoded(text: str) -> str:
    # A list of a hundred ids is signed with every call, and none of them needs encoding.
    return text if _UNRESERVED.fullmatch(text) else quote(text, safe="")


def decoded(query: str) -> Iterable[tuple[str, str]]:
    """The parameters of a query as it is sent."""
    if "%" in query or "+" in query or not query:
        return parse_qsl(query, keep_blank_values=True)
    return [(name, value) for name, _, value in (one.partition("=") for one in query.split("&"))]


def string_to_sign(canonical: str) -> str:
    return f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"


def signature(access_key_secret: str, canonical: str) -> str:
    """Lower-case hex, keyed with the secret itself: no key is derived by date or region."""
    key, text = access_key_secret.encode(), string_to_sign(canonical).encode()
    return hmac.new(key, text, hashlib.sha256).hexdigest()


def authorization(credentials: Credentials, headers: Mapping[str, str], canonical: str) -> str:
    """The Authorization header for a canonical request that was built from `headers`."""
    return (
        f"{ALGORITHM} Credential={credentials.access_key_id},"
        f"SignedHeaders={';'.join(sorted(headers))},"
        f"Signature={signature(credentials.access_key_secret, canonical)}"
    )
