"""The forms in which an event may come: EventBridge's, a bare record, CloudMonitor's own."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

STATE_CHANGE = "ecs:Instance:StateChange"
RECORD = ":ActionTrail:"


def in_some_form(event: Mapping[str, Any], chance: Random) -> Mapping[str, Any]:
    """The same event as another channel would carry it, now and then."""
    if chance.random() >= 0.2:
        return event
    if RECORD in event["type"]:
        data: Mapping[str, Any] = event["data"]
        return data
    return _of_cloud_monitor(event) if event["type"] == STATE_CHANGE else event


def _of_cloud_monitor(event: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "ver": "1.0",
        "id": event["id"],
        "product": "ECS",
        "resourceId": event["subject"],
        "level": "INFO",
        "name": "Instance:StateChange",
        "userId": event["aliyunaccountid"],
        "eventTime": event["time"],
        "regionId": event["aliyunregionid"],
        "content": event["data"],
    }
