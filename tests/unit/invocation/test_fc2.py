"""Against the real `aliyun-fc2`: what it does badly must stay inside the fence."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evermirror.aliyun.credentials import Credentials
from evermirror.errors import SettingsError
from evermirror.invocation import Fc2Invoker, InvocationError

ARN = "acs:fc:cn-hongkong:1234567890123456:services/evermirror.LATEST/functions/notify"
CREDENTIALS = Credentials("local-access-key-id", "local-access-key-secret", "local-security-token")
InvokerAt = Callable[..., Fc2Invoker]


@pytest.fixture
def invoker_at() -> InvokerAt:
    def invoker_at(
        url: str, limit_s: float = 2.0, credentials: Credentials = CREDENTIALS
    ) -> Fc2Invoker:
        return Fc2Invoker(lambda: credentials, lambda _account, _region: f"{url}/", limit_s)

    return invoker_at


class Everything(logging.Handler):
    """Keeps every record of every logger."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name} {record.getMessage()} {record.exc_text}")


@pytest.fixture
def everything() -> Iterator[Everything]:
    root, handler = logging.getLogger(), Everything()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_function_is_invoked_asynchronously_under_its_deduplication_id(
    invoker_at: InvokerAt, loopbacks: Any
) -> None:
    server = loopbacks.start().will(loopbacks.answer(202, b""))

    invoker_at(server.url).invoke(ARN, b'{"a":1}', "p-1")

    (seen,) = server.seen
    assert seen.method == "POST"
    assert seen.target == ("/2016-08-15/services/evermirror.LATEST/functions/notify/invocations")
    assert seen.body == b'{"a":1}'
    assert seen.headers["host"] == server.url.removeprefix("http://")
    assert seen.headers["x-fc-invocation-type"] == "Async"
    assert seen.headers["x-fc-stateful-async-invocation-id"] == "p-1"
    assert seen.headers["x-fc-security-token"] == "local-security-token"


def test_the_signature_can_be_verified_from_what_arrived(
    invoker_at: InvokerAt, loopbacks: Any
) -> None:
    server = loopbacks.start().will(loopbacks.answer(202, b""))

    invoker_at(server.url).invoke(ARN, b"{}", "p-1")

    (seen,) = server.seen
    own = "".join(
        f"{name}:{value}\n"
        for name, value in sorted(seen.headers.items())
        if name.startswith("x-fc-")
    )
    text = f"POST\n\napplication/json\n{seen.headers['date']}\n{own}{seen.path}"
    digest = hmac.new(b"local-access-key-secret", text.encode(), hashlib.sha256).digest()
    assert seen.headers["authorization"] == (
        f"FC local-access-key-id:{base64.b64encode(digest).decode()}"
    )


def test_a_service_without_qualifier_and_a_permanent_key_will_do(
    invoker_at: InvokerAt, loopbacks: Any
) -> None:
    server = loopbacks.start().will(loopbacks.answer(202, b""))
    invoker = invoker_at(server.url, credentials=Credentials("id", "secret"))

    invoker.invoke(ARN.replace(".LATEST", ""), b"{}", "p-1")

    assert server.seen[0].path == "/2016-08-15/services/evermirror/functions/notify/invocations"
    assert "x-fc-security-token" not in server.seen[0].headers


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"ErrorCode": "StatefulAsyncInvocationAlreadyExists"}, {}),
        (b"", {}),
        ([], {"x-fc-error-type": "StatefulAsyncInvocationAlreadyExists"}),
    ],
)
def test_what_was_accepted_before_is_accepted(
    invoker_at: InvokerAt, loopbacks: Any, body: object, headers: dict[str, str]
) -> None:
    server = loopbacks.start().will(loopbacks.answer(409, body, headers))

    invoker_at(server.url).invoke(ARN, b"{}", "p-1")

    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {}),
        (302, b""),
        (400, {"ErrorCode": "InvalidArgument"}),
        (404, {"ErrorCode": "FunctionNotFound"}),
        (429, {"ErrorCode": "ResourceThrottled"}),
        (500, {"ErrorCode": "InternalServerError"}),
        (502, []),
        (503, b"<html>"),
    ],
)
def test_any_other_answer_is_an_error_with_its_status_after_one_attempt(
    invoker_at: InvokerAt, loopbacks: Any, status: int, body: object
) -> None:
    server = loopbacks.start().will(loopbacks.answer(status, body))

    with pytest.raises(InvocationError, match=str(status)) as caught:
        invoker_at(server.url).invoke(ARN, b"{}", "p-1")

    assert caught.value.status == status
    assert len(server.seen) == 1


@pytest.mark.parametrize("body", [{"errorMessage": "boom"}, b"not json", ["a", "list"]])
def test_an_error_that_only_the_package_sees_is_one_of_ours(
    invoker_at: InvokerAt, loopbacks: Any, body: object
) -> None:
    server = loopbacks.start().will(
        loopbacks.answer(202, body, {"x-fc-error-type": "UnhandledInvocationError"})
    )

    with pytest.raises(InvocationError, match="notify"):
        invoker_at(server.url).invoke(ARN, b"{}", "p-1")


