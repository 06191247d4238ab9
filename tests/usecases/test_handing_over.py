"""What cannot be finished in time is handed on, and in the end left to the sweep."""

from __future__ import annotations

import json

import pytest

from tests.worlds import a_session, attached, eni, tms

from .conftest import Serve

ADD = "AddSourcesToTrafficMirrorSession"


def test_a_session_that_never_settles_is_handed_over_and_the_others_go_on(serve: Serve) -> None:
    stuck = a_session(1, status="Modifying")
    world = serve(list(range(1, 9)), [stuck, 2])
    writer = world.writer(doubt_bound_s=120.0)
    began = writer.clock.now()

    answers = [writer.deliver(*[attached(n, f"event-{n}") for n in range(1, 9)])]
    while writer.clock.now() - began < 180:
        payloads = [payload for _, payload, _ in writer.kept.invocations]
        writer.kept.invocations.clear()
        answers += [writer.deliver_bytes(payload) for payload in payloads]

    told = [one for answer in answers for one in answer["outcomes"]]
    assert {(one["outcome"], one["session_id"]) for one in told} == {("mirrored", tms(2))}
    assert answers[0]["handed_over"] == 8 > answers[-1]["handed_over"] == 8 - len(told)
    (_, payload, _) = writer.kept.invocations[-1]
    requests = json.loads(payload)
    handed = {i for request in requests for i in request["network_interface_ids"]}
    assert handed == {eni(n) for n in range(1, 9)} - {one["network_interface_id"] for one in told}
    assert {request["generation"] for request in requests} == {len(answers)}
    assert {request["cause"]["source"] for request in requests} == {"acs.ecs"}


def test_what_was_handed_over_says_the_same_thing_when_it_ends(serve: Serve) -> None:
    stuck = a_session(1, status="Modifying", change={"remaining_s": 40.0})
    world = serve([1], [stuck])
    writer = world.writer()
    event = attached(1, "event-1")

    first = writer.deliver(event)
    (_, payload, _) = writer.kept.invocations[0]
    second = writer.deliver_bytes(payload)

    assert (first["outcomes"], first["handed_over"]) == ([], 1)
    (told,) = second["outcomes"]
    assert told["outcome"] == "mirrored"
    assert told["cause"] == {"source": "acs.ecs", "id": "event-1"}
    assert writer.outcome(event)["outcome_id"] == told["outcome_id"]
    assert told["attached_to_mirrored_s"] >= 40


@pytest.mark.parametrize("generation", [20, 25])
def test_after_twenty_generations_what_still_waits_is_left_to_the_sweep(
    serve: Serve, generation: int
) -> None:
    world = serve([1], [a_session(1, status="Modifying")])
    writer = world.writer()
    request = {
        "request": 1,
        "cause": {"source": "acs.ecs", "id": "event-1"},
        "generation": generation,
        "first_seen": writer.clock.now() - 600,
        "network_interface_ids": [eni(1)],
    }

    answer = writer.deliver(request)

    assert answer["handed_over"] == 0
    (told,) = answer["outcomes"]
    assert (told["outcome"], told["reason"]) == ("deferred", "out_of_time")


def test_a_run_whose_time_is_nearly_up_begins_no_change(serve: Serve) -> None:
    world = serve([1], [1])

    answer = world.writer().deliver(attached(1), timeout_s=40)

    assert answer["handed_over"] == 1
    assert world.adds() == []
