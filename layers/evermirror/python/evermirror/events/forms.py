"""Bring every published form of an event into one, so that what it means is decided once.

A form is told by its keys: a CloudEvent (EventBridge), a system event of CloudMonitor, a bare
ActionTrail record, and the bare `data` that a trigger with `eventSchema: RawData` delivers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from evermirror import ids
from evermirror.events.json_text import UnreadableError
from evermirror.events.problems import InvalidEventError, Where, validated
from evermirror.events.records import CloudEvent, CloudMonitorEvent
from evermirror.events.requests import is_request
from evermirror.events.wrappings import quoted

STATE_CHANGE = "ecs:Instance:StateChange"
OPERATION_COMPLETED = "ecs:NetworkInterface:NetworkInterfaceOperateCompleted"


class Event(NamedTuple):
    """An event in one form: `type` as EventBridge names it, `data` found at `where`.

    `accounts` all have to be ours: the owner of the bus, and the owner of the resource where an
    event was passed on between accounts. Of `regions` and `times` the first usable one counts.
    """

    type: str
    data: object
    where: Where
    accounts: tuple[object, ...] = ()
    regions: tuple[object, ...] = ()
    times: tuple[object, ...] = ()
    from_cloud_monitor: bool = False


def _has(*keys: str) -> Callable[[dict[str, object]], bool]:
    return lambda value: all(key in value for key in keys)


def _inner(data: object, where: Where) -> tuple[object, Where]:
    """Step into `content`, which some channels leave around the fields of a native event."""
    if isinstance(data, dict) and isinstance(data.get("content"), dict):
        return data["content"], (*where, "content")
    return data, where


def _region_named_in(resource: object) -> str | None:
    """Return the region in `acs:ecs:<region>:...`, or `acs.ecs:<region>:...` as some subjects are.

    The last resort, and never for ids.
    """
    parts = resource.split(":", 3)[1:3] if isinstance(resource, str) else []
    return next(filter(ids.is_region_id, parts), None)


def _cloud_event(value: dict[str, object], where: Where) -> Event:
    envelope = validated(CloudEvent, value, where)
    data, inner = _inner(envelope.data, (*where, "data"))
    return Event(
        envelope.type,
        data,
        inner,
        accounts=(envelope.aliyunaccountid, envelope.aliyunoriginalaccountid),
        regions=(envelope.aliyunregionid, _region_named_in(envelope.subject)),
        times=(envelope.time,),
    )


def _cloud_monitor_event(value: dict[str, object], where: Where) -> Event:
    event = validated(CloudMonitorEvent, value, where)
    content = event.content
    if isinstance(content, str):
        try:
            content = quoted(content)
        except UnreadableError as unreadable:
            raise InvalidEventError((*where, "content"), str(unreadable)) from None
    # A name may carry a status as its third part, which no type of EventBridge has.
    name = ":".join(event.name.split(":")[:2])
    return Event(
        f"{(event.product or 'ecs').lower()}:{name}",
        content,
        (*where, "content"),
        accounts=(event.user_id,),
        regions=(event.region_id, _region_named_in(event.resource_id)),
        times=(event.event_time,),
        from_cloud_monitor=True,
    )


def _trail_record(value: dict[str, object], where: Where) -> Event:
    kind = value.get("eventType")
    kind = kind if isinstance(kind, str) else "ApiCall"
    return Event(f"actiontrail:ActionTrail:{kind}", value, where)


def _state_change(value: dict[str, object], where: Where) -> Event:
    return Event(STATE_CHANGE, value, where)


def _operation_completed(value: dict[str, object], where: Where) -> Event:
    return Event(OPERATION_COMPLETED, value, where)


def _foreign(_value: dict[str, object], where: Where) -> Event:
    return Event("", None, where)


_FORMS: tuple[
    tuple[Callable[[dict[str, object]], bool], Callable[[dict[str, object], Where], Event]], ...
] = (
    (_has("specversion"), _cloud_event),
    (_has("type", "source"), _cloud_event),
    (_has("eventName", "eventId"), _trail_record),
    (_has("eventName", "serviceName"), _trail_record),
    (_has("eventName", "requestParameters"), _trail_record),
    (_has("name", "content"), _cloud_monitor_event),
    (_has("resourceId", "state"), _state_change),
    (_has("eniId", "operation"), _operation_completed),
    # Bare data of other native events, Auto Scaling and Cloud Config; then what other kinds of
    # trigger deliver: an HTTP request or the result of an invocation, and a timer.
    (_has("eniId", "primaryPrivateIp"), _foreign),
    (_has("instanceId", "vswitchId"), _foreign),
    (_has("scalingGroupId"), _foreign),
    (_has("resourceEventType"), _foreign),
    (_has("requestContext"), _foreign),
    (_has("triggerTime", "triggerName"), _foreign),
)


def has_a_form(value: dict[str, object]) -> bool:
    """Say whether this has the keys of a known event, or the one that every record has."""
    return "eventName" in value or any(fits(value) for fits, _ in _FORMS)


def recognised(value: dict[str, object], where: Where) -> Event:
    """Return the event in the one form, or raise InvalidEventError when this is no event."""
    for fits, read in _FORMS:
        if fits(value):
            return read(value, where)
    if is_request(value):
        problem = "is a request in or with something else: only an invocation's own can be one"
        raise InvalidEventError(where, problem)
    raise InvalidEventError(where, "has the keys of no known event and is no request")
