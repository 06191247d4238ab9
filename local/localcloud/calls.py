"""Signed calls without any client library: what a test sends when the client is not the point."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from localcloud.api import signature_version_1
from localcloud.api.signature import ALGORITHM, canonical_request
from localcloud.api.table import ALL, VPC
from localcloud.credentials import FIXED_KEY, Key
from localcloud.messages import NO_HEADERS, Request
from localcloud.world.moments import to_the_second

REGION = "cn-hongkong"
Value = str | int | bool | Sequence[str]


def flat(parameters: Mapping[str, Value]) -> dict[str, str]:
    """Parameters as they travel: a list `Names` becomes `Names.1`, `Names.2`, ..."""
    found: dict[str, str] = {}
    for name, value in parameters.items():
        if isinstance(value, str | int):
            found[name] = str(value)
        else:
            found.update((f"{name}.{place}", one) for place, one in enumerate(value, start=1))
    return found


def _version_and_name(action: str) -> tuple[str, str]:
    product, _, name = action.rpartition(":")
    versions = [
        one.version for one in ALL if one.name == name and product in {"", one.product.lower()}
    ]
    return (versions or [VPC[1]])[0], name


def signed_call(
    action: str,
    parameters: Mapping[str, Value],
    wall: float,
    nonce: str,
    key: Key = FIXED_KEY,
) -> Request:
    """A POST with its parameters in the query, signed in version 3 at the real time `wall`.

    An action that VPC and ECS both have is that of VPC, or is written `ecs:TagResources`.
    """
    sent = flat({"RegionId": REGION, **parameters})
    version, name = _version_and_name(action)
    headers = {
        "host": "127.0.0.1",
        "x-acs-action": name,
        "x-acs-version": version,
        "x-acs-date": to_the_second(wall),
        "x-acs-signature-nonce": nonce,
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
    }
    if key.security_token is not None:
        headers["x-acs-security-token"] = key.security_token
    unsigned = Request("POST", "/", tuple(sent.items()), headers, b"", f"/?{urlencode(sent)}")
    return authorized(unsigned, key)


def signed_in_version_1(
    action: str,
    parameters: Mapping[str, Value],
    wall: float,
    nonce: str,
    key: Key = FIXED_KEY,
    common: Mapping[str, str] = NO_HEADERS,
) -> Request:
    """A POST with everything in the query, signed in version 1; `common` overrides or adds."""
    version, name = _version_and_name(action)
    sent = {
        "Action": name,
        "Version": version,
        "AccessKeyId": key.access_key_id,
        "SignatureMethod": signature_version_1.METHOD,
        "SignatureVersion": "1.0",
        "SignatureNonce": nonce,
        "Timestamp": to_the_second(wall),
        **flat({"RegionId": REGION, **parameters}),
    }
    if key.security_token is not None:
        sent["SecurityToken"] = key.security_token
    sent.update(common)
    text = signature_version_1.string_to_sign("POST", tuple(sent.items()))
    sent["Signature"] = signature_version_1.signature_of(text, key.access_key_secret)
    return Request("POST", "/", tuple(sent.items()), {}, b"", f"/?{urlencode(sent)}")


def authorized(request: Request, key: Key) -> Request:
    """The request with its Authorization; every header it has is signed."""
    signed = sorted(request.headers)
    canonical = hashlib.sha256(canonical_request(request, signed).encode()).hexdigest()
    to_sign = f"{ALGORITHM}\n{canonical}".encode()
    signature = hmac.new(key.access_key_secret.encode(), to_sign, hashlib.sha256).hexdigest()
    parts = f"Credential={key.access_key_id},SignedHeaders={';'.join(signed)},Signature={signature}"
    headers = {**request.headers, "authorization": f"{ALGORITHM} {parts}"}
    return Request(
        request.method, request.path, request.query, headers, request.body, request.target
    )


def body_of(content: bytes) -> dict[str, Any]:
    """The JSON object of an answer."""
    found: dict[str, Any] = json.loads(content)
    return found
