"""What may be asked of traffic mirror sessions, as values with the parameters they become.

Source: VPC API 2016-04-28, CreateTrafficMirrorSession and ListTrafficMirrorSessions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from evermirror.aliyun.rpc import numbered
from evermirror.values import dataclass


@dataclass(frozen=True, slots=True)
class SessionQuery:
    """Which sessions to list: those that have all of these; what is None or empty is not asked."""

    target_id: str | None = None
    filter_id: str | None = None
    priority: int | None = None
    source_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    def parameters(self) -> dict[str, str]:
        named = {
            "TrafficMirrorTargetId": self.target_id,
            "TrafficMirrorFilterId": self.filter_id,
            "Priority": None if self.priority is None else str(self.priority),
            "TrafficMirrorSourceId": self.source_id,
        }
        asked = {name: value for name, value in named.items() if value is not None}
        return {**asked, **tagged("Tags", self.tags)}


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to be created with its first sources. It is always created enabled."""

    name: str
    priority: int
    target_id: str
    target_type: str
    filter_id: str
    network_interface_ids: tuple[str, ...]
    packet_length: int | None = None
    resource_group_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    def parameters(self) -> dict[str, str]:
        optional = {
            "PacketLength": None if self.packet_length is None else str(self.packet_length),
            "ResourceGroupId": self.resource_group_id,
        }
        return {
            "TrafficMirrorSessionName": self.name,
            "Priority": str(self.priority),
            "TrafficMirrorTargetId": self.target_id,
            "TrafficMirrorTargetType": self.target_type,
            "TrafficMirrorFilterId": self.filter_id,
            # A session that is not told to be enabled mirrors nothing.
            "Enabled": "true",
            **{name: value for name, value in optional.items() if value is not None},
            **tagged("Tag", self.tags),
            **numbered("TrafficMirrorSourceIds", self.network_interface_ids),
        }


def tagged(name: str, tags: Mapping[str, str]) -> dict[str, str]:
    """Tags as the RPC style spells them: `Tag.1.Key`, `Tag.1.Value`, and so on."""
    spelled: dict[str, str] = {}
    for number, (key, value) in enumerate(sorted(tags.items()), start=1):
        spelled.update({f"{name}.{number}.Key": key, f"{name}.{number}.Value": value})
    return spelled
