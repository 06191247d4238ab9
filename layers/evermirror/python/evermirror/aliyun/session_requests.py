"""The parameters that a question about traffic mirror sessions, or a new one, becomes.

Source: VPC API 2016-04-28, CreateTrafficMirrorSession and ListTrafficMirrorSessions.
"""

from __future__ import annotations

from collections.abc import Mapping

from evermirror.aliyun.rpc import numbered
from evermirror.model import NewSession, SessionQuery


def list_parameters(query: SessionQuery) -> dict[str, str]:
    """Return the parameters of a List for the sessions that the query asks for."""
    named = {
        "TrafficMirrorTargetId": query.target_id,
        "TrafficMirrorFilterId": query.filter_id,
        "Priority": None if query.priority is None else str(query.priority),
        "TrafficMirrorSourceId": query.source_id,
    }
    asked = {name: value for name, value in named.items() if value is not None}
    return {**asked, **tagged("Tags", query.tags)}


def create_parameters(new: NewSession) -> dict[str, str]:
    """Return the parameters of a Create, without its ClientToken."""
    optional = {
        "PacketLength": None if new.packet_length is None else str(new.packet_length),
        "ResourceGroupId": new.resource_group_id,
    }
    return {
        "TrafficMirrorSessionName": new.name,
        "Priority": str(new.priority),
        "TrafficMirrorTargetId": new.target_id,
        "TrafficMirrorTargetType": new.target_type,
        "TrafficMirrorFilterId": new.filter_id,
        # A session that is not told to be enabled mirrors nothing.
        "Enabled": "true",
        **{name: value for name, value in optional.items() if value is not None},
        **tagged("Tag", new.tags),
        **numbered("TrafficMirrorSourceIds", new.network_interface_ids),
    }


def tagged(name: str, tags: Mapping[str, str]) -> dict[str, str]:
    """Tags as the RPC style spells them: `Tag.1.Key`, `Tag.1.Value`, and so on."""
    spelled: dict[str, str] = {}
    for number, (key, value) in enumerate(sorted(tags.items()), start=1):
        spelled.update({f"{name}.{number}.Key": key, f"{name}.{number}.Value": value})
    return spelled
