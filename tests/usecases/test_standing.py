"""Interfaces that are listed already, cannot be placed, or share a call."""

from __future__ import annotations

import json

import pytest

from evermirror.policy import Policy, Pool, compile_policy
from tests.worlds import a_session, attached, eni, instance, tms

from .conftest import Serve

RUNNING = {"resourceType": "ALIYUN::ECS::Instance", "state": "Running"}


def running(number: int) -> dict[str, object]:
    return attached(
        number,
        type="ecs:Instance:StateChange",
        data={**RUNNING, "resourceId": instance(number)},
    )


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"enabled": False}, "session_disabled"),
        ({"business_status": "FinancialLocked"}, "session_locked"),
    ],
)
def test_a_source_of_a_session_that_does_not_mirror_is_ineffective(
    serve: Serve, state: dict[str, object], reason: str
) -> None:
    world = serve([1], [a_session(1, 1, **state)])

    told = world.writer().outcome(attached(1))

    assert (told["outcome"], told["reason"], told["session_id"]) == ("ineffective", reason, tms(1))
    assert told["remedy"]


def test_an_interface_that_is_listed_twice_is_told_where_it_works(serve: Serve) -> None:
    world = serve([1], [a_session(1, 1, enabled=False), a_session(2, 1)])

    told = world.writer().outcome(attached(1))

    assert (told["outcome"], told["session_id"]) == ("already_mirrored", tms(2))


def test_a_pool_without_sessions_is_told_as_such(serve: Serve) -> None:
    world = serve([1], [1])

    told = world.writer(Policy(pools={"none": Pool("none", ())}, default="none")).outcome(
        attached(1)
    )

    assert (told["outcome"], told["reason"]) == ("deferred", "pool_empty")


def test_an_instance_that_nobody_can_see_is_told_once_with_its_id(serve: Serve) -> None:
    world = serve([], [1])

    told = world.writer().outcome(running(7))

    assert (told["outcome"], told["reason"]) == ("rejected", "instance_not_visible")
    assert (told["instance_id"], told["network_interface_id"]) == (instance(7), None)


def test_an_interface_whose_rule_asks_for_an_unseen_instance_is_told_as_such(
    serve: Serve,
) -> None:
    world = serve([1], [1])
    nothing = json.dumps({"RequestId": "R", "Instances": {"Instance": []}})
    no_permission = {"body": nothing, "status": 200}
    world.cloud.set_faults([{"action": "DescribeInstances", "do": no_permission}])
    policy = compile_policy(
        {
            "version": 1,
            "pools": {"all": {"sessions": [tms(1)]}},
            "rules": [{"name": "prod", "match": {"instance_tags": {"env": "prod"}}, "pool": "all"}],
            "default": "never",
        }
    )

    told = world.writer(policy).outcome(attached(1))

    assert (told["outcome"], told["reason"]) == ("rejected", "instance_not_visible")
    assert "ecs:DescribeInstances" in told["remedy"]


def test_of_several_instances_the_visible_ones_are_mirrored(serve: Serve) -> None:
    world = serve([1, 2], [1])

    told = world.writer().outcomes(running(1), running(2), running(7))

    assert sorted(one["outcome"] for one in told) == ["mirrored", "mirrored", "rejected"]


def test_instances_are_deferred_when_the_service_refuses_everybody(serve: Serve) -> None:
    world = serve([1, 2], [1])
    forbidden = {"error": "Forbidden.RAM", "status": 403}
    world.cloud.set_faults([{"action": "DescribeInstances", "do": forbidden}])

    told = world.writer().outcomes(running(1), running(2))

    assert {(one["outcome"], one["reason"]) for one in told} == {("deferred", "Forbidden.RAM")}
    assert {one["instance_id"] for one in told} == {instance(1), instance(2)}


def test_several_sources_share_a_call_where_the_service_takes_them(serve: Serve) -> None:
    world = serve(list(range(1, 9)), [1], limits={"sources_per_call": 10})

    told = world.writer(sources_per_call=10).outcomes(*[attached(n) for n in range(1, 9)])

    assert [one["outcome"] for one in told] == ["mirrored"] * 8
    assert len(world.adds()) == 1


def test_an_error_on_a_call_with_several_interfaces_judges_none_of_them(serve: Serve) -> None:
    """One of them can never be mirrored; the service refuses the whole call for it."""
    instances = [
        {"id": instance(n), "supports_mirror": n != 3, "status": "Running"} for n in range(1, 6)
    ]
    world = serve(list(range(1, 6)), [1], limits={"sources_per_call": 10}, instances=instances)

    told = world.writer(sources_per_call=10).outcomes(*[attached(n) for n in range(1, 6)])

    outcomes = {one["network_interface_id"]: one["outcome"] for one in told}
    assert outcomes == {eni(n): "rejected" if n == 3 else "mirrored" for n in range(1, 6)}
    assert world.sources(1) == [[eni(n) for n in (1, 2, 4, 5)]]


def test_a_call_with_several_interfaces_whose_answer_was_lost_is_sent_again_as_it_was(
    serve: Serve,
) -> None:
    world = serve(list(range(1, 6)), [1, 2], limits={"sources_per_call": 10})
    add = "AddSourcesToTrafficMirrorSession"
    world.cloud.set_faults([{"action": add, "when": {"next": 1}, "do": {"reset": "before"}}])

    told = world.writer(sources_per_call=10).outcomes(*[attached(n) for n in range(1, 6)])

    assert [one["outcome"] for one in told] == ["mirrored"] * 5
    lost = world.adds()[0]["parameters"]
    assert [call["parameters"] for call in world.adds()].count(lost) == 2


def test_a_token_whose_first_call_is_still_going_on_is_asked_with_again(serve: Serve) -> None:
    world = serve([1], [1])
    add = "AddSourcesToTrafficMirrorSession"
    going_on = {"error": "OperationFailed.LastTokenProcessing", "status": 400}
    world.cloud.set_faults([{"action": add, "when": {"next": 2}, "do": going_on}])

    told = world.writer().outcome(attached(1))

    assert told["outcome"] == "mirrored"
    assert len({call["parameters"]["ClientToken"] for call in world.adds()}) == 1
