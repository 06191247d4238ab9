"""Pages of long lists: what a page costs does not grow with the list.

Lists are in the order of ids, so a page begins by bisection behind the last id of the one
before. A token says which id that was and fits only the list it was given for.
"""

from __future__ import annotations

import base64
import hashlib
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from localcloud.api.parameters import Parameters
from localcloud.refusals import refused

_CHECK_BYTES = 6
_CURSOR = {"next_token", "max_results", "page_number", "page_size"}
ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True)
class Page(Generic[ItemT]):
    """Some items, and the last id shown where there is more; `total` only where it was counted."""

    items: list[ItemT]
    last_id: str | None
    total: int


def page_after(
    ids: Sequence[str], find: Callable[[str], ItemT | None], size: int, after: str | None
) -> Page[ItemT]:
    """The page behind the id `after`; `find` gives None for what is not to be listed.

    Looks no further than the first item of the next page; the total is that of `ids`.
    """
    items: list[ItemT] = []
    last_id = None
    for position in range(bisect_right(ids, after) if after else 0, len(ids)):
        item = find(ids[position])
        if item is None:
            continue
        if len(items) == size:
            return Page(items, last_id, len(ids))
        items.append(item)
        last_id = ids[position]
    return Page(items, None, len(ids))


def numbered_page(
    ids: Sequence[str], find: Callable[[str], ItemT | None], size: int, number: int
) -> Page[ItemT]:
    """The page of that number, counted from 1, in the old way that counts everything."""
    matching = [item for item in map(find, ids) if item is not None]
    return Page(matching[(number - 1) * size : number * size], None, len(matching))


def token_of(action: str, parameters: Parameters, last_id: str | None) -> str:
    """What NextToken says for a page; empty on the last one."""
    if last_id is None:
        return ""
    return base64.urlsafe_b64encode(_check(action, parameters, last_id) + last_id.encode()).decode()


def last_id_of(action: str, parameters: Parameters, token: str | None) -> str | None:
    """The id behind which the page begins; `IllegalParam.NextToken` for anybody else's token."""
    if not token:
        return None
    try:
        raw = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
        last_id = raw[_CHECK_BYTES:].decode()
    except ValueError:
        raise refused("IllegalParam.NextToken") from None
    if raw[:_CHECK_BYTES] != _check(action, parameters, last_id):
        raise refused("IllegalParam.NextToken")
    return last_id


def _check(action: str, parameters: Parameters, last_id: str) -> bytes:
    of_what = parameters.model_dump_json(exclude=_CURSOR)
    seed = f"{action}\n{of_what}\n{last_id}".encode()
    return hashlib.blake2b(seed, digest_size=_CHECK_BYTES).digest()
