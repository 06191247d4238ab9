"""Events as tests like to write them: the least that makes one, with anything changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from evermirror.events import parse
from evermirror.model import Parsed, Place

PLACE = Place("1234567890123456", "cn-hongkong")
NOW = 1767600000.0

Event = dict[str, Any]
Make = Callable[..., Event]
Read = Callable[[object], Parsed]


@pytest.fixture
def read() -> Read:
    """Parse a value, as JSON, in our account and region at a fixed moment."""

    def of(value: object) -> Parsed:
        payload = value if isinstance(value, bytes) else json.dumps(value).encode()
        return parse(payload, PLACE, NOW, "request-1")

    return of


def _enveloped(kind: str, data: object, changes: Mapping[str, object]) -> Event:
    event = {
        "id": "e-1",
        "source": "acs.ecs",
        "specversion": "1.0",
        "type": kind,
        "time": "2026-01-05T08:00:00Z",
        "aliyunaccountid": PLACE.account_id,
        "aliyunregionid": PLACE.region,
        "data": data,
    }
    return {**event, **changes}


@pytest.fixture
def running() -> Make:
    """An instance that has begun to run; `data` keys first, then keys of the envelope."""

    def of(data: Mapping[str, object] | None = None, **envelope: object) -> Event:
        said = {
            "resourceId": "i-j6c0000000000000001",
            "resourceType": "ALIYUN::ECS::Instance",
            "state": "Running",
        }
        return _enveloped("ecs:Instance:StateChange", {**said, **(data or {})}, envelope)

    return of


@pytest.fixture
def completed() -> Make:
    """An attach that has been completed, as the preview event of ECS says it."""

    def of(data: Mapping[str, object] | None = None, **envelope: object) -> Event:
        said = {
            "eniId": "eni-j6c000000000000001",
            "operation": "AttachNetworkInterface",
            "eniStatus": "InUse",
            "result": "success",
        }
        kind = "ecs:NetworkInterface:NetworkInterfaceOperateCompleted"
        return _enveloped(kind, {**said, **(data or {})}, envelope)

    return of


@pytest.fixture
def attached() -> Make:
    """The ActionTrail record of an attach, in its envelope."""

    def of(record: Mapping[str, object] | None = None, **envelope: object) -> Event:
        said = {
            "eventId": "r-1",
            "eventName": "AttachNetworkInterface",
            "eventType": "ApiCall",
            "eventTime": "2026-01-05T08:00:00Z",
            "serviceName": "Ecs",
            "acsRegion": PLACE.region,
            "requestParameters": {
                "NetworkInterfaceId": "eni-j6c000000000000001",
                "InstanceId": "i-j6c0000000000000001",
            },
        }
        return _enveloped("ecs:ActionTrail:ApiCall", {**said, **(record or {})}, envelope)

    return of
