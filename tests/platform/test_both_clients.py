"""The vendor's client of Function Compute 3.0 and aliyun-fc2 see the same, each in its own way."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_util.models import RuntimeOptions
from fc2.fc_exceptions import FcError

from tests.platform.test_asynchronous import held, with_dead_letters
from tests.platform.test_invocations import current, former

COUNTING = """
import json

seen = []

def handler(event, context):
    seen.append(event)
    if event == b"raise":
        raise ValueError("no")
    return {"times": len(seen)}
"""


@dataclass(frozen=True)
class Seen:
    """What a caller gets: a status, a body or the code of an error, and its request id."""

    status: int
    body: bytes = b""
    code: str = ""
    request_id: str = ""


Invoke = Callable[..., Seen]


def by_the_current_client(
    served: Any, function: str, payload: bytes, asynchronous: bool = False, task_id: str = ""
) -> Seen:
    headers = models.InvokeFunctionHeaders(
        x_fc_invocation_type="Async" if asynchronous else None,
        common_headers={"x-fc-async-task-id": task_id} if task_id else None,
    )
    request = models.InvokeFunctionRequest(body=payload)
    try:
        answer = current(served).invoke_function_with_options(
            function, request, headers, RuntimeOptions()
        )
    except ClientException as error:
        # It looks for the code and the request id under names that Function Compute does not use.
        told = error.data
        return Seen(error.status_code, code=told["ErrorCode"], request_id=told["RequestId"])
    failed = answer.headers.get("x-fc-error-type", "")
    body = answer.body.read()
    return Seen(answer.status_code, body, failed, answer.headers["x-fc-request-id"])


def by_aliyun_fc2(
    served: Any, function: str, payload: bytes, asynchronous: bool = False, task_id: str = ""
) -> Seen:
    headers = {"x-fc-invocation-type": "Async"} if asynchronous else {}
    headers |= {"x-fc-stateful-async-invocation-id": task_id} if task_id else {}
    try:
        answer = former(served).invoke_function("evermirror", function, payload, headers)
    except FcError as error:
        # A function error has no code: its body is the message.
        code = error.err_code or json.loads(error.message).get("errorType", "")
        return Seen(error.status_code, code=code, request_id=error.request_id)
    return Seen(200, answer.data, "", answer.headers["X-Fc-Request-Id"])


@pytest.fixture(params=[by_the_current_client, by_aliyun_fc2], ids=["FC 3.0", "aliyun-fc2"])
def invoke(request: pytest.FixtureRequest) -> Invoke:
    client: Invoke = request.param
    return client


def attempts(served: Any, function: str) -> int:
    starts = [
        one["text"]
        for one in served.control("GET", f"functions/{function}/log")
        if one["text"].startswith("FC Invoke Start")
    ]
    return len(starts)


def test_a_result_and_then_a_function_error_of_one_attempt_each(
    workshop: Any, invoke: Invoke
) -> None:
    workshop.function("it", COUNTING)
    served = workshop.serve()

    result = invoke(served, "it", b"hello")
    failure = invoke(served, "it", b"raise")

    assert (result.status, json.loads(result.body), result.code) == (200, {"times": 1}, "")
    assert result.request_id
    # The FC 3.0 client shows the header, aliyun-fc2 the body of the error; neither tries again.
    shown = "ValueError" if invoke is by_aliyun_fc2 else "UnhandledInvocationError"
    assert (failure.status, failure.code) == (200, shown)
    assert attempts(served, "it") == 2


def test_a_task_id_that_was_used_is_409(workshop: Any, invoke: Invoke) -> None:
    workshop.function("it", COUNTING)
    with_dead_letters(workshop, "it", AsyncTask=True)
    served = workshop.serve()

    first = invoke(served, "it", b"{}", asynchronous=True, task_id="p-1")
    again = invoke(served, "it", b"{}", asynchronous=True, task_id="p-1")

    assert first.status in {200, 202}
    assert (again.status, again.code) == (409, "StatefulAsyncInvocationAlreadyExists")
    assert again.request_id
    assert served.idle()["idle"]
    assert attempts(served, "it") == 1


def test_a_full_function_is_429_for_a_call_and_takes_what_can_wait(
    workshop: Any, invoke: Invoke
) -> None:
    hold = held(workshop)
    served = workshop.serve(speed=10)
    running = served.submit(served.platform.invocations.invoke("slow", str(hold).encode()))
    assert served.busy("invocations")

    refused = invoke(served, "slow", b"nothing")
    accepted = invoke(served, "slow", b"nothing", asynchronous=True)
    hold.unlink()

    assert (refused.status, refused.code) == (429, "ResourceExhausted")
    assert refused.request_id
    assert accepted.status in {200, 202}
    assert running.result(5).error_type is None
    assert served.idle()["idle"]
    assert attempts(served, "slow") == 2


def test_a_spent_account_is_429(workshop: Any, invoke: Invoke) -> None:
    workshop.function("it", COUNTING)
    served = workshop.serve()
    served.control("PUT", "platform", {"instances_per_region": 0})

    assert invoke(served, "it", b"{}").status == 429
    assert attempts(served, "it") == 0


@pytest.mark.parametrize("asynchronous", [False, True])
def test_throttling_is_429_once_and_the_next_call_gets_through(
    workshop: Any, invoke: Invoke, asynchronous: bool
) -> None:
    workshop.function("it", COUNTING)
    served = workshop.serve()
    throttled = {"action": "InvokeFunction:it", "when": {"next": 1}, "do": {"throttle": True}}
    served.cloud.set_faults([throttled])

    refused = invoke(served, "it", b"{}", asynchronous=asynchronous)
    taken = invoke(served, "it", b"{}", asynchronous=asynchronous)

    assert (refused.status, refused.code) == (429, "ResourceExhausted")
    assert taken.status in {200, 202}
    assert served.idle()["idle"]
    assert attempts(served, "it") == 1
