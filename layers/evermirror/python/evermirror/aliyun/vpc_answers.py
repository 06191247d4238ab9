"""What ListTrafficMirrorSessions and CreateTrafficMirrorSession answer, and the values made of it.

Source: VPC API 2016-04-28. What is inside a page is checked into plain dictionaries, in the cloud's
own names, instead of models: as strict, and several times cheaper; a burst lists sessions a lot.
"""

from __future__ import annotations

from typing import Any

from pydantic import with_config
from typing_extensions import Required, TypedDict

from evermirror.aliyun.rpc import WIRE, Answer
from evermirror.aliyun.timestamps import seconds_since_epoch
from evermirror.aliyun.totals import CountedPage
from evermirror.model import Session
from evermirror.results import ReadError


@with_config(WIRE)
class WireTag(TypedDict, total=False):
    Key: str | None
    Value: str | None


@with_config(WIRE)
class WireSession(TypedDict, total=False):
    TrafficMirrorSessionId: Required[str]
    TrafficMirrorSessionName: str | None
    TrafficMirrorSessionStatus: str | None
    TrafficMirrorSessionBusinessStatus: str | None
    TrafficMirrorSourceIds: list[str] | None
    TrafficMirrorTargetId: str | None
    TrafficMirrorTargetType: str | None
    TrafficMirrorFilterId: str | None
    Priority: int | None
    Enabled: bool | None
    PacketLength: int | None
    VirtualNetworkId: int | None
    Tags: list[WireTag] | None
    CreationTime: Any


def _session(wire: WireSession) -> Session:
    """A state that was left out is not claimed: neither Created, nor Normal, nor enabled."""
    return Session(
        id=wire["TrafficMirrorSessionId"],
        status=wire.get("TrafficMirrorSessionStatus") or "",
        source_ids=tuple(wire.get("TrafficMirrorSourceIds") or ()),
        name=wire.get("TrafficMirrorSessionName") or "",
        business_status=wire.get("TrafficMirrorSessionBusinessStatus") or "",
        enabled=wire.get("Enabled") is True,
        target_id=wire.get("TrafficMirrorTargetId") or "",
        target_type=wire.get("TrafficMirrorTargetType") or "",
        filter_id=wire.get("TrafficMirrorFilterId") or "",
        priority=wire.get("Priority") or 0,
        tags={
            key: tag.get("Value") or "" for tag in wire.get("Tags") or () if (key := tag.get("Key"))
        },
        created_at=seconds_since_epoch(wire.get("CreationTime")),
        packet_length=wire.get("PacketLength"),
        virtual_network_id=wire.get("VirtualNetworkId"),
    )


class SessionsPage(CountedPage):
    traffic_mirror_sessions: list[WireSession] | None = None

    def sessions(self) -> tuple[Session, ...]:
        """The sessions of this page; raises ReadError where there are some and none is shown."""
        if self.traffic_mirror_sessions is None and self.total_count not in {None, "", "0"}:
            raise ReadError("list_without_its_sessions")
        return tuple(_session(wire) for wire in self.traffic_mirror_sessions or ())


class CreatedAnswer(Answer):
    traffic_mirror_session_id: str
