"""What a caller of a function gets back, on both addresses, from the official clients."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as CurrentClient
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config
from alibabacloud_tea_util.models import RuntimeOptions
from fc2 import Client as FormerClient
from fc2.fc_exceptions import FcError

from localcloud.credentials import FIXED_KEY, Caller, Key
from localcloud.ram import Policy

ECHO = """
import json

def handler(event, context):
    return {"event": event.decode(), "type": type(event).__name__, "id": context.request_id}
"""


def current(served: Any, key: Key = FIXED_KEY) -> CurrentClient:
    return CurrentClient(
        Config(
            access_key_id=key.access_key_id,
            access_key_secret=key.access_key_secret,
            security_token=key.security_token,
            endpoint=served.cloud.address,
            protocol="HTTP",
            region_id="cn-hongkong",
        )
    )


def former(served: Any) -> FormerClient:
    return FormerClient(
        endpoint=served.cloud.endpoint,
        accessKeyID="local-access-key-id",
        accessKeySecret="local-access-key-secret",
        Timeout=10,
    )


def test_the_official_client_invokes_a_function(workshop: Any) -> None:
    workshop.function("echo", ECHO)
    served = workshop.serve()
    request = models.InvokeFunctionRequest(body=b"hello")
    headers = models.InvokeFunctionHeaders(x_fc_log_type="Tail")
    response = current(served).invoke_function_with_options(
        "echo", request, headers, RuntimeOptions()
    )
    assert response.status_code == 200
    answer = json.loads(response.body.read())
    assert answer["event"] == "hello"
    assert answer["type"] == "bytes"
    assert answer["id"] == response.headers["x-fc-request-id"]
    log = base64.b64decode(response.headers["x-fc-log-result"]).decode()
    assert log.startswith(f"FC Invoke Start RequestId: {answer['id']}\n")
    assert log.endswith(f"FC Invoke End RequestId: {answer['id']}\n")


def test_aliyun_fc2_invokes_a_function(workshop: Any) -> None:
    workshop.function("echo", ECHO)
    served = workshop.serve()
    response = former(served).invoke_function("evermirror", "echo", payload=b"hello")
    assert json.loads(response.data)["event"] == "hello"
    response = former(served).invoke_function("evermirror", "echo", b"again", qualifier="LATEST")
    assert json.loads(response.data)["event"] == "again"


def test_a_function_error_is_told_with_status_200(workshop: Any) -> None:
    workshop.function("broken", "def handler(event, context):\n    raise ValueError('no')\n")
    served = workshop.serve()
    with pytest.raises(FcError) as caught:
        former(served).invoke_function("evermirror", "broken", b"{}")
    assert caught.value.status_code == 200
    response = current(served).invoke_function("broken", models.InvokeFunctionRequest(body=b"{}"))
    assert response.headers["x-fc-error-type"] == "UnhandledInvocationError"
    body = json.loads(response.body.read())
    assert body["errorMessage"] == "no"
    assert body["errorType"] == "ValueError"
    (frame,) = body["stackTrace"]
    assert frame[1:] == ["line 2", "in handler", "raise ValueError('no')"]
    assert frame[0].endswith('index.py"')


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/2023-03-30/functions/nobody/invocations", 404, "FunctionNotFound"),
        ("/2023-03-30/functions/echo/invocations?qualifier=old", 404, "AliasNotFound"),
        ("/2016-08-15/services/other/functions/echo/invocations", 404, "ServiceNotFound"),
        ("/2016-08-15/services/evermirror.old/functions/echo/invocations", 404, "AliasNotFound"),
    ],
)
def test_an_unknown_function_is_404(workshop: Any, path: str, status: int, code: str) -> None:
    workshop.function("echo", ECHO)
    served = workshop.serve()
    former_api = path.startswith("/2016")
    if former_api:
        service, function = path.split("/")[3], path.split("/")[5]
        with pytest.raises(FcError) as caught:
            former(served).invoke_function(service, function, b"{}")
        assert (caught.value.status_code, caught.value.err_code) == (status, code)
    else:
        with pytest.raises(Exception, match=code):
            current(served).invoke_function_with_options(
                path.split("/")[3],
                models.InvokeFunctionRequest(
                    body=b"{}", qualifier="old" if "qualifier" in path else None
                ),
                models.InvokeFunctionHeaders(),
                RuntimeOptions(),
            )


def test_an_unsigned_or_wrongly_signed_call_is_refused(workshop: Any) -> None:
    workshop.function("echo", ECHO)
    served = workshop.serve()
    address = f"{served.cloud.endpoint}/2023-03-30/functions/echo/invocations"
    assert httpx.post(address, content=b"{}").json()["ErrorCode"] == "MissingRequiredHeader"
    wrong = former(served)
    wrong.auth.secret = "another"
    with pytest.raises(FcError) as caught:
        wrong.invoke_function("evermirror", "echo", b"{}")
    assert (caught.value.status_code, caught.value.err_code) == (403, "SignatureNotMatch")
    assert served.processes() == []


def test_a_payload_above_the_limit_is_refused(workshop: Any) -> None:
    workshop.function("echo", ECHO)
    served = workshop.serve()
    with pytest.raises(FcError) as caught:
        former(served).invoke_function(
            "evermirror", "echo", b"x" * (128 * 1024 + 1), {"x-fc-invocation-type": "Async"}
        )
    assert (caught.value.status_code, caught.value.err_code) == (400, "EntityTooLarge")
    accepted = former(served).invoke_function(
        "evermirror", "echo", b"x" * (128 * 1024), {"x-fc-invocation-type": "Async"}
    )
    assert accepted.headers["X-Fc-Request-Id"]
    assert served.idle()["idle"]
    large = b"x" * (32 * 1024 * 1024 + 1)
    with pytest.raises(FcError) as caught:
        former(served).invoke_function("evermirror", "echo", large)
    assert caught.value.err_code == "EntityTooLarge"


@pytest.mark.parametrize("form", ["current", "former"])
def test_a_key_invokes_what_its_policy_names_and_nothing_else(workshop: Any, form: str) -> None:
    workshop.function("echo", ECHO)
    workshop.function("other", ECHO)
    served = workshop.serve()
    name = "functions/echo" if form == "current" else "services/evermirror.LATEST/functions/echo"
    allow = {"Effect": "Allow", "Action": "fc:InvokeFunction", "Resource": f"acs:fc:*:*:{name}"}
    policy = Policy.read({"Version": "1", "Statement": [allow]})
    key = served.keyring.issue(Caller(), policy)

    def invoke(function: str) -> None:
        if form == "former":
            client = FormerClient(
                endpoint=served.cloud.endpoint,
                accessKeyID=key.access_key_id,
                accessKeySecret=key.access_key_secret,
                securityToken=key.security_token,
                Timeout=10,
            )
            client.invoke_function("evermirror", function, payload=b"hello")
        else:
            headers, request = models.InvokeFunctionHeaders(), models.InvokeFunctionRequest()
            current(served, key).invoke_function_with_options(
                function, request, headers, RuntimeOptions()
            )

    invoke("echo")
    with pytest.raises((FcError, ClientException)) as caught:
        invoke("other")
    assert "AccessDenied" in str(caught.value)
    assert "fc:InvokeFunction" in str(caught.value)
