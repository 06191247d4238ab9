"""What can go wrong between mirror and the cloud, and what must hold all the same."""

from __future__ import annotations

import json

import pytest

from evermirror.policy import Policy, Pool
from tests.worlds import a_session, attached, eni, tms

from .conftest import Serve

ADD = "AddSourcesToTrafficMirrorSession"
LIST = "ListTrafficMirrorSessions"


def test_twelve_interfaces_fill_a_session_of_ten_and_spill_into_the_next(serve: Serve) -> None:
    world = serve(list(range(1, 13)), [1, 2])

    told = world.writer().outcomes(*[attached(n) for n in range(1, 13)])

    assert [one["outcome"] for one in told] == ["mirrored"] * 12
    placements = world.placements()
    assert sorted(placements) == [eni(n) for n in range(1, 13)]
    assert all(len(sessions) == 1 for sessions in placements.values())
    assert all(len(sources) <= 10 for sources in world.sources())


def test_an_interface_whose_first_session_is_full_goes_to_the_next_in_its_order(
    serve: Serve,
) -> None:
    world = serve([1], [a_session(1, *range(101, 111)), 2])

    told = world.writer().outcome(attached(1))

    assert (told["outcome"], told["session_id"]) == ("mirrored", tms(2))


def test_a_busy_session_is_waited_for_not_skipped(serve: Serve) -> None:
    other = serve([1], [1, 2])
    chosen = other.writer().outcome(attached(1))["session_id"]
    number = 1 if chosen == tms(1) else 2
    busy = a_session(number, status="Modifying", change={"remaining_s": 8.0})
    world = serve([1], [busy, 3 - number])

    told = world.writer().outcome(attached(1))

    assert (told["outcome"], told["session_id"]) == ("mirrored", chosen)
    assert world.placements() == {eni(1): [chosen]}


def test_an_answer_lost_after_the_change_was_made_is_asked_for_with_the_same_token(
    serve: Serve,
) -> None:
    world = serve([1], [1, 2])
    world.cloud.set_faults([{"action": ADD, "when": {"next": 1}, "do": {"reset": "after"}}])

    told = world.writer().outcome(attached(1))

    assert told["outcome"] == "mirrored"
    assert len({add["parameters"]["ClientToken"] for add in world.adds()}) == 1
    assert world.placements() == {eni(1): [told["session_id"]]}


def test_a_stale_list_after_a_lost_answer_does_not_double_the_interface(serve: Serve) -> None:
    world = serve([1], [1, 2, 3])
    world.cloud.set_faults(
        [
            {"action": ADD, "when": {"next": 1}, "do": {"reset": "after"}},
            {"action": LIST, "when": {"between_s": [0, 9]}, "do": {"stale_s": 9}},
        ]
    )

    told = world.writer().outcome(attached(1))

    assert told["outcome"] == "mirrored"
    assert world.placements() == {eni(1): [told["session_id"]]}


def test_a_list_that_is_always_a_little_stale_only_delays(serve: Serve) -> None:
    world = serve([1, 2, 3], [1, 2], behaviour={"stale_list_s": 5})

    told = world.writer().outcomes(*[attached(n) for n in (1, 2, 3)])

    assert [one["outcome"] for one in told] == ["mirrored"] * 3
    assert [len(sessions) for sessions in world.placements().values()] == [1, 1, 1]


def test_a_throttled_call_is_made_again_when_the_service_says(serve: Serve) -> None:
    world = serve([1], [1, 2])
    throttled = {"throttle": True, "retry_after_ms": 5000}
    world.cloud.set_faults([{"action": ADD, "when": {"next": 2}, "do": throttled}])
    writer = world.writer()

    told = writer.outcome(attached(1))

    assert told["outcome"] == "mirrored"
    assert all(seconds >= 5.0 for seconds in writer.clock.slept[:2])
    assert len(set(writer.clock.slept[:2])) == 2
    assert world.placements() == {eni(1): [told["session_id"]]}


def test_a_throttle_stops_the_rest_of_a_round(serve: Serve) -> None:
    world = serve(list(range(1, 41)), list(range(1, 41)))
    throttled = {"throttle": True, "retry_after_ms": 4000}
    world.cloud.set_faults([{"action": ADD, "when": {"next": 100}, "do": throttled}])
    writer = world.writer()

    answer = writer.deliver(*[attached(n) for n in range(1, 41)], timeout_s=50)

    assert answer["handed_over"] == 40
    # Four workers may each have sent one call before the first was answered.
    assert len(world.adds()) <= 4 * len(writer.clock.slept)
    assert writer.clock.slept[0] >= 4.0


