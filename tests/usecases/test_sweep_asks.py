"""The sweep has mirror ask the service about gaps, and calls impossible what never can be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evermirror.policy import Policy, Pool, compile_policy
from evermirror.reconcile.sweep import Sweep
from evermirror.settings import Mode
from tests.worlds import a_session, an_interface, eni, instance, tms

from .conftest import Serve, Sweeping
from .sweeping import Sweeper
from .writers import World

REFUSED = "instance_type_not_supported"


def hosts(most: int, *unsupported: int) -> list[dict[str, Any]]:
    """So many instances, these of them of a type that cannot be mirrored."""
    usual = {"type": "ecs.g7.large"}
    unfit = {"type": "ecs.t1.small", "supports_mirror": False}
    return [
        {"id": instance(number), **(unfit if number in unsupported else usual)}
        for number in range(1, most + 1)
    ]


def changes(world: World) -> list[dict[str, Any]]:
    return [one for one in world.adds() if one["parameters"].get("DryRun") != "true"]


def asking(sweeper: Sweeper, world: World) -> Sweeper:
    """Lets the sweep ask a mirror that has the sweep's own policy."""
    sweep: Sweep = sweeper.sweep
    sweeper.kept.answers = world.writer(sweep.policy).deliver_bytes
    return sweeper


def asked_about(sweeper: Sweeper) -> list[list[str]]:
    return [
        [one for request in json.loads(payload) for one in request["network_interface_ids"]]
        for payload in sweeper.kept.questions
    ]


def test_a_type_that_cannot_be_mirrored_is_impossible_and_rings_no_alarm(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1, 2, 3], [a_session(1, 1), 2], instances=hosts(3, 2))
    sweeper = asking(sweeping(world), world)

    found = sweeper.tick()

    assert (found["impossible"], found["missing"]) == ({REFUSED: 1}, 1)
    assert found["listed"]["impossible"] == [eni(2)]
    rule = "{name: cannot be mirrored, match: {instance_family: ecs.t1}, never: true}"
    assert any(rule in remedy for remedy in found["remedies"])
    (wanted,) = [json.loads(payload) for payload in sweeper.asked]
    assert [one["network_interface_ids"] for one in wanted] == [[eni(3)]]
    assert changes(world) == []

    world.writer().deliver_bytes(sweeper.asked[0])
    after = sweeper.tick("2026-01-02T00:15:00Z")
    assert (after["missing"], after["oldest_gap_s"]) == (0, None)
    assert (after["impossible"], after["status"]) == ({REFUSED: 1}, "gaps")
    assert asked_about(sweeper) == [[eni(2), eni(3)]]


def test_the_rule_that_the_remedy_names_ends_it(serve: Serve, sweeping: Sweeping) -> None:
    world = serve([1, 2], [a_session(1, 1)], instances=hosts(2, 2))
    rule = {"name": "no", "match": {"instance_family": "ecs.t1"}, "never": True}
    policy = compile_policy(
        {"version": 1, "pools": {"all": {"sessions": [tms(1)]}}, "rules": [rule],
         "default": {"pool": "all"}}
    )  # fmt: skip

    assert sweeping(world, policy=policy).tick()["status"] == "full"


def test_an_event_that_came_and_was_refused_makes_no_event_source_silent(
    serve: Serve, sweeping: Sweeping
) -> None:
    at = "2026-01-02T00:00:00Z"
    young = [an_interface(number, created=at) for number in (2, 3)]
    world = serve([1, *young], [a_session(1, 1)], time=1_767_312_005.0, instances=hosts(3, 2, 3))
    world.clock.sleep(400)

    blind = sweeping(world).tick()
    seeing = asking(sweeping(world), world).tick()

    assert (blind["missing"], blind["event_source_silent"]) == (2, False)
    assert (seeing["impossible"], seeing["event_source_silent"]) == ({REFUSED: 2}, False)


def test_of_what_could_have_been_mirrored_the_events_are_still_missed(
    serve: Serve, sweeping: Sweeping
) -> None:
    young = [an_interface(number, created="2026-01-02T00:00:00Z") for number in (2, 3)]
    world = serve([1, *young], [a_session(1, 1)], time=1_767_312_005.0, instances=hosts(3, 2))
    world.clock.sleep(400)

    found = asking(sweeping(world), world).tick()

    assert (found["event_source_silent"], found["listed"]["silent"]) == (True, [eni(3)])


