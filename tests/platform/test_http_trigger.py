"""A function's own URL: what the function is given, and what comes of its answer."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import httpx
import pytest
from alibabacloud_tea_openapi.utils import Utils as Signer
from darabonba.request import DaraRequest

from localcloud.functioncompute.functionurl import HEADERS_LIMIT, TARGET_LIMIT

ECHO = """
import json

def handler(event, context):
    return {"statusCode": 200, "headers": {"x-request": context.request_id}, "body": event.decode()}
"""
ANSWER = "import json\ndef handler(event, context):\n    return {answer}\n"


def with_url(workshop: Any, code: str, **config: Any) -> Any:
    workshop.function("web", code)
    workshop.resource(
        "url",
        "ALIYUN::FC3::Trigger",
        FunctionName="web",
        TriggerName="Web",
        TriggerType="http",
        TriggerConfig={"authType": "anonymous", "methods": ["GET", "POST", "HEAD"], **config},
    )
    return workshop.serve()


def ask(served: Any, method: str, path: str, **more: Any) -> httpx.Response:
    return httpx.request(method, f"{served.cloud.endpoint}/http/web{path}", timeout=20, **more)


def test_a_request_becomes_the_documented_event(workshop: Any) -> None:
    served = with_url(workshop, ECHO)
    before = time.time()  # noqa: TID251 - the event says when
    response = ask(
        served,
        "POST",
        "/a%20b/c%2Fd?parameter1=value1&parameter2=value1&parameter2=value%202",
        headers=[
            ("header1", "value1"),
            ("Header2", "value1"),
            ("header2", "value2"),
            ("User-Agent", "test/1"),
            ("x-fc-forged", "never"),
        ],
        content="Grüße".encode(),
    )
    event = response.json()
    context = event.pop("requestContext")
    assert event == {
        "version": "v1",
        "rawPath": "/a%20b/c%2Fd",
        "headers": {
            "Accept": "*/*",
            "Accept-Encoding": event["headers"]["Accept-Encoding"],
            "Connection": "keep-alive",
            "Content-Length": "7",
            "Header1": "value1",
            "Header2": "value1,value2",
            "User-Agent": "test/1",
        },
        "queryParameters": {"parameter1": "value1", "parameter2": "value1,value 2"},
        "body": "Grüße",
        "isBase64Encoded": False,
    }
    assert before - 1 < int(context.pop("timeEpoch")) / 1000 < before + 20
    assert context.pop("time").endswith("Z")
    assert context == {
        "accountId": "1234567890123456",
        "triggerId": "local-web",
        "domainName": "local-web.cn-hongkong.fcapp.run",
        "domainPrefix": "local-web",
        "requestId": response.headers["x-request"],
        "http": {
            "method": "POST",
            "path": "/a b/c/d",
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": "test/1",
        },
    }
    assert response.headers["x-fc-request-id"] == response.headers["x-request"]


def test_a_body_that_is_no_text_travels_in_base64(workshop: Any) -> None:
    served = with_url(workshop, ECHO)
    event = ask(served, "POST", "", content=b"\xff\x00").json()
    assert event["rawPath"] == event["requestContext"]["http"]["path"] == "/"
    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == b"\xff\x00"


def test_the_shapes_that_captures_disagree_on_are_switches(workshop: Any) -> None:
    served = with_url(workshop, ECHO)
    switches = {"http_request_id": "empty", "http_bodies": "base64"}
    assert served.control("PUT", "platform", switches)["http_request_id"] == "empty"
    response = ask(served, "POST", "/", content=b"text")
    event = response.json()
    assert event["requestContext"]["requestId"] == ""
    assert response.headers["x-request"]
    assert (event["isBase64Encoded"], event["body"]) == (True, "dGV4dA==")
    refused = httpx.put(f"{served.cloud.endpoint}/_local/platform", json={"http_body": "base64"})
    assert refused.status_code == 400
    assert "http_body" in refused.json()["error"]


@pytest.mark.parametrize(
    ("answer", "status", "content_type", "body"),
    [
        ('{"statusCode": 404, "headers": {"content-type": "a"}, "body": "no"}', 404, "a", b"no"),
        ('{"statusCode": 200, "isBase64Encoded": True, "body": "/w=="}', 200, None, b"\xff"),
        ('{"statusCode": 204, "headers": {"Content-Length": "9"}, "body": ""}', 204, None, b""),
        ('{"ok": True}', 200, "application/json", b'{\n    "ok": true\n}'),
        ('"plain"', 200, "application/json", b"plain"),
        ("None", 200, "application/json", b"null"),
    ],
)  # fmt: skip
def test_a_result_becomes_an_answer(
    workshop: Any, answer: str, status: int, content_type: str | None, body: bytes
) -> None:
    response = ask(with_url(workshop, ANSWER.format(answer=answer)), "GET", "/")
    assert response.status_code == status
    assert response.headers.get("content-type") == content_type
    assert response.content == body


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ('{"statusCode": "200"}', "statusCode"),
        ('{"statusCode": 100}', "statusCode"),
        ('{"statusCode": 200, "body": {}}', "body is no string"),
        ('{"statusCode": 200, "headers": []}', "headers is no map"),
        ('{"statusCode": 200, "headers": {"a": "b\\r\\nc: d"}}', "the header a has a value"),
        ('{"statusCode": 200, "headers": {"a b": "c"}}', "no name of a header"),
        ('{"statusCode": 200, "isBase64Encoded": True, "body": "%"}', "no Base64"),
        ('{"statusCode": 200, "isBase64Encoded": "yes"}', "isBase64Encoded"),
        ('{"statusCode": 200, "cookies": []}', "unknown key cookies"),
        ('{"statusCode": 200, "headers": {"a": "b" * 9000}}', "more than 8192 bytes"),
    ],
)
def test_a_result_that_is_no_answer_is_502_and_says_why(
    workshop: Any, answer: str, sentence: str
) -> None:
    response = ask(with_url(workshop, ANSWER.format(answer=answer)), "GET", "/")
    assert response.status_code == 502
    assert response.headers["x-fc-error-type"] == "UnhandledInvocationError"
    assert sentence in response.json()["errorMessage"]


def test_an_error_of_the_function_is_502(workshop: Any) -> None:
    served = with_url(workshop, "def handler(event, context):\n    raise ValueError('no')\n")
    response = ask(served, "GET", "/")
    assert response.status_code == 502
    assert response.headers["x-fc-error-type"] == "UnhandledInvocationError"
    assert response.json()["errorMessage"] == "no"


@pytest.mark.parametrize(
    ("method", "path", "more", "status", "code"),
    [
        ("DELETE", "/http/web/", {}, 403, "AccessDenied"),
        ("GET", "/http/nobody/", {}, 404, "TriggerNotFound"),
        ("GET", "/http/web/?" + "q" * TARGET_LIMIT, {}, 400, "InvalidArgument"),
        ("GET", "/http/web/", {"headers": {"x": "y" * HEADERS_LIMIT}}, 400, "InvalidArgument"),
        ("POST", "/http/web/", {"content": b"x" * (32 * 2**20 + 1)}, 400, "InvalidArgument"),
    ],
)
def test_what_never_reaches_the_function(
    workshop: Any, method: str, path: str, more: dict[str, Any], status: int, code: str
) -> None:
    served = with_url(workshop, ECHO)
    response = httpx.request(method, f"{served.cloud.endpoint}{path}", **more)
    assert (response.status_code, response.json()["ErrorCode"]) == (status, code)
    assert response.headers["x-fc-error-type"] == "FcCommonError"
    assert served.processes() == []


def signed(served: Any, secret: str) -> dict[str, str]:
    """The headers of a request signed by the vendor's own code."""
    request = DaraRequest()
    request.method, request.pathname, request.query = "POST", "/http/web/path", {"a": "b c"}
    request.headers = {
        "host": served.cloud.address,
        "x-acs-date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "x-acs-signature-nonce": "once",
        "x-acs-action": "InvokeFunction",
        "x-acs-version": "2023-03-30",
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }
    digest = request.headers["x-acs-content-sha256"]
    request.headers["Authorization"] = Signer.get_authorization(
        request, "ACS3-HMAC-SHA256", digest, "local-access-key-id", secret
    )
    return dict(request.headers)


