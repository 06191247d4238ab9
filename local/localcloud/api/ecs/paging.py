"""The two ways in which ECS pages: by token, and the older one by page number.

Whoever sends PageNumber or PageSize gets the older way, in which NextToken stays empty; with a
token, TotalCount means nothing (ECS API 2014-05-26, DescribeNetworkInterfaces).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import Field

from localcloud.api import paging
from localcloud.api.context import Context
from localcloud.api.parameters import Integer, Parameters
from localcloud.refusals import refused
from localcloud.world.world import World

ItemT = TypeVar("ItemT")


class PagedParameters(Parameters):
    """What every Describe of ECS takes to page."""

    max_results: Integer | None = None
    next_token: str | None = None
    page_number: Annotated[Integer, Field(ge=1, le=1_000_000)] | None = None
    page_size: Annotated[Integer, Field(ge=1)] | None = None


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bounds of a page: by token, where what lies outside is moved inside, and by number."""

    least: int
    most: int
    most_numbered: int
    numbered_by_default: bool
    usual: int = 10


def page(
    world: World,
    asked: PagedParameters,
    context: Context,
    sizes: Sizes,
    ids: Sequence[str],
    find: Callable[[str], ItemT | None],
) -> tuple[list[ItemT], dict[str, Any]]:
    """The items of the page asked for, and the fields of the answer that speak of paging."""
    ids = () if context.sees_nothing else ids
    by_number = asked.page_number is not None or asked.page_size is not None
    by_token = asked.max_results is not None or asked.next_token is not None
    if by_number or (sizes.numbered_by_default and not by_token):
        return _numbered(asked, sizes, ids, find)
    size = min(max(asked.max_results or sizes.usual, sizes.least), sizes.most)
    listing = paging.Listing(world.behaviour.describe_paging, context.action, asked)
    found, token = listing.page(ids, find, size, asked.next_token)
    return found.items, {"NextToken": token, "PageNumber": 0, "PageSize": 0, "TotalCount": 0}


def _numbered(
    asked: PagedParameters,
    sizes: Sizes,
    ids: Sequence[str],
    find: Callable[[str], ItemT | None],
) -> tuple[list[ItemT], dict[str, Any]]:
    number, size = asked.page_number or 1, asked.page_size or sizes.usual
    if size > sizes.most_numbered:
        raise refused("InvalidParameter", f"PageSize is at most {sizes.most_numbered}")
    items, total = paging.numbered_page(ids, find, size, number)
    fields = {"NextToken": "", "PageNumber": number, "PageSize": size, "TotalCount": total}
    return items, fields
