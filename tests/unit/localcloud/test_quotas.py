"""Quotas count what is there and what is on its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

SESSION = "tms-j6c00000000000000001"
DeskOf = Callable[..., Any]


def interface(number: int) -> str:
    return f"eni-j6c{number:015d}"


def test_a_session_takes_ten_sources_and_no_more(desk: Any) -> None:
    for number in range(1, 11):
        assert desk.add(interface(number)).status == 200
        desk.advance(3)

    assert desk.add(interface(11)).code == "QuotaExceeded.SourceNumPerSession"
    assert desk.session()[1] == [interface(number) for number in range(1, 11)]


def test_an_interface_belongs_to_three_sessions_and_no_more(desk: Any) -> None:
    codes = [desk.add(interface(1), f"tms-j6c{number:017d}").code for number in range(1, 5)]

    assert codes == [None, None, None, "QuotaExceeded.NetworkInterfaceRelatedSession"]


def test_a_failed_change_gives_its_place_back(desk: Any) -> None:
    desk.cloud.faults.replace(
        [{"action": "Add*", "when": {"next": 3}, "do": {"background_failure": True}}]
    )
    for number in range(1, 4):
        desk.add(interface(1), f"tms-j6c{number:017d}")
    assert desk.add(interface(1), "tms-j6c00000000000000004").status == 400
    desk.advance(3)

    assert desk.add(interface(1), "tms-j6c00000000000000004").status == 200


@pytest.mark.parametrize(
    ("target", "target_type", "most"),
    [
        ("eni-j6csmall", "NetworkInterface", 20),
        ("eni-j6clarge", "NetworkInterface", 200),
        ("eni-j6cunlisted", "NetworkInterface", 20),
        ("lb-j6ctarget", "SLB", 500),
    ],
)
def test_a_target_takes_as_many_sources_as_its_kind_allows(
    desk_of: DeskOf, target: str, target_type: str, most: int
) -> None:
    desk = desk_of(
        instances=[
            {"id": "i-j6csmall", "type": "ecs.g7.large"},
            {"id": "i-j6clarge", "type": "ecs.g7.32xlarge"},
        ],
        network_interfaces=[
            {"id": "eni-j6csmall", "instance": "i-j6csmall"},
            {"id": "eni-j6clarge", "instance": "i-j6clarge"},
        ],
        sessions=[
            {
                "id": name,
                "target": target,
                "target_type": target_type,
                "sources": [f"eni-j6cother{number}" for number in range(count)],
            }
            for name, count in (("tms-j6cfull", most - 1), (SESSION, 0))
        ],
        settle_s=0,
    )

    assert desk.add(interface(1)).status == 200
    assert desk.add(interface(2)).code == "QuotaExceeded.SourceNumPerTarget"


def test_one_call_names_as_many_sources_as_the_fleet_says(desk_of: DeskOf) -> None:
    desk = desk_of(limits={"sources_per_call": 2})

    def add(count: int) -> Any:
        sources = [interface(number) for number in range(1, count + 1)]
        return desk.call(
            "AddSourcesToTrafficMirrorSession",
            TrafficMirrorSessionId=SESSION,
            TrafficMirrorSourceIds=sources,
        )

    assert add(3).code == "IllegalParam.TrafficMirrorSourceIds"
    assert add(2).status == 200
    desk.advance(3)
    assert desk.session() == ("Created", [interface(1), interface(2)])


def test_calls_of_one_action_are_counted_over_any_sixty_seconds(desk_of: DeskOf) -> None:
    desk = desk_of(limits={"requests_per_minute": 2})
    assert desk.list_sessions().status == 200
    desk.advance(30)
    assert desk.list_sessions().status == 200
    said = desk.list_sessions()
    assert (said.status, said.code) == (400, "Throttling.User")
    assert "x-acs-retry-after" not in said.headers
    assert desk.add().status == 200
    desk.advance(30)
    assert desk.list_sessions().status == 200
    assert desk.list_sessions().code == "Throttling.User"


def test_throttling_by_429_says_how_long_to_wait(desk_of: DeskOf) -> None:
    desk = desk_of(limits={"requests_per_minute": 1}, behaviour={"throttle_status": 429})
    desk.list_sessions()
    desk.advance(18.5)
    said = desk.list_sessions()

    assert (said.status, said.headers["x-acs-retry-after"]) == (429, "41500")


def test_no_limit_is_no_limit(desk_of: DeskOf) -> None:
    desk = desk_of(limits={"requests_per_minute": None})

    assert all(desk.list_sessions().status == 200 for _ in range(700))
