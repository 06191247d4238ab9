"""Function Compute 3.0 is invoked as documented, and its answers are taken at their word."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from evermirror.aliyun import signing
from evermirror.aliyun.credentials import Credentials
from evermirror.errors import SettingsError
from evermirror.invocation import Fc3Invoker, InvocationError

ARN = "acs:fc:cn-hongkong:1234567890123456:functions/notify"
CREDENTIALS = Credentials("local-access-key-id", "local-access-key-secret", "local-security-token")


@pytest.fixture
def invoker_at() -> Iterator[Callable[[str], Fc3Invoker]]:
    auth = signing.Acs3Auth(lambda: CREDENTIALS, lambda: 1_767_225_600.0, lambda: "nonce")
    with httpx.Client(trust_env=False, timeout=0.4, verify=False) as http:  # noqa: S501 - loopback
        yield lambda url: Fc3Invoker(http, auth, lambda _account, _region: f"{url}/")


def test_a_function_is_invoked_asynchronously_under_its_deduplication_id(
    invoker_at: Callable[[str], Fc3Invoker], loopbacks: Any
) -> None:
    server = loopbacks.start().will(loopbacks.answer(202, b""))

    assert invoker_at(server.url).invoke(f"{ARN}/prod", b'{"a":1}', "p-1") is True

    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/2023-03-30/functions/notify/invocations")
    assert seen.query == {"qualifier": "prod"}
    assert seen.body == b'{"a":1}'
    assert seen.headers["x-fc-invocation-type"] == "Async"
    assert seen.headers["x-fc-async-task-id"] == "p-1"
    assert seen.headers["x-acs-action"] == "InvokeFunction"
    assert seen.headers["x-acs-version"] == "2023-03-30"


@pytest.mark.parametrize("arn", [ARN, f"{ARN}/prod", ARN.replace("notify", "team$notify")])
def test_the_signature_can_be_verified_from_what_arrived(
    invoker_at: Callable[[str], Fc3Invoker], loopbacks: Any, arn: str
) -> None:
    server = loopbacks.start().will(loopbacks.answer(202, b""))

    invoker_at(server.url).invoke(arn, b"payload", "p-1")

    (seen,) = server.seen
    names = seen.headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    canonical = signing.canonical_request(
        "POST",
        seen.path,
        seen.query.items(),
        {name: seen.headers[name] for name in names},
        hashlib.sha256(b"payload").hexdigest(),
    )
    expected = signing.signature(CREDENTIALS.access_key_secret, canonical)
    assert seen.headers["authorization"].endswith(f"Signature={expected}")
    assert {"content-type", "host", "x-acs-content-sha256", "x-acs-security-token"} <= set(names)


def test_what_was_accepted_before_is_accepted(
    invoker_at: Callable[[str], Fc3Invoker], loopbacks: Any
) -> None:
    repeated = {"Code": "StatefulAsyncInvocationAlreadyExists"}
    server = loopbacks.start().will(loopbacks.answer(409, repeated))

    assert invoker_at(server.url).invoke(ARN, b"{}", "p-1") is False

    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [200, 302, 400, 403, 404, 429, 500, 503])
def test_any_other_answer_is_an_error_with_its_status(
    invoker_at: Callable[[str], Fc3Invoker], loopbacks: Any, status: int
) -> None:
    echo = {"Message": "string to sign: local-security-token"}
    server = loopbacks.start().will(loopbacks.answer(status, echo))

    with pytest.raises(InvocationError, match=str(status)) as caught:
        invoker_at(server.url).invoke(ARN, b"{}", "p-1")

    assert caught.value.status == status
    assert "local-security-token" not in str(caught.value)


@pytest.mark.parametrize("behaviour", ["reset", "hang_up", "stall"])
def test_a_lost_answer_is_an_error(
    invoker_at: Callable[[str], Fc3Invoker], loopbacks: Any, behaviour: str
) -> None:
    server = loopbacks.start().will(getattr(loopbacks, behaviour))

    with pytest.raises(InvocationError, match="notify"):
        invoker_at(server.url).invoke(ARN, b"{}", "p-1")


def test_nobody_listening_is_an_error(
    invoker_at: Callable[[str], Fc3Invoker], refused_url: str
) -> None:
    with pytest.raises(InvocationError, match="ConnectError"):
        invoker_at(refused_url).invoke(ARN, b"{}", "p-1")


@pytest.mark.parametrize(
    ("payload", "deduplication_id", "complaint"),
    [
        (b" " * (128 * 1024 + 1), "p-1", "131073 bytes"),
        (b"{}", "1-starts-with-a-digit", "deduplication id"),
        (b"{}", "", "deduplication id"),
        (b"{}", "p-" + "1" * 127, "deduplication id"),
        (b"{}", "p 1", "deduplication id"),
        (b"{}", "p-1\n", "deduplication id"),
    ],
)
def test_what_the_platform_would_refuse_is_not_sent(
    invoker_at: Callable[[str], Fc3Invoker],
    refused_url: str,
    payload: bytes,
    deduplication_id: str,
    complaint: str,
) -> None:
    with pytest.raises(InvocationError, match=complaint):
        invoker_at(refused_url).invoke(ARN, payload, deduplication_id)


def test_an_arn_that_is_none_is_a_wrong_setting(
    invoker_at: Callable[[str], Fc3Invoker], refused_url: str
) -> None:
    with pytest.raises(SettingsError):
        invoker_at(refused_url).invoke("notify", b"{}", "p-1")


def test_a_function_that_is_asked_answers(
    invoker_at: Callable[[str], Fc3Invoker], loopbacks: Any
) -> None:
    server = loopbacks.start().will(loopbacks.answer(200, b'{"outcomes":[]}'))

    answer = invoker_at(server.url).ask(ARN, b'{"a":1}', 2.0)

    (seen,) = server.seen
    assert answer == b'{"outcomes":[]}'
    assert seen.body == b'{"a":1}'
    assert seen.headers["x-fc-invocation-type"] == "Sync"


@pytest.mark.parametrize(
    ("status", "headers"),
    [(429, {}), (500, {}), (202, {}), (200, {"x-fc-error-type": "UnhandledInvocationError"})],
)
def test_whom_nobody_answers_for_has_not_answered(
    invoker_at: Callable[[str], Fc3Invoker], loopbacks: Any, status: int, headers: dict[str, str]
) -> None:
    server = loopbacks.start().will(loopbacks.answer(status, b"{}", headers))

    with pytest.raises(InvocationError):
        invoker_at(server.url).ask(ARN, b"{}", 2.0)


@pytest.mark.parametrize("behaviour", ["stall", "drip"])
def test_an_answer_that_does_not_come_is_not_waited_for(
    invoker_at: Callable[[str], Fc3Invoker], loopbacks: Any, behaviour: str
) -> None:
    server = loopbacks.start().will(getattr(loopbacks, behaviour))
    began = time.monotonic()

    with pytest.raises(InvocationError):
        invoker_at(server.url).ask(ARN, b"{}", 0.3)

    assert time.monotonic() - began < 3.0
