"""The instances under pools' targets are read: where one has stopped, nothing arrives."""

from __future__ import annotations

from typing import Any

import pytest

from evermirror.aliyun.credentials import Credentials
from evermirror.errors import ReadError, StopError
from evermirror.fleet import Fleet
from evermirror.policy import Policy, Pool, Rule
from evermirror.policy.matchers import OneOf
from evermirror.policy.sessions import Growth, Target
from tests.worlds import a_session, eni, instance, tms

from .conftest import Serve, Sweeping
from .writers import World

FILTER = "tmf-j6c00000000000000001"
DESCRIBE = "DescribeInstances"
KEY = {"access_key_id": "reader-access-key-id", "access_key_secret": "reader-secret"}
REFUSED = {"action": DESCRIBE, "do": {"error": "Forbidden.RAM"}}


def instances_read(fleet: Fleet) -> frozenset[str]:
    """The instances that were asked for by their ids."""
    assert fleet.instances_read is not None
    return fleet.instances_read


def to_interface(number: int, target: int, **changes: Any) -> dict[str, Any]:
    return a_session(number, target=eni(target), target_type="NetworkInterface", **changes)


def instances(*numbers: int, status: str = "Running") -> list[dict[str, Any]]:
    return [{"id": instance(n), "type": "ecs.g7.large", "status": status} for n in numbers]


def named(*numbers: int) -> Policy:
    return Policy({"all": Pool("all", tuple(tms(n) for n in numbers))}, default="all")


def by_family(*numbers: int) -> Policy:
    """One that has to know the instance of every interface."""
    rule = Rule("small", OneOf("instance_family", frozenset({"ecs.t6"})), None)
    return Policy(named(*numbers).pools, (rule,), "all")


def asked_for(world: World) -> list[list[str]]:
    """The ids of every DescribeInstances, in order."""
    calls = [entry["parameters"]["InstanceIds"] for entry in world.cloud.journal(DESCRIBE)]
    return [sorted(one.strip('[]"').split('","')) for one in calls]


def read(world: World, sweeping: Sweeping, policy: Policy, **how: Any) -> Fleet:
    return sweeping(world, policy=policy, **how).sweep.reader.read(policy)


def test_the_instance_of_a_pools_target_is_read_though_no_rule_asks(
    serve: Serve, sweeping: Sweeping
) -> None:
    stopped = [*instances(1), *instances(2, status="Stopped")]
    world = serve([1, 2], [to_interface(1, 2)], instances=stopped)

    fleet = read(world, sweeping, named(1))

    assert fleet.instances[instance(2)].status == "Stopped"
    assert instances_read(fleet) == {instance(2)}
    assert asked_for(world) == [[instance(2)]]


@pytest.mark.parametrize(
    "sessions",
    [[1], [1, to_interface(2, 2)], [to_interface(1, 9)]],
    ids=["a load balancer", "of no pool", "that is gone"],
)
def test_for_other_targets_no_instance_is_asked_for(
    serve: Serve, sweeping: Sweeping, sessions: list[Any]
) -> None:
    world = serve([1, 2], sessions)

    fleet = read(world, sweeping, named(1))

    assert (dict(fleet.instances), instances_read(fleet)) == ({}, frozenset())
    assert asked_for(world) == []


def test_a_session_that_has_only_the_name_of_a_growing_pool_counts_here_too(
    serve: Serve, sweeping: Sweeping
) -> None:
    growth = Growth(FILTER, (Target(eni(2), "NetworkInterface"),), 100, 199, 5, "big")
    world = serve([1, 2], [to_interface(1, 2, name="big-0", priority=100)])

    fleet = read(world, sweeping, Policy({"big": Pool("big", growth=growth)}, (), "big"))

    assert instances_read(fleet) == {instance(2)}


