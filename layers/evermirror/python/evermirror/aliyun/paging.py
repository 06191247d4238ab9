"""Lists come in pages, and a list is only true when every page of it was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from evermirror.aliyun.rpc import Answer, Product, Rpc
from evermirror.results import ReadError

IDS_A_CALL = 100
MOST_PAGES = 10_000
PAGES_OF_IDS = 20
"""A list by ids fits one page; a service that pages it on and on must not use up an invocation."""


class Page(Answer):
    """One page of a list; the last one has an empty `next_token` or none."""

    next_token: str | None = None


OnePage = TypeVar("OnePage", bound=Page)


def every_page(
    rpc: Rpc,
    product: Product,
    action: str,
    parameters: Mapping[str, str],
    shape: type[OnePage],
    most: int = MOST_PAGES,
) -> Iterator[OnePage]:
    """Read page after page.

    A list that leads back to itself, or has more than `most` pages, raises ReadError.

    Take all of it before using any of it: the error can come after the first page.
    """
    seen: set[str] = set()
    token = ""
    while True:
        place = {"NextToken": token} if token else {}
        page = rpc.read(product, action, {**parameters, **place}, shape)
        yield page
        token = page.next_token or ""
        if not token:
            return
        if token in seen or len(seen) + 1 >= most:
            raise ReadError("endless_list")
        seen.add(token)


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many ids as one call may name."""
    return (ids[start : start + IDS_A_CALL] for start in range(0, len(ids), IDS_A_CALL))
