"""An interface that is attaching, hidden or not there yet is waited for, and not for ever."""

from __future__ import annotations

import json

from evermirror.policy import Policy, Pool, Rule
from evermirror.policy.matchers import Tagged
from tests.worlds import an_interface, attached, tms

from .conftest import Serve


def test_an_interface_that_is_still_attaching_is_waited_for(serve: Serve) -> None:
    slow = an_interface(1, status="Attaching", becomes=[{"status": "InUse", "after_s": 4}])
    world = serve([slow], [1])
    writer = world.writer()

    told = writer.outcome(attached(1))

    assert told["outcome"] == "mirrored"
    assert told["attempts"] == 1
    assert 4 + 3 <= sum(writer.clock.slept) <= 4 + 3 + 4


def test_an_interface_that_is_not_attached_at_last_is_told_as_such(serve: Serve) -> None:
    world = serve([an_interface(1, status="Available", instance=None)], [1])

    told = world.writer().outcome(attached(1))

    assert (told["outcome"], told["reason"]) == ("rejected", "interface_not_attached")
    assert told["remedy"]
    assert world.adds() == []


def test_an_interface_that_nobody_can_see_is_told_as_such(serve: Serve) -> None:
    world = serve([], [1])

    told = world.writer().outcome(attached(1))

    assert (told["outcome"], told["reason"]) == ("rejected", "interface_not_visible")
    assert "ecs:DescribeNetworkInterfaces" in told["remedy"]
    assert world.adds() == []


def test_an_interface_that_becomes_visible_late_is_mirrored(serve: Serve) -> None:
    world = serve([1], [1])
    world.cloud.set_faults(
        [
            {
                "action": "DescribeNetworkInterfaces",
                "when": {"next": 2},
                "do": {
                    "body": json.dumps(
                        {"RequestId": "R", "NetworkInterfaceSets": {"NetworkInterfaceSet": []}}
                    ),
                    "status": 200,
                },
            }
        ]
    )

    assert world.writer().outcome(attached(1))["outcome"] == "mirrored"


def test_an_interface_that_another_service_uses_is_skipped_where_the_policy_asks_for_its_instance(
    serve: Serve,
) -> None:
    world = serve([an_interface(1, instance=None)], [1])
    rule = Rule("prod", Tagged(True, "env", frozenset({"prod"})), "all")
    asking = Policy({"all": Pool("all", (tms(1),))}, (rule,), "all")

    (told,) = world.writer(policy=asking).deliver(attached(1))["outcomes"]

    assert (told["outcome"], told["reason"]) == ("skipped", "no_instance")
    assert world.adds() == []
