"""Tags put on, taken off and listed: VPC and ECS do it alike, and differ in their error codes.

VPC API 2016-04-28 and ECS API 2014-05-26, TagResources, UnTagResources (UntagResources in ECS) and
ListTagResources. Done at once, for all resources named or for none. That a tag whose key is there
already gets the new value, and that a resource that is busy with a change can be tagged, is not
said anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from pydantic import Field

from localcloud.api.context import Context
from localcloud.api.paging import Listing
from localcloud.api.parameters import Boolean, Identifier, Integer, Parameters, Tag, Text
from localcloud.refusals import refused
from localcloud.world.settings import Paging
from localcloud.world.tags import changed_tags

_MOST_RESOURCES, _MOST_TAGS, _LONGEST = 50, 20, 128
_RESERVED = ("aliyun", "acs:")
_ADDRESSES = ("http://", "https://")


class Tagged(Protocol):
    """All things of a kind that has tags."""

    @property
    def ids(self) -> list[str]: ...

    def find(self, thing_id: str, /) -> Any: ...

    def retag(self, thing: Any, changes: Mapping[str, str | None], now: float, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Codes:
    """What a product answers to what does not fit."""

    unknown_type: str
    unknown_id: str
    id_twice: str
    too_many_ids: str
    too_many_tags: str
    key_twice: str
    bad_key: str
    bad_value: str
    full: str
    no_tags: str
    nothing_named: str
    nothing_named_status: int


@dataclass(frozen=True, slots=True)
class Product:
    """The kinds of resources that a product can tag, by ResourceType, and its words."""

    kinds: Mapping[str, Tagged]
    codes: Codes
    spelled: Callable[[str], str] = str


class _OfResources(Parameters):
    """What the calls take that change tags."""

    resource_type: Identifier
    resource_id: Annotated[tuple[Identifier, ...], Field(min_length=1)]


class TagResources(_OfResources):
    """Parameters of TagResources."""

    tag: tuple[Tag, ...] = ()


class UntagResources(_OfResources):
    """Parameters of UnTagResources (VPC) and UntagResources (ECS)."""

    tag_key: tuple[Text, ...] = ()
    all: Boolean = False


class ListTagResources(Parameters):
    """Parameters of ListTagResources; ECS knows no MaxResults."""

    resource_type: Identifier
    resource_id: tuple[Identifier, ...] = ()
    tag: tuple[Tag, ...] = ()
    next_token: str | None = None
    max_results: Annotated[Integer, Field(ge=1, le=50)] = 50


def put_on(product: Product, asked: TagResources, context: Context) -> None:
    """Set the tags on every resource named."""
    codes = product.codes
    kind = _kind(product, asked.resource_type)
    things = _things(kind, codes, asked.resource_id)
    changes = _changes(codes, asked.tag)
    for thing in things:
        if len(changed_tags(thing.tags, changes)) > _MOST_TAGS:
            raise refused(codes.full, thing.id)
    for thing in things:
        kind.retag(thing, changes, context.now)


def take_off(product: Product, asked: UntagResources, context: Context) -> None:
    """Take the tags of these keys, or all, from every resource named."""
    codes = product.codes
    kind = _kind(product, asked.resource_type)
    things = _things(kind, codes, asked.resource_id)
    if len(asked.tag_key) > _MOST_TAGS:
        raise refused(codes.too_many_tags)
    if not asked.tag_key and not asked.all:
        raise refused(codes.no_tags, "TagKey")
    for thing in things:
        keys = asked.tag_key or tuple(thing.tags)
        kind.retag(thing, dict.fromkeys(keys), context.now)


def listed(
    product: Product, way: Paging, asked: ListTagResources, context: Context
) -> Mapping[str, Any]:
    """The tags of the resources named, or of those that have all the tags asked for."""
    codes = product.codes
    kind = _kind(product, asked.resource_type)
    if not asked.resource_id and not asked.tag:
        raise refused(codes.nothing_named, status=codes.nothing_named_status)
    if len(asked.resource_id) > _MOST_RESOURCES:
        raise refused(codes.too_many_ids)
    found = map(kind.find, asked.resource_id or kind.ids)
    rows = {
        f"{thing.id}/{key}": _row(product.spelled(asked.resource_type), thing.id, key, value)
        for thing in found
        if thing is not None and all(tag.fits(thing.tags) for tag in asked.tag)
        for key, value in thing.tags.items()
    }
    listing = Listing(way, context.action, asked)
    page, token = listing.page(sorted(rows), rows.get, asked.max_results, asked.next_token)
    return {"NextToken": token, "TagResources": {"TagResource": page.items}}


def _row(kind: str, thing_id: str, key: str, value: str) -> dict[str, str]:
    return {"ResourceType": kind, "ResourceId": thing_id, "TagKey": key, "TagValue": value}


def _kind(product: Product, resource_type: str) -> Tagged:
    kind = product.kinds.get(product.spelled(resource_type))
    if kind is None:
        raise refused(product.codes.unknown_type, resource_type)
    return kind


def _things(kind: Tagged, codes: Codes, ids: Sequence[str]) -> list[Any]:
    if len(ids) > _MOST_RESOURCES:
        raise refused(codes.too_many_ids)
    if len(set(ids)) < len(ids):
        raise refused(codes.id_twice, "ResourceId names something twice")
    things = [kind.find(one) for one in ids]
    for one, thing in zip(ids, things, strict=True):
        if thing is None:
            raise refused(codes.unknown_id, one)
    return things


def _changes(codes: Codes, tags: Sequence[Tag]) -> dict[str, str | None]:
    if not tags:
        raise refused(codes.no_tags, "Tag")
    if len(tags) > _MOST_TAGS:
        raise refused(codes.too_many_tags)
    changes: dict[str, str | None] = {}
    for tag in tags:
        value = tag.value or ""
        if not _fits(tag.key) or tag.key.lower().startswith(_RESERVED):
            raise refused(codes.bad_key, tag.key)
        if not _fits(value):
            raise refused(codes.bad_value, value)
        if tag.key in changes:
            raise refused(codes.key_twice, tag.key)
        changes[tag.key] = value
    return changes


def _fits(text: str) -> bool:
    return len(text) <= _LONGEST and not any(one in text for one in _ADDRESSES)
