"""Where records of asynchronous invocations go, and how what could not be done is seen."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fc2.fc_exceptions import FcError

from tests.platform.conftest import DEPLOYMENT, wait_until
from tests.platform.test_invocations import former

ARN = f"acs:fc:{DEPLOYMENT.region}:{DEPLOYMENT.account_id}"
QUEUE = f"acs:mns:{DEPLOYMENT.region}:{DEPLOYMENT.account_id}:/queues/dead/messages"
ECHO = """
import pathlib, os

def handler(event, context):
    with pathlib.Path(os.environ["NOTE"]).open("ab") as file:
        file.write(event + b"\\n")
    if event.startswith(b"bad"):
        raise ValueError("no")
    return event
"""


def deploy(workshop: Any, **settings: Any) -> Any:
    """`it`, with `other` and a queue `dead` to send records to."""
    for name in ("it", "other"):
        note = {"NOTE": str(workshop.folder / f"note-{name}")}
        workshop.function(name, ECHO, EnvironmentVariables=note)
    workshop.resource("dead", "ALIYUN::MNS::Queue", QueueName="dead")
    workshop.resource("settings", "ALIYUN::FC3::AsyncInvokeConfig", FunctionName="it", **settings)
    return workshop.serve(speed=50)


def accept(served: Any, payload: bytes) -> str:
    request_id: str = served.run(
        served.later(lambda: served.platform.asynchronous.accept("it", payload))
    )
    return request_id


def records(workshop: Any, name: str) -> list[bytes]:
    note = workshop.folder / f"note-{name}"
    return note.read_bytes().splitlines() if note.exists() else []


def test_success_and_failure_reach_functions_and_queues_as_documented(workshop: Any) -> None:
    served = deploy(
        workshop,
        MaxAsyncRetryAttempts=0,
        DestinationConfig={
            "OnSuccess": {"Destination": f"{ARN}:functions/other"},
            "OnFailure": {"Destination": QUEUE},
        },
    )
    good, bad = accept(served, b'{"info":true}'), accept(served, b"bad")
    assert served.idle()["dead_letters"] == 1
    success = json.loads(records(workshop, "other")[0])
    assert isinstance(success.pop("timestamp"), int)
    assert success == {
        "requestContext": {
            "requestId": good,
            "functionArn": f"{ARN}:functions/it",
            "condition": "",
            "approximateInvokeCount": 1,
        },
        "requestPayload": '{"info":true}',
        "responseContext": {"statusCode": 200, "functionError": ""},
        "responsePayload": '{"info":true}',
    }
    (letter,) = served.control("GET", "dead-letters")
    failure = json.loads(letter.pop("body"))
    assert (letter["queue"], failure["requestContext"]["requestId"]) == ("dead", bad)
    assert failure["requestContext"]["condition"] == "UnhandledInvocationError"
    assert json.loads(failure["responsePayload"])["errorMessage"] == "no"


def test_a_record_that_its_queue_does_not_take_is_not_lost_in_silence(workshop: Any) -> None:
    served = deploy(
        workshop, MaxAsyncRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": QUEUE}}
    )
    accept(served, b"bad" + b"x" * 70_000)
    found = served.idle()
    assert (found["idle"], found["dead_letters"], found["undelivered"]) == (True, 0, 1)
    (task,) = served.control("GET", "invocations")
    assert "at most 65536 bytes" in task["undelivered"]


def test_an_invocation_may_run_more_than_once_and_the_record_says_so(workshop: Any) -> None:
    served = deploy(
        workshop, DestinationConfig={"OnSuccess": {"Destination": f"{ARN}:functions/other"}}
    )
    served.control("PUT", "platform", {"asynchronous_repeats": 1})
    accept(served, b"once")
    assert served.idle()["idle"]
    assert records(workshop, "it") == [b"once", b"once"]
    record = json.loads(records(workshop, "other")[0])
    assert record["requestContext"]["approximateInvokeCount"] == 2


def test_beyond_the_instances_of_the_account_calls_are_429(workshop: Any) -> None:
    served = deploy(workshop)
    served.control("PUT", "platform", {"instances_per_region": 0})
    with pytest.raises(FcError) as caught:
        former(served).invoke_function("evermirror", "it", b"now")
    assert (caught.value.status_code, caught.value.err_code) == (429, "ResourceExhausted")
    accept(served, b"later")
    assert wait_until(lambda: served.control("GET", "invocations")[0]["status"] == "Retrying")
    served.control("PUT", "platform", {})
    assert served.idle()["idle"]
    assert records(workshop, "it") == [b"later"]
