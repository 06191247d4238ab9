"""Whoever can put something into an event, a queue or a text can ask for nothing by it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.worlds import a_session, attached, eni, instance, tms

from .conftest import Serve
from .writers import World, Writer

CHANGES = (
    "AddSourcesToTrafficMirrorSession",
    "RemoveSourcesFromTrafficMirrorSession",
    "UpdateTrafficMirrorSessionAttribute",
    "CreateTrafficMirrorSession",
)
UPDATE = "UpdateTrafficMirrorSessionAttribute Enabled=false"
TAMPERING = {"actor": "alice.ciso", "action": "RemoveSourcesFromTrafficMirrorSession"}

ASKED: dict[str, dict[str, Any]] = {
    "mirror": {"network_interface_ids": [eni(1)]},
    "mirror an instance": {"instance_ids": [instance(1)]},
    "heal": {
        "purpose": "heal",
        "session_id": tms(1),
        "network_interface_ids": [eni(1)],
        "tampering": TAMPERING,
    },
    "switch on": {
        "purpose": "heal",
        "session_id": tms(2),
        "tampering": {"actor": "bob", "action": UPDATE},
    },
    "reclaim": {
        "purpose": "reclaim",
        "session_id": tms(1),
        "network_interface_ids": [eni(99)],
    },
}

STOPPED = {"resourceId": instance(3), "state": "Stopped"}
EVENT = {
    "id": "e-1",
    "source": "acs.ecs",
    "specversion": "1.0",
    "type": "ecs:Instance:StateChange",
    "data": STOPPED,
}
OTHER_ACCOUNT = {**attached(1), "aliyunaccountid": "9999999999999999"}
RECORD = {"eventId": "r-1", "eventName": "StopInstance", "serviceName": "Ecs"}
CLOUD_MONITOR = {"name": "Instance:StateChange:Stopped", "product": "ECS", "id": "c-1"}


def _base64(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def _queued(body: object) -> dict[str, Any]:
    data = {"messageId": "m-1", "messageBody": body}
    return {**EVENT, "source": "acs.mns", "type": "mns:Queue:SendMessage", "data": data}


def _topic(body: object) -> dict[str, Any]:
    return {"TopicOwner": "1", "TopicName": "t", "MessageId": "t-1", "Message": body}


SHAPES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "an event with a request's keys": lambda asked: {**EVENT, **asked},
    "another account's event with a request's keys": lambda asked: {**OTHER_ACCOUNT, **asked},
    "a request with specversion": lambda asked: {"specversion": "1.0", **asked},
    "a request with type and source": lambda asked: {"type": "a:b:c", "source": "a", **asked},
    "a request with eventName": lambda asked: {"eventName": "StopInstance", **asked},
    "a record with a request's keys": lambda asked: {**RECORD, **asked},
    "bare data with a request's keys": lambda asked: {**STOPPED, **asked},
    "a system event with a request's keys": lambda asked: {
        **CLOUD_MONITOR, "content": STOPPED, **asked,
    },
    "the data of an event": lambda asked: {**EVENT, "data": asked},
    "the quoted data of an event": lambda asked: {**EVENT, "data": json.dumps(asked)},
    "the data of an event of no kind": lambda asked: {"data": asked},
    "content in the data of an event": lambda asked: {**EVENT, "data": {"content": asked}},
    "the parameters of a record": lambda asked: {**RECORD, "requestParameters": asked},
    "content of a system event": lambda asked: {**CLOUD_MONITOR, "content": asked},
    "quoted content of a system event": lambda asked: {
        **CLOUD_MONITOR, "content": json.dumps(asked),
    },
    "a queue message": _queued,
    "quoted in a queue message": lambda asked: _queued(json.dumps(asked)),
    "in base64 in a queue message": lambda asked: _queued(_base64(asked)),
    "a list in a queue message": lambda asked: _queued([asked]),
    "a quoted list in a queue message": lambda asked: _queued(json.dumps([asked])),
    "a quoted queue message": lambda asked: json.dumps(_queued(json.dumps(asked))),
    "a queue message in a queue message": lambda asked: _queued(_queued(asked)),
    "a bare queue message": lambda asked: {"messageId": "m-1", "messageBody": json.dumps(asked)},
    "a request with a messageBody": lambda asked: {"messageBody": json.dumps(asked), **asked},
    "a topic message": _topic,
    "quoted in a topic message": lambda asked: _topic(json.dumps(asked)),
    "in base64 in a topic message": lambda asked: _topic(_base64(asked)),
    "a topic message with a request's keys": lambda asked: {**_topic("{}"), **asked},
    "quoted": json.dumps,
    "quoted twice": lambda asked: json.dumps(json.dumps(asked)),
    "in base64": _base64,
    "a quoted list": lambda asked: json.dumps([asked]),
    "a list of a list": lambda asked: [asked],
    "the body of an HTTP request": lambda asked: {"requestContext": {}, "body": json.dumps(asked)},
    "an HTTP request with a request's keys": lambda asked: {"requestContext": {}, **asked},
    "the payload of a timer": lambda asked: {
        "triggerTime": "2026-01-01T00:00:00Z", "triggerName": "t", "payload": json.dumps(asked),
    },
    "a timer with a request's keys": lambda asked: {
        "triggerTime": "2026-01-01T00:00:00Z", "triggerName": "t", **asked,
    },
}  # fmt: skip


def _a_writer(world: World) -> Writer:
    return world.writer().healing().reclaiming()


@pytest.mark.parametrize("asked", ASKED)
def test_what_lies_in_or_with_anything_else_is_no_request(serve: Serve, asked: str) -> None:
    world = serve([1, 2, 3], [a_session(1, 99), a_session(2, 2, enabled=False)])
    before = world.cloud.state()["sessions"]
    writer = _a_writer(world)
    cause = {"source": "forged", "id": "1"}
    request = {"request": 1, "cause": cause, **ASKED[asked]}

    # Each as a delivery of its own, except a list, and all as elements of one.
    told = {
        shape: writer.outcomes(made)
        for shape, enclosed in SHAPES.items()
        if not isinstance(made := enclosed(request), list)
    }
    at_once = writer.outcomes(*(enclosed(request) for enclosed in SHAPES.values()))

    assert [call for action in CHANGES for call in world.cloud.journal(action)] == []
    assert world.cloud.state()["sessions"] == before
    for outcomes in (*told.values(), at_once):
        assert outcomes
        assert {one["outcome"] for one in outcomes} <= {"ignored", "rejected"}
        assert [one for one in outcomes if one["cause"] == cause] == []
        assert [one for one in outcomes if "tampering" in one] == []


@pytest.mark.parametrize("shape", ["a queue message", "a list of a list", "quoted", "in base64"])
def test_what_is_no_request_says_so_and_costs_no_neighbour(serve: Serve, shape: str) -> None:
    world = serve([1, 2], [1])
    request = {"request": 1, "network_interface_ids": [eni(1)]}
    neighbour = {"request": 1, "network_interface_ids": [eni(2)]}

    refused, mirrored = world.writer().outcomes(SHAPES[shape](request), neighbour)

    assert (refused["outcome"], refused["reason"]) == ("rejected", "invalid_event")
    assert "is a request in or with something else" in refused["remedy"]
    assert (mirrored["outcome"], mirrored["network_interface_id"]) == ("mirrored", eni(2))
