"""What is known of an interface and of its instance is read again before it decides a change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from evermirror.engine.observe import IDS_A_CALL
from evermirror.policy import compile_policy
from tests.worlds import a_session, an_interface, attached, eni, instance, tms

from .conftest import Serve
from .growing_pools import CREATE, FILTER
from .writers import World

SENSOR = {"role": "sensor"}
POLICY = compile_policy(
    {
        "version": 1,
        "pools": {"ids": {"sessions": [tms(1)], "sensors": {"instance_tags": SENSOR}}},
        "default": {"pool": "ids"},
    }
)
TO_OTHERS = [{"match": {"tags": {"pool": "others"}}, "pool": "others"}]
TWO_POOLS = compile_policy(
    {
        "version": 1,
        "pools": {"ids": {"sessions": [tms(1)]}, "others": {"sessions": [tms(2)]}},
        "rules": TO_OTHERS,
        "default": {"pool": "ids"},
    }
)
ADD = "AddSourcesToTrafficMirrorSession"
State = dict[str, Any]


def move_to_the_sensor(state: State) -> None:
    (moved,) = (one for one in state["network_interfaces"] if one["id"] == eni(2))
    moved["instance"] = instance(3)


def make_its_instance_a_sensor(state: State) -> None:
    (retagged,) = (one for one in state["instances"] if one["id"] == instance(2))
    retagged["tags"] = SENSOR


def retag(world: World) -> None:
    """The first interface is to go to the other pool."""
    state = world.cloud.state()
    state["network_interfaces"][0]["tags"] = {"pool": "others"}
    world.cloud.load(state)


@pytest.mark.parametrize("change", [move_to_the_sensor, make_its_instance_a_sensor])
def test_what_becomes_a_sensors_while_it_waits_for_a_busy_session_is_not_mirrored(
    serve: Serve, change: Callable[[State], None]
) -> None:
    busy = a_session(1, status="Modifying", change={"remaining_s": 17.0})
    world = serve([1, an_interface(2, type="Secondary"), 3], [busy])
    state = world.cloud.state()
    state["instances"][2]["tags"] = SENSOR
    world.cloud.load(state)

    def happen() -> None:
        state = world.cloud.state()
        change(state)
        world.cloud.load(state)

    told = world.writer(POLICY).before("list_sessions", 2, happen).outcome(attached(2))

    assert (told["outcome"], told["reason"]) == ("skipped", "sensor")
    assert world.adds() == []


def test_who_takes_the_place_of_others_that_became_a_sensors_is_read_before_it_is_mirrored(
    serve: Serve,
) -> None:
    """One call reads a hundred interfaces; the last of these are not among them."""
    waiting = range(1, IDS_A_CALL + 3)
    sensor = IDS_A_CALL + 3
    busy = a_session(1, status="Modifying", change={"remaining_s": 17.0})
    world = serve([*(an_interface(n, type="Secondary") for n in waiting), sensor], [busy])
    state = world.cloud.state()
    (last,) = (one for one in state["instances"] if one["id"] == instance(sensor))
    last["tags"] = SENSOR
    world.cloud.load(state)

    def happen() -> None:
        state = world.cloud.state()
        for one in state["network_interfaces"]:
            one["instance"] = instance(sensor)
        world.cloud.load(state)

    writer = world.writer(POLICY).before("list_sessions", 2, happen)
    told = writer.outcomes(*map(attached, waiting))

    assert {(one["outcome"], one["reason"]) for one in told} == {("skipped", "sensor")}
    assert world.adds() == []


def test_what_waits_and_stays_as_it_is_costs_one_more_look_at_it(serve: Serve) -> None:
    busy = a_session(1, status="Modifying", change={"remaining_s": 17.0})
    world = serve([1], [busy])

    told = world.writer(POLICY).outcome(attached(1))

    assert told["outcome"] == "mirrored"
    assert len(world.cloud.journal("DescribeNetworkInterfaces")) == 2
    assert len(world.cloud.journal("DescribeInstances")) == 2


def test_what_moves_to_another_pool_while_it_waits_is_placed_there_once_that_is_seen(
    serve: Serve,
) -> None:
    """Of the other pool's sessions the look in which it turns out shows nothing."""
    busy = a_session(1, status="Modifying", change={"remaining_s": 17.0})
    world = serve([1], [busy, 2])

    told = (
        world.writer(TWO_POOLS)
        .before("list_sessions", 2, lambda: retag(world))
        .outcome(attached(1))
    )

    assert (told["outcome"], told["pool"], told["session_id"]) == ("mirrored", "others", tms(2))
    assert world.placements() == {eni(1): [tms(2)]}


@pytest.mark.parametrize(
    "trouble",
    [
        {"when": {"next": 1}, "do": {"background_failure": True}},
        {"when": {"next": 4}, "do": {"error": "InternalError", "status": 500}},
    ],
)
def test_what_moves_to_another_pool_is_not_asked_for_again_where_it_was_wanted_before(
    serve: Serve, trouble: State
) -> None:
    """What became of the first Add is not known, or nothing: that binds it to its pool no more."""
    world = serve([1], [1, 2])
    world.cloud.set_faults([{"action": ADD, **trouble}])

    told = (
        world.writer(TWO_POOLS)
        .before("list_sessions", 2, lambda: retag(world))
        .outcome(attached(1))
    )

    assert (told["outcome"], told["pool"], told["session_id"]) == ("mirrored", "others", tms(2))
    assert world.placements() == {eni(1): [tms(2)]}


def test_what_moves_to_another_pool_does_not_wait_for_a_session_that_was_to_be_made(
    serve: Serve,
) -> None:
    grow = {
        "filter": FILTER,
        "targets": [{"id": "lb-j6c00000000000000001", "type": "SLB"}],
        "priorities": [1000, 1020],
        "max_sessions": 3,
    }
    grown = {"grow": grow, "sensors": {"instance_tags": SENSOR}}
    policy = compile_policy(
        {
            "version": 1,
            "pools": {"grown": grown, "others": {"sessions": [tms(2)]}},
            "rules": TO_OTHERS,
            "default": {"pool": "grown"},
        }
    )
    world = serve([1], [2])
    internal = {"error": "InternalError", "status": 500}
    world.cloud.set_faults([{"action": CREATE, "when": {"next": 4}, "do": internal}])
    writer = world.writer(policy, allow_growth=True)

    told = writer.before("create_session", 2, lambda: retag(world)).outcome(attached(1))

    assert (told["outcome"], told["pool"], told["session_id"]) == ("mirrored", "others", tms(2))
    assert world.placements() == {eni(1): [tms(2)]}
