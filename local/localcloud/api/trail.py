"""ActionTrail: the record of a write call, as EventBridge delivers it.

ActionTrail, "Management event structure"; in an event of the type `ecs:ActionTrail:ApiCall` the
record is `data` itself. Reads are never recorded there, and a call repeated under its client
token is recorded once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from localcloud.api.call import Call
from localcloud.credentials import Key
from localcloud.journal import presentable
from localcloud.refusals import RefusedError
from localcloud.world.events import Envelopes, Told
from localcloud.world.moments import to_the_second

# By product: what stands under these names, in parameters and answers, is such a resource's id.
_RESOURCES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "Ecs": {
            "InstanceId": "ACS::ECS::Instance",
            "InstanceIdSet": "ACS::ECS::Instance",
            "NetworkInterfaceId": "ACS::ECS::NetworkInterface",
            "ImageId": "ACS::ECS::Image",
        },
        "Vpc": {
            "TrafficMirrorSourceIds": "ACS::ECS::NetworkInterface",
            "TrafficMirrorSessionId": "ACS::VPC::TrafficMirrorSession",
            "TrafficMirrorFilterId": "ACS::VPC::TrafficMirrorFilter",
            "TrafficMirrorFilterRuleId": "ACS::VPC::TrafficMirrorFilterRule",
            "TrafficMirrorFilterRuleIds": "ACS::VPC::TrafficMirrorFilterRule",
            # In answers; VPC calls a rule that was made an instance.
            "InstanceId": "ACS::VPC::TrafficMirrorFilterRule",
        },
    }
)
# What ResourceId names where a call says a ResourceType, in whatever case.
_TAGGED: Mapping[str, str] = MappingProxyType(
    {
        "instance": "ACS::ECS::Instance",
        "eni": "ACS::ECS::NetworkInterface",
        "trafficmirrorsession": "ACS::VPC::TrafficMirrorSession",
        "trafficmirrorfilter": "ACS::VPC::TrafficMirrorFilter",
    }
)


@dataclass(frozen=True, slots=True)
class WriteCall:
    """A write call at the moment `at` (seconds since the epoch), and what came of it.

    `product` is as in the journal (`Vpc`, `Ecs`); `answer` is the answer's body without its
    RequestId, or None where `error` says why the call was refused.
    """

    at: float
    product: str
    call: Call
    request_id: str
    key: Key
    answer: Mapping[str, Any] | None
    error: RefusedError | None


def told_of(written: WriteCall, envelopes: Envelopes) -> Told:
    """The event that says that a call was made, or tried."""
    product = written.product.lower()
    event_id = envelopes.drawn_id(written.call.action, written.request_id, written.at)
    return Told(
        event_id,
        f"acs.{product}",
        f"{product}:ActionTrail:ApiCall",
        f"acs.{product}:{envelopes.region}:{envelopes.account_id}:{written.request_id}",
        _record(written, envelopes, event_id.upper()),
    )


def _record(written: WriteCall, envelopes: Envelopes, event_id: str) -> dict[str, Any]:
    call = written.call
    sent = {**presentable(call.parameters), "AcsProduct": written.product, "HostId": call.host}
    sent["RequestId"] = written.request_id
    resources = _referenced(written)
    return {
        "acsRegion": envelopes.region,
        "additionalEventData": {"Scheme": "http"},
        "apiVersion": call.version,
        "eventCategory": "Management",
        "eventId": event_id,
        "eventName": call.action,
        "eventRW": "Write",
        "eventSource": f"{written.product.lower()}-{envelopes.region}.aliyuncs.com",
        "eventTime": to_the_second(written.at),
        "eventType": "ApiCall",
        "eventVersion": "1",
        "isGlobal": False,
        "recipientAccountId": envelopes.account_id,
        "referencedResources": resources,
        "requestId": written.request_id,
        "requestParameterJson": json.dumps(sent, ensure_ascii=False, separators=(",", ":")),
        "requestParameters": sent,
        "resourceName": ";".join(name for names in resources.values() for name in names),
        "resourceType": ";".join(kind for kind, names in resources.items() for _ in names),
        "serviceName": written.product,
        "sourceIpAddress": "127.0.0.1",
        "userAgent": call.request.headers.get("user-agent", ""),
        "userIdentity": _identity(written.key, envelopes.account_id),
        **_outcome(written),
    }


def _outcome(written: WriteCall) -> dict[str, Any]:
    """What was answered; a failed call has an error and no answer."""
    if written.error is not None:
        return {"errorCode": written.error.code, "errorMessage": written.error.message}
    return {"responseElements": {**(written.answer or {}), "RequestId": written.request_id}}


def _identity(key: Key, account_id: str) -> dict[str, Any]:
    """Who called: the account itself, a RAM user, or somebody who assumed a role."""
    identity = {"accountId": account_id, "accessKeyId": key.access_key_id}
    role = key.principal or key.caller.function
    if key.token_required and role:
        session = key.caller.instance_id or "session"
        return {
            **identity,
            "type": "assumed-role",
            "principalId": f"{_principal_id('3', role)}:{session}",
            "userName": f"{role}:{session}",
        }
    if key.principal:
        principal_id = _principal_id("2", key.principal)
        user = {"type": "ram-user", "principalId": principal_id, "userName": key.principal}
        return {**identity, **user}
    return {**identity, "type": "root-account", "principalId": account_id, "userName": "root"}


def _principal_id(first: str, name: str) -> str:
    """18 digits, the same ones for the same name."""
    number = int.from_bytes(hashlib.sha256(name.encode("utf-8", "replace")).digest()[:8], "big")
    return f"{first}{number % 10**17:017d}"


def _referenced(written: WriteCall) -> dict[str, list[str]]:
    """By type the resources that the call names or that its answer brought."""
    kinds = _kinds(written)
    named: dict[str, dict[str, None]] = {}
    for name, value in written.call.parameters.items():
        kind = next((kinds[part] for part in name.split(".") if part in kinds), None)
        if kind is not None:
            named.setdefault(kind, {})[value] = None
    for kind, value in _in_answer(written.answer or {}, kinds):
        named.setdefault(kind, {})[value] = None
    return {kind: list(values) for kind, values in named.items()}


def _kinds(written: WriteCall) -> Mapping[str, str]:
    kinds = _RESOURCES.get(written.product, {})
    tagged = _TAGGED.get(written.call.parameters.get("ResourceType", "").lower())
    return kinds if tagged is None else {**kinds, "ResourceId": tagged}


def _in_answer(body: Mapping[str, Any], kinds: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in body.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, Mapping):
                yield from _in_answer(one, kinds)
            elif name in kinds and isinstance(one, str):
                yield kinds[name], one
