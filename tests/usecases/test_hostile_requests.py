"""Requests that somebody wrote by hand, badly or in bad faith: answered, and nothing is harmed."""

from __future__ import annotations

from typing import Any

import pytest

from evermirror.policy import Policy, Pool
from tests.worlds import a_session, eni, tms

from .conftest import Serve
from .writers import Writer, signed

REMOVE = "RemoveSourcesFromTrafficMirrorSession"
DESCRIBE = "DescribeNetworkInterfaces"
LIST = "ListTrafficMirrorSessions"
NOTHING = '{"RequestId":"R","NextToken":"","NetworkInterfaceSets":{"NetworkInterfaceSet":[]}}'


def a_request(*numbers: int, **more: Any) -> dict[str, Any]:
    """What mirror and the sweep could ask for as well, who sign."""
    return signed(
        {
            "request": 1,
            "cause": {"source": "by-hand", "id": "1"},
            "network_interface_ids": [eni(n) for n in numbers],
            **more,
        }
    )


def told(writer: Writer, *requests: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(one["outcome"], one["reason"]) for one in writer.outcomes(*requests)]


@pytest.mark.parametrize("at", [1e300, -1e300, 253_402_300_800.0, -1e12, 1e308])
def test_a_time_that_no_calendar_has_is_refused_by_its_key(serve: Serve, at: float) -> None:
    world = serve([1, 2], [1])
    tampering = {"actor": "mallory", "action": REMOVE, "at": at}
    asked = a_request(1, purpose="heal", session_id=tms(1), tampering=tampering)

    refused, neighbour = world.writer().healing().outcomes(asked, a_request(2))

    assert (refused["outcome"], refused["reason"]) == ("rejected", "invalid_event")
    assert "tampering.at is wrong" in refused["remedy"]
    assert neighbour["outcome"] == "mirrored"


@pytest.mark.parametrize("key", ["first_seen", "occurred_at"])
@pytest.mark.parametrize("at", [1.7e308, -1.7e308, 0.0])
def test_times_beyond_all_measure_cost_no_answer(serve: Serve, key: str, at: float) -> None:
    world = serve([1], [1])

    assert told(world.writer(), a_request(1, **{key: at})) == [("mirrored", None)]


@pytest.mark.parametrize("text", ["\ud800", "a\x00b", "\u202e" * 256])
def test_an_actor_of_any_letters_is_told_or_refused_and_hurts_nobody(
    serve: Serve, text: str
) -> None:
    world = serve([1, 2], [1])
    tampering = {"actor": text, "action": text}

    outcomes = (
        world.writer()
        .healing()
        .outcomes(
            a_request(1, purpose="heal", session_id=tms(1), tampering=tampering), a_request(2)
        )
    )

    assert {one["network_interface_id"]: one["outcome"] for one in outcomes}[eni(2)] == "mirrored"


def test_where_a_second_read_suddenly_shows_nothing_no_source_is_removed(serve: Serve) -> None:
    sessions = [a_session(n, *range(n * 10, n * 10 + 10)) for n in range(1, 14)]
    world = serve([1, *range(10, 140)], sessions)
    world.cloud.set_faults(
        [{"action": DESCRIBE, "when": {"every": 3}, "do": {"body": NOTHING, "status": 200}}]
    )
    asked = [
        a_request(*range(n * 10, n * 10 + 10), purpose="reclaim", session_id=tms(n))
        for n in range(1, 14)
    ]

    outcomes = world.writer().reclaiming().outcomes(*asked)

    assert world.cloud.journal(REMOVE) == []
    assert {one["outcome"] for one in outcomes} <= {"skipped", "deferred"}


def test_a_session_outside_the_policy_is_neither_emptied_nor_switched_on(serve: Serve) -> None:
    world = serve([1, 2], [a_session(1, 1), a_session(2, 2, 99, enabled=False)])
    policy = Policy({"all": Pool("all", (tms(1),))}, (), None)
    tampering = {"actor": "m", "action": "UpdateTrafficMirrorSessionAttribute Enabled=false"}
    heal = {**a_request(), "purpose": "heal", "session_id": tms(2), "tampering": tampering}
    del heal["network_interface_ids"]

    world.writer(policy).healing().outcomes(signed(heal))
    world.writer(policy).reclaiming().outcomes(
        a_request(2, 99, purpose="reclaim", session_id=tms(2))
    )

    assert [s["enabled"] for s in world.cloud.state()["sessions"]] == [True, False]
    assert world.sources(2)[0] == [eni(2), eni(99)]