@pytest.mark.parametrize("action", [LIST, "DescribeNetworkInterfaces"])
@pytest.mark.parametrize(
    "trouble",
    [
        {"throttle": True, "retry_after_ms": 500},
        {"error": "ServiceUnavailable", "status": 503},
        {"reset": "before"},
        {"truncate": 20},
        {"body": "not json", "status": 502},
    ],
    ids=["throttled", "unavailable", "reset", "truncated", "not json"],
)
def test_a_read_that_fails_is_read_again_and_nothing_is_decided_without_it(
    serve: Serve, action: str, trouble: dict[str, object]
) -> None:
    world = serve([1], [1, 2])
    world.cloud.set_faults([{"action": action, "when": {"next": 2}, "do": trouble}])

    told = world.writer().outcome(attached(1))

    assert told["outcome"] == "mirrored"
    assert len(world.adds()) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        {"error": "InternalError", "status": 500},
        {"reset": "before"},
        {"reset": "after"},
        {"truncate": 20},
        {"body": "not json", "status": 502},
        {"body": "<html>", "status": 200},
    ],
    ids=["500", "reset before", "reset after", "truncated", "not json", "html"],
)
def test_an_add_with_an_unknown_outcome_ends_in_one_place(
    serve: Serve, trouble: dict[str, object]
) -> None:
    world = serve([1], [1, 2, 3])
    world.cloud.set_faults([{"action": ADD, "when": {"next": 2}, "do": trouble}])

    told = world.writer().outcome(attached(1))

    assert told["outcome"] == "mirrored"
    assert world.placements() == {eni(1): [told["session_id"]]}


def test_a_change_that_fails_in_the_background_is_made_again(serve: Serve) -> None:
    world = serve([1], [1, 2])
    fails = {"background_failure": True}
    world.cloud.set_faults([{"action": ADD, "when": {"next": 1}, "do": fails}])

    told = world.writer().outcome(attached(1))

    assert told["outcome"] == "mirrored"
    assert told["attempts"] == 2
    assert len({add["parameters"]["ClientToken"] for add in world.adds()}) == 2
    assert len({add["parameters"]["TrafficMirrorSessionId"] for add in world.adds()}) == 1
    assert world.placements() == {eni(1): [told["session_id"]]}


def test_a_change_that_always_fails_in_the_background_ends_unconfirmed(serve: Serve) -> None:
    world = serve([1], [1, 2])
    world.cloud.set_faults([{"action": ADD, "do": {"background_failure": True}}])

    told = world.writer().outcome(attached(1))

    assert (told["outcome"], told["reason"]) == ("unconfirmed", "without_effect")
    assert len(world.adds()) == 3
    assert world.placements() == {}


def test_a_remembered_success_for_a_source_that_was_removed_since_is_not_believed(
    serve: Serve,
) -> None:
    world = serve([1], [1])
    writer = world.writer()
    event = attached(1)
    first = writer.outcome(event)
    state = world.cloud.state()
    state["sessions"][0]["sources"] = []
    world.cloud.load(state)

    again = writer.outcome(event)

    assert (first["outcome"], again["outcome"]) == ("mirrored", "mirrored")
    assert again["attempts"] == 2
    assert world.placements() == {eni(1): [tms(1)]}


def test_a_session_of_the_policy_that_does_not_exist_is_shouted_about_and_passed(
    serve: Serve,
) -> None:
    world = serve(list(range(1, 7)), [1])
    pool = Pool("all", (tms(1), tms(99)))
    writer = world.writer(Policy(pools={"all": pool}, default="all"))

    told = writer.outcomes(*[attached(n) for n in range(1, 7)])

    assert {(one["outcome"], one["session_id"]) for one in told} == {("mirrored", tms(1))}
    loud = [json.loads(line) for line in writer.lines.getvalue().splitlines() if "ERROR" in line]
    assert {(line["code"], line["session_id"]) for line in loud} == {
        ("ResourceNotFound.TrafficMirrorSession", tms(99))
    }
