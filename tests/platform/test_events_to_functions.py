"""From the bus through rule, queue and stream into a function, and what goes wrong on the way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.functioncompute.behaviour import Behaviour, Deletion

EVENT = {"id": "e-1", "source": "acs.ecs", "type": "ecs:Instance:StateChange", "specversion": "1.0"}
COLLECT = """
import json, os, pathlib

def handler(event, context):
    note = pathlib.Path(os.environ["NOTE"])
    for one in json.loads(event):
        with note.open("a") as file:
            file.write(one["data"]["messageBody"] + "\\n")
    if note.with_name("fail").exists():
        note.with_name("fail").unlink()
        raise RuntimeError("once")
    return "ok"
"""


def deploy(workshop: Any, code: str = COLLECT, **trigger: Any) -> None:
    """A function `it` behind a queue `events`, as the product's template has it."""
    note = {"NOTE": str(workshop.folder / "note")}
    workshop.function("it", code, EnvironmentVariables=note)
    workshop.resource("Dead", "ALIYUN::MNS::Queue", QueueName="dead")
    workshop.resource("Queue", "ALIYUN::MNS::Queue", QueueName="events", VisibilityTimeout=180)
    workshop.resource(
        "Rule",
        "ALIYUN::EventBridge::Rule",
        EventBusName="default",
        RuleName="running",
        FilterPattern={"source": ["acs.ecs"]},
        Targets=[
            {
                "Id": "queue",
                "Type": "acs.mns.queue",
                "Endpoint": "acs:mns:cn-hongkong:1234567890123456:queues/events",
                "ParamList": [
                    {"ResourceKey": "Body", "Form": "ORIGINAL", "Value": ""},
                    {"ResourceKey": "IsBase64Encode", "Form": "CONSTANT", "Value": "true"},
                ],
            }
        ],
    )
    workshop.resource(
        "Trigger",
        "ALIYUN::FC3::Trigger",
        FunctionName="it",
        TriggerName="events",
        TriggerType="eventbridge",
        TriggerConfig={
            "triggerEnable": True,
            "eventSourceConfig": {
                "eventSourceType": "MNS",
                "eventSourceParameters": {"sourceMNSParameters": {"QueueName": "events"}},
            },
            "runOptions": {
                "errorsTolerance": "ALL",
                "retryStrategy": {"PushRetryStrategy": "EXPONENTIAL_DECAY_RETRY"},
                "deadLetterQueue": {"Arn": "acs:mns:cn-hongkong:1234567890123456:/queues/dead"},
                "batchWindow": {"CountBasedWindow": 500, "TimeBasedWindow": 2},
            },
            **trigger,
        },
    )


def received(workshop: Any) -> list[str]:
    note = workshop.folder / "note"
    return note.read_text().splitlines() if note.exists() else []


@pytest.mark.parametrize("deletion", list(Deletion))
def test_an_event_reaches_the_function_as_it_was_given(workshop: Any, deletion: Deletion) -> None:
    deploy(workshop)
    served = workshop.serve(speed=20, behaviour=Behaviour(message_deletion=deletion))
    other = {**EVENT, "source": "acs.oss"}
    answer = served.control("POST", "events?duplicate=2", [EVENT, other])
    assert answer == {"deliveries": 4}
    found = served.idle()
    assert (found["idle"], found["dead_letters"], found["queues"]) == (
        True,
        0,
        {"events": 0, "dead": 0},
    )
    assert received(workshop) == [json.dumps(EVENT)] * 2
    rules = [one["rules"] for one in served.control("GET", "deliveries")]
    assert rules == [["running"], ["running"], [], []]


@pytest.mark.parametrize("deletion", list(Deletion))
def test_a_failed_push_comes_again(workshop: Any, deletion: Deletion) -> None:
    deploy(workshop)
    (workshop.folder / "fail").touch()
    served = workshop.serve(speed=20, behaviour=Behaviour(message_deletion=deletion))
    served.control("POST", "events", EVENT)
    assert served.idle()["idle"]
    assert received(workshop) == [json.dumps(EVENT)] * 2
    assert served.idle()["dead_letters"] == 0


