"""Signatures agree with the published and recomputed vectors, step by step."""

from __future__ import annotations

import calendar
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from evermirror.aliyun import signing
from evermirror.aliyun.credentials import Credentials

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "data" / "signature_vectors.json").read_text("utf-8")
)["vectors"]
EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def named(vector: dict[str, Any]) -> str:
    return str(vector["name"])


@pytest.mark.parametrize("vector", VECTORS, ids=named)
def test_each_step_of_a_published_signature_is_reproduced(vector: dict[str, Any]) -> None:
    canonical = signing.canonical_request(
        vector["method"],
        vector["path"],
        vector["query"].items(),
        vector["headers"],
        vector["headers"]["x-acs-content-sha256"],
    )
    credentials = Credentials(vector["access_key_id"], vector["access_key_secret"])

    assert canonical == vector["canonical_request"]
    assert signing.string_to_sign(canonical) == vector["string_to_sign"]
    assert signing.signature(credentials.access_key_secret, canonical) == vector["signature"]
    assert (
        signing.authorization(credentials, vector["headers"], canonical)
        == (vector["authorization"])
    )


def signed(vector: dict[str, Any]) -> httpx.Request:
    headers = vector["headers"]
    moment = calendar.timegm(time.strptime(headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ"))
    credentials = Credentials(
        vector["access_key_id"], vector["access_key_secret"], headers.get("x-acs-security-token")
    )
    auth = signing.Acs3Auth(
        lambda: credentials, lambda: moment + 0.9, lambda: str(headers["x-acs-signature-nonce"])
    )
    request = httpx.Request(
        vector["method"],
        f"https://{headers['host']}{vector['path']}",
        params=vector["query"],
        content=vector["body"].encode(),
        headers={
            name: value
            for name, value in headers.items()
            if name in {"x-acs-action", "x-acs-version", "content-type"}
        },
    )
    return next(auth.auth_flow(request))


@pytest.mark.parametrize(
    "vector",
    [v for v in VECTORS if "accept" not in v["signed_headers"]],
    ids=named,
)
def test_a_request_is_signed_as_published(vector: dict[str, Any]) -> None:
    request = signed(vector)

    assert request.headers["authorization"] == vector["authorization"]
    assert request.headers["x-acs-content-sha256"] == vector["headers"]["x-acs-content-sha256"]


def auth_for(credentials: Credentials) -> signing.Acs3Auth:
    return signing.Acs3Auth(lambda: credentials, lambda: 0.0, lambda: "nonce")


def test_what_is_not_named_by_the_rule_is_sent_but_not_signed() -> None:
    request = httpx.Request(
        "POST", "http://127.0.0.1:1/", headers={"accept": "a/b", "X-Fc-Invocation-Type": "Async"}
    )

    next(auth_for(Credentials("id", "secret")).auth_flow(request))

    assert (
        "SignedHeaders=host;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce,"
        in request.headers["authorization"]
    )


def test_a_permanent_key_sends_no_security_token() -> None:
    request = httpx.Request("POST", "http://127.0.0.1:1/")

    next(auth_for(Credentials("id", "secret")).auth_flow(request))

    assert "x-acs-security-token" not in request.headers
    assert "x-acs-accesskey-id" not in request.headers


def test_credentials_are_asked_for_at_every_request() -> None:
    kept = [Credentials("second", "s", "second-token"), Credentials("first", "s", "first-token")]
    auth = signing.Acs3Auth(kept.pop, lambda: 0.0, lambda: "nonce")

    tokens = [
        next(auth.auth_flow(httpx.Request("POST", "http://127.0.0.1:1/"))).headers[
            "x-acs-security-token"
        ]
        for _ in range(2)
    ]

    assert tokens == ["first-token", "second-token"]


def test_a_path_is_signed_as_it_is_sent() -> None:
    """A dollar sign goes as %24 in the official client's canonical request too."""
    request = httpx.Request("POST", "http://h/2023-03-30/functions/a%24b/invocations?qualifier=1")
    expected = signing.canonical_request(
        "POST",
        "/2023-03-30/functions/a%24b/invocations",
        [("qualifier", "1")],
        {
            "host": "h",
            "x-acs-content-sha256": EMPTY_SHA256,
            "x-acs-date": "1970-01-01T00:00:00Z",
            "x-acs-signature-nonce": "nonce",
        },
        EMPTY_SHA256,
    )

    next(auth_for(Credentials("id", "secret")).auth_flow(request))

    signature = signing.signature("secret", expected)
    assert request.headers["authorization"].endswith(f"Signature={signature}")
