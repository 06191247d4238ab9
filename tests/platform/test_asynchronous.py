"""Asynchronous invocations: accepted at once, told apart, retried, and never lost silently."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_tea_util.models import RuntimeOptions
from fc2.fc_exceptions import FcError

from tests.platform.conftest import wait_until
from tests.platform.test_invocations import current, former

FLAKY = """
tries = []

def handler(event, context):
    tries.append(event)
    if len(tries) <= int(event):
        raise RuntimeError("not yet")
    return len(tries)
"""


def with_dead_letters(workshop: Any, function: str, **settings: Any) -> None:
    workshop.resource("dead", "ALIYUN::MNS::Queue", QueueName="dead")
    workshop.resource(
        "settings",
        "ALIYUN::FC3::AsyncInvokeConfig",
        FunctionName=function,
        DestinationConfig={
            "OnFailure": {
                "Destination": "acs:mns:cn-hongkong:1234567890123456:/queues/dead/messages"
            }
        },
        **settings,
    )


def statuses(served: Any) -> list[tuple[str, int]]:
    return [(one["status"], one["attempts"]) for one in served.control("GET", "invocations")]


def test_a_failing_function_is_tried_again_with_growing_pauses(workshop: Any) -> None:
    workshop.function("flaky", FLAKY)
    with_dead_letters(workshop, "flaky", MaxAsyncRetryAttempts=2)
    served = workshop.serve(speed=0)
    served.run(served.later(lambda: served.platform.asynchronous.accept("flaky", b"2")))
    assert wait_until(lambda: statuses(served) == [("Retrying", 1)])
    served.cloud.advance(1.0)
    assert wait_until(lambda: statuses(served) == [("Retrying", 2)])
    served.cloud.advance(1.9)
    assert not served.idle(0.1)["idle"]
    assert statuses(served) == [("Retrying", 2)]
    served.cloud.advance(0.1)
    assert served.idle()["idle"]
    assert statuses(served) == [("Succeeded", 3)]
    assert served.idle()["dead_letters"] == 0


def test_what_fails_for_good_reaches_the_failure_destination(workshop: Any) -> None:
    workshop.function("flaky", FLAKY)
    with_dead_letters(workshop, "flaky", MaxAsyncRetryAttempts=1)
    served = workshop.serve(speed=100)
    request_id = served.run(
        served.later(lambda: served.platform.asynchronous.accept("flaky", b"99"))
    )
    found = served.idle()
    assert (found["idle"], found["dead_letters"]) == (True, 1)
    (message,) = served.platform.queues["dead"].messages
    record = json.loads(message.body)
    assert isinstance(record.pop("timestamp"), int)
    response = json.loads(record.pop("responsePayload"))
    assert response["errorType"] == "RuntimeError"
    assert record == {
        "requestContext": {
            "requestId": request_id,
            "functionArn": "acs:fc:cn-hongkong:1234567890123456:functions/flaky",
            "condition": "UnhandledInvocationError",
            "approximateInvokeCount": 2,
        },
        "requestPayload": "99",
        "responseContext": {"statusCode": 200, "functionError": "UnhandledInvocationError"},
    }


def test_an_id_is_accepted_once_on_both_addresses(workshop: Any) -> None:
    workshop.function("it", "def handler(event, context):\n    return 'ok'\n")
    with_dead_letters(workshop, "it", AsyncTask=True)
    served = workshop.serve()
    headers = {"x-fc-invocation-type": "Async", "x-fc-stateful-async-invocation-id": "p-1"}
    former(served).invoke_function("evermirror", "it", b"{}", dict(headers))
    with pytest.raises(FcError) as caught:
        former(served).invoke_function("evermirror", "it", b"{}", dict(headers))
    assert caught.value.status_code == 409
    assert caught.value.err_code == "StatefulAsyncInvocationAlreadyExists"
    again = models.InvokeFunctionHeaders(
        x_fc_invocation_type="Async", common_headers={"x-fc-async-task-id": "p-1"}
    )
    with pytest.raises(Exception, match="StatefulAsyncInvocationAlreadyExists"):
        current(served).invoke_function_with_options(
            "it", models.InvokeFunctionRequest(body=b"{}"), again, RuntimeOptions()
        )
    other = models.InvokeFunctionHeaders(
        x_fc_invocation_type="Async", common_headers={"x-fc-async-task-id": "p-2"}
    )
    accepted = current(served).invoke_function_with_options(
        "it", models.InvokeFunctionRequest(body=b"{}"), other, RuntimeOptions()
    )
    assert accepted.status_code == 202
    assert served.idle()["idle"]
    assert statuses(served) == [("Succeeded", 1), ("Succeeded", 1)]


@pytest.mark.parametrize("task_id", ["1-digit", "a b", "x" * 129])
def test_a_malformed_id_is_refused(workshop: Any, task_id: str) -> None:
    workshop.function("it", "def handler(event, context):\n    return 'ok'\n")
    with_dead_letters(workshop, "it", AsyncTask=True)
    served = workshop.serve()
    headers = {"x-fc-invocation-type": "Async", "x-fc-stateful-async-invocation-id": task_id}
    with pytest.raises(FcError) as caught:
        former(served).invoke_function("evermirror", "it", b"{}", headers)
    assert (caught.value.status_code, caught.value.err_code) == (400, "InvalidArgument")


SLOW = """
import os, time

