"""The use case: what a caller asks for becomes one asynchronous request to mirror, once.

Everything that is answered is computed from the request alone, so a caller that lost the answer
asks again and gets the same bytes. That it is acted on once is the platform's own doing: the
deduplication id is made of the webhook-id and a secret, and an id seen before is accepted and does
nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from evermirror import ids
from evermirror.errors import InvocationError, SettingsError
from evermirror.invocation import Invoker
from evermirror.model import Cause, Purpose, Request
from evermirror.settings import Mode
from evermirror.values import dataclass
from evermirror.webhook.problems import (
    NOT_CONFIGURED,
    PAUSED,
    UNAVAILABLE,
    Kind,
    ProblemError,
)

SOURCE = "evermirror.webhook"
"""The source of the cause; its id is the webhook-id."""

MOST_IDS = 100
FIRST_IDS = 20
"""Of a request, for the log."""
LONGEST_REASON = 1000
REQUEST_VERSION = 1

AGAIN_S = 30
AGAIN_WHEN_PAUSED_S = 300
"""Seconds after which a refused caller should ask again, with the same webhook-id."""

_NetworkInterfaceId = Annotated[str, Field(pattern=f"^{ids.NETWORK_INTERFACE.pattern}$")]
_InstanceId = Annotated[str, Field(pattern=f"^{ids.INSTANCE.pattern}$")]
_EITHER: list[JsonValue] = [{"required": ["network_interface_ids"]}, {"required": ["instance_ids"]}]


class MirrorRequest(BaseModel):
    """Interfaces to look at, or instances whose interfaces to look at. The policy decides."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"oneOf": _EITHER})

    network_interface_ids: list[_NetworkInterfaceId] = Field(
        default_factory=list,
        min_length=1,
        max_length=MOST_IDS,
        description="Network interfaces; an id named twice counts once.",
    )
    instance_ids: list[_InstanceId] = Field(
        default_factory=list,
        min_length=1,
        max_length=MOST_IDS,
        description="ECS instances, all of whose interfaces are meant.",
    )
    reason: str = Field(default="", max_length=LONGEST_REASON, description="For the log.")
    dry_run: bool = Field(
        default=False, description="Say what would be done (`would_mirror`) and change nothing."
    )

    @model_validator(mode="after")
    def _exactly_one_list(self) -> MirrorRequest:
        if bool(self.network_interface_ids) == bool(self.instance_ids):
            raise PydanticCustomError(
                "exactly_one_list", "must have exactly one of network_interface_ids, instance_ids"
            )
        return self


class RequestedInterface(BaseModel):
    """A network interface that was asked for."""

    network_interface_id: str
    request_id: str


class RequestedInstance(BaseModel):
    """An instance that was asked for."""

    instance_id: str
    request_id: str


class Accepted(BaseModel):
    """What was taken on. Outcomes name the same `webhook_id` as `cause.id`."""

    webhook_id: str
    requests: list[RequestedInterface] | list[RequestedInstance]


@dataclass(frozen=True, slots=True)
class Asking:
    """The use case with what it needs; `mirror` is the ARN of the function, or None.

    `deduplication_id` makes the platform's id for a webhook-id; `tell` hears of every request.
    """

    invoker: Invoker
    mode: Mode
    mirror: str | None
    deduplication_id: Callable[[str], str]
    tell: Callable[[Request], None]

    def ask(self, webhook_id: str, request: MirrorRequest) -> Accepted:
        """Passes the request on; the same webhook-id may be asked again without harm.

        Raises ProblemError (503) where nothing, or perhaps nothing, was accepted; and
        SettingsError where it never will be.
        """
        if self.mirror is None:
            raise SettingsError("EVERMIRROR_MIRROR is not set: there is nobody to pass it on to")
        if self.mode is Mode.PAUSED:
            # Retries of an asynchronous invocation end within minutes; a caller can wait longer.
            raise _again(PAUSED, "Nothing was accepted. Ask again.", AGAIN_WHEN_PAUSED_S)
        self.tell(told(webhook_id, request))
        try:
            self.invoker.invoke(
                self.mirror, payload(webhook_id, request), self.deduplication_id(webhook_id)
            )
        except InvocationError as error:
            detail = "Nobody knows whether it was accepted. Ask again with the same webhook-id."
            raise _again(UNAVAILABLE, detail, AGAIN_S) from error
        return accepted(webhook_id, request)


def told(webhook_id: str, request: MirrorRequest) -> Request:
    """The request as the log tells it."""
    ids = list(dict.fromkeys(request.network_interface_ids or request.instance_ids))
    return Request(
        Cause(SOURCE, webhook_id),
        request.reason or None,
        Purpose.MIRROR,
        request.dry_run,
        signed=True,
        number=len(ids),
        first=tuple(ids[:FIRST_IDS]),
    )


def accepted(webhook_id: str, request: MirrorRequest) -> Accepted:
    """The answer: each id once, in the order in which it was asked for."""
    interfaces = [
        RequestedInterface(network_interface_id=one, request_id=request_id(webhook_id, one))
        for one in dict.fromkeys(request.network_interface_ids)
    ]
    instances = [
        RequestedInstance(instance_id=one, request_id=request_id(webhook_id, one))
        for one in dict.fromkeys(request.instance_ids)
    ]
    return Accepted(webhook_id=webhook_id, requests=interfaces or instances)


def request_id(webhook_id: str, asked_for: str) -> str:
    """`r-` and a digest of the webhook-id and the interface or instance asked for.

    An outcome carries both, as `cause.id` and as `network_interface_id` or `instance_id`. Its own
    `outcome_id` cannot be known yet: it depends on what becomes of the interface.
    """
    return f"r-{_digest([SOURCE, webhook_id, asked_for])[:40]}"


def payload(webhook_id: str, request: MirrorRequest) -> bytes:
    """The request to mirror; the same for the same request, whenever it comes."""
    key = "network_interface_ids" if request.network_interface_ids else "instance_ids"
    wire = {
        "request": REQUEST_VERSION,
        "cause": {"source": SOURCE, "id": webhook_id},
        "reason": request.reason,
        "dry_run": request.dry_run,
        key: list(dict.fromkeys(request.network_interface_ids or request.instance_ids)),
    }
    return json.dumps(wire, separators=(",", ":")).encode("ascii")


def not_configured() -> ProblemError:
    """What a caller is told when the environment is wrong; what is wrong is for the log alone."""
    return _again(NOT_CONFIGURED, "The function's log says what is missing.", AGAIN_WHEN_PAUSED_S)


def _again(kind: Kind, detail: str, seconds: int) -> ProblemError:
    return ProblemError(kind, detail, headers={"retry-after": str(seconds)})


def _digest(parts: list[str]) -> str:
    return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()
