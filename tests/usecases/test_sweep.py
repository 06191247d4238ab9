"""The sweep finds what events missed, has mirror close it, and says how much is covered."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evermirror.errors import HandOverError, PublishError
from evermirror.policy import Policy, Pool, Rule
from evermirror.policy.matchers import Tagged
from evermirror.policy.sessions import Growth, Target
from evermirror.reconcile.sweep import Reach
from evermirror.settings import Mode
from tests.worlds import a_session, an_interface, eni, instance, tms

from .conftest import Serve, Sweeping
from .sweeping import LIMITS
from .writers import MIRROR, NOTIFY, World

LIST = "ListTrafficMirrorSessions"
DESCRIBE = "DescribeNetworkInterfaces"
BALANCER = "lb-j6c00000000000000001"
CHANGES = ("Add", "Remove", "Create", "Update", "Delete")
GOLDEN = sorted((Path(__file__).parents[2] / "events" / "reconcile").glob("*.json"))


def changes(world: World) -> list[dict[str, Any]]:
    return [entry for entry in world.cloud.journal() if entry["action"].startswith(CHANGES)]


def created(number: int, at: str) -> dict[str, Any]:
    return an_interface(number, created=at)


def test_what_events_missed_is_closed_by_the_sweep(serve: Serve, sweeping: Sweeping) -> None:
    world = serve([1, 2, 3], [a_session(1, 1), 2])
    sweeper = sweeping(world)

    before = sweeper.tick()
    (payload,) = sweeper.asked
    outcomes = world.writer().deliver_bytes(payload)["outcomes"]
    world.placements()
    after = sweeper.tick("2026-01-02T00:15:00Z")

    assert (before["status"], before["missing"], before["asked"]) == ("gaps", 2, 2)
    assert {(one["network_interface_id"], one["outcome"]) for one in outcomes} == {
        (eni(2), "mirrored"),
        (eni(3), "mirrored"),
    }
    cause = {"source": "evermirror.sweep", "id": "2026-01-02T00:00:00Z"}
    assert all(one["cause"] == cause for one in outcomes)
    assert (after["status"], after["share"], after["asked"]) == ("full", 1.0, 0)
    assert len(sweeper.asked) == 1


def test_the_oldest_are_asked_for_first_and_no_more_than_mirror_can_do(
    serve: Serve, sweeping: Sweeping
) -> None:
    ages = {n: f"2026-01-01T00:0{9 - n}:00Z" for n in range(1, 9)}
    world = serve([created(n, at) for n, at in ages.items()], [1])
    world.clock.sleep(3600)
    sweeper = sweeping(world).changed(reach=Reach(MIRROR, NOTIFY, 4))

    told = sweeper.tick()

    ((request,),) = (json.loads(payload) for payload in sweeper.asked)
    assert set(request["network_interface_ids"]) >= {eni(8), eni(7), eni(6)}
    assert (told["missing"], told["asked"]) == (8, 4)


def test_what_is_refused_for_ever_keeps_nothing_behind_it_from_being_asked_for(
    serve: Serve, sweeping: Sweeping
) -> None:
    refused = [created(n, "2026-01-01T00:00:00Z") for n in range(1, 5)]
    types = [{"id": instance(n), "supports_mirror": n == 5} for n in range(1, 6)]
    young = created(5, "2026-01-01T00:10:00Z")
    world = serve([*refused, young], [1], instances=types)
    sweeper = sweeping(world).changed(reach=Reach(MIRROR, NOTIFY, 4))

    for minute in (0, 15):
        sweeper.tick(f"2026-01-02T00:{minute:02}:00Z")
        for payload in sweeper.asked[-1:]:
            world.writer().deliver_bytes(payload)

    assert list(world.placements()) == [eni(5)]


def test_a_pool_that_may_grow_beside_its_own_sessions_is_asked_although_they_are_full(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1], [a_session(1, *range(101, 111))])
    growth = Growth("tmf-j6c00000000000000001", (Target(BALANCER, "SLB"),), 1000, 1009, 1, "big")
    policy = Policy({"big": Pool("big", (tms(1),), growth=growth)}, (), "big")
    sweeper = sweeping(world, policy=policy, limits=replace(LIMITS, allow_growth=True))

    told = sweeper.tick()

    assert (told["impossible"], told["missing"], told["asked"]) == ({}, 1, 1)


def test_a_wish_of_the_sweep_waits_for_doubt_from_when_mirror_hears_of_it(
    serve: Serve, sweeping: Sweeping
) -> None:
    """However long it took the sweep to read, and the request to be delivered."""
    world = serve([1], [1, a_session(2, status="Modifying")])
    sweeper = sweeping(world)
    sweeper.tick()
    world.clock.sleep(125)

    answer = world.writer().deliver_bytes(sweeper.asked[0])

    assert (answer["outcomes"], answer["handed_over"]) == ([], 1)
    assert world.adds() == []


def test_a_backlog_asked_for_twice_changes_nothing_more(serve: Serve, sweeping: Sweeping) -> None:
    world = serve([1, 2], [1, 2])
    sweeper = sweeping(world)
    sweeper.tick()
    sweeper.tick("2026-01-02T00:15:00Z")
    writer = world.writer()

    for payload in sweeper.asked:
        writer.deliver_bytes(payload)

    assert len(sweeper.asked) == 2
    assert len(world.adds()) == 2
    assert sorted(world.placements()) == [eni(1), eni(2)]


def test_the_same_tick_asks_under_the_same_id(serve: Serve, sweeping: Sweeping) -> None:
    world = serve([1], [1])
    sweeper = sweeping(world)

    sweeper.tick()
    sweeper.tick()

    ids = [name for arn, _, name in sweeper.kept.invocations if arn == MIRROR]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_a_fleet_of_many_pages_is_read_whole(serve: Serve, sweeping: Sweeping) -> None:
    world = serve([], [], fleet={"instances": 1_101, "sessions": 201})

    told = sweeping(world).tick()

    assert (told["eligible"], told["missing"], told["asked"]) == (1_101, 1_101, 500)
    assert len(world.cloud.journal(DESCRIBE)) == 3
    assert len(world.cloud.journal(LIST)) == 3


def test_instances_are_read_only_where_the_policy_asks_about_them(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1, 2], [1])
    rule = Rule("prod", Tagged(True, "env", frozenset({"prod"})), "all")
    asking = Policy(pools={"all": Pool("all", (tms(1),))}, rules=(rule,), default="all")

    sweeping(world).tick()
    assert world.cloud.journal("DescribeInstances") == []

    told = sweeping(world, policy=asking).tick()
    assert len(world.cloud.journal("DescribeInstances")) == 1
    assert told["missing"] == 2


# ---- modes, and telling ----


@pytest.mark.parametrize("mode", [Mode.OBSERVE, Mode.PAUSED])
def test_observing_and_paused_it_reports_and_asks_nothing(
    serve: Serve, sweeping: Sweeping, mode: Mode
) -> None:
    world = serve([1], [1])
    sweeper = sweeping(world).changed(mode=mode)

    told = sweeper.tick()

    assert (told["missing"], told["asked"], told["mode"]) == (1, 0, mode.value)
    assert sweeper.asked == []
    assert len(sweeper.logged()) == len(sweeper.told) == 1


def test_the_same_set_of_gaps_is_logged_and_published_every_time(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1, 2], [1])
    sweeper = sweeping(world).changed(mode=Mode.OBSERVE)

    for at in ("2026-01-02T00:00:00Z", "2026-01-02T00:15:00Z"):
        sweeper.tick(at)
        world.clock.sleep(900)

    assert len(sweeper.logged()) == 2
    first, second = (told["coverage"]["number"] for told in sweeper.told)
    assert first < second
    assert len({name for _, _, name in sweeper.kept.invocations}) == 2


def test_a_mirror_that_cannot_be_asked_fails_the_sweep_after_it_told_what_it_found(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1], [1])
    sweeper = sweeping(world)
    sweeper.kept.refuses = True

    with pytest.raises(HandOverError):
        sweeper.tick()
    assert [line["asked"] for line in sweeper.logged()] == [0]

    with pytest.raises(PublishError):
        sweeper.changed(mode=Mode.OBSERVE).tick()


def test_without_a_mirror_to_ask_the_sweep_only_reports(serve: Serve, sweeping: Sweeping) -> None:
    world = serve([1], [1])

    told = sweeping(world).changed(reach=Reach(None, None, 500)).tick()

    assert (told["missing"], told["asked"]) == (1, 0)


def test_the_ceiling_holds_on_sweeps(serve: Serve, sweeping: Sweeping) -> None:
    world = serve(list(range(1, 9)), [a_session(1, 101, 102), 2])
    sweeper = sweeping(world)
    sweeper.tick()
    writer = world.writer(max_sources=5)

    told = [one for payload in sweeper.asked for one in writer.deliver_bytes(payload)["outcomes"]]

    assert sum(len(sources) for sources in world.sources()) == 5
    over = {(one["outcome"], one["reason"]) for one in told if one["outcome"] != "mirrored"}
    assert over == {("deferred", "ceiling_reached")}


@pytest.mark.parametrize("event", GOLDEN, ids=[path.stem for path in GOLDEN])
def test_a_golden_tick_is_a_sweep(event: Path, serve: Serve, sweeping: Sweeping) -> None:
    world = serve([1], [1])
    sweeper = sweeping(world)

    told = sweeper.sweep.handle(event.read_bytes())

    assert told["cause"] == {"source": "evermirror.sweep", "id": "2026-01-05T08:15:00Z"}
    assert len(sweeper.asked) == 1
