"""Pages by cursor or by offset, and totals that do not fit, as somebody sees them over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

DeskOf = Callable[..., Any]
SESSIONS = [f"tms-j6c{number:017d}" for number in range(1, 7)]
FILTERS = [f"tmf-j6c{number:017d}" for number in range(1, 7)]
SIX = {"fleet": {"instances": 30, "sessions": 6}, "settle_s": 3}


def listed(desk: Any, **parameters: Any) -> tuple[list[str], str, str]:
    body = desk.list_sessions(**parameters).body
    ids = [one["TrafficMirrorSessionId"] for one in body["TrafficMirrorSessions"]]
    return ids, body["NextToken"], body["TotalCount"]


def delete(desk: Any, session: str) -> None:
    assert desk.call("DeleteTrafficMirrorSession", TrafficMirrorSessionId=session).status == 200
    desk.advance(3)


@pytest.mark.parametrize(("way", "second"), [("cursor", SESSIONS[2:4]), ("offset", SESSIONS[3:5])])
def test_a_deletion_between_pages_hides_a_session_where_tokens_count(
    desk_of: DeskOf, way: str, second: list[str]
) -> None:
    desk = desk_of(**SIX, behaviour={"list_paging": way})
    first, token, total = listed(desk, MaxResults=2)
    assert (first, total) == (SESSIONS[:2], "6")
    delete(desk, SESSIONS[0])

    found, token, total = listed(desk, MaxResults=2, NextToken=token)
    assert (found, total) == (second, "5")
    rest, token, total = listed(desk, MaxResults=2, NextToken=token)
    assert (rest, token, total) == ([one for one in SESSIONS if one > second[-1]], "", "5")


@pytest.mark.parametrize("size", [1, 4, 7])
def test_pages_by_offset_of_a_quiet_list_are_together_the_whole(desk_of: DeskOf, size: int) -> None:
    desk = desk_of(**SIX, behaviour={"list_paging": "offset"})
    found, token, _ = listed(desk, MaxResults=size, TrafficMirrorTargetId="lb-j6c00000000000000001")
    while token:
        more, token, _ = listed(
            desk,
            MaxResults=size,
            NextToken=token,
            TrafficMirrorTargetId="lb-j6c00000000000000001",
        )
        found += more

    assert found == SESSIONS


def test_behind_the_end_a_page_by_offset_is_empty_and_the_last(desk_of: DeskOf) -> None:
    desk = desk_of(**SIX, behaviour={"list_paging": "offset"})
    _, token, _ = listed(desk, MaxResults=5)
    delete(desk, SESSIONS[0])

    assert listed(desk, MaxResults=5, NextToken=token) == ([], "", "5")


def test_filters_are_paged_in_the_same_way(desk_of: DeskOf) -> None:
    desk = desk_of(
        fleet={}, filters=[{"id": one} for one in FILTERS], behaviour={"list_paging": "offset"}
    )
    first = desk.call("ListTrafficMirrorFilters", MaxResults=3).body
    desk.call("DeleteTrafficMirrorFilter", TrafficMirrorFilterId=FILTERS[0])
    desk.advance(3)
    second = desk.call("ListTrafficMirrorFilters", MaxResults=3, NextToken=first["NextToken"]).body

    found = [one["TrafficMirrorFilterId"] for one in second["TrafficMirrorFilters"]]
    assert (found, second["TotalCount"]) == (FILTERS[4:], "5")


@pytest.mark.parametrize(("way", "hidden"), [("cursor", set()), ("offset", {10})])
def test_a_deletion_may_hide_an_interface_as_well(
    desk_of: DeskOf, way: str, hidden: set[int]
) -> None:
    ids = [f"eni-j6c{number:015d}" for number in range(20)]
    free = [{"id": one, "status": "Available"} for one in ids]
    desk = desk_of(fleet={}, network_interfaces=free, behaviour={"describe_paging": way})

    def page(**token: str) -> Any:
        return desk.call("DescribeNetworkInterfaces", MaxResults=10, **token).body

    first = page()
    desk.call("DeleteNetworkInterface", NetworkInterfaceId=ids[0])
    desk.advance(3)
    second = page(NextToken=first["NextToken"])
    shown = second["NetworkInterfaceSets"]["NetworkInterfaceSet"]

    found = [one["NetworkInterfaceId"] for one in shown]
    assert found == [ids[number] for number in range(10, 20) if number not in hidden]


@pytest.mark.parametrize("ways", [("cursor", "offset"), ("offset", "cursor")])
def test_a_token_of_one_way_is_none_of_the_other(desk_of: DeskOf, ways: tuple[str, str]) -> None:
    one, other = (desk_of(**SIX, behaviour={"list_paging": way}) for way in ways)
    _, token, _ = listed(one, MaxResults=2)

    assert other.list_sessions(MaxResults=2, NextToken=token).code == "IllegalParam.NextToken"


def test_a_total_may_be_too_high_on_every_page(desk_of: DeskOf) -> None:
    desk = desk_of(**SIX, behaviour={"total_count_extra": 1})
    _, token, total = listed(desk, MaxResults=4)
    assert (total, listed(desk, MaxResults=4, NextToken=token)[2]) == ("7", "7")
    assert listed(desk, Enabled=False)[2] == "1"
    assert desk.call("ListTrafficMirrorFilters").body["TotalCount"] == "2"


def test_a_total_may_be_of_a_while_ago(desk_of: DeskOf) -> None:
    desk = desk_of(**SIX, behaviour={"total_count_stale_s": 10})
    delete(desk, SESSIONS[0])

    assert listed(desk) == (SESSIONS[1:], "", "6")
    desk.advance(10)
    assert listed(desk) == (SESSIONS[1:], "", "5")
