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
    at = after(context.now, -max(context.stale_s, world.behaviour.stale_list_s))
    fits = _predicate(asked)

    def find(session_id: str) -> Session | None:
        session = world.sessions.seen(session_id, at)
        return session if session is not None and fits(session) else None

    ids = _candidates(world, asked, stale=at < context.now)
    behind = paging.last_id_of(context.action, asked, asked.next_token)
    page = paging.page_after(ids, find, asked.max_results, behind)
    total = page.total if ids is world.sessions.ids and not _filters(asked) else _count(ids, find)
    return {
        "NextToken": paging.token_of(context.action, asked, page.last_id),
        "TotalCount": str(total),
        "TrafficMirrorSessions": [_shown(world, session) for session in page.items],
    }


def _candidates(world: World, asked: ListSessions, *, stale: bool) -> Sequence[str]:
    """The fewest ids, sorted, among which everything is that fits."""
    if asked.traffic_mirror_session_ids:
        return sorted(set(asked.traffic_mirror_session_ids))
    if not stale and asked.traffic_mirror_source_id is not None:
        return sorted(world.sessions.by_source.get(asked.traffic_mirror_source_id, ()))
    if not stale and asked.traffic_mirror_target_id is not None:
        return sorted(world.sessions.by_target.get(asked.traffic_mirror_target_id, ()))
    return world.sessions.ids_of_late if stale else world.sessions.ids


def _filters(asked: ListSessions) -> list[tuple[Any, Callable[[Session], Any]]]:
    """The filters that were given: a value, and where a session has its own."""
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


def _predicate(asked: ListSessions) -> Callable[[Session], bool]:
    filters = _filters(asked)
    return lambda session: all(own(session) == value for value, own in filters)


def _count(ids: Sequence[str], find: Callable[[str], Session | None]) -> int:
    return sum(1 for session_id in ids if find(session_id) is not None)


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
