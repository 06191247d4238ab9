"""Records of what somebody did to a session, and somebody who does it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from evermirror.aliyun.budget import Budget
from evermirror.aliyun.credentials import Credentials
from evermirror.aliyun.endpoints import Endpoints
from evermirror.aliyun.rpc import Answer, Rpc, open_http
from evermirror.aliyun.signing import Acs3Auth
from evermirror.aliyun.vpc import VPC
from evermirror.events import tampered
from localcloud.credentials import ACCESS_KEY_ID, ACCESS_KEY_SECRET
from tests.worlds import REGION, STARTED, eni, numbers, tms

from .writers import World, Writer


def record(
    call: str, session: int, *sources: int, at: float | None = None, **parameters: Any
) -> dict[str, Any]:
    """The event that says that somebody changed a session, long ago or at this time."""
    return record_of(call, tms(session), *sources, at=at, **parameters)


def record_of(
    call: str, session_id: str, *sources: int, at: float | None = None, **parameters: Any
) -> dict[str, Any]:
    """The same of a session whose id nobody chose."""
    moment = STARTED if at is None else _to_the_second(at)
    named = {f"TrafficMirrorSourceIds.{n}": eni(one) for n, one in enumerate(sources, start=1)}
    return {
        "id": f"event-{next(numbers)}",
        "source": "acs.vpc",
        "specversion": "1.0",
        "type": "vpc:ActionTrail:ApiCall",
        "time": moment,
        "data": {
            "eventName": call,
            "acsRegion": REGION,
            "eventTime": moment,
            "userIdentity": {"type": "ram-user", "userName": "mallory"},
            "requestParameters": {"TrafficMirrorSessionId": session_id, **named, **parameters},
        },
    }


def record_of_filter(call: str, at: float | None = None, **parameters: Any) -> dict[str, Any]:
    """The event that says that somebody changed a filter, or a rule of one."""
    event = record_of(call, "", at=at, **parameters)
    del event["data"]["requestParameters"]["TrafficMirrorSessionId"]
    return event


def removed(session: int, *sources: int, at: float | None = None) -> dict[str, Any]:
    return record(tampered.REMOVE, session, *sources, at=at)


def told(writer: Writer, *events: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    return [(one["outcome"], one["reason"]) for one in writer.outcomes(*events)]


def changed(writer: Writer, *events: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The outcomes that tell of changed sessions."""
    return [one for one in writer.outcomes(*events) if one["outcome"] == "session_changed"]


def somebody_calls(
    world: World, action: str, /, *, wait_s: float = 10.0, **parameters: Any
) -> float:
    """Another person's call, and some time after it; returns when it was made."""
    called_at = world.clock.now()
    key = Credentials(ACCESS_KEY_ID, ACCESS_KEY_SECRET)
    auth = Acs3Auth(lambda: key, time.time, lambda: uuid.uuid4().hex)  # noqa: TID251
    with open_http(verify=False) as http:
        budget = Budget(time.monotonic, lambda _: None, 1e9)
        endpoints = Endpoints(REGION, world.cloud.endpoint)
        rpc = Rpc(http, endpoints, auth, REGION, budget, time.monotonic)
        rpc.call(VPC, action, parameters, Answer)
    world.clock.sleep(wait_s)
    return called_at


def somebody_removes(world: World, session: int, source: int, *, wait_s: float = 10.0) -> float:
    named = {"TrafficMirrorSessionId": tms(session), "TrafficMirrorSourceIds.1": eni(source)}
    return somebody_calls(world, tampered.REMOVE, wait_s=wait_s, **named)


def somebody_updates(
    world: World, session: int, *, wait_s: float = 10.0, **parameters: Any
) -> float:
    named = {"TrafficMirrorSessionId": tms(session), **parameters}
    return somebody_calls(world, tampered.UPDATE, wait_s=wait_s, **named)


def somebody_deletes(world: World, session_id: str, *, wait_s: float = 10.0) -> float:
    named = {"TrafficMirrorSessionId": session_id}
    return somebody_calls(world, tampered.DELETE, wait_s=wait_s, **named)


def _to_the_second(at: float) -> str:
    return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