def test_twenty_gaps_are_asked_about_each_time_in_turn(serve: Serve, sweeping: Sweeping) -> None:
    world = serve([*range(1, 51)], [a_session(1, 1)], instances=hosts(50, *range(2, 51)))
    sweeper = asking(sweeping(world), world)

    found = [sweeper.tick(f"2026-01-02T00:{minute:02}:00Z") for minute in (0, 15, 30, 45)]

    assert [one["impossible"].get(REFUSED) for one in found] == [20, 40, 49, 49]
    assert [one["missing"] for one in found] == [29, 9, 0, 0]
    assert sorted(i for some in asked_about(sweeper) for i in some) == [
        eni(number) for number in range(2, 51)
    ]


def test_gaps_that_could_be_closed_and_stay_are_asked_about_in_turn(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([*range(1, 46)], [1, 2, 3, 4, 5])
    sweeper = asking(sweeping(world), world)

    for minute in (0, 15, 30):
        sweeper.tick(f"2026-01-02T00:{minute:02}:00Z")

    assert {i for some in asked_about(sweeper) for i in some} == {eni(n) for n in range(1, 46)}


def test_after_a_restart_another_twenty_are_asked_about(serve: Serve, sweeping: Sweeping) -> None:
    world = serve([*range(1, 51)], [a_session(1, 1)], instances=hosts(50, *range(2, 51)))
    asked: set[str] = set()

    for minute in (0, 15, 30):
        sweeper = asking(sweeping(world), world)
        sweeper.tick(f"2026-01-02T00:{minute:02}:00Z")
        asked.update(*asked_about(sweeper))

    assert len(asked) >= 49


def test_what_was_refused_is_asked_again_after_a_day_and_when_its_type_changes(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1, 2, 3], [a_session(1, 1)], instances=hosts(3, 2, 3))
    sweeper = asking(sweeping(world), world)
    sweeper.tick()

    state = world.cloud.state()
    (other,) = [one for one in state["instances"] if one["id"] == instance(3)]
    other.update(type="ecs.g7.large", supports_mirror=True)
    world.cloud.load(state)
    changed = sweeper.tick("2026-01-02T00:15:00Z")
    world.clock.sleep(86_400)
    sweeper.tick("2026-01-03T00:15:00Z")

    assert (changed["impossible"], changed["missing"]) == ({REFUSED: 1}, 1)
    assert asked_about(sweeper) == [[eni(2), eni(3)], [eni(3)], [eni(2), eni(3)]]


def test_where_mirror_cannot_be_asked_the_gap_stays_and_the_sweep_goes_on(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1, 2], [a_session(1, 1)], instances=hosts(3, 2))

    busy = sweeping(world)
    nonsense = sweeping(world)
    nonsense.kept.answers = lambda _payload: {"outcomes": [7]}
    for sweeper in (busy, nonsense):
        found = sweeper.tick()
        assert (found["missing"], found["impossible"], found["asked"]) == (1, {}, 1)
        assert "mirror could not be asked about gaps" in sweeper.lines.getvalue()


def test_a_question_changes_nothing_and_is_told_to_nobody_else(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1, 2], [a_session(1, 1)], instances=hosts(3, 2))
    sweeper = sweeping(world)
    writer = world.writer()
    sweeper.kept.answers = writer.deliver_bytes

    sweeper.tick()

    assert (writer.kept.invocations, changes(world)) == ([], [])
    assert "outcome" not in [
        json.loads(line)["message"] for line in writer.lines.getvalue().splitlines()
    ]


@pytest.mark.parametrize("mode", [Mode.OBSERVE, Mode.PAUSED])
def test_nothing_is_tried_where_nothing_is_to_be_done(
    serve: Serve, sweeping: Sweeping, mode: Mode
) -> None:
    world = serve([1, 2], [a_session(1, 1)], instances=hosts(2, 2))

    found = asking(sweeping(world), world).changed(mode=mode).tick()

    assert (found["impossible"], found["missing"], world.adds()) == ({}, 1, [])


def test_a_full_pool_is_no_type(serve: Serve, sweeping: Sweeping) -> None:
    world = serve([*range(1, 13)], [a_session(1, *range(1, 11))])
    policy = Policy(pools={"all": Pool("all", (tms(1),))}, default="all")
    sweeper = asking(sweeping(world, policy=policy), world)

    found = sweeper.tick()

    assert REFUSED not in found["impossible"]
