"""The event table: which event leads to which look, and why the others lead to none.

To add a trigger, add its type or its call to a table here. Types are those of EventBridge's ECS
events; calls are eventName of ActionTrail records (ECS 2014-05-26, VPC 2016-04-28).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from evermirror import ids
from evermirror.events.forms import OPERATION_COMPLETED, STATE_CHANGE, Event
from evermirror.events.json_text import UnreadableError, decode
from evermirror.events.problems import InvalidEventError, Where, validated
from evermirror.events.records import AttachCall, Call, OperationCompleted, SessionCall, StateChange
from evermirror.model import RUNNING, Tampering


class Unwanted(NamedTuple):
    """The event is well understood and leads to nothing; `reason` is a stable snake_case code."""

    reason: str


class Wanted(NamedTuple):
    """The event asks for a look at these, as the event wrote them: nothing is checked yet.

    `accounts` all have to be ours; of `regions` and `times` the first usable one counts.
    With `tampering` somebody changed the session: its sources that are named, or all of it; or the
    filter, or the one rule of a filter, that `filter_id` names.
    """

    where: Where
    accounts: tuple[object, ...]
    regions: tuple[object, ...]
    times: tuple[object, ...]
    network_interface_ids: tuple[str, ...] = ()
    instance_ids: tuple[str, ...] = ()
    session_id: str | None = None
    tampering: Tampering | None = None
    filter_id: str | None = None


Meaning = Unwanted | Wanted

NOT_FOR_US = Unwanted("not_for_us")
_FAILED_CALL = Unwanted("failed_call")
_FAILED_OPERATION = Unwanted("failed_operation")
_OTHER_STATE = Unwanted("other_state")
_NOT_ATTACHED = Unwanted("not_attached")
_COVERED_BY_STATE_CHANGE = Unwanted("covered_by_state_change")
_COVERED_BY_OTHER_EVENTS = Unwanted("covered_by_other_events")

_CALL = re.compile("([^:]+):ActionTrail:(ApiCall|ConsoleOperation)")


def _state_change(event: Event) -> Meaning:
    change = validated(StateChange, event.data, event.where)
    if change.resource_type not in (None, "", "ALIYUN::ECS::Instance"):
        return NOT_FOR_US
    if change.state != RUNNING:
        return _OTHER_STATE
    where = (*event.where, "resourceId")
    instance_ids = (change.resource_id,)
    return Wanted(where, event.accounts, event.regions, event.times, instance_ids=instance_ids)


def _operation_completed(event: Event) -> Meaning:
    completed = validated(OperationCompleted, event.data, event.where)
    if completed.operation != "AttachNetworkInterface":
        return _NOT_ATTACHED
    if (completed.result or "").lower() != "success":
        return _FAILED_OPERATION
    where = (*event.where, "eniId")
    return Wanted(where, event.accounts, event.regions, event.times, (completed.eni_id,))


def _from_request(call: AttachCall) -> str | None:
    """Return the interface that the request named; the record may quote its request as JSON."""
    parameters = call.request_parameters
    if parameters is not None and parameters.network_interface_id:
        return parameters.network_interface_id
    if not isinstance(call.request_parameter_json, str):
        return None
    try:
        again = decode(call.request_parameter_json)
    except UnreadableError:
        return None
    named = again.get("NetworkInterfaceId") if isinstance(again, dict) else None
    return named if isinstance(named, str) else None


def _from_resources(call: AttachCall) -> tuple[str, ...]:
    """Return the interfaces among the resources that the record lists."""
    resources = call.referenced_resources
    listed: list[object] = []
    if isinstance(resources, dict):
        for kind in ("ACS::ECS::NetworkInterface", "NetworkInterface"):
            listed += resources[kind] if isinstance(resources.get(kind), list) else []
    elif isinstance(resources, list):  # the older form: [{"resourceType", "resourceName"}]
        listed += [item.get("resourceName") for item in resources if isinstance(item, dict)]
    if not listed and isinstance(call.resource_name, str):
        listed += call.resource_name.split(";")
    found = (item for item in listed if isinstance(item, str) and ids.is_network_interface_id(item))
    return tuple(dict.fromkeys(found))


def _attached(event: Event) -> Meaning:
    call = validated(AttachCall, event.data, event.where)
    where = (*event.where, "requestParameters", "NetworkInterfaceId")
    requested = _from_request(call)
    named = (requested,) if requested else _from_resources(call)
    if not named:
        raise InvalidEventError(where, "is missing, and no other key names an interface")
    identity = call.user_identity
    owner = call.recipient_account_id or (identity.account_id if identity else None)
    parameters = call.request_parameters
    requested_region = parameters.region_id if parameters else None
    return Wanted(
        where,
        # The caller's account can differ from the owner's: it speaks where nobody else does.
        accounts=event.accounts if any(event.accounts) else (owner,),
        regions=(call.acs_region, requested_region, *event.regions),
        times=(*event.times, call.event_time),
        network_interface_ids=named,
    )


def _session_changed(event: Event) -> Meaning:
    # Somebody changes a session rarely, and only then is this paid for.
    from evermirror.events import tampered  # noqa: PLC0415

    call = validated(SessionCall, event.data, event.where)
    parameters = tampered.parameters_of(call)
    session_id = tampered.session_id(call, parameters)
    where = (*event.where, "requestParameters")
    if session_id is None:
        raise InvalidEventError((*where, "TrafficMirrorSessionId"), "is missing")
    removing = call.event_name == tampered.REMOVE
    removed = tampered.source_ids(parameters) if removing else ()
    if removing and not removed:
        raise InvalidEventError((*where, "TrafficMirrorSourceIds"), "names no interface")
    return Wanted(
        where,
        accounts=event.accounts if any(event.accounts) else (tampered.owner(call),),
        regions=(call.acs_region, parameters.get("RegionId"), *event.regions),
        times=(*event.times, call.event_time),
        network_interface_ids=removed,
        session_id=session_id,
        tampering=tampered.tampering(call, parameters),
    )


def _filter_changed(event: Event) -> Meaning:
    from evermirror.events import tampered  # noqa: PLC0415 - as above

    call = validated(SessionCall, event.data, event.where)
    parameters = tampered.parameters_of(call)
    filter_id = tampered.filter_id(call, parameters)
    where = (*event.where, "requestParameters")
    if filter_id is None:
        raise InvalidEventError(where, "names no filter and no rule of one")
    return Wanted(
        where,
        accounts=event.accounts if any(event.accounts) else (tampered.owner(call),),
        regions=(call.acs_region, parameters.get("RegionId"), *event.regions),
        times=(*event.times, call.event_time),
        tampering=tampered.tampering(call, parameters),
        filter_id=filter_id,
    )


_EVENTS: dict[str, Callable[[Event], Meaning]] = {
    STATE_CHANGE: _state_change,
    OPERATION_COMPLETED: _operation_completed,
}
_ECS_CALLS: dict[str, Callable[[Event], Meaning] | Unwanted] = {
    "AttachNetworkInterface": _attached,
    # A launch names no primary interface; the instance tells when it runs.
    "RunInstances": _COVERED_BY_STATE_CHANGE,
    "CreateInstance": _COVERED_BY_STATE_CHANGE,
    "StartInstance": _COVERED_BY_STATE_CHANGE,
    "StartInstances": _COVERED_BY_STATE_CHANGE,
    "Create": _COVERED_BY_STATE_CHANGE,
    # An interface that hangs on no instance cannot be a source.
    "CreateNetworkInterface": _NOT_ATTACHED,
    "DetachNetworkInterface": _NOT_ATTACHED,
    "DeleteNetworkInterface": _NOT_ATTACHED,
}
_VPC_CALLS: dict[str, Callable[[Event], Meaning] | Unwanted] = {
    "RemoveSourcesFromTrafficMirrorSession": _session_changed,
    "DeleteTrafficMirrorSession": _session_changed,
    "UpdateTrafficMirrorSessionAttribute": _session_changed,
    # The call that updates a filter itself changes its name and description only.
    "CreateTrafficMirrorFilterRules": _filter_changed,
    "UpdateTrafficMirrorFilterRuleAttribute": _filter_changed,
    "DeleteTrafficMirrorFilterRules": _filter_changed,
    "DeleteTrafficMirrorFilter": _filter_changed,
}
_CALLS = {"ecs": _ECS_CALLS, "vpc": _VPC_CALLS}
# Each instance that Auto Scaling launches, and each interface that Cloud Config sees change,
# raises an event of its own that comes sooner and says more.
_COVERED = re.compile("ess:.*|[^:]+:Config:.*")


def _call(event: Event, prefix: str) -> Meaning:
    """Read an ActionTrail record; under `actiontrail:` the record itself names its product."""
    call = validated(Call, event.data, event.where)
    product = (call.service_name or "ecs") if prefix == "actiontrail" else prefix
    meaning = _CALLS.get(product.lower(), {}).get(call.event_name, NOT_FOR_US)
    if meaning is NOT_FOR_US:
        return NOT_FOR_US
    if call.failed:
        return _FAILED_CALL
    return meaning if isinstance(meaning, Unwanted) else meaning(event)


def meaning_of(event: Event) -> Meaning:
    """Look an event up in the table; raise InvalidEventError when it is ours and unusable."""
    reader = _EVENTS.get(event.type)
    if reader is not None:
        return reader(event)
    call = _CALL.fullmatch(event.type)
    if call is not None:
        return _call(event, call[1])
    return _COVERED_BY_OTHER_EVENTS if _COVERED.fullmatch(event.type) else NOT_FOR_US
