"""A client token stands for one effect and one answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

INTERFACE = "eni-j6c000000000000001"
OTHER_INTERFACE = "eni-j6c000000000000002"
DeskOf = Callable[..., Any]


def test_the_same_call_again_gets_the_first_answer_and_no_second_effect(desk: Any) -> None:
    first = desk.add(ClientToken="token")
    while_busy = desk.add(ClientToken="token")
    desk.advance(3)
    settled = desk.add(ClientToken="token")

    assert first.status == while_busy.status == settled.status == 200
    assert first.body == while_busy.body == settled.body
    assert desk.session() == ("Created", [INTERFACE])


def test_the_same_token_for_something_else_is_a_mismatch(desk: Any) -> None:
    desk.add(ClientToken="token")
    said = desk.add(OTHER_INTERFACE, ClientToken="token")

    assert (said.status, said.code) == (400, "IdempotentParameterMismatch")


def test_without_a_token_the_same_call_is_another_one(desk: Any) -> None:
    desk.add()
    desk.advance(3)

    assert desk.add().code == "ResourceAlreadyAssociated.TrafficMirrorSource"


def test_a_token_is_forgotten_after_its_time(desk_of: DeskOf) -> None:
    desk = desk_of(behaviour={"token_ttl_s": 60})
    desk.add(ClientToken="token")
    desk.advance(60)

    assert desk.add(ClientToken="token").code == "ResourceAlreadyAssociated.TrafficMirrorSource"


def test_a_dry_run_changes_nothing_and_does_not_use_up_the_token(desk: Any) -> None:
    said = desk.add(ClientToken="token", DryRun=True)
    assert (said.status, said.code) == (400, "DryRunOperation")
    assert desk.session() == ("Created", [])
    assert desk.add(ClientToken="token").status == 200


def test_a_failure_is_forgotten_unless_the_fleet_says_otherwise(desk: Any) -> None:
    desk.add(OTHER_INTERFACE)
    assert desk.add(ClientToken="token").code == "IncorrectStatus.TrafficMirrorSession"
    desk.advance(3)

    assert desk.add(ClientToken="token").status == 200


def test_a_remembered_failure_is_answered_again(desk_of: DeskOf) -> None:
    desk = desk_of(behaviour={"remember_failures": True})
    desk.add(OTHER_INTERFACE)
    first = desk.add(ClientToken="token")
    desk.advance(3)
    second = desk.add(ClientToken="token")

    assert first.code == "IncorrectStatus.TrafficMirrorSession"
    assert (second.status, second.body) == (400, first.body)
    assert desk.add(ClientToken="another").status == 200


@pytest.mark.parametrize(
    ("code", "status"),
    [("OperationFailed.LastTokenProcessing", 400), ("LastTokenProcessing", 403)],
)
def test_a_token_in_flight_is_refused_until_its_call_is_over(
    desk_of: DeskOf, code: str, status: int
) -> None:
    desk = desk_of(behaviour={"in_flight_code": code})
    desk.cloud.faults.replace([{"action": "Add*", "when": {"next": 1}, "do": {"delay_s": 2}}])
    first = desk.add(ClientToken="token")
    assert (first.status, first.delay_s) == (200, 2)

    again = desk.add(ClientToken="token")
    assert (again.status, again.code) == (status, code)
    desk.advance(2)
    assert desk.add(ClientToken="token").body == first.body


@pytest.mark.parametrize("token", ["t" * 65, "tökén"])
def test_a_token_is_at_most_64_ascii_characters(desk: Any, token: str) -> None:
    said = desk.add(ClientToken=token)

    assert (said.status, said.code) == (400, "IllegalParam.ClientToken")


def test_a_token_of_64_characters_will_do(desk: Any) -> None:
    assert desk.add(ClientToken="t" * 64).status == 200


def test_a_lost_answer_is_remembered_like_any_other(desk: Any) -> None:
    desk.cloud.faults.replace([{"action": "Add*", "when": {"next": 1}, "do": {"reset": "after"}}])
    assert desk.add(ClientToken="token").status is None
    desk.advance(3)

    assert desk.add(ClientToken="token").status == 200
    assert desk.session() == ("Created", [INTERFACE])
