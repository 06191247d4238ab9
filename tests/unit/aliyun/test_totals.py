"""A list that does not fit its total is read again, and one that never will is taken and said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from evermirror.aliyun.filters import Filters
from evermirror.aliyun.rpc import Rpc
from evermirror.aliyun.totals import Shortfall, Shortfalls
from evermirror.aliyun.vpc import Vpc
from evermirror.model import SessionQuery
from evermirror.results import ReadError

RpcTo = Callable[..., Rpc]
Page = tuple[Sequence[int], object]
"""The numbers of what a page shows, and its TotalCount."""
Reading = Sequence[Page]
LIST = "ListTrafficMirrorSessions"
LIST_FILTERS = "ListTrafficMirrorFilters"


class Lists:
    """A service that shows its sessions and filters as written down, reading after reading."""

    def __init__(self, rpc_to: RpcTo, loopbacks: Any, readings: Sequence[Reading]) -> None:
        answers = [
            loopbacks.answer(200, shown(page, f"more-{number}" if number < len(reading) else ""))
            for reading in readings
            for number, page in enumerate(reading, start=1)
        ]
        self.server = loopbacks.start().will(*answers)
        self.told: list[Shortfall] = []
        self.vpc = Vpc(rpc_to(self.server.url), self.told.append)
        self.filters = Filters(rpc_to(self.server.url), self.told.append)

    def every_session(self) -> list[str]:
        return [one.id for one in self.vpc.every_session()]

    @property
    def calls(self) -> int:
        return len(self.server.seen)


def shown(page: Page, token: str) -> dict[str, object]:
    numbers, total = page
    return {
        "RequestId": "R",
        "NextToken": token,
        "TotalCount": total,
        "TrafficMirrorSessions": [{"TrafficMirrorSessionId": f"tms-{n}"} for n in numbers],
        "TrafficMirrorFilters": [{"TrafficMirrorFilterId": f"tmf-{n}"} for n in numbers],
    }


@pytest.fixture
def lists(rpc_to: RpcTo, loopbacks: Any) -> Callable[..., Lists]:
    return lambda *readings: Lists(rpc_to, loopbacks, readings)


FITTING: list[Reading] = [
    [([1, 2], "2")],
    [([1, 2], "3"), ([3], "3")],
    [([1, 2], "1")],
    [([1], None)],
    [([1], "many"), ([2], "")],
    [([1], "2"), ([2], None)],
    [([], "0")],
]


@pytest.mark.parametrize("reading", FITTING)
def test_a_list_that_fits_its_total_is_read_once(
    lists: Callable[..., Lists], reading: Reading
) -> None:
    service = lists(reading)

    assert service.every_session() == [f"tms-{n}" for page in reading for n in page[0]]
    assert (service.calls, service.told) == (len(reading), [])


def test_a_session_that_a_deletion_hides_between_two_pages_is_found_by_reading_again(
    lists: Callable[..., Lists],
) -> None:
    # Pages begin at an offset: 1 is deleted after the first, so that 3 moves to where 2 was.
    service = lists([([1, 2], "4"), ([4], "3")], [([2, 3], "3"), ([4], "3")])

    assert service.every_session() == ["tms-2", "tms-3", "tms-4"]
    assert (service.calls, service.told) == (4, [])


def test_a_list_that_was_cut_once_is_read_again(lists: Callable[..., Lists]) -> None:
    service = lists([([1], "2")], [([1, 2], "2")])

    assert service.every_session() == ["tms-1", "tms-2"]
    assert service.told == []


def test_a_total_that_is_too_high_for_good_is_said_and_stops_nothing(
    lists: Callable[..., Lists],
) -> None:
    service = lists([([1, 2], "4"), ([3], "4")], [([1, 2], "4"), ([3], "4")])

    assert service.every_session() == ["tms-1", "tms-2", "tms-3"]
    assert (service.calls, service.told) == (4, [Shortfall(LIST, listed=3, total=4)])


def test_nothing_where_something_is_counted_is_believed_the_second_time(
    lists: Callable[..., Lists],
) -> None:
    service = lists([([], "1")], [([], "1")])

    assert service.every_session() == []
    assert service.told == [Shortfall(LIST, listed=0, total=1)]


@pytest.mark.parametrize(
    "readings",
    [
        ([([1], "3")], [([1, 2], "3")], [([1], "3")]),
        ([([1], "3")], [([2], "3")], [([1], "3")]),
        ([([1], "2"), ([], "3")], [([1, 2], "2"), ([], "3")], [([1], "2"), ([], "3")]),
    ],
    ids=["longer and shorter", "as long, but others", "with totals that move"],
)
def test_a_list_that_is_short_in_another_way_each_time_is_not_believed(
    lists: Callable[..., Lists], readings: Sequence[Reading]
) -> None:
    service = lists(*readings)

    with pytest.raises(ReadError, match="list_shorter_than_its_total"):
        service.every_session()

    assert (service.calls, service.told) == (sum(map(len, readings)), [])


def test_a_region_in_which_sessions_come_and_go_all_the_time_can_be_read(
    lists: Callable[..., Lists],
) -> None:
    busy = [[([1, 2], f"{total}"), ([3], f"{total - 1}")] for total in (4, 3, 4)]
    service = lists(*busy)

    assert service.every_session() == ["tms-1", "tms-2", "tms-3"]
    assert (service.calls, service.told) == (6, [Shortfall(LIST, listed=3, total=4)])


def test_what_one_reading_showed_is_not_overlooked_where_the_total_moves_to_the_last(
    lists: Callable[..., Lists],
) -> None:
    # Session 2 of five is deleted, and the total is one too high for good. Later first pages are
    # from before that, so that between them and the second, which begins at an offset, 4 is hidden.
    steady, torn = [([1, 3, 4], "5"), ([6], "5")], [([1, 2, 3], "6"), ([6], "5")]
    service = lists(steady, torn, torn)

    assert sorted(service.every_session()) == ["tms-1", "tms-2", "tms-3", "tms-4", "tms-6"]
    assert service.told == [Shortfall(LIST, listed=5, total=6)]


def test_what_is_gone_is_not_taken_where_two_readings_agree(lists: Callable[..., Lists]) -> None:
    before, after = [([1, 2], "3")], [([1], "2")]
    service = lists(before, after, after)

    assert service.every_session() == ["tms-1"]


def test_the_same_sessions_three_times_are_believed_whatever_is_counted(
    lists: Callable[..., Lists],
) -> None:
    service = lists([([1], "2")], [([1], "3")], [([1], "2")])

    assert service.every_session() == ["tms-1"]
    assert service.told == [Shortfall(LIST, listed=1, total=2)]


def test_sessions_by_id_and_by_filter_are_counted_just_so(lists: Callable[..., Lists]) -> None:
    cut, whole = [([1], "2")], [([1, 2], "2")]

    by_id = lists(cut, whole)
    by_filter = lists(cut, whole)

    assert [s.id for s in by_id.vpc.list_sessions(["tms-1", "tms-2"])] == ["tms-1", "tms-2"]
    found = by_filter.vpc.find_sessions(SessionQuery(filter_id="tmf-1"))
    assert [s.id for s in found] == ["tms-1", "tms-2"]


def test_filters_are_counted_just_so(lists: Callable[..., Lists]) -> None:
    service = lists([([1], "3")], [([1, 2], "3")], [([1, 2], "3")])

    found = service.filters.every_filter(lambda _: None)

    assert [one.id for one in found] == ["tmf-1", "tmf-2"]
    assert service.told == [Shortfall(LIST_FILTERS, listed=2, total=3)]


def test_all_sessions_of_a_filter_are_found_page_after_page(lists: Callable[..., Lists]) -> None:
    pages = [(range(start, start + 100), "2000") for start in range(0, 2000, 100)]
    service = lists(pages)

    found = service.vpc.find_sessions(SessionQuery(filter_id="tmf-1"))

    assert [one.id for one in found] == [f"tms-{n}" for n in range(2000)]
    assert {seen.query["TrafficMirrorFilterId"] for seen in service.server.seen} == {"tmf-1"}


def test_each_list_that_falls_short_is_told_once_and_kept_as_last_seen() -> None:
    first: list[Shortfall] = []
    shortfalls = Shortfalls(first.append)

    for shortfall in (
        Shortfall(LIST, 1, 2),
        Shortfall(LIST_FILTERS, 5, 6),
        Shortfall(LIST, 3, 4),
    ):
        shortfalls(shortfall)

    assert first == [Shortfall(LIST, 1, 2), Shortfall(LIST_FILTERS, 5, 6)]
    assert shortfalls.plain() == [
        {"action": LIST_FILTERS, "listed": 5, "total": 6},
        {"action": LIST, "listed": 3, "total": 4},
    ]
