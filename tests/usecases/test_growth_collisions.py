"""Two who make the same number make it once, and put nobody in twice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.worlds import a_session, attached, eni

from .conftest import Serve
from .growing_pools import CREATE, FILTER, FIRST_PRIORITY, grown, slbs, unseen, writer
from .writers import KilledError


def test_a_number_that_another_instance_has_made_is_adopted(serve: Serve) -> None:
    world = serve([1, 2, 3], [], slbs=slbs(1))
    with pytest.raises(KilledError):
        writer(world).dying_asleep().deliver(attached(3))
    unseen(world, 1)

    told = writer(world).outcomes(attached(1), attached(2))

    assert [one["outcome"] for one in told] == ["mirrored"] * 2
    assert grown(world) == {0: [eni(1), eni(2), eni(3)]}


def test_a_run_that_dies_between_create_and_confirmation_leaves_one_place(serve: Serve) -> None:
    world = serve(list(range(1, 13)), [], slbs=slbs(1))
    events = [attached(n) for n in range(1, 13)]
    with pytest.raises(KilledError):
        writer(world).dying_asleep().deliver(*events)
    unseen(world, 4)

    told = writer(world).outcomes(*reversed(events))

    assert {one["outcome"] for one in told} <= {"mirrored", "already_mirrored"}
    assert [len(sources) for _, sources in sorted(grown(world).items())] == [10, 2]
    assert all(len(places) == 1 for places in world.placements().values())


@pytest.mark.parametrize("token_remembered", [True, False])
def test_a_number_that_was_made_unseen_with_others_in_it_doubles_nobody(
    serve: Serve, token_remembered: bool
) -> None:
    behaviour = {} if token_remembered else {"token_ttl_s": 0}
    world = serve(list(range(1, 9)), [], slbs=slbs(1), behaviour=behaviour)
    with pytest.raises(KilledError):
        writer(world).dying_asleep().deliver(*[attached(n) for n in range(1, 6)])
    unseen(world, 6)

    told = writer(world).outcomes(*[attached(n) for n in range(4, 9)])

    assert {one["outcome"] for one in told} <= {"mirrored", "already_mirrored"}
    assert grown(world) == {0: [eni(n) for n in range(1, 9)]}


def test_a_strangers_priority_is_left_to_the_stranger(serve: Serve) -> None:
    stranger = a_session(1, 101, priority=FIRST_PRIORITY, name="big-0")
    world = serve([1], [stranger], slbs=slbs(1))

    told = writer(world).outcome(attached(1))

    assert told["outcome"] == "mirrored"
    assert grown(world) == {1: [eni(1)]}
    assert world.placements()[eni(101)] == ["tms-j6c00000000000000001"]


def test_however_many_strangers_stand_first_in_the_range_growth_passes_them_in_one_run(
    serve: Serve,
) -> None:
    other = {"id": "tmf-j6c00000000000000002", "rules": 1}
    strangers = [
        a_session(n, priority=FIRST_PRIORITY + n - 1, filter=other["id"]) for n in range(1, 31)
    ]
    world = serve([1], strangers, slbs=slbs(1), filters=[{"id": FILTER, "rules": 1}, other])
    began = world.clock.now()

    told = writer(world).outcome(attached(1))

    assert told["outcome"] == "mirrored"
    assert world.clock.now() - began <= 4
    assert grown(world)[30] == [eni(1)]
    assert len(world.cloud.journal(CREATE)) == 31


def test_strangers_with_the_filter_of_the_pool_are_seen_before_anything_is_tried(
    serve: Serve,
) -> None:
    strangers = [a_session(n, priority=FIRST_PRIORITY + n - 1) for n in range(1, 31)]
    world = serve([1], strangers, slbs=slbs(1))

    told = writer(world).outcome(attached(1))

    assert told["outcome"] == "mirrored"
    assert grown(world) == {30: [eni(1)]}
    assert len(world.cloud.journal(CREATE)) == 1


def test_a_collision_whose_holder_never_shows_is_waited_for(serve: Serve) -> None:
    world = serve([1], [], slbs=slbs(1))
    collision = {"error": "IllegalParam.Priority", "status": 400}
    world.cloud.set_faults([{"action": CREATE, "do": collision}])

    answer = writer(world).deliver(attached(1))

    assert (answer["outcomes"], answer["handed_over"]) == ([], 1)
    asked = world.cloud.journal(CREATE)
    assert {call["parameters"]["Priority"] for call in asked} == {str(FIRST_PRIORITY)}
    assert len(asked) <= 3


def test_a_collision_with_a_session_that_goes_is_over_when_it_is_gone(serve: Serve) -> None:
    world = serve([1], [], slbs=slbs(1))
    collision = {"error": "IllegalParam.Priority", "status": 400}
    world.cloud.set_faults([{"action": CREATE, "when": {"next": 1}, "do": collision}])

    told = writer(world).outcome(attached(1))

    assert told["outcome"] == "mirrored"
    assert grown(world) == {0: [eni(1)]}


@pytest.mark.parametrize("at", [1, 2, 3])
def test_two_writers_that_grow_an_empty_pool_at_once_put_nobody_in_twice(
    serve: Serve, at: int
) -> None:
    world = serve(list(range(1, 31)), [], slbs=slbs(1))
    other = writer(world)
    answers: list[dict[str, Any]] = []
    one = writer(world).before(
        "create_session",
        at,
        lambda: answers.append(other.deliver(*[attached(n) for n in range(11, 31)])),
    )

    answers.append(one.deliver(*[attached(n) for n in range(1, 26)]))

    assert len(answers) == 2
    assert sorted(world.placements()) == [eni(n) for n in range(1, 31)]
    assert all(len(places) == 1 for places in world.placements().values())
    assert all(len(sources) <= 10 for sources in grown(world).values())