def handler(event, context):
    while os.path.exists(event.decode()):
        time.sleep(0.01)
    return "ok"
"""


def held(workshop: Any) -> Path:
    """A function that runs as long as this file is there, one invocation at a time."""
    workshop.function("slow", SLOW)
    workshop.resource(
        "limit", "ALIYUN::FC3::ConcurrencyConfig", FunctionName="slow", ReservedConcurrency=1
    )
    hold = Path(workshop.folder, "hold")
    hold.touch()
    return hold


def test_what_was_accepted_outlives_a_restart_and_its_id_stays_used(workshop: Any) -> None:
    workshop.function("flaky", FLAKY)
    workshop.function("gone", FLAKY)
    with_dead_letters(workshop, "flaky", MaxAsyncRetryAttempts=3, AsyncTask=True)
    served = workshop.serve(speed=0)
    accept = served.platform.asynchronous.accept
    request_id = served.run(served.later(lambda: accept("flaky", b"1", "p-1")))
    served.run(served.later(lambda: accept("gone", b"9")))
    assert wait_until(lambda: statuses(served) == [("Retrying", 1), ("Retrying", 1)])
    kept = served.cloud.state()

    del workshop.resources["gone"], workshop.folders["gone"]
    again = workshop.serve(speed=100, fleet=kept, run_folder=workshop.folder / "again")
    assert again.idle()["idle"]
    # Its process is a new one, so that it fails once more.
    (task,) = again.control("GET", "invocations")
    assert (task["request_id"], task["status"], task["attempts"]) == (request_id, "Succeeded", 3)
    headers = {"x-fc-invocation-type": "Async", "x-fc-stateful-async-invocation-id": "p-1"}
    with pytest.raises(FcError) as caught:
        former(again).invoke_function("evermirror", "flaky", b"0", headers)
    assert caught.value.status_code == 409
    assert again.cloud.state()["waiting"]["invocations"] == []


def test_beyond_its_concurrency_a_synchronous_call_is_429_and_an_asynchronous_waits(
    workshop: Any,
) -> None:
    hold = held(workshop)
    served = workshop.serve(speed=10)
    running = served.submit(served.platform.invocations.invoke("slow", str(hold).encode()))
    assert served.busy("invocations")
    with pytest.raises(FcError) as caught:
        former(served).invoke_function("evermirror", "slow", b"nothing")
    assert (caught.value.status_code, caught.value.err_code) == (429, "ResourceExhausted")
    with pytest.raises(Exception, match="ResourceExhausted") as refused:
        current(served).invoke_function("slow", models.InvokeFunctionRequest(body=b"nothing"))
    assert refused.value.status_code == 429  # type: ignore[attr-defined]
    served.run(served.later(lambda: served.platform.asynchronous.accept("slow", b"nothing")))
    assert wait_until(lambda: statuses(served) == [("Retrying", 0)])
    hold.unlink()
    assert running.result(5).error_type is None
    assert served.idle()["idle"]
    assert statuses(served) == [("Succeeded", 1)]


def test_an_event_that_waited_too_long_is_given_up_loudly(workshop: Any) -> None:
    hold = held(workshop)
    with_dead_letters(workshop, "slow", MaxAsyncEventAgeInSeconds=3)
    served = workshop.serve(speed=20)
    running = served.submit(served.platform.invocations.invoke("slow", str(hold).encode()))
    assert served.busy("invocations")
    served.run(served.later(lambda: served.platform.asynchronous.accept("slow", b"nothing")))
    assert wait_until(lambda: statuses(served) == [("Failed", 0)])
    hold.unlink()
    assert running.result(5).error_type is None
    assert served.idle()["dead_letters"] == 1
    (message,) = served.platform.queues["dead"].messages
    assert json.loads(message.body)["requestContext"]["condition"] == "FunctionResourceExhausted"


def test_faults_strike_invocations_by_name(workshop: Any) -> None:
    workshop.function("it", "def handler(event, context):\n    return 'ok'\n")
    workshop.function("other", "def handler(event, context):\n    return 'ok'\n")
    served = workshop.serve()
    served.cloud.set_faults(
        [
            {
                "action": "InvokeFunction:it",
                "when": {"next": 2},
                "do": {"error": "Down", "status": 503},
            }
        ]
    )
    asynchronous = {"x-fc-invocation-type": "Async"}
    for headers in ({}, asynchronous):
        with pytest.raises(FcError) as caught:
            former(served).invoke_function("evermirror", "it", b"{}", dict(headers))
        assert (caught.value.status_code, caught.value.err_code) == (503, "Down")
    assert former(served).invoke_function("evermirror", "other", b"{}").data == b"ok"
    assert former(served).invoke_function("evermirror", "it", b"{}").data == b"ok"
    assert statuses(served) == []
