"""The attributes of sessions and filters as parameters, with the limits the documents give."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from localcloud.api.parameters import Integer, Tag
from localcloud.refusals import refused
from localcloud.world.filter_objects import Filter
from localcloud.world.objects import Session
from localcloud.world.world import World


def no_address(text: str) -> str:
    """Names and descriptions do not begin with http:// or https://."""
    if text.startswith(("http://", "https://")):
        raise ValueError("does not begin like an address")
    return text


Name = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(no_address)]
Description = Annotated[str, Field(min_length=1, max_length=256), AfterValidator(no_address)]
TargetType = Literal["NetworkInterface", "SLB"]
Priority = Annotated[Integer, Field(ge=1, le=32766)]
VirtualNetworkId = Annotated[Integer, Field(ge=0, le=16777215)]
PacketLength = Annotated[Integer, Field(ge=64, le=8500)]
NewTags = Annotated[tuple[Tag, ...], Field(max_length=21)]


def tags_of(asked: tuple[Tag, ...]) -> dict[str, str]:
    """Tags to give; one without a value has an empty one."""
    return {tag.key: tag.value or "" for tag in asked}


def check_region(world: World) -> None:
    """Traffic mirroring exists in this region at all."""
    if not world.service.region_supported:
        raise refused("UnsupportedRegion", world.region)


def stable_filter(world: World, filter_id: str) -> Filter:
    """The filter, if it exists and is not busy."""
    found = world.filters.find(filter_id)
    if found is None:
        raise refused("ResourceNotFound.TrafficMirrorFilter", filter_id)
    if found.status != "Created":
        raise refused("IncorrectStatus.TrafficMirrorFilter", filter_id)
    return found


def check_filter(world: World, session: Session) -> None:
    """The filter of a session as it would be, and room for the session at that filter."""
    stable_filter(world, session.filter)
    related = world.sessions.held.by_filter.get(session.filter, set()) - {session.id}
    if len(related) >= world.limits.sessions_per_filter:
        raise refused("QuotaExceeded.FilterRelatedSession", session.filter)