@pytest.mark.parametrize("behaviour", ["reset", "hang_up"])
def test_a_lost_answer_is_an_error_after_one_attempt(
    invoker_at: InvokerAt, loopbacks: Any, behaviour: str
) -> None:
    server = loopbacks.start().will(getattr(loopbacks, behaviour))

    with pytest.raises(InvocationError, match="ConnectionError"):
        invoker_at(server.url).invoke(ARN, b"{}", "p-1")

    assert len(server.seen) == 1


def test_an_endpoint_where_nobody_listens_costs_no_half_minute(
    invoker_at: InvokerAt, refused_url: str
) -> None:
    started = time.monotonic()

    with pytest.raises(InvocationError):
        invoker_at(refused_url).invoke(ARN, b"{}", "p-1")

    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize("behaviour", ["stall", "drip"])
def test_an_endpoint_that_never_finishes_costs_no_more_than_the_limit(
    invoker_at: InvokerAt, loopbacks: Any, behaviour: str
) -> None:
    server = loopbacks.start().will(getattr(loopbacks, behaviour))
    started = time.monotonic()

    with pytest.raises(InvocationError):
        invoker_at(server.url, limit_s=0.3).invoke(ARN, b"{}", "p-1")

    assert time.monotonic() - started < 1.5


def raised_by(invoker: Fc2Invoker) -> str:
    with pytest.raises(InvocationError) as caught:
        invoker.invoke(ARN, b"{}", "p-1")
    return "".join(traceback.format_exception(caught.value))


def test_no_log_of_anybody_ever_sees_credentials(
    invoker_at: InvokerAt, loopbacks: Any, everything: Everything, capfd: pytest.CaptureFixture[str]
) -> None:
    server = loopbacks.start().will(
        loopbacks.answer(202, b""),
        loopbacks.answer(403, {"ErrorCode": "AccessDenied"}),
        loopbacks.answer(500, {"ErrorCode": "InternalServerError"}),
        loopbacks.answer(202, {}, {"x-fc-error-type": "UnhandledInvocationError"}),
        loopbacks.reset,
    )
    invoker = invoker_at(server.url)

    invoker.invoke(ARN, b"{}", "p-1")
    raised = [raised_by(invoker) for _ in range(4)]
    logging.getLogger().error("somebody else's line")

    assert "root somebody else's line None" in everything.lines
    told = "\n".join([*everything.lines, *raised, *capfd.readouterr()])
    for secret in ("local-access-key-secret", "local-security-token", "authorization", "FC local"):
        assert secret not in told


def test_neither_proxies_nor_netrc_of_the_environment_are_used(
    invoker_at: InvokerAt,
    loopbacks: Any,
    refused_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    for name, value in {
        "NETRC": str(netrc),
        "HTTP_PROXY": refused_url,
        "http_proxy": refused_url,
        "ALL_PROXY": refused_url,
        "NO_PROXY": "",
        "no_proxy": "",
    }.items():
        monkeypatch.setenv(name, value)
    server = loopbacks.start().will(loopbacks.answer(202, b""))

    invoker_at(server.url).invoke(ARN, b"{}", "p-1")

    assert server.seen[0].headers["authorization"].startswith("FC local-access-key-id:")


def test_an_invalid_deduplication_id_is_not_sent(invoker_at: InvokerAt, refused_url: str) -> None:
    with pytest.raises(InvocationError, match="deduplication id"):
        invoker_at(refused_url).invoke(ARN, b"{}", "0f1e2d3c-a-uuid")


def test_a_function_without_a_service_belongs_to_the_other_client(
    invoker_at: InvokerAt, refused_url: str
) -> None:
    with pytest.raises(SettingsError, match="service"):
        invoker_at(refused_url).invoke(
            "acs:fc:cn-hongkong:1234567890123456:functions/notify", b"{}", "p-1"
        )


def test_an_endpoint_that_is_no_address_is_an_error(invoker_at: InvokerAt) -> None:
    with pytest.raises(InvocationError):
        invoker_at("http://[not an address").invoke(ARN, b"{}", "p-1")


def test_a_function_that_is_asked_answers(invoker_at: InvokerAt, loopbacks: Any) -> None:
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
    invoker_at: InvokerAt, loopbacks: Any, status: int, headers: dict[str, str]
) -> None:
    server = loopbacks.start().will(loopbacks.answer(status, b"{}", headers))

    with pytest.raises(InvocationError):
        invoker_at(server.url).ask(ARN, b"{}", 2.0)


@pytest.mark.parametrize("behaviour", ["stall", "drip"])
def test_an_answer_that_does_not_come_is_not_waited_for(
    invoker_at: InvokerAt, loopbacks: Any, behaviour: str
) -> None:
    server = loopbacks.start().will(getattr(loopbacks, behaviour))
    began = time.monotonic()

    with pytest.raises(InvocationError):
        invoker_at(server.url).ask(ARN, b"{}", 0.3)

    assert time.monotonic() - began < 3.0
