"""The shapes on the wire, as far as anything here depends on them; what else they carry is free.

Strict: an id in a list is not an id, and is refused rather than coerced. Names are those of
EventBridge (CloudEvents 1.0), ActionTrail, CloudMonitor and ECS; each model is only applied to
an event that has already been found to concern this system.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel, to_pascal

LONGEST_IDENTITY = 256
"""EventBridge allows 128 characters for `id` and for `source`; twice that is let through."""

Identity = Annotated[str, Field(max_length=LONGEST_IDENTITY)]


class _Wire(BaseModel):
    # Only what an event turns out to need is built: a cold start pays for nothing else.
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True, defer_build=True)


class _CamelWire(_Wire):
    model_config = ConfigDict(alias_generator=to_camel)


class CloudEvent(_Wire):
    """The envelope of EventBridge; every attribute but `type` may be missing.

    Accounts are free here, because some senders write them as numbers.
    """

    type: str
    id: Identity | None = None
    source: Identity | None = None
    subject: Any = None
    time: Any = None
    aliyunaccountid: Any = None
    aliyunoriginalaccountid: Any = None
    aliyunregionid: str | None = None
    data: Any = None


class CloudMonitorEvent(_CamelWire):
    """A system event as CloudMonitor sends it to a function, a queue or a webhook."""

    name: str
    product: str | None = None
    id: Identity | None = None
    resource_id: Any = None
    user_id: Any = None
    region_id: str | None = None
    event_time: Any = None
    content: Any = None


class Call(_CamelWire):
    """An ActionTrail record, read as far as telling which call it was and whether it failed."""

    event_name: str
    event_id: Identity | None = None
    service_name: str | None = None
    error_code: Any = None
    error_message: Any = None

    @property
    def failed(self) -> bool:
        return bool(self.error_code or self.error_message)


class UserIdentity(_CamelWire):
    account_id: Any = None


class CallParameters(_Wire):
    model_config = ConfigDict(alias_generator=to_pascal)

    region_id: str | None = None
    network_interface_id: str | None = None


class AttachCall(_CamelWire):
    """The record of AttachNetworkInterface (ECS 2014-05-26): all that can name the interface."""

    acs_region: str | None = None
    recipient_account_id: Any = None
    user_identity: UserIdentity | None = None
    request_parameters: CallParameters | None = None
    request_parameter_json: Any = None
    referenced_resources: Any = None
    resource_name: Any = None
    event_time: Any = None


class SessionCall(_CamelWire):
    """The record of a call that changed a traffic mirror session (VPC 2016-04-28)."""

    event_name: str
    acs_region: str | None = None
    recipient_account_id: Any = None
    user_identity: Any = None
    request_parameters: Any = None
    request_parameter_json: Any = None
    referenced_resources: Any = None
    event_time: Any = None


class StateChange(_CamelWire):
    """What `ecs:Instance:StateChange` says."""

    resource_id: str
    state: str
    resource_type: str | None = None


class OperationCompleted(_CamelWire):
    """What `ecs:NetworkInterface:NetworkInterfaceOperateCompleted` says (a preview event)."""

    eni_id: str
    operation: str
    result: str | None = None
