"""Signature version 1 as published, as official packages make it, and as forgers would like it."""

from __future__ import annotations

import json
from calendar import timegm
from dataclasses import replace
from pathlib import Path
from time import strptime
from typing import Any
from urllib.parse import urlencode

import pytest

from localcloud.api.signature_version_1 import (
    WINDOW_S,
    HmacSha1Verifier,
    signature_of,
    string_to_sign,
)
from localcloud.calls import signed_in_version_1
from localcloud.credentials import FIXED_KEY, Caller, Key, Keyring
from localcloud.messages import Request
from localcloud.refusals import RefusedError

DATA = Path(__file__).parents[2] / "data"
VECTORS = json.loads(
    (DATA / "localcloud_signature_version_1_vectors.json").read_text(encoding="utf-8")
)
WALL = 1_800_000_000.0
ACTION = "ListTrafficMirrorSessions"


def verified(request: Request, key: Key, wall: float = WALL) -> Key:
    verifier = HmacSha1Verifier()
    assert verifier.recognises(request)
    return verifier.verify(request, {key.access_key_id: key}.get, wall)


def of_vector(vector: Any) -> Request:
    """The vector's parameters where it says they travel."""
    common = {"Action", "Format", "Version", "AccessKeyId", "SecurityToken", "Timestamp"}
    common |= {name for name in vector["params"] if name.startswith("Signature")}
    in_form = "body" in vector["params_where"]
    form = {n: v for n, v in vector["params"].items() if in_form and n not in common}
    query = {n: v for n, v in vector["params"].items() if n not in form}
    query["Signature"] = vector["signature"]
    return Request(
        vector["method"],
        "/",
        tuple(query.items()),
        {"content-type": "application/x-www-form-urlencoded"},
        urlencode(form).encode(),
    )


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_published_or_generated_signature_is_accepted(vector: Any) -> None:
    parameters = vector["params"]
    key = Key(
        parameters["AccessKeyId"], vector["access_key_secret"], parameters.get("SecurityToken")
    )
    date = float(timegm(strptime(parameters["Timestamp"], "%Y-%m-%dT%H:%M:%SZ")))

    assert verified(of_vector(vector), key, date) == key
    text = string_to_sign(vector["method"], tuple(parameters.items()))
    assert text == vector["string_to_sign"]
    assert signature_of(text, vector["access_key_secret"]) == vector["signature"]


def test_there_are_six_vectors_and_one_of_them_has_a_form_body() -> None:
    assert (len(VECTORS), sum("body" in one["params_where"] for one in VECTORS)) == (6, 1)


def call(key: Key = FIXED_KEY, **common: str) -> Request:
    return signed_in_version_1(ACTION, {"MaxResults": 5}, WALL, "nonce", key, common)


def changed(**parameters: str) -> Request:
    """A signed call of which something was changed, or added, on the way."""
    request = call()
    return replace(request, query=tuple({**dict(request.query), **parameters}.items()))


def without(name: str) -> Request:
    request = call()
    return replace(request, query=tuple(pair for pair in request.query if pair[0] != name))


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (changed(MaxResults="6"), "SignatureDoesNotMatch"),
        (changed(Signature="ünsinn"), "SignatureDoesNotMatch"),
        (replace(call(), method="GET"), "SignatureDoesNotMatch"),
        (call(replace(FIXED_KEY, access_key_secret="x")), "SignatureDoesNotMatch"),
        (call(replace(FIXED_KEY, access_key_id="x")), "InvalidAccessKeyId.NotFound"),
        (call(SignatureMethod="HMAC-MD5"), "IncompleteSignature"),
        (call(SignatureVersion="2.0"), "IncompleteSignature"),
        (call(Timestamp="yesterday"), "InvalidTimeStamp.Format"),
        (call(SecurityToken="stolen"), "InvalidSecurityToken.MismatchWithAccessKey"),
        *(
            (without(name), "MissingParameter")
            for name in ("AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion")
        ),
        (without("SignatureNonce"), "MissingParameter"),
        (without("Timestamp"), "MissingParameter"),
    ],
)
def test_what_was_changed_after_signing_is_refused(request_: Request, code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        verified(request_, FIXED_KEY)
    assert refused.value.code == code


def test_a_form_body_is_signed_with_the_query() -> None:
    whole = call()
    moved = replace(
        whole,
        query=whole.query[2:],
        headers={"content-type": "application/x-www-form-urlencoded; charset=utf-8"},
        body=urlencode(whole.query[:2]).encode(),
    )

    assert verified(moved, FIXED_KEY) == FIXED_KEY
    with pytest.raises(RefusedError) as refused:
        verified(replace(moved, body=moved.body + b"&More=1"), FIXED_KEY)
    assert refused.value.code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("off_s", [0, WINDOW_S, -WINDOW_S])
def test_a_timestamp_is_good_for_thirty_one_minutes(off_s: float) -> None:
    assert verified(call(), FIXED_KEY, WALL + off_s) == FIXED_KEY


@pytest.mark.parametrize("off_s", [WINDOW_S + 1, -WINDOW_S - 1])
def test_a_timestamp_is_good_no_longer_than_that(off_s: float) -> None:
    with pytest.raises(RefusedError) as refused:
        verified(call(), FIXED_KEY, WALL + off_s)
    assert refused.value.code == "InvalidTimeStamp.Expired"


def test_a_nonce_is_good_once_and_a_forgery_does_not_use_it_up() -> None:
    verifier = HmacSha1Verifier()
    find = {FIXED_KEY.access_key_id: FIXED_KEY}.get
    with pytest.raises(RefusedError):
        verifier.verify(changed(MaxResults="6"), find, WALL)
    verifier.verify(call(), find, WALL)

    with pytest.raises(RefusedError) as refused:
        verifier.verify(call(), find, WALL + WINDOW_S)
    assert refused.value.code == "SignatureNonceUsed"


def test_a_temporary_key_needs_its_token() -> None:
    key = Keyring().issue(Caller("mirror", "instance-1"))

    assert verified(call(key), key) == key
    with pytest.raises(RefusedError) as refused:
        verified(call(replace(key, security_token=None)), key)
    assert refused.value.code == "MissingSecurityToken"
