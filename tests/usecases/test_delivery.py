"""However an event arrives, its interface is mirrored once and told about."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from tests.worlds import attached, eni, tms

from .conftest import Serve
from .writers import Outcome


def standing_for(outcomes: list[Outcome]) -> dict[str, set[tuple[object, ...]]]:
    """By outcome id, what it stands for: more than one thing would be a lie."""
    found: dict[str, set[tuple[object, ...]]] = {}
    for told in outcomes:
        covered = told["outcome"] in {"mirrored", "already_mirrored"}
        meaning = (
            told["cause"]["source"],
            told["cause"]["id"],
            told["network_interface_id"],
            "covered" if covered else told["outcome"],
        )
        found.setdefault(told["outcome_id"], set()).add(meaning)
    return found


def test_an_attached_interface_is_mirrored_within_six_calls(serve: Serve) -> None:
    world = serve([1], [1, 2])
    writer = world.writer()

    told = writer.outcome(attached(1))

    assert told["outcome"] == "mirrored"
    assert told["session_id"] in {tms(1), tms(2)}
    assert sum(writer.clock.slept) <= 4
    assert len(world.cloud.journal()) <= 6
    assert world.placements() == {eni(1): [told["session_id"]]}


def test_an_event_delivered_five_times_makes_one_change(serve: Serve) -> None:
    world = serve([1], [1, 2, 3])
    writer = world.writer()
    event = attached(1)

    told = [writer.outcome(event) for _ in range(5)]

    assert [one["outcome"] for one in told] == ["mirrored", *["already_mirrored"] * 4]
    assert len({one["outcome_id"] for one in told}) == 1
    assert len(world.adds()) == 1
    assert world.placements() == {eni(1): [told[0]["session_id"]]}


def test_an_event_five_times_in_one_batch_makes_one_change_and_one_outcome(serve: Serve) -> None:
    world = serve([1], [1, 2, 3])
    event = attached(1)

    told = world.writer().outcomes(*[event] * 5)

    assert [one["outcome"] for one in told] == ["mirrored"]
    assert len(world.adds()) == 1


def test_two_different_events_for_one_interface_make_one_change_and_two_outcomes(
    serve: Serve,
) -> None:
    world = serve([1], [1, 2, 3])
    one, other = attached(1, "event-a"), attached(1, "event-b")

    told = world.writer().outcomes(one, other)

    assert [outcome["outcome"] for outcome in told] == ["mirrored", "mirrored"]
    assert [outcome["cause"]["id"] for outcome in told] == ["event-a", "event-b"]
    assert all(len(meanings) == 1 for meanings in standing_for(told).values())
    assert len(standing_for(told)) == 2
    assert len(world.adds()) == 1


def test_two_different_events_one_after_the_other_make_one_change(serve: Serve) -> None:
    world = serve([1], [1, 2, 3])
    writer = world.writer()

    told = [writer.outcome(attached(1, name)) for name in ("event-a", "event-b")]

    assert [outcome["outcome"] for outcome in told] == ["mirrored", "already_mirrored"]
    assert len(standing_for(told)) == 2
    assert len(world.placements()[eni(1)]) == 1


def test_the_same_event_at_two_invocations_at_once_makes_one_change(serve: Serve) -> None:
    world = serve([1], [1, 2, 3])
    writers = [world.writer(), world.writer()]
    event = attached(1)

    with ThreadPoolExecutor(2) as threads:
        told = list(threads.map(lambda writer: writer.outcome(event), writers))

    assert {one["outcome"] for one in told} <= {"mirrored", "already_mirrored"}
    assert len({one["outcome_id"] for one in told}) == 1
    assert [len(sessions) for sessions in world.placements().values()] == [1]


def test_two_overlapping_writers_with_different_batches_lose_and_double_nothing(
    serve: Serve,
) -> None:
    world = serve(list(range(1, 25)), [1, 2, 3])
    first = [attached(n, f"first-{n}") for n in range(1, 17)]
    second = [attached(n, f"second-{n}") for n in range(9, 25)]

    with ThreadPoolExecutor(2) as threads:
        running = [threads.submit(world.writer().outcomes, *batch) for batch in (first, second)]
        told = [outcome for run in running for outcome in run.result()]

    placements = world.placements()
    assert sorted(placements) == [eni(n) for n in range(1, 25)]
    assert all(len(sessions) == 1 for sessions in placements.values())
    assert {one["outcome"] for one in told} <= {"mirrored", "already_mirrored"}
    assert all(len(meanings) == 1 for meanings in standing_for(told).values())
    assert len(standing_for(told)) == 32


def test_a_batch_with_poison_in_it_harms_no_neighbour(serve: Serve) -> None:
    world = serve([1, 2], [1])
    poison = attached(1)
    poison["data"] = {"eventName": "AttachNetworkInterface", "requestParameters": ["?"]}

    told = world.writer().outcomes(attached(1), poison, attached(2))

    assert sorted(one["outcome"] for one in told) == ["mirrored", "mirrored", "rejected"]
    assert sorted(world.placements()) == [eni(1), eni(2)]


def test_ten_thousand_empty_objects_in_a_message_harm_no_neighbour(serve: Serve) -> None:
    world = serve(list(range(1, 12)), [1, 2])
    poison = attached(11)
    poison["data"]["messageBody"] = json.dumps([{}] * 10_001)

    told = world.writer().outcomes(poison, *[attached(n, f"good-{n}") for n in range(1, 11)])

    assert sorted(world.placements()) == [eni(n) for n in range(1, 11)]
    assert sorted(one["outcome"] for one in told) == [*["mirrored"] * 10, "rejected"]


def test_an_ordinary_event_beside_nine_megabytes_of_others_is_mirrored(serve: Serve) -> None:
    world = serve([1, 2], [1])
    large = [attached(2, f"large-{n}") for n in range(190)]
    for event in large:
        event["data"]["additionalEventData"] = {"padding": "x" * 46_000}

    world.writer().deliver(attached(1), *large)

    assert sorted(world.placements()) == [eni(1), eni(2)]


def test_a_running_instance_brings_all_its_interfaces(serve: Serve) -> None:
    world = serve(
        [1, 2, {"id": eni(3), "instance": "i-j6c0000000000000001", "type": "Secondary"}], [1, 2]
    )
    event = attached(1)
    event["type"] = "ecs:Instance:StateChange"
    event["data"] = {
        "resourceId": "i-j6c0000000000000001",
        "resourceType": "ALIYUN::ECS::Instance",
        "state": "Running",
    }

    told = world.writer().outcomes(event)

    assert sorted(one["network_interface_id"] for one in told) == [eni(1), eni(3)]
    assert len(standing_for(told)) == 2
    assert sorted(world.placements()) == [eni(1), eni(3)]


def test_many_launches_at_once_are_looked_up_together(serve: Serve) -> None:
    world = serve(list(range(1, 31)), [1, 2, 3, 4, 5, 6])
    events = []
    for n in range(1, 31):
        event = attached(n)
        event["type"] = "ecs:Instance:StateChange"
        event["data"] = {"resourceId": f"i-j6c{n:016}", "state": "Running"}
        events.append(event)

    told = world.writer().outcomes(*events)

    assert [one["outcome"] for one in told] == ["mirrored"] * 30
    described = [call for call in world.cloud.journal() if call["product"] == "Ecs"]
    # Both once at first; and once more, in calls of a hundred, those that waited for a session.
    assert len(described) <= 4
    assert len(world.placements()) == 30