def test_a_push_that_finds_the_function_busy_comes_again(workshop: Any) -> None:
    deploy(workshop, COLLECT.replace("note = ", "__import__('time').sleep(0.3); note = "))
    workshop.resource(
        "limit", "ALIYUN::FC3::ConcurrencyConfig", FunctionName="it", ReservedConcurrency=1
    )
    served = workshop.serve(speed=20)
    running = served.submit(served.platform.invocations.invoke("it", b"[]"))
    assert served.busy("invocations")
    served.control("POST", "events", EVENT)
    assert running.result(5).error_type is None
    assert served.idle()["idle"]
    assert received(workshop) == [json.dumps(EVENT)]
    assert served.idle()["dead_letters"] == 0


def test_faults_strike_pushes_too(workshop: Any) -> None:
    deploy(workshop)
    served = workshop.serve(speed=20)
    served.cloud.set_faults(
        [
            {"action": "InvokeFunction:it", "when": {"next": 1}, "do": {"reset": "after"}},
            {"action": "InvokeFunction:it", "when": {"next": 1}, "do": {"throttle": True}},
        ]
    )
    served.control("POST", "events", EVENT)
    assert served.idle()["idle"]
    assert received(workshop) == [json.dumps(EVENT)] * 2


def test_a_trigger_that_is_switched_off_keeps_the_work_in_the_queue(workshop: Any) -> None:
    deploy(workshop, triggerEnable=False)
    served = workshop.serve(speed=20)
    served.control("POST", "events", EVENT)
    found = served.idle(0.3)
    assert (found["idle"], found["queues"]["events"]) == (False, 1)
    assert found["under_way"] == {"messages": 1}
    assert received(workshop) == []


@pytest.mark.parametrize(
    ("named", "meaning"), [(True, "as_named"), (False, "reversed")], ids=["as named", "reversed"]
)
def test_an_asynchronous_trigger_leaves_repeating_to_the_function_queue(
    workshop: Any, named: bool, meaning: str
) -> None:
    deploy(workshop, asyncInvocationType=named)
    (workshop.folder / "fail").touch()
    served = workshop.serve(speed=20)
    served.control("PUT", "platform", {"async_invocation_type": meaning})
    served.control("POST", "events", EVENT)
    assert served.idle()["idle"]
    assert received(workshop) == [json.dumps(EVENT)] * 2
    (task,) = served.control("GET", "invocations")
    assert (task["status"], task["attempts"]) == ("Succeeded", 2)


def test_a_timer_fires_when_told_to(workshop: Any) -> None:
    workshop.function("sweep", "def handler(event, context):\n    print(event.decode())\n")
    workshop.resource(
        "Timer",
        "ALIYUN::FC3::Trigger",
        FunctionName="sweep",
        TriggerName="sweep",
        TriggerType="timer",
        TriggerConfig={"cronExpression": "@every 5m", "enable": True, "payload": "all"},
    )
    served = workshop.serve()
    served.control("POST", "timers/sweep")
    assert served.idle()["idle"]
    lines = [one["text"] for one in served.control("GET", "functions/sweep/log")]
    event = json.loads(next(line for line in lines if line.startswith("{")))
    assert (event["triggerName"], event["payload"]) == ("sweep", "all")
    assert event["triggerTime"].endswith("Z")


def test_outcomes_are_what_reached_notify_in_order_and_with_repeats(workshop: Any) -> None:
    workshop.function(
        "notify", "def handler(event, context):\n    if b'bad' in event:\n        1 / 0\n"
    )
    served = workshop.serve()
    for names in (["a", "b"], ["bad"], ["a"]):
        outcomes = [{"outcome_id": f"o-{name}"} for name in names]
        payload = json.dumps({"schema_version": 1, "outcomes": outcomes}).encode()
        served.run(served.platform.invocations.invoke("notify", payload))
    served.run(served.platform.invocations.invoke("notify", b"not json"))
    found = [one["outcome_id"] for one in served.control("GET", "outcomes")]
    assert found == ["o-a", "o-b", "o-a"]


@pytest.mark.parametrize(
    ("method", "name", "status"),
    [
        ("POST", "timers/nobody", "no timer trigger nobody"),
        ("POST", "functions/nobody/kill", "'nobody' does not exist"),
        ("POST", "events?delay_s=soon", "delay_s must be a number"),
        ("GET", "events", "use POST"),
    ],
)
def test_a_wrong_control_call_is_answered_with_a_sentence(
    workshop: Any, method: str, name: str, status: str
) -> None:
    served = workshop.serve()
    with pytest.raises(Exception, match=status):
        served.control(method, name)