def test_a_hundred_instances_are_asked_for_at_once_and_each_once(
    serve: Serve, sweeping: Sweeping
) -> None:
    numbers = range(1, 251)
    world = serve(list(numbers), [to_interface(n, n) for n in numbers])

    for policy, read_ in ((named(*numbers), 250), (by_family(*numbers), 250)):
        fleet = read(world, sweeping, policy)
        assert len(fleet.instances) == len(instances_read(fleet)) == read_

    asked = asked_for(world)
    assert [len(ids) for ids in asked] == [100, 100, 50] * 2


def test_an_instance_that_is_not_shown_is_told_from_one_that_was_not_asked_for(
    serve: Serve, sweeping: Sweeping
) -> None:
    sessions = [to_interface(1, 1), to_interface(2, 2), a_session(3)]
    world = serve([1, 2, 3], sessions, instances=instances(1, 3))

    fleet = read(world, sweeping, named(1, 2, 3))

    assert set(fleet.instances) == {instance(1)}
    assert instances_read(fleet) == {instance(1), instance(2)}


@pytest.mark.parametrize("refusing", ["refuse", "empty"])
def test_instances_that_may_not_be_seen_are_not_read_and_stop_nothing(
    serve: Serve, sweeping: Sweeping, refusing: str
) -> None:
    statement = {
        "Effect": "Allow",
        "Action": ["vpc:*", "ecs:DescribeNetworkInterfaces"],
        "Resource": "*",
    }
    key = {**KEY, "policies": [{"Version": "1", "Statement": [statement]}]}
    world = serve(
        [1, 2],
        [to_interface(1, 2, sources=[eni(1)])],
        keys=[key],
        behaviour={"denied_describe": refusing},
    )

    fleet = read(world, sweeping, named(1), credentials=Credentials(*KEY.values()))

    assert (dict(fleet.instances), instances_read(fleet)) == ({}, frozenset())
    assert len(fleet.interfaces) == 2


def test_what_was_read_before_the_service_refused_stays_read(
    serve: Serve, sweeping: Sweeping
) -> None:
    numbers = range(1, 151)
    world = serve(list(numbers), [to_interface(n, n) for n in numbers])
    world.cloud.set_faults([{**REFUSED, "when": {"every": 2}}])

    fleet = read(world, sweeping, named(*numbers))

    assert len(fleet.instances) == len(instances_read(fleet)) == 100


def test_a_policy_that_must_know_instances_cannot_do_without(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1], [to_interface(1, 1)])
    world.cloud.set_faults([REFUSED])

    with pytest.raises(StopError, match=r"Forbidden\.RAM"):
        read(world, sweeping, by_family(1))


def test_instances_that_cannot_be_read_just_now_are_no_whole_read(
    serve: Serve, sweeping: Sweeping
) -> None:
    world = serve([1], [to_interface(1, 1)])
    world.cloud.set_faults([{"action": DESCRIBE, "do": {"throttle": True}}])

    with pytest.raises(ReadError):
        read(world, sweeping, named(1))


def test_filters_are_there_by_id_with_their_directions(serve: Serve, sweeping: Sweeping) -> None:
    one_way, none = "tmf-j6c00000000000000002", "tmf-j6c00000000000000003"
    rule = {"id": "tmr-j6c00000000000000001", "direction": "egress"}
    filters = [
        {"id": FILTER, "rules": 1},
        {"id": one_way, "rules": [rule]},
        {"id": none, "rules": 0},
    ]
    world = serve([1], [1], filters=filters)

    fleet = read(world, sweeping, named(1))

    assert fleet.filters is not None
    shown = {one.id: (one.ingress, one.egress) for one in fleet.filters.values()}
    assert shown == {FILTER: (True, False), one_way: (False, True), none: (False, False)}


def test_filters_that_may_not_be_seen_are_none(serve: Serve, sweeping: Sweeping) -> None:
    world = serve([1], [1])
    refused = {"action": "ListTrafficMirrorFilters", "do": {"error": "Forbidden.RAM"}}
    world.cloud.set_faults([refused])

    fleet = read(world, sweeping, named(1))

    assert fleet.filters is None
