"""Lists of sessions, page by page, against the book."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from tests.unit.localcloud.crowd.book import Book, SessionPage
from tests.unit.localcloud.crowd.calls import ENIS, SLBS

Listed = Callable[[Mapping[str, Any]], Mapping[str, Any]]
Fits = Callable[[SessionPage], bool]


def check_pages(book: Book, draw: random.Random, shown: str, listed: Listed) -> None:
    """All pages together are the sessions of the book that fit, each once, in order.

    `shown` is the attribute that holds the sources a list shows, `listed` makes a call.
    """
    asked, fits = _filter(draw, shown)
    size = draw.randint(1, 3)
    found: list[Mapping[str, Any]] = []
    token, totals = "", set[str]()
    while token or not totals:
        body = listed({**asked, "MaxResults": size, "NextToken": token})
        assert len(body["TrafficMirrorSessions"]) <= size
        found += body["TrafficMirrorSessions"]
        assert len(found) <= len(book.sessions), "a page shows what another showed"
        totals.add(body["TotalCount"])
        token = body["NextToken"]
    expected = [
        (session_id, list(getattr(page, shown)))
        for session_id, page in sorted(book.sessions.items())
        if fits(page)
    ]
    seen = [(one["TrafficMirrorSessionId"], one["TrafficMirrorSourceIds"]) for one in found]
    assert seen == expected
    assert totals == {str(len(expected))}


def _filter(draw: random.Random, shown: str) -> tuple[dict[str, Any], Fits]:
    source, priority = draw.choice(ENIS), draw.randint(1, 9)
    target = draw.choice((*SLBS, ENIS[0]))
    filters: tuple[tuple[dict[str, Any], Fits], ...] = (
        ({}, lambda _page: True),
        ({"TrafficMirrorSourceId": source}, lambda page: source in getattr(page, shown)),
        ({"TrafficMirrorTargetId": target}, lambda page: page.target == target),
        ({"TrafficMirrorFilterId": "tmf-1"}, lambda page: page.filter == "tmf-1"),
        ({"Enabled": True}, lambda page: page.enabled),
        ({"Priority": priority}, lambda page: page.priority == priority),
    )
    return draw.choice(filters)
