"""Signature version 3 as published, as official packages make it, and as forgers would like it."""

from __future__ import annotations

import json
from calendar import timegm
from dataclasses import replace
from pathlib import Path
from time import strptime
from typing import Any

import pytest

from localcloud.api.signature import WINDOW_S, Acs3Verifier, canonical_request
from localcloud.calls import authorized, signed_call
from localcloud.credentials import FIXED_KEY, Caller, Key, Keyring
from localcloud.messages import Request, decoded
from localcloud.refusals import RefusedError

DATA = Path(__file__).parents[2] / "data"
VECTORS = json.loads((DATA / "localcloud_signature_vectors.json").read_text(encoding="utf-8"))
WIRE = json.loads((DATA / "localcloud_wire_captures.json").read_text(encoding="utf-8"))
WALL = 1_800_000_000.0


def moment(date: str) -> float:
    return float(timegm(strptime(date, "%Y-%m-%dT%H:%M:%SZ")))


def verified(request: Request, key: Key, wall: float) -> Key:
    verifier = Acs3Verifier()
    assert verifier.recognises(request)
    return verifier.verify(request, {key.access_key_id: key}.get, wall)


def of_vector(vector: Any) -> Request:
    headers = {**vector["headers"], "authorization": vector["authorization"]}
    query = tuple(vector["query"].items())
    return Request(vector["method"], vector["path"], query, headers, vector["body"].encode())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_published_or_generated_signature_is_accepted(vector: Any) -> None:
    request = of_vector(vector)
    token = request.headers.get("x-acs-security-token")
    key = Key(vector["access_key_id"], vector["access_key_secret"], token)

    assert verified(request, key, moment(request.headers["x-acs-date"])) == key
    signed = vector["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert canonical_request(request, signed) == vector["canonical_request"]


CAPTURES = [one for one in WIRE["captures"] if dict(one["headers"]).get("Authorization")]


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda capture: capture["name"])
def test_a_request_of_the_official_client_is_accepted(capture: Any) -> None:
    headers = {name.lower(): value for name, value in capture["headers"]}
    query = decoded(capture["target"].partition("?")[2])
    request = Request(capture["method"], "/", query, headers, capture["body"].encode())
    key_id = headers["authorization"].partition("Credential=")[2].partition(",")[0]
    key = Key(key_id, WIRE["access_key_secret"], headers.get("x-acs-security-token"))

    assert verified(request, key, moment(headers["x-acs-date"])) == key


def test_there_are_nine_vectors_and_fourteen_captures() -> None:
    assert (len(VECTORS), len(CAPTURES)) == (9, 14)


def call(**headers: str) -> Request:
    request = signed_call("ListTrafficMirrorSessions", {"MaxResults": 5}, WALL, "nonce")
    return replace(request, headers={**request.headers, **headers})


def without(*names: str) -> Request:
    request = call()
    return replace(
        request, headers={name: one for name, one in request.headers.items() if name not in names}
    )


def resigned(request: Request, key: Key = FIXED_KEY) -> Request:
    headers = {name: one for name, one in request.headers.items() if name != "authorization"}
    return authorized(replace(request, headers=headers), key)


def unsigned_header(name: str) -> Request:
    """A request that has a header which its signature does not cover."""
    signed = resigned(without(name))
    return replace(signed, headers={**signed.headers, name: call().headers[name]})


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (replace(call(), query=(("RegionId", "cn-beijing"),)), "SignatureDoesNotMatch"),
        (replace(call(), method="GET"), "SignatureDoesNotMatch"),
        (replace(call(), body=b"more"), "SignatureDoesNotMatch"),
        (call(**{"x-acs-action": "DescribeInstances"}), "SignatureDoesNotMatch"),
        (call(host="elsewhere"), "SignatureDoesNotMatch"),
        (resigned(call(), replace(FIXED_KEY, access_key_secret="x")), "SignatureDoesNotMatch"),
        (resigned(call(), replace(FIXED_KEY, access_key_id="x")), "InvalidAccessKeyId.NotFound"),
        (unsigned_header("host"), "IncompleteSignature"),
        (unsigned_header("x-acs-action"), "IncompleteSignature"),
        (unsigned_header("x-acs-security-token"), "IncompleteSignature"),
        (without("x-acs-version"), "IncompleteSignature"),
        (without("x-acs-date"), "MissingParameter"),
        (without("x-acs-signature-nonce"), "MissingParameter"),
        (call(authorization="ACS3-HMAC-SHA256 nonsense"), "IncompleteSignature"),
        (resigned(call(**{"x-acs-date": "yesterday"})), "InvalidTimeStamp.Format"),
        (
            resigned(call(**{"x-acs-security-token": "stolen"})),
            "InvalidSecurityToken.MismatchWithAccessKey",
        ),
    ],
)
def test_what_was_changed_after_signing_is_refused(request_: Request, code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        verified(request_, FIXED_KEY, WALL)
    assert refused.value.code == code


def test_the_fixed_key_works_with_and_without_its_token() -> None:
    assert verified(call(), FIXED_KEY, WALL)
    assert verified(resigned(without("x-acs-security-token")), FIXED_KEY, WALL)


def test_a_temporary_key_needs_its_token_and_tells_who_calls() -> None:
    caller = Caller("mirror", "instance-1")
    key = Keyring().issue(caller)

    assert verified(resigned(call(**{"x-acs-security-token": str(key.security_token)}), key), key,
                    WALL).caller == caller  # fmt: skip
    with pytest.raises(RefusedError) as refused:
        verified(resigned(without("x-acs-security-token"), key), key, WALL)
    assert refused.value.code == "MissingSecurityToken"


@pytest.mark.parametrize("off_s", [0, WINDOW_S, -WINDOW_S])
def test_a_date_is_good_for_fifteen_minutes(off_s: float) -> None:
    assert verified(call(), FIXED_KEY, WALL + off_s) == FIXED_KEY


@pytest.mark.parametrize("off_s", [WINDOW_S + 1, -WINDOW_S - 1])
def test_a_date_is_good_no_longer_than_that(off_s: float) -> None:
    with pytest.raises(RefusedError) as refused:
        verified(call(), FIXED_KEY, WALL + off_s)
    assert refused.value.code == "InvalidTimeStamp.Expired"


def test_a_nonce_is_good_once() -> None:
    verifier = Acs3Verifier()
    find = {FIXED_KEY.access_key_id: FIXED_KEY}.get
    verifier.verify(call(), find, WALL)

    with pytest.raises(RefusedError) as refused:
        verifier.verify(call(), find, WALL + WINDOW_S)
    assert refused.value.code == "SignatureNonceUsed"


def test_a_forged_call_does_not_use_up_a_nonce() -> None:
    verifier = Acs3Verifier()
    find = {FIXED_KEY.access_key_id: FIXED_KEY}.get
    with pytest.raises(RefusedError):
        verifier.verify(replace(call(), method="GET"), find, WALL)

    assert verifier.verify(call(), find, WALL) == FIXED_KEY


def test_keys_hide_their_secrets() -> None:
    key = Keyring().issue(Caller("mirror", "instance-1"))

    assert key.access_key_secret not in repr(key)
    assert str(key.security_token) not in repr(key)


def test_a_revoked_key_is_not_known() -> None:
    keyring = Keyring()
    key = keyring.issue(Caller("mirror", "instance-1"))
    keyring.revoke(key.access_key_id)

    assert keyring.find(key.access_key_id) is None
    assert keyring.find(FIXED_KEY.access_key_id) == FIXED_KEY