def test_a_trigger_with_authentication_takes_signed_requests_only(workshop: Any) -> None:
    served = with_url(workshop, ECHO, authType="function")
    missing = ask(served, "POST", "/path?a=b+c")
    assert (missing.status_code, missing.json()["ErrorCode"]) == (400, "MissingRequiredHeader")
    wrong = ask(served, "POST", "/path?a=b+c", headers=signed(served, "wrong"))
    assert (wrong.status_code, wrong.json()["ErrorCode"]) == (403, "SignatureNotMatch")
    assert served.processes() == []
    right = ask(served, "POST", "/path?a=b+c", headers=signed(served, "local-access-key-secret"))
    assert right.status_code == 200
    assert json.loads(right.text)["queryParameters"] == {"a": "b c"}


def test_a_full_function_is_429_and_a_head_has_no_body(workshop: Any) -> None:
    workshop.resource(
        "limit", "ALIYUN::FC3::ConcurrencyConfig", FunctionName="web", ReservedConcurrency=0
    )
    served = with_url(workshop, ECHO)
    response = ask(served, "GET", "/")
    assert (response.status_code, response.json()["ErrorCode"]) == (429, "ResourceExhausted")
    head = ask(served, "HEAD", "/")
    assert (head.status_code, head.content) == (429, b"")


def test_faults_strike_requests_as_they_strike_invocations(workshop: Any) -> None:
    served = with_url(workshop, ECHO)
    served.cloud.set_faults(
        [{"action": "InvokeFunction:web", "do": {"error": "Down", "status": 503}}]
    )
    response = ask(served, "GET", "/")
    assert (response.status_code, response.json()["ErrorCode"]) == (503, "Down")
