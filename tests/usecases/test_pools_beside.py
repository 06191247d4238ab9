"""Pools that an interface does not go to: their sources cost money, their targets are sensors."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast

import pytest

from evermirror.model import Session, SessionQuery
from evermirror.policy import Policy, Pool, Rule
from evermirror.policy.matchers import OneOf
from evermirror.policy.sessions import Discovery, Growth, Target
from evermirror.results import ReadError
from tests.worlds import a_session, an_interface, attached, eni, instance, tms

from .conftest import Serve
from .growing_pools import FILTER, LIST, balancer
from .writers import KilledError, Writer

MANY = [a_session(number, 1000 + number, target=balancer(number)) for number in range(1, 902)]


def two_pools(*to_second: int, second: tuple[str, ...] = (tms(2),)) -> Policy:
    """Interfaces go to the first session's pool, those of these numbers to the second's."""
    chosen = OneOf("network_interface", frozenset(eni(number) for number in to_second))
    pools = {"first": Pool("first", (tms(1),)), "second": Pool("second", second)}
    return Policy(pools, (Rule("to the second", chosen, "second"),), "first")


def test_what_a_dead_run_may_still_add_to_another_pool_counts_against_the_ceiling(
    serve: Serve,
) -> None:
    world = serve([1, 2], [1, 2], settle_s=12)
    dying = world.writer(two_pools(2), max_sources=1).at_work_since(60).dying_asleep()
    with pytest.raises(KilledError):
        dying.deliver(attached(1))

    told = world.writer(two_pools(2), max_sources=1).outcome(attached(2))

    assert (told["outcome"], told["reason"]) == ("deferred", "ceiling_reached")
    assert world.placements() == {eni(1): [tms(1)]}


def test_a_change_elsewhere_that_adds_nothing_leaves_its_room_to_others(serve: Serve) -> None:
    settling = a_session(2, status="Modifying", change={"remaining_s": 6.0})
    world = serve([1], [1, settling])

    told = world.writer(two_pools(2), max_sources=1).outcome(attached(1))

    assert told["outcome"] == "mirrored"
    assert world.placements() == {eni(1): [tms(1)]}


def test_a_ceiling_over_a_large_pool_elsewhere_does_not_stop_a_small_one(serve: Serve) -> None:
    many = tuple(tms(number) for number in range(2, 902))
    world = serve([1], MANY)
    writer = world.writer(two_pools(9, second=many), max_sources=902).with_a_budget_of(30)

    told = writer.outcome(attached(1))

    assert told["outcome"] == "mirrored"
    assert len(world.cloud.journal(LIST)) <= 9 + 4


@pytest.mark.parametrize("ceiling", [901, 902])
def test_the_ceiling_holds_although_it_was_counted_a_while_ago(serve: Serve, ceiling: int) -> None:
    many = tuple(tms(number) for number in range(2, 902))
    world = serve([1, 2], MANY)
    writer = world.writer(two_pools(9, second=many), max_sources=ceiling).with_a_budget_of(60)

    told = writer.outcomes(attached(1), attached(2))

    assert sorted(one["outcome"] for one in told).count("mirrored") == ceiling - 901
    assert {one["reason"] for one in told} - {None} == {"ceiling_reached"}


@pytest.mark.parametrize("ceiling", [None, 100])
def test_the_sensor_of_another_pool_is_known_with_all_its_interfaces(
    serve: Serve, ceiling: int | None
) -> None:
    beside = an_interface(10, instance=instance(9), type="Secondary")
    sensor = a_session(1, target=eni(9), target_type="NetworkInterface")
    world = serve([9, beside], [sensor, 2])

    told = world.writer(two_pools(9, 10), max_sources=ceiling).outcomes(attached(9), attached(10))

    assert {(one["outcome"], one["reason"]) for one in told} == {("skipped", "target_instance")}
    assert world.placements() == {}


def test_other_pools_are_read_for_their_sensors_once_and_again_after_a_while(serve: Serve) -> None:
    world = serve([1, 2, 3], [a_session(1, target=eni(9), target_type="NetworkInterface"), 2])
    writer = world.writer(two_pools(1, 2, 3))
    calls = []
    for number, later_s in ((1, 60), (2, 700), (3, 0)):
        before = len(world.cloud.journal())
        assert writer.outcome(attached(number))["outcome"] == "mirrored"
        calls.append(len(world.cloud.journal()) - before)
        world.clock.sleep(later_s)

    assert calls[0] == calls[1] + 2 == calls[2]
    assert calls[1] <= 6


class Cut:
    """Session calls of one writer, of which those that search are never answered whole."""

    def __init__(self, writer: Writer) -> None:
        engine = writer.mirror.engine
        self._api = engine.sessions
        self.searched = 0
        writer.mirror = replace(writer.mirror, engine=replace(engine, sessions=cast("Any", self)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._api, name)

    def find_sessions(self, _query: SessionQuery) -> tuple[Session, ...]:
        self.searched += 1
        raise ReadError("list_shorter_than_its_total")


def three_pools() -> Policy:
    """Interfaces go to the first; the others are one that must be searched for, and one by id."""
    searched = Pool("searched", discovery=Discovery(filter_id=FILTER))
    mine, known = Pool("mine", (tms(1),)), Pool("known", (tms(2),))
    return Policy({"mine": mine, "known": known, "searched": searched}, (), "mine")


def a_sensor(number: int, sensor: int, **changes: Any) -> dict[str, Any]:
    return a_session(number, target=eni(sensor), target_type="NetworkInterface", **changes)


def test_a_pool_that_cannot_be_read_does_not_stop_what_goes_to_another(serve: Serve) -> None:
    world = serve([1, 8], [1, a_sensor(2, 8)])
    writer = world.writer(three_pools())
    cut = Cut(writer)

    told = writer.outcomes(attached(1), attached(8))

    assert {one["network_interface_id"]: one["outcome"] for one in told} == {
        eni(1): "mirrored",
        eni(8): "skipped",
    }
    assert cut.searched == 2
    loud = [json.loads(line) for line in writer.lines.getvalue().splitlines() if "ERROR" in line]
    assert [(line["code"], line["pool"]) for line in loud] == [("sensors_not_read", "searched")]


def test_the_targets_last_known_of_a_pool_that_cannot_be_read_are_spared(serve: Serve) -> None:
    world = serve([1, 2, 9], [1, 2, a_sensor(3, 9, filter=FILTER)])
    writer = world.writer(three_pools())
    assert writer.outcome(attached(1))["outcome"] == "mirrored"
    world.clock.sleep(700)
    Cut(writer)

    told = writer.outcomes(attached(2), attached(9))

    assert {one["network_interface_id"]: one["reason"] for one in told} == {
        eni(2): None,
        eni(9): "target_instance",
    }
    assert world.placements() == {eni(1): [tms(1)], eni(2): [tms(1)]}


def test_trouble_that_passes_hides_no_sensor(serve: Serve) -> None:
    world = serve([9], [1, 2, a_sensor(3, 9, filter=FILTER)])
    world.cloud.set_faults(
        [{"action": LIST, "when": {"next": 1}, "do": {"error": "InternalError", "status": 500}}]
    )

    told = world.writer(three_pools()).outcome(attached(9))

    assert (told["outcome"], told["reason"]) == ("skipped", "target_instance")


def test_a_pool_that_cannot_be_read_stops_all_where_its_sources_count(serve: Serve) -> None:
    world = serve([1], [1, 2])
    writer = world.writer(three_pools(), max_sources=100)
    Cut(writer)

    answer = writer.deliver(attached(1))

    assert (answer["outcomes"], answer["handed_over"]) == ([], 1)
    assert world.placements() == {}


TARGET = Target(eni(9), "NetworkInterface")


@pytest.mark.parametrize(
    "other",
    [
        Pool("other", discovery=Discovery(target_id=eni(9))),
        Pool("other", growth=Growth(FILTER, (TARGET,), 1000, 1009, 5, "other")),
    ],
    ids=["found", "grown"],
)
def test_a_sensor_that_the_policy_names_is_known_before_any_session_and_at_no_call(
    serve: Serve, other: Pool
) -> None:
    beside = an_interface(10, instance=instance(9), type="Secondary")
    world = serve([9, beside], [2])
    policy = Policy({"mine": Pool("mine", (tms(2),)), "other": other}, (), "mine")

    told = world.writer(policy).outcomes(attached(9), attached(10))

    assert {(one["outcome"], one["reason"]) for one in told} == {("skipped", "target_instance")}
    assert len(world.cloud.journal("DescribeNetworkInterfaces")) == 1
