"""However an event travelled, it means the same and has the same cause."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from evermirror.model import Cause, Parsed, Verdict

Read = Callable[[object], Parsed]
Make = Callable[..., dict[str, Any]]


def _in_queue_message(body: object) -> dict[str, Any]:
    return {
        "id": "m-1",
        "source": "acs.mns",
        "specversion": "1.0",
        "type": "mns:Queue:SendMessage",
        "aliyunaccountid": "1234567890123456",
        "data": {"requestId": "x", "messageId": "m-1", "messageBody": body},
    }


def _in_base64(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


WRAPPINGS: dict[str, Callable[[Any], Any]] = {
    "a list": lambda event: [event],
    "a list of lists": lambda event: [[event]],
    "a list of quoted events": lambda event: [json.dumps(event)],
    "quoted": json.dumps,
    "data quoted": lambda event: {**event, "data": json.dumps(event["data"])},
    "content around the data": lambda event: {**event, "data": {"content": event["data"]}},
    "a queue message": _in_queue_message,
    "a quoted event in a queue message": lambda event: _in_queue_message(json.dumps(event)),
    "a queue message in base64": lambda event: _in_queue_message(_in_base64(event)),
    "a queue message that is all quoted": lambda event: json.dumps(
        {**_in_queue_message(""), "data": json.dumps({"messageBody": json.dumps(event)})}
    ),
    "a bare queue message": lambda event: {"messageId": "m-1", "messageBody": json.dumps(event)},
    "a list of events in a queue message": lambda event: _in_queue_message([event]),
    "a topic message": lambda event: {
        "TopicOwner": "1234567890123456", "MessageId": "t-1", "Message": json.dumps(event),
    },
    "a topic message in base64": lambda event: {"TopicName": "t", "Message": _in_base64(event)},
}  # fmt: skip


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_a_wrapping_changes_neither_meaning_nor_cause(
    wrapping: str, attached: Make, running: Make, completed: Make, read: Read
) -> None:
    for event in (attached(), running(), completed(), running({"state": "Stopped"})):
        assert read(WRAPPINGS[wrapping](event)) == read(event)


def test_a_cloud_event_is_known_by_its_source_and_id(running: Make, read: Read) -> None:
    [intent] = read(running()).intents
    assert intent.cause == Cause("acs.ecs", "e-1")


def test_a_bare_record_is_known_by_its_event_id(attached: Make, read: Read) -> None:
    [intent] = read(attached()["data"]).intents
    assert intent.cause == Cause("actiontrail", "r-1")


def test_a_system_event_is_known_by_its_id(running: Make, read: Read) -> None:
    event = {"name": "Instance:StateChange", "product": "ECS", "id": "c-1"}
    for content in (running()["data"], json.dumps(running()["data"])):
        [intent] = read({**event, "content": content}).intents
        assert intent.cause == Cause("cloudmonitor", "c-1")


def test_bare_data_is_known_by_what_it_says(completed: Make, read: Read) -> None:
    data = completed()["data"]
    [intent] = read(data).intents
    [again] = read(dict(reversed(data.items()))).intents
    [other] = read({**data, "eniId": "eni-j6c000000000000002"}).intents
    assert intent.cause.source == "evermirror.digest"
    assert intent.cause == again.cause
    assert intent.cause != other.cause


def test_bare_data_in_a_message_is_known_by_the_message(running: Make, read: Read) -> None:
    [queued] = read(_in_queue_message(json.dumps(running()["data"]))).intents
    assert queued.cause == Cause("acs.mns", "m-1")
    topic = {"TopicName": "t", "MessageId": "t-1", "Message": json.dumps(running()["data"])}
    [told] = read(topic).intents
    assert told.cause == Cause("mns", "t-1")


def test_a_bad_element_takes_no_neighbour_with_it(
    attached: Make, running: Make, read: Read
) -> None:
    bad = [
        5,
        None,
        "text",
        [],
        {},
        {"eniId": ["x"], "operation": 1},
        running({"state": 1}, id="e-2"),
        _in_queue_message("TEST"),
        json.loads("[" * 60 + "]" * 60),
        json.loads('{"a":' * 80 + "1" + "}" * 80),
    ]
    parsed = read([attached(), *bad, running(id="e-3")])
    assert [intent.cause.id for intent in parsed.intents] == ["e-1", "e-3"]
    assert {outcome.reason for outcome in parsed.outcomes} == {"invalid_event"}
    for index in range(1, len(bad) + 1):
        assert any(f"[{index}]" in (outcome.remedy or "") for outcome in parsed.outcomes)


def test_a_key_named_twice_spoils_its_own_element_only(running: Make, read: Read) -> None:
    good = json.dumps(running())
    doubled = good.replace('"state": "Running"', '"state": "Stopped", "state": "Running"')
    parsed = read(f"[{doubled.replace('e-1', 'e-2')}, {good}]".encode())
    assert [intent.cause.id for intent in parsed.intents] == ["e-1"]
    [outcome] = parsed.outcomes
    assert outcome.cause == Cause("acs.ecs", "e-2")
    assert outcome.remedy is not None
    assert '[0] names the key "state" twice' in outcome.remedy


def test_the_same_event_twice_in_a_batch_is_one_intent(running: Make, read: Read) -> None:
    assert len(read([running(), running()]).intents) == 1


def test_events_beyond_the_bound_are_told_of_and_cost_the_others_nothing(
    running: Make, read: Read
) -> None:
    events = [{"source": "a", "type": "b", "id": f"{number}"} for number in range(10_001)]
    parsed = read([events, running(id="neighbour")])
    assert [intent.cause.id for intent in parsed.intents] == ["neighbour"]
    [rest] = [outcome for outcome in parsed.outcomes if outcome.verdict is Verdict.REJECTED]
    assert "among its first 10000, and the rest was not read" in (rest.remedy or "")
