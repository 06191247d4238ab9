"""Rules whose target is a function or a queue, and what becomes of an event nobody takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.functioncompute.intrinsics import TemplateError
from tests.platform.conftest import DEPLOYMENT, wait_until
from tests.platform.test_events_to_functions import EVENT

ACCOUNT = f"{DEPLOYMENT.region}:{DEPLOYMENT.account_id}"
DEAD = {"Arn": f"acs:mns:{ACCOUNT}:/queues/dead"}
NOTE = """
import os, pathlib

def handler(event, context):
    note = pathlib.Path(os.environ["NOTE"])
    with note.open("ab") as file:
        file.write(event + b"\\n")
    if note.with_name("fail").exists():
        raise RuntimeError("no")
    return "ok"
"""


def deploy(workshop: Any) -> None:
    note = {"NOTE": str(workshop.folder / "note")}
    workshop.function("it", NOTE, EnvironmentVariables=note)
    workshop.resource("dead", "ALIYUN::MNS::Queue", QueueName="dead")
    workshop.resource("events", "ALIYUN::MNS::Queue", QueueName="events")


def rule(workshop: Any, **target: Any) -> None:
    body = {"ResourceKey": "Body", "Form": "ORIGINAL", "Value": ""}
    workshop.resource(
        "rule",
        "ALIYUN::EventBridge::Rule",
        EventBusName="default",
        RuleName="rule",
        FilterPattern={"source": ["acs.ecs"]},
        Targets=[{"Id": "one", "ParamList": [body], "DeadLetterQueue": DEAD, **target}],
    )


FUNCTION = {
    "Type": "acs.fc.function",
    "Endpoint": f"acs:fc:{ACCOUNT}:services/any.LATEST/functions/it",
}
QUEUE = {"Type": "acs.mns.queue", "Endpoint": f"acs:mns:{ACCOUNT}:queues/events"}


def received(workshop: Any) -> list[Any]:
    note = workshop.folder / "note"
    return [json.loads(line) for line in note.read_text().splitlines()] if note.exists() else []


def trigger(workshop: Any, **config: Any) -> None:
    workshop.resource(
        "trigger",
        "ALIYUN::FC3::Trigger",
        FunctionName="it",
        TriggerName="direct",
        TriggerType="eventbridge",
        TriggerConfig={
            "triggerEnable": True,
            "eventRuleFilterPattern": '{"source": ["acs.ecs"]}',
            "eventSourceConfig": {"eventSourceType": "Default"},
            **config,
        },
    )


def test_a_function_as_target_gets_each_event_and_is_tried_again(workshop: Any) -> None:
    deploy(workshop)
    rule(workshop, **FUNCTION)
    (workshop.folder / "fail").touch()
    served = workshop.serve(speed=100)
    served.control("POST", "events", [EVENT, {**EVENT, "source": "acs.oss"}])
    assert wait_until(lambda: len(received(workshop)) == 2)
    (workshop.folder / "fail").unlink()
    assert served.idle()["idle"]
    assert received(workshop) == [EVENT] * len(received(workshop))
    assert served.idle()["dead_letters"] == 0


def test_what_a_function_never_takes_is_a_dead_letter(workshop: Any) -> None:
    deploy(workshop)
    rule(workshop, **FUNCTION)
    (workshop.folder / "fail").touch()
    served = workshop.serve(speed=500)
    served.control("POST", "events", EVENT)
    assert served.idle()["dead_letters"] == 1
    assert len(received(workshop)) == 4
    (letter,) = served.control("GET", "dead-letters")
    assert json.loads(letter["body"]) == EVENT


@pytest.mark.parametrize(
    ("do", "copies"), [({"error": "Down"}, 1), ({"reset": "before"}, 1), ({"reset": "after"}, 2)]
)
def test_a_queue_that_fails_for_a_moment_gets_the_event_in_the_end(
    workshop: Any, do: dict[str, Any], copies: int
) -> None:
    deploy(workshop)
    rule(workshop, **QUEUE)
    served = workshop.serve(speed=500)
    served.cloud.set_faults([{"action": "SendMessage:events", "when": {"next": 1}, "do": do}])
    served.control("POST", "events", EVENT)
    assert wait_until(lambda: len(served.platform.queues["events"]) == copies)
    assert served.idle(0.1)["dead_letters"] == 0


def test_a_queue_that_never_takes_it_leaves_a_dead_letter_or_a_problem(workshop: Any) -> None:
    deploy(workshop)
    rule(workshop, **QUEUE)
    served = workshop.serve(speed=500)
    served.cloud.set_faults([{"action": "SendMessage:events", "do": {"error": "Down"}}])
    served.control("POST", "events", EVENT)
    assert served.idle()["dead_letters"] == 1
    assert served.control("GET", "deliveries")[0]["problem"] is None
    served.cloud.set_faults([])
    served.control("POST", "events", {**EVENT, "pad": "x" * 70_000})
    assert served.idle()["dead_letters"] == 1
    problem = served.control("GET", "deliveries")[1]["problem"]
    assert "at most 65536 bytes, and the dead-letter queue does not take it" in problem


@pytest.mark.parametrize("schema", ["CloudEvents", "RawData"])
def test_a_trigger_on_the_default_bus_pushes_one_event_an_invocation(
    workshop: Any, schema: str
) -> None:
    deploy(workshop)
    trigger(workshop, eventSinkConfig={"deliveryOption": {"eventSchema": schema}})
    served = workshop.serve(speed=100)
    event = {**EVENT, "data": {"state": "Running"}}
    served.control("POST", "events", [event, {**EVENT, "source": "acs.oss"}])
    assert served.idle()["idle"]
    assert received(workshop) == [event if schema == "CloudEvents" else event["data"]]
    assert served.control("GET", "invocations") == []
    assert served.control("GET", "deliveries")[0]["rules"] == ["it-direct"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"eventRuleFilterPattern": "{"}, r"eventRuleFilterPattern: this is no JSON"),
        ({"eventRuleFilterPattern": '{"a": 1}'}, r"eventRuleFilterPattern: a: a list of what"),
        ({"eventSourceConfig": {"eventSourceType": "Kafka"}}, r"eventSourceType: Kafka is not"),
        (
            {"runOptions": {"retryStrategy": {"PushRetryStrategy": "NEVER"}}},
            r"PushRetryStrategy: NEVER is none of",
        ),
        (
            {"eventSinkConfig": {"deliveryOption": {"eventSchema": "Raw"}}},
            r"eventSchema: Raw is neither",
        ),
    ],
)
def test_a_trigger_that_cannot_work_is_refused(
    workshop: Any, change: dict[str, Any], sentence: str
) -> None:
    deploy(workshop)
    trigger(workshop, **change)
    with pytest.raises(TemplateError, match=sentence):
        workshop.serve()
