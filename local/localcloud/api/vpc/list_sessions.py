"""ListTrafficMirrorSessions: every filter of the operation, page by page.

What it shows may lag behind the truth (`behaviour.stale_list_s`, the fault `stale_s`), as lists
of a distributed service do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from localcloud.api import paging
from localcloud.api.context import Context
from localcloud.api.parameters import Boolean, Identifier, Integer, Parameters, Tag, UpTo100
from localcloud.api.vpc import attributes
from localcloud.world.moments import after, to_the_minute
from localcloud.world.objects import Session
from localcloud.world.world import World


class ListSessions(Parameters):
    """Parameters of ListTrafficMirrorSessions."""

    max_results: Annotated[Integer, Field(ge=1, le=100)] = 10
    next_token: str | None = None
    traffic_mirror_session_ids: UpTo100 = ()
    traffic_mirror_session_name: attributes.Name | None = None
    traffic_mirror_source_id: Identifier | None = None
    traffic_mirror_target_id: Identifier | None = None
    traffic_mirror_filter_id: Identifier | None = None
    resource_group_id: Identifier | None = None
    priority: Annotated[Integer, Field(ge=1, le=32766)] | None = None
    virtual_network_id: Annotated[Integer, Field(ge=0, le=16777215)] | None = None
    enabled: Boolean | None = None
    tags: Annotated[tuple[Tag, ...], Field(max_length=10)] = ()


def list_sessions(world: World, asked: ListSessions, context: Context) -> Mapping[str, Any]:
    """The sessions that fit, in the order of their ids."""
    behaviour = world.behaviour
    stale_s = max(context.stale_s, behaviour.stale_list_s)
    sight = _Sight(world, asked, context.now, stale_s)
    listing = paging.Listing(behaviour.list_paging, context.action, asked)
    page, token = listing.page(sight.ids(), sight.find, asked.max_results, asked.next_token)
    counted = _Sight(world, asked, context.now, max(stale_s, behaviour.total_count_stale_s))
    return {
        "NextToken": token,
        "TotalCount": str(counted.total() + behaviour.total_count_extra),
        "TrafficMirrorSessions": [_shown(world, session) for session in page.items],
    }


class _Sight:
    """What somebody sees who asks, as of `stale_s` ago."""

    def __init__(self, world: World, asked: ListSessions, now: float, stale_s: float) -> None:
        self._sessions = world.sessions
        self._asked = asked
        self._filters = _filters(asked)
        self._at = after(now, -stale_s)
        self._stale = self._at < now

    def find(self, session_id: str) -> Session | None:
        """The session, if it is there and fits."""
        session = self._sessions.seen(session_id, self._at)
        fits = session is not None and all(own(session) == value for value, own in self._filters)
        return session if fits else None

    def ids(self) -> Sequence[str]:
        """The fewest ids, sorted, among which everything is that fits."""
        asked = self._asked
        if asked.traffic_mirror_session_ids:
            return sorted(set(asked.traffic_mirror_session_ids))
        if self._stale:
            return self._sessions.ids_of_late
        if asked.traffic_mirror_source_id is not None:
            return sorted(self._sessions.held.by_source.get(asked.traffic_mirror_source_id, ()))
        if asked.traffic_mirror_target_id is not None:
            return sorted(self._sessions.held.by_target.get(asked.traffic_mirror_target_id, ()))
        return self._sessions.ids

    def total(self) -> int:
        """How many fit."""
        ids = self.ids()
        if ids is self._sessions.ids and not self._filters:
            return len(ids)
        return sum(1 for session_id in ids if self.find(session_id) is not None)


def _filters(asked: ListSessions) -> list[tuple[Any, Callable[[Session], Any]]]:
    """What was asked for: a value, and where a session has its own."""
    known: list[tuple[Any, Callable[[Session], Any]]] = [
        (asked.traffic_mirror_session_name, lambda session: session.name),
        (asked.traffic_mirror_target_id, lambda session: session.target),
        (asked.traffic_mirror_filter_id, lambda session: session.filter),
        (asked.resource_group_id, lambda session: session.resource_group),
        (asked.priority, lambda session: session.priority),
        (asked.virtual_network_id, lambda session: session.virtual_network_id),
        (asked.enabled, lambda session: session.enabled),
    ]
    given = [one for one in known if one[0] is not None]
    source = asked.traffic_mirror_source_id
    if source is not None:
        given.append((True, lambda session: source in session.sources))
    if asked.tags:
        given.append((True, lambda session: all(tag.fits(session.tags) for tag in asked.tags)))
    return given


def _shown(world: World, session: Session) -> dict[str, Any]:
    arrears = world.service.business_status
    return {
        "TrafficMirrorSessionId": session.id,
        "TrafficMirrorSessionName": session.name,
        "TrafficMirrorSessionDescription": session.description,
        "TrafficMirrorSessionStatus": session.status,
        "TrafficMirrorSessionBusinessStatus": (
            session.business_status if arrears == "Normal" else arrears
        ),
        "TrafficMirrorSourceIds": list(session.sources),
        "TrafficMirrorTargetId": session.target,
        "TrafficMirrorTargetType": session.target_type,
        "TrafficMirrorFilterId": session.filter,
        "VirtualNetworkId": session.virtual_network_id,
        "Priority": session.priority,
        "PacketLength": session.packet_length,
        "Enabled": session.enabled,
        "ResourceGroupId": session.resource_group,
        "Tags": [{"Key": key, "Value": value} for key, value in session.tags.items()],
        "CreationTime": to_the_minute(session.created),
    }
