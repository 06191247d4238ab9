"""Pages of long lists: what a page costs does not grow with the list.

Lists are in the order of ids, so a page begins by bisection behind the last id of the one
before. A token says which id that was and fits only the list it was given for. How the service
does it is not documented; the other way, in which a token says how many came before, is there to
be switched on: it shows nothing twice and hides nothing only while the list stays as it is.
"""

from __future__ import annotations

import base64
import hashlib
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from localcloud.api.parameters import Parameters
from localcloud.refusals import refused
from localcloud.world.settings import Paging

_CHECK_BYTES = 6
_CURSOR = {"next_token", "max_results", "page_number", "page_size"}
ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True)
class Page(Generic[ItemT]):
    """Some items, and where the next page begins if there is one."""

    items: list[ItemT]
    onwards: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that is shown in pages: `way` says what its tokens are, `action` and `asked` whose."""

    way: Paging
    action: str
    asked: Parameters

    def page(
        self,
        ids: Sequence[str],
        find: Callable[[str], ItemT | None],
        size: int,
        token: str | None,
    ) -> tuple[Page[ItemT], str]:
        """The page that a token leads to, and its own NextToken: empty on the last one."""
        begin = self._begin(token)
        if self.way == "offset":
            page = page_from(ids, find, size, int(begin or 0))
        else:
            page = page_after(ids, find, size, begin)
        return page, self._token(page.onwards)

    def _token(self, onwards: str | None) -> str:
        if onwards is None:
            return ""
        return base64.urlsafe_b64encode(self._check(onwards) + onwards.encode()).decode()

    def _begin(self, token: str | None) -> str | None:
        """What the token says; `IllegalParam.NextToken` for anybody else's."""
        if not token:
            return None
        try:
            raw = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
            begin = raw[_CHECK_BYTES:].decode()
        except ValueError:
            raise refused("IllegalParam.NextToken") from None
        if raw[:_CHECK_BYTES] != self._check(begin):
            raise refused("IllegalParam.NextToken")
        return begin

    def _check(self, begin: str) -> bytes:
        of_what = self.asked.model_dump_json(exclude=_CURSOR)
        seed = f"{self.way}\n{self.action}\n{of_what}\n{begin}".encode()
        return hashlib.blake2b(seed, digest_size=_CHECK_BYTES).digest()


def page_after(
    ids: Sequence[str], find: Callable[[str], ItemT | None], size: int, after: str | None
) -> Page[ItemT]:
    """The page behind the id `after`; `find` gives None for what is not to be listed.

    Looks no further than the first item of the next page.
    """
    items: list[ItemT] = []
    last_id = None
    for position in range(bisect_right(ids, after) if after else 0, len(ids)):
        item = find(ids[position])
        if item is None:
            continue
        if len(items) == size:
            return Page(items, last_id)
        items.append(item)
        last_id = ids[position]
    return Page(items, None)


def page_from(
    ids: Sequence[str], find: Callable[[str], ItemT | None], size: int, before: int
) -> Page[ItemT]:
    """The page that begins behind the first `before` items of the list as it is now."""
    matching = (item for item in map(find, ids) if item is not None)
    items = list(islice(matching, before, before + size + 1))
    onwards = str(before + size) if len(items) > size else None
    return Page(items[:size], onwards)


def numbered_page(
    ids: Sequence[str], find: Callable[[str], ItemT | None], size: int, number: int
) -> tuple[list[ItemT], int]:
    """The page of that number, counted from 1, and how many items there are on all pages."""
    matching = [item for item in map(find, ids) if item is not None]
    return matching[(number - 1) * size : number * size], len(matching)
