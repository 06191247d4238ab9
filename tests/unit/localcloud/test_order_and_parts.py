"""In which order a call is checked, and what one bad source among several leads to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from localcloud.world.fleet import FleetError, read_fleet

DeskOf = Callable[..., Any]
SESSION, FULL = "tms-j6c00000000000000001", "tms-j6cfull"
FIRST, SECOND, THIRD = (f"eni-j6c{number:015d}" for number in (1, 2, 3))
NOBODY = "eni-j6cnone"
USUAL = ("status", "sources", "associated", "quotas")
SEVERAL = {"sources_per_call": 30}


def ordered(*order: str) -> dict[str, Any]:
    """A fleet whose first session is full and has the first interface."""
    sources = [FIRST, *(f"eni-j6cheld{number}" for number in range(9))]
    return {
        "behaviour": {"check_order": order},
        "sessions": [{"id": FULL, "sources": sources}],
    }


def call(desk: Any, verb: str, sources: Sequence[str], **more: Any) -> Any:
    actions = {
        "add": "AddSourcesToTrafficMirrorSession",
        "remove": "RemoveSourcesFromTrafficMirrorSession",
    }
    parameters = {"TrafficMirrorSessionId": SESSION, "TrafficMirrorSourceIds": sources, **more}
    return desk.call(actions[verb], **parameters)


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (USUAL, "ResourceAlreadyAssociated.TrafficMirrorSource"),
        (("status", "sources", "quotas", "associated"), "QuotaExceeded.SourceNumPerSession"),
    ],
)
def test_a_full_session_says_full_or_already_there(
    desk_of: DeskOf, order: Sequence[str], code: str
) -> None:
    assert desk_of(**ordered(*order)).add(FIRST, FULL).code == code


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (USUAL, "ResourceNotFound.NetworkInterface"),
        (("quotas", "status", "sources", "associated"), "QuotaExceeded.SourceNumPerSession"),
    ],
)
def test_an_interface_that_is_not_there_may_meet_a_quota_first(
    desk_of: DeskOf, order: Sequence[str], code: str
) -> None:
    assert desk_of(**ordered(*order)).add(NOBODY, FULL).code == code


@pytest.mark.parametrize(
    ("order", "codes"),
    [
        (USUAL, ("IncorrectStatus.TrafficMirrorSession",) * 2),
        (
            ("sources", "associated", "quotas", "status"),
            ("ResourceAlreadyAssociated.TrafficMirrorSource", "QuotaExceeded.SourceNumPerSession"),
        ),
    ],
)
def test_before_its_status_a_busy_session_counts_what_it_is_being_given(
    desk_of: DeskOf, order: Sequence[str], codes: Sequence[str]
) -> None:
    desk = desk_of(behaviour={"check_order": order}, limits={"sources_per_session": 1})
    assert desk.add(FIRST).status == 200

    assert [desk.add(FIRST).code, desk.add(SECOND).code] == list(codes)


def test_a_busy_session_may_say_first_what_it_does_not_have(desk_of: DeskOf) -> None:
    desk = desk_of(behaviour={"check_order": ("sources", "associated", "quotas", "status")})
    desk.add(FIRST)

    assert call(desk, "remove", [SECOND]).code == "ResourceNotAssociated.TrafficMirrorSource"


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (USUAL, "ResourceNotFound.NetworkInterface"),
        (USUAL[::-1], "QuotaExceeded.SourceNumPerSession"),
    ],
)
def test_a_creation_is_checked_in_the_same_order(
    desk_of: DeskOf, order: Sequence[str], code: str
) -> None:
    desk = desk_of(behaviour={"check_order": order}, limits={"sources_per_session": 0})

    assert create(desk, [NOBODY]).code == code


@pytest.mark.parametrize("order", [[], ["status"], [*USUAL, "status"], ["status"] * 4, ["colour"]])
def test_an_order_names_each_check_once(order: Sequence[str]) -> None:
    with pytest.raises(FleetError, match=r"^behaviour\.check_order"):
        read_fleet({"behaviour": {"check_order": order}})


def create(desk: Any, sources: Sequence[str], target: str = "lb-j6c00000000000000001") -> Any:
    return desk.call(
        "CreateTrafficMirrorSession",
        TrafficMirrorSourceIds=sources,
        TrafficMirrorTargetId=target,
        TrafficMirrorTargetType="SLB" if target.startswith("lb-") else "NetworkInterface",
        TrafficMirrorFilterId="tmf-j6c00000000000000001",
        Priority=77,
    )


def test_the_good_sources_of_a_call_may_be_taken_alone(desk_of: DeskOf) -> None:
    desk = desk_of(behaviour={"bad_sources": "leave_out"}, limits=SEVERAL)
    assert call(desk, "add", [NOBODY, FIRST, SECOND]).status == 200
    desk.advance(3)
    assert desk.session() == ("Created", [FIRST, SECOND])

    assert call(desk, "add", [FIRST, THIRD]).status == 200
    desk.advance(3)
    assert desk.session() == ("Created", [FIRST, SECOND, THIRD])

    assert call(desk, "remove", [NOBODY, SECOND]).status == 200
    desk.advance(3)
    assert desk.session() == ("Created", [FIRST, THIRD])


def test_as_many_are_taken_as_there_is_room_for(desk_of: DeskOf) -> None:
    limits = {**SEVERAL, "sources_per_session": 2}
    desk = desk_of(behaviour={"bad_sources": "leave_out"}, limits=limits)

    assert call(desk, "add", [FIRST, SECOND, THIRD]).status == 200
    desk.advance(3)
    assert desk.session() == ("Created", [FIRST, SECOND])


def test_where_none_is_good_the_first_error_is_the_answer(desk_of: DeskOf) -> None:
    limits = {**SEVERAL, "sources_per_session": 0}
    desk = desk_of(behaviour={"bad_sources": "leave_out"}, limits=limits)

    assert call(desk, "add", [NOBODY, FIRST]).code == "ResourceNotFound.NetworkInterface"
    assert call(desk, "add", [FIRST, NOBODY]).code == "QuotaExceeded.SourceNumPerSession"
    assert desk.session() == ("Created", [])


def test_a_session_may_be_created_with_its_good_sources_alone(desk_of: DeskOf) -> None:
    desk = desk_of(behaviour={"bad_sources": "leave_out"})
    made = create(desk, [FIRST, NOBODY, SECOND], target=SECOND)
    desk.advance(3)

    assert desk.session(made.body["TrafficMirrorSessionId"]) == ("Created", [FIRST])


def test_a_dry_run_is_one_where_a_good_source_is_among_them(desk_of: DeskOf) -> None:
    desk = desk_of(behaviour={"bad_sources": "leave_out"}, limits=SEVERAL)

    assert call(desk, "add", [NOBODY, FIRST], DryRun=True).code == "DryRunOperation"
