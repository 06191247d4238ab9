"""Events in the form in which EventBridge delivers them: CloudEvents 1.0, as plain data.

EventBridge, "Event overview" for the envelope; ECS, "Events" for what stands in `data`. Ids are
made out of what the event says and the world's seed, so the same run raises the same events.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any

from localcloud.world.interfaces import InterfaceChange
from localcloud.world.moments import to_the_millisecond, to_the_second

Event = dict[str, Any]
_BUS = "default"
_PUBLISHER = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Told:
    """What an event says, apart from the envelope that all events have.

    `id` is unique with `source`.
    """

    id: str
    source: str
    type: str
    subject: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Envelopes:
    """Puts what is told into the envelope of one account in one region."""

    account_id: str
    region: str
    seed: int

    def sealed(self, told: Told, at: float, published: float) -> Event:
        """The event of a moment, on the bus at `published`; both in seconds since the epoch."""
        return {
            "id": told.id,
            "source": told.source,
            "specversion": "1.0",
            "subject": told.subject,
            "time": to_the_second(at),
            "type": told.type,
            "datacontenttype": "application/json;charset=utf-8",
            "aliyunaccountid": self.account_id,
            "aliyunpublishtime": to_the_millisecond(published),
            "aliyunoriginalaccountid": self.account_id,
            "aliyuneventbusname": _BUS,
            "aliyunregionid": self.region,
            "aliyunpublishaddr": _PUBLISHER,
            "data": told.data,
        }

    def drawn_id(self, *parts: object) -> str:
        """An id that depends on nothing but the parts and the seed."""
        text = json.dumps([self.seed, *parts], ensure_ascii=False, default=str)
        return str(uuid.UUID(bytes=hashlib.sha256(text.encode("utf-8", "replace")).digest()[:16]))

    def of_instance(self, instance_id: str, state: str, request_id: str, at: float) -> Told:
        """`ecs:Instance:StateChange`: Created, Starting, Running, Stopping, Stopped, Deleted."""
        return Told(
            self.drawn_id(instance_id, state, request_id, at),
            "acs.ecs",
            "ecs:Instance:StateChange",
            f"acs:ecs:{self.region}:{self.account_id}:instance/{instance_id}",
            {
                "resourceId": instance_id,
                "resourceType": "ALIYUN::ECS::Instance",
                "state": state,
            },
        )

    def of_interface(self, change: InterfaceChange, address: str) -> Told:
        """`NetworkInterfaceOperateCompleted`, which names no instance."""
        turn, wanted = change.turn, _WANTED[change.turn.operation]
        return Told(
            self.drawn_id(change.interface.id, turn.operation, turn.request_id, change.at),
            "acs.ecs",
            "ecs:NetworkInterface:NetworkInterfaceOperateCompleted",
            f"acs:ecs:{self.region}:{self.account_id}:eni/{change.interface.id}",
            {
                "eniId": change.interface.id,
                "operation": turn.operation,
                "eniStatus": turn.status,
                "result": "success" if turn.status == wanted else "failed",
                "requestId": turn.request_id,
                "primaryPrivateIp": address,
                "secondaryPrivateIps": [],
                "ipv4Prefixes": [],
                "ipv6s": [],
                "ipv6Prefixes": [],
            },
        )


_WANTED = {
    "CreateNetworkInterface": "Available",
    "AttachNetworkInterface": "InUse",
    "DetachNetworkInterface": "Available",
    "DeleteNetworkInterface": "Deleted",
}
